"""The storage as it was known at a moment, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence.queries import containers, history
from biobank_desktop.persistence.queries.as_of import Past
from biobank_desktop.persistence.queries.containers import Content
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.records import BoxView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Grid, Position
    from biobank_desktop.persistence.queries.as_of import Step
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.queries.history import EventRow


@dataclass(frozen=True)
class Difference:
    """One thing that lies elsewhere now than it did then: it came, it is gone, or it has moved within.

    ``was`` and ``became`` are its positions as the grid calls them, "" where it was not in the container;
    ``event`` is the kind of the last command that moved it, ``name`` the person's.
    """

    kind: Literal["came", "gone", "moved"]
    content: Content
    was: str
    became: str
    event: str
    at: datetime
    name: str


@dataclass(frozen=True)
class AsItWas:
    """A container at a moment; ``view`` is None for the whole storage.

    ``children`` are the containers that stood in it, each with how full it was.
    """

    moment: datetime
    path: tuple[ContainerRow, ...]
    view: BoxView | None
    children: tuple[ContainerRow, ...]
    differences: tuple[Difference, ...]


def as_it_was(connection: Connection, container_id: int | None, moment: datetime, now: datetime) -> AsItWas:
    """A container (None: the whole storage) as it was known at a moment.

    Raises ``NotFound`` (no such container, or it was made later) and ``Rejected`` (the moment is to come).
    """
    if moment > now:
        raise Rejected(Problem("at", "moment-ahead", {"now": now.astimezone()}))
    past = Past(connection, moment)
    if container_id is None:
        then = past.inside(None)
        return AsItWas(moment, (), None, tuple(then), tuple(_of_the_whole(connection, past, then)))
    path = past.path(container_id)
    if not path:
        raise NotFound(_not_there(connection, container_id))
    row, contents = path[-1], past.contents(container_id)
    grid = grid_of(row.kind)
    view = BoxView(
        container=row,
        path=" / ".join(one.name for one in path),
        temperature=next((one.temperature for one in reversed(path) if one.temperature), None),
        grid=grid,
        contents=tuple(contents),
    )
    children = past.inside(container_id) if row.kind.holds == "containers" else []
    known = {one.item_id: one for one in [*containers.contents(connection, container_id), *contents]}
    differences = _differences(past.steps(container_id), known, grid)
    return AsItWas(moment, tuple(path), view, tuple(children), tuple(differences))


def _not_there(connection: Connection, container_id: int) -> Problem:
    row = containers.container(connection, container_id)
    if row is None:
        return Problem("code", "container-unknown", {"code": codes.group(codes.from_number(container_id))})
    made = history.of_objects(connection, [container_id])[0]
    return Problem("at", "container-made-later", {"name": row.name, "made": made.at.astimezone()})


def _differences(steps: Sequence[Step], known: dict[int, Content], grid: Grid) -> list[Difference]:
    """The newest first. What came and left again meanwhile lies as it did."""
    first: dict[int, Position | None] = {}
    last: dict[int, Step] = {}
    for step in steps:
        first.setdefault(step.item_id, step.was)
        last[step.item_id] = step
    found = []
    for number, step in last.items():
        was, became = first[number], step.became
        if was == became:
            continue
        found.append(
            Difference(
                kind="came" if was is None else "gone" if became is None else "moved",
                content=known[number],
                was=grid.label(was) if was else "",
                became=grid.label(became) if became else "",
                event=step.kind,
                at=step.at,
                name=step.name,
            )
        )
    return sorted(found, key=lambda one: (one.at, one.content.code), reverse=True)


def _of_the_whole(connection: Connection, past: Past, then: Sequence[ContainerRow]) -> list[Difference]:
    """The containers that have come to stand in nothing, or stand in nothing no more."""
    before = {row.id: row for row in then}
    after = {row.id: row for row in containers.inside(connection, None)}
    found = [_outermost("came", row, past.since(row.id)) for row in after.values() if row.id not in before]
    found += [_outermost("gone", row, past.since(row.id)) for row in then if row.id not in after]
    return sorted(found, key=lambda one: (one.at, one.content.code), reverse=True)


def _outermost(kind: Literal["came", "gone"], row: ContainerRow, events: Sequence[EventRow]) -> Difference:
    event = next(one for one in events if any(change.key == (row.id,) for change in one.changes))
    content = Content(0, 0, row.id, row.code, event.at, event.by, row.name)
    return Difference(kind, content, "", "", event.kind, event.at, event.name)
