"""Where there is room for new things: boxes by a strategy, with the positions they would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.contents import allowed
from biobank_desktop.domain.grids import free_positions
from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.space import STRATEGIES, Room, fitting
from biobank_desktop.persistence.queries import containers, rooms
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.positions import others
from biobank_desktop.services.storage import container_of, out_of_service
from biobank_desktop.services.values import value_problems

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.space import Strategy

_MATERIALS = frozenset(one.code for one in MATERIALS)
MOST = 1_000


@dataclass(frozen=True)
class SpaceForm:
    """What room is looked for: how many things of a material, whose siblings, inside which container.

    ``donor_id`` and ``inside`` may be left out; ``login`` is who asks: own reservations count as free.
    """

    material: str
    count: int
    strategy: Strategy = "siblings"
    donor_id: int | None = None
    inside: str = ""


@dataclass(frozen=True)
class Space:
    """Positions in one box, in its order of filling."""

    box_id: int
    code: str
    name: str
    path: str
    positions: tuple[Position, ...]
    labels: tuple[str, ...]


def find_space(connection: Connection, form: SpaceForm, login: str, at: datetime) -> list[Space]:
    """The next free positions for things of a material, in as few boxes as the strategy needs.

    Raises ``NotFound``, and ``Rejected`` with every problem: also when there is not so much room.
    """
    problems = value_problems({"inside": form.inside})
    if form.material not in _MATERIALS:
        values = {"value": form.material, "choices": sorted(_MATERIALS)}
        problems.append(Problem("material", "not-a-choice", values))
    if not 1 <= form.count <= MOST:
        problems.append(Problem("count", "count-out-of-range", {"most": MOST}))
    if form.strategy not in STRATEGIES:
        values = {"value": form.strategy, "choices": STRATEGIES}
        problems.append(Problem("strategy", "not-a-choice", values))
    if problems:
        raise Rejected(*problems)
    inside = container_of(connection, form.inside, "inside").id if form.inside else None
    found, left = [], form.count
    for room in fitting(
        _rooms(connection, form, inside, login, at), form.material, form.count, form.strategy
    ):
        box = containers.container(connection, room.box_id)
        assert box is not None
        grid = grid_of(box.kind)
        taken = containers.occupied(connection, box.id) | others(connection, box.id, login, at)
        positions = free_positions(grid, taken, left)
        labels = tuple(grid.label(position) for position in positions)
        found.append(Space(box.id, box.code, box.name, room.path, positions, labels))
        left -= len(positions)
        if not left:
            return found
    raise Rejected(Problem("count", "not-so-much-room", {"count": form.count, "free": form.count - left}))


def _rooms(
    connection: Connection, form: SpaceForm, inside: int | None, login: str, at: datetime
) -> list[Room]:
    rows = rooms.with_room(connection, inside, form.donor_id, login, at, newest=form.strategy == "continue")
    down = out_of_service(connection, [row.box_id for row in rows], "")
    classes = containers.temperatures(connection, [row.box_id for row in rows])
    paths = rooms.paths(connection, [row.box_id for row in rows])
    return [
        Room(
            box_id=row.box_id,
            name=row.name,
            path=paths[row.box_id],
            temperature=classes[row.box_id],
            overnight=row.level == "freezing-container",
            free=row.free,
            siblings=row.siblings,
            last_at=row.last_at,
            allowed=allowed(row.materials),
        )
        for row in rows
        if row.box_id in classes and row.box_id not in down
    ]
