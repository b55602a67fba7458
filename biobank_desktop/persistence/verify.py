"""Checks a database against its own history, and says every contradiction.

Problems are ``Finding(kind, stream, seq, why)``. Kinds: ``event`` (edited, deleted or inserted), ``stream``
(head and events disagree), ``seal``, ``command``, ``state`` (a fact is not what its events say),
``structure`` (keys, integrity, the schema itself). What a rewrite of everything with all hashes recomputed
leaves, only a pin finds: ``pins``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, func, or_, select, text

from biobank_desktop.domain import codes
from biobank_desktop.persistence import blueprint, tables
from biobank_desktop.persistence.canonical import dumps, loads, to_moment_text
from biobank_desktop.persistence.seals import extend
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.persistence.walk import STEP_EVENTS, Walk, next_part, subjects_of
from biobank_desktop.persistence.work import NO_HASH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.persistence.replay import Replay
    from biobank_desktop.persistence.store import Store

STEP_ROWS = 20_000
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What rows raise that somebody else wrote: a contradiction like others, not a mistake of the program."""
_NAMES_THE_DATABASE = frozenset({"lab-founded", "database-restored"})


@dataclass(frozen=True)
class Finding:
    """One contradiction; ``stream`` and ``seq`` name the event, where there is one.

    ``since`` is when that event, or the newest one before it, was recorded (UTC).
    """

    kind: str
    stream: int | None
    seq: int | None
    why: str
    since: str | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, object]:
        """The finding as the command line prints it."""
        return asdict(self)


