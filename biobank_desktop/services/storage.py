"""Storage: containers made and stood in each other, vials placed, taken out, and the last scan undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.contents import allowed, allows, as_text, narrowed
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.storage import TEMPERATURES, container_problem
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import containers as query
from biobank_desktop.persistence.queries import tree
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.kinds import grid_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.storage import Level
    from biobank_desktop.persistence.queries.containers import ContainerRow, KindRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

_OWN_STREAM = frozenset({"site", "room", "device"})


@dataclass(frozen=True)
class ContainerForm:
    """A new container; ``inside`` is the code of what it stands in, ``position`` as the grid calls it.

    An empty ``position`` takes the next free one.
    """

    kind: str
    name: str
    temperature: str | None = None
    inside: str | None = None
    position: str = ""


def add_container(store: Store, actor: Actor, form: ContainerForm, command_id: UUID | None = None) -> str:
    """Make a container and return its code. Raises ``Rejected`` with every problem."""
    asked = command(actor, "container-added", form, "manage", title=form.name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        work.locked(tables.container_kind, {"name": identifier(form.kind)})
        kind = query.kind(work.connection, identifier(form.kind))
        outer = _held(work, form.inside) if form.inside else None
        refuse(_check(work.connection, form, kind, outer))
        assert kind is not None
        (code,) = work.new_codes(CodeKind.CONTAINER, 1)
        _enter(work, form, kind, codes.number(code), outer)
        return {"code": code}

    return str(store.run(asked, body)["code"])


def _held(work: Work, code: str) -> ContainerRow:
    """What a container is to stand in, as it is now that nobody else can change its rules."""
    work.hold(tables.container, [container_of(work.connection, code, "inside").id])
    return container_of(work.connection, code, "inside")


def _check(
    connection: Connection, form: ContainerForm, kind: KindRow | None, outer: ContainerRow | None
) -> list[Problem]:
    problems = []
    if kind is None:
        problems.append(Problem("kind", "kind-unknown", {"kind": form.kind}))
    if not 1 <= len(form.name.strip()) <= 40:
        problems.append(Problem("name", "name-missing"))
    elif query.by_name(connection, identifier(form.name)):
        problems.append(Problem("name", "name-taken", {"name": form.name}))
    if form.temperature is not None and form.temperature not in TEMPERATURES:
        values = {"value": form.temperature, "choices": TEMPERATURES}
        problems.append(Problem("temperature", "not-a-choice", values))
    if kind is not None and kind.level == "device" and form.temperature is None and kind.temperature is None:
        problems.append(Problem("temperature", "temperature-missing"))
    if kind is not None and kind.temperature not in {None, form.temperature or kind.temperature}:
        values = {"kind": kind.name, "temperature": kind.temperature}
        problems.append(Problem("temperature", "temperature-of-kind", values))
    if kind is not None and outer is not None:
        around = temperature_of(connection, outer.id)
        problem = container_problem(
            _level(kind), form.temperature or kind.temperature, level_of(outer), around
        )
        problems += [problem] if problem else []
        if not allows(allowed(outer.kind.takes), kind.name):
            values = {"name": outer.name, "kind": kind.name, "takes": sorted(allowed(outer.kind.takes) or ())}
            problems.append(Problem("kind", "kind-not-taken", values))
        if narrowed(allowed(kind.materials), allowed(outer.materials)) == frozenset():
            problems.append(Problem("kind", "rules-leave-nothing", {"name": form.name}))
    return problems


def level_of(row: ContainerRow) -> Level:
    """The level of a container."""
    return _level(row.kind)


def _level(kind: KindRow) -> Level:
    return kind.level  # type: ignore[return-value]


def _enter(work: Work, form: ContainerForm, kind: KindRow, number: int, outer: ContainerRow | None) -> None:
    if kind.level in _OWN_STREAM:
        stream = number
        work.new_stream(number, "device")
    else:
        path = query.path(work.connection, outer.id) if outer else []
        owner = next((one.id for one in path if one.kind.level in _OWN_STREAM), None)
        stream = LAB_STREAM if owner is None else owner
    work.insert(
        tables.container,
        [
            {
                "id": number,
                "kind": kind.name,
                "name": identifier(form.name),
                "rows": kind.rows,
                "columns": kind.columns,
                "temperature": form.temperature or kind.temperature,
                "retired": False,
                "own_materials": None,
                "materials": as_text(
                    narrowed(allowed(kind.materials), allowed(outer.materials if outer else None))
                ),
                "stream_id": stream,
            }
        ],
    )
    if outer is not None:
        position = _position(work.connection, outer, form.position)
        work.insert(tables.placement, [_placement(work, number, outer, position, stream)])


def _position(connection: Connection, outer: ContainerRow, label: str) -> tuple[int, int]:
    grid, taken = grid_of(outer.kind), query.occupied(connection, outer.id)
    if not label:
        free = next((position for position in grid.order() if position not in taken), None)
        if free is None:
            raise Rejected(Problem("inside", "container-full", {"name": outer.name}))
        return free
    position = grid.parse(label)
    if position is None:
        raise Rejected(Problem("position", "position-unknown", {"position": label, "name": outer.name}))
    if position in taken:
        raise Conflict(Problem("position", "position-taken", {"position": label, "name": outer.name}))
    return position


def _placement(
    work: Work, item_id: int, box: ContainerRow, position: tuple[int, int], stream: int
) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "container_id": box.id,
        "rows": box.kind.rows,
        "columns": box.kind.columns,
        "row_no": position[0],
        "column_no": position[1],
        "since": work.at,
        "stream_id": stream,
    }


def container_of(connection: Connection, code: str, field: str = "box") -> ContainerRow:
    """The container of a code or a name. Raises ``NotFound``."""
    known = codes.parse(code)
    row = None
    if known and codes.kind_of(known) is CodeKind.CONTAINER:
        row = query.container(connection, codes.number(known))
    row = row or query.by_name(connection, identifier(code))
    if row is None:
        raise NotFound(Problem(field, "container-unknown", {"code": code}))
    return row


@Question
def out_of_service(connection: Connection, ids: Iterable[int], field: str) -> Answer[dict[int, Problem]]:
    """Which of these containers are out of service, or stand in something that is, and why."""
    asked = tree.outages.sent(connection)

    def read() -> dict[int, Problem]:
        outages = asked()
        chains = tree.around(connection, ids) if outages else {}
        found = {}
        for number, chain in chains.items():
            down = next((outages[one] for one in chain if one in outages), None)
            if down is not None:
                values = {"name": down.name, "since": down.since.astimezone(), "why": down.why}
                found[number] = Problem(field, "out-of-service", values)
        return found

    return read


@Question
def temperature_of(connection: Connection, container_id: int) -> Answer[str | None]:
    """The temperature class of a container: its own, or that of the nearest one around it."""
    asked = query.temperatures.sent(connection, [container_id])
    return lambda: asked().get(container_id)


def path_text(connection: Connection, container_id: int) -> str:
    """Where a container is: ``LN2-02 / T07 / BX00123``."""
    return " / ".join(one.name for one in query.path(connection, container_id))
