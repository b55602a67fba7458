"""Four writers on 2,000 wells: no well holds two vials, no vial lies in two wells, nothing said is untrue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from tests.support.processes import PROCESSES
from tests.support.racing import GRID, Well, Writer, fill_boxes, race
from tests.support.rows import do, enter_box, enter_family

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

WRITERS = 4
BOXES = 20
WELLS = BOXES * GRID[0] * GRID[1]


def _writers(store: Store) -> list[Writer]:
    boxes = tuple(enter_box(store, *GRID) for _ in range(BOXES))
    return [Writer(enter_family(store, WELLS, taken_ul=0), boxes, seed) for seed in range(WRITERS)]


def _judge(store: Store, said: list[dict[int, Well]]) -> None:
    placement = tables.placement.c
    wells = select(placement.item_id, placement.container_id, placement.row_no, placement.column_no)
    with store.read() as connection:
        here = {row[0]: (row[1], row[2], row[3]) for row in connection.execute(wells)}
    assert len(set(here.values())) == len(here)
    together = [pair for one in said for pair in one.items()]
    assert len(together) == len(here)
    assert dict(together) == here
    assert len(here) > WELLS * 0.8  # they raced for all of it …
    assert all(one for one in said)  # … and none was left out
    seal(store)
    assert Verification(store).run() == []


@pytest.mark.soak
def test_four_processes_on_postgresql(postgres_store: Store) -> None:
    writers = _writers(postgres_store)
    address = postgres_store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    start, said = PROCESSES.Barrier(WRITERS), []
    running = []
    for writer in writers:
        mine, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=race, args=(address, writer, start, theirs))
        process.start()
        theirs.close()
        running.append((process, mine))
    for process, mine in running:
        said.append(mine.recv())
        process.join()
        assert process.exitcode == 0
        process.close()
        mine.close()
    _judge(postgres_store, said)


@pytest.mark.soak
def test_four_threads_on_sqlite(sqlite_store: Store) -> None:
    """As in the program: the one connection belongs to one thread, which takes command after command."""
    writers = _writers(sqlite_store)
    with ThreadPoolExecutor(1) as owner, ThreadPoolExecutor(WRITERS) as threads:

        def put(body: Callable[[Work], dict[str, object]]) -> None:
            owner.submit(do, sqlite_store, body, "placed").result()

        said = list(threads.map(lambda writer: fill_boxes(writer, put), writers))
    _judge(sqlite_store, said)
