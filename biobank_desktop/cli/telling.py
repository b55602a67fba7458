"""What is done only once the answer has been printed: a program killed before that has told nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_waiting: list[Callable[[], None]] = []


def once_told(do: Callable[[], None]) -> None:
    """Do this when the answer stands on the screen."""
    _waiting.append(do)


def told() -> None:
    """It does."""
    while _waiting:
        _waiting.pop()()
