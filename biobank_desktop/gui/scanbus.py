"""Keyboard-wedge scanners: a fast burst of keys is a scan and never reaches a widget.

The rule is that of docs/decisions (27) and stands in ``gui.bursts``. Keys are held back until it is clear
which it is; slower or shorter typing is given back to the window in order. A single printable key must
therefore never be a QShortcut: shortcuts are looked up before the window sees the key. Letters go through
``Screen.keyPressEvent``.
"""

from __future__ import annotations

from enum import Enum, auto
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit

from biobank_desktop.domain.scans import ForeignPattern, ScanKind, read
from biobank_desktop.gui.bursts import GAP_MS, SHORTEST, Meaning, Run, meaning
from biobank_desktop.gui.hammering import ENTER_MS, SAVE_MS, Hammering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.gui.scan_lines import Line
    from biobank_desktop.gui.sightings import Seen

GIVE_BACK_MS = 60
TRIAL_GAP_MS = 150
LONGEST = 512
PAUSE_MS = 300
"""A code of others that comes sooner after other keys is not whole."""

_TEXT = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_ENTERS = _ENDS[:2]
_SILENT = (Qt.Key.Key_Shift, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock)
_CHORDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_PRESSES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel)


class Way(Enum):
    """How something came in."""

    KEYS = auto()
    LINE = auto()
    CAMERA = auto()
    TYPED = auto()


class ScanBus(QObject):
    """Where every scan comes in, from wedge, serial line, camera or typed, and goes out as one signal.

    ``last_way`` is how the last one came, ``last_run`` its keys, None when none came as keys. While the
    scanner is ``on_trial``, keys with longer pauses between them are one scan, too, unless a field for text
    has the keyboard.
    """

    scanned = Signal(object)
    """a ``Scan``"""
    unreadable = Signal(str)
    """what the scanner sent"""
    crowded = Signal(object)
    """the texts of different codes that were before a camera together: none of them counts"""
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
        self._ended_ms = -PAUSE_MS
        self._loose_ms = -PAUSE_MS
        self._unended_ms = -PAUSE_MS
        self.hammering = Hammering()
        self._round_given = False
        self._window: QWindow | None = None
        self._quiet = QElapsedTimer()
        self._quiet.start()
        self.gap_ms = GAP_MS
        self.on_trial = False
        self.last_way = Way.KEYS
        self.last_run: Run | None = None
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
        self.last_way, self.last_run = Way.TYPED, None
        scan = read(text, self._patterns, typed=True)
        if scan is not None:
            self.scanned.emit(scan)
        elif text.strip():
            self.sought.emit(text.strip())

    def catch(self, catcher: Callable[[str], bool] | None) -> None:
        """Show what a scanner sends to ``catcher`` first; what it takes goes no further. None ends this."""
        self._catcher = catcher

    def take(self, raw: str, *, whole: bool = True) -> None:
        """What a scanner sent, by wedge, serial line or camera; not ``whole`` when it may have lost keys.

        Our own codes prove themselves; a code of others that may be a piece is unreadable.
        """
        if self._catcher is not None and self._catcher(raw):
            return
        scan = read(raw, self._patterns)
        if scan is not None and (whole or scan.kind is not ScanKind.FOREIGN):
            self.scanned.emit(scan)
        else:
            self.unreadable.emit(raw)

    def hear(self, line: Line) -> None:
        """What came over a serial line, now."""
        self._come_by(Way.LINE)
        self.take(line.text, whole=line.whole)

    def see(self, seen: Seen) -> None:
        """What a camera saw, now."""
        self._come_by(Way.CAMERA)
        self.take(seen.raw, whole=seen.whole)

    def _come_by(self, way: Way) -> None:
        self._last_ms += self._quiet.restart()
        self.last_way, self.last_run = way, None

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
        in_time = bool(self._held) and 0 <= event.timestamp() - self._last_ms <= self._limit_ms()
        if not in_time:
            self._let_go()
        if event.key() in _ENDS and self._held:
            return self._ended(event)
        if event.key() in _ENTERS and self._is_nobodys(event):
            self._swallowed.add(event.key())
            return True
        if not _is_printable(event):
            self._let_go()
            return False
        if self._count() >= LONGEST:
            self._let_go()
        self._last_ms = event.timestamp()
        self._held.append(event.clone())
        self._round_given = False
        self._patience.start(self._limit_ms() + GIVE_BACK_MS - GAP_MS)
        return True

    def _ended(self, event: QKeyEvent) -> bool:
        """An Enter or Tab in time: whether it is not for the window."""
        run = self._run(event.timestamp())
        means = meaning(run, self._limit_ms())
        if means is Meaning.TYPING:
            self._give_back()
            if event.key() not in _ENTERS or not self._is_nobodys(event):
                return False
        elif means is Meaning.NO_ENTER:
            self._give_back()
        else:
            self._ended_ms = self._last_ms = event.timestamp()
            self._read(means, run)
        self._swallowed.add(event.key())
        return True

    def _is_nobodys(self, event: QKeyEvent) -> bool:
        """Whether an Enter is held down, hammered, or the late end of a scan that went to a field."""
        late = 0 <= event.timestamp() - self._unended_ms < ENTER_MS
        return event.isAutoRepeat() or not self.hammering.passes(event.timestamp()) or late

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

    def _run(self, end_ms: int | None = None) -> Run:
        moments = [held.timestamp() for held in self._held if held.type() == QEvent.Type.KeyPress]
        ended = end_ms is not None
        last = [end_ms] if end_ms is not None else []
        gaps = tuple(later - earlier for earlier, later in pairwise([*moments, *last]))
        return Run(len(moments), gaps, ended, self._in_text())

    def _in_text(self) -> bool:
        return self._window is not None and isinstance(self._window.focusObject(), _TEXT)

    def _limit_ms(self) -> int:
        return TRIAL_GAP_MS if self.on_trial and not self._in_text() else self.gap_ms

    def _read(self, means: Meaning, run: Run) -> None:
        """Take the held keys off as a scan, or as what is none."""
        self._patience.stop()
        presses = [held for held in self._held if held.type() == QEvent.Type.KeyPress]
        released = {held.key() for held in self._held if held.type() == QEvent.Type.KeyRelease}
        self._swallowed |= {held.key() for held in presses} - released
        self._held.clear()
        self.last_way, self.last_run = Way.KEYS, run
        raw = "".join(held.text() for held in presses)
        if means is Meaning.SCAN:
            whole = not 0 <= presses[0].timestamp() - self._loose_ms < PAUSE_MS
            self.take(raw, whole=whole)
        else:
            self._loose_ms = presses[-1].timestamp()
            self.unreadable.emit(raw)

    def _patience_ended(self) -> None:
        """Give the event loop one more round: after a stall the rest of a burst is still in its queue."""
        if self._round_given:
            self._let_go()
        else:
            self._round_given = True
            self._patience.start(0)

    def _let_go(self) -> None:
        """No end has come in time."""
        if not self._held:
            return
        run = self._run()
        if meaning(run, self._limit_ms()) is Meaning.CUT:
            self._read(Meaning.CUT, run)
            return
        if run.keys >= SHORTEST:
            self._unended_ms = self._last_ms
        self._give_back()

    def _give_back(self) -> None:
        self._patience.stop()
        if self._window is None:
            return
        held, self._held = self._held, []
        self._loose_ms = self._last_ms
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
