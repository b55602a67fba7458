"""The processing steps of a tube on its record, each with the digit that corrects it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.record.portrait import step_line
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, clear_layout, reveal
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.persistence.queries.samples import StepRow

KEYS = "123456789"
"""Steps beyond the ninth are reached by Tab."""


class StepsCard(Card):
    """A step a line; hidden while there is none."""

    wanted = Signal(int)
    """the number of the step to correct"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Processing"), parent)
        self.body.setSpacing(8)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.body.addLayout(self._lines)
        self._buttons: list[ActionButton] = []

    def show_steps(self, steps: Sequence[StepRow]) -> None:
        """Show these steps."""
        clear_layout(self._lines)
        self._buttons = []
        for step in steps:
            self._lines.addLayout(self._line(step))
        reveal(self, bool(steps))

    def offer(self, *, correct: bool) -> None:
        """Whether this person may correct them."""
        for button in self._buttons:
            reveal(button, correct)

    def _line(self, step: StepRow) -> QHBoxLayout:
        what, how = step_line(step)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(Text(what, parent=self))
        said.addWidget(Text(how, "detail", wrap=True, parent=self))
        key = KEYS[step.no - 1] if step.no <= len(KEYS) else ""
        button = ActionButton("", Look.QUIET, icon="edit", hint=key, parent=self)
        button.setAccessibleName(_("Correct a processing step"))
        button.setToolTip(_("Correct a processing step"))
        button.clicked.connect(partial(self._clicked, step.no))
        self._buttons.append(button)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addLayout(said, 1)
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _clicked(self, no: int, _checked: bool = False) -> None:
        self.wanted.emit(no)
