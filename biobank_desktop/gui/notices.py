"""The one door to the user. Nothing pops up over work: messages stand in one place until they are read.

From calm to loud: ``say`` (one line), ``warn`` (one line, stays), ``banner`` (a state, stays while it lasts),
``stop`` (full width, its own sound, needs Esc or its button; scans are refused meanwhile).
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.sounds import Sound, Sounds
from biobank_desktop.gui.theme import Meaning, set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
INFO_MS = 8000


class Level(Enum):
    """How a line is meant; the value is its icon and its meaning's colour."""

    INFO = ("info", Meaning.STORED)
    DONE = ("permitted", Meaning.PERMITTED)
    WARNING = ("warning", Meaning.PROVISIONAL)
    BROKEN = ("disconnected", Meaning.REFUSED)


@dataclass(frozen=True)
class Action:
    """A button on a banner or a stop: its words, what it does, on a stop the letter that does it."""

    text: str
    run: Callable[[], None]
    letter: str = ""


class Line(QFrame):
    """One message: icon, words, at most one action, a cross when it may be sent away."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = Icon("info", "stored", 20, self)
        self._words = Text("", wrap=True, parent=self)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._run: Callable[[], None] | None = None
        self.action = ActionButton("", Look.QUIET, height_px=32, parent=self)
        self.action.clicked.connect(self._act)
        self.cross = ActionButton("", Look.QUIET, icon="cross", height_px=32, parent=self)
        self.cross.setAccessibleName(_("Dismiss"))
        self.cross.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self.action)
        row.addWidget(self.cross)

    def show_words(
        self, text: str, level: Level, action: Action | None = None, *, stays: bool = False
    ) -> None:
        """Show these words; with ``stays`` only the program takes them away."""
        icon, meaning = level.value
        set_role(self, f"tone-{meaning.value}")
        self._icon.set_icon(icon, meaning.value)
        self._words.setText(text)
        self._run = action.run if action else None
        self.action.set_text(action.text if action else "")
        self.action.setVisible(action is not None)
        self.cross.setVisible(not stays)
        self.setAccessibleName(text)
        self.show()
        announce(self)

    def text(self) -> str:
        """The words shown."""
        return self._words.text()

    def _act(self) -> None:
        if self._run is not None:
            self._run()


class StopPanel(QFrame):
    """A stop: what happened, what it means, what to do."""

    acknowledged = Signal()
    acted = Signal()
    """the way on that the stop offers was chosen"""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, "stop")
        self._title = Text("", "stop-title", wrap=True, parent=self)
        self._meaning = Text("", "stop-text", wrap=True, parent=self)
        self._what_to_do = Text("", "stop-text", wrap=True, parent=self)
        self.button = ActionButton(_("I have seen it"), Look.ON_STOP, hint="ESC", height_px=48, parent=self)
        self.button.clicked.connect(self.acknowledged)
        self.way_on = ActionButton("", Look.ON_STOP, height_px=48, parent=self)
        self.way_on.clicked.connect(self.acted)
        self._letter = ""
        words = QVBoxLayout()
        words.setSpacing(4)
        for each in (self._title, self._meaning, self._what_to_do):
            words.addWidget(each)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 20, 24, 20)
        row.setSpacing(20)
        row.addWidget(Icon("stop", "on_stop", 48, self), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.way_on, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_words(self, title: str, meaning: str, what_to_do: str, way_on: Action | None) -> None:
        """Show the stop, and the way on that it offers."""
        self._letter = way_on.letter if way_on else ""
        self.way_on.set_text(way_on.text if way_on else "")
        self.way_on.set_hint(self._letter)
        self.way_on.setVisible(way_on is not None)
        self._title.setText(title)
        self._meaning.setText(meaning)
        self._what_to_do.setText(what_to_do)
        self._meaning.setVisible(bool(meaning))
        self._what_to_do.setVisible(bool(what_to_do))
        self.setAccessibleName(". ".join(part for part in (title, meaning, what_to_do) if part))
        self.show()
        announce(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the letter of the way on."""
        if self._letter and event.text().upper() == self._letter and not event.isAutoRepeat():
            self.acted.emit()
        else:
            super().keyPressEvent(event)

    def title(self) -> str:
        """What happened."""
        return self._title.text()


