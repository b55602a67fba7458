"""What the storage screen asks the database: the way to a container, what stands in it, the whole plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biobank_desktop.gui.storage.plan import TOP, fold
from biobank_desktop.persistence.queries import containers, occupancy, people, reservations, tree
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.records import box_view

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.gui.storage.plan import Plan
    from biobank_desktop.persistence.queries.containers import ContainerRow, KindRow
    from biobank_desktop.persistence.queries.reservations import ReservationRow
    from biobank_desktop.persistence.queries.tree import Outage
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.records import BoxView


@dataclass(frozen=True)
class Condition:
    """What is not as usual: positions kept for somebody, since when a box is spilled, what is out of service.

    ``outages`` are those of a container and of everything around it, its own first.
    """

    reserved: Mapping[Position, ReservationRow] = field(default_factory=dict)
    spilled: datetime | None = None
    outages: tuple[Outage, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A container with the way to it; ``branches`` are the containers in each one on the way.

    ``view`` is None for the whole storage. ``condition`` is what is not as usual with it.
    """

    path: tuple[ContainerRow, ...]
    branches: dict[int, tuple[ContainerRow, ...]]
    view: BoxView | None
    names: dict[str, str]
    condition: Condition

    @property
    def container_id(self) -> int:
        """The number of what is open, ``TOP`` for the whole storage."""
        return self.view.container.id if self.view else TOP

    @property
    def holds_samples(self) -> bool:
        """Whether it is a box."""
        return self.view is not None and self.view.container.kind.holds == "samples"

    @property
    def is_device(self) -> bool:
        """Whether it is a freezer or a tank."""
        return self.view is not None and self.view.container.kind.level == "device"

    @property
    def children(self) -> tuple[ContainerRow, ...]:
        """The containers that stand in it."""
        return self.branches.get(self.container_id, ())


def open_container(connection: Connection, container_id: int) -> Opened:
    """A container and everything on the way to it. Raises ``NotFound``."""
    view = box_view(connection, container_id) if container_id != TOP else None
    path = tuple(containers.path(connection, container_id)) if view else ()
    branches = {TOP: tuple(containers.inside(connection, None))}
    for one in path:
        if one.kind.holds == "containers":
            branches[one.id] = tuple(containers.inside(connection, one.id))
    names = {person.login: person.name for person in people.people(connection)}
    return Opened(path, branches, view, names, _condition(connection, path))


def _condition(connection: Connection, path: tuple[ContainerRow, ...]) -> Condition:
    if not path:
        return Condition()
    here, down = path[-1], tree.outages(connection)
    return Condition(
        reservations.of_container(connection, here.id),
        tree.spills(connection).get(here.id),
        tuple(down[row.id] for row in reversed(path) if row.id in down),
    )


def children(connection: Connection, container_id: int) -> tuple[ContainerRow, ...]:
    """The containers that stand in one."""
    return tuple(containers.inside(connection, container_id))


def kinds(connection: Connection) -> tuple[KindRow, ...]:
    """Every kind a container can be of."""
    return tuple(containers.kinds(connection))


def plan(store: Store) -> Steps[Plan]:
    """Everything that stands anywhere and how full it is; no transaction is open between two steps."""
    found: list[occupancy.Standing] = []
    after = TOP
    while True:
        with store.read() as connection:
            some = occupancy.standing_after(connection, after)
        found += some
        yield Progress(len(found), len(found))
        if len(some) < occupancy.STEP:
            break
        after = some[-1].id
    with store.read() as connection:
        known = {kind.name: kind for kind in kinds(connection)}
    return (yield from fold(found, known))
