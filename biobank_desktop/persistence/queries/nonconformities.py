"""Nonconforming work: what was found, what it holds back, and what a cause may have touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

MOST_TOUCHED = 5000


@dataclass(frozen=True)
class NonconformityRow:
    """Something that was found; ``found_by`` as a name; how many samples it holds back, and undecided."""

    no: int
    kind: str
    what: str
    cause: dict[str, Any]
    found_by: str
    found_at: datetime
    state: str
    conclusion: str
    samples: int
    undecided: int


@dataclass(frozen=True)
class HeldSample:
    """A sample that is or was held back; ``decision`` None: nobody has decided. ``ended``: how, if it has."""

    sample_id: int
    code: str
    donor: str
    material: str
    time_point: str
    decision: str | None
    decided_by: str
    reason: str
    ended: str | None
    release_no: int | None


@dataclass(frozen=True)
class TouchedSample:
    """A sample that a cause may have touched: where it is, or how it ended (``issued`` in which release)."""

    sample_id: int
    code: str
    kind: str
    donor: str
    material: str
    time_point: str
    state: str
    box_id: int | None
    box: str | None
    ended: str | None
    release_no: int | None
    nonconformity: int | None


@dataclass(frozen=True)
class Suspicion:
    """A cause as the database knows it: numbers for codes, None for what is not asked.

    ``within`` are the samples that lay in the container that is asked about.
    """

    donor_id: int | None = None
    lot: str | None = None
    device: str | None = None
    within: frozenset[int] | None = None
    login: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_n, _q, _s, _e = tables.nonconformity.c, tables.quarantine.c, tables.sample.c, tables.disposition.c
_x, _c, _at, _t = tables.event.c, tables.command.c, tables.placement.c, tables.step.c
_found, _judge = tables.person.alias("found"), tables.person.alias("judge")

_ALL: Select[Any] = (
    select(
        _n.no, _n.kind, _n.what, _n.cause, func.coalesce(_found.c.name, _n.found_by).label("found_by"),
        _n.found_at, _n.state, _n.conclusion, func.count(_q.sample_id).label("samples"),
        func.coalesce(func.sum(case((and_(_q.sample_id.is_not(None), _q.decision.is_(None)), 1), else_=0)), 0)
        .label("undecided"),
    )
    .outerjoin(_found, _found.c.login == _n.found_by)
    .outerjoin(tables.quarantine, _q.nonconformity_no == _n.no)
    .group_by(
        _n.no, _n.kind, _n.what, _n.cause, _found.c.name, _n.found_by, _n.found_at, _n.state, _n.conclusion
    )
    .order_by(_n.no.desc())
)  # fmt: skip
_HELD: Select[Any] = (
    select(
        _q.sample_id, _s.donor_id, _s.material, _s.time_point, _q.decision,
        func.coalesce(_judge.c.name, _q.decided_by, "").label("decided_by"), _q.reason,
        _e.kind.label("ended"), _e.release_no,
    )
    .join(tables.sample, _s.id == _q.sample_id)
    .outerjoin(_judge, _judge.c.login == _q.decided_by)
    .outerjoin(tables.disposition, _e.sample_id == _q.sample_id)
    .where(_q.nonconformity_no == bindparam("no"))
    .order_by(_q.sample_id)
)  # fmt: skip


def nonconformities(connection: Connection, *, state: str | None = None) -> list[NonconformityRow]:
    """What was found, newest first: of one state when asked."""
    rows = connection.execute(_ALL if state is None else _ALL.where(_n.state == state))
    return [NonconformityRow(**row._asdict()) for row in rows]


def of_number(connection: Connection, no: int) -> NonconformityRow | None:
    """What was found under a number."""
    row = connection.execute(_ALL.where(_n.no == no)).first()
    return NonconformityRow(**row._asdict()) if row else None


def held_by(connection: Connection, no: int) -> list[HeldSample]:
    """Every sample that is or was held back under a number."""
    return [
        HeldSample(code=codes.from_number(row.sample_id), donor=codes.from_number(row.donor_id), **rest)
        for row in connection.execute(_HELD, {"no": no})
        for rest in [{name: value for name, value in row._asdict().items() if name != "donor_id"}]
    ]


def touched(connection: Connection, suspicion: Suspicion) -> list[TouchedSample]:
    """The samples that a cause may have touched, at most ``MOST_TOUCHED``; all that is asked must be so.

    A lot and a device touched all vials of a tube of which a step used them in that time; a person all of a
    family of which this person did something then. With a donor alone the time is that of receipt.
    """
    waiting = (
        select(func.min(_q.nonconformity_no))
        .where(_q.sample_id == _s.id, or_(_q.decision.is_(None), _q.decision == "destroy"))
        .scalar_subquery()
    )
    asked = (
        select(
            _s.id, _s.kind, _s.donor_id, _s.material, _s.time_point, _s.state, _at.container_id,
            tables.container.c.name, _e.kind.label("ended"), _e.release_no, waiting.label("nonconformity"),
        )
        .outerjoin(tables.placement, _at.item_id == _s.id)
        .outerjoin(tables.container, tables.container.c.id == _at.container_id)
        .outerjoin(tables.disposition, _e.sample_id == _s.id)
        .where(_s.state.notin_(["planned", "void"]), *_conditions(suspicion))
        .order_by(_s.id)
        .limit(MOST_TOUCHED)
    )  # fmt: skip
    return [
        TouchedSample(
            sample_id=row.id,
            code=codes.from_number(row.id),
            kind=row.kind,
            donor=codes.from_number(row.donor_id),
            material=row.material,
            time_point=row.time_point,
            state=row.state,
            box_id=row.container_id,
            box=row.name,
            ended=row.ended,
            release_no=row.release_no,
            nonconformity=row.nonconformity,
        )
        for row in connection.execute(asked)
    ]


_tube = func.coalesce(_s.origin_id, _s.parent_id, _s.id)


def _conditions(asked: Suspicion) -> Iterator[ColumnElement[bool]]:
    if asked.donor_id is not None:
        yield _s.donor_id == asked.donor_id
    if asked.lot is not None or asked.device is not None:
        yield _tube.in_(_processed(asked))
    if asked.within is not None:
        yield _s.id.in_(sorted(asked.within))
    if asked.login is not None:
        by = _by_person(asked)
        yield or_(_s.id.in_(by), _tube.in_(by))
    if {asked.lot, asked.device, asked.login, asked.within} == {None}:
        received = tables.receipt.c
        yield _tube.in_(
            select(received.sample_id).where(*_span(received.received_at, received.received_at, asked))
        )


def _processed(asked: Suspicion) -> Select[Any]:
    used = [
        func.lower(column) == value.strip().lower()
        for column, value in ((_t.lot, asked.lot), (_t.device, asked.device))
        if value is not None
    ]
    return select(_t.sample_id).where(
        *used, *_span(_t.started_at, func.coalesce(_t.ended_at, _t.started_at), asked)
    )


def _by_person(asked: Suspicion) -> Select[Any]:
    subject = tables.event_subject.c
    return (
        select(subject.subject_id)
        .join(tables.event, _x.id == subject.event_id)
        .join(tables.command, _c.id == _x.command_id)
        .where(_c.login == asked.login, *_span(_c.at, _c.at, asked))
    )


def _span(begins: Any, ends: Any, asked: Suspicion) -> Iterator[ColumnElement[bool]]:
    """What lasted from ``begins`` to ``ends`` falls into the time that is asked about."""
    if asked.since is not None:
        yield ends >= asked.since
    if asked.until is not None:
        yield begins < asked.until
