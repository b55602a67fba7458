"""What every screen is: one primary action, letters for choices, a scan it may take, one step back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from shiboken6 import isValid

from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.choices import ChoiceRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from biobank_desktop.domain.scans import Scan

_NO_CHORD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


@runtime_checkable
class LetterTaker(Protocol):
    """A widget that acts on a letter (``ChoiceRow``, ``PersonSwitch``)."""

    def take_letter(self, letter: str) -> bool:
        """Act on the letter; False when it means nothing here."""
        ...


class Screen(QWidget):
    """Base of the screens. Keys no field has used arrive here: Enter the primary action, a letter its choice.

    Letters are no shortcuts on purpose (see ``gui.scanbus``). ``bind`` ties a letter to an action.
    """

    title = ""
    help_text = ""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._primary: QAbstractButton | None = None
        self._letters: dict[str, Callable[[], None]] = {}

    def arrive(self, **arguments: Any) -> None:
        """Called each time the screen is shown, with the arguments of ``show_screen``."""

    def leave(self) -> None:
        """Called when another screen takes its place; nothing typed may be lost."""

    def take_scan(self, scan: Scan) -> bool:
        """Do the sensible thing with a scan here; False when this screen has no use for it."""
        return False

    def decides(self, scan: Scan) -> bool:
        """Whether ``take_scan`` would store or prove something with it: such a code is typed twice."""
        return False

    def take_unreadable(self, raw: str) -> bool:
        """Show what a scanner sent that is no code; False where that is a stop."""
        return False

    def step_back(self) -> bool:
        """Esc: one step back without loss; False when there is none in this screen."""
        return False

    def set_primary(self, button: QAbstractButton | None) -> None:
        """The button Enter presses; it may stand in the context panel."""
        self._primary = button

    def bind(self, letter: str, action: Callable[[], None]) -> None:
        """Tie a letter to an action of the screen (shown on its button)."""
        self._letters[letter.upper()] = action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if not self.take_key(event):
            super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Use a key nobody else wanted; False when it means nothing here."""
        if event.modifiers() not in _NO_CHORD or event.isAutoRepeat():
            return False
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            return self.press_primary()
        letter = event.text().upper()
        return bool(letter.strip()) and self._take_letter(letter)

    def press_primary(self) -> bool:
        """Do the primary action; False when there is none or it is not possible now."""
        button = self._primary
        if button is None or not isValid(button):  # the card it stood on is gone
            return False
        if not button.isEnabled() or not button.isVisible():
            return False
        button.click()
        return True

    def _take_letter(self, letter: str) -> bool:
        rows = [
            row
            for row in self.findChildren(ChoiceRow)
            if row.from_afar and row.isVisible() and row.isEnabled()
        ]  # the others take their letters themselves, while the keyboard is in them
        focused: QWidget | None = self.focusWidget()
        rows.sort(key=lambda row: (focused is None or not row.isAncestorOf(focused), row.answered()))
        if any(row.take_letter(letter) for row in rows):
            return True
        if letter in self._letters:
            self._letters[letter]()
            return True
        return False
