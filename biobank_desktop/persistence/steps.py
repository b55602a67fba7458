"""Long work in steps of a few milliseconds, so that a scan never waits behind a verification or a backup."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True)
class Progress:
    """How far long work has come: ``done`` of ``total``, in whatever the work counts."""

    done: int
    total: int


Steps = Generator[Progress, None, Made]
"""Work that yields its progress after each step and returns what it made; closing it cancels it."""


def complete(steps: Steps[Made]) -> Made:
    """Run to the end without a pause and return what was made."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made
