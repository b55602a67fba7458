"""History: the events of one object, and pages of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.canonical import loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Change:
    """One fact that changed: ``old`` None is new, ``new`` None is gone; otherwise the columns that differ."""

    table: str
    key: tuple[object, ...]
    old: dict[str, Any] | None
    new: dict[str, Any] | None


@dataclass(frozen=True)
class EventRow:
    """One event of the history; ``sealed`` once it has its place in the log.

    ``typed`` are the codes that were typed where they would have been scanned.
    """

    id: int
    stream: int
    seq: int
    kind: str
    at: datetime
    by: str
    name: str
    bench: str
    why: str
    command: str
    changes: tuple[Change, ...]
    sealed: bool
    typed: tuple[str, ...] = ()


_e = tables.event.c
_EVENT = (
    select(_e.id, _e.body, tables.person.c.name, tables.log.c.pos)
    .join(tables.command, tables.command.c.id == _e.command_id)
    .outerjoin(tables.person, tables.person.c.login == tables.command.c.login)
    .outerjoin(tables.log, tables.log.c.event_id == _e.id)
)


_subject = tables.event_subject.c
_OF_OBJECT = (
    _EVENT.join(tables.event_subject, _subject.event_id == _e.id)
    .where(_subject.subject_id == bindparam("object"))
    .order_by(_subject.event_id.desc())
    .limit(bindparam("limit"))
)
_OF_OBJECT_BEFORE = _OF_OBJECT.where(_subject.event_id < bindparam("before"))


def of_object(
    connection: Connection, object_id: int, *, before: int | None = None, limit: int = 200
) -> list[EventRow]:
    """The newest events about an object, newest first; ``before`` an event's number pages on."""
    asked = {"object": object_id, "limit": limit, "before": before}
    rows = connection.execute(_OF_OBJECT if before is None else _OF_OBJECT_BEFORE, asked)
    return [_event(row) for row in rows]


_OF_OBJECTS = _EVENT.where(
    _e.id.in_(
        select(_subject.event_id).where(
            _subject.subject_id.in_(bindparam("objects", expanding=True)),
            _subject.event_id > bindparam("after"),
        )
    )
).order_by(_e.id)
_OF_OBJECTS_UNTIL = _OF_OBJECTS.where(_e.id <= bindparam("until"))


@Question
def of_objects(
    connection: Connection, object_ids: Iterable[int], *, after: int = 0, until: int | None = None
) -> Answer[list[EventRow]]:
    """Every event about any of these objects, oldest first; of numbers above ``after`` up to ``until``."""
    asked = {"objects": list(object_ids), "after": after, "until": until}
    rows = connection.execute(_OF_OBJECTS if until is None else _OF_OBJECTS_UNTIL, asked)
    return lambda: [_event(row) for row in rows]


_AT = tables.command.c.at
_NEXT = (
    select(_e.id, _AT)
    .join(tables.command, tables.command.c.id == _e.command_id)
    .where(_e.id > bindparam("after"))
    .order_by(_e.id)
    .limit(1)
)
_near = tables.event.alias("near")
_WHOLE = select(func.max(_e.id)).where(
    _e.command_id.in_(
        select(_near.c.command_id).where(_near.c.id.between(bindparam("first"), bindparam("last")))
    )
)
_SPLIT = 200
"""Events of one command stand side by side but for those of benches that wrote in the same milliseconds."""


def last_before(connection: Connection, moment: datetime) -> int:
    """The number of the last event at or before a moment, 0 when there is none.

    Found by halving: numbers rise with time. What stands at or below it is a whole past, because events take
    their numbers while their commands hold what they change; a command is never cut in two.
    """
    low, high = 0, connection.execute(select(func.coalesce(func.max(_e.id), 0))).scalar_one()
    while low < high:
        middle = (low + high) // 2
        following = connection.execute(_NEXT, {"after": middle}).one()
        if following.at > moment:
            high = middle
        else:
            low = following.id
    while (whole := connection.execute(_WHOLE, {"first": low - _SPLIT, "last": low}).scalar() or 0) > low:
        low = whole
    return int(low)


def hashes(connection: Connection, events: Iterable[int]) -> list[bytes]:
    """The hashes of these events, in the order of their numbers."""
    asked = select(_e.hash).where(_e.id.in_(list(events))).order_by(_e.id)
    return list(connection.execute(asked).scalars())


def ids(
    connection: Connection,
    *,
    login: str | None = None,
    kind: str | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[int]:
    """The numbers of events, newest first, of one person or one kind of command when asked.

    ``before`` and ``limit`` read them in steps, ``after`` reads what has come since.
    """
    statement = select(_e.id).order_by(_e.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(_e.id > after)
    if before is not None:
        statement = statement.where(_e.id < before)
    if login or kind:
        asked = tables.command.c
        statement = statement.join(tables.command, asked.id == _e.command_id)
        if login:
            statement = statement.where(asked.login == login)
        if kind:
            statement = statement.where(asked.kind == kind)
    return list(connection.execute(statement).scalars())


def page(connection: Connection, wanted: Sequence[int]) -> list[EventRow]:
    """The events of these numbers, in that order."""
    rows = {row.id: _event(row) for row in connection.execute(_EVENT.where(_e.id.in_(list(wanted))))}
    return [rows[one] for one in wanted if one in rows]


def of_command(connection: Connection, command_id: Any) -> list[EventRow]:
    """The events that one command left, one per stream."""
    rows = connection.execute(_EVENT.where(_e.command_id == command_id).order_by(_e.stream_id))
    return [_event(row) for row in rows]


def newest_of(connection: Connection, login: str, kinds: Sequence[str]) -> EventRow | None:
    """The newest event of a person among these kinds of commands."""
    asked = tables.command.c
    statement = _EVENT.where(asked.login == login, asked.kind.in_(list(kinds)))
    row = connection.execute(statement.order_by(_e.id.desc()).limit(1)).first()
    return _event(row) if row else None


def _event(row: Any) -> EventRow:
    body = loads(row.body)
    return EventRow(
        id=row.id,
        stream=body["stream"],
        seq=body["seq"],
        kind=body["kind"],
        at=datetime.fromisoformat(body["at"]),
        by=body["by"],
        name=row.name or body["by"],
        bench=body["bench"],
        why=body.get("why", ""),
        command=body["command"],
        changes=tuple(Change(table, tuple(key), old, new) for table, key, old, new in body["changes"]),
        sealed=row.pos is not None,
        typed=tuple(body.get("typed", ())),
    )
