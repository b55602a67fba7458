"""How far long work has come, on a terminal's stderr; nothing when nobody looks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from biobank_desktop.persistence.steps import Progress, Steps

Made = TypeVar("Made")


def followed(steps: Steps[Made]) -> Made:
    """Run the steps to their end and return what they made."""
    watched = sys.stderr.isatty()
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            if watched:
                print(file=sys.stderr)
            made: Made = end.value
            return made
        if watched:
            _show(progress)


def _show(progress: Progress) -> None:
    percent = 100 * progress.done // max(progress.total, 1)
    print(f"\r{percent} %", end="", file=sys.stderr, flush=True)
