"""Where things would go: the next free positions of a container, or the boxes that a strategy finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.grids import free_positions
from biobank_desktop.domain.moves import Move
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence.queries import containers, people, reservations
from biobank_desktop.services.positions import others, reserved_problem, taken_problem
from biobank_desktop.services.records import box_view
from biobank_desktop.services.space import SpaceForm, find_space
from biobank_desktop.services.storage import container_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Grid, Position
    from biobank_desktop.domain.space import Strategy
    from biobank_desktop.persistence.queries.containers import ContainerRow, Content
    from biobank_desktop.persistence.queries.reservations import ReservationRow
    from biobank_desktop.services.records import BoxView


@dataclass(frozen=True)
class Goods:
    """What is moved: its codes in order, and what it is called; of vials their materials and donors."""

    items: tuple[str, ...]
    name: str
    materials: frozenset[str] = frozenset()
    donors: frozenset[int] = frozenset()

    @property
    def vials(self) -> bool:
        """Whether these are vials, not a container."""
        return codes.kind_of(self.items[0]) is CodeKind.SAMPLE


def goods_of(vials: tuple[Content, ...]) -> Goods:
    """Vials of one box as what is moved."""
    return Goods(
        tuple(one.code for one in vials),
        codes.group(vials[0].code),
        frozenset(one.material for one in vials if one.material),
        frozenset(one.donor_id for one in vials if one.donor_id is not None),
    )


@dataclass(frozen=True)
class Asked:
    """Where things are to go: into a container from a position on, or, with a strategy, wherever it says."""

    to: str = ""
    first: str = ""
    strategy: Strategy | None = None


@dataclass(frozen=True)
class Target:
    """A container with the positions in it that things would take, and whose its reserved ones are."""

    view: BoxView
    positions: tuple[Position, ...]
    reserved: Mapping[Position, ReservationRow]

    @property
    def labels(self) -> tuple[str, ...]:
        """The positions as the container calls them."""
        return tuple(self.view.grid.label(position) for position in self.positions)


@dataclass(frozen=True)
class Way:
    """Where everything would go; ``problems`` say what was asked for and cannot be had as it was asked."""

    asked: Asked
    targets: tuple[Target, ...]
    names: Mapping[str, str]
    problems: tuple[Problem, ...] = ()

    def moves(self, goods: Goods) -> tuple[Move, ...]:
        """What carries it out."""
        places = [(target.view.container.code, label) for target in self.targets for label in target.labels]
        return tuple(Move(item, *place) for item, place in zip(goods.items, places, strict=True))


def find_way(connection: Connection, goods: Goods, asked: Asked, login: str, at: datetime) -> Way:
    """Where things would go, nothing written. Raises ``NotFound`` and ``Rejected`` when nowhere."""
    names = {person.login: person.name for person in people.people(connection)}
    if asked.strategy is not None:
        return Way(asked, _by_strategy(connection, goods, asked.strategy, login, at), names)
    if not asked.to.strip():
        raise Rejected(Problem("to", "answer-missing"))
    row = container_of(connection, asked.to, "to")
    return _into(connection, goods, asked, row, names, (login, at))


def _by_strategy(
    connection: Connection, goods: Goods, strategy: Strategy, login: str, at: datetime
) -> tuple[Target, ...]:
    if len(goods.materials) != 1:
        raise Rejected(Problem("strategy", "several-materials"))
    donor = next(iter(goods.donors)) if len(goods.donors) == 1 else None
    form = SpaceForm(next(iter(goods.materials)), len(goods.items), strategy, donor)
    try:
        found = find_space(connection, form, login, at)
    except Rejected as refused:
        raise Rejected(*(replace(problem, field="strategy") for problem in refused.problems)) from None
    return tuple(
        Target(
            box_view(connection, space.box_id),
            space.positions,
            reservations.of_container(connection, space.box_id),
        )
        for space in found
    )


def _into(
    connection: Connection,
    goods: Goods,
    asked: Asked,
    row: ContainerRow,
    names: Mapping[str, str],
    who: tuple[str, datetime],
) -> Way:
    view = box_view(connection, row.id)
    start = view.grid.parse(asked.first) if asked.first else None
    taken, kept = containers.occupied(connection, row.id), others(connection, row.id, *who)
    if start is not None:  # what is moved within its box gives its wells up
        taken -= {(one.row_no, one.column_no) for one in view.contents if one.code in goods.items}
    problems = []
    if asked.first and start is None:
        raise Rejected(Problem("position", "position-unknown", {"position": asked.first, "name": row.name}))
    if start is not None and start in taken:
        problems.append(taken_problem(connection, row, start))
    elif start is not None and start in kept:
        problems.append(reserved_problem(connection, row, start))
    positions = _next_free(view.grid, taken | kept, len(goods.items), start)
    if len(positions) < len(goods.items):
        values = {"name": row.name, "free": len(positions), "count": len(goods.items)}
        raise Rejected(Problem("to", "not-so-many-free", values))
    target = Target(view, positions, reservations.of_container(connection, row.id))
    return Way(asked, (target,), names, tuple(problems))


def _next_free(
    grid: Grid, busy: Collection[Position], count: int, start: Position | None
) -> tuple[Position, ...]:
    """Together where there is room for that; from a chosen position on simply the next ones."""
    if start is None:
        return free_positions(grid, busy, count)
    order = list(grid.order())
    begin = order.index(start)
    free = [position for position in (*order[begin:], *order[:begin]) if position not in busy]
    return tuple(free[:count])
