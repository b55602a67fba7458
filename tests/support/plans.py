"""Storage as large as one wants it, as rows and as a plan, without a database."""

from __future__ import annotations

from dataclasses import fields
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from biobank_desktop.gui.storage.plan import fold
from biobank_desktop.persistence.queries.containers import KindRow
from biobank_desktop.persistence.queries.occupancy import Standing
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services.kinds import SHIPPED_KINDS

if TYPE_CHECKING:
    from biobank_desktop.gui.storage.plan import Plan

KINDS = {
    kind.name: KindRow(**{field.name: getattr(kind, field.name) for field in fields(KindRow)})
    for kind in SHIPPED_KINDS
}


def site(freezers: int, tanks: int, *, seed: int = 3) -> list[Standing]:
    """Freezers of 6 shelves, 4 racks each, 20 boxes each; tanks of 20 towers of 13 boxes; all partly full."""
    random, numbers = Random(seed), count(1)
    rows: list[Standing] = []

    def add(name: str, kind: str, inside: int | None, place: int, used: int, cold: str | None = None) -> int:
        number = next(numbers)
        rows.append(Standing(number, name, kind, cold, inside, 1, place + 1, used))
        return number

    for one in range(freezers):
        freezer = add(f"F80-{one + 1:02d}", "Freezer −80", None, 0, 6, "-80")
        for shelf in range(6):
            name = f"F80-{one + 1:02d} S{shelf + 1}"
            on = add(name, "Freezer shelf", freezer, shelf, 4)
            for rack in range(4):
                fill = random.random()
                there = [box for box in range(20) if random.random() < 0.3 + 0.7 * fill]
                within = add(f"{name} R{rack + 1}", "Freezer rack 4 × 5", on, rack, len(there))
                rows += [
                    _box(next(numbers), within, divmod(box, 4), _used(random, 81), "Box 9 × 9")
                    for box in there
                ]
    for one in range(tanks):
        tank = add(f"LN2-{one + 1:02d}", "LN2 vapour tank", None, 0, 20, "ln2")
        for tower in range(20):
            boxes = 13 if random.random() < 0.7 else random.randrange(13)
            within = add(f"LN2-{one + 1:02d} T{tower + 1:02d}", "LN2 tower", tank, tower, boxes)
            rows += [
                _box(next(numbers), within, (0, box), _used(random, 100), "Box 10 × 10")
                for box in range(boxes)
            ]
    return rows


def plan(rows: list[Standing]) -> Plan:
    """The plan of rows, of the shipped kinds."""
    return complete(fold(rows, KINDS))


def _box(number: int, inside: int, at: tuple[int, int], used: int, kind: str) -> Standing:
    return Standing(number, f"BX{number:05d}", kind, None, inside, at[0] + 1, at[1] + 1, used)


def _used(random: Random, wells: int) -> int:
    """Mostly full, some begun, some empty."""
    drawn = random.random()
    return wells if drawn < 0.3 else 0 if drawn > 0.92 else random.randrange(1, wells)
