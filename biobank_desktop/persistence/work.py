"""One transaction of one command: facts are written here and nowhere else, and each write is an event.

Every insert, update and delete of a fact is noted as a change ``[table, key, old, new]`` in the stream of
its row; when the work ends, each touched stream gets one event with its changes, chained to the stream's
head. So a write without history cannot happen, and the facts can be rebuilt from the events.

Rows are held with FOR NO KEY UPDATE: a row that points to them (every placement points to its stream) takes
FOR KEY SHARE, and two benches that both did and then want FOR UPDATE would stand in each other's way.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.canonical import dumps, plain, rows_text
from biobank_desktop.persistence.engine import unanswered
from biobank_desktop.persistence.parts import in_parts
from biobank_desktop.persistence.rows import insert_rows, shape
from biobank_desktop.persistence.words import CHANNEL, of_command

if TYPE_CHECKING:
    from datetime import datetime

    from biobank_desktop.domain.codes import CodeKind
    from biobank_desktop.domain.commands import Command

NO_HASH = bytes(32)
LAB_STREAM = 0
_FIRST_OBJECT = 1 << 40
_AT_ONCE = 2_000
_PLANNED_ANEW = 100
"""More rows at once than this are worth a server's planning."""

Key = Mapping[str, object]
Fact = Mapping[str, Any]
"""A row of a table of facts, by the names of its columns."""


