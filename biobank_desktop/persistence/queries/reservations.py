"""Reserved positions: whose, for what and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class ReservationRow:
    """A position that a person keeps free; after ``until`` it binds nobody."""

    container_id: int
    container: str
    row_no: int
    column_no: int
    login: str
    name: str
    what: str
    until: datetime


_r, _box = tables.reservation.c, tables.container.c
_RESERVED = (
    select(
        _r.container_id,
        _box.name.label("container"),
        _r.row_no,
        _r.column_no,
        _r.login,
        tables.person.c.name,
        _r.what,
        _r.until,
    )
    .join(tables.container, _box.id == _r.container_id)
    .join(tables.person, tables.person.c.login == _r.login)
)
_OF_CONTAINER = _RESERVED.where(_r.container_id == bindparam("container"))


@Question
def of_container(connection: Connection, container_id: int) -> Answer[dict[tuple[int, int], ReservationRow]]:
    """The reserved positions of a container, those that have run out among them."""
    rows = connection.execute(_OF_CONTAINER, {"container": container_id})
    return lambda: {(row.row_no, row.column_no): ReservationRow(**row._asdict()) for row in rows}


def over_before(connection: Connection, moment: datetime) -> list[ReservationRow]:
    """The reservations that ran out before a moment, the longest ago first."""
    rows = connection.execute(_RESERVED.where(_r.until < moment).order_by(_r.until, _box.name))
    return [ReservationRow(**row._asdict()) for row in rows]
