"""A row of choices, one letter each: pressing the letter is the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QWidget

from biobank_desktop.gui.theme import BENCH_TARGET_PX
from biobank_desktop.gui.widgets.actions import ActionButton, Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent


@dataclass(frozen=True)
class Choice:
    """One answer: the value it stands for, its words and its letter."""

    value: object
    text: str
    letter: str


class ChoiceRow(QWidget):
    """Choices side by side, 48 px high where nothing else is said; one tab stop, arrows move inside it.

    Not ``from_afar``, its letters count only while the keyboard is in it. Raises ``ValueError`` when two
    choices have the same letter.
    """

    chosen = Signal(object)
    """the value of the choice a person made"""

    def __init__(
        self,
        choices: Sequence[Choice],
        *,
        columns: int = 0,
        name: str = "",
        height_px: int = BENCH_TARGET_PX,
        from_afar: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.from_afar = from_afar
        self._height_px = height_px
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._clicked)
        self._choices: tuple[Choice, ...] = ()
        self._columns = columns
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer other choices; nothing is chosen then."""
        letters = [choice.letter.upper() for choice in choices]
        if len(set(letters)) != len(letters):
            raise ValueError(f"a letter is taken twice: {letters}")
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.deleteLater()
        self._choices = tuple(choices)
        columns = self._columns or len(choices) or 1
        for index, choice in enumerate(choices):
            button = ActionButton(
                choice.text, Look.CHOICE, hint=choice.letter.upper(), height_px=self._height_px, parent=self
            )
            button.setCheckable(True)
            self._group.addButton(button, index)
            self._layout.addWidget(button, index // columns, index % columns)
        for column in range(columns):
            self._layout.setColumnStretch(column, 1)
        if self._group.buttons():
            self.setFocusProxy(self._group.buttons()[0])

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be answered."""
        return self._choices

    def come_after(self, before: QWidget) -> QWidget:
        """Stand behind a widget in the order of Tab; what comes next stands behind what is returned."""
        for button in self._group.buttons():
            self.setTabOrder(before, button)
            before = button
        return before

    def value(self) -> object | None:
        """What is chosen, None while nothing is."""
        index = self._group.checkedId()
        return self._choices[index].value if index >= 0 else None

    def set_value(self, value: object | None) -> None:
        """Show a choice made elsewhere, None for none; says nothing."""
        self._group.setExclusive(False)
        for index, choice in enumerate(self._choices):
            chosen = value is not None and choice.value == value
            self._group.button(index).setChecked(chosen)
            if chosen:
                self.setFocusProxy(self._group.button(index))
        self._group.setExclusive(True)

    def answered(self) -> bool:
        """Whether something is chosen."""
        return self._group.checkedId() >= 0

    def take_letter(self, letter: str) -> bool:
        """Choose by letter; False when none of the choices has it."""
        for index, choice in enumerate(self._choices):
            if choice.letter.upper() == letter.upper():
                button = self._group.button(index)
                button.setFocus()
                button.click()
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter where the keyboard is, also outside the screen (in the context panel)."""
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier}
        letter = event.text().strip()
        if not (plain and letter and not event.isAutoRepeat() and self.take_letter(letter)):
            super().keyPressEvent(event)

    def _clicked(self, button: QAbstractButton) -> None:
        self.setFocusProxy(button)
        self.chosen.emit(self._choices[self._group.id(button)].value)