class Notices(QWidget):
    """Stands above the work, as wide as the window's work: stop, banners, line."""

    stop_raised = Signal()
    """a stop is about to be shown; work stands still until ``stop_cleared``"""
    stop_cleared = Signal()
    """the person has acknowledged the stop"""

    def __init__(self, sounds: Sounds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sounds = sounds
        self._banners: dict[str, Line] = {}
        self._stop = StopPanel(self)
        self._stop.acknowledged.connect(self.clear_stop)
        self._stop.acted.connect(self._go_on)
        self._way_on: Action | None = None
        self._line = Line(self)
        self._line.closed.connect(self.clear_line)
        self._line.hide()
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(INFO_MS)
        self._fade.timeout.connect(self.clear_line)
        self._stack = QVBoxLayout()
        self._stack.setContentsMargins(16, 8, 16, 0)
        self._stack.setSpacing(8)
        self._stack.addWidget(self._line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stop)
        column.addLayout(self._stack)
        self._follow()

    @property
    def stopped(self) -> bool:
        """Whether a stop waits to be acknowledged."""
        return not self._stop.isHidden()

    @property
    def sounds(self) -> Sounds:
        """What plays the sounds: how loud, on or off."""
        return self._sounds

    def sound(self, sound: Sound) -> None:
        """A sound by itself: a vial landed, a set is complete."""
        self._sounds.play(sound)

    def say(self, text: str, *, sound: Sound | None = None) -> None:
        """What was just done, in one line; goes by itself."""
        self._show_line(text, Level.DONE if sound is Sound.DONE else Level.INFO, sound)
        self._fade.start()

    def warn(self, text: str) -> None:
        """One line that stays until the next one or Esc."""
        self._show_line(text, Level.WARNING, Sound.WARNING)

    def clear_line(self) -> None:
        """Take the line away."""
        self._line.hide()
        self._fade.stop()
        self._follow()

    def stop(self, title: str, meaning: str = "", what_to_do: str = "", way_on: Action | None = None) -> None:
        """Stop the work: what happened, what it means, what to do. A second stop replaces the first.

        ``way_on`` is done by its letter, and the stop is over.
        """
        if not self.stopped:
            self.stop_raised.emit()
        self._way_on = way_on
        self._stop.show_words(title, meaning, what_to_do, way_on)
        self.clear_line()
        self._stop.button.setFocus()
        self._sounds.play(Sound.STOP)

    def refuse_scan(self) -> None:
        """A scan came while a stop is up."""
        self._sounds.play(Sound.STOP)
        self._stop.button.setFocus()
        announce(self._stop)

    def _go_on(self) -> None:
        way_on = self._way_on
        self.clear_stop()
        if way_on is not None:
            way_on.run()

    def clear_stop(self) -> None:
        """The stop is acknowledged."""
        if self.stopped:
            self._stop.hide()
            self._follow()
            self.stop_cleared.emit()

    def banner(
        self,
        name: str,
        text: str,
        level: Level = Level.WARNING,
        action: Action | None = None,
        *,
        stays: bool = True,
    ) -> None:
        """A state that lasts (connection lost, read-only, what the journal found); one banner per name."""
        line = self._banners.get(name)
        if line is None:
            line = self._banners[name] = Line(self)
            line.setObjectName(name)
            line.closed.connect(self._banner_closed)
            self._stack.insertWidget(self._stack.count() - 1, line)
        line.show_words(text, level, action, stays=stays)
        self._follow()

    def clear_banner(self, name: str) -> None:
        """The state is over."""
        line = self._banners.pop(name, None)
        if line is not None:
            self._stack.removeWidget(line)
            line.hide()
            line.deleteLater()
            self._follow()

    def report_bug(self, error: BaseException) -> str:
        """Say that the program failed, keep the details in the log; the number that joins the two.

        The words on the screen and what can be copied name the error's kind only: its text may hold what
        was typed about a donor.
        """
        number = os.urandom(4).hex().upper()
        _log.error("bug %s", number, exc_info=error)
        text = _("The program made a mistake. Nothing was saved by this step. Report {number}.").format(
            number=number
        )
        copied = f"{number} {type(error).__name__}"
        self.banner(
            f"bug-{number}",
            text,
            Level.BROKEN,
            Action(_("Copy"), lambda: QGuiApplication.clipboard().setText(copied)),
            stays=False,
        )
        self._sounds.play(Sound.WARNING)
        return number

    def texts(self) -> list[str]:
        """What stands there, from the loudest to the calmest."""
        shown = [self._stop.title()] if self.stopped else []
        shown += [line.text() for line in self._banners.values()]
        return shown + ([] if self._line.isHidden() else [self._line.text()])

    def line_shown(self) -> bool:
        """Whether a line can be sent away with Esc."""
        return not self._line.isHidden()

    def _show_line(self, text: str, level: Level, sound: Sound | None) -> None:
        self._fade.stop()
        self._line.show_words(text, level)
        if sound is not None:
            self._sounds.play(sound)
        self._follow()

    def _banner_closed(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.clear_banner(sender.objectName())

    def _follow(self) -> None:
        lines = bool(self._banners) or self.line_shown()
        self._stack.setContentsMargins(16, 8 if lines else 0, 16, 0)
        self.setVisible(self.stopped or lines)


def announce(widget: QWidget) -> None:
    """Tell a screen reader that there is something to read here."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
