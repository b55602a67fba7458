"""Lists of what is to be destroyed, given back or told: each line is done by one person, seen by another."""

from __future__ import annotations

from typing import Literal, get_args

from biobank_desktop.domain.problems import Problem

Reason = Literal["withdrawal", "refused", "overdue", "nonconformity", "expired", "other"]
Action = Literal["destroy", "return", "notify"]
REASONS: tuple[Reason, ...] = get_args(Reason)
OPENED_BY_HAND: tuple[Reason, ...] = ("refused", "overdue", "nonconformity", "expired", "other")
"""A withdrawal opens its own list."""
ACTIONS: tuple[Action, ...] = get_args(Action)
TAKES_AWAY: tuple[Action, ...] = ("destroy", "return")
ENDING_OF: dict[str, str] = {"destroy": "destroyed", "return": "returned"}

DESTROYS = frozenset({"W3", "W4"})
"""Levels of withdrawal after which what is kept must be destroyed (W3) and data erased, too (W4)."""
STOPS_USE = frozenset({"W2", "W3", "W4"})
"""Levels after which nothing may be used, and whoever has received something is told."""


def check_list(reason: str, action: str, samples: tuple[str, ...]) -> list[Problem]:
    """Everything that is wrong with a list that somebody opens by hand."""
    choices = (("reason", reason, OPENED_BY_HAND), ("action", action, TAKES_AWAY))
    problems = [
        Problem(name, "not-a-choice", {"value": value, "choices": allowed})
        for name, value, allowed in choices
        if value not in allowed
    ]
    if not samples:
        problems.append(Problem("samples", "samples-missing"))
    return problems


def number(no: int, year: int) -> str:
    """The number of a list as papers show it, ``D-2026-0003``."""
    return f"D-{year}-{no:04}"


def notice_number(no: int, year: int, release_no: int) -> str:
    """The number of the notice of a list about a release, ``N-2026-0003-7``."""
    return f"N-{year}-{no:04}-{release_no}"
