"""Positions in a box: their labels, the order in which a box fills, and where the next vials go.

A position is (row, column), both from 1; row 1, column 1 is the corner at the box's notch, top left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import count, islice, product
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

Position = tuple[int, int]

LABELS = ("letters", "letters-without-i", "numbers", "numbers-padded", "running")
"""How rows and columns are named; "running" numbers the whole grid 1, 2, 3 … in reading order."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST = 20
_TYPED = re.compile(r"([A-Z]+|[0-9]+)[\s./:;,-]*([A-Z]+|[0-9]+)")


def _rows_from_top_left(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for row in range(1, rows + 1) for column in range(1, columns + 1))


def _rows_from_top_right(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for row in range(1, rows + 1) for column in range(columns, 0, -1))


def _rows_from_bottom_left(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for row in range(rows, 0, -1) for column in range(1, columns + 1))


def _rows_from_bottom_right(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for row in range(rows, 0, -1) for column in range(columns, 0, -1))


def _columns_from_top_left(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for column in range(1, columns + 1) for row in range(1, rows + 1))


def _columns_from_top_right(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for column in range(columns, 0, -1) for row in range(1, rows + 1))


def _columns_from_bottom_left(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for column in range(1, columns + 1) for row in range(rows, 0, -1))


def _columns_from_bottom_right(rows: int, columns: int) -> Iterator[Position]:
    return ((row, column) for column in range(columns, 0, -1) for row in range(rows, 0, -1))


FILL_ORDERS: Mapping[str, Callable[[int, int], Iterator[Position]]] = MappingProxyType(
    {
        "rows-from-top-left": _rows_from_top_left,
        "rows-from-top-right": _rows_from_top_right,
        "rows-from-bottom-left": _rows_from_bottom_left,
        "rows-from-bottom-right": _rows_from_bottom_right,
        "columns-from-top-left": _columns_from_top_left,
        "columns-from-top-right": _columns_from_top_right,
        "columns-from-bottom-left": _columns_from_bottom_left,
        "columns-from-bottom-right": _columns_from_bottom_right,
    }
)


@dataclass(frozen=True)
class Grid:
    """A grid with the names of its rows and columns and the order in which it fills.

    Raises ``ValueError`` for a size below 1, an unknown scheme or order, and for names that cannot be told
    apart (letters with letters, "running" with anything else).
    """

    rows: int
    columns: int
    row_labels: str = "letters"
    column_labels: str = "numbers"
    fill_order: str = "rows-from-top-left"

    def __post_init__(self) -> None:
        schemes = (self.row_labels, self.column_labels)
        if self.rows < 1 or self.columns < 1:
            raise ValueError(f"no grid of {self.rows} × {self.columns}")
        if any(scheme not in LABELS for scheme in schemes) or self.fill_order not in FILL_ORDERS:
            raise ValueError(f"unknown scheme in {schemes} or fill order {self.fill_order!r}")
        if all(scheme.startswith("letters") for scheme in schemes):
            raise ValueError("rows and columns cannot both be letters")
        if ("running" in schemes) and schemes != ("running", "running"):
            raise ValueError("running numbers name both rows and columns")

    @property
    def capacity(self) -> int:
        """How many positions there are."""
        return self.rows * self.columns

    def order(self) -> Iterator[Position]:
        """Every position once, in the order of filling."""
        return FILL_ORDERS[self.fill_order](self.rows, self.columns)

    def row_names(self) -> tuple[str, ...]:
        """The names along the side of the box."""
        return names(self.row_labels, self.rows)

    def column_names(self) -> tuple[str, ...]:
        """The names along the top of the box."""
        return names(self.column_labels, self.columns)

    def label(self, position: Position) -> str:
        """The name of a position: A1, A01, 3-4, 12 in a running box. Raises ``IndexError`` off the grid."""
        row, column = position
        if not (1 <= row <= self.rows and 1 <= column <= self.columns):
            raise IndexError(f"{position} is not on a grid of {self.rows} × {self.columns}")
        if self.row_labels == "running":
            return str((row - 1) * self.columns + column)
        first, second = self.row_names()[row - 1], self.column_names()[column - 1]
        return f"{first}-{second}" if first.isdecimal() and second.isdecimal() else first + second

    def parse(self, text: str) -> Position | None:
        """The position a person means by "A1", "a01", "A-1" …, or None when the grid has no such one."""
        typed = text.strip().upper()
        if len(typed) > _LONGEST:
            return None
        if self.row_labels == "running":
            place = _index(names(self.row_labels, self.capacity), typed)
            return ((place - 1) // self.columns + 1, (place - 1) % self.columns + 1) if place else None
        match = _TYPED.fullmatch(typed)
        if match is None or typed.isdecimal():  # 112 could be 1-12 or 11-2
            return None
        row, column = _index(self.row_names(), match[1]), _index(self.column_names(), match[2])
        return (row, column) if row and column else None


@cache
def names(scheme: str, length: int) -> tuple[str, ...]:
    """The first ``length`` names of a scheme: A, B, … Z, AA; 1, 2 (running ones, too); 01, 02."""
    if scheme.startswith("letters"):
        letters = _LETTERS.replace("I", "") if scheme == "letters-without-i" else _LETTERS
        words = ("".join(word) for size in count(1) for word in product(letters, repeat=size))
        return tuple(islice(words, length))
    numbers = map(str, range(1, length + 1))
    if scheme == "numbers-padded":
        return tuple(number.zfill(max(2, len(str(length)))) for number in numbers)
    return tuple(numbers)


def _index(known: tuple[str, ...], typed: str) -> int:
    """The place from 1 of a typed name among ``known``, 0 when it is not one; leading zeros do not matter."""
    wanted = typed.lstrip("0")
    return next((place for place, name in enumerate(known, 1) if name.lstrip("0") == wanted), 0)


def free_positions(
    grid: Grid, occupied: Collection[Position], wanted: int, start: Position | None = None
) -> tuple[Position, ...]:
    """Where ``wanted`` vials go: the first free run that holds them together, else the first free ones.

    From ``start`` on in filling order, then from the beginning. Fewer when the box has no more room.
    """
    order = list(grid.order())
    begin = order.index(start) if start in order else 0
    taken = frozenset(occupied)
    parts = (order[begin:], order[:begin])
    runs = [run for part in parts for run in _runs(part, taken)]
    whole = next((run for run in runs if len(run) >= wanted), None)
    return tuple((whole or [position for run in runs for position in run])[:wanted])


def longest_run(grid: Grid, occupied: Collection[Position]) -> int:
    """How many vials still fit next to each other, in filling order."""
    return max(len(run) for run in _runs(list(grid.order()), frozenset(occupied)))


def _runs(order: list[Position], taken: frozenset[Position]) -> Iterator[list[Position]]:
    """The unbroken free stretches of an order, empty ones where two taken positions meet."""
    run: list[Position] = []
    for position in order:
        if position in taken:
            yield run
            run = []
        else:
            run.append(position)
    yield run
