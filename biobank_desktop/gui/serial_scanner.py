"""A scanner on a serial line (USB-COM, Bluetooth): read in a thread, found again when it was unplugged."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from biobank_desktop.gui.scan_lines import Line, ScanLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SILENCE_S = 0.2
AGAIN_S = 1.0
_GIVEN_UP_AFTER_S = 3.0


class SerialScanner(QObject):
    """The serial scanner of this bench, if it has one."""

    came = Signal(object)
    """a ``Line`` that it sent"""
    connected = Signal(str, bool)
    """the port, and whether the scanner is there now"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listener: _Listener | None = None

    def use(self, port: str, speed: int) -> None:
        """Listen at another port from now on, "" for none."""
        if self._listener is not None and (self._listener.port, self._listener.speed) == (port, speed):
            return
        self.close()
        if port:
            self._listener = _Listener(port, speed, self.came.emit, self.connected.emit)
            self._listener.start()

    def close(self) -> None:
        """Let go of the port."""
        if self._listener is not None:
            self._listener.end()
            self._listener = None


class _Listener:
    """The thread: opens the port, reads until it is gone, tries again each second."""

    def __init__(
        self, port: str, speed: int, came: Callable[[Line], None], connected: Callable[[str, bool], None]
    ) -> None:
        self.port, self.speed = port, speed
        self._came, self._connected = came, connected
        self._there: bool | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="serial scanner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Stop; a driver that does not answer is left to itself."""
        self._ending.set()
        self._thread.join(_GIVEN_UP_AFTER_S)

    def _turn(self) -> None:
        self._told(there=False)
        while not self._ending.is_set():
            try:
                self._listen()
            except Exception:  # a driver has errors of its own; each means that it cannot be read now
                self._told(there=False)
            self._ending.wait(AGAIN_S)

    def _listen(self) -> None:
        """Read until the scanner is gone; raises what its driver raises then."""
        from serial import Serial  # noqa: PLC0415  the first paint does not wait for it

        lines = ScanLines()
        with Serial(self.port, self.speed, timeout=SILENCE_S, exclusive=True) as line:
            self._told(there=True)
            try:
                while not self._ending.is_set():
                    sent = line.read(max(1, line.in_waiting))
                    self._give(lines.feed(sent) if sent else lines.rest())
            finally:
                self._give(lines.rest())

    def _give(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if not self._ending.is_set():
                self._came(line)

    def _told(self, *, there: bool) -> None:
        """Say it once, and not when the window has turned to another port or is gone."""
        if there is not self._there and not self._ending.is_set():
            self._there = there
            self._connected(self.port, there)
