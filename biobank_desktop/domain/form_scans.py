"""The scan of a signed form: which files are one, told by their content, and how large one may be."""

from __future__ import annotations

from biobank_desktop.domain.problems import Problem

MOST_BYTES = 20 << 20
"""A scan of a few pages; more is another file."""

_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tiff"}
"""What a file of each kind is usually called at the end."""


def media_type(content: bytes) -> str | None:
    """What a file is by its first bytes, None when it is no scan."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


def check_size(size: int) -> list[Problem]:
    """What is wrong with a file as large as this."""
    return [Problem("scan", "scan-too-large", {"most": MOST_BYTES >> 20})] if size > MOST_BYTES else []


def check_scan(content: bytes) -> list[Problem]:
    """What is wrong with a file that is to be the scan of a form."""
    no_scan = [Problem("scan", "scan-no-scan")] if media_type(content) is None else []
    return [*check_size(len(content)), *no_scan]
