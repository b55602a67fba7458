"""Hearing what other programs store in a shared database, as soon as it is committed."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, suppress
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from biobank_desktop.persistence.engine import connection_of_its_own
from biobank_desktop.persistence.words import CHANNEL, Word, understood

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

REST_SECONDS = 0.25
"""How long nothing is told after news: what is stored meanwhile, however much, is one more piece of news."""
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)


class Listener:
    """Tells ``heard``, on a thread of its own, what is stored elsewhere, until it is stopped.

    Whenever it begins to hear, also after a cut, it says that everything may have changed: what was said
    while nobody listened is lost.
    """

    def __init__(self, engine: Engine, program: str, heard: Callable[[Word], None]) -> None:
        self._engine = engine
        self._program = program
        self._heard = heard
        self._stopping, self._stop = socket.socketpair()
        self._failures = 0
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing any more; the end of the thread is not waited for."""
        with suppress(OSError):  # stopped and closed already
            self._stop.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop, and wait until the connection is closed; one that is being made may take its 5 seconds."""
        self.stop()
        self._thread.join()
        self._stop.close()
        self._stopping.close()

    def _listen(self) -> None:
        going_on = True
        while going_on:
            try:
                with closing(connection_of_its_own(self._engine)) as line:
                    self._hear(line)
            except psycopg.Error:
                pass  # who asks the database something is told; here only patience helps
            going_on = self._wait(_PAUSES[min(self._failures, len(_PAUSES) - 1)])
            self._failures += 1

    def _hear(self, line: psycopg.Connection[Any]) -> None:
        (channel,) = line.execute(f"SELECT {CHANNEL}").fetchall()[0]
        line.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        self._failures = 0
        self._tell(Word(changed=True))
        while self._wait(None, line.fileno()):
            line.pgconn.consume_input()
            said = []
            while notice := line.pgconn.notifies():
                said.append(notice.extra.decode(errors="replace"))
            word = understood(said, self._program)
            if word.changed or word.sealed:
                self._tell(word)
            if word.changed and not self._wait(REST_SECONDS):
                return

    def _tell(self, word: Word) -> None:
        if self._wait(0):
            self._heard(word)

    def _wait(self, seconds: float | None, *lines: int) -> bool:
        """So long, or until there is something to read on a line; False when it is time to stop."""
        with DefaultSelector() as waiting:
            for line in (self._stopping.fileno(), *lines):
                waiting.register(line, EVENT_READ)
            return not any(key.fd == self._stopping.fileno() for key, _ready in waiting.select(seconds))