class Work:
    """The open transaction of one command. Made by ``Store.run`` only."""

    def __init__(self, connection: Connection, command: Command, at: datetime, program: str) -> None:
        self.connection = connection
        self.command = command
        self.at = at
        self._program = program
        self._changes: dict[int, list[list[object]]] = {}
        self._subjects: dict[int, set[int]] = {}
        self._new_streams: dict[int, str] = {}
        self._held: dict[tuple[object, ...], Fact] = {}
        self._payload = ""

    # Codes and streams -------------------------------------------------------------------------------

    def new_codes(self, kind: CodeKind, count: int) -> list[str]:
        """``count`` codes in a row that nothing has yet, registered; a family's serials are neighbours.

        The first serial is drawn at random: benches then never wait for one counter, and a code tells
        nothing about how many there are. A collision with another bench breaks the key and is tried again.
        """
        if count == 0:
            return []
        while True:
            first = secrets.randbelow(codes.SERIALS - 2 * count - 8)
            made = codes.run(kind, self.at.year, first, count)
            ends = {"first": codes.number(made[0]), "last": codes.number(made[-1])}
            if self.connection.execute(_TAKEN_CODE, ends).first() is None:
                break
        self.register_codes(made)
        return made

    def register_codes(self, made: Sequence[str]) -> None:
        """Enter codes as those of new objects."""
        command_id = self.command.id
        self._write_rows(
            tables.code,
            [
                {"id": codes.number(code), "text": code, "kind": code[:2], "command_id": command_id}
                for code in made
            ],
        )

    def new_stream(self, stream_id: int, kind: str) -> None:
        """Begin the history of a new donor, device, person or of the lab."""
        self._new_streams[stream_id] = kind
        row = {"id": stream_id, "kind": kind, "head_seq": 0, "head_hash": NO_HASH}
        self._write(insert(tables.stream), row)

    # Facts -------------------------------------------------------------------------------------------

    def insert(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Write new facts; each row holds every column but ``command_id``, or leaves it empty (None)."""
        if not rows:
            return
        known = shape(table)
        own = {"command_id": self.command.id}
        full = [{**known.empty, **row, **own} for row in rows]
        self._write_rows(table, full)
        for given, row in zip(rows, full, strict=True):
            self._note(table, row[known.stream], row, None, self._bare(given))

    def update(self, table: Table, key: Key, **values: object) -> Fact:
        """Change a fact and return it as it was; columns that already have the value are no change.

        A fact that moves to another stream (a family that belongs to another donor) leaves the one history
        and enters the other as a whole row. Raises ``LookupError`` when there is no such row.
        """
        was = self._required(table, key)
        changed = {name: value for name, value in values.items() if not _same(was[name], value)}
        if not changed:
            return was
        names = sorted(changed)
        self._write(
            _changing(table, tuple(names)),
            {
                **_key_values(table, key),
                **{f"n_{name}": changed[name] for name in names},
                "n_command_id": self.command.id,
            },
        )
        now = self._held[_slot(table, key)] = {**was, **changed, "command_id": self.command.id}
        stream_column = table.info["stream"]
        if stream_column in changed:
            self._note(table, was[stream_column], was, self._bare(was), None)
            self._note(table, now[stream_column], now, None, self._bare(now))
        else:
            before = {name: was[name] for name in names}
            self._note(table, was[stream_column], now, _json_row(before), _json_row(changed))
        return was

    def delete(self, table: Table, key: Key) -> Fact:
        """Take a fact away and return it. Raises ``LookupError`` when not there."""
        was = self._required(table, key)
        self._write(_deleting_one(table), _key_values(table, key))
        del self._held[_slot(table, key)]
        self._note(table, was[table.info["stream"]], was, self._bare(was), None)
        return was

    def delete_all(self, table: Table, ids: Iterable[int]) -> dict[int, Fact]:
        """Take facts away by number, and return them. Raises ``LookupError`` for one not there."""
        numbers = sorted(set(ids))
        rows = self.locked_all(table, numbers)
        if len(rows) != len(numbers):
            raise LookupError(f"{table.name} {sorted(set(numbers) - rows.keys())}")
        for part in in_parts(numbers):
            self.connection.execute(_deleting(table), {"ids": part})
        for number, was in rows.items():
            del self._held[table.name, number]
            self._note(table, was[table.info["stream"]], was, self._bare(was), None)
        return rows

    def locked(self, table: Table, key: Key) -> Fact | None:
        """The row, held until the end of the transaction, and therefore read once; None: there is none."""
        known = self._held.get(_slot(table, key))
        if known is None:
            row = self.connection.execute(_holding_one(table), _key_values(table, key)).first()
            if row is None:
                return None
            known = self._held[_slot(table, key)] = row._asdict()
        return known

    def locked_of(self, table: Table, which: Select[Any], values: Mapping[str, object]) -> Fact | None:
        """The one whole row of a table that a statement finds, held; None: there is none."""
        row = self.connection.execute(_held_by(which), values).first()
        if row is None:
            return None
        known = row._asdict()
        return self._held.setdefault(_slot(table, known), known)

    def locked_last(self, table: Table, key: Key) -> Fact | None:
        """Of the rows whose key begins with ``key`` the last one, held; None: there is none."""
        last = table.primary_key.columns.values()[-1]
        asked = select(table).where(_matches(table, key)).order_by(last.desc()).limit(literal_column("1"))
        row = self.connection.execute(asked.with_for_update(key_share=True)).first()
        if row is None:
            return None
        known = row._asdict()
        return self._held.setdefault(_slot(table, known), known)

    def locked_all(self, table: Table, ids: Iterable[int]) -> dict[int, Fact]:
        """The rows with these numbers, held lowest first, so that two commands never wait for each other."""
        return self.locking_all(table, ids)()

    def locking_all(self, table: Table, ids: Iterable[int]) -> Answer[dict[int, Fact]]:
        """Hold these rows as ``locked_all`` does, and wait for them when they are looked at."""
        wanted = sorted(set(ids))
        missing = [one for one in wanted if (table.name, one) not in self._held]
        asked = _whole_rows.sent(self.connection, table, missing)

        def read() -> dict[int, Fact]:
            for number, row in asked().items():
                self._held.setdefault((table.name, number), row)
            return {one: self._held[table.name, one] for one in wanted if (table.name, one) in self._held}

        return read

    def _required(self, table: Table, key: Key) -> Fact:
        row = self.locked(table, key)
        if row is None:
            raise LookupError(f"{table.name} {dict(key)}")
        return row

    def hold(self, table: Table, ids: Iterable[int]) -> None:
        """Hold the rows with these numbers, lowest first, so that two commands never wait for each other.

        On SQLite the transaction holds everything already.
        """
        if self.connection.dialect.name != "sqlite":
            for part in in_parts(ids):
                self._write(_holding(table), {"ids": part})

    def stream_of(self, table: Table, key: int) -> int | None:
        """The stream of the row with this number, None when there is none."""
        return self.connection.execute(_stream_of(table), {"id": key}).scalar()

    def next_number(self, table: Table) -> int:
        """One more than the highest number of a table.

        When two benches take the same one, the key refuses the second, and its command is tried again.
        """
        return 1 + int(self.connection.execute(_newest(table)).scalar() or 0)

    def hold_all_people(self) -> None:
        """Hold every account, so that a rule about all of them is still true at the commit."""
        person = tables.person.c.login
        self._write(select(person).order_by(person).with_for_update(key_share=True))

    def private(self, statement: Any, rows: Sequence[dict[str, Any]] | None = None) -> None:
        """Write what must never stand in the history: ages and credentials."""
        self._write(statement, rows)

    def about(self, stream_id: int, *subjects: int) -> None:
        """Let this command have an event in a stream about these objects, changes or not."""
        self._changes.setdefault(stream_id, [])
        self._subjects.setdefault(stream_id, set()).update(subjects)

    def _write(self, statement: Any, values: Any = None) -> None:
        """Run what answers nothing: the next question brings it along, and its error with the answer."""
        with unanswered(self.connection):
            self.connection.execute(statement, values or None)

    def _write_rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many rows go in parts, each answered: no server works on one statement for as long as we wait.

        A guard's plan may have been made while a table was as good as empty; kept, it would read the whole
        table for each of many rows.
        """
        if len(rows) > _PLANNED_ANEW and self.connection.dialect.name != "sqlite":
            self.connection.exec_driver_sql("DISCARD PLANS")
        for start in range(0, len(rows) - _AT_ONCE, _AT_ONCE):
            insert_rows(self.connection, table, rows[start : start + _AT_ONCE])
        with unanswered(self.connection):
            insert_rows(self.connection, table, rows[-((len(rows) - 1) % _AT_ONCE + 1) :])

    # The end -----------------------------------------------------------------------------------------

    def finish(self, result: Mapping[str, object]) -> None:
        """Write one event per touched stream; the heads are locked last.

        Raises ``LookupError`` when no stream was touched: a write without history cannot be committed.
        """
        if not self._changes:
            raise LookupError(f"{self.command.kind} has no event")
        self._payload = payload_sha256(self.command).hex()
        streams = sorted(self._changes)
        events, subjects = [], []
        for event_id, stream_id, seq, previous in self._heads(streams):
            body = self._body(stream_id, seq + 1, result if stream_id == streams[0] else None)
            chained = sha256(previous + body).digest()
            events.append(
                {
                    "id": event_id,
                    "stream_id": stream_id,
                    "seq": seq + 1,
                    "command_id": self.command.id,
                    "body": body,
                    "hash": chained,
                }
            )
            subjects += [
                {"subject_id": subject, "event_id": event_id}
                for subject in sorted(self._subjects.get(stream_id, ()))
            ]
        self._append(events, subjects)

    def _heads(self, streams: list[int]) -> list[tuple[int, int, int, bytes]]:
        """The number of each stream's next event, the stream, its newest place and hash; held."""
        if self.connection.dialect.name != "sqlite":
            rows = self.connection.execute(_HEADS_POSTGRESQL, {"streams": streams})
            return [(number, stream, seq, hashed) for stream, seq, hashed, number in rows]
        last = self.connection.execute(_LAST_EVENT).scalar_one()
        rows = self.connection.execute(_HEADS, {"streams": streams})
        return [(last + place, *row) for place, row in enumerate(rows, 1)]

    def _append(self, events: list[dict[str, Any]], subjects: list[dict[str, Any]]) -> None:
        if self.connection.dialect.name != "sqlite":
            told = (rows_text(events), rows_text(subjects), of_command(self._program))
            with unanswered(self.connection):
                self.connection.exec_driver_sql(_APPEND_POSTGRESQL, told)
            return
        insert_rows(self.connection, tables.event, events)
        if subjects:
            insert_rows(self.connection, tables.event_subject, subjects)
        insert_rows(self.connection, tables.unsealed, [{"event_id": row["id"]} for row in events])
        heads = [{"stream": row["stream_id"], "seq": row["seq"], "hash": row["hash"]} for row in events]
        self.connection.execute(_SET_HEAD, heads)

    def _body(self, stream_id: int, seq: int, result: Mapping[str, object] | None) -> bytes:
        command = self.command
        body: dict[str, object] = {
            "v": 1,
            "stream": stream_id,
            "seq": seq,
            "command": str(command.id),
            "kind": command.kind,
            "payload": self._payload,
            "by": command.login,
            "bench": command.bench,
            "changes": self._changes[stream_id],
            **_json_row({"at": self.at}),
        }
        if self._subjects.get(stream_id):
            body["about"] = sorted(self._subjects[stream_id])
        if command.why:
            body["why"] = command.why
        typed = [code for code in sorted(command.typed) if self._tells_of(stream_id, codes.number(code))]
        if typed:
            body["typed"] = typed
        if result is not None:
            body["result"] = result
        if stream_id in self._new_streams:
            body["begins"] = self._new_streams[stream_id]
        return dumps(body)

    def _tells_of(self, stream_id: int, number: int) -> bool:
        """Whether this command's event in a stream is about the thing of a number."""
        return number == stream_id or number in self._subjects.get(stream_id, ())

    @staticmethod
    def _bare(row: Mapping[str, Any]) -> dict[str, Any]:
        return plain(row, without=("command_id", "stream_id"))

    def _note(
        self, table: Table, stream_id: int, row: Mapping[str, Any], old: object | None, new: object | None
    ) -> None:
        known = shape(table)
        key = [row[name] for name in known.key]
        self._changes.setdefault(stream_id, []).append([table.name, key, old, new])
        subjects = self._subjects.setdefault(stream_id, set())
        for column in known.subjects:
            subject = row[column]
            if subject is not None and subject >= _FIRST_OBJECT:
                subjects.add(subject)


# Statements are built once: building them anew costs more than running them.
_TAKEN_CODE = (
    select(tables.code.c.id)
    .where(tables.code.c.id.between(bindparam("first"), bindparam("last")))
    .limit(literal_column("1"))
)
_HEADS = (
    select(tables.stream.c.id, tables.stream.c.head_seq, tables.stream.c.head_hash)
    .where(tables.stream.c.id.in_(bindparam("streams", expanding=True)))
    .order_by(tables.stream.c.id)
    .with_for_update(key_share=True)
)
_LAST_EVENT = select(func.coalesce(func.max(tables.event.c.id), 0))
_SET_HEAD = (
    update(tables.stream)
    .where(tables.stream.c.id == bindparam("stream"))
    .values(head_seq=bindparam("seq"), head_hash=bindparam("hash"))
)
_NEXT_EVENT: ColumnElement[int] = literal_column("nextval(pg_get_serial_sequence('event', 'id'))")
_HEADS_POSTGRESQL = _HEADS.add_columns(_NEXT_EVENT)
# The last line says at the commit that there is something new, without a message of its own on the network.
_APPEND_POSTGRESQL = f"""
WITH told AS (SELECT * FROM json_populate_recordset(NULL::event, %s::json)),
appended AS (
  INSERT INTO event (id, stream_id, seq, command_id, body, hash)
  SELECT id, stream_id, seq, command_id, body, hash FROM told
), listed AS (
  INSERT INTO event_subject (subject_id, event_id)
  SELECT subject_id, event_id FROM json_populate_recordset(NULL::event_subject, %s::json)
), waiting AS (
  INSERT INTO unsealed (event_id) SELECT id FROM told
)
UPDATE stream SET head_seq = told.seq, head_hash = told.hash FROM told WHERE stream.id = told.stream_id
RETURNING pg_notify({CHANNEL}, %s)
"""


@cache
def _whole(table: Table) -> Select[Any]:
    column = table.primary_key.columns[0]
    wanted = select(table).where(column.in_(bindparam("ids", expanding=True)))
    return wanted.order_by(column).with_for_update(key_share=True)


@Question
def _whole_rows(connection: Connection, table: Table, ids: Iterable[int]) -> Answer[dict[int, Fact]]:
    parts = [connection.execute(_whole(table), {"ids": part}) for part in in_parts(ids)]
    return lambda: {row[0]: row._asdict() for rows in parts for row in rows}


@cache
def _holding(table: Table) -> Select[Any]:
    column = table.primary_key.columns[0]
    wanted = select(column).where(column.in_(bindparam("ids", expanding=True)))
    return wanted.order_by(column).with_for_update(key_share=True)


@cache
def _deleting(table: Table) -> Delete:
    column = table.primary_key.columns[0]
    return table.delete().where(column.in_(bindparam("ids", expanding=True)))


def payload_sha256(command: Command) -> bytes:
    """What makes two requests with one id the same: kind, person, payload and reason."""
    return sha256(dumps([command.kind, command.login, plain(command.payload), command.why])).digest()


def _slot(table: Table, key: Key) -> tuple[object, ...]:
    return (table.name, *(key[column.name] for column in table.primary_key.columns))


@cache
def _holding_one(table: Table) -> Select[Any]:
    return select(table).where(_has_key(table)).with_for_update(key_share=True)


@cache
def _held_by(which: Select[Any]) -> Select[Any]:
    return which.with_for_update(key_share=True)


@cache
def _changing(table: Table, names: tuple[str, ...]) -> Update:
    new: dict[str, Any] = {name: bindparam(f"n_{name}") for name in (*names, "command_id")}
    return update(table).where(_has_key(table)).values(new)


@cache
def _deleting_one(table: Table) -> Delete:
    return table.delete().where(_has_key(table))


@cache
def _stream_of(table: Table) -> Select[Any]:
    return select(table.c[table.info["stream"]]).where(table.primary_key.columns[0] == bindparam("id"))


@cache
def _newest(table: Table) -> Select[Any]:
    return select(func.max(table.primary_key.columns[0]))


def _has_key(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"k_{column.name}") for column in table.primary_key.columns))


def _key_values(table: Table, key: Key) -> dict[str, object]:
    return {f"k_{column.name}": key[column.name] for column in table.primary_key.columns}


def _matches(table: Table, key: Key) -> Any:
    return and_(*(table.c[name] == value for name, value in key.items()))


def _same(one: object, other: object) -> bool:
    """Whether two values are one once stored: milliseconds, no tuples, and 0 is not ``false``."""
    return one is other or dumps(plain({"": one})) == dumps(plain({"": other}))


def _json_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Like ``plain``, but a column that becomes empty is said to be empty."""
    return {name: plain({name: value}).get(name) for name, value in row.items()}
