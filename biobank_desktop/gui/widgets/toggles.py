"""Findings side by side, any number of them: each is on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.widgets.picks import Pick


class ToggleRow(QWidget):
    """Several answers at once. ``name`` is the field's name in a ``Problem``; none on is an answer too."""

    changed = Signal()
    """another set is on"""

    def __init__(
        self, label: str, picks: Sequence[Pick], *, name: str, columns: int = 5, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.label = label
        self.setAccessibleName(label)
        self._buttons: dict[str, ActionButton] = {}
        self._problem = Text("", "refused", wrap=True, parent=self)
        self._problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Text(label, "label", parent=self))
        self._columns = columns
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        column.addLayout(self._grid)
        column.addWidget(self._problem)
        self.offer(picks)

    def offer(self, picks: Sequence[Pick]) -> None:
        """Offer these; what is on stays on where it is offered again."""
        if [pick.value for pick in picks] == list(self._buttons):
            return
        on = self.values()
        clear_layout(self._grid)
        self._buttons = {}
        for index, pick in enumerate(picks):
            button = ActionButton(pick.text, Look.CHOICE, parent=self)
            button.setCheckable(True)
            button.setChecked(pick.value in on)
            button.toggled.connect(self.changed)
            self._buttons[pick.value] = button
            self._grid.addWidget(button, index // self._columns, index % self._columns)
        if self._buttons:
            self.setFocusProxy(next(iter(self._buttons.values())))

    def values(self) -> tuple[str, ...]:
        """What is on, in the order of the choices."""
        return tuple(value for value, button in self._buttons.items() if button.isChecked())

    def set_values(self, values: Sequence[str]) -> None:
        """Turn exactly these on."""
        for value, button in self._buttons.items():
            button.setChecked(value in values)

    def problem_text(self) -> str:
        """The sentences below."""
        return self._problem.text()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say below what is wrong."""
        self._problem.setText("\n".join(say(problem) for problem in problems))
        self._problem.setVisible(bool(problems))
