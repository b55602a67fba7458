"""Amounts as people type them and read them: volumes in whole µL, cells in whole cells.

Decimal comma and point are both read. What could be meant in two ways is asked, never guessed.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from biobank_desktop.domain.problems import Problem

VolumeUnit = Literal["mL", "µL"]

MOST_UL = 1_000_000
"""No single tube or vial here holds more than a litre."""
MOST_CELLS = 100_000_000_000
"""More cells than any sample of a child yields; a slip of the exponent."""

LONGEST = 60
"""No amount is written in more characters; endless ones would be tried in every way before they fail."""

_NUMBER = r"(?P<number>[0-9][0-9.,\u0020\u00a0\u202f]*)"
_POWER = (
    r"(?:[eE](?P<e>[0-9]{1,2})|[x×*·]\s*10\s*(?:\^\s*(?P<caret>[0-9]{1,2})|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})))"
)
_VOLUME = re.compile(rf"{_NUMBER}\s*(?P<unit>[mµμu][lL])?")
_CELLS = re.compile(rf"{_NUMBER}\s*{_POWER}?\s*(?:cells|cellen)?", re.IGNORECASE)
_ANY_UNIT = re.compile(r"[mµμu]l\b|cells|cellen", re.IGNORECASE)
_EITHER_WAY = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_GROUPED = re.compile(r"\d{1,3}(?:([.,\u0020\u00a0\u202f])\d{3})(?:\1\d{3})*")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TO_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_UL_PER = {"mL": 1000, "µL": 1}


def parse_whole(text: str) -> int | None:
    """A whole number in at most nine digits, None for anything else."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 9 else None


def parse_volume(text: str, field: str = "volume_ul", unit: VolumeUnit = "mL") -> int | Problem:
    """A volume in µL; ``unit`` is what a bare number means in this field.

    A bare number that the other unit would fit better (500 in a mL field, 0.5 in a µL field) is asked.
    """
    typed = text.strip()
    match = _VOLUME.fullmatch(typed) if len(typed) <= LONGEST else None
    if match is None:
        return _unreadable(typed, field, {"ml", "µl", "μl", "ul"})
    number = _number(match["number"].strip(), field, typed)
    if isinstance(number, Problem):
        return number
    if match["unit"] is None and (number >= 100 if unit == "mL" else number.denominator != 1):
        return Problem(field, "amount-unit-unclear", {"text": typed})
    spoken: VolumeUnit = unit if match["unit"] is None else ("mL" if match["unit"][0] == "m" else "µL")
    return _whole(number * _UL_PER[spoken], MOST_UL, field, typed)


def parse_cells(text: str, field: str = "cells") -> int | Problem:
    """A number of cells: "10e6", "10 x 10^6", "1,2e7", "12 000 000"; a bare small number is asked."""
    typed = text.strip()
    match = _CELLS.fullmatch(typed) if len(typed) <= LONGEST else None
    if match is None:
        return _unreadable(typed, field, {"cells", "cellen"})
    power = match["e"] or match["caret"] or (match["raised"] or "").translate(_RAISED)
    digits = match["number"].strip()
    number: Fraction | Problem  # nobody groups thousands before a power of ten: 1.250 × 10⁶ is clear
    if power and _PLAIN.fullmatch(digits):
        number = Fraction(digits.replace(",", "."))
    else:
        number = _number(digits, field, typed)
    if isinstance(number, Problem):
        return number
    cells = number * 10 ** int(power or 0)
    if 0 < cells < 1000 and (not power or cells.denominator == 1):
        return Problem(field, "amount-unit-unclear", {"text": typed})
    return _whole(cells, MOST_CELLS, field, typed)


def format_volume(volume_ul: int, decimal: str = ".") -> str:
    """``500 µL``, ``3.2 mL``; exact, so 3205 µL stays in µL. ``decimal`` is the decimal sign."""
    if volume_ul < 1000 or volume_ul % 10:
        return f"{volume_ul} µL"
    return f"{_decimal(Fraction(volume_ul, 1000), decimal)} mL"


def format_cells(cells: int, decimal: str = ".", word: str = "cells") -> str:
    """``10 × 10⁶ cells``, exact; small numbers in full. ``word`` is the word for cells in the language."""
    if cells < 100_000:
        return f"{cells} {word}"
    return f"{_decimal(Fraction(cells, 1_000_000), decimal)} × 10{'6'.translate(_TO_RAISED)} {word}"


def format_amount(volume_ul: int | None, cells: int | None, decimal: str = ".", word: str = "cells") -> str:
    """The amount that is recorded, cells first; "" when neither is."""
    if cells is not None:
        return format_cells(cells, decimal, word)
    return "" if volume_ul is None else format_volume(volume_ul, decimal)


def _number(digits: str, field: str, typed: str) -> Fraction | Problem:
    """The number in ``digits``; thousands may be grouped when that cannot be a decimal sign."""
    if _EITHER_WAY.fullmatch(digits):
        decimal, grouped = digits.replace(",", "."), re.sub("[.,]", "", digits)
        return Problem(field, "amount-ambiguous", {"text": typed, "small": decimal, "large": grouped})
    if _PLAIN.fullmatch(digits):
        return Fraction(digits.replace(",", "."))
    if _GROUPED.fullmatch(digits):
        return Fraction(re.sub(r"\D", "", digits))
    return Problem(field, "amount-unreadable", {"text": typed})


def _whole(amount: Fraction, most: int, field: str, typed: str) -> int | Problem:
    if amount == 0:
        return Problem(field, "amount-zero", {"text": typed})
    if amount > most:
        return Problem(field, "amount-absurd", {"text": typed})
    if amount.denominator != 1:
        return Problem(field, "amount-too-fine", {"text": typed})
    return int(amount)


def _unreadable(typed: str, field: str, own: set[str]) -> Problem:
    """Why a text is no amount of this kind."""
    typed = typed[:LONGEST]
    units = {unit.lower() for unit in _ANY_UNIT.findall(typed)}
    if re.match(r"[-−–]\s*\d", typed):
        code = "amount-negative"
    elif len(units) > 1:
        code = "amount-units-mixed"
    elif units and not units <= own:
        code = "amount-wrong-unit"
    else:
        code = "amount-unreadable"
    return Problem(field, code, {"text": typed})


def _decimal(amount: Fraction, decimal: str) -> str:
    """The shortest exact decimal of an amount with at most six places."""
    whole, rest = divmod(amount.numerator * (1_000_000 // amount.denominator), 1_000_000)
    places = f"{rest:06d}".rstrip("0")
    return f"{whole}{decimal}{places}" if places else str(whole)
