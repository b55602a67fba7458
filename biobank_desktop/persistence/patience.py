"""A connection to PostgreSQL that does not wait for ever."""

from __future__ import annotations

from selectors import EVENT_READ, DefaultSelector
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout

ANSWER_SECONDS = 9.0


class PatientConnection(psycopg.Connection[Any]):
    """Lost when the server does not answer within ``answer_within`` seconds; None waits without an end.

    Keepalives find a cut cable, but not a server that is frozen or a proxy that swallows what it is sent.
    """

    answer_within: float | None = ANSWER_SECONDS

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
