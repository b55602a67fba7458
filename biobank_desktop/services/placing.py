"""Placing vials: proposed together, placed by scan, the last scan undone, taken out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biobank_desktop.domain import codes
from biobank_desktop.domain.contents import allowed, allows
from biobank_desktop.domain.grids import free_positions, longest_run
from biobank_desktop.domain.printing import FOLLOWS
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.storage import BoxFacts, rank_boxes, suits
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import containers, history, printing, samples
from biobank_desktop.persistence.queries.containers import Place
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.families import held, holding
from biobank_desktop.services.foreign_codes import sample_numbers
from biobank_desktop.services.gate import decide_with, grounds_of, require_not_refused
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.positions import pick, refuse_all, room_in, use_up
from biobank_desktop.services.sprec import past_of, update_sprec, update_sprec_by
from biobank_desktop.services.standing import come_back, kept_problems
from biobank_desktop.services.storage import container_of, out_of_service, path_text, temperature_of
from biobank_desktop.services.unchecked_labels import unchecked, unchecked_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.positions import Room

_CANDIDATES = 60


@dataclass(frozen=True)
class Proposal:
    """Where new vials of one material could go together: a box and its positions, in filling order."""

    material: str
    box_id: int
    box: str
    path: str
    positions: tuple[Position, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Placed:
    """A vial that now lies in a box; ``label`` is the position as the box calls it."""

    sample: str
    box: str
    box_name: str
    row_no: int
    column_no: int
    label: str
    command: str
    unchecked: bool = False
    """nobody had scanned its label before, and this lab wants that to be said"""


def propose(connection: Connection, donor_id: int, material: str, count: int) -> Proposal | None:
    """The best box for ``count`` new vials of a donor, None when no box suits.

    Suitable temperature, siblings together, enough room side by side: ``domain.storage.rank_boxes``.
    """
    candidates = _candidates(connection, donor_id)
    taken = containers.fillings(connection, candidates)
    warmth = containers.temperatures(connection, candidates)
    siblings = containers.boxes_of_donor(connection, donor_id)
    facts = [
        _facts(box, warmth[box.id], taken.get(box.id, {}), siblings.get(box.id, 0))
        for box in candidates.values()
        if box.id in warmth
    ]
    ranked = rank_boxes(facts, material, count)
    if not ranked:
        return None
    box = candidates[codes.number(ranked[0].code)]
    grid = grid_of(box.kind)
    positions = free_positions(grid, taken.get(box.id, {}), count)
    labels = tuple(grid.label(position) for position in positions)
    return Proposal(material, box.id, box.name, path_text(connection, box.id), positions, labels)


def _candidates(connection: Connection, donor_id: int) -> dict[int, ContainerRow]:
    """Boxes with the donor's vials, overnight containers, and those a lab is filling now."""
    near = containers.some(connection, containers.boxes_of_donor(connection, donor_id))
    near += containers.of_level(connection, "freezing-container")
    near += containers.boxes_with_room(connection, _CANDIDATES)
    return {box.id: box for box in near if box.kind.holds == "samples" and not box.retired}


def _facts(box: ContainerRow, temperature: str, taken: Mapping[Position, str], siblings: int) -> BoxFacts:
    return BoxFacts(
        code=box.code,
        name=box.name,
        temperature=temperature,
        overnight=box.kind.level == "freezing-container",
        free=box.capacity - len(taken),
        longest_run=longest_run(grid_of(box.kind), taken),
        siblings=siblings,
        materials=frozenset(taken.values()),
    )


def place(
    store: Store,
    actor: Actor,
    box: str,
    sample: str,
    position: str = "",
    command_id: UUID | None = None,
) -> Placed:
    """Put a vial into a box: at ``position``, or at the next free one.

    Scanning it into its box also proves its label. Raises ``Rejected`` (void, not filled, unlabelled,
    refused by the consent gate, the wrong temperature), ``NotFound`` and ``Conflict`` (already stored, or the
    position is taken: by whom and since when).
    """
    return place_all(store, actor, box, [(sample, position)], command_id)[0]


