"""What must be true of a database after whatever worked on it has ended badly."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.session import exists, open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.session import Session
    from biobank_desktop.settings import Settings


@dataclass
class Told:
    """What the person at the bench knows: what was begun, and what was said to be stored."""

    begun: set[UUID] = field(default_factory=set)
    acknowledged: set[UUID] = field(default_factory=set)
    founded: bool = False
    _last: UUID | None = None

    def hear(self, words: bytes) -> None:
        """Take in what a program said: lines of ``bench_day``, or the command line's answer."""
        for line in words.splitlines():
            word, _, rest = line.partition(b" ")
            if word in {b"begun", b"acknowledged"}:
                self._last = UUID(rest.decode())
                (self.begun if word == b"begun" else self.acknowledged).add(self._last)
            elif b'"ok": true' in line:
                self.founded = True
                self.acknowledged |= {self._last} if self._last else set()


@dataclass(frozen=True)
class Found:
    """What the next start finds: the commands stored, those the person is told of, and what is broken."""

    commands: frozenset[UUID] | None
    answered: frozenset[UUID] = frozenset()
    broken: tuple[str, ...] = ()

    def contradictions(self, told: Told) -> Iterator[str]:
        """What is broken, and what the person knows otherwise."""
        yield from self.broken
        if self.commands is None:
            if told.founded or told.acknowledged:
                yield "there is no database, although it was acknowledged"
            return
        lost = told.acknowledged - self.commands
        if lost:
            yield f"{len(lost)} acknowledged commands are not there"
        untold = (self.commands & told.begun) - told.acknowledged - self.answered
        if untold:
            yield f"{len(untold)} commands are stored and nobody would be told"


def _verified(store: Store) -> tuple[str, ...]:
    return tuple(map(str, Verification(store).run()))


def next_start(bench: Settings, verified: Callable[[Store], tuple[str, ...]] = _verified) -> Found:
    """Open it as the program does, and look."""
    try:
        if not exists(bench):
            return Found(None)
        session = open_session(bench)
        assert session.store.journal is not None
        with closing(session.store), closing(session.store.journal):
            return _look(session, verified)
    except Exception as error:  # whatever it is, a technician stands before it
        return Found(frozenset(), broken=(f"it does not open: {str(error).splitlines()[0]}",))


def _look(session: Session, verified: Callable[[Store], tuple[str, ...]]) -> Found:
    with session.store.read() as connection:
        commands = frozenset(connection.execute(select(tables.command.c.id)).scalars())
    answered = frozenset(answer.entry.id for answer in session.answers())
    broken = (f"it is behind its pin: {session.behind_pin}",) if session.behind_pin else ()
    session.store.engine.dispose()  # what a file holds, without a log beside it
    return Found(commands, answered, broken + verified(session.store))
