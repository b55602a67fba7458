"""The test symbol: every letter and digit once, and what came of it says who is wrong."""

from __future__ import annotations

from enum import Enum, auto

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEST = DIGITS + LETTERS

_FRENCH = str.maketrans("AQZW", "QAWZ")
_GERMAN = str.maketrans("YZ", "ZY")
_LEAST = 6


class Finding(Enum):
    """What came of the test symbol; OTHER when it was not scanned at all."""

    RIGHT = auto()
    SMALL_LETTERS = auto()
    SHIFTED_DIGITS = auto()
    GERMAN = auto()
    FRENCH_COMPUTER = auto()
    FRENCH_SCANNER = auto()
    LOST = auto()
    OTHER = auto()


def compare(raw: str) -> Finding:
    """What a scan shows, whatever stands before the test symbol in it (an AIM identifier, spoilt too)."""
    sent = raw.strip()[-len(TEST) :]
    digits, letters = sent[: len(DIGITS)], sent[len(DIGITS) :].upper()
    if letters == LETTERS:
        if digits != DIGITS:
            return Finding.SHIFTED_DIGITS
        return Finding.RIGHT if sent == TEST else Finding.SMALL_LETTERS
    if letters == LETTERS.translate(_GERMAN):
        return Finding.GERMAN
    if _but_for_m(letters) == _but_for_m(LETTERS.translate(_FRENCH)):
        m = letters[LETTERS.index("M")]
        return Finding.FRENCH_SCANNER if m in ":;" else Finding.FRENCH_COMPUTER
    return Finding.LOST if _is_part(sent.upper()) else Finding.OTHER


def _but_for_m(letters: str) -> str:
    """The letters without the M, which lies beside other signs on a French keyboard."""
    at = LETTERS.index("M")
    return letters[:at] + letters[at + 1 :]


def _is_part(sent: str) -> bool:
    """Whether these are signs of the test symbol in their order, with some missing."""
    rest = iter(TEST)
    return len(sent) >= _LEAST and all(sign in rest for sign in sent)
