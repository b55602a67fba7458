"""Four writers who want the same wells: each tries to put its own vials where another may be faster."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Conflict
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.store import Store
from tests.support.rows import Family, decision_row, do, placement_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier

    from biobank_desktop.persistence.work import Work

GRID = (10, 10)
TOGETHER = 4

Well = tuple[int, int, int]


@dataclass(frozen=True)
class Writer:
    """One bench: its vials, the boxes it wants to fill, and the seed of the order in which it does."""

    family: Family
    boxes: tuple[int, ...]
    seed: int


def fill_boxes(writer: Writer, put: Callable[[Callable[[Work], dict[str, Any]]], object]) -> dict[int, Well]:
    """Try every well once, a few at a time from an own offset; returns what was acknowledged: vial → well.

    Nothing is held first, as the services would: the keys alone must keep two vials apart. Within a command
    the wells come in one order for everybody, so that waiting for each other's keys is no deadlock.
    """
    wells = [(box, row, column) for box in writer.boxes for row in range(1, 11) for column in range(1, 11)]
    order, vials = random.Random(writer.seed), iter(writer.family.aliquots)
    stored: dict[int, Well] = {}
    waiting: list[int] = []
    for group in _groups(wells, order):
        waiting += [next(vials) for _ in range(len(group) - len(waiting))]
        pairs = list(zip(waiting, group, strict=False))
        try:
            put(lambda work, pairs=pairs: _place(work, writer.family.donor, pairs))  # type: ignore[misc]
        except Conflict:
            continue
        stored.update(pairs)
        del waiting[: len(pairs)]
    return stored


def _groups(wells: list[Well], order: random.Random) -> Iterator[list[Well]]:
    offset = order.randrange(TOGETHER)
    starts = [0, *range(offset or TOGETHER, len(wells), TOGETHER), len(wells)]
    groups = [wells[start:end] for start, end in itertools.pairwise(starts)]
    for place in range(0, len(groups), 10):  # near each other in time, yet each in an own order
        near = groups[place : place + 10]
        order.shuffle(near)
        yield from near


def _place(work: Work, donor: int, pairs: list[tuple[int, Well]]) -> dict[str, Any]:
    work.insert(tables.decision, [decision_row(donor)])
    for vial, (box, row, column) in pairs:
        work.insert(tables.placement, [placement_row(vial, box, (row, column), GRID)])
    return {}


def race(address: str, writer: Writer, start: Barrier, out: Connection) -> None:
    """The race as a process of its own, on a database of one's own connection."""
    store = Store(make_engine(address))
    with store.read():
        pass
    start.wait(timeout=60)
    out.send(fill_boxes(writer, lambda body: do(store, body, "placed")))
    store.close()
