"""A question with lettered choices: its label above, what is wrong with the answer below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.problems import Problem


class ChoiceQuestion(QWidget):
    """A ``ChoiceRow`` as a field of a form. ``name`` is the field's name in a ``Problem``."""

    chosen = Signal(object)
    """the value of the choice a person made"""

    def __init__(
        self,
        label: str,
        choices: Sequence[Choice],
        *,
        name: str = "",
        columns: int = 0,
        from_afar: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.row = ChoiceRow(choices, columns=columns, name=label, from_afar=from_afar, parent=self)
        self.row.chosen.connect(self.chosen)
        self._problem_icon = Icon("stop", "refused", 16, self)
        self._problem = Text("", "refused", wrap=True, parent=self)
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self._problem_icon, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._problem, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Text(label, "label", parent=self))
        column.addWidget(self.row)
        column.addLayout(below)
        self.setFocusProxy(self.row)
        self.set_problems(())

    def offer(self, choices: Sequence[Choice]) -> None:
        """Offer other choices; what is chosen stays when it is still among them."""
        if tuple(choices) == self.row.choices:
            return
        chosen = self.row.value()
        self.row.set_choices(choices)
        if any(choice.value == chosen for choice in choices):
            self.row.set_value(chosen)

    def value(self) -> object | None:
        """What is chosen, None while nothing is."""
        return self.row.value()

    def set_value(self, value: object | None) -> None:
        """Show a choice made elsewhere, None for none; says nothing."""
        self.row.set_value(value)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say below the choices what is wrong with the answer; none takes the words away."""
        stops = any(not problem.warning for problem in problems)
        text = "\n".join(say(problem) for problem in sorted(problems, key=lambda each: each.warning))
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._problem_icon.setVisible(bool(text))
        self._problem_icon.set_icon("stop" if stops else "warning", "refused" if stops else "provisional")
        set_role(self._problem, "refused" if stops else "provisional")
        self.row.setAccessibleDescription(text)

    def problem_text(self) -> str:
        """The sentences below the choices."""
        return self._problem.text()
