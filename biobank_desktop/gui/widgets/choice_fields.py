"""Questions answered by a letter: the field shows the answer, a ``QuestionCard`` shows the choices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.widgets.choices import Choice

_KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890"
_NO_CHORD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


def lettered(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """The choices, each with a letter of its own: its wish, else one of its words, else any that is free."""
    wanted = list(choices)
    used = {choice.letter.upper() for choice in wanted if choice.letter}
    made = []
    for choice in wanted:
        letter = choice.letter.upper()
        if not letter:
            own = [key for key in choice.text.upper() if key in _KEYS]
            letter = next(key for key in (*own, *_KEYS) if key not in used)
            used.add(letter)
        made.append(replace(choice, letter=letter))
    return tuple(made)


class ChoiceField(FieldBox):
    """One answer out of some; pressing its letter in the field is the answer."""

    picked = Signal()
    """a person has answered"""
    offers = Signal()
    """the choices are other ones"""

    def __init__(
        self, label: str, choices: Iterable[Choice] = (), *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(label, name=name, parent=parent)
        self.editor.setReadOnly(True)
        self._choices = lettered(choices)
        self._value: object | None = None
        self._proposed = False

    @property
    def choices(self) -> Sequence[Choice]:
        """What can be answered."""
        return self._choices

    @property
    def proposed(self) -> bool:
        """Whether the answer is the program's proposal, not yet a person's."""
        return self._proposed

    def set_choices(self, choices: Iterable[Choice]) -> None:
        """Offer other answers; one given before stays when it is still among them."""
        self._choices = lettered(choices)
        if self._value is not None and self.choice(self._value) is None:
            self.set_value(None)
        self.offers.emit()

    def choice(self, value: object) -> Choice | None:
        """The choice that stands for a value."""
        return next((choice for choice in self._choices if choice.value == value), None)

    def value(self) -> object | None:
        """What was answered, None while nothing was."""
        return self._value

    def set_value(self, value: object | None, *, proposed: bool = False) -> None:
        """Show an answer (None: none); a value that is no choice is none."""
        chosen = self.choice(value) if value is not None else None
        self._value = chosen.value if chosen else None
        self._proposed = proposed and chosen is not None
        self.set_hint(_("proposed") if self._proposed else "")
        self.set_text(chosen.text if chosen else "")
        self._show_state("meaning", "missing" if self._value == "unknown" else "")

    def pick(self, value: object) -> None:
        """A person answers."""
        self.set_value(value)
        self.picked.emit()

    def is_chosen(self, value: object) -> bool:
        """Whether this is (one of) the answer."""
        return self._value == value

    def answer(self) -> Answer:
        """What kind of answer stands in the field."""
        return Answer.NONE if self._value is None else Answer.GIVEN

    def _forget_unknown(self) -> None:
        """There is no unknown beside the choices."""

    def _key(self, event: QKeyEvent) -> bool:
        if event.modifiers() not in _NO_CHORD or event.isAutoRepeat():
            return False
        if event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}:
            self.set_value(None)
            return True
        letter = event.text().upper()
        chosen = next((choice for choice in self._choices if letter and choice.letter == letter), None)
        if chosen is None:
            return False
        self.pick(chosen.value)
        return True


class SeveralField(ChoiceField):
    """Any number of answers; each letter switches one, the first choice says that there are none."""

    def __init__(
        self, label: str, choices: Iterable[Choice], *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(label, choices, name=name, parent=parent)
        self._several: tuple[object, ...] | None = None

    def values(self) -> tuple[object, ...] | None:
        """What was answered, in the order of the choices; empty for "none", None while nothing was."""
        return self._several

    def set_values(self, values: Iterable[object] | None) -> None:
        """Show answers."""
        chosen = None if values is None else set(values)
        listed = [choice for choice in self._choices[1:] if chosen and choice.value in chosen]
        self._several = None if chosen is None else tuple(choice.value for choice in listed)
        none = self._choices[0].text if chosen is not None else ""
        self.set_hint("")
        self.set_text(", ".join(choice.text for choice in listed) or none)

    def set_value(self, value: object | None, *, proposed: bool = False) -> None:
        """Back to no answer with None; another single value is the only one."""
        self.set_values(None if value is None else [value])

    def pick(self, value: object) -> None:
        """A person switches an answer on or off; "none" is an answer and goes on at once."""
        if value == self._choices[0].value:
            self.set_values(())
            self.picked.emit()
            return
        now = set(self._several or ())
        self.set_values(now ^ {value} or None)

    def is_chosen(self, value: object) -> bool:
        """Whether this is one of the answers."""
        if self._several is None:
            return False
        return value in self._several if self._several else value == self._choices[0].value

    def answer(self) -> Answer:
        """What kind of answer stands in the field."""
        return Answer.NONE if self._several is None else Answer.GIVEN
