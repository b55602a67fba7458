"""The whole storage as one tree: what stands where, and how much of its room is in use.

The share of a box is its taken positions; that of what holds boxes is the mean over its own positions, an
empty one counting nothing. A site or a room counts what stands there only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.kinds import grid_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.persistence.queries.containers import ContainerRow, KindRow
    from biobank_desktop.persistence.queries.occupancy import Standing
    from biobank_desktop.persistence.steps import Steps

TOP = 0
"""stands for "in nothing" among the numbers of containers"""

HEAT_STEPS = 8
EMPTY, FULL = 0, HEAT_STEPS + 1
"""the steps beside the 1 to ``HEAT_STEPS`` of the palette"""

_GROUNDS = {"site", "room"}


@dataclass(frozen=True)
class Node:
    """A container with all that stands in it; ``kind`` is None for the whole storage.

    ``taken`` and ``wells`` are the vials and the positions for vials in all boxes beneath.
    """

    id: int
    name: str
    kind: KindRow | None
    temperature: str | None
    position: Position | None
    used: int
    children: tuple[Node, ...]
    share: float
    taken: int
    wells: int
    step: int

    @property
    def level(self) -> str:
        """Its level of storage, "" for the whole storage."""
        return self.kind.level if self.kind else ""

    @property
    def holds_samples(self) -> bool:
        """Whether it is a box."""
        return self.kind is not None and self.kind.holds == "samples"

    @property
    def is_ground(self) -> bool:
        """Whether things stand on it: the whole storage, a site, a room."""
        return self.kind is None or self.kind.level in _GROUNDS

    @property
    def is_floor(self) -> bool:
        """Whether they stand there in any order: it has no grid."""
        return self.is_ground and self.rows == 1

    @property
    def is_tank(self) -> bool:
        """Whether it is a round vessel of liquid nitrogen, seen from above."""
        return self.level == "device" and self.temperature == "ln2" and self.rows == 1

    @property
    def rows(self) -> int:
        """The rows of its grid."""
        return self.kind.rows if self.kind else 1

    @property
    def columns(self) -> int:
        """The columns of its grid."""
        return self.kind.columns if self.kind else len(self.children)

    @property
    def capacity(self) -> int:
        """How many things it holds."""
        return self.rows * self.columns

    @property
    def percent(self) -> int:
        """How much of its room is in use; 0 and 100 are said only of what is empty and full."""
        if self.step in {EMPTY, FULL}:
            return 0 if self.step == EMPTY else 100
        return min(99, max(1, round(self.share * 100)))


@dataclass(frozen=True)
class Slot:
    """One position of a container: its label, and what stands there, None when it is free."""

    label: str
    node: Node | None


@dataclass(frozen=True)
class Plan:
    """The whole storage; ``top`` holds what stands in nothing."""

    top: Node

    @cached_property
    def _nodes(self) -> dict[int, Node]:
        return {node.id: node for node in _walk(self.top)}

    def node(self, container_id: int) -> Node | None:
        """The container of a number, None when it came later."""
        return self._nodes.get(container_id)

    def __len__(self) -> int:
        return len(self._nodes) - 1


def step_of(share: float) -> int:
    """The step of the palette for a share: ``EMPTY``, 1 to ``HEAT_STEPS``, ``FULL``."""
    if share <= 0:
        return EMPTY
    return FULL if share >= 1 else 1 + int(share * HEAT_STEPS)


def slots(node: Node) -> list[Slot]:
    """The positions of a container in reading order; of a floor what stands there and its next free one."""
    if node.kind is None:
        return [Slot("", child) for child in node.children]
    grid = grid_of(node.kind)
    there = {child.position: child for child in node.children}
    places = [(row, column) for row in range(1, grid.rows + 1) for column in range(1, grid.columns + 1)]
    if node.is_floor:
        free = next((place for place in places if place not in there), None)
        places = [place for place in places if place in there or place == free]
    return [Slot(grid.label(place), there.get(place)) for place in places]


def fold(standing: Iterable[Standing], kinds: Mapping[str, KindRow]) -> Steps[Plan]:
    """Make the tree of the rows, a step for each thing that stands in nothing."""
    inside: dict[int, list[Standing]] = {}
    for row in standing:
        inside.setdefault(row.inside_id or TOP, []).append(row)
    tops = []
    for row in sorted(inside.get(TOP, ()), key=lambda one: one.name):
        tops.append(_node(row, inside, kinds))
        yield Progress(len(tops), len(inside[TOP]))
    share = _mean(tops, len(tops))
    return Plan(
        Node(
            TOP, "", None, None, None, len(tops), tuple(tops), share,
            sum(one.taken for one in tops), sum(one.wells for one in tops), step_of(share),
        )
    )  # fmt: skip


def _node(row: Standing, inside: Mapping[int, list[Standing]], kinds: Mapping[str, KindRow]) -> Node:
    kind = kinds[row.kind]
    position = (row.row_no, row.column_no) if row.inside_id is not None else None
    capacity = kind.rows * kind.columns
    if kind.holds == "samples":
        share = row.used / capacity
        return Node(
            row.id, row.name, kind, row.temperature, position, row.used, (), share, row.used, capacity,
            step_of(share),
        )  # fmt: skip
    within = sorted(inside.get(row.id, ()), key=lambda one: (one.row_no, one.column_no))
    children = tuple(_node(one, inside, kinds) for one in within)
    share = _mean(children, len(children) if kind.level in _GROUNDS else capacity)
    taken, wells = sum(one.taken for one in children), sum(one.wells for one in children)
    return Node(
        row.id, row.name, kind, row.temperature, position, row.used, children, share, taken, wells,
        step_of(share),
    )  # fmt: skip


def of_rows(outer: ContainerRow | None, children: Sequence[ContainerRow]) -> Node:
    """One container (None: the whole storage) with what stands directly in it, and nothing further in."""
    inner = tuple(_alone(row, (row.row_no or 0, row.column_no or 0) if outer else None) for row in children)
    if outer is None:
        share = _mean(inner, len(inner))
        return Node(TOP, "", None, None, None, len(inner), inner, share, 0, 0, step_of(share))
    share = _mean(inner, outer.capacity)
    return replace(_alone(outer, None), children=inner, share=share, step=step_of(share))


def _alone(row: ContainerRow, position: Position | None) -> Node:
    share = row.used / row.capacity
    taken, wells = (row.used, row.capacity) if row.kind.holds == "samples" else (0, 0)
    return Node(
        row.id, row.name, row.kind, row.temperature, position, row.used, (), share, taken, wells,
        step_of(share),
    )  # fmt: skip


def _mean(nodes: Iterable[Node], over: int) -> float:
    return sum(node.share for node in nodes) / over if over else 0.0


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)
