"""What the colours of a box need to know of its vials, in one reading each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class WellRow:
    """A vial in its place: what was filled, what is gone of it, and when somebody last had it in hand.

    ``received_at`` is the receipt of its tube, ``label`` the state of its newest label; a maker's code that
    was put on it by a scan is proved.
    """

    item_id: int
    donor_id: int
    material: str
    since: datetime
    received_at: datetime | None
    back_at: datetime | None
    verified_at: datetime | None
    label: str | None
    volume_ul: int | None
    cells: int | None
    gone_ul: int
    gone_cells: int


_at, _s, _r = tables.placement.c, tables.sample.c, tables.receipt.c
_x, _n, _u = tables.excursion.c, tables.label.c, tables.consumption.c
_child = aliased(tables.sample).c


def _of_vial(what: Any, of: Any) -> Any:
    return select(what).where(of == _s.id).correlate(tables.sample).scalar_subquery()


def _gone(child: Any, used: Any) -> Any:
    return _of_vial(func.coalesce(func.sum(child), 0), _child.parent_id) + _of_vial(
        func.coalesce(func.sum(used), 0), _u.sample_id
    )


_newest_label = (
    select(_n.state)
    .where(_n.object_id == _s.id)
    .order_by(_n.no.desc())
    .limit(1)
    .correlate(tables.sample)
    .scalar_subquery()
)
_has_makers_code = (
    exists().where(tables.alias.c.object_id == _s.id, _s.kind != "tube").correlate(tables.sample)
)
_WELLS: Select[Any] = (
    select(
        _at.item_id, _s.donor_id, _s.material, _at.since, _r.received_at,
        _of_vial(func.max(_x.back_at, type_=_x.back_at.type), _x.sample_id).label("back_at"),
        _of_vial(func.max(_n.verified_at, type_=_n.verified_at.type), _n.object_id).label("verified_at"),
        case((_has_makers_code, "verified"), else_=_newest_label).label("label"), _s.volume_ul, _s.cells,
        _gone(_child.taken_ul, _u.ul).label("gone_ul"),
        _gone(_child.taken_cells, _u.cells).label("gone_cells"),
    )
    .select_from(tables.placement)
    .join(tables.sample, _s.id == _at.item_id)
    .outerjoin(tables.receipt, _r.sample_id == func.coalesce(_s.origin_id, _s.parent_id, _s.id))
    .where(_at.container_id == bindparam("box"))
    .order_by(_at.row_no, _at.column_no)
)  # fmt: skip


def wells(connection: Connection, box_id: int) -> list[WellRow]:
    """The vials of a box, by position."""
    rows = connection.execute(_WELLS, {"box": box_id})
    return [
        WellRow(**row._asdict() | {"gone_ul": int(row.gone_ul), "gone_cells": int(row.gone_cells)})
        for row in rows
    ]
