"""Labels on their way through printers: who sends what, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, and_, bindparam, case, literal, literal_column, select, union_all

from biobank_desktop.domain.printing import LEFT
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_l, _a, _s = tables.label.c, tables.alias.c, tables.sample.c
MAKERS = 0
"""The number of the label that a maker's code under a tube is; ours are counted from 1."""


@dataclass(frozen=True)
class UnderWay:
    """A label that a sender has given to a printer, or is giving."""

    object_id: int
    no: int
    state: str
    printer: str
    sender: str
    sending_at: datetime


_UNDER_WAY = select(_l.object_id, _l.no, _l.state, _l.printer, _l.sender, _l.sending_at).where(
    _l.state.in_(["sending", "held"])
)


def under_way(connection: Connection) -> list[UnderWay]:
    """All labels that a sender has under way, the oldest first."""
    rows = connection.execute(_UNDER_WAY.order_by(_l.sending_at, _l.object_id, _l.no))
    return [UnderWay(*row) for row in rows]


def sending_to(connection: Connection, printer: str, sender: str) -> UnderWay | None:
    """A label that another sender is sending to this printer now."""
    row = connection.execute(
        _UNDER_WAY.where(_l.printer == printer, _l.state == "sending", _l.sender != sender)
        .order_by(_l.sending_at)
        .limit(1)
    ).first()
    return UnderWay(*row) if row else None


_objects: BindParameter[list[int]] = bindparam("objects", expanding=True)
_SCANNED = union_all(
    select(_l.object_id, _l.no, _l.state, case((_l.state.in_(sorted(LEFT)), 1), else_=0).label("rank")).where(
        _l.object_id.in_(_objects), _l.state != "cancelled"
    ),
    select(_a.object_id, literal(MAKERS), literal("verified"), literal(2))
    .join(tables.sample, and_(_s.id == _a.object_id, _s.kind != "tube"))
    .where(_a.object_id.in_(_objects)),
).order_by("rank", "no")
_of_one = tables.label.alias("of_one").c
SCANNED = select(tables.label).where(
    _l.object_id == bindparam("object"),
    _l.no
    == select(_of_one.no)
    .where(_of_one.object_id == bindparam("object"), _of_one.state != "cancelled")
    .order_by(case((_of_one.state.in_(sorted(LEFT)), 1), else_=0).desc(), _of_one.no.desc())
    .limit(literal_column("1"))
    .scalar_subquery(),
)
"""The label of ours that a scan of a thing's code is of: the one that ``scanned_labels`` says."""


@Question
def scanned_labels(connection: Connection, object_ids: Iterable[int]) -> Answer[dict[int, tuple[int, str]]]:
    """Which label of each thing a scan of its code is of, as number and state; without one it is left out.

    A maker's code that was put on the vial by a scan of it needs no other proof: it is label ``MAKERS``. Else
    it is the newest that has left the program, else the newest that was asked for: another one that waits is
    not the one that was scanned.
    """
    parts = [connection.execute(_SCANNED, {"objects": part}) for part in in_parts(object_ids)]
    return lambda: {row.object_id: (row.no, row.state) for rows in parts for row in rows}
