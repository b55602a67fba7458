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

from tests.support.attacks import decide, put, vial
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


_TOO_MUCH = (
    "SELECT count(*) FROM sample p"
    " WHERE p.volume_ul < (SELECT sum(taken_ul) FROM sample WHERE parent_id = p.id)"
    " OR p.cells < (SELECT sum(taken_cells) FROM sample WHERE parent_id = p.id)"
)
_LESS = "biobank:more-than-is-left"

OVERTAKINGS = (
    Overtaking(
        "a vial is stored while it becomes void",
        ("UPDATE sample SET state = 'void' WHERE id = :filled",),
        (decide(), put()),
        "biobank:sample-not-filled",
        "SELECT count(*) FROM placement p JOIN sample s ON s.id = p.item_id WHERE s.state = 'void'",
    ),
    Overtaking(
        "a vial becomes void while it is stored",
        (decide(), put()),
        ("UPDATE sample SET state = 'void' WHERE id = :filled",),
        "biobank:sample-in-place",
        "SELECT count(*) FROM placement p JOIN sample s ON s.id = p.item_id WHERE s.state = 'void'",
    ),
    Overtaking(
        "a vial is stored while consent is withdrawn",
        ("UPDATE donor SET consent_head = 1 WHERE id = :donor",),
        (decide(), put()),
        "biobank:no-permitting-decision",
        "SELECT count(*) FROM placement WHERE item_id = :filled",
    ),
    Overtaking(
        "two vials of what is enough for one",
        (vial(taken_ul=3000),),
        (vial(id=":free_box", taken_ul=3000),),
        _LESS,
        _TOO_MUCH,
    ),
    Overtaking(
        "a vial of a tube that gets less",
        ("UPDATE sample SET volume_ul = 1000 WHERE id = :tube",),
        (vial(taken_ul=1),),
        _LESS,
        _TOO_MUCH,
    ),
    Overtaking(
        "a tube gets less while a vial is made of it",
        (vial(taken_ul=4000),),
        ("UPDATE sample SET volume_ul = 4000 WHERE id = :tube",),
        _LESS,
        _TOO_MUCH,
    ),
)


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
