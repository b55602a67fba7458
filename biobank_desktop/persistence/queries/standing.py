"""How samples stand: whether one is out of its place, held back, chosen, on a list, or has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, true

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Standing:
    """Where a sample is in its later life; None throughout: it is simply kept.

    ``ended`` is how it ended (``domain.use.Ending``), ``out_at`` since when it is out of its place,
    ``nonconformity`` the number under which it is held back, ``release`` that of the open release it is
    chosen for, ``disposal`` that of the list it is on.
    """

    sample_id: int
    ended: str | None = None
    ended_at: datetime | None = None
    issued_in: int | None = None
    out_at: datetime | None = None
    nonconformity: int | None = None
    release: int | None = None
    disposal: int | None = None


@dataclass(frozen=True)
class ExcursionRow:
    """A time out of the cold; ``back_at`` None: it is out now."""

    no: int
    out_at: datetime
    back_at: datetime | None
    thawed: bool
    why: str


@dataclass(frozen=True)
class ConsumptionRow:
    """What was used of a sample, in µL or cells; None is not measured."""

    no: int
    at: datetime
    ul: int | None
    cells: int | None
    purpose: str
    what: str
    into_id: int | None
    login: str


_s, _e, _x = tables.sample.c, tables.disposition.c, tables.excursion.c
_q, _l, _d = tables.quarantine.c, tables.release_line.c, tables.disposal_line.c
_u, _asked = tables.consumption.c, tables.command.c

holding = or_(_q.decision.is_(None), _q.decision == "destroy")
"""What holds a sample back: nobody has decided, or it is to be destroyed."""

_STANDING: Select[Any] = (
    select(
        _s.id, _e.kind, _e.at, _e.release_no, _x.out_at,
        select(func.min(_q.nonconformity_no)).where(_q.sample_id == _s.id, holding).scalar_subquery(),
        select(_l.release_no).where(_l.sample_id == _s.id, _l.state == "chosen").scalar_subquery(),
        select(_d.disposal_no)
        .where(_d.sample_id == _s.id, or_(_d.state == "open", _d.state == "done"))
        .scalar_subquery(),
    )
    .outerjoin(tables.disposition, _e.sample_id == _s.id)
    .outerjoin(tables.excursion, and_(_x.sample_id == _s.id, _x.back_at.is_(None)))
    .where(_s.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip
_EXCURSIONS = select(_x.no, _x.out_at, _x.back_at, _x.thawed, _x.why).where(
    _x.sample_id == bindparam("sample")
)
_CONSUMED: Select[Any] = (
    select(_u.no, _u.at, _u.ul, _u.cells, _u.purpose, _u.what, _u.into_id, _asked.login)
    .join(tables.command, _asked.id == _u.command_id)
    .where(_u.sample_id == bindparam("sample"))
    .order_by(_u.no)
)
_TAKEN = (
    select(func.sum(_s.taken_ul).label("ul"), func.sum(_s.taken_cells).label("cells"))
    .where(_s.parent_id == bindparam("sample"))
    .subquery("taken")
)
_USED = (
    select(func.sum(_u.ul).label("ul"), func.sum(_u.cells).label("cells"))
    .where(_u.sample_id == bindparam("sample"))
    .subquery("used")
)
_GONE = select(_TAKEN.c.ul, _TAKEN.c.cells, _USED.c.ul, _USED.c.cells).join_from(_TAKEN, _USED, true())


@Question
def standings(connection: Connection, ids: Iterable[int]) -> Answer[dict[int, Standing]]:
    """How each of these samples stands."""
    parts = [connection.execute(_STANDING, {"ids": part}) for part in in_parts(ids)]
    return lambda: {row[0]: Standing(*row) for rows in parts for row in rows}


def excursions(connection: Connection, sample_id: int) -> list[ExcursionRow]:
    """Every time a sample was out of its place, in order."""
    rows = connection.execute(_EXCURSIONS.order_by(_x.no), {"sample": sample_id})
    return [ExcursionRow(**row._asdict()) for row in rows]


def consumptions(connection: Connection, sample_id: int) -> list[ConsumptionRow]:
    """Everything that was used of a sample, in order."""
    return [ConsumptionRow(**row._asdict()) for row in connection.execute(_CONSUMED, {"sample": sample_id})]


@Question
def gone_from(connection: Connection, sample_id: int) -> Answer[tuple[int, int]]:
    """What was taken from a sample by what was made of it and by its uses, in µL and in cells."""
    asked = connection.execute(_GONE, {"sample": sample_id})

    def read() -> tuple[int, int]:
        taken_ul, taken_cells, used_ul, used_cells = (int(gone or 0) for gone in asked.one())
        return taken_ul + used_ul, taken_cells + used_cells

    return read
