"""What holds and orders a screen: cards, sections, empty states, lists of problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.domain.problems import Problem


class Card(QFrame):
    """A white sheet on the ground of the window; ``body`` takes its content."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 16, 16, 16)
        self.body.setSpacing(16)
        if title:
            self.body.addWidget(Text(title, "section", parent=self))

    def add_fields(self, fields: Sequence[QWidget], columns: int = 4) -> QGridLayout:
        """Put fields side by side, in the order they are answered; the grid, to add more."""
        grid = field_grid(fields, columns)
        self.body.addLayout(grid)
        return grid


class Section(QWidget):
    """A heading in the context panel, a detail beside it, content below."""

    def __init__(self, title: str, detail: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._title = Text(title, "section", parent=self)
        self._detail = ElidedText(detail, "detail", parent=self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._detail, 1)
        column.addLayout(head)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body)

    def set_heading(self, title: str, detail: str = "") -> None:
        """Other words above the content."""
        self._title.setText(title)
        self._detail.setText(detail)


class EmptyState(QWidget):
    """An empty list: says what would be here and offers the first step."""

    acted = Signal()
    """the first step was chosen"""

    def __init__(
        self, icon: str, title: str, text: str, action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 40, 24, 40)
        column.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(1)
        column.addWidget(Icon(icon, "muted", 40, self), 0, centre)
        column.addSpacing(8)
        column.addWidget(Text(title, "title", parent=self), 0, centre)
        words = Text(text, "muted", wrap=True, parent=self)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        lines = QHBoxLayout()
        lines.addStretch(1)
        lines.addWidget(words, 3)
        lines.addStretch(1)
        column.addLayout(lines)
        if action:
            self.button = ActionButton(action, Look.PLAIN, parent=self)
            self.button.clicked.connect(self.acted)
            column.addSpacing(8)
            column.addWidget(self.button, 0, centre)
        column.addStretch(1)


class ProblemList(QFrame):
    """All problems of a form at once, each with the label of its field; hidden when there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self.hide()

    def show_problems(self, problems: Sequence[Problem], labels: Mapping[str, str] | None = None) -> None:
        """Show them, stops before warnings; ``labels`` gives the words of each field."""
        clear_layout(self._column)
        ordered = sorted(problems, key=lambda problem: problem.warning)
        set_role(self, "tone-refused" if any(not each.warning for each in problems) else "tone-provisional")
        for problem in ordered:
            self._column.addLayout(self._line(problem, (labels or {}).get(problem.field, "")))
        reveal(self, bool(problems))

    def _line(self, problem: Problem, label: str) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        name = "warning" if problem.warning else "stop"
        line.addWidget(Icon(name, "provisional" if problem.warning else "refused", 20, self))
        if label:
            line.addWidget(Text(label, "strong", parent=self))
        line.addWidget(Text(say(problem), wrap=True, parent=self), 1)
        return line


def field_grid(fields: Sequence[QWidget], columns: int) -> QGridLayout:
    """Fields side by side, in the order they are answered."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(12)
    for index, field in enumerate(fields):
        grid.addWidget(field, index // columns, index % columns, Qt.AlignmentFlag.AlignTop)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return grid


def reveal(widget: QWidget, on: bool) -> None:
    """Show or hide a part; one that has no parent yet will be shown with its parent, not as a window."""
    if on and widget.isWindow():
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(on)


def clear_layout(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear_layout(inner)
            inner.deleteLater()
