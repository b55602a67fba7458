"""Emptying a container into others: the plan is made and shown first, then carried out as one move.

What stands in the container goes as it is, box by box; vials that lie in it directly go one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.contents import allowed, allows
from biobank_desktop.domain.moves import Move
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.storage import LEVELS, container_problem, natural, suits
from biobank_desktop.persistence.queries import containers, rooms, tree
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.positions import others
from biobank_desktop.services.storage import container_of, level_of, out_of_service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.persistence.queries.containers import ContainerRow, Content


_FIXED = frozenset({"site", "room", "device", "shelf"})
"""Levels that nobody carries into another freezer."""


@dataclass(frozen=True)
class PlanLine:
    """One thing of a plan: what it is, where it lies, and where it is to go."""

    code: str
    what: str
    source: str
    target: str
    move: Move


@dataclass(frozen=True)
class Plan:
    """How a container is emptied, in walking order; ``left`` are the things that no target has room for."""

    lines: tuple[PlanLine, ...]
    left: tuple[str, ...]

    @property
    def moves(self) -> tuple[Move, ...]:
        """What carries it out."""
        return tuple(line.move for line in self.lines)


def plan(
    connection: Connection,
    container: str,
    targets: Sequence[str],
    login: str,
    at: datetime,
    *,
    even_warmer: bool = False,
) -> Plan:
    """Where everything in a container could go, nothing written.

    Containers go into targets that take their level and kind; vials into boxes. ``even_warmer``: also to
    where it is warmer than they may be kept. Raises ``NotFound`` and ``Rejected``.
    """
    source = container_of(connection, container, "container")
    homes = [container_of(connection, one, "into") for one in dict.fromkeys(targets)]
    inside = tree.inside(connection, [source.id])[source.id]
    problems = [
        Problem("into", "target-inside", {"name": home.name, "outer": source.name})
        for home in homes
        if home.id in inside
    ]
    problems += out_of_service(connection, [home.id for home in homes], "into").values()
    problems += [Problem("into", "container-retired", {"name": home.name}) for home in homes if home.retired]
    if not homes:
        problems.append(Problem("into", "answer-missing"))
    if problems:
        raise Rejected(*problems)
    return _Planner(connection, homes, login, at, even_warmer=even_warmer).empty(source)


class _Planner:
    """Fills the free positions of the targets and of what stands in them: the inner ones, then by name."""

    def __init__(
        self,
        connection: Connection,
        homes: Sequence[ContainerRow],
        login: str,
        at: datetime,
        *,
        even_warmer: bool,
    ) -> None:
        self._connection, self._even_warmer = connection, even_warmer
        inside = tree.inside(connection, [home.id for home in homes])
        wanted = list(dict.fromkeys(one for home in homes for one in inside[home.id]))
        paths = rooms.paths(connection, wanted)
        rows = [row for row in containers.some(connection, wanted) if not row.retired]
        # A box rather goes into a rack than onto a shelf, and onto a shelf than straight into a device.
        rows.sort(key=lambda row: (-LEVELS.index(level_of(row)), natural(paths[row.id])))
        self._classes = containers.temperatures(connection, wanted)
        self._paths = paths
        self._free = {row.id: self._free_in(row, login, at) for row in rows}
        self._homes = [row for row in rows if self._free[row.id]]

    def _free_in(self, row: ContainerRow, login: str, at: datetime) -> list[Position]:
        """The free positions of a container, the next one last."""
        taken = containers.occupied(self._connection, row.id) | others(self._connection, row.id, login, at)
        return [position for position in reversed(list(grid_of(row.kind).order())) if position not in taken]

    def empty(self, source: ContainerRow) -> Plan:
        """The plan for a container: what cannot go as it is goes with what is in it."""
        lines: list[PlanLine] = []
        left: list[str] = []
        self._go_through(source, lines, left)
        return Plan(tuple(lines), tuple(left))

    def _go_through(self, outer: ContainerRow, lines: list[PlanLine], left: list[str]) -> None:
        path = rooms.paths(self._connection, [outer.id])[outer.id]
        inner = {row.id: row for row in containers.inside(self._connection, outer.id)}
        for content in containers.contents(self._connection, outer.id):
            row = inner.get(content.item_id)
            home = self._home_of_container(row) if row else self._home_of_sample(content)
            if home is not None:
                label = grid_of(home.kind).label(self._free[home.id].pop())
                here = grid_of(outer.kind).label((content.row_no, content.column_no))
                what = content.name or content.material or ""
                move = Move(content.code, home.code, label)
                target = f"{self._paths[home.id]} / {label}"
                lines.append(PlanLine(content.code, what, f"{path} / {here}", target, move))
            elif row is not None and row.used:
                self._go_through(row, lines, left)
            elif row is None:
                left.append(codes.group(content.code))

    def _home_of_container(self, row: ContainerRow) -> ContainerRow | None:
        """Where a container can go as it is; shelves stay where they are, what is on them goes."""
        if row.kind.level in _FIXED:
            return None
        needed = self._materials_in(row)
        return next((home for home in self._homes if self._takes(home, row, needed)), None)

    def _takes(self, home: ContainerRow, row: ContainerRow, materials: frozenset[str]) -> bool:
        around = self._classes.get(home.id)
        return (
            bool(self._free[home.id])
            and container_problem(level_of(row), row.temperature, level_of(home), around) is None
            and allows(allowed(home.kind.takes), row.kind.name)
            and all(allows(allowed(home.materials), one) for one in materials)
            and (
                self._even_warmer
                or row.temperature is not None
                or all(
                    suits(one, around or "room", overnight=row.kind.level == "freezing-container")
                    for one in materials
                )
            )
        )

    def _materials_in(self, row: ContainerRow) -> frozenset[str]:
        inside = tree.inside(self._connection, [row.id])[row.id]
        return frozenset(one.material for one in tree.lying_in(self._connection, inside))

    def _home_of_sample(self, content: Content) -> ContainerRow | None:
        material = content.material or ""
        for home in self._homes:
            overnight = home.kind.level == "freezing-container"
            cold = self._even_warmer or suits(
                material, self._classes.get(home.id, "room"), overnight=overnight
            )
            fits = home.kind.holds == "samples" and allows(allowed(home.materials), material)
            if self._free[home.id] and fits and cold:
                return home
        return None
