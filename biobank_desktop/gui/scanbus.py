"""Keyboard-wedge scanners: a fast burst of keys is a scan and never reaches a widget.

The rule is that of docs/decisions: six keys or more, every gap at most 50 ms by the events' own timestamps,
ended by Enter or Tab. Keys are held back until it is clear which it is; slower or shorter typing is given
back to the window in order. A single printable key must therefore never be a QShortcut: shortcuts are looked
up before the window sees the key. Letters go through ``Screen.keyPressEvent``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from biobank_desktop.domain.scans import ForeignPattern, read
from biobank_desktop.gui.hammering import SAVE_MS, Hammering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GAP_MS = 50
GIVE_BACK_MS = 60
SHORTEST = 6
LONGEST = 512

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_ENTERS = _ENDS[:2]
_SILENT = (Qt.Key.Key_Shift, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock)
_CHORDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_PRESSES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel)


class ScanBus(QObject):
    """Where every scan comes in, from the wedge or typed, and goes out as one signal.

    ``last_gaps_ms`` are the pauses between the keys of the last burst.
    """

    scanned = Signal(object)
    """a ``Scan``"""
    unreadable = Signal(str)
    """what the scanner sent"""
    sought = Signal(str)
    """typed words that are no code: look for them"""

    def __init__(self, patterns: Sequence[ForeignPattern] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patterns = tuple(patterns)
        self._catcher: Callable[[str], bool] | None = None
        self._held: list[QKeyEvent] = []
        self._swallowed: set[int] = set()
        self._giving_back = False
        self._last_ms = 0
        self._ended_ms = -LONGEST
        self.hammering = Hammering()
        self._round_given = False
        self._window: QWindow | None = None
        self._quiet = QElapsedTimer()
        self._quiet.start()
        self.gap_ms = GAP_MS
        self.last_gaps_ms: tuple[int, ...] = ()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._patience_ended)

    def watch(self, window: QWindow) -> None:
        """Listen to the keys of this window, before any of its widgets does."""
        if self._window is not None:
            self._window.removeEventFilter(self)
        self._window = window
        window.installEventFilter(self)

    def set_patterns(self, patterns: Sequence[ForeignPattern]) -> None:
        """The foreign codes this lab reads."""
        self._patterns = tuple(patterns)

    def idle_ms(self) -> int:
        """Time since the last key, click or touch in the window, for the lock and the collector."""
        return self._quiet.elapsed()

    def save_is_meant(self) -> bool:
        """Whether a SAVE that was scanned now is meant for what is shown now."""
        return self.hammering.passes(self._last_ms, SAVE_MS)

    def type(self, text: str) -> None:
        """What was typed into the scan field: a code goes out as a scan marked typed, else as words."""
        scan = read(text, self._patterns, typed=True)
        if scan is not None:
            self.scanned.emit(scan)
        elif text.strip():
            self.sought.emit(text.strip())

    def catch(self, catcher: Callable[[str], bool] | None) -> None:
        """Show what a scanner sends to ``catcher`` first; what it takes goes no further. None ends this."""
        self._catcher = catcher

    def take(self, raw: str) -> None:
        """What a scanner sent, by wedge, serial line or camera."""
        if self._catcher is not None and self._catcher(raw):
            return
        scan = read(raw, self._patterns)
        if scan is not None:
            self.scanned.emit(scan)
        else:
            self.unreadable.emit(raw)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the events of what is watched first."""
        if event.type() in _PRESSES:
            self._quiet.restart()
        if self._giving_back or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.KeyPress:
            return self._pressed(event)
        if event.type() == QEvent.Type.KeyRelease:
            return self._released(event)
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() in _SILENT:
            return False
        if event.key() in _ENDS and self._is_echo(event):
            self._swallowed.add(event.key())
            return True
        in_time = bool(self._held) and 0 <= event.timestamp() - self._last_ms <= self.gap_ms
        if not in_time:
            self._give_back()
        if event.key() in _ENDS and self._count() >= SHORTEST:
            self._swallowed.add(event.key())
            self._ended_ms = self._last_ms = event.timestamp()
            self._burst_ended()
            return True
        if event.key() in _ENTERS and (event.isAutoRepeat() or not self.hammering.passes(event.timestamp())):
            self._give_back()
            self._swallowed.add(event.key())
            return True
        if not _is_printable(event) or self._count() >= LONGEST:
            self._give_back()
            return False
        self._last_ms = event.timestamp()
        self._held.append(event.clone())
        self._round_given = False
        self._patience.start(GIVE_BACK_MS)
        return True

    def _is_echo(self, event: QKeyEvent) -> bool:
        """Whether a scanner ends what it sent a second time (CR twice, CR and LF, Enter and Tab)."""
        echo = not self._held and 0 <= event.timestamp() - self._ended_ms <= self.gap_ms
        if echo:
            self._ended_ms = event.timestamp()
        return echo

    def _released(self, event: QKeyEvent) -> bool:
        if event.key() in self._swallowed:
            self._swallowed.discard(event.key())
            return True
        if any(held.key() == event.key() for held in self._held):
            self._held.append(event.clone())
            return True
        return False

    def _count(self) -> int:
        return sum(held.type() == QEvent.Type.KeyPress for held in self._held)

    def _burst_ended(self) -> None:
        self._patience.stop()
        presses = [held for held in self._held if held.type() == QEvent.Type.KeyPress]
        moments = [held.timestamp() for held in presses]
        self.last_gaps_ms = tuple(later - earlier for earlier, later in pairwise(moments))
        released = {held.key() for held in self._held if held.type() == QEvent.Type.KeyRelease}
        self._swallowed |= {held.key() for held in presses} - released
        self._held.clear()
        self.take("".join(held.text() for held in presses))

    def _patience_ended(self) -> None:
        """Give the event loop one more round: after a stall the rest of a burst is still in its queue."""
        if self._round_given:
            self._give_back()
        else:
            self._round_given = True
            self._patience.start(0)

    def _give_back(self) -> None:
        self._patience.stop()
        if not self._held or self._window is None:
            return
        held, self._held = self._held, []
        self._giving_back = True
        try:
            for event in held:
                QGuiApplication.sendEvent(self._window, event)
        finally:
            self._giving_back = False


def _is_printable(event: QKeyEvent) -> bool:
    text = event.text()
    chord = event.modifiers() & _CHORDS
    alt_gr = chord == (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    return (
        len(text) == 1
        and text.isprintable()
        and not event.isAutoRepeat()
        and (chord == Qt.KeyboardModifier.NoModifier or alt_gr)
    )
