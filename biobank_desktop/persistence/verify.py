"""Checks a database against its own history, and says every contradiction.

Problems are ``Finding(kind, stream, seq, why)``. Kinds: ``event`` (edited, deleted or inserted), ``stream``
(head and events disagree), ``seal``, ``command``, ``state`` (a fact is not what its events say),
``decision`` (the rules come to another verdict), ``structure`` (keys, integrity, schema).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, select, text

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import dumps, loads, plain
from biobank_desktop.persistence.seals import extend
from biobank_desktop.persistence.work import NO_HASH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table

STEP_STREAMS = 200
_FACTS = {table.name: table for table in tables.FACTS}


@dataclass(frozen=True)
class Finding:
    """One contradiction; ``stream`` and ``seq`` name the event, where there is one."""

    kind: str
    stream: int | None
    seq: int | None
    why: str

    def as_dict(self) -> dict[str, object]:
        """The finding as the command line prints it."""
        return asdict(self)


@dataclass(frozen=True)
class Progress:
    """How far a verification has come: ``done`` of ``total`` events."""

    done: int
    total: int


class Verification:
    """One verification of a whole database, in steps that a bench can interrupt.

    Iterating runs it and yields its progress; afterwards ``findings`` holds every contradiction and
    ``events`` how many events were read.
    """

    def __init__(self, connection: Connection, *, state: bool = True) -> None:
        self._connection = connection
        self._state = state
        self.findings: list[Finding] = []
        self.events = 0

    def __iter__(self) -> Iterator[Progress]:
        """Run, a few hundred streams at a time."""
        total = self._connection.execute(select(func.count()).select_from(tables.event)).scalar_one()
        self._structure()
        yield Progress(0, total)
        streams = self._connection.execute(select(tables.stream).order_by(tables.stream.c.id)).fetchall()
        heads = {row.id: row for row in streams}
        ids = sorted(heads)
        for first in range(0, len(ids), STEP_STREAMS):
            part = ids[first : first + STEP_STREAMS]
            self._part(part, heads)
            yield Progress(self.events, total)
        self._orphans(total)
        yield from self._seals(total)

    def run(self) -> list[Finding]:
        """Run to the end and return the findings."""
        for _ in self:
            pass
        return self.findings

    # Streams and state -------------------------------------------------------------------------------

    def _part(self, part: list[int], heads: dict[int, Any]) -> None:
        event, command = tables.event.c, tables.command.c
        rows = self._connection.execute(
            select(
                event.stream_id,
                event.seq,
                event.body,
                event.hash,
                command.kind,
                command.payload_sha256,
                command.login,
                command.bench,
            )
            .outerjoin(tables.command, command.id == event.command_id)
            .where(event.stream_id.between(part[0], part[-1]))
            .order_by(event.stream_id, event.seq)
        )
        replay = _Replay()
        at: tuple[int, int, bytes] | None = None
        for row in rows:
            if at is None or at[0] != row.stream_id:
                self._close(at, heads)
                at = (row.stream_id, 0, NO_HASH)
            at = self._event(row, at, replay)
        self._close(at, heads)
        if self._state:
            self._compare(part, replay)

    def _event(self, row: Any, at: tuple[int, int, bytes], replay: _Replay) -> tuple[int, int, bytes]:
        stream, seq, previous = at
        self.events += 1
        if row.seq != seq + 1:
            why = "an event is missing before this one" if row.seq > seq + 1 else "an event stands twice"
            self._find("event", stream, row.seq, why)
        elif sha256(previous + row.body).digest() != row.hash:
            self._find("event", stream, row.seq, "its content does not agree with its hash")
        try:
            body = loads(row.body)
        except orjson.JSONDecodeError:
            self._find("event", stream, row.seq, "its content cannot be read")
            return stream, row.seq, row.hash
        if body.get("stream") != stream or body.get("seq") != row.seq:
            self._find("event", stream, row.seq, "its content belongs to another place in the history")
        elif dumps(body) != row.body:
            self._find("event", stream, row.seq, "its content is not written as this program writes")
        self._command(body, row)
        if self._state:
            for why in replay.apply(body):
                self._find("event", stream, row.seq, why)
        return stream, row.seq, row.hash

    def _command(self, body: dict[str, Any], row: Any) -> None:
        if row.kind is None:
            self._find("command", row.stream_id, row.seq, "its command is not in the database")
        elif (row.kind, row.payload_sha256.hex(), row.login, row.bench) != (
            body["kind"],
            body["payload"],
            body["by"],
            body["bench"],
        ):
            self._find("command", row.stream_id, row.seq, "its command says something else")

    def _close(self, at: tuple[int, int, bytes] | None, heads: dict[int, Any]) -> None:
        if at is None:
            return
        stream, seq, last = at
        head = heads.get(stream)
        if head is None:
            self._find("stream", stream, seq, "these events belong to no stream")
        elif head.head_seq > seq:
            self._find("stream", stream, seq + 1, "the newest events are missing")
        elif head.head_seq < seq:
            self._find("event", stream, head.head_seq + 1, "an event was put behind the newest one")
        elif head.head_hash != last:
            self._find("stream", stream, seq, "the head does not agree with the newest event")

    def _compare(self, part: list[int], replay: _Replay) -> None:
        for table in tables.FACTS:
            stream_column = table.c[table.info["stream"]]
            rows = self._connection.execute(
                select(table).where(stream_column.between(part[0], part[-1]))
            ).mappings()
            self._compare_table(table, rows, replay)
        for (table_name, key), (stream, seq, _row) in replay.rows.items():
            self._find("state", stream, seq, f"{table_name} {list(key)} is missing from the tables")

    def _compare_table(self, table: Table, rows: Any, replay: _Replay) -> None:
        stream_name = table.info["stream"]
        names = [column.name for column in table.primary_key.columns if column.name != "command_id"]
        own_command = "command_id" in table.primary_key.columns
        for row in rows:
            command_id = str(row["command_id"])
            key = tuple(row[name] for name in names)
            known = replay.rows.pop((table.name, (*key, command_id) if own_command else key), None)
            if known is None:
                self._find("state", row[stream_name], None, f"{table.name} {list(key)} stands in no event")
                continue
            stream, seq, expected = known
            actual = plain(row, without=("command_id", "stream_id"))
            if expected["command"] != command_id or dumps(expected["row"]) != dumps(actual):
                self._find("state", stream, seq, f"{table.name} {list(key)} is not what its events say")

    # The whole ---------------------------------------------------------------------------------------

    def _orphans(self, total: int) -> None:
        if self.events != total:
            event, stream = tables.event.c, tables.stream.c
            rows = self._connection.execute(
                select(event.stream_id, event.seq).where(event.stream_id.not_in(select(stream.id)))
            )
            for row in rows:
                self._find("event", row.stream_id, row.seq, "it belongs to no stream")
        head = tables.stream.c
        empty = self._connection.execute(
            select(head.id, head.head_seq).where(
                head.head_seq > 0, head.id.not_in(select(tables.event.c.stream_id))
            )
        )
        for row in empty:
            self._find("stream", row.id, row.head_seq, "every event of this stream is missing")

    def _seals(self, total: int) -> Iterator[Progress]:
        seals = self._connection.execute(select(tables.seal).order_by(tables.seal.c.size)).fetchall()
        log, event = tables.log.c, tables.event.c
        root, pos = NO_HASH, 0
        for seal in seals:
            rows = self._connection.execute(
                select(log.pos, event.hash)
                .outerjoin(tables.event, event.id == log.event_id)
                .where(log.pos > pos, log.pos <= seal.size)
                .order_by(log.pos)
            ).fetchall()
            if [row.pos for row in rows] != list(range(pos + 1, seal.size + 1)):
                self._find("seal", None, seal.size, "the log has gaps below this seal")
            root = extend(root, (row.hash or NO_HASH for row in rows))
            if root != seal.root:
                self._find("seal", None, seal.size, "the sealed history is not the one that stands here")
                root = seal.root
            pos = seal.size
            yield Progress(total, total)
        self._never_sealed(pos)

    def _never_sealed(self, size: int) -> None:
        event, log = tables.event.c, tables.log.c
        never = self._connection.execute(
            select(event.stream_id, event.seq)
            .outerjoin(tables.log, log.event_id == event.id)
            .outerjoin(tables.unsealed, tables.unsealed.c.event_id == event.id)
            .where(log.pos.is_(None), tables.unsealed.c.event_id.is_(None))
        )
        for row in never:
            self._find("seal", row.stream_id, row.seq, "this event was never to be sealed")
        beyond = self._connection.execute(select(func.count()).select_from(tables.log).where(log.pos > size))
        if beyond.scalar_one():
            self._find("seal", None, size, "the log goes on behind the newest seal")

    def _structure(self) -> None:
        if self._connection.dialect.name != "sqlite":
            return
        for row in self._connection.execute(text("PRAGMA foreign_key_check")):
            self._find("structure", None, None, f"a row of {row[0]} points to nothing in {row[2]}")
        said = self._connection.execute(text("PRAGMA integrity_check(5)")).scalars().all()
        if list(said) != ["ok"]:
            self._find("structure", None, None, "; ".join(map(str, said)))

    def _find(self, kind: str, stream: int | None, seq: int | None, why: str) -> None:
        self.findings.append(Finding(kind, stream, seq, why))


class _Replay:
    """The facts as the events tell them."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, tuple[Any, ...]], tuple[int, int, dict[str, Any]]] = {}

    def apply(self, body: dict[str, Any]) -> Iterator[str]:
        """Take in one event; yields what cannot be."""
        stream, seq, command = body["stream"], body["seq"], body["command"]
        for table_name, key, old, new in body["changes"]:
            table = _FACTS.get(table_name)
            if table is None:
                yield f"it speaks of a table {table_name} that does not exist"
                continue
            place = (table_name, tuple(key))
            if "command_id" in table.primary_key.columns:
                place = (table_name, (*key, command))
            known = self.rows.get(place)
            if (old is None) == (known is not None):
                yield f"{table_name} {key} was{'' if known else ' not'} there before it"
            if new is None:
                self.rows.pop(place, None)
                continue
            row = dict(known[2]["row"]) if known and old is not None else {}
            row.update(new)
            bare = {name: value for name, value in row.items() if value is not None}
            self.rows[place] = (stream, seq, {"command": command, "row": bare})
