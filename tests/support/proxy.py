"""A network between a bench and its PostgreSQL that fails on demand.

It knows the frontend/backend protocol (postgresql.org, chapter "Message Formats") as far as where a message
ends: a connection can be cut at any message of the client's in four ways, be delayed, or swallow what it is
sent, as an unplugged cable does.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STARTUP = "startup"
MESSAGES = (STARTUP, "P", "B", "D", "E", "S")
"""What a command sends: the start, parse, bind, describe, execute, sync."""
SIMPLE = "Q"
"""A simple query: the driver's own BEGIN and COMMIT, where statements do not go together."""
BEFORE, TORN, AFTER, WITHIN = "before", "torn", "after", "within the reply"
WAYS = (BEFORE, TORN, AFTER, WITHIN)
_SOCKET = ".s.PGSQL.5432"
_PIECE = 1 << 16


@dataclass(frozen=True)
class Cut:
    """Cut the connection at the ``nth`` message of a sort (from 1), counted from what says ``after`` on.

    Before the server has it, when it has half of it, when it has done it and nothing of its answer has gone
    back, or when half of that has.
    """

    message: str
    way: str
    nth: int = 1
    after: bytes = b""


class Proxy:
    """Listens in ``folder`` for clients of the server whose socket lies in ``server_folder``."""

    def __init__(self, server_folder: Path, folder: Path) -> None:
        self._server = str(server_folder / _SOCKET)
        self._folder = folder
        self._own = str(folder / _SOCKET)
        self._listening: socket.socket | None = None
        self._lines: set[_Line] = set()
        self._turn = threading.Lock()
        self.plan: Cut | None = None
        self.sent: Counter[str] = Counter()
        self.down_after_cut = False
        self.delay_seconds = 0.0
        self.swallowing = threading.Event()
        self.up()

    def url(self, database: str) -> str:
        """The address of a database through this network."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def up(self) -> None:
        """Take clients."""
        if self._listening is None:
            self._listening = socket.socket(socket.AF_UNIX)
            self._listening.bind(self._own)
            self._listening.listen()
            threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def down(self) -> None:
        """Take no clients any more, and cut those there are."""
        with self._turn:
            if self._listening is not None:
                listening, self._listening = self._listening, None
                (self._folder / _SOCKET).unlink()
                listening.shutdown(socket.SHUT_RDWR)
                listening.close()
        for line in list(self._lines):
            line.hang_up()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _address = listening.accept()
            except OSError:
                return
            line = _Line(self, client)
            self._lines.add(line)
            line.start(self._server)

    def gone(self, line: _Line) -> None:
        """A connection has ended."""
        self._lines.discard(line)

    def planned(self, message: str, said: bytes) -> Cut | None:
        """What is to be done at this message of the client's."""
        plan = self.plan
        if plan and plan.after and plan.after in said:
            self.plan = plan = replace(plan, after=b"")
            self.sent.clear()
        self.sent[message] += 1
        if plan and plan.after:
            return None
        if plan is None or plan.message != message or self.sent[message] != plan.nth:
            return None
        self.plan = None
        if self.down_after_cut:
            threading.Thread(target=self.down, daemon=True).start()
        return plan


class _Line:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = socket.socket(socket.AF_UNIX)
        self._deaf = False
        self._half = False

    def start(self, server: str) -> None:
        try:
            self._server.connect(server)
        except OSError:
            self.hang_up()
            return
        for work in (self._forth, self._back):
            threading.Thread(target=work, daemon=True).start()

    def hang_up(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._proxy.gone(self)

    def _forth(self) -> None:
        waiting, kind_known = bytearray(), False
        try:
            while piece := self._client.recv(_PIECE):
                self._wait()
                waiting += piece
                while (size := _message_size(waiting, kind_known)) is not None:
                    message = bytes(waiting[:size])
                    del waiting[:size]
                    plan = self._proxy.planned(chr(message[0]) if kind_known else STARTUP, message)
                    kind_known = True
                    if plan and self._cut(plan, message):
                        return
                    self._server.sendall(message)
        except OSError:
            pass
        self.hang_up()

    def _cut(self, plan: Cut, message: bytes) -> bool:
        """Do it; False when the rest of what is sent goes on (the answer will be cut)."""
        if plan.way == WITHIN:
            self._half = True
            return False
        if plan.way == AFTER:
            self._deaf = True
            self._server.sendall(message)
            self._server.shutdown(socket.SHUT_WR)  # it does what it was sent, then sees the end
            return True
        if plan.way == TORN:
            self._server.sendall(message[: len(message) // 2])
        self.hang_up()
        return True

    def _back(self) -> None:
        try:
            while piece := self._server.recv(_PIECE):
                self._wait()
                if self._half:
                    self._client.sendall(piece[: len(piece) // 2])
                    break
                if not self._deaf:
                    self._client.sendall(piece)
        except OSError:
            pass
        self.hang_up()

    def _wait(self) -> None:
        if self._proxy.delay_seconds:
            time.sleep(self._proxy.delay_seconds)
        while self._proxy.swallowing.is_set():
            time.sleep(0.01)


def _message_size(waiting: bytearray, kind_known: bool) -> int | None:
    """How long the first message is, with its kind; None when it is not all there yet."""
    start = 1 if kind_known else 0
    if len(waiting) < start + 4:
        return None
    size = start + int.from_bytes(waiting[start : start + 4], "big")
    return size if len(waiting) >= size else None
