"""The way through the streams: a few hundred events a step, whole streams as far as they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, select, tuple_, type_coerce

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.replay import Replay
from biobank_desktop.persistence.work import NO_HASH

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEP_EVENTS = 400


class Walk:
    """Where the reading of a part (streams ``first`` to ``last``) has come."""

    def __init__(self, first: int, last: int, large: bool, *, whole: bool) -> None:
        self.first, self.last, self.large, self.whole = first, last, large, whole
        self.replay = Replay()
        self.seen: set[int] = set()
        self.stream: int | None = None
        self.seq = 0
        self.hash = NO_HASH
        self.commands: set[object] = set()

    def enter(self, stream: int) -> None:
        """Begin the next stream."""
        self.seen.add(stream)
        self.stream, self.seq, self.hash = stream, 0, NO_HASH
        self.commands.clear()

    def is_second(self, command: object) -> bool:
        """Whether this command has an event in this stream already: each has one."""
        if command in self.commands:
            return True
        self.commands.add(command)
        return False

    def query(self, *, sqlite: bool) -> Any:
        """The events that come next, each with its command when its content is judged."""
        event, command = tables.event.c, tables.command.c
        asked = (
            select(event.id, event.stream_id, event.seq, event.body, event.hash)
            .where(event.stream_id.between(self.first, self.last))
            .order_by(event.stream_id, event.seq)
        )
        if self.whole:
            asked = asked.add_columns(
                event.command_id,
                command.kind,
                command.payload_sha256,
                command.login,
                command.bench,
                type_coerce(command.at, Text) if sqlite else command.at,  # as it lies there, a moment or not
            ).outerjoin(tables.command, command.id == event.command_id)
        if self.large:
            asked = asked.limit(STEP_EVENTS)
        if self.stream is not None:
            asked = asked.where(tuple_(event.stream_id, event.seq) > (self.stream, self.seq))
        return asked


def next_part(connection: Connection, last: int) -> tuple[int, int, bool] | None:
    """The next streams with a few hundred events together, or one large stream: (first, last, large)."""
    head = tables.stream.c
    rows = connection.execute(
        select(head.id, head.head_seq).where(head.id > last).order_by(head.id).limit(STEP_EVENTS)
    ).fetchall()
    if not rows:
        return None
    upto, events = rows[0].id, rows[0].head_seq
    large = events > STEP_EVENTS
    for row in rows[1:]:
        events += row.head_seq
        if large or events > STEP_EVENTS:
            break
        upto = row.id
    return rows[0].id, upto, large


def subjects_of(connection: Connection, events: list[int]) -> dict[int, list[int]]:
    """The objects that each of these events is listed with."""
    subject = tables.event_subject.c
    found: dict[int, list[int]] = {}
    for start in range(0, len(events), STEP_EVENTS):
        asked = select(subject.event_id, subject.subject_id).where(
            subject.event_id.in_(events[start : start + STEP_EVENTS])
        )
        for event_id, subject_id in connection.execute(asked):
            found.setdefault(event_id, []).append(subject_id)
    return found
