"""A process that is killed at one of its statements: before it is sent, or after it is answered."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import alembic.command  # noqa: F401 - so that the processes are forked with it
from sqlalchemy import Engine, StaticPool, create_engine, event

from biobank_desktop.persistence import schema
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services.backup import restore
from biobank_desktop.services.lab import found_lab
from biobank_desktop.services.people import PersonForm
from tests.support.databases import ANNA, BENCH, PASSWORD, open_store
from tests.support.processes import PROCESSES
from tests.support.stored import REVISIONS, stored_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Blow:
    """When the process is killed: at its statement of this number, from 1."""

    statement: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} statement {self.statement}"


def upgrade(address: str) -> None:
    """Bring a database to the newest schema."""
    engine = make_engine(address)
    schema.upgrade(engine)
    engine.dispose()


def upgrade_in_pieces(address: str) -> None:
    """The same with each statement committed at once, as no program should."""
    engine: Engine
    if "://" in address:
        engine = make_engine(address).execution_options(isolation_level="AUTOCOMMIT")
    else:  # ours begins a transaction of its own
        engine = create_engine(f"sqlite:///{address}", poolclass=StaticPool, isolation_level="AUTOCOMMIT")
    schema.upgrade(engine)
    engine.dispose()


def found(address: str) -> None:
    """Found a lab in an empty database."""
    store = open_store(address)
    found_lab(store, PersonForm(ANNA.login, ANNA.name, ANNA.role), PASSWORD, BENCH)
    store.close()


def restore_oldest(address: str) -> None:
    """Restore the archive of the first schema into an empty database."""
    complete(restore(stored_archive(REVISIONS[0]), address, ANNA.login, PASSWORD, BENCH))


def strike(work: Callable[[str], None], address: str, blow: Blow) -> bool:
    """Do the work in a process of its own that is killed so; False when it came to its end before."""
    victim = PROCESSES.Process(target=_struck, args=(work, address, blow))
    victim.start()
    victim.join()
    killed = victim.exitcode == -signal.SIGKILL
    victim.close()
    return killed


def statements_of(work: Callable[[str], None], address: str) -> int:
    """Do the work in a process of its own and say in how many statements."""
    mine, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_counted, args=(work, address, theirs))
    process.start()
    theirs.close()
    count = int(mine.recv())
    process.join()
    process.close()
    mine.close()
    return count


def _struck(work: Callable[[str], None], address: str, blow: Blow) -> None:
    counter = _Counter(blow)
    work(address)
    counter.next_one()  # what was to be killed after the last commit is killed here


def _counted(work: Callable[[str], None], address: str, out: Connection) -> None:
    counter = _Counter(None)
    work(address)
    out.send(counter.count)


class _Counter:
    """Counts every statement of this process, COMMIT and ROLLBACK among them, and ends it at one of them."""

    def __init__(self, blow: Blow | None) -> None:
        self.count = 0
        self._blow = blow
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)
        event.listen(Engine, "commit", self._ending)
        event.listen(Engine, "rollback", self._ending)

    def next_one(self) -> None:
        """One more statement is about to be sent."""
        if self._blow and self._blow.after and self._blow.statement == self.count:
            _end()  # after a COMMIT of the driver, which tells nobody when it is answered
        self.count += 1
        if self._blow and not self._blow.after and self._blow.statement == self.count:
            _end()

    def _before(self, *_: Any) -> None:
        self.next_one()

    def _after(self, *_: Any) -> None:
        if self._blow and self._blow.after and self._blow.statement == self.count:
            _end()

    def _ending(self, connection: Any) -> None:
        if connection.dialect.name != "sqlite":  # there it is a statement like any other
            self.next_one()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
