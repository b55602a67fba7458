"""Every way in which the statements of two commands can come to PostgreSQL, as far as the order matters.

Dynamic partial-order reduction (Flanagan and Godefroid, POPL 2005) over statements: a schedule is run,
dependent statements in it that could have come the other way round are turned round, and so on until
nothing is new. Two statements depend on each other when one may wait for the other (both lock or write the
same table), or when one is the commit of what the other reads.
"""

from __future__ import annotations

import re
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from biobank_desktop.domain.problems import BiobankError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from biobank_desktop.persistence.store import Store

OTHER = (1, 0)

_FRESH = frozenset({"command", "code", "event", "event_subject", "unsealed", "decision", "log", "seal"})
"""Whose keys are new in every command: two inserts never wait for each other."""
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)", re.IGNORECASE)
_WRITTEN = re.compile(r"(?<!KEY )(?<!DO )\b(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)
_LOCKED = re.compile(r"\bFOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)\b", re.IGNORECASE)
_TRIGGERS = {
    "placement": frozenset({"sample", "donor", "decision", "container", "container_kind"}),
    "relocation": frozenset({"placement"}),
    "sample": frozenset({"sample", "container"}),
    "container": frozenset({"container"}),
}
"""What the guards of a table look at and hold."""
_LOOKED_AT = {
    "sample": frozenset({"placement"}),
    "container": frozenset({"placement", "sample"}),
    "container_kind": frozenset({"container", "placement"}),
}
"""What they only look at."""


@dataclass(frozen=True)
class Footprint:
    """What a statement touches; a commit touches what its transaction has written."""

    reads: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    commits: frozenset[str] = frozenset()

    def depends_on(self, other: Footprint) -> bool:
        """Whether the order of the two can matter."""
        if self.commits or other.commits:
            touched = self.reads | self.holds | self.writes | self.commits
            theirs = other.reads | other.holds | other.writes | other.commits
            return bool(self.commits & theirs - (self.commits & other.commits & _FRESH)) or bool(
                other.commits & touched - (self.commits & other.commits & _FRESH)
            )
        return bool((self.holds | self.writes) & (other.holds | other.writes))


def footprint_of(sql: str) -> Footprint:
    """What this statement touches, as its words and the guards' say."""
    read = frozenset(name.lower() for name in _READ.findall(sql))
    touched: set[str] = set()
    looked_at: set[str] = set()
    writes: set[str] = set()
    for operation, name in _WRITTEN.findall(sql):
        touched |= _TRIGGERS.get(name.lower(), frozenset())
        looked_at |= _LOOKED_AT.get(name.lower(), frozenset())
        if operation.upper() != "INSERT INTO" or name.lower() not in _FRESH:
            writes.add(name.lower())
    holds = touched | (read if _LOCKED.search(sql) else frozenset())
    return Footprint(read | touched | looked_at, frozenset(holds), frozenset(writes))


class Actor:
    """One bench: it stops before every statement until it is let go on.

    ``rewrite`` changes what it says to the database, for the negative controls.
    """

    def __init__(
        self, store: Store, gesture: Callable[[Store], object], rewrite: Callable[[str], str] = str
    ) -> None:
        self.waits_with: Footprint | None = None
        self.pid = 0
        self.outcome: str | None = None
        self._store, self._gesture, self._rewrite = store, gesture, rewrite
        self._turn = threading.Condition()
        self._go = False
        self._written: set[str] = set()
        event.listen(store.engine, "checkout", _wait_for_everything)
        event.listen(store.engine, "before_cursor_execute", self._before, retval=True)
        event.listen(store.engine, "commit", self._commit)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        return self.outcome is not None

    def rests(self, seconds: float) -> bool:
        """Whether it stands at its next statement or has ended; waits a moment for that."""
        with self._turn:
            return self._turn.wait_for(lambda: self.waits_with is not None or self.is_done, seconds)

    def go_on(self) -> Footprint:
        """Let it do the statement it stands at."""
        with self._turn:
            done = self.waits_with
            assert done is not None
            self.waits_with, self._go = None, True
            self._turn.notify_all()
        return done

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._gesture(self._store)
            outcome = "ok"
        except BiobankError as error:
            outcome = f"{type(error).__name__}: {error}"
        except Exception as error:  # a bug of ours: the schedule is told with it
            outcome = f"BUG {type(error).__name__}: {error}".splitlines()[0]
        with self._turn:
            self.outcome = outcome
            self._turn.notify_all()

    def _before(self, connection: Any, _cursor: Any, sql: str, given: Any, *_rest: Any) -> tuple[str, Any]:
        sql = self._rewrite(sql)
        self.pid = connection.connection.driver_connection.info.backend_pid
        self._written |= {name.lower() for _operation, name in _WRITTEN.findall(sql)}
        self._stand(footprint_of(sql))
        return sql, given

    def _commit(self, _connection: Any) -> None:
        commits, self._written = frozenset(self._written), set()
        self._stand(Footprint(commits=commits or frozenset({"nothing"})))

    def _stand(self, footprint: Footprint) -> None:
        with self._turn:
            self.waits_with = footprint
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._go)
            self._go = False


