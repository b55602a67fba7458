"""What came of the test symbol, as keyboards change it."""

from __future__ import annotations

import pytest

from biobank_desktop.domain.scanner_trial import TEST, Finding, compare

FRENCH = "à&é\"'(-è_çQBCDEFGHIJKL?NOPARSTUVZXYW"
BELGIAN = "à&é\"'(§è!çQBCDEFGHIJKL?NOPARSTUVZXYW"
FROM_A_FRENCH_SCANNER = ")!@#$%^&*(QBCDEFGHIJKL:NOPARSTUVZXYW"
GERMAN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXZY"
AMERICAN_SHIFT = ")!@#$%^&*(ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("raw", "finding"),
    [
        (TEST, Finding.RIGHT),
        (f"]d1{TEST}\r", Finding.RIGHT),
        (TEST.lower(), Finding.SMALL_LETTERS),
        (AMERICAN_SHIFT, Finding.SHIFTED_DIGITS),
        (GERMAN, Finding.GERMAN),
        (GERMAN.lower(), Finding.GERMAN),
        (f"+d1{GERMAN}", Finding.GERMAN),
        (FRENCH, Finding.FRENCH_COMPUTER),
        (BELGIAN, Finding.FRENCH_COMPUTER),
        (FRENCH.replace("?", "X"), Finding.FRENCH_COMPUTER),
        (f"$d&{FRENCH}", Finding.FRENCH_COMPUTER),
        (FROM_A_FRENCH_SCANNER, Finding.FRENCH_SCANNER),
        (FROM_A_FRENCH_SCANNER.lower().replace(":", ";"), Finding.FRENCH_SCANNER),
        (TEST[:-1], Finding.LOST),
        (TEST[3:], Finding.LOST),
        (TEST[:12] + TEST[20:], Finding.LOST),
        ("01234", Finding.OTHER),
        ("PM26004K76", Finding.OTHER),
        ("HX26110042", Finding.OTHER),
        ("", Finding.OTHER),
    ],
)
def test_who_is_wrong_is_seen(raw: str, finding: Finding) -> None:
    assert compare(raw) is finding


@pytest.mark.parametrize("lost", range(len(TEST)))
def test_any_sign_that_is_lost_is_missed(lost: int) -> None:
    assert compare(TEST[:lost] + TEST[lost + 1 :]) is Finding.LOST