class Verification:
    """One verification of a whole database, in steps between which commands may run.

    Each step reads a snapshot of its own and judges only what is whole within it, so a command between two
    steps is no contradiction. Iterating runs it and yields its progress; afterwards ``findings`` holds every
    contradiction and ``events`` how many events were read.

    Without ``state`` it asks only whether the history is the one that was written: hashes, heads, the log and
    the seals. What an event says is then not read: its hash already binds it.
    """

    def __init__(self, store: Store, *, state: bool = True) -> None:
        self.store = store
        self._state = state
        self._total = 0
        self._uuid: object = None
        self.findings: list[Finding] = []
        self.events = 0

    def __iter__(self) -> Iterator[Progress]:
        """Run, a few hundred events or a few thousand rows a step."""
        with self.store.snapshot() as connection:
            self._total = connection.execute(select(func.count()).select_from(tables.event)).scalar_one()
        for part in self.parts():
            try:
                for _ in part():
                    yield Progress(min(self.events, self._total), self._total)
            except UNREADABLE as error:
                self.find("structure", None, None, f"rows that this program never writes: {error}")
        self._date()

    def parts(self) -> tuple[Callable[[], Iterator[None]], ...]:
        """What is verified, in order; each is done in steps."""
        if not self._state:
            return self._streams, self._places, self._seals
        return self._structure, self._streams, self._places, self._codes, self._commands, self._seals

    def run(self) -> list[Finding]:
        """Run to the end and return the findings."""
        for _ in self:
            pass
        return self.findings

    # Streams and state -------------------------------------------------------------------------------

    def _streams(self) -> Iterator[None]:
        last = -1
        while True:
            with self.store.snapshot() as connection:
                part = next_part(connection, last)
                if part is None:
                    if self._state:
                        self._identity(connection)
                    return
                walk = Walk(*part, whole=self._state)
                done = self._read(connection, walk)
            yield
            while not done:
                with self.store.snapshot() as connection:
                    done = self._read(connection, walk)
                yield
            last = walk.last

    def _read(self, connection: Connection, walk: Walk) -> bool:
        """Read the part's next events; at its end compare the facts, in the same snapshot."""
        rows = connection.execute(walk.query(sqlite=self.store.is_sqlite)).fetchall()
        subjects = subjects_of(connection, [row.id for row in rows]) if self._state else {}
        head = tables.stream.c
        heads = {
            row.id: row
            for row in connection.execute(
                select(tables.stream).where(head.id.between(walk.first, walk.last)).order_by(head.id)
            )
        }
        for row in rows:
            if row.stream_id != walk.stream:
                self._close(walk, heads)
                walk.enter(row.stream_id)
            if self._link(row, walk) and self._state:
                self._content(row, walk, heads.get(row.stream_id), subjects.get(row.id, []))
        if walk.large and len(rows) == STEP_EVENTS:
            return False
        self._close(walk, heads)
        for stream_id in heads.keys() - walk.seen:
            self.find("stream", stream_id, heads[stream_id].head_seq, "every event of it is missing")
        if self._state:
            for stream, seq, why in walk.replay.compare(connection, walk.first, walk.last):
                self.find("state", stream, seq, why)
        return True

    def _link(self, row: Any, walk: Walk) -> bool:
        """Judge an event's place in the chain; whether its content can be read at all."""
        _id, stream, seq, body, hashed = row[:5]
        expected, previous = walk.seq + 1, walk.hash
        self.events += 1
        if not isinstance(body, bytes) or not isinstance(hashed, bytes):
            # SQLite keeps what it is given: raw SQL can put text where bytes belong.
            self.find("event", stream, seq, "its content is not what this program writes")
            walk.seq = seq
            return False
        if seq != expected:
            why = "an event is missing before this one" if seq > expected else "an event stands twice"
            self.find("event", stream, seq, why)
        elif sha256(previous + body).digest() != hashed:
            self.find("event", stream, seq, "it or the event before it was changed")
        walk.seq, walk.hash = seq, hashed
        return True

    def _content(self, row: Any, walk: Walk, head: Any, subjects: list[int]) -> None:
        stream = row.stream_id
        try:
            body = loads(row.body)
        except orjson.JSONDecodeError:
            self.find("event", stream, row.seq, "its content cannot be read")
            return
        if not isinstance(body, dict) or not body.keys() >= _EVENT_KEYS:
            self.find("event", stream, row.seq, "its content is not that of an event")
            return
        if walk.is_second(row.command_id):
            self.find("event", stream, row.seq, "its command has another event in this stream")
        for kind, why in _contradictions(row, body, head, subjects):
            self.find(kind, stream, row.seq, why)
        try:
            self._tell(body, walk.replay)
        except UNREADABLE:
            self.find("event", stream, row.seq, "its changes cannot be read")

    def _tell(self, body: dict[str, Any], replay: Replay) -> None:
        if body["kind"] in _NAMES_THE_DATABASE and "result" in body:
            self._uuid = body["result"]["uuid"]
        for why in replay.apply(body):
            self.find("event", body["stream"], body["seq"], why)

    def _close(self, walk: Walk, heads: dict[int, Any]) -> None:
        if walk.stream is None:
            return
        head = heads.get(walk.stream)
        if head is None:
            return  # named by ``_rows``: it belongs to no stream
        if head.head_seq > walk.seq:
            self.find("stream", walk.stream, walk.seq + 1, "the newest events are missing")
        elif head.head_seq < walk.seq:
            self.find("event", walk.stream, head.head_seq + 1, "an event was put behind the newest one")
        elif head.head_hash != walk.hash:
            self.find("stream", walk.stream, walk.seq, "the head does not agree with the newest event")

    def _identity(self, connection: Connection) -> None:
        meta = tables.meta.c
        uuid = connection.execute(select(meta.value).where(meta.key == "uuid")).scalar()
        if uuid != self._uuid:
            self.find("state", 0, None, "the database's name is not the one its history gave it")

    # Rows that stand alone ---------------------------------------------------------------------------

    def _places(self) -> Iterator[None]:
        event, known = tables.event.c, tables.stream.c.id
        pos, waiting = tables.log.c.pos, tables.unsealed.c.event_id
        wrong = (
            select(event.stream_id, event.seq, known.label("known"), pos, waiting.label("waiting"))
            .outerjoin(tables.stream, known == event.stream_id)
            .outerjoin(tables.log, tables.log.c.event_id == event.id)
            .outerjoin(tables.unsealed, waiting == event.id)
            .where(
                or_(
                    known.is_(None),
                    and_(pos.is_(None), waiting.is_(None)),
                    and_(pos.is_not(None), waiting.is_not(None)),
                )
            )
        )
        yield from self._each(wrong, event.id, self._place)

    def _place(self, row: Any) -> None:
        if row.known is None:
            self.find("event", row.stream_id, row.seq, "it belongs to no stream")
        if row.pos is None and row.waiting is None:
            self.find("seal", row.stream_id, row.seq, "this event was never to be sealed")
        if row.pos is not None and row.waiting is not None:
            self.find("seal", row.stream_id, row.seq, "this event is to be sealed a second time")

    def _codes(self) -> Iterator[None]:
        code = tables.code.c
        yield from self._each(select(code.id, code.text), code.id, self._code)

    def _code(self, row: Any) -> None:
        number, written = row
        read = codes.parse(written)
        if read is None or codes.number(read) != number:
            self.find("state", None, None, f"code {written} is not that of object {number}")

    def _commands(self) -> Iterator[None]:
        command, event = tables.command.c, tables.event.c
        lone = (
            select(command.id, command.kind)
            .outerjoin(tables.event, event.command_id == command.id)
            .where(event.id.is_(None))
        )
        yield from self._each(lone, command.id, self._lone_command)

    def _lone_command(self, row: Any) -> None:
        self.find("command", None, None, f"command {row.id} ({row.kind}) has no event")

    def _each(self, query: Any, key: Any, judge: Callable[[Any], None]) -> Iterator[None]:
        """Judge every row the query finds, some thousand rows of the key's table a step."""
        step, last = select(key).order_by(key).offset(STEP_ROWS - 1).limit(1), None
        while True:
            begun = () if last is None else (key > last,)
            with self.store.snapshot() as connection:
                upto = connection.execute(step.where(*begun)).scalar()
                ended = () if upto is None else (key <= upto,)
                rows = connection.execute(query.where(*begun, *ended).order_by(key)).fetchall()
            for row in rows:
                judge(row)
            if upto is None:
                return
            last = upto
            yield

    # The whole ---------------------------------------------------------------------------------------

    def _seals(self) -> Iterator[None]:
        root, pos, sealed, last = NO_HASH, 0, 0, False
        while not last:
            with self.store.snapshot() as connection:
                rows, roots, last = _sealed(connection, pos)
            for row in rows:
                if row.pos != pos + 1:
                    self.find("seal", None, row.pos, "the log has a gap before this place")
                pos, root = row.pos, extend(root, (row.hash or NO_HASH,))
                if pos not in roots:
                    continue
                sealed, expected = pos, roots.pop(pos)
                if expected != root:
                    self.find("seal", None, pos, "the sealed history is not the one that stands here")
                    root = expected
            for size in sorted(roots):
                self.find("seal", None, size, "this seal covers more than the log holds")
            yield
        if pos > sealed:
            self.find("seal", None, sealed, "the log goes on behind the newest seal")

    def _structure(self) -> Iterator[None]:
        with self.store.snapshot() as connection:
            for why in blueprint.contradictions(connection):
                self.find("structure", None, None, why)
        yield
        if not self.store.is_sqlite:
            return
        for table in tables.metadata.sorted_tables:
            with self.store.snapshot() as connection:
                for row in connection.execute(text(f"PRAGMA foreign_key_check({table.name})")):
                    self.find("structure", None, None, f"a row of {row[0]} points to nothing in {row[2]}")
                said = connection.execute(text(f"PRAGMA integrity_check({table.name})")).scalars().all()
                if list(said) != ["ok"]:
                    self.find("structure", None, None, "; ".join(map(str, said)))
            yield

    def _date(self) -> None:
        """Say since when: the moment of each event named."""
        event, command = tables.event.c, tables.command.c
        with self.store.snapshot() as connection:
            for place, finding in enumerate(self.findings):
                if finding.stream is None or finding.seq is None:
                    continue
                newest = (
                    select(command.at)
                    .join(tables.event, event.command_id == command.id)
                    .where(event.stream_id == finding.stream, event.seq <= finding.seq)
                    .order_by(event.seq.desc())
                    .limit(1)
                )
                with suppress(ValueError):  # of a command whose moment is none, nothing can be said
                    at = connection.execute(newest).scalar()
                    self.findings[place] = replace(finding, since=to_moment_text(at) if at else None)

    def find(self, kind: str, stream: int | None, seq: int | None, why: str) -> None:
        """Note a contradiction."""
        self.findings.append(Finding(kind, stream, seq, why))


