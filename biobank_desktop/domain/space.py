"""Where there is room: boxes that new things could go to, best first, by a strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from biobank_desktop.domain.contents import Allowed, allows
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.storage import TEMPERATURES, natural, suits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

Strategy = Literal["siblings", "emptiest", "continue", "warmest"]
STRATEGIES: tuple[Strategy, ...] = ("siblings", "emptiest", "continue", "warmest")
"""With the same donor's vials; where most is free; where was placed last; the class that just fits."""


@dataclass(frozen=True)
class Room:
    """A box and what decides whether things go there.

    ``free`` positions (those that others have reserved not counted), ``siblings`` of the same donor in it,
    ``last_at`` when something was placed there last, ``allowed`` the materials it may hold.
    """

    box_id: int
    name: str
    path: str
    temperature: str
    overnight: bool
    free: int
    siblings: int
    last_at: datetime | None
    allowed: Allowed = None


def fitting(rooms: Iterable[Room], material_code: str, count: int, strategy: Strategy) -> list[Room]:
    """The boxes that ``count`` things of a material may go to, best first.

    Room for all before room for some, an overnight container for what freezes through a night, then the
    strategy, then the name.
    """
    freezing = material(material_code).overnight
    order = _ORDERS[strategy]
    found = [
        room
        for room in rooms
        if room.free
        and allows(room.allowed, material_code)
        and suits(material_code, room.temperature, overnight=room.overnight)
    ]
    return sorted(
        found,
        key=lambda room: (
            room.free < count,
            strategy != "continue" and freezing and not room.overnight,
            order(room),
            natural(room.path),
        ),
    )


def _with_siblings(room: Room) -> tuple[float, ...]:
    return (-room.siblings, room.free)


def _emptiest(room: Room) -> tuple[float, ...]:
    return (-room.free,)


def _continued(room: Room) -> tuple[float, ...]:
    return (0.0, 0.0) if room.last_at is None else (-1.0, -room.last_at.timestamp())


def _warmest(room: Room) -> tuple[float, ...]:
    return (-TEMPERATURES.index(room.temperature), room.free)


_ORDERS: dict[Strategy, Callable[[Room], tuple[float, ...]]] = {
    "siblings": _with_siblings,
    "emptiest": _emptiest,
    "continue": _continued,
    "warmest": _warmest,
}
