"""What lies in many boxes at once, and what has been written since it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_at, _one, _x = tables.placement.c, tables.sample.c, tables.excursion.c
_subject = tables.event_subject.c


@dataclass(frozen=True)
class Lying:
    """A sample in a box; ``out``: it is out, and its place is kept."""

    box_id: int
    row_no: int
    column_no: int
    item_id: int
    material: str
    time_point: str
    out: bool


_LYING = (
    select(
        _at.container_id, _at.row_no, _at.column_no, _at.item_id, _one.material, _one.time_point,
        _x.out_at.is_not(None),
    )
    .join(tables.sample, _one.id == _at.item_id)
    .outerjoin(tables.excursion, and_(_x.sample_id == _at.item_id, _x.back_at.is_(None)))
    .where(_at.container_id.in_(bindparam("boxes", expanding=True)))
    .order_by(_at.container_id, _at.row_no, _at.column_no)
)  # fmt: skip


def lying(connection: Connection, boxes: Iterable[int]) -> list[Lying]:
    """What lies in these boxes, box by box, in reading order."""
    return [Lying(*row) for row in connection.execute(_LYING, {"boxes": list(boxes)})]


def newest_event(connection: Connection) -> int:
    """The number of the newest event, 0 when there is none."""
    return int(connection.execute(select(func.coalesce(func.max(tables.event.c.id), 0))).scalar_one())


_TOUCHED = select(_subject.subject_id).distinct().where(_subject.event_id.in_(
    select(tables.event.c.id).where(tables.event.c.id > bindparam("after"))
))  # fmt: skip


def touched(connection: Connection, after: int) -> set[int]:
    """What the events above this number are about."""
    return set(connection.execute(_TOUCHED, {"after": after}).scalars())
