"""A spilled box: its vials are in it, but no longer where they were, until each is scanned at its place.

Every vial keeps a place in the box meanwhile, so none is lost and no two are at one position: what is scanned
into a position that a vial not yet found was last known at changes places with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Conflict, Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.families import held
from biobank_desktop.services.foreign_codes import sample_numbers
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.positions import others, taken_problem
from biobank_desktop.services.relocating import relocate
from biobank_desktop.services.storage import container_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.containers import ContainerRow, Content
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Fact, Work


@dataclass(frozen=True)
class Rescanned:
    """A vial found at its position; ``left`` are those of the box that nobody has scanned yet."""

    sample: str
    label: str
    left: int
    command: str


def spill(store: Store, actor: Actor, box: str, why: str, command_id: UUID | None = None) -> None:
    """Mark a box as spilled: no position in it is certain. Raises ``NotFound`` and ``Rejected``."""
    require_reason(why)
    asked = command(actor, "box-spilled", {"box": box}, "storage", title=box, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, box)
        work.hold(tables.container, [row.id])
        if row.kind.holds != "samples":
            raise Rejected(Problem("box", "holds-no-samples", {"name": row.name, "kind": row.kind.name}))
        last = work.locked_last(tables.spill, {"container_id": row.id})
        if last is not None and last["ended_at"] is None:
            values = {"name": row.name, "since": last["since"].astimezone()}
            raise Rejected(Problem("box", "spilled-already", values))
        entered = {
            "container_id": row.id,
            "no": last["no"] + 1 if last else 1,
            "since": work.at,
            "why": why.strip(),
            "ended_at": None,
            "stream_id": work.stream_of(tables.container, row.id),
        }
        work.insert(tables.spill, [entered])
        return {"box": row.code}

    store.run(asked, body)


def rescan(
    store: Store, actor: Actor, box: str, sample: str, position: str = "", command_id: UUID | None = None
) -> Rescanned:
    """Say where a vial of a spilled box lies; without a position at the next one that nobody has scanned.

    The vial may also come from elsewhere or lie nowhere. Raises ``NotFound``, ``Rejected`` and ``Conflict``
    (another vial was scanned at that position).
    """
    payload = {"box": box, "sample": sample, "position": position}
    asked = command(actor, "box-rescanned", payload, "storage", title=sample, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, box)
        number = sample_numbers(work.connection, [sample]).get(sample)
        scanned = sample if number is None else codes.from_number(number)
        _hold_contents(work, row, number)
        since = _open(work, row)["since"]
        lying = {(one.row_no, one.column_no): one for one in containers.contents(work.connection, row.id)}
        at = _position(row, position, lying, since)
        there = lying.get(at)
        label = grid_of(row.kind).label(at)
        moves = [Move(scanned, row.code, label)]
        given_way: dict[int, datetime] = {}
        if there is not None and there.code != scanned:
            if there.since >= since:
                raise Conflict(taken_problem(work.connection, row, at))
            moves.append(Move(there.code, row.code, _elsewhere(work, row, scanned, lying)))
            given_way[there.item_id] = there.since
        relocate(work, MoveForm(tuple(moves)), new=True, given_way=given_way)
        left = unconfirmed(work.connection, row.id, since)
        return {"sample": scanned, "label": label, "left": len(left)}

    result = store.run(asked, body)
    return Rescanned(result["sample"], result["label"], result["left"], str(asked.id))


def _hold_contents(work: Work, row: ContainerRow, scanned: int | None) -> None:
    """Hold a box with everything in it, and the vial that is scanned into it: any of them may give way."""
    numbers = [one.item_id for one in containers.contents(work.connection, row.id)]
    if scanned is not None:
        numbers.append(scanned)
    held(work, list(samples.samples(work.connection, numbers).values()))
    work.hold(tables.container, [row.id])


def _open(work: Work, row: ContainerRow) -> Fact:
    last = work.locked_last(tables.spill, {"container_id": row.id})
    if last is None or last["ended_at"] is not None:
        raise Rejected(Problem("box", "not-spilled", {"name": row.name}))
    return last


def _position(row: ContainerRow, label: str, lying: Mapping[Position, Content], since: datetime) -> Position:
    """The position that is meant; without a label the first one that nobody has scanned since."""
    grid = grid_of(row.kind)
    if label:
        position = grid.parse(label)
        if position is None:
            raise Rejected(Problem("position", "position-unknown", {"position": label, "name": row.name}))
        return position
    for position in grid.order():
        if position not in lying or lying[position].since < since:
            return position
    raise Rejected(Problem("box", "container-full", {"name": row.name}))


def _elsewhere(work: Work, row: ContainerRow, scanned: str | None, lying: Mapping[Position, Content]) -> str:
    """Where a vial not scanned yet gives way to: where the scanned one was, or a free position."""
    grid = grid_of(row.kind)
    own = next((position for position, one in lying.items() if one.code == scanned), None)
    closed = lying.keys() | others(work.connection, row.id, work.command.login, work.at)
    free = own or next((position for position in grid.order() if position not in closed), None)
    if free is None:
        raise Rejected(Problem("box", "container-full", {"name": row.name}))
    return grid.label(free)


def end(store: Store, actor: Actor, box: str, command_id: UUID | None = None) -> None:
    """Say that a spilled box is in order again.

    Raises ``NotFound``, and ``Rejected`` with every vial that nobody has scanned: it is found, or reported
    lost, first.
    """
    asked = command(actor, "spill-ended", {"box": box}, "storage", title=box, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, box)
        work.hold(tables.container, [row.id])
        last = _open(work, row)
        missing = unconfirmed(work.connection, row.id, last["since"])
        if missing:
            raise Rejected(
                *(Problem("box", "not-scanned-yet", {"code": codes.group(one.code)}) for one in missing)
            )
        key = {"container_id": row.id, "no": last["no"]}
        work.update(tables.spill, key, ended_at=max(work.at, last["since"]))
        return {"box": row.code}

    store.run(asked, body)


def unconfirmed(connection: Connection, box_id: int, since: datetime) -> list[Content]:
    """What lies in a box since before it was spilled: it is somewhere in it."""
    return [one for one in containers.contents(connection, box_id) if one.since < since]
