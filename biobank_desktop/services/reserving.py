"""Positions kept free for somebody: reserved, given back, and used up by whoever reserved them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.grids import free_positions
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, reservations
from biobank_desktop.services.commands import command
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.positions import (
    others,
    refuse_all,
    reserved_problem,
    taken_problem,
)
from biobank_desktop.services.storage import container_of

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

LONGEST_DAYS = 366


@dataclass(frozen=True)
class ReserveForm:
    """Positions of a container to keep free: named ones, or the next ``count`` free ones, for ``days``."""

    container: str
    what: str
    positions: tuple[str, ...] = ()
    count: int = 0
    days: int = 7


def reserve(store: Store, actor: Actor, form: ReserveForm, command_id: UUID | None = None) -> list[str]:
    """Keep positions free for the person who asks; returns them as the container calls them.

    One's own reservations are prolonged. Raises ``NotFound``, ``Rejected`` with every problem, and
    ``Conflict`` when something lies there or somebody else has reserved it.
    """
    asked = command(actor, "reserved", form, "storage", title=form.container, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, form.container, "container")
        work.hold(tables.container, [row.id])
        problems = _check(form)
        if row.retired:
            problems.append(Problem("container", "container-retired", {"name": row.name}))
        if problems:
            raise Rejected(*problems)
        positions = _positions(work, row, form)
        for position in positions:
            _enter(work, row, position, form)
        grid = grid_of(row.kind)
        return {"container": row.code, "positions": [grid.label(position) for position in positions]}

    return list(store.run(asked, body)["positions"])


def _check(form: ReserveForm) -> list[Problem]:
    problems = []
    if not form.what.strip():
        problems.append(Problem("what", "answer-missing"))
    if not 1 <= form.days <= LONGEST_DAYS:
        problems.append(Problem("days", "days-out-of-range", {"most": LONGEST_DAYS}))
    if not form.positions and form.count < 1:
        problems.append(Problem("positions", "answer-missing"))
    return problems


def _positions(work: Work, row: ContainerRow, form: ReserveForm) -> list[Position]:
    connection, grid = work.connection, grid_of(row.kind)
    taken = containers.occupied(connection, row.id)
    kept = others(connection, row.id, work.command.login, work.at)
    if not form.positions:
        own = set(reservations.of_container(connection, row.id))
        free = free_positions(grid, taken | kept | own, form.count)
        if len(free) < form.count:
            values = {"name": row.name, "free": len(free), "count": form.count}
            raise Rejected(Problem("count", "not-so-many-free", values))
        return list(free)
    found, problems = [], []
    for label in dict.fromkeys(form.positions):
        position = grid.parse(label)
        if position is None:
            values = {"position": label, "name": row.name}
            problems.append(Problem("positions", "position-unknown", values))
        elif position in taken:
            problems.append(taken_problem(connection, row, position))
        elif position in kept:
            problems.append(reserved_problem(connection, row, position))
        else:
            found.append(position)
    refuse_all(problems)
    return found


def _enter(work: Work, row: ContainerRow, position: Position, form: ReserveForm) -> None:
    key = {"container_id": row.id, "row_no": position[0], "column_no": position[1]}
    said = {
        "login": work.command.login,
        "what": form.what.strip(),
        "until": work.at + timedelta(days=form.days),
    }
    if work.locked(tables.reservation, key) is not None:
        work.update(tables.reservation, key, **said)
        return
    stream = work.stream_of(tables.container, row.id)
    size = {"rows": row.kind.rows, "columns": row.kind.columns}
    work.insert(tables.reservation, [{**key, **size, **said, "stream_id": stream}])


def give_back(
    store: Store, actor: Actor, container: str, positions: tuple[str, ...], command_id: UUID | None = None
) -> None:
    """End reservations, one's own or (by who manages the lab) anybody's; none named are all of the container.

    Raises ``NotFound`` and ``Rejected``.
    """
    payload = {"container": container, "positions": list(positions)}
    asked = command(actor, "reservation-ended", payload, "storage", title=container, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, container, "container")
        work.hold(tables.container, [row.id])
        grid = grid_of(row.kind)
        reserved = reservations.of_container(work.connection, row.id)
        named = {label: grid.parse(label) for label in positions}
        problems = [
            Problem("positions", "not-reserved", {"position": label, "name": row.name})
            for label, position in named.items()
            if position is None or position not in reserved
        ]
        wanted = [one for one in named.values() if one is not None] if positions else list(reserved)
        if not wanted and not problems:
            problems.append(Problem("positions", "nothing-reserved", {"name": row.name}))
        now = work.at
        problems += [
            reserved_problem(work.connection, row, one)
            for one in wanted
            if one in reserved
            and reserved[one].until > now
            and reserved[one].login != actor.login
            and actor.role == "technician"
        ]
        refuse_all(problems)
        for row_no, column_no in sorted(wanted):
            work.delete(
                tables.reservation, {"container_id": row.id, "row_no": row_no, "column_no": column_no}
            )
        return {"container": codes.group(row.code), "count": len(wanted)}

    store.run(asked, body)
