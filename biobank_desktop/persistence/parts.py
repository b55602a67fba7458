"""Long lists of numbers, in parts that a statement of either engine can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 10_000
"""PostgreSQL takes 65,535 values in a statement."""


def in_parts(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Each of the numbers once, in order, ``MOST`` at a time; nothing for none."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), MOST):
        yield wanted[start : start + MOST]
