"""The items of a consent form with their answers; a letter answers and goes to the next item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.cards import ProblemList, clear_layout
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import say_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.problems import Problem

_ANSWERS = (("yes", "Y"), ("no", "N"), ("not-answered", "E"))
_NOT_ASKED = ("not-asked", "Q")


class Answers(QWidget):
    """Of a registered form its own questions, in its words; else every item there is.

    A form asks what it asks: only without one "not asked" is an answer.
    """

    done = Signal()
    """the last item was answered"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paper: FormVersion | None = None
        self.items: list[str] = []
        self.rows: dict[str, ChoiceRow] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._problems = ProblemList(self)
        self.show_paper(None)

    def show_paper(self, paper: FormVersion | None) -> None:
        """Ask what this form asks; answers to what the one before asked as well are kept."""
        before = self.answers()
        self.paper = paper
        clear_layout(self._grid)
        asked = self._asked()
        self.items = list(asked)
        choices = _ANSWERS if paper else (*_ANSWERS[:2], _NOT_ASKED, _ANSWERS[2])
        self.rows = {item: self._row(item, choices) for item in asked}
        for index, (item, wording) in enumerate(asked.items()):
            self._grid.addWidget(Text(wording, wrap=True, parent=self), index, 0)
            self._grid.addWidget(self.rows[item], index, 1)
            self.rows[item].set_value(before.get(item))
        self._problems = ProblemList(self)
        self._grid.addWidget(self._problems, len(asked), 0, 1, 2)
        self.setFocusProxy(self.rows[self.items[0]])

    def _asked(self) -> dict[str, str]:
        if self.paper is not None:
            return {item.code: item.wording for item in self.paper.items}
        from biobank_desktop.services.reference import reference  # noqa: PLC0415

        purposes = reference().consent_rules.purposes.values()
        items = dict.fromkeys(item for purpose in purposes for item in purpose.items)
        return {item: words.choice_name(item) for item in items}

    def _row(self, item: str, answers: Sequence[tuple[str, str]]) -> ChoiceRow:
        choices = [Choice(value, words.choice_name(value), key) for value, key in answers]
        row = ChoiceRow(choices, name=say_value(item), parent=self)
        row.chosen.connect(lambda: self._go_on(item))
        return row

    def come_after(self, before: QWidget) -> QWidget:
        """Stand behind a widget in the order of Tab: rows that were made anew stand last until then."""
        for row in self.rows.values():
            before = row.come_after(before)
        return before

    def answers(self) -> dict[str, str]:
        """What was answered."""
        return {item: str(row.value()) for item, row in self.rows.items() if row.answered()}

    def clear(self) -> None:
        """Back to no answers."""
        for row in self.rows.values():
            row.set_value(None)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say below the answers what is wrong with them."""
        self._problems.show_problems(problems)

    def _go_on(self, item: str) -> None:
        """To the next item, unless it has been answered: then somebody is correcting this one."""
        place = self.items.index(item) + 1
        if place == len(self.items):
            self.done.emit()
        elif not self.rows[self.items[place]].answered():
            self.rows[self.items[place]].setFocus()
