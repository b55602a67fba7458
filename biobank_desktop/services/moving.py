"""Moves: of vials, of boxes and racks and devices, swapped, loaded from a list, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.moves import Move, MoveForm, line_of
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services.commands import command
from biobank_desktop.services.foreign_codes import sample_numbers
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.relocating import relocate
from biobank_desktop.services.standing import held_with_standing
from biobank_desktop.services.storage import container_of
from biobank_desktop.services.taking_back import take_back
from biobank_desktop.services.unchecked_labels import UNCHECKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.relocating import Laid, Spot


@dataclass(frozen=True)
class Moved:
    """Things that were laid elsewhere in one command: where each lies now, in the order of the moves.

    ``unchecked`` are those that were stored while nobody had scanned their label, where the lab wants that to
    be said.
    """

    command: str
    places: tuple[Landed, ...]
    unchecked: tuple[str, ...] = ()


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


def load(
    store: Store,
    actor: Actor,
    form: MoveForm,
    command_id: UUID | None = None,
    unread: Sequence[Problem] = (),
) -> Moved:
    """Lay everything where a list says: what lies somewhere is moved, what lies nowhere is stored.

    ``unread`` is what ``domain.moves.read_list`` could not read: then nothing is written, but what is wrong
    with the other lines is told along with it. Raises ``Rejected`` with every bad line (fields ``line 17``),
    in the order of the list, and ``Conflict`` when all of them are what others have done.
    """
    payload, title = _payload(form), _title(form)
    asked = command(
        actor, "list-loaded", payload, "storage", title=title, why=form.why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        return _laid(work, relocate(work, form, new=True, unread=unread))

    try:
        return _moved(str(asked.id), store.run(asked, body))
    except Rejected as refused:
        raise type(refused)(*sorted(refused.problems, key=line_of)) from None


def swap(store: Store, actor: Actor, one: str, other: str, command_id: UUID | None = None) -> Moved:
    """Let two things change places. Raises ``NotFound`` and ``Rejected``."""
    payload = {"one": one, "other": other}
    asked = command(actor, "swapped", payload, "storage", title=f"{one}, {other}", command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        first, second = (_code_of(work.connection, given) for given in (one, other))
        _hold(work, [first, second])
        at_first, at_second = (_place_of(work.connection, code) for code in (first, second))
        crossed = (Move(first, *at_second), Move(second, *at_first))
        return _result(work, relocate(work, MoveForm(crossed)).spots)

    return _moved(str(asked.id), store.run(asked, body))


def _code_of(connection: Connection, given: str) -> str:
    """The code of a sample, or of a container by code or name. Raises ``NotFound``."""
    number = sample_numbers(connection, [given]).get(given)
    known = None if number is None else codes.from_number(number)
    if known is not None and codes.kind_of(known) is CodeKind.SAMPLE:
        return known
    return container_of(connection, given, "item").code


def _hold(work: Work, things: Sequence[str]) -> None:
    """Hold things, so that they lie where they do until the commit. Raises ``NotFound``."""
    in_samples = [code for code in things if codes.kind_of(code) is CodeKind.SAMPLE]
    if in_samples:
        held_with_standing(work, in_samples, "item")
    work.hold(tables.container, [codes.number(code) for code in things if code not in in_samples])


def _place_of(connection: Connection, code: str) -> tuple[str, str]:
    """Where a thing lies: container and position as that calls it. Raises ``Rejected``."""
    place = containers.place(connection, codes.number(code))
    box = containers.container(connection, place.container_id) if place else None
    if place is None or box is None:
        raise Rejected(Problem("item", "not-stored", {"code": codes.group(code)}))
    return box.code, grid_of(box.kind).label((place.row_no, place.column_no))


def _payload(form: MoveForm) -> dict[str, Any]:
    return {
        "moves": [[one.item, one.to, one.position] for one in form.moves],
        "out_at": form.out_at,
        "even_warmer": form.even_warmer,
    }


def _title(form: MoveForm) -> str:
    return ", ".join(one.item for one in form.moves[:3])


def _run(store: Store, asked: Command, form: MoveForm) -> Moved:
    def body(work: Work) -> dict[str, Any]:
        return _result(work, relocate(work, form).spots)

    return _moved(str(asked.id), store.run(asked, body))


def _laid(work: Work, laid: Laid) -> dict[str, Any]:
    """What a move comes to."""
    codes_of = [str(one.values["code"]) for one in laid.warnings if one.code == UNCHECKED]
    return {**_result(work, laid.spots), "unchecked": list(map(codes.parse, codes_of))}


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
    places = tuple(Landed(*place) for place in result["places"])
    return Moved(command_id, places, tuple(result.get("unchecked", ())))


def undo(store: Store, actor: Actor, of_command: str, command_id: UUID | None = None) -> Moved:
    """Take back moves, with a line of their own: everything lies again where it lay, or nowhere.

    Raises ``NotFound`` and ``Rejected`` when there is nothing to take back or something may no longer lie
    where it lay, ``Conflict`` when something has happened since to one of the things, or another thing lies,
    or is to lie, where one lay.
    """
    payload = {"command": of_command}
    asked = command(actor, "move-undone", payload, "storage", title=of_command, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        return _result(work, take_back(work, of_command))

    return _moved(str(asked.id), store.run(asked, body))
