"""What every value of every form must be before a database sees it: the one border for text, numbers, days.

SQLite keeps what PostgreSQL refuses (NUL, a volume beyond 32 bits) and some of it spoils every later reading
(a day in the year 1 has no moment in UTC), so it is refused here, beside its field, on both alike.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import field_name, text_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_MOST_WHOLE, _MOST_WIDE = (1 << 31) - 1, (1 << 63) - 1
"""What a column of 32 and one of 64 bits holds."""
_WIDE = frozenset({"cells", "taken_cells", "planned_cells", "labels", "value"})


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
            problem = text_problem(str(name), field)
            if problem:
                yield problem
            else:
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
        most = _MOST_WIDE if field_name(field) in _WIDE else _MOST_WHOLE
        return None if -most <= value <= most else Problem(field, "number-too-large")
    if isinstance(value, datetime) and value.tzinfo is None:
        return Problem(field, "moment-without-offset")
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        known = FIRST_DAY <= day <= LAST_DAY
        return None if known else Problem(field, "date-implausible", {"first": FIRST_DAY, "last": LAST_DAY})
    return None
