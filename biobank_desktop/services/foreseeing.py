"""What a list would do before it is loaded: every line that cannot be done, what is stored, what moves.

Consent is asked when the list is loaded, with everything held; all else is known before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.moves import MoveForm, line_of, read_in_parts
from biobank_desktop.domain.problems import stops
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.move_orders import (
    container_problems,
    orders_of,
    sample_problems,
    target_problems,
)
from biobank_desktop.services.positions import choose, room_in

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.moves import Move
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.persistence.queries.containers import Place
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.move_orders import Order

STEP = 30
"""Lines of which one step of at most 20 ms asks the database."""


@dataclass(frozen=True)
class Foreseen:
    """What a list would do: its moves, what is wrong with which line, how many things go into which box.

    ``anew`` of them lie nowhere yet, ``moved`` lie somewhere; ``warnings`` stop none of them.
    """

    moves: tuple[Move, ...]
    problems: tuple[Problem, ...]
    anew: int = 0
    moved: int = 0
    boxes: tuple[tuple[str, int], ...] = ()
    warnings: tuple[Problem, ...] = ()


def foresee(store: Store, text: str, box: str, login: str, at: datetime) -> Steps[Foreseen]:
    """Read a list and ask of every line whether it can be carried out; nothing is written."""
    moves, problems = yield from _read(text, box)
    into: dict[int, list[Order]] = defaultdict(list)
    leaving: dict[int, set[Position]] = defaultdict(set)
    moved = known = 0
    for begin in range(0, len(moves), STEP):
        part = moves[begin : begin + STEP]
        with store.read() as connection:
            found, wrong = orders_of(connection, part)
            lying = containers.places(connection, [order.item_id for order in found])
            problems += wrong + _of_orders(connection, found, lying)
        moved, known = moved + len(lying), known + len(found)
        for order in found:
            into[order.target.id].append(order)
        for place in lying.values():
            leaving[place.container_id].add((place.row_no, place.column_no))
        yield Progress(begin + len(part), len(moves))
    for number, of_box in into.items():
        with store.read() as connection:
            wanted = [order.move.position for order in of_box]
            room, target = room_in(connection, number), of_box[0].target
            _at, wrong_at = choose(connection, target, room, wanted, leaving[number], (login, at))
        problems += [order.says(one) for order, one in zip(of_box, wrong_at, strict=True) if one is not None]
        yield Progress(len(moves), len(moves))
    return Foreseen(
        tuple(moves),
        tuple(sorted(stops(problems), key=line_of)),
        known - moved,
        moved,
        tuple((of_box[0].target.name, len(of_box)) for of_box in into.values()),
        tuple(sorted((one for one in problems if one.warning), key=line_of)),
    )


def _read(text: str, box: str) -> Steps[tuple[list[Move], list[Problem]]]:
    parts = read_in_parts(text, box)
    while True:
        try:
            lines = next(parts)
        except StopIteration as whole:
            moves, problems = whole.value
            return moves, problems
        yield Progress(0, lines)


def _of_orders(connection: Connection, orders: list[Order], lying: dict[int, Place]) -> list[Problem]:
    if not orders:
        return []
    of_samples = [(order, order.sample) for order in orders if order.sample is not None]
    problems = target_problems(connection, orders)
    problems += sample_problems(connection, of_samples, lying, MoveForm(()), new=True)
    for order in orders:
        if order.container is not None:
            found = container_problems(connection, order.container, order.target)
            problems += [order.says(problem) for problem in found]
    return problems
