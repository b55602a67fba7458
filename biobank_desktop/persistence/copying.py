"""A consistent copy of a live SQLite file, in steps between which commands run and commit.

SQLite's backup API keeps the copy up to date with what *the same* connection writes meanwhile; a second
connection would make it start again with every commit, and reading the file itself would drop its locks.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from threading import Semaphore, Thread
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.persistence.steps import Progress, Steps

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.persistence.store import Store

STEP_PAGES = 1000


class _Cancelled(Exception):
    """The copy was given up."""


def copy_sqlite(store: Store, target: Path) -> Steps[None]:
    """Copy the store's file to ``target``, about 4 MB a step. Raises ``Unavailable``.

    Closing it half way removes the target.
    """
    with closing(store.engine.raw_connection()) as borrowed:
        source = borrowed.driver_connection
    assert isinstance(source, sqlite3.Connection)
    lockstep = _Lockstep(source, target)
    try:
        while lockstep.step():
            yield Progress(*lockstep.pages)
    except sqlite3.Error as error:
        problem = Problem("backup", "backup-cannot-be-written", {"path": str(target), "said": str(error)})
        raise Unavailable(problem) from error
    finally:
        if lockstep.cancel():
            target.unlink(missing_ok=True)


class _Lockstep:
    """Runs ``Connection.backup`` one step at a time.

    The call returns only when it has finished, so it runs in a thread of its own that stands still, in the
    progress callback, whenever the caller does not: the two never run at the same time.
    """

    def __init__(self, source: sqlite3.Connection, target: Path) -> None:
        self._source, self._target = source, target
        self._go, self._stopped = Semaphore(0), Semaphore(0)
        self._error: BaseException | None = None
        self._ended = self._cancelled = False
        self.pages = (0, 0)
        self._thread = Thread(target=self._run, name="backup")
        self._thread.start()

    def step(self) -> bool:
        """Do one step; False when that was the last one. Raises ``sqlite3.Error``."""
        self._go.release()
        self._stopped.acquire()
        if self._error is not None:
            raise self._error
        return not self._ended

    def cancel(self) -> bool:
        """Give up what is not done yet; False when it was done."""
        if not self._ended:
            self._cancelled = True
            self._go.release()
        self._thread.join()
        return self._error is not None

    def _run(self) -> None:
        self._go.acquire()
        try:
            self._stand_still_or_go_on()
            with closing(sqlite3.connect(self._target)) as target:
                self._source.backup(target, pages=STEP_PAGES, progress=self._progress)
        except (sqlite3.Error, _Cancelled) as error:
            self._error = error
        finally:
            self._ended = True
            self._stopped.release()

    def _progress(self, _status: int, remaining: int, total: int) -> None:
        self.pages = (total - remaining, total)
        if remaining:
            self._stopped.release()
            self._go.acquire()
            self._stand_still_or_go_on()

    def _stand_still_or_go_on(self) -> None:
        if self._cancelled:
            raise _Cancelled
