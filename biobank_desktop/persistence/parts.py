"""Long lists of numbers or codes, in parts that a statement of either engine can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T", int, str)

MOST = 10_000
"""PostgreSQL takes 65,535 values in a statement."""


def in_parts(names: Iterable[T]) -> Iterator[list[T]]:
    """Each of the numbers or codes once, in order, ``MOST`` at a time; nothing for none."""
    wanted = sorted(set(names))
    for start in range(0, len(wanted), MOST):
        yield wanted[start : start + MOST]
