"""The recovery kit of a device: everything in it read in steps, and its pages written into a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import known, material
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.language import chosen, say_value
from biobank_desktop.papers.recovery_kit import Kit, KitBox, KitHolder, KitStanding, draw_kit
from biobank_desktop.persistence.queries import containers, inventory, lab
from biobank_desktop.persistence.seals import last_seal
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.paper_files import written_together
from biobank_desktop.services.papers import lab_name
from biobank_desktop.services.storage import container_of, temperature_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store

_AT_ONCE = 20
"""Boxes read in one step."""


def write_kit(store: Store, device: str, by: str, folder: Path, name: str = "") -> Steps[tuple[Path, ...]]:
    """The kit of a device in a folder, as ``name`` or under the device's own; returns its file.

    ``by`` is the name of the person who asks. Raises as ``kit_of`` does, and ``Unavailable`` when the disk
    refuses.
    """
    kit = yield from kit_of(store, device, by)
    with written_together(folder) as files:
        path = files.begin(name or f"recovery-{kit.code}.pdf")
        for page, pages in draw_kit(kit, path):
            yield Progress(page, pages)
    return files.paths


def kit_of(store: Store, device: str, by: str) -> Steps[Kit]:
    """Everything in a device. What others do meanwhile is read again, so the whole is true at one moment.

    Raises ``NotFound``, and ``Rejected`` for what is no device.
    """
    while True:
        with store.read() as connection:
            row = container_of(connection, device, "device")
            since = inventory.newest_event(connection)
        if row.kind.level != "device":
            raise Rejected(Problem("device", "not-a-device", {"name": row.name, "kind": row.kind.name}))
        tree = yield from _tree(store, row)
        read: dict[int, KitBox] = {}
        numbers = list(tree.boxes)
        for first in range(0, len(numbers), _AT_ONCE):
            yield Progress(first, len(numbers))
            with store.read() as connection:
                read |= _boxes(connection, tree, numbers[first : first + _AT_ONCE])
        with store.snapshot() as connection:
            changed = inventory.touched(connection, since)
            if changed.isdisjoint(tree.holders):
                read |= _boxes(connection, tree, [one for one in numbers if one in changed])
                return _kit(connection, row, tree, read, by)


@dataclass(frozen=True)
class _Tree:
    """What stands in a device, in the order of its positions: holders and boxes with the way to them."""

    holders: dict[int, KitHolder]
    boxes: dict[int, tuple[ContainerRow, tuple[str, ...]]]


def _tree(store: Store, device: ContainerRow) -> Steps[_Tree]:
    tree = _Tree({}, {})
    waiting: list[tuple[ContainerRow, tuple[str, ...]]] = [(device, ())]
    while waiting:
        row, path = waiting.pop()
        if row.kind.holds == "samples":
            tree.boxes[row.id] = (row, path)
            continue
        with store.read() as connection:
            inside = containers.inside(connection, row.id)
        way = (*path, row.name)
        tree.holders[row.id] = KitHolder(way, grid_of(row.kind), tuple(map(_standing, inside)))
        waiting += [(one, way) for one in reversed(inside)]
        yield Progress(0, len(waiting) + len(tree.boxes))
    return tree


def _standing(row: ContainerRow) -> KitStanding:
    assert row.row_no is not None
    assert row.column_no is not None
    return KitStanding((row.row_no, row.column_no), row.code, row.name, row.used, row.capacity)


def _boxes(connection: Connection, tree: _Tree, numbers: Sequence[int]) -> dict[int, KitBox]:
    found = {}
    for number in numbers:
        row, path = tree.boxes[number]
        found[number] = KitBox(row.code, row.name, path, grid_of(row.kind))
    for one in inventory.lying(connection, numbers):
        box = found[one.box_id]
        place = (one.row_no - 1) * box.grid.columns + one.column_no - 1
        box.items.append(one.item_id)
        box.places.append(place)
        box.what.append(_what(one.material, one.time_point))
        if one.out:
            box.out.add(place)
    return found


@cache
def _what(code: str, time_point: str) -> tuple[str, str]:
    """The words in a position, as a label says them; the same words are one object."""
    return material(code).label if known(code) else code, time_point


def _kit(connection: Connection, row: ContainerRow, tree: _Tree, read: dict[int, KitBox], by: str) -> Kit:
    seal = last_seal(connection)
    boxes = tuple(read[number] for number in tree.boxes)
    used = {box.code: len(box.items) for box in boxes}
    holders = [
        replace(
            holder,
            standing=tuple(replace(one, used=used.get(one.code, one.used)) for one in holder.standing),
        )
        for holder in tree.holders.values()
    ]
    return Kit(
        lab=lab_name(connection, chosen()),
        device=row.name,
        code=row.code,
        kind=row.kind.name,
        temperature=say_value(temperature_of(connection, row.id)),
        made_at=datetime.now(UTC),
        made_by=by,
        database=lab.uuid(connection),
        seal_size=seal.size,
        seal_root=seal.root.hex(),
        holders=tuple(holders),
        boxes=boxes,
    )
