"""Where each thing is drawn: a nested plan in pixels, as deep as it can still be seen. Knows no Qt.

A cabinet's shelves and a tower's boxes lie one upon the other, a shelf's racks stand side by side, a grid is
drawn as it is, the towers of a round tank stand in rows within its circle, and what stands on a floor stands
side by side with its feet on one line. Whatever is too small to show what it holds is one cell in the colour
of its share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING

from biobank_desktop.gui.storage.plan import HEAT_STEPS, slots

if TYPE_CHECKING:
    from collections.abc import Collection

    from biobank_desktop.gui.storage.plan import Node, Slot

Box = tuple[float, float, float, float]
"""left, top, width, height"""

LINE_PX = 18
_TWO_LINES_PX = 150
_SMALLEST_PX = 2.0
_FREE_SEEN_PX = 7.0
_INSIDE_FROM_PX = 18.0
_MOST_STACKED = 14
_FLATTEST = 12.0
"""a box in a tower is drawn at most so much wider than high"""
_BIGGEST_BOX_PX = 150.0


@dataclass(frozen=True)
class Cell:
    """One position of what is open: where it is drawn and what stands there."""

    slot: Slot
    box: Box


@dataclass(frozen=True)
class Body:
    """A container drawn with what it holds; ``depth`` 1 stands directly in what is open."""

    node: Node
    box: Box
    caption: Box | None
    depth: int


@dataclass
class Scene:
    """Everything that is seen, ready to paint; ``fills`` by step of the palette."""

    fills: list[list[Box]] = field(default_factory=lambda: [[] for _ in range(HEAT_STEPS + 2)])
    bodies: list[Body] = field(default_factory=list)
    rounds: list[Body] = field(default_factory=list)
    free: list[Box] = field(default_factory=list)
    named: list[Body] = field(default_factory=list)
    lit: list[Box] = field(default_factory=list)


def cells(node: Node, page: Box) -> list[Cell]:
    """The positions of what is open."""
    places = slots(node)
    return [
        Cell(slot, _figure(slot.node, box) if node.is_ground else box)
        for slot, box in zip(places, _arranged(node, len(places), page), strict=True)
    ]


def scene(shown: Collection[Cell], seen: Box, lit: Collection[int] = ()) -> Scene:
    """What is drawn of these cells in a part of the page; ``lit`` are the containers on a way."""
    drawn = Scene()
    for cell in shown:
        if cell.slot.node is not None and overlap(cell.box, seen):
            _draw(drawn, cell.slot.node, cell.box, 1, seen, lit)
    return drawn


def deepest(node: Node, box: Box, at: tuple[float, float]) -> Node:
    """The smallest thing that is drawn at a point of a container's box."""
    inner = _inner(node, box)
    if inner is None:
        return node
    for child, place in _children(node, inner):
        if contains(place, at):
            return deepest(child, place, at)
    return node


def contains(box: Box, at: tuple[float, float]) -> bool:
    """Whether a point lies in a box."""
    return box[0] <= at[0] < box[0] + box[2] and box[1] <= at[1] < box[1] + box[3]


