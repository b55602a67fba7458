"""A connection to PostgreSQL that does not wait for ever, nor for answers that nobody needs."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any, Literal, Self

import psycopg
from psycopg.errors import _WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

ANSWER_SECONDS = 9.0


_LONGEST_KNOWN = 5_000
"""The length of a statement whose columns are remembered; in longer ones a walk is the least."""


class _Cursor(psycopg.Cursor[Any]):
    """Waits for the answer to each statement, also where they are sent together; unless it is for later.

    What a statement answered once tells its columns; one that was not asked before is waited for.
    """

    _columns: list[psycopg.Column] | None = None
    _asked_after: int | None = None

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        self._columns = self._asked_after = None
        super().execute(query, params, **how)
        mine: Any = self.connection
        if mine.letters is None or mine.answers == "never":
            return self
        if mine.answers == "later":
            self._columns = mine.columns.get(query)
        if self._columns is not None:
            self._asked_after = mine.walks
            return self
        mine.walk()
        if mine.answers == "later" and self.description and len(query) < _LONGEST_KNOWN:
            mine.columns[query] = self.description
        return self

    @property
    def description(self) -> list[psycopg.Column] | None:
        return self._columns or super().description

    def fetchone(self) -> Any:
        self._wait()
        return super().fetchone()

    def fetchmany(self, size: int = 0) -> list[Any]:
        self._wait()
        return super().fetchmany(size)

    def fetchall(self) -> list[Any]:
        self._wait()
        return super().fetchall()

    def _wait(self) -> None:
        mine: Any = self.connection
        if mine.letters is not None and self._asked_after == mine.walks:
            mine.walk()


class PatientConnection(psycopg.Connection[Any]):
    """Lost when the server does not answer within ``answer_within`` seconds; None waits without an end.

    Keepalives find a cut cable, but not a server that is frozen or a proxy that swallows what it is sent.

    Every answer is a walk through the network. In a transaction begun with ``together`` a statement whose
    answer nobody wants (``unanswered``), or not yet (``answered_later``), is sent, and what went wrong with
    it is raised by the next one that is waited for, at the latest by the COMMIT, which is sent with it.
    """

    answer_within: float | None = ANSWER_SECONDS
    letters: psycopg.Pipeline | None = None
    walks = 0
    """how often answers were waited for where statements are sent together"""
    answers: Literal["now", "later", "never"] = "now"
    _post: AbstractContextManager[psycopg.Pipeline] | None = None

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.cursor_factory = _Cursor
        self.columns: dict[str, list[psycopg.Column]] = {}

    def together(self) -> None:
        """From here to the end of the transaction, which is still to begin, statements may go together."""
        self.autocommit = True  # or the driver would begin, and wait for that
        self._post = self.pipeline()
        self.letters = self._post.__enter__()

    def walk(self) -> None:
        """Wait for the answers to everything that was sent together until now."""
        assert self.letters is not None
        self.walks += 1
        self.letters.sync()

    @contextmanager
    def unanswered(self) -> Iterator[None]:
        """What is executed here is not waited for, where statements are sent together."""
        before, self.answers = self.answers, "never"
        try:
            yield
        finally:
            self.answers = before

    @contextmanager
    def answered_later(self) -> Iterator[None]:
        """What is executed here is waited for when its rows are, where statements are sent together."""
        before, self.answers = self.answers, "later"
        try:
            yield
        finally:
            self.answers = before

    def commit(self) -> None:
        """Commit; what was not waited for is now."""
        if self.letters is None:
            super().commit()
            return
        try:
            with self.unanswered():
                self.execute("COMMIT")
        except psycopg.Error:
            with suppress(psycopg.Error):  # what comes after the first error only says that there was one
                self._send_all()
            raise
        self._send_all()
        self.autocommit = False

    def rollback(self) -> None:
        """Undo the transaction; also one whose COMMIT was refused."""
        with suppress(psycopg.Error):  # what is undone need not have gone well
            self._send_all()
        super().rollback()  # which also forgets the statements that an error kept from being prepared
        if self.autocommit:
            self.autocommit = False

    def close(self) -> None:
        """Hang up."""
        with suppress(psycopg.Error):
            self._send_all()
        super().close()

    def _send_all(self) -> None:
        post, self._post, self.letters = self._post, None, None
        if post is not None:
            post.__exit__(None, None, None)

    def is_hung_up(self) -> bool:
        """Whether the other side has ended an idle connection; asks only this computer, nobody waits."""
        with DefaultSelector() as waiting:
            waiting.register(self.fileno(), EVENT_READ)
            return bool(waiting.select(0))

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the answer. Raises ``psycopg.OperationalError`` when there is none in time."""
        try:
            return super().wait(gen, interval, self.answer_within if timeout is None else timeout)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from None
