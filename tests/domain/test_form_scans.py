"""What a scan of a form may be: judged by its content, not by its name."""

from __future__ import annotations

import pytest

from biobank_desktop.domain.form_scans import ENDINGS, MOST_BYTES, check_scan, check_size, media_type
from biobank_desktop.domain.problems import Problem

TOO_LARGE = Problem("scan", "scan-too-large", {"most": 20})
NO_SCAN = Problem("scan", "scan-no-scan")


@pytest.mark.parametrize(
    ("beginning", "kind", "ending"),
    [
        (b"%PDF-", "application/pdf", "pdf"),
        (b"\xff\xd8\xff", "image/jpeg", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (b"II*\x00", "image/tiff", "tiff"),
        (b"MM\x00*", "image/tiff", "tiff"),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(beginning: bytes, kind: str, ending: str) -> None:
    assert media_type(beginning + b" more") == kind
    assert media_type(b" " + beginning) is None
    assert media_type(beginning[:-1]) is None
    assert ENDINGS[kind] == ending
    assert check_scan(beginning) == []


def test_every_kind_has_its_ending_and_no_other_has() -> None:
    assert ENDINGS.keys() == {"application/pdf", "image/jpeg", "image/png", "image/tiff"}


def test_twenty_megabytes_are_the_most() -> None:
    assert MOST_BYTES == 20 * 1024 * 1024
    assert check_size(MOST_BYTES) == []
    assert check_size(MOST_BYTES + 1) == [TOO_LARGE]
    assert check_size(0) == []


def test_everything_that_is_wrong_with_a_file_is_said_at_once() -> None:
    assert check_scan(b"GIF89a") == [NO_SCAN]
    assert check_scan(b"") == [NO_SCAN]
    assert check_scan(b"x" * (MOST_BYTES + 1)) == [TOO_LARGE, NO_SCAN]
    assert check_scan(b"%PDF-" + b"x" * MOST_BYTES) == [TOO_LARGE]
