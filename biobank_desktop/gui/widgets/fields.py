"""A field: its label above, what is typed, a unit or hint at the right, what is wrong with it below."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.problems import Problem


WIDEST_PX = 152


class Answer(Enum):
    """What a field holds: nothing yet, "unknown" on purpose, something readable, something unreadable."""

    NONE = "none"
    UNKNOWN = "unknown"
    GIVEN = "given"
    UNREADABLE = "unreadable"


class FieldBox(QWidget):
    """One line to type into. ``name`` is the field's name in a ``Problem``.

    Where "unknown" is an answer, U gives it in an empty field (Ctrl+U in a field of ``letters``).
    """

    changed = Signal()
    """the answer is another one"""
    finished = Signal()
    """the person has left the field or pressed Enter in it"""
    attended = Signal()
    """the person has come to the field"""

    def __init__(
        self,
        label: str,
        *,
        name: str = "",
        hint: str = "",
        may_be_unknown: bool = False,
        letters: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.may_be_unknown = may_be_unknown
        self._letters = letters
        self._unknown = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._label = Text(label, "label", parent=self)
        self.editor = QLineEdit(self)
        self._hint = ElidedText(hint, "detail", parent=self)
        self._problem_icon = Icon("warning", "provisional", 16, self)
        self._problem = Text("", "refused", wrap=True, parent=self)
        self._frame = QFrame(self)
        self._lay_out()
        self._label.setBuddy(self.editor)
        self.editor.setAccessibleName(label)
        self.editor.installEventFilter(self)
        self.editor.textChanged.connect(self._make_room)
        self.editor.textEdited.connect(self._edited)
        self.editor.editingFinished.connect(self._left)
        self.setFocusProxy(self.editor)
        self.set_problems(())

    def _lay_out(self) -> None:
        theme.set_role(self.editor, "bare")
        theme.set_role(self._frame, "field")
        self._frame.setFixedHeight(theme.TARGET_PX)
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(11, 0, 11, 0)
        row.setSpacing(8)
        row.addWidget(self.editor, 1)
        row.addWidget(self._hint)
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self._problem_icon, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._problem, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._label)
        column.addWidget(self._frame)
        column.addLayout(below)

    @property
    def label(self) -> str:
        """The words above the field."""
        return self._label.text()

    def text(self) -> str:
        """What is typed, without spaces around it; "" when the answer is unknown."""
        return "" if self._unknown else self.editor.text().strip()

    def set_text(self, text: str) -> None:
        """Fill the field in; says ``changed``."""
        self._forget_unknown()
        self.show_typed(text)
        self.changed.emit()

    def show_typed(self, text: str) -> None:
        """Write the same answer another way; seen from its beginning unless somebody is typing."""
        self.editor.setText(text)
        if not self.editor.hasFocus():
            self.editor.setCursorPosition(0)

    def attend(self) -> None:
        """Stand ready for another answer: the first key replaces the one that is there."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editor.selectAll()

    def answer(self) -> Answer:
        """What kind of answer stands in the field."""
        if self._unknown:
            return Answer.UNKNOWN
        if not self.text():
            return Answer.NONE
        return Answer.GIVEN if self._readable() else Answer.UNREADABLE

    def set_unknown(self) -> None:
        """Answer "unknown". Raises ``ValueError`` where that is no answer."""
        if not self.may_be_unknown:
            raise ValueError(f"{self.label}: unknown is no answer here")
        self._unknown = True
        self.show_typed(_("Unknown"))
        if self.editor.hasFocus():
            self.editor.selectAll()
        self._show_state("meaning", "missing")
        self.changed.emit()

    def clear(self) -> None:
        """Back to no answer."""
        self.set_text("")

    def hide_label(self) -> None:
        """In a table, whose header says what the field is; its accessible name stays."""
        self._label.hide()

    def set_hint(self, hint: str) -> None:
        """The words at the right: a unit, an age, "proposed"."""
        self._hint.setText(hint)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say below the field what is wrong with it; stops before warnings, none takes the words away."""
        ordered = sorted(problems, key=lambda problem: problem.warning)
        stops = any(not problem.warning for problem in problems)
        text = "\n".join(say(problem) for problem in ordered)
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._problem_icon.setVisible(bool(text))
        self._problem_icon.set_icon("stop" if stops else "warning", "refused" if stops else "provisional")
        theme.set_role(self._problem, "refused" if stops else "provisional")
        self.editor.setAccessibleDescription(text)
        self._show_state("problem", stops)

    def problem_text(self) -> str:
        """The sentences below the field."""
        return self._problem.text()

    def _make_room(self, text: str) -> None:
        """What is typed comes before the hint."""
        needed = self.editor.fontMetrics().horizontalAdvance(text) + 8
        self.editor.setMinimumWidth(min(needed, WIDEST_PX))

    def _readable(self) -> bool:
        return True

    def _forget_unknown(self) -> None:
        self._unknown = False
        self._show_state("meaning", "")

    def _edited(self) -> None:
        self._forget_unknown()
        self.changed.emit()

    def _left(self) -> None:
        self.finished.emit()

    def _key(self, event: QKeyEvent) -> bool:
        """A key that means an answer rather than text; True when it was one."""
        if not self.may_be_unknown or event.key() != Qt.Key.Key_U:
            return False
        by_letter = not self._letters and event.modifiers() == Qt.KeyboardModifier.NoModifier
        by_chord = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if by_chord or (by_letter and not self.text()):
            self.set_unknown()
            return True
        return False

    def _shortcut_passes(self, event: QKeyEvent) -> bool:
        """Ctrl+U is the field's; Ctrl+Z only while there is typing to undo, then it undoes the command."""
        if event.key() == Qt.Key.Key_U and self.may_be_unknown:
            event.accept()
            return True
        if event.matches(QKeySequence.StandardKey.Undo) and not self.editor.isUndoAvailable():
            event.ignore()
            return True
        return False

    def _show_state(self, name: str, state: bool | str) -> None:
        if (self._frame.property(name) or False) != (state or False):
            self._frame.setProperty(name, state)
            for widget in (self._frame, self.editor):
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the events of what is watched first."""
        if watched is self.editor:
            if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
                self._show_state("focused", event.type() == QEvent.Type.FocusIn)
                if event.type() == QEvent.Type.FocusIn:
                    self.attended.emit()
            elif event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
                return self._shortcut_passes(event)
            elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._key(event)
        return super().eventFilter(watched, event)
