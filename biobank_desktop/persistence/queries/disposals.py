"""Lists of what is to be destroyed, given back or told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection


@dataclass(frozen=True)
class DisposalRow:
    """A list: why it was opened, for which donor when for one, and how many of its lines wait for what."""

    no: int
    reason: str
    donor_id: int | None
    note: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    lines: int
    open: int
    unwitnessed: int


@dataclass(frozen=True)
class DisposalLine:
    """A sample on a list; people as their names. ``place`` is where it lies, or lay when it was taken.

    ``release_no``: it was issued in this release.
    """

    sample_id: int
    code: str
    donor: str
    material: str
    time_point: str
    volume_ul: int | None
    cells: int | None
    action: str
    state: str
    place: str
    done_by: str | None
    done_by_name: str
    done_at: datetime | None
    witnessed_by: str | None
    witnessed_by_name: str
    witnessed_at: datetime | None
    note: str
    release_no: int | None


_p, _l, _s, _e = tables.disposal.c, tables.disposal_line.c, tables.sample.c, tables.disposition.c
_done, _seen = tables.person.alias("done"), tables.person.alias("seen")


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_UNSEEN = and_(_l.state == "done", _l.action != "notify")
_LISTS: Select[Any] = (
    select(
        _p.no, _p.reason, _p.donor_id, _p.note, _p.state, _p.opened_at, _p.closed_at,
        func.count(_l.sample_id).label("lines"), _counted(_l.state == "open").label("open"),
        _counted(_UNSEEN).label("unwitnessed"),
    )
    .outerjoin(tables.disposal_line, _l.disposal_no == _p.no)
    .group_by(*[column for column in _p if column.name not in {"stream_id", "command_id"}])
    .order_by(_p.no.desc())
)  # fmt: skip
_LINES: Select[Any] = (
    select(
        _l.sample_id, _s.donor_id, _s.material, _s.time_point, _s.volume_ul, _s.cells, _l.action, _l.state,
        _l.place, _l.done_by, _done.c.name.label("done_by_name"), _l.done_at, _l.witnessed_by,
        _seen.c.name.label("witnessed_by_name"), _l.witnessed_at, _l.note, _e.release_no,
    )
    .join(tables.sample, _s.id == _l.sample_id)
    .outerjoin(_done, _done.c.login == _l.done_by)
    .outerjoin(_seen, _seen.c.login == _l.witnessed_by)
    .outerjoin(tables.disposition, _e.sample_id == _l.sample_id)
    .where(_l.disposal_no == bindparam("no"))
    .order_by(_l.action, _l.place, _l.sample_id)
)  # fmt: skip


def lists(connection: Connection, *, state: str | None = None, limit: int = 500) -> list[DisposalRow]:
    """The lists, newest first: of one state when asked."""
    statement = _LISTS.limit(limit)
    rows = connection.execute(statement if state is None else statement.where(_p.state == state))
    return [DisposalRow(**row._asdict()) for row in rows]


def of_number(connection: Connection, no: int) -> DisposalRow | None:
    """The list of a number."""
    row = connection.execute(_LISTS.where(_p.no == no)).first()
    return DisposalRow(**row._asdict()) if row else None


def last_command(connection: Connection, no: int) -> UUID:
    """The command that wrote about a list last: of a closed one, that closed it. Raises ``LookupError``."""
    row = connection.execute(select(_p.command_id).where(_p.no == no)).first()
    if row is None:
        raise LookupError(no)
    command: UUID = row.command_id
    return command


def newest_of(connection: Connection, donor_id: int) -> int | None:
    """The number of the newest list of a donor."""
    number: int | None = connection.execute(select(func.max(_p.no)).where(_p.donor_id == donor_id)).scalar()
    return number


def listed(connection: Connection) -> frozenset[int]:
    """The numbers of all samples that stand on an open list and were not taken off it."""
    waiting = _l.state.in_(["open", "done"])
    return frozenset(connection.execute(select(_l.sample_id).where(waiting)).scalars())


def lines(connection: Connection, no: int) -> list[DisposalLine]:
    """What is on a list: by what is to be done, then by place, so that nobody walks twice."""
    return [_line(row._asdict()) for row in connection.execute(_LINES, {"no": no})]


def _line(row: dict[str, Any]) -> DisposalLine:
    donor_id = row.pop("donor_id")
    names: dict[str, Any] = {name: row.pop(name) or "" for name in ("done_by_name", "witnessed_by_name")}
    code, donor = codes.from_number(row["sample_id"]), codes.from_number(donor_id)
    return DisposalLine(code=code, donor=donor, **names, **row)
