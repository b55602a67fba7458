"""Moves: what is to lie where, and how a list of codes and places is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.lists import rows
from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime

MOST_ROWS = 100_000
_PART = 500
_BETWEEN = re.compile(r"\s+/\s+")


@dataclass(frozen=True)
class Move:
    """One thing and where it is to lie: codes (of a container also its name), the position as it is called.

    An empty position is the next free one. ``line`` is that of the list it came from, 0 when it is from none.
    """

    item: str
    to: str
    position: str = ""
    line: int = 0


@dataclass(frozen=True)
class MoveForm:
    """Moves that are made together or not at all.

    ``out_at``: since when the things had been out of the cold, None when nobody looked. ``even_warmer``: also
    to where it is warmer than a thing may be kept, because there is no other place; that needs a reason.
    """

    moves: tuple[Move, ...]
    why: str = ""
    out_at: datetime | None = None
    even_warmer: bool = False


def at(problem: Problem, line: int) -> Problem:
    """The problem of a line of a list, as one of the list."""
    if not line:
        return problem
    return replace(problem, field=f"line {line}")


def line_of(problem: Problem) -> int:
    """The line of a list that a problem is about; 0 when it is about the whole list."""
    word, _, line = problem.field.partition(" ")
    return int(line) if word == "line" and line.isdecimal() else 0


def read_list(text: str, box: str = "") -> tuple[list[Move], list[Problem]]:
    """The moves of a list, a line each, and everything that cannot be read in it.

    Columns are separated by tabs, semicolons or commas: code and position in ``box``; code and whole place
    (``BX00123 / C4``, also with what is around the box); or code, box and position. A first line of headings
    and empty lines are no rows.
    """
    parts = read_in_parts(text, box)
    while True:
        try:
            next(parts)
        except StopIteration as whole:
            moves, problems = whole.value
            return moves, problems


def read_in_parts(text: str, box: str = "") -> Generator[int, None, tuple[list[Move], list[Problem]]]:
    """``read_list`` for those who do other things meanwhile: says after some lines how many it has read."""
    moves: list[Move] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, cells in rows(text):
        if len(moves) + len(problems) >= MOST_ROWS:
            problems.append(Problem(f"line {line}", "list-too-long", {"most": MOST_ROWS}))
            break
        if line % _PART == 0:
            yield line
        move = _move(cells, box, line)
        if isinstance(move, Problem):
            problems.append(move)
            continue
        code = codes.parse(move.item)
        known = code or move.item
        if known in seen:
            values = {"code": codes.group(code) if code else move.item, "line": seen[known]}
            problems.append(Problem(f"line {line}", "listed-twice", values))
            continue
        seen[known] = line
        moves.append(move)
    if not moves and not problems:
        problems.append(Problem("rows", "list-empty"))
    return moves, problems


def _move(cells: Sequence[str], box: str, line: int) -> Move | Problem:
    field = f"line {line}"
    if not cells[0]:
        return Problem(field, "list-code-missing")
    if len(cells) == 3:
        return Move(cells[0], cells[1], cells[2], line)
    if len(cells) != 2:
        return Problem(field, "list-columns", {"count": len(cells)})
    way = _BETWEEN.split(cells[1])
    if len(way) > 1:
        return Move(cells[0], way[-2], way[-1], line)
    if not box:
        return Problem(field, "list-box-missing", {"place": cells[1]})
    return Move(cells[0], box, cells[1], line)
