"""What is waiting to be done: the lists of Today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, literal, select

from biobank_desktop.domain import codes
from biobank_desktop.domain.printing import LEFT
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_s, _at, _label = tables.sample.c, tables.placement.c, tables.label.c

_ended = select(tables.disposition.c.sample_id).where(tables.disposition.c.sample_id == _s.id).exists()
# Written into the statement: behind a parameter SQLite cannot see that the index of those that wait is meant.
_PLANNED, _REFUSED = (literal(state, literal_execute=True) for state in ("planned", "refused"))

SHOWN = 500
"""So many labels a list shows."""


@dataclass(frozen=True)
class WaitingTube:
    """A tube with vials that wait for the same thing: how many, and since when."""

    tube_id: int
    code: str
    donor: str
    material: str
    time_point: str
    count: int
    since: datetime


@dataclass(frozen=True)
class Overnight:
    """A vial that was put in an overnight container, and when."""

    id: int
    code: str
    box_id: int
    box: str
    since: datetime


@dataclass(frozen=True)
class LabelRow:
    """A label that was asked for and what became of it."""

    object_id: int
    code: str
    no: int
    state: str
    template: str
    fields: dict[str, str]
    printer: str | None
    reason: str
    requested_at: datetime
    sent_at: datetime | None
    verified_at: datetime | None
    confirmed_at: datetime | None
    bench: str | None
    sender: str | None
    fault: dict[str, Any] | None
    login: str


@dataclass(frozen=True)
class OutOfTheCold:
    """A sample that is out of its place, since when and why."""

    id: int
    code: str
    material: str
    time_point: str
    since: datetime
    why: str


def to_fill(connection: Connection) -> list[WaitingTube]:
    """Tubes with planned vials that nobody has filled."""
    return _waiting(connection, _s.state == _PLANNED)


def without_position(connection: Connection) -> list[WaitingTube]:
    """Tubes with filled vials that lie nowhere."""
    nowhere = ~select(_at.item_id).where(_at.item_id == _s.id).exists()
    return _waiting(connection, and_(_s.state == "filled", nowhere, ~_ended))


def without_label(connection: Connection) -> list[WaitingTube]:
    """Tubes with vials whose label has not come out."""
    asked = select(_label.object_id).where(_label.state.in_(["queued", "failed", "cancelled"]))
    out = select(_label.no).where(_label.object_id == _s.id, _label.state.in_(sorted(LEFT))).exists()
    return _waiting(connection, and_(_s.id.in_(asked), _s.state.in_(["planned", "filled"]), ~out))


def _waiting(connection: Connection, condition: object) -> list[WaitingTube]:
    tube, received = tables.sample.alias("tube"), tables.receipt.c
    rows = connection.execute(
        select(
            tube.c.id,
            tube.c.donor_id,
            tube.c.material,
            tube.c.time_point,
            func.count().label("waiting"),
            received.received_at,
        )
        .select_from(tables.sample)
        .join(tube, tube.c.id == func.coalesce(_s.origin_id, _s.parent_id))
        .join(tables.receipt, received.sample_id == tube.c.id)
        .where(condition)  # type: ignore[arg-type]
        .group_by(tube.c.id, tube.c.donor_id, tube.c.material, tube.c.time_point, received.received_at)
        .order_by(received.received_at)
        .limit(500)
    )
    return [
        WaitingTube(
            tube_id=row.id,
            code=codes.from_number(row.id),
            donor=codes.from_number(row.donor_id),
            material=row.material,
            time_point=row.time_point,
            count=row.waiting,
            since=row.received_at,
        )
        for row in rows
    ]


def refused(connection: Connection) -> list[WaitingTube]:
    """Tubes that may not be stored: to be destroyed or given back."""
    received = tables.receipt.c
    rows = connection.execute(
        select(_s.id, _s.donor_id, _s.material, _s.time_point, received.received_at)
        .join(tables.receipt, received.sample_id == _s.id)
        .where(_s.state == _REFUSED, ~_ended)
        .order_by(received.received_at)
    )
    return [
        WaitingTube(
            tube_id=row.id,
            code=codes.from_number(row.id),
            donor=codes.from_number(row.donor_id),
            material=row.material,
            time_point=row.time_point,
            count=1,
            since=row.received_at,
        )
        for row in rows
    ]


def overnight(connection: Connection) -> list[Overnight]:
    """Vials in overnight containers, the longest first."""
    box = tables.container.c
    kind = tables.container_kind.c
    kinds = select(kind.name).where(kind.level == "freezing-container")
    boxes = select(box.id).where(box.kind.in_(kinds))
    rows = connection.execute(
        select(_at.item_id, box.id, box.name, _at.since)
        .join(tables.container, box.id == _at.container_id)
        .where(_at.container_id.in_(boxes))
        .order_by(_at.since)
    )
    return [
        Overnight(row.item_id, codes.from_number(row.item_id), row.id, row.name, row.since) for row in rows
    ]


def out_since_before(connection: Connection, before: datetime) -> list[OutOfTheCold]:
    """Samples that left their place before a moment and have not come back, the longest first."""
    out = tables.excursion.c
    rows = connection.execute(
        select(_s.id, _s.material, _s.time_point, out.out_at, out.why)
        .join(tables.sample, _s.id == out.sample_id)
        .where(out.back_at.is_(None), out.out_at < before)
        .order_by(out.out_at, _s.id)
    )
    return [
        OutOfTheCold(row.id, codes.from_number(row.id), row.material, row.time_point, row.out_at, row.why)
        for row in rows
    ]


def labels(
    connection: Connection,
    *,
    states: Collection[str] = (),
    object_id: int | None = None,
    most: int | None = SHOWN,
) -> list[LabelRow]:
    """Labels, newest first: of these states or one object when asked; None for ``most`` leaves none out."""
    statement = select(
        _label.object_id,
        _label.no,
        _label.state,
        _label.template,
        _label.fields,
        _label.printer,
        _label.reason,
        _label.requested_at,
        _label.sent_at,
        _label.verified_at,
        _label.confirmed_at,
        _label.bench,
        _label.sender,
        _label.fault,
        tables.command.c.login,
    ).join(tables.command, tables.command.c.id == _label.command_id)
    if states:
        statement = statement.where(_label.state.in_(sorted(states)))
    if object_id is not None:
        statement = statement.where(_label.object_id == object_id)
    rows = connection.execute(
        statement.order_by(_label.requested_at.desc(), _label.object_id, _label.no).limit(most)
    )
    return [LabelRow(code=codes.from_number(row.object_id), **row._asdict()) for row in rows]


def label_counts(connection: Connection) -> dict[str, int]:
    """How many labels are in each state."""
    rows = connection.execute(select(_label.state, func.count().label("labels")).group_by(_label.state))
    return {row.state: row.labels for row in rows}
