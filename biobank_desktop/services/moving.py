"""Moves: of vials, of boxes and racks and devices, swapped, loaded from a list, and taken back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, history
from biobank_desktop.services.commands import command
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.positions import taken_problem
from biobank_desktop.services.relocating import lay, refuse_all, relocate
from biobank_desktop.services.sprec import update_sprec
from biobank_desktop.services.standing import held_with_standing
from biobank_desktop.services.storage import container_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.relocating import Spot

UNDOABLE = ("moved", "swapped", "emptied", "list-loaded", "box-rescanned")
"""The kinds of commands that ``undo`` takes back while nothing has followed."""


@dataclass(frozen=True)
class Moved:
    """Things that were laid elsewhere in one command: where each lies now, in the order of the moves."""

    command: str
    places: tuple[Landed, ...]


@dataclass(frozen=True)
class Landed:
    """Where a thing lies: its code, the container, and the position as that calls it."""

    code: str
    container: str
    name: str
    label: str


def move(store: Store, actor: Actor, form: MoveForm, command_id: UUID | None = None) -> Moved:
    """Lay things elsewhere, all or none: vials, boxes, racks or whole devices.

    Raises ``Rejected`` with every problem of every move, ``Conflict`` when positions were taken by others.
    """
    payload, title = _payload(form), _title(form)
    asked = command(actor, "moved", payload, "storage", title=title, why=form.why, command_id=command_id)
    return _run(store, asked, form)


def empty(store: Store, actor: Actor, form: MoveForm, command_id: UUID | None = None) -> Moved:
    """Carry out the plan that empties a container (``services.emptying``). Raises like ``move``."""
    payload, title = _payload(form), _title(form)
    asked = command(actor, "emptied", payload, "storage", title=title, why=form.why, command_id=command_id)
    return _run(store, asked, form)


def load(store: Store, actor: Actor, form: MoveForm, command_id: UUID | None = None) -> Moved:
    """Lay everything where a list says: what lies somewhere is moved, what lies nowhere is stored.

    Raises ``Rejected`` with every bad line (fields ``line 17``); then nothing is written.
    """
    payload, title = _payload(form), _title(form)
    asked = command(
        actor, "list-loaded", payload, "storage", title=title, why=form.why, command_id=command_id
    )
    return _run(store, asked, form, new=True)


def swap(store: Store, actor: Actor, one: str, other: str, command_id: UUID | None = None) -> Moved:
    """Let two things change places. Raises ``NotFound`` and ``Rejected``."""
    payload = {"one": one, "other": other}
    asked = command(actor, "swapped", payload, "storage", title=f"{one}, {other}", command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        (first, at_first), (second, at_second) = (_place_of(work.connection, code) for code in (one, other))
        crossed = (Move(first, *at_second), Move(second, *at_first))
        return _result(work, relocate(work, MoveForm(crossed)))

    return _moved(str(asked.id), store.run(asked, body))


def _place_of(connection: Connection, code: str) -> tuple[str, tuple[str, str]]:
    """The code of a thing, and where it lies (container, position). Raises ``NotFound``, ``Rejected``."""
    known = codes.parse(code)
    if known is None or codes.kind_of(known) is not CodeKind.SAMPLE:
        known = container_of(connection, code, "item").code
    place = containers.place(connection, codes.number(known))
    box = containers.container(connection, place.container_id) if place else None
    if place is None or box is None:
        raise Rejected(Problem("item", "not-stored", {"code": codes.group(known)}))
    return known, (box.code, grid_of(box.kind).label((place.row_no, place.column_no)))


def _payload(form: MoveForm) -> dict[str, Any]:
    return {
        "moves": [[one.item, one.to, one.position] for one in form.moves],
        "out_at": form.out_at,
        "even_warmer": form.even_warmer,
    }


def _title(form: MoveForm) -> str:
    return ", ".join(one.item for one in form.moves[:3])


def _run(store: Store, asked: Command, form: MoveForm, *, new: bool = False) -> Moved:
    def body(work: Work) -> dict[str, Any]:
        return _result(work, relocate(work, form, new=new))

    return _moved(str(asked.id), store.run(asked, body))


def _result(work: Work, spots: Mapping[int, Spot]) -> dict[str, Any]:
    boxes = containers.some(work.connection, {spot[0] for spot in spots.values()})
    known = {box.id: (box.code, box.name, grid_of(box.kind)) for box in boxes}
    return {
        "places": [
            [codes.from_number(item), known[box][0], known[box][1], known[box][2].label((row, column))]
            for item, (box, row, column) in spots.items()
        ]
    }


def _moved(command_id: str, result: Mapping[str, Any]) -> Moved:
    return Moved(command_id, tuple(Landed(*place) for place in result["places"]))


def undo(store: Store, actor: Actor, of_command: str, command_id: UUID | None = None) -> Moved:
    """Take back moves, with a line of their own: everything lies again where it lay, or nowhere.

    Raises ``Rejected`` when there is nothing to take back, ``Conflict`` with what has happened since to each
    of the things that somebody has had in hand, or when something else lies where one lay.
    """
    payload = {"command": of_command}
    asked = command(actor, "move-undone", payload, "storage", title=of_command, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        before, after, since = _what_it_did(work.connection, of_command)
        if not after:
            raise Rejected(Problem("", "nothing-to-undo"))
        in_samples = [one for one in after if codes.kind_of(codes.from_number(one)) is CodeKind.SAMPLE]
        if in_samples:
            held_with_standing(work, [codes.from_number(one) for one in in_samples])
        work.hold(tables.container, {spot[0] for spot in before.values()} | (after.keys() - set(in_samples)))
        lying = work.locked_all(tables.placement, after)
        changed = [one for one in after if one not in lying or str(lying[one]["command_id"]) != of_command]
        if changed:
            raise Conflict(*(_since_problem(work.connection, one) for one in changed))
        _require_free(work, before, after)
        lay(work, before, {one: lying[one] for one in before}, MoveForm(()), since)
        taken_away = sorted(after.keys() - before.keys())
        work.delete_all(tables.placement, taken_away)
        update_sprec(work, *taken_away)
        return _result(work, before)

    return _moved(str(asked.id), store.run(asked, body))


def _since_problem(connection: Connection, number: int) -> Problem:
    """What has happened to a thing last, when, and who did it."""
    (newest,) = history.of_object(connection, number, limit=1)
    values = {
        "code": codes.group(codes.from_number(number)),
        "what": f"event.{newest.kind}",
        "at": newest.at.astimezone(),
        "by": newest.name or newest.by,
    }
    return Problem("", "happened-since", values)


def _what_it_did(
    connection: Connection, of_command: str
) -> tuple[dict[int, Spot], dict[int, Spot], dict[int, datetime]]:
    """Where the things of a command lay before it and after it, by their numbers, and since when before."""
    since: dict[int, datetime] = {}
    before: dict[int, Spot] = {}
    after: dict[int, Spot] = {}
    try:
        wanted = UUID(of_command)
    except ValueError:
        raise NotFound(Problem("", "nothing-to-undo")) from None
    for event in history.of_command(connection, wanted):
        for change in event.changes if event.kind in UNDOABLE else ():
            if change.table != "placement":
                continue
            for side, row in ((before, change.old), (after, change.new)):
                if row is not None:
                    side[int(row["item_id"])] = (row["container_id"], row["row_no"], row["column_no"])
            if change.old is not None:
                since[int(change.old["item_id"])] = datetime.fromisoformat(change.old["since"])
    return before, after, since


def _require_free(work: Work, before: Mapping[int, Spot], after: Mapping[int, Spot]) -> None:
    leaving = set(after.values())
    boxes = {box.id: box for box in containers.some(work.connection, {spot[0] for spot in before.values()})}
    wanted: dict[int, list[Position]] = defaultdict(list)
    for number, row, column in sorted(before.values()):
        wanted[number].append((row, column))
    problems: list[Problem] = []
    for number, positions in wanted.items():
        taken = containers.occupied(work.connection, number)
        problems += [
            taken_problem(work.connection, boxes[number], position)
            for position in positions
            if position in taken and (number, *position) not in leaving
        ]
    refuse_all(problems)
