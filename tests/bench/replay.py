"""The raw limit of a write: the very same statements and rows, sent by the bare driver.

Our program's writes are recorded on one database and replayed on a copy made just before. What the replay
saves is everything that is not writing: rules, reads, locks, hashing, building rows.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Recording:
    """The writes of each transaction, in order: (statement, parameters, many)."""

    transactions: list[list[tuple[str, Any, bool]]] = field(default_factory=list)


@contextmanager
def recorded(engine: Engine) -> Iterator[Recording]:
    """Record what the engine writes meanwhile."""
    recording = Recording()

    def begin(_connection: Any) -> None:
        recording.transactions.append([])

    def execute(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(_WRITES):
            recording.transactions[-1].append((statement, parameters, many))

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", execute)
    try:
        yield recording
    finally:
        event.remove(engine, "begin", begin)
        event.remove(engine, "before_cursor_execute", execute)
        recording.transactions = [writes for writes in recording.transactions if writes]


def replay(engine: Engine, recording: Recording) -> list[float]:
    """Send every recorded transaction through the bare driver; how long each took, in seconds."""
    connection = engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    sqlite = engine.dialect.name == "sqlite"
    times = []
    try:
        if not sqlite:
            driver.rollback()
        cursor = driver.cursor()
        for writes in recording.transactions:
            begin = time.perf_counter()
            if sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for statement, parameters, many in writes:
                (cursor.executemany if many else cursor.execute)(statement, parameters)
            if sqlite:
                cursor.execute("COMMIT")
            else:
                driver.commit()
            times.append(time.perf_counter() - begin)
    finally:
        connection.close()
    return times
