"""Two benches at once on PostgreSQL: what one has not committed yet makes wrong what the other does.

The locks in the triggers make the second wait for the first and judge anew. Without them it does not wait,
and both go through.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.scene import make

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.support.scene import Scene


@dataclass(frozen=True)
class Overtaking:
    """``second`` begins when ``first`` is done but not committed; ``wrong`` counts what must not be then."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    said: str
    wrong: str


class Second(Thread):
    """The second bench; ``said`` is what the database refused it with."""

    def __init__(self, scene: Scene, connection: Connection, statements: tuple[str, ...]) -> None:
        super().__init__()
        self._scene, self._connection, self._statements = scene, connection, statements
        self.said = ""

    def run(self) -> None:
        try:
            make(self._connection, self._scene.names, self._statements)
            self._connection.commit()
        except DBAPIError as error:
            self.said = str(error.orig)


def overtake(scene: Scene, case: Overtaking) -> tuple[str, int]:
    """What was said to the second, and how many things are wrong afterwards."""
    engine = scene.store.engine
    with engine.connect() as first, engine.connect() as other, engine.connect() as watching:
        make(first, scene.names, case.first)
        number = other.execute(text("SELECT pg_backend_pid()")).scalar_one()
        second = Second(scene, other, case.second)
        second.start()
        while second.is_alive() and not _waits(watching, number):
            time.sleep(0.005)
        first.commit()
        second.join()
        asked = text(case.wrong)
        wrong = watching.execute(asked, {name: scene.names[name] for name in asked.compile().params})
        return second.said, int(wrong.scalar_one())


def _waits(connection: Connection, number: int) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'"
    waiting = connection.execute(text(query), {"pid": number}).scalar_one()
    connection.rollback()  # the view stays as it was for as long as the transaction lasts
    return bool(waiting)
