"""The order in which somebody walks: device by device, rack by rack, box by box, T2 before T10."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class WalkLine:
    """A vial to take: ``path`` are the names from the device down to its box, ``box`` is the box's code.

    ``what`` it is and ``target``, where it goes ("" when it is only taken), are words.
    """

    code: str
    what: str
    path: tuple[str, ...]
    box: str
    position: str
    target: str = ""


@dataclass(frozen=True)
class Stop:
    """One box in hand: its lines by position."""

    path: tuple[str, ...]
    box: str
    lines: tuple[WalkLine, ...]


@dataclass(frozen=True)
class Opening:
    """One device, opened once: its boxes in walking order."""

    device: str
    stops: tuple[Stop, ...]

    @property
    def vials(self) -> int:
        """How many vials are taken from it."""
        return sum(len(stop.lines) for stop in self.stops)


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """The key of a name among others: numbers in it count as numbers."""
    parts = _DIGITS.split(name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def walk(lines: Iterable[WalkLine]) -> tuple[Opening, ...]:
    """The lines in walking order, each device opened once and each box taken once."""
    ordered = sorted(lines, key=_order)
    stops = [
        Stop(path, box, tuple(some))
        for (path, box), some in groupby(ordered, key=lambda one: (one.path, one.box))
    ]
    return tuple(
        Opening(device, tuple(some)) for device, some in groupby(stops, key=lambda stop: stop.path[0])
    )


def _order(line: WalkLine) -> tuple[object, ...]:
    way = tuple(natural(name) for name in line.path)
    return way, line.box, natural(line.position), line.code
