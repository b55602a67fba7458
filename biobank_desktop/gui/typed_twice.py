"""A typed code that decides something counts when it was typed twice: typing proves no label."""

from __future__ import annotations

from enum import Enum, auto


class Typed(Enum):
    """What a typed code is: the first time, the same again, or another one than the first."""

    FIRST = auto()
    AGAIN = auto()
    ANOTHER = auto()


class TypedTwice:
    """Remembers what was typed until it comes again."""

    def __init__(self) -> None:
        self.first = ""

    def hear(self, code: str) -> Typed:
        """Which of the two it is; after the second nothing is remembered."""
        first, self.first = self.first, ""
        if not first:
            self.first = code
            return Typed.FIRST
        return Typed.AGAIN if code == first else Typed.ANOTHER

    def forget(self) -> None:
        """Something else was done meanwhile."""
        self.first = ""
