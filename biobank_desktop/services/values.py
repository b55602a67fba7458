"""What every value of every form must be before a database sees it: the one border for text, numbers, days.

SQLite keeps what PostgreSQL refuses (NUL, a volume beyond 32 bits) and some of it spoils every later reading
(a day in the year 1 has no moment in UTC), so it is refused here, beside its field, on both alike.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 4_000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_MOST_WHOLE, _MOST_WIDE = (1 << 31) - 1, (1 << 63) - 1
"""What a column of 32 and one of 64 bits holds."""
_WIDE = frozenset({"cells", "taken_cells", "planned_cells", "labels", "value"})
_IDENTIFIERS = {"tube_code": 64, "lab_numbers": 64, "login": 32, "name": 100}
"""What things are known by, and how long that may be: nothing in it may be invisible."""
_LENGTHS = {**_IDENTIFIERS, "value": 1 << 20}  # a setting is written by the program, not typed
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})


def identifier(text: str) -> str:
    """A text that something is known by, as it is kept and looked up: one spelling (NFC), no space around."""
    return unicodedata.normalize("NFC", text.strip())


def printable(text: str) -> str:
    """What another program said, as one line of at most 400 characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:400]


def value_problems(answers: Mapping[str, object]) -> list[Problem]:
    """Everything that no database should see in the answers of a form, each beside its field."""
    return [problem for name, value in answers.items() for problem in _problems(name, value)]


def root(problem: Problem) -> str:
    """The answer that a problem is in: ``plan`` of ``plan[0].volume_ul``."""
    return re.split(r"[.\[]", problem.field, maxsplit=1)[0]


def _problems(field: str, value: object) -> Iterator[Problem]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = vars(value)
    if isinstance(value, Mapping):
        # What is changed is named as it is in the form it was first entered in.
        prefix = "" if field == "changes" else f"{field}."
        for name, one in value.items():
            yield from _problems(f"{prefix}{name}", one)
    elif isinstance(value, (list, tuple)):
        for place, one in enumerate(value):
            yield from _problems(f"{field}[{place}]", one)
    else:
        problem = _problem(field, value)
        if problem:
            yield problem


def _problem(field: str, value: object) -> Problem | None:
    if isinstance(value, str):
        return text_problem(value, field)
    if isinstance(value, (int, float)):
        most = _MOST_WIDE if _name(field) in _WIDE else _MOST_WHOLE
        return None if -most <= value <= most else Problem(field, "number-too-large")
    if isinstance(value, datetime) and value.tzinfo is None:
        return Problem(field, "moment-without-offset")
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        known = FIRST_DAY <= day <= LAST_DAY
        return None if known else Problem(field, "date-implausible", {"first": FIRST_DAY, "last": LAST_DAY})
    return None


def text_problem(text: str, field: str) -> Problem | None:
    """Why a text cannot be taken: too long, control characters such as NUL, or half a character."""
    most = _LENGTHS.get(_name(field), MOST_CHARACTERS)
    if len(text.strip()) > most:
        return Problem(field, "text-too-long", {"most": most})
    if any((ord(character) < 32 and character not in "\n\t") or character == "\x7f" for character in text):
        return Problem(field, "text-has-control-characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Problem(field, "text-not-unicode")
    known_by = _name(field) in _IDENTIFIERS
    if known_by and any(unicodedata.category(character) in _INVISIBLE for character in text.strip()):
        return Problem(field, "text-has-invisible-characters")
    return None


def _name(field: str) -> str:
    """The last name in a field's path, places left out."""
    return re.sub(r"\[\d+\]", "", field).rpartition(".")[2]
