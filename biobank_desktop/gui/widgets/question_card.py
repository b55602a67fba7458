"""The question that is being answered: its words, how to answer, and its choices with their letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.gui.theme import BENCH_TARGET_PX
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, clear_layout
from biobank_desktop.gui.widgets.texts import Text, plain_tip
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.widgets.choices import Choice

COLUMNS = 5
ROWS = 2


class QuestionCard(Card):
    """Stands in one place and keeps its height, so the form under it never moves.

    Its buttons take no focus: letters go to the field, a click does the same as the letter.
    """

    picked = Signal(object)
    """the value of the choice that was clicked"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(16, 10, 16, 14)
        self.body.setSpacing(6)
        self._title = Text("", "section", parent=self)
        self._how = Text("", "detail", parent=self)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title)
        head.addWidget(self._how, 1)
        self.body.addLayout(head)
        self._room = QWidget(self)
        self._room.setFixedHeight(ROWS * BENCH_TARGET_PX + (ROWS - 1) * 8)
        self._room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self._room)
        column.setContentsMargins(0, 0, 0, 0)
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        column.addLayout(self._grid)
        column.addStretch(1)
        self.body.addWidget(self._room)
        self._choices: tuple[Choice, ...] = ()
        self._buttons: dict[int, ActionButton] = {}
        self._page = 0

    def ask(self, title: str, how: str, choices: Sequence[Choice]) -> None:
        """Show a question; ``how`` says how to answer it."""
        self._title.setText(title)
        self._how.setText(how)
        self.setAccessibleName(f"{title}. {how}")
        if tuple(choices) != self._choices:
            self._choices, self._page = tuple(choices), 0
            self._fill()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices of the question."""
        return self._choices

    def title(self) -> str:
        """The question that is shown."""
        return self._title.text()

    def shown_values(self) -> list[object]:
        """The values of the choices on the page that is shown."""
        return [self._choices[index].value for index in self._buttons]

    def mark(self, chosen: Sequence[object]) -> None:
        """Show what is answered; turns to the page it stands on."""
        for index, choice in enumerate(self._choices):
            if choice.value in chosen and index not in self._buttons and len(chosen) == 1:
                self._page = index // (COLUMNS * ROWS - 1)
                self._fill()
        for index, button in self._buttons.items():
            button.setChecked(self._choices[index].value in chosen)

    def turn(self) -> bool:
        """Show the next choices; False when there are no more than are shown."""
        if len(self._choices) <= COLUMNS * ROWS:
            return False
        self._page = (self._page + 1) % -(-len(self._choices) // (COLUMNS * ROWS - 1))
        self._fill()
        return True

    def _fill(self) -> None:
        clear_layout(self._grid)
        self._buttons = {}
        paged = len(self._choices) > COLUMNS * ROWS
        size = COLUMNS * ROWS - 1 if paged else COLUMNS * ROWS
        first = self._page * size
        for place, index in enumerate(range(first, min(first + size, len(self._choices)))):
            self._buttons[index] = self._add(place, self._choices[index])
        if paged:
            more = self._button(_("More"), _("SPACE"))
            more.clicked.connect(self.turn)
            self._grid.addWidget(more, ROWS - 1, COLUMNS - 1)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)

    def _add(self, place: int, choice: Choice) -> ActionButton:
        button = self._button(choice.text, choice.letter)
        button.setCheckable(True)
        button.setToolTip(plain_tip(choice.text))

        def clicked() -> None:
            self.picked.emit(choice.value)

        button.clicked.connect(clicked)
        self._grid.addWidget(button, place // COLUMNS, place % COLUMNS)
        return button

    def _button(self, text: str, letter: str) -> ActionButton:
        button = ActionButton(text, Look.CHOICE, hint=letter, height_px=BENCH_TARGET_PX, parent=self)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return button
