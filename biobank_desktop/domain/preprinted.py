"""Codes that lie ready before there is a vial: etched under a tube, or printed on a roll by somebody else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.lists import rows
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import TUBE_ISSUER, ScanKind, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.scans import ForeignPattern

MOST_CODES = 10_000
LONGEST = 64


@dataclass(frozen=True)
class RollForm:
    """A roll of labels or a rack of tubes: its name, who made its codes, and the codes.

    With a ``bench`` they are put on vials there only, without one anywhere.
    """

    roll: str
    maker: str
    bench: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Binding:
    """The code that a vial carries from now on: the vial by its own code, and the code as it was scanned."""

    sample: str
    code: str


def series(first: str, last: str) -> tuple[list[str], list[Problem]]:
    """Every code from the first to the last of a roll, which differ in one run of digits, both included.

    ``MX0098`` to ``MX0103`` are six codes. Leading noughts stay.
    """
    if first and first == last:
        return [first], []
    digits = _digits(first, last)
    if digits is None:
        return [], [Problem("last", "roll-not-a-series", {"first": first, "last": last})]
    head, tail, width = digits
    begin, end = (int(text[head : head + width]) for text in (first, last))
    if end < begin:
        return [], [Problem("last", "roll-runs-backwards", {"first": first, "last": last})]
    if end - begin >= MOST_CODES:
        return [], [Problem("last", "roll-too-long", {"most": MOST_CODES})]
    return [f"{first[:head]}{number:0{width}}{tail}" for number in range(begin, end + 1)], []


def _digits(first: str, last: str) -> tuple[int, str, int] | None:
    """Where the run of digits begins that differs, what stands after it, and how long it is."""
    if not first or len(first) != len(last):
        return None
    pairs = enumerate(zip(first, last, strict=True))
    head = next(place for place, (one, other) in pairs if one != other)
    while head and _is_digit(first[head - 1]):
        head -= 1
    end = head
    while end < len(first) and _is_digit(first[end]) and _is_digit(last[end]):
        end += 1
    if end == head or first[end:] != last[end:]:
        return None
    return head, first[end:], end - head


def _is_digit(character: str) -> bool:
    return character in "0123456789"


def read_codes(text: str) -> list[str]:
    """The codes of a list, a line each: the first cell of it."""
    return [cells[0] for _line, cells in rows(text)]


def read_bindings(text: str) -> tuple[list[Binding], list[Problem]]:
    """A list of vials and their codes, a line each, and everything that cannot be read in it."""
    found, problems = [], []
    for line, cells in rows(text):
        if len(cells) == 2 and all(cells):
            found.append(Binding(*cells))
        else:
            problems.append(Problem(f"line {line}", "list-not-two-columns", {"count": len(cells)}))
    if not found and not problems:
        problems.append(Problem("rows", "list-empty"))
    return found, problems


def roll_problems(form: RollForm, patterns: Sequence[ForeignPattern]) -> list[Problem]:
    """Everything that is wrong with a roll: a code must be one that the scanners of this lab read."""
    problems = [
        Problem(name, "answer-missing") for name in ("roll", "maker") if not getattr(form, name).strip()
    ]
    if form.maker.strip().casefold() == TUBE_ISSUER:
        problems.append(Problem("maker", "maker-is-no-maker", {"maker": form.maker}))
    if not form.codes:
        problems.append(Problem("codes", "answer-missing"))
    elif len(form.codes) > MOST_CODES:
        problems.append(Problem("codes", "roll-too-long", {"most": MOST_CODES}))
    else:
        twice = sorted(code for code, count in Counter(form.codes).items() if count > 1)
        problems += [Problem("codes", "code-twice", {"code": code}) for code in twice]
        problems += [one for code in form.codes for one in code_problems(code, patterns)]
    return problems


def code_problems(code: str, patterns: Sequence[ForeignPattern], field: str = "codes") -> list[Problem]:
    """Why a code can be on no vial beside our own: it is one of ours, or no scanner of this lab reads it."""
    scan = read(code, patterns)
    if scan is not None and scan.kind is not ScanKind.FOREIGN:
        return [Problem(field, "code-is-our-own", {"code": code})]
    if scan is None or scan.code != code or not (code.isascii() and len(code) <= LONGEST):
        return [Problem(field, "code-fits-no-pattern", {"code": code})]
    return []
