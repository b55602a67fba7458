"""Releases of material to studies, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, case, func, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class ReleaseRow:
    """A release: to whom, for what, and how many vials are chosen or were issued, and refused."""

    no: int
    study: str
    recipient: str
    institution: str
    address: str
    country: str
    recipient_kind: str
    bdac: str
    uses: tuple[str, ...]
    purposes: tuple[str, ...]
    transport: str
    note: str
    state: str
    opened_at: datetime
    issued_at: datetime | None
    vials: int
    refused: int


@dataclass(frozen=True)
class ReleaseLine:
    """A vial in a release; ``reasons`` (code and values) say why it was refused or taken out again."""

    sample_id: int
    code: str
    donor_id: int
    donor: str
    material: str
    parent_material: str | None
    time_point: str
    volume_ul: int | None
    cells: int | None
    sprec: str | None
    state: str
    reasons: tuple[dict[str, Any], ...]
    ended: str | None


_r, _l, _s, _e = tables.release.c, tables.release_line.c, tables.sample.c, tables.disposition.c
_c, _p = tables.command.c, tables.person.c
_HEAD = [column for column in _r if column.name not in {"stream_id", "command_id"}]


def _counted(*states: str) -> Any:
    return func.coalesce(func.sum(case((_l.state.in_(states), 1), else_=0)), 0)


_ALL: Select[Any] = (
    select(*_HEAD, _counted("chosen", "issued").label("vials"), _counted("refused").label("refused"))
    .outerjoin(tables.release_line, _l.release_no == _r.no)
    .group_by(*_HEAD)
    .order_by(_r.no.desc())
)
_LINES: Select[Any] = (
    select(
        _l.sample_id, _s.donor_id, _s.material, _s.parent_material, _s.time_point, _s.volume_ul, _s.cells,
        _s.sprec, _l.state, _l.reasons, _e.kind.label("ended"),
    )
    .join(tables.sample, _s.id == _l.sample_id)
    .outerjoin(tables.disposition, _e.sample_id == _l.sample_id)
    .where(_l.release_no == bindparam("no"))
    .order_by(_l.sample_id)
)  # fmt: skip

_LAST_BY = (
    select(func.coalesce(_p.name, _c.login))
    .select_from(tables.release)
    .join(tables.command, _c.id == _r.command_id)
    .outerjoin(tables.person, _p.login == _c.login)
    .where(_r.no == bindparam("no"))
)


def releases(
    connection: Connection, *, state: str | None = None, limit: int | None = 500
) -> list[ReleaseRow]:
    """The releases, newest first: of one state when asked."""
    asked = _ALL if state is None else _ALL.where(_r.state == state)
    return [_row(row) for row in connection.execute(asked.limit(limit))]


def of_number(connection: Connection, no: int) -> ReleaseRow | None:
    """The release of a number."""
    row = connection.execute(_ALL.where(_r.no == no)).first()
    return _row(row) if row else None


def last_written_by(connection: Connection, no: int) -> str:
    """Who wrote a release last, as a name: of an issued one, who issued it."""
    return str(connection.execute(_LAST_BY, {"no": no}).scalar_one())


def of_samples(connection: Connection, ids: Iterable[int]) -> list[tuple[ReleaseRow, int, str]]:
    """The releases that these samples are chosen for or were issued in: (release, sample, state)."""
    asked = select(_l.release_no, _l.sample_id, _l.state).where(
        _l.sample_id.in_(list(ids)), _l.state.in_(["chosen", "issued"])
    )
    found = connection.execute(asked.order_by(_l.release_no, _l.sample_id)).fetchall()
    numbers = sorted({row.release_no for row in found})
    heads = {row.no: _row(row) for row in connection.execute(_ALL.where(_r.no.in_(numbers)))}
    return [(heads[row.release_no], row.sample_id, row.state) for row in found]


def lines(connection: Connection, no: int) -> list[ReleaseLine]:
    """The vials of a release, in the order of their codes."""
    return [
        ReleaseLine(
            code=codes.from_number(row.sample_id),
            donor=codes.from_number(row.donor_id),
            **{**row._asdict(), "reasons": tuple(row.reasons)},
        )
        for row in connection.execute(_LINES, {"no": no})
    ]


def _row(row: Any) -> ReleaseRow:
    told = row._asdict()
    return ReleaseRow(**{**told, "uses": tuple(told["uses"]), "purposes": tuple(told["purposes"])})