def _wait_for_everything(driver: Any, *_rest: Any) -> None:
    """What would go with the next statement goes alone: all orders that can come are among these."""
    driver.unanswered = driver.answered_later = nullcontext


@dataclass
class Trace:
    """One schedule as it came: whose turn it was, and with what."""

    turns: list[tuple[int, Footprint]] = field(default_factory=list)
    could_choose: list[bool] = field(default_factory=list)

    def reversals(self) -> Iterator[tuple[int, ...]]:
        """The beginnings of schedules in which a race of this one comes the other way round."""
        known = [-1, -1]  # up to which turn of the other one each has been ordered after
        choices = tuple(actor for actor, _footprint in self.turns)
        for place, (actor, footprint) in enumerate(self.turns):
            racing = [
                before
                for before in range(known[actor] + 1, place)
                if choices[before] == OTHER[actor] and footprint.depends_on(self.turns[before][1])
            ]
            if racing:
                known[actor] = racing[-1]
                if self.could_choose[racing[-1]]:
                    yield (*choices[: racing[-1]], actor)

    def orders(self) -> tuple[tuple[int, int, int], ...]:
        """Which dependent turns came in which order: schedules with the same orders come to the same."""
        numbers, found = [0, 0], []
        newest: list[list[tuple[int, Footprint]]] = [[], []]
        for actor, footprint in self.turns:
            before = [number for number, other in newest[OTHER[actor]] if footprint.depends_on(other)]
            found.append((actor, numbers[actor], max(before, default=-1)))
            newest[actor].append((numbers[actor], footprint))
            numbers[actor] += 1
        return tuple(sorted(found))


def play(actors: tuple[Actor, Actor], beginning: tuple[int, ...], watching: psycopg.Connection[Any]) -> Trace:
    """Let two actors come to their end: the first turns as ``beginning`` says, then as far as each can."""
    trace, turn = Trace(), 0
    while not all(actor.is_done for actor in actors):
        ready = _ready(actors, watching)
        if not ready:
            continue
        place = len(trace.turns)
        wanted = beginning[place] if place < len(beginning) else turn
        turn = wanted if wanted in ready else OTHER[wanted]
        trace.could_choose.append(len(ready) == 2)
        trace.turns.append((turn, actors[turn].go_on()))
    for actor in actors:
        actor.join()
    return trace


def _ready(actors: tuple[Actor, Actor], watching: psycopg.Connection[Any]) -> list[int]:
    """Who stands at a statement, once the other one does so too, has ended or waits for a lock."""
    while True:
        resting = [actor.rests(0.002) for actor in actors]
        for place, actor in enumerate(actors):
            if not resting[place] and not _is_blocked(actor, watching):
                break
        else:
            return [place for place, actor in enumerate(actors) if actor.waits_with is not None]


def _is_blocked(actor: Actor, watching: psycopg.Connection[Any]) -> bool:
    if not actor.pid:
        return False
    asked = "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted"
    return watching.execute(asked, (actor.pid,)).fetchone() is not None
