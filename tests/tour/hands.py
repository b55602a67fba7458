"""A technician's hands at the real window: a scanner and a keyboard, every key an event with a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from biobank_desktop.app import Program

_SCAN_GAP_MS = 8
_REACH_MS = 1_000
"""A hand that has typed takes the scanner first."""
_HAND_GAP_MS = 180
_PATIENCE_MS = 20_000
_NAMED = {"\n": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab, "\x1b": Qt.Key.Key_Escape}


class Hands:
    """Scans and types through the window system's door, counts both, and takes pictures."""

    def __init__(self, program: Program, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._now_ms = 1_000_000
        self.scans = 0
        self.keys = 0
        self.pictures: list[str] = []

    def scan(self, code: str) -> None:
        """The scanner types the code and Enter faster than anybody could."""
        self.scans += 1
        for place, letter in enumerate(code):
            self._press(letter, _REACH_MS if place == 0 else _SCAN_GAP_MS)
        self._press("\n", _SCAN_GAP_MS)
        self.settle()

    def type(self, text: str) -> None:
        """One key after the other, as a hand does; a line end is Enter."""
        for letter in text:
            self.keys += 1
            self._press(letter, _HAND_GAP_MS)
            self.wait(70)  # the scan filter holds a key back until it knows that no scan began
            self.settle()

    def chord(
        self,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier,
        *,
        wait: bool = True,
    ) -> None:
        """A key with Ctrl (or Alt); ``wait`` until the program has done what it was asked."""
        self.keys += 1
        self._send(key, "", modifier, _HAND_GAP_MS)
        self.wait(70)
        if wait:
            self.settle()

    def settle(self) -> None:
        """Until the program has done what it was asked."""
        self.until(lambda: not self._program.jobs.busy)

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for a condition. Raises ``TimeoutError`` when it does not come."""
        clock = QElapsedTimer()
        clock.start()
        QCoreApplication.processEvents()
        while not done():
            if clock.elapsed() > _PATIENCE_MS:
                raise TimeoutError("the program did not come to rest")
            self.wait(5)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()

    def wait(self, milliseconds: int) -> None:
        """Let time pass."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def picture(self, name: str) -> None:
        """What the window shows now."""
        self.wait(200)
        path = self._folder / f"{len(self.pictures) + 1:02d}-{name}.png"
        self._program.frame.grab().save(str(path))
        self.pictures.append(path.name)

    def _press(self, letter: str, gap_ms: int) -> None:
        if letter in _NAMED:
            text = "\r" if letter == "\n" else ""
            self._send(_NAMED[letter], text, Qt.KeyboardModifier.NoModifier, gap_ms)
            return
        shift = Qt.KeyboardModifier.ShiftModifier if letter.isupper() else Qt.KeyboardModifier.NoModifier
        self._send(Qt.Key(ord(letter.upper())), letter, shift, gap_ms)

    def _send(self, key: Qt.Key, text: str, modifiers: Qt.KeyboardModifier, gap_ms: int) -> None:
        self._now_ms += gap_ms
        window = self._program.frame.windowHandle()
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self._now_ms)
            QCoreApplication.sendEvent(window, event)