def overlap(one: Box, other: Box) -> float:
    """The area two boxes share."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def neighbour(shown: list[Cell], here: int, right: int, down: int) -> int:
    """The cell next to one in a direction, itself when there is none."""
    x, y = _centre(shown[here].box)
    best, found = float("inf"), here
    for place, cell in enumerate(shown):
        to_x, to_y = _centre(cell.box)
        ahead = (to_x - x) * right + (to_y - y) * down
        aside = abs((to_x - x) * down) + abs((to_y - y) * right)
        far = ahead + 3 * aside
        if ahead > 1 and far < best:
            best, found = far, place
    return found


def _draw(drawn: Scene, node: Node, box: Box, depth: int, seen: Box, lit: Collection[int]) -> None:
    if node.id in lit:
        drawn.lit.append(box)
    inner = _inner(node, box)
    if inner is None:
        drawn.fills[node.step].append(box)
        if box[2] >= 40 and box[3] >= LINE_PX - 4:
            drawn.named.append(Body(node, box, None, depth))
        return
    body = Body(node, box, _caption(box), depth)
    (drawn.rounds if node.is_tank else drawn.bodies).append(body)
    if body.caption is not None:
        drawn.named.append(body)
    places = _arranged(node, _positions(node), inner)
    if len(node.children) < len(places) and min(places[0][2], places[0][3]) >= _FREE_SEEN_PX:
        taken = {_place(node, number, child) for number, child in enumerate(node.children)}
        drawn.free += [place for number, place in enumerate(places) if number not in taken]
    fills = drawn.fills
    for number, child in enumerate(node.children):
        place = places[_place(node, number, child)]
        if not overlap(place, seen):
            continue
        if child.holds_samples and place[2] < 40 and child.id not in lit:
            fills[child.step].append(place)
        else:
            _draw(drawn, child, _figure(child, place) if node.is_ground else place, depth + 1, seen, lit)


def _children(node: Node, inner: Box) -> list[tuple[Node, Box]]:
    places = _arranged(node, _positions(node), inner)
    found = []
    for number, child in enumerate(node.children):
        place = places[_place(node, number, child)]
        found.append((child, _figure(child, place) if node.is_ground else place))
    return found


def _positions(node: Node) -> int:
    """How many places are drawn in a container that is not the open one."""
    return len(node.children) if node.is_floor else node.capacity


def _place(node: Node, number: int, child: Node) -> int:
    """Which of the places in reading order a child stands at."""
    if node.is_floor or child.position is None:
        return number
    row, column = child.position
    return (row - 1) * node.columns + column - 1


def _inner(node: Node, box: Box) -> Box | None:
    """The room inside a container, None when what it holds is not drawn."""
    if not node.children or min(box[2], box[3]) < _INSIDE_FROM_PX:
        return None
    caption = _caption(box)
    top = (caption[3] if caption else 0) + (4 if caption else 3)
    side = 6.0 if box[2] > 120 else 3.0
    inner = (box[0] + side, box[1] + top, box[2] - 2 * side, box[3] - top - side)
    if inner[2] < _SMALLEST_PX or inner[3] < _SMALLEST_PX:
        return None
    first = _arranged(node, _positions(node), inner)[0]
    return inner if min(first[2], first[3]) >= _SMALLEST_PX else None


def _caption(box: Box) -> Box | None:
    """The strip with the name: two lines where there is room, none where there is not."""
    if box[2] < 56 or box[3] < 44:
        return None
    high = 2 * LINE_PX + 4 if box[2] >= 120 and box[3] >= _TWO_LINES_PX else LINE_PX + 2
    return (box[0], box[1] + 2, box[2], float(high))


def _arranged(node: Node, count: int, room: Box) -> list[Box]:
    """Where ``count`` positions of a container are drawn in a room, in reading order, in whole pixels."""
    left, top, wide, high = room
    if node.is_tank:
        side = min(wide, high)
        left, top = left + (wide - side) / 2, top + (high - side) / 2
        return [
            (round(left + x * side), round(top + y * side), int(across * side), int(across * side))
            for x, y, across in _in_circle(count)
        ]
    rows, columns = _shape(node, count, wide, high)
    gap = _gap(node, min(wide / columns, high / rows))
    step_x, step_y = (wide + gap) / columns, (high + gap) / rows
    if columns == 1 and node.level == "rack" and step_y > _FLATTEST:
        slim = min(step_x, step_y * _FLATTEST)
        left, step_x = left + (step_x - slim) / 2, slim
    across = [round(left + column * step_x) for column in range(columns + 1)]
    along = [round(top + row * step_y) for row in range(rows + 1)]
    places: list[Box] = [
        (x, y, next_x - x - gap, next_y - y - gap)
        for y, next_y in pairwise(along)
        for x, next_x in pairwise(across)
    ]
    return places[:count]


def _gap(node: Node, cell_px: float) -> int:
    """The pixels between two positions."""
    if cell_px < 12:
        return 1
    if cell_px < 24:
        return 2
    return 8 if node.is_floor and cell_px > 60 else 4


def _shape(node: Node, count: int, wide: float, high: float) -> tuple[int, int]:
    """How many rows and columns are drawn."""
    if node.rows > 1:
        return node.rows, node.columns
    if not node.is_floor and count <= _MOST_STACKED:
        return (1, count) if node.level == "shelf" else (count, 1)
    return _folded(count, wide, high, 0.8 if node.is_floor else 1.2)


@lru_cache(maxsize=256)
def _folded(count: int, wide: float, high: float, wanted: float) -> tuple[int, int]:
    """The rows and columns whose cells come nearest to a wanted width by height."""

    def badness(columns: int) -> float:
        rows = -(-count // columns)
        return abs(log((wide / columns) / (high / rows) / wanted)) + (rows * columns - count) / count

    columns = min(range(1, max(1, count) + 1), key=badness)
    return max(1, -(-count // columns)), columns


def _figure(node: Node | None, cell: Box) -> Box:
    """How a thing stands on its floor: a cabinet upright, a tank as wide as high under its name."""
    left, top, wide, high = cell
    if node is None or node.is_ground:
        return cell
    if node.holds_samples:
        side = min(wide, high, _BIGGEST_BOX_PX)
        return (left, top + high - side, side, side)
    caption = _caption(cell)
    head = caption[3] + 7 if caption else 0.0
    tall = int(min(high, wide + head if node.is_tank else wide * 1.9))
    slim = int(min(wide, tall - head if node.is_tank else tall * 0.85))
    return (left + (wide - slim) // 2, top + high - tall, slim, tall)


@lru_cache(maxsize=64)
def _in_circle(count: int) -> tuple[tuple[float, float, float], ...]:
    """So many squares in rows within a circle of diameter 1, as large as fit: left, top, width."""
    for lines in range(1, count + 1):
        for side in (0.98 / (lines + part / 16) for part in range(16)):
            found = _rows_in_circle(lines, side, count)
            if found:
                return found
    raise ValueError(f"no circle holds {count} squares")  # pragma: no cover


def _rows_in_circle(lines: int, side: float, count: int) -> tuple[tuple[float, float, float], ...]:
    first = 0.5 - lines * side / 2
    widths = []
    for line in range(lines):
        y = first + line * side
        reach = max(abs(y - 0.5), abs(y + side - 0.5))
        widths.append(int(2 * sqrt(max(0.0, 0.25 - reach * reach)) / side))
    if sum(widths) < count:
        return ()
    while sum(widths) > count:
        widths[widths.index(max(widths))] -= 1
    gap = side * 0.06
    return tuple(
        (0.5 - width * side / 2 + at * side + gap / 2, first + line * side + gap / 2, side - gap)
        for line, width in enumerate(widths)
        for at in range(width)
    )


def _centre(box: Box) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2