def place_all(
    store: Store,
    actor: Actor,
    box: str,
    vials: Sequence[tuple[str, str]],
    command_id: UUID | None = None,
) -> list[Placed]:
    """Put several vials into one box, all or none; each is (code, position or "")."""
    payload = {"box": box, "vials": [list(vial) for vial in vials]}
    title = ", ".join(sample for sample, _position in vials[:3])
    asked = command(actor, "placed", payload, "storage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        scanned = _placeable.sent(work.connection, [sample for sample, _position in vials])
        target = container_of(work.connection, box)
        before = scanned()
        numbers = [row.id for row in before]
        held_now = holding(work, before)
        work.hold(tables.container, [target.id])
        told_labels = printing.scanned_labels.sent(work.connection, numbers)
        told_standing = standings.sent(work.connection, numbers)
        told_target = _target.sent(work.connection, target, numbers)
        told_grounds = grounds_of.sent(work.connection, {row.donor_id for row in before})
        told_past = past_of.sent(work.connection, before)
        rows, labels, standing, into = held_now(), told_labels(), told_standing(), told_target()
        kept = [one for row in rows for one in kept_problems(row, standing[row.id], "sample")]
        doubted, rule = unchecked(work.connection, rows, labels)
        if rule == "block":
            kept += [unchecked_problem(row, "sample") for row in doubted]
        refuse([*kept, *_box_problems(work.connection, into, rows, labels)])
        positions = _positions(work, into, [position for _sample, position in vials])
        use_up(work, target, into.room, positions)
        for decision in decide_with(work, rows, told_grounds()):
            require_not_refused(decision, "sample")
        spots = dict(zip(numbers, positions, strict=True))
        _put(work, target, rows, spots, labels)
        update_sprec_by(
            work, numbers, told_past(), {one: Place(target.id, *at, work.at) for one, at in spots.items()}
        )
        for row in rows:
            if standing[row.id].out_at is not None:
                come_back(work, row.id)
        grid = grid_of(target.kind)
        return {
            "box": target.code,
            "box_name": target.name,
            "placed": [
                {
                    "sample": row.code,
                    "row_no": at[0],
                    "column_no": at[1],
                    "label": grid.label(at),
                    "unchecked": rule == "warn" and row in doubted,
                }
                for row, at in zip(rows, positions, strict=True)
            ],
        }

    result = store.run(asked, body)
    return [
        Placed(box=result["box"], box_name=result["box_name"], command=str(asked.id), **one)
        for one in result["placed"]
    ]


def _put(
    work: Work,
    target: ContainerRow,
    rows: Sequence[SampleRow],
    spots: Mapping[int, Position],
    labels: Mapping[int, tuple[int, str]],
) -> None:
    """Write placements in an open command and prove the labels.

    ``labels`` are those that the scans of the samples prove, as (number, state); a typed code proves none.
    """
    work.insert(
        tables.placement,
        [
            {
                "item_id": row.id,
                "container_id": target.id,
                "rows": target.kind.rows,
                "columns": target.kind.columns,
                "row_no": spots[row.id][0],
                "column_no": spots[row.id][1],
                "since": work.at,
                "stream_id": row.donor_id,
            }
            for row in rows
        ],
    )
    typed = {codes.number(code) for code in work.command.typed}
    for object_id, (no, state) in labels.items():
        if "verified" in FOLLOWS[state] and object_id not in typed:
            work.update(
                tables.label, {"object_id": object_id, "no": no}, state="verified", verified_at=work.at
            )


@Question
def _placeable(connection: Connection, given: Sequence[str]) -> Answer[list[SampleRow]]:
    numbers = sample_numbers(connection, given)
    asked = samples.samples.sent(connection, numbers.values())

    def read() -> list[SampleRow]:
        rows = asked()
        for code in given:
            if numbers.get(code) not in rows:
                raise NotFound(Problem("sample", "sample-unknown", {"code": code}))
        return [rows[numbers[code]] for code in given]

    return read


@dataclass(frozen=True)
class _Target:
    """A held box, and what decides whether some vials may lie in it."""

    box: ContainerRow
    down: Mapping[int, Problem]
    lying: Collection[int]
    temperature: str
    room: Room


@Question
def _target(connection: Connection, box: ContainerRow, vials: Sequence[int]) -> Answer[_Target]:
    down = out_of_service.sent(connection, [box.id], "box")
    lying = containers.places.sent(connection, vials)
    temperature, room = temperature_of.sent(connection, box.id), room_in.sent(connection, box.id)
    return lambda: _Target(box, down(), lying().keys(), temperature() or "room", room())


def _box_problems(
    connection: Connection, into: _Target, rows: Sequence[SampleRow], labelled: Collection[int]
) -> list[Problem]:
    box, temperature = into.box, into.temperature
    if box.kind.holds != "samples":
        return [Problem("box", "holds-no-samples", {"name": box.name, "kind": box.kind.name})]
    if box.retired:
        return [Problem("box", "container-retired", {"name": box.name})]
    problems = list(into.down.values())
    overnight = box.kind.level == "freezing-container"
    if len({row.id for row in rows}) != len(rows):
        problems.append(Problem("sample", "scanned-twice"))
    for row in rows:
        shown = {"code": codes.group(row.code)}
        if row.id in into.lying:
            problems.append(stored_problem(connection, row.id))
        if row.state == "refused":
            problems.append(Problem("sample", "sample-refused", shown))
        if row.kind != "tube" and row.id not in labelled:
            problems.append(Problem("sample", "sample-unlabelled", shown))
        if not suits(row.material, temperature, overnight=overnight):
            values = {**shown, "material": row.material, "temperature": temperature, "name": box.name}
            problems.append(Problem("box", "temperature-not-suitable", values))
        if not allows(allowed(box.materials), row.material):
            values = {**shown, "material": row.material, "name": box.name}
            problems.append(Problem("box", "material-not-allowed", values))
    return problems


def stored_problem(connection: Connection, item_id: int) -> Problem:
    """Where something lies already, since when and by whom."""
    at = containers.place(connection, item_id)
    assert at is not None
    box = containers.container(connection, at.container_id)
    assert box is not None
    values = {
        "code": codes.group(codes.from_number(item_id)),
        "path": path_text(connection, box.id),
        "position": grid_of(box.kind).label((at.row_no, at.column_no)),
        "since": at.since.astimezone(),
        "by": containers.placed_by(connection, item_id),
    }
    return Problem("sample", "already-stored", values)


def _positions(work: Work, into: _Target, wanted: Sequence[str]) -> list[Position]:
    found, problems = pick(work, into.box, into.room, wanted)
    refuse_all([problem for problem in problems if problem is not None])
    return [position for position in found if position is not None]


def undo(store: Store, actor: Actor, of_command: str, command_id: UUID | None = None) -> list[str]:
    """Take back a placing, with a line of its own in the history; returns the vials' codes.

    Raises ``Conflict`` when something has happened since to one of the vials.
    """
    asked = command(
        actor, "placing-undone", {"command": of_command}, "storage", title=of_command, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        placed = [
            change.new["item_id"]
            for event in history.of_command(work.connection, UUID(of_command))
            for change in event.changes
            if event.kind == "placed" and change.table == "placement" and change.new is not None
        ]
        if not placed:
            raise Rejected(Problem("", "nothing-to-undo"))
        rows = held(work, _placeable(work.connection, [codes.from_number(item) for item in placed]))
        return {"samples": [_take_back(work, row, of_command) for row in rows]}

    return list(store.run(asked, body)["samples"])


def _take_back(work: Work, row: SampleRow, of_command: str) -> str:
    key = {"item_id": row.id}
    lying = work.locked(tables.placement, key)
    if lying is None or str(lying["command_id"]) != of_command:
        raise Conflict(Problem("", "changed-since", {"code": codes.group(row.code)}))
    work.delete(tables.placement, key)
    update_sprec(work, row.id)
    return row.code


def take_out(store: Store, actor: Actor, sample: str, why: str, command_id: UUID | None = None) -> None:
    """Take a vial out of its place, with the reason. Raises ``Rejected`` and ``NotFound``."""
    require_reason(why)
    payload = {"sample": sample}
    asked = command(actor, "taken-out", payload, "storage", title=sample, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        found = _placeable(work.connection, [sample])
        held_now, standing = holding(work, found), standings.sent(work.connection, [found[0].id])
        lying = work.locking_all(tables.placement, [found[0].id])
        told_past = past_of.sent(work.connection, found)
        (row,) = held_now()
        refuse(kept_problems(row, standing()[row.id], "sample"))
        if row.id not in lying():
            raise Rejected(Problem("sample", "not-stored", {"code": codes.group(row.code)}))
        work.delete(tables.placement, {"item_id": row.id})
        update_sprec_by(work, [row.id], told_past(), {})
        return {"sample": row.code}

    store.run(asked, body)
