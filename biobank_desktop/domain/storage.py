"""Where material may be kept: levels of storage, temperature classes, and which box suits new vials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from biobank_desktop.domain.materials import material
from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Level = Literal["site", "room", "device", "shelf", "rack", "box", "goblet", "freezing-container"]
Temperature = Literal["ln2", "-80", "overnight -80", "-20", "fridge", "room"]

LEVELS: tuple[Level, ...] = ("site", "room", "device", "shelf", "rack", "box", "goblet", "freezing-container")
TEMPERATURES: tuple[Temperature, ...] = ("ln2", "-80", "overnight -80", "-20", "fridge", "room")
"""Below −135 °C; −85 to −60 °C; a night at that in a freezing container; −35 to −18 °C; 2–10 °C; room."""

HOLDS_SAMPLES: frozenset[Level] = frozenset({"box", "goblet", "freezing-container"})

MAY_STAND_IN: Mapping[Level, frozenset[Level]] = MappingProxyType(
    {
        "site": frozenset(),
        "room": frozenset({"site"}),
        "device": frozenset({"site", "room"}),
        "shelf": frozenset({"device"}),
        "rack": frozenset({"device", "shelf"}),
        "box": frozenset({"device", "shelf", "rack"}),
        "goblet": frozenset({"device", "rack"}),
        "freezing-container": frozenset({"device", "shelf", "rack"}),
    }
)
"""What each level may stand in; a site stands in nothing."""

_COLD_ENOUGH: Mapping[str, frozenset[str]] = MappingProxyType(
    {"ln2": frozenset({"ln2"}), "-80": frozenset({"-80", "ln2"})}
)
"""Where what needs a temperature class may stay for long."""


@dataclass(frozen=True)
class BoxFacts:
    """What decides whether a box suits new vials.

    ``temperature`` is that of its device; ``overnight`` is true of a freezing container; ``longest_run`` is
    the number of free positions next to each other; ``siblings`` how many vials of the same tube or donor
    are in it; ``materials`` the materials in it now.
    """

    code: str
    name: str
    temperature: str
    overnight: bool
    free: int
    longest_run: int
    siblings: int
    materials: frozenset[str]


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A name as it is sorted: numbers in it by their value, so T2 comes before T10."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name)
    )


def may_stand_in(inner: Level, outer: Level) -> bool:
    """Whether a container of one level may be put into one of another."""
    return outer in MAY_STAND_IN[inner]


def container_problem(
    inner: Level, inner_temperature: str | None, outer: Level, outer_temperature: str | None
) -> Problem | None:
    """Why a container may not stand in another one, None when it may.

    Temperatures are those of the devices involved, None where there is none.
    """
    if not may_stand_in(inner, outer):
        return Problem("inside", "container-not-allowed-there", {"inner": inner, "outer": outer})
    if inner_temperature not in {None, outer_temperature} and outer_temperature is not None:
        return Problem(
            "inside", "temperature-differs", {"inner": inner_temperature, "outer": outer_temperature}
        )
    return None


def suits(material_code: str, temperature: str, *, overnight: bool = False) -> bool:
    """Whether a material may be kept at a temperature class; colder than needed is allowed.

    ``overnight`` is true of a freezing container: only what freezes through a night belongs there.
    """
    wanted = material(material_code)
    if overnight or temperature == "overnight -80":
        return wanted.overnight and temperature in {"-80", "overnight -80"}
    return temperature in _COLD_ENOUGH[wanted.temperature]


def rank_boxes(candidates: Iterable[BoxFacts], material_code: str, count: int) -> tuple[BoxFacts, ...]:
    """The boxes that suit ``count`` new vials of a material, best first.

    What freezes through a night goes to a freezing container first. Then: room for all, all together,
    siblings in the box, exactly the temperature needed, the same material, the fuller box, its name.
    """
    wanted = material(material_code)

    def badness(box: BoxFacts) -> tuple[bool, bool, bool, int, bool, bool, int, str]:
        return (
            not box.overnight,
            box.free < count,
            box.longest_run < count,
            -box.siblings,
            box.temperature != wanted.temperature,
            bool(box.materials) and material_code not in box.materials,
            box.free,
            box.name,
        )

    fitting = (
        box
        for box in candidates
        if box.free and suits(material_code, box.temperature, overnight=box.overnight)
    )
    return tuple(sorted(fitting, key=badness))