_EVENT_KEYS = frozenset({"stream", "seq", "command", "kind", "payload", "by", "bench", "at", "changes"})


def _sealed(connection: Connection, pos: int) -> tuple[Sequence[Any], dict[int, bytes], bool]:
    """The next places of the log with their hashes, the roots of the seals there, and whether that is all."""
    log, event, seal = tables.log.c, tables.event.c, tables.seal.c
    rows = connection.execute(
        select(log.pos, event.hash)
        .outerjoin(tables.event, event.id == log.event_id)
        .where(log.pos > pos)
        .order_by(log.pos)
        .limit(STEP_ROWS)
    ).fetchall()
    seals, last = select(seal.size, seal.root).where(seal.size > pos), len(rows) < STEP_ROWS
    if not last:
        seals = seals.where(seal.size <= rows[-1].pos)
    return rows, {row.size: row.root for row in connection.execute(seals)}, last


def _contradictions(
    row: Any, body: dict[str, Any], head: Any, subjects: list[int]
) -> Iterator[tuple[str, str]]:
    """What an event's content says against its own row, its stream and its command: (kind, why)."""
    if body["stream"] != row.stream_id or body["seq"] != row.seq:
        yield "event", "its content belongs to another place in the history"
    elif dumps(body) != row.body:
        yield "event", "its content is not written as this program writes"
    if body.get("about", []) != sorted(subjects):
        yield "event", "it is listed in the timelines of other objects than it is about"
    if row.seq == 1 and head is not None and body.get("begins") != head.kind:
        yield "stream", "its kind is not what its first event says"
    if row.kind is None:
        yield "command", "its command is not in the database"
        return
    said = (body["command"], body["kind"], body["payload"], body["by"], body["bench"], body["at"])
    at = row.at if isinstance(row.at, str) else to_moment_text(row.at)
    if said != (str(row.command_id), row.kind, row.payload_sha256.hex(), row.login, row.bench, at):
        yield "command", "its command says something else"
