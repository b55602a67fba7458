"""The demonstration lab's freezers, tanks and boxes, and where the next vial goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import material
from biobank_desktop.services.storage import ContainerForm, add_container

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

_FREEZERS = ("Freezer F1", "Freezer F2")
_TANKS = ("LN2 tank T1", "LN2 tank T2")
_BOXES_OF_KIND = {"Box 9 × 9": 81, "Box 10 × 10": 100}
_FILLED_TO = 0.85
"""Boxes are closed before they are full: there is always a sample that must go beside its siblings."""


@dataclass
class _Row:
    """Boxes of one sort that are filled one after the other."""

    names: list[str] = field(default_factory=list)
    room: list[int] = field(default_factory=list)

    def add(self, name: str, capacity: int) -> None:
        self.names.append(name)
        self.room.append(round(capacity * _FILLED_TO))

    def take(self, count: int) -> str:
        """The first box with room for so many vials together. Raises ``LookupError`` when none is left."""
        for place, room in enumerate(self.room):
            if room >= count:
                self.room[place] -= count
                return self.names[place]
        raise LookupError("the demonstration lab is full")


class Storage:
    """The containers of the demonstration lab; ``overnight`` names its freezing containers."""

    def __init__(self, store: Store, manager: Actor) -> None:
        self._store, self._manager = store, manager
        self._fluids, self._cells = _Row(), _Row()
        self.overnight = ("Overnight A", "Overnight B")
        self._build()

    def box_for(self, material_code: str, count: int) -> str:
        """The name of the box for so many vials of a material."""
        cold = material(material_code).temperature == "ln2"
        return (self._cells if cold else self._fluids).take(count)

    def _build(self) -> None:
        for number, freezer in enumerate(_FREEZERS, start=1):
            self._add("Freezer −80", freezer, temperature="-80")
            for shelf in ("A", "B", "C"):
                self._add("Freezer shelf", f"F{number} shelf {shelf}", inside=freezer)
            self._add("Freezer rack 4 × 5", f"F{number} rack A1", inside=f"F{number} shelf A")
            self._add("Freezer rack 4 × 5", f"F{number} rack B1", inside=f"F{number} shelf B")
            for box in range(1, 9):
                rack = "A1" if box < 5 else "B1"
                self._box(self._fluids, "Box 9 × 9", f"F{number}-{box:02d}", f"F{number} rack {rack}")
        for number, tank in enumerate(_TANKS, start=1):
            self._add("LN2 vapour tank", tank, temperature="ln2")
            for tower in (1, 2, 3):
                self._add("LN2 tower", f"T{number} tower {tower}", inside=tank)
                for box in (1, 2, 3):
                    name = f"T{number}-{tower}{box}"
                    self._box(self._cells, "Box 10 × 10", name, f"T{number} tower {tower}")
        for name in self.overnight:
            self._add("Overnight freezing container", name, inside="F1 shelf C")

    def _box(self, row: _Row, kind: str, name: str, inside: str) -> None:
        self._add(kind, name, inside=inside)
        row.add(name, _BOXES_OF_KIND[kind])

    def _add(
        self, kind: str, name: str, *, inside: str | None = None, temperature: str | None = None
    ) -> None:
        add_container(self._store, self._manager, ContainerForm(kind, name, temperature, inside))
