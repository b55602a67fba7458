"""The store: runs commands exactly once, gives readers a connection, seals what has been committed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Engine, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.people import PERMISSIONS
from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import loads, whole_milliseconds
from biobank_desktop.persistence.engine import begin_together, without_limits
from biobank_desktop.persistence.errors import CODE_TAKEN, border, is_lost, is_transient, translate
from biobank_desktop.persistence.work import Work, payload_sha256

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.domain.people import Permission, Role
    from biobank_desktop.persistence.journal import Journal
    from biobank_desktop.persistence.listening import Listener
    from biobank_desktop.persistence.words import Word

Result = Mapping[str, Any]
SameAs = Callable[[Connection, Result], None]
T = TypeVar("T")

PATIENCE_SECONDS = 20.0
_ASKED = "asked"
"""The kind of what is entered to see whether it can be; it is never stored."""
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass
class _Doubt:
    """Whether a COMMIT went out whose answer never came; without one the server has stored nothing."""

    committing: bool = False
    stands: bool = False


class OutcomeUnknown(Unavailable):
    """The connection broke and did not come back in time: the journal asks again at the next start."""


@dataclass(frozen=True)
class Entry:
    """A command that is being entered: when, and the account as it is now; a founder has none yet."""

    at: datetime
    login: str
    active: bool | None = None
    role: Role | None = None


class Store:
    """One database. Belongs to one thread at a time; on SQLite it holds the only connection there is."""

    def __init__(self, engine: Engine, journal: Journal | None = None) -> None:
        self.engine = engine
        self.journal = journal
        self.read_only: Problem | None = None
        self.patience_seconds = PATIENCE_SECONDS
        self._program = uuid4().hex
        self._listener: Listener | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a local file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, in a transaction of its own. Raises ``Unavailable``."""
        with border(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Like ``read``, but every statement sees the same moment and none is timed out.

        On SQLite no command can run meanwhile: hold it for milliseconds. Raises ``Unavailable``.
        """
        with border(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with without_limits(connection):
                yield connection

    def run(self, command: Command, body: Callable[[Work], Result], *, same: SameAs | None = None) -> Result:
        """Run ``body`` in one transaction as ``command`` and return its result; once, however often called.

        A command whose id is known already is not run again: its stored result is returned. A lost
        connection, a deadlock and a code drawn twice are tried again with the same id. The journal keeps its
        line open until the person was told the answer (``Journal.told``). What no payload may hold, ``same``
        compares: it raises ``Rejected`` when a repetition asks something else than what was stored.

        Raises ``Rejected`` (rules), ``Conflict`` (somebody was first), ``Unavailable`` (nothing was
        changed) and ``OutcomeUnknown`` (not known within 20 seconds whether it was stored).
        """
        if self.read_only:
            raise Unavailable(self.read_only)
        if self.journal:
            self.journal.begin(command)
        try:
            result = self._patiently(partial(self._attempt, command, body, same))
        except OutcomeUnknown:
            if self.journal:
                self.journal.put_aside([command.id])
            raise
        except Exception:  # what is none (a program told to end at once) may have come amid a COMMIT
            if self.journal:
                self.journal.answered(command)
            raise
        if self.journal:
            self.journal.answered(command)
        return result

    def _patiently(self, attempt: Callable[[_Doubt], T]) -> T:
        """What the attempt makes; tried again as long as that may help and the person has patience."""
        deadline = time.monotonic() + self.patience_seconds
        doubt = _Doubt()
        for tries in range(1_000_000):
            try:
                return attempt(doubt)
            except DBAPIError as error:
                doubt.stands = doubt.stands or (doubt.committing and is_lost(error))
                waits = is_lost(error) or is_transient(error)
                # A number drawn twice is drawn again at once, also when waiting has used the patience up.
                last = deadline if waits else deadline + self.patience_seconds
                if not self._again(error) or time.monotonic() > last:
                    raise self._verdict(error, unsure=doubt.stands) from error
                if waits:
                    time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        raise AssertionError("unreachable")

    @staticmethod
    def _again(error: DBAPIError) -> bool:
        if is_lost(error) or is_transient(error):
            return True
        ours = translate(error)
        return isinstance(ours, Rejected) and ours.problems[0].code == CODE_TAKEN

    @staticmethod
    def _verdict(error: DBAPIError, *, unsure: bool) -> BaseException:
        if unsure:
            return OutcomeUnknown(Problem("database", "outcome-unknown"))
        return translate(error) or error

    def _attempt(
        self, command: Command, body: Callable[[Work], Result], same: SameAs | None, doubt: _Doubt
    ) -> Result:
        doubt.committing = False
        with self.engine.connect() as connection, begin_together(connection):
            entry = _enter(connection, command)
            if entry is None:
                stored = stored_result(connection, command)
                if same:
                    same(connection, stored)
                return stored
            doubt.stands = False  # had an earlier try been stored, its id would have been found
            require_allowed(entry, command.permission)
            work = Work(connection, command, entry.at, self._program)
            result = body(work)
            work.finish(result)
            doubt.committing = True
            return result

    def stored(self, command_id: UUID) -> bool:
        """Whether a command of this id is in the database: the answer to a journal's open entry.

        Asked by trying to enter it: should the server still be at it for a bench that is gone, its unique
        key waits for the end of that. Raises ``Unavailable``.
        """
        asked = Command(_ASKED, "", "", {}, id=command_id)

        def attempt(_doubt: _Doubt) -> bool:
            with self.engine.connect() as connection, connection.begin() as nothing:
                known = _enter(connection, asked) is None
                nothing.rollback()
                return known

        return self._patiently(attempt)

    def listen(self, heard: Callable[[Word], None]) -> None:
        """Tell ``heard``, on another thread, when another program has stored something; until ``hush``.

        A local file is nobody else's: of that nothing is ever heard.
        """
        if not self.is_sqlite:
            from biobank_desktop.persistence.listening import Listener  # noqa: PLC0415 - needs psycopg

            self._listener = Listener(self.engine, self._program, heard)

    def hush(self) -> None:
        """Let nothing be told any more. May be called on any thread and waits for nothing."""
        if self._listener:
            self._listener.stop()

    def close(self) -> None:
        """Let go of the database."""
        if self._listener:
            self._listener.close()
        self.engine.dispose()


def _enter(connection: Connection, command: Command) -> Entry | None:
    """Register the command as the first write; None when it is there already.

    The unique key also makes a repetition wait for the transaction of its own lost first try.
    """
    values: dict[str, object] = {
        "id": command.id,
        "kind": command.kind,
        "payload_sha256": payload_sha256(command),
        "login": command.login,
        "bench": command.bench,
    }
    if connection.dialect.name != "sqlite":
        row = connection.execute(_ENTER_POSTGRESQL, values).first()
        return Entry(row.at, command.login, row.active, row.role) if row else None
    now = whole_milliseconds(datetime.now(UTC))
    if not connection.execute(_ENTER_SQLITE, {**values, "at": now}).rowcount:
        return None
    row = connection.execute(_ACCOUNT, values).first()
    return Entry(now, command.login, row.active, row.role) if row else Entry(now, command.login)


_person = tables.person.c
_ACCOUNT = select(_person.active, _person.role).where(_person.login == bindparam("login"))
_ENTER_SQLITE = sqlite_insert(tables.command).on_conflict_do_nothing()
_ENTER_POSTGRESQL = (
    postgresql_insert(tables.command)
    .values(
        **{name: bindparam(name) for name in ("id", "kind", "payload_sha256", "login", "bench")},
        at=func.date_trunc("milliseconds", func.clock_timestamp()),
    )
    .on_conflict_do_nothing()
    .returning(
        tables.command.c.at,
        *(
            select(column).where(_person.login == bindparam("login")).scalar_subquery().label(column.name)
            for column in (_person.active, _person.role)
        ),
    )
)


def require_allowed(entry: Entry, permission: Permission | None) -> None:
    """Raise ``Rejected`` when this account may not do this any more, however long it has been signed in.

    ``person-not-active`` when it is closed, ``not-permitted`` when its role was taken away meanwhile. Who has
    no account yet founds the lab.
    """
    if entry.role is None:
        return
    if not entry.active:
        raise Rejected(Problem("", "person-not-active", {"login": entry.login}))
    if permission is not None and permission not in PERMISSIONS[entry.role]:
        raise Rejected(Problem("", "not-permitted", {"role": entry.role}))


def stored_result(connection: Connection, command: Command) -> Result:
    """The result of a command that was stored before. Raises ``Rejected`` when it asked something else."""
    row = connection.execute(
        select(tables.command.c.payload_sha256, tables.event.c.body)
        .join(tables.event, tables.event.c.command_id == tables.command.c.id)
        .where(tables.command.c.id == command.id)
        .order_by(tables.event.c.stream_id)
    ).first()
    if row is None or row.payload_sha256 != payload_sha256(command):
        raise Rejected(Problem("command", "command-id-reused"))
    result: Result = loads(row.body)["result"]
    return result
