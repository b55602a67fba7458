"""History: the events of one object, and pages of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from biobank_desktop.persistence import tables
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
    """One event of the history; ``sealed`` once it has its place in the log."""

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
    _e.id.in_(select(_subject.event_id).where(_subject.subject_id.in_(bindparam("objects", expanding=True))))
).order_by(_e.id)


def of_objects(connection: Connection, object_ids: Iterable[int]) -> list[EventRow]:
    """Every event about any of these objects, oldest first."""
    return [_event(row) for row in connection.execute(_OF_OBJECTS, {"objects": list(object_ids)})]


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
    )
