"""The program's own codes: ten characters of Crockford base 32, ending in an ISO 7064 MOD 37-2 check.

``PM`` sample, ``PB`` container, ``PD`` donor, ``PX`` command barcode; two digits of the year, five base-32
digits of a serial, one check character. Serials whose check character would be ``*``, I, L, O or U do not
exist, so a whole code stays in one alphabet. A code and its object's number are the same thing in two
notations: ``number`` and ``from_number`` are each other's inverse.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
SERIALS = 32**5

_CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_CHECK_VALUE = {character: value for value, character in enumerate(_CHECK_ALPHABET)}
_FOLD = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None, "\u00a0": None})
_YEAR_SHIFT = 25
_KIND_SHIFT = 40


class CodeKind(Enum):
    """What a code stands on; the value is its first two letters."""

    SAMPLE = "PM"
    CONTAINER = "PB"
    DONOR = "PD"
    COMMAND = "PX"


_KINDS = tuple(CodeKind)
_KIND_OF = {kind.value: kind for kind in CodeKind}


def check_character(payload: str) -> str:
    """The MOD 37-2 check character of ``payload`` (ISO/IEC 7064: 0-9 A-Z and ``*``)."""
    total = 0
    for character in payload:
        total = (total + _CHECK_VALUE[character]) * 2 % 37
    return _CHECK_ALPHABET[(38 - total) % 37]


def make(kind: CodeKind, year: int, serial: int) -> str | None:
    """The code of a serial in a year (2000-2099), or None when that serial is skipped."""
    digits = [ALPHABET[serial >> shift & 31] for shift in (20, 15, 10, 5, 0)]
    payload = f"{kind.value}{year % 100:02d}{''.join(digits)}"
    check = check_character(payload)
    return payload + check if check in _VALUE else None


def run(kind: CodeKind, year: int, first: int, count: int) -> list[str]:
    """``count`` codes with rising serials from ``first`` on, skipped serials left out.

    Raises ``OverflowError`` when the year's serials end before.
    """
    codes: list[str] = []
    serial = first
    while len(codes) < count:
        if serial >= SERIALS:
            raise OverflowError("no serial left in this year")
        code = make(kind, year, serial)
        if code is not None:
            codes.append(code)
        serial += 1
    return codes


def normalise(text: str) -> str:
    """Upper case, without spaces and dashes, O read as 0, I and L as 1: what a person may type."""
    return text.strip().upper().translate(_FOLD)


def parse(text: str) -> str | None:
    """The code in ``text`` as typed or scanned, or None when it is none of ours or its check is wrong."""
    if not text.translate(_FOLD).isascii():  # upper case would make an S of a long one
        return None
    code = normalise(text)
    if len(code) != LENGTH or code[:2] not in _KIND_OF or not code[2:4].isdecimal():
        return None
    if any(character not in _VALUE for character in code):
        return None
    return code if check_character(code[:-1]) == code[-1] else None


def kind_of(code: str) -> CodeKind:
    """The kind of a code that ``parse`` has accepted."""
    return _KIND_OF[code[:2]]


def kind_of_number(value: int) -> CodeKind:
    """The kind of an object's number, also of one whose serial is skipped."""
    return _KINDS[(value >> _KIND_SHIFT) - 1]


def number(code: str) -> int:
    """The object's number of a code that ``parse`` has accepted (below 2**43)."""
    serial = 0
    for character in code[4:9]:
        serial = serial << 5 | _VALUE[character]
    kind = _KINDS.index(_KIND_OF[code[:2]]) + 1
    return kind << _KIND_SHIFT | int(code[2:4]) << _YEAR_SHIFT | serial


def from_number(value: int) -> str:
    """The code of an object's number. Raises ``ValueError`` when no code has that number."""
    kind, year, serial = value >> _KIND_SHIFT, value >> _YEAR_SHIFT & 0x7FFF, value & SERIALS - 1
    if not 1 <= kind <= len(_KINDS) or year > 99:
        raise ValueError(f"{value} is not the number of a code")
    code = make(_KINDS[kind - 1], year, serial)
    if code is None:
        raise ValueError(f"{value} is the number of a skipped serial")
    return code


def group(code: str) -> str:
    """The code grouped for the eye: ``PM26 0A1B2 7``."""
    return f"{code[:4]} {code[4:9]} {code[9:]}"


def number_ranges(typed: str, years: range) -> Iterator[tuple[int, int]]:
    """Number ranges (first, last inclusive) of the codes that begin with ``typed``, or whose serial does.

    ``typed`` is normalised text of at most ten characters; with letters of a kind and what may be one of
    ``years`` behind them it is read as the beginning of a whole code, else as the beginning of a serial in
    each of the years. Yields nothing when it cannot be the beginning of either.
    """
    short = [year % 100 for year in years]
    fitting = [year for year in short if f"{year:02d}".startswith(typed[2:4])]
    if typed[:2] in _KIND_OF and fitting:
        serial_text, years_meant = typed[4:9], fitting
        kinds = [_KIND_OF[typed[:2]]]
    else:  # a serial may begin like a kind: PDD62
        serial_text, years_meant = typed[:5], short
        kinds = [CodeKind.SAMPLE, CodeKind.CONTAINER, CodeKind.DONOR]
    if not all(character in _VALUE for character in serial_text):
        return
    first = 0
    for character in serial_text.ljust(5, "0"):
        first = first << 5 | _VALUE[character]
    width = 32 ** (5 - len(serial_text))
    for kind in kinds:
        base = _KINDS.index(kind) + 1 << _KIND_SHIFT
        for year in years_meant:
            start = base | year << _YEAR_SHIFT | first
            yield start, start + width - 1
