"""Who is at the bench: sign in, unlock, sign in again for a signature, switch person. Signals only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent


class Reason(Enum):
    """Why a password is asked for."""

    SIGN_IN = "sign-in"
    LOCKED = "locked"
    AGAIN = "again"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in here, for the switch."""

    login: str
    name: str
    role: str


class SignInPanel(Card):
    """Login and password. Knows nothing of who may enter: it asks by signal and is told by ``refuse``."""

    submitted = Signal(str, str)
    """login, password"""
    gave_up = Signal()
    """Esc or Cancel where that is possible (signing in again)"""
    other_wanted = Signal()
    """locked, but another person wants to sign in"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setFixedWidth(400)
        self._reason = Reason.SIGN_IN
        self.body.setContentsMargins(32, 32, 32, 24)
        self._icon = Icon("person", "accent", 32, self)
        self._title = Text("", "title", parent=self)
        self._text = Text("", "muted", wrap=True, parent=self)
        self.login = FieldBox(_("Login"), name="login", parent=self)
        self.password = FieldBox(_("Password"), name="password", parent=self)
        self.password.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self.button = PrimaryButton(_("Sign in"), parent=self)
        self.button.clicked.connect(self._submit)
        self.other = ActionButton(_("Another person"), Look.QUIET, icon="person", parent=self)
        self.other.clicked.connect(self.other_wanted)
        self.cancel = ActionButton(_("Cancel"), Look.QUIET, hint="ESC", parent=self)
        self.cancel.clicked.connect(self.gave_up)
        for widget in (self._icon, self._title, self._text, self.login, self.password, self.button):
            self.body.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.other)
        row.addStretch(1)
        row.addWidget(self.cancel)
        self.body.addLayout(row)
        self.ask(Reason.SIGN_IN)

    def ask(self, reason: Reason, login: str = "", text: str = "") -> None:
        """Ask for a password; ``login`` is fixed unless signing in, ``text`` says what it is for."""
        self._reason = reason
        title, button, icon = {
            Reason.SIGN_IN: (_("Sign in"), _("Sign in"), "person"),
            Reason.LOCKED: (_("Locked"), _("Unlock"), "lock"),
            Reason.AGAIN: (_("Confirm that it is you"), _("Confirm"), "seal"),
        }[reason]
        self._title.setText(title)
        self.button.set_text(button)
        self._icon.set_icon(icon, "accent")
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.login.set_text(login)
        self.login.setEnabled(reason is Reason.SIGN_IN)
        self.password.clear()
        self.refuse("")
        self.other.setVisible(reason is Reason.LOCKED)
        self.cancel.setVisible(reason is Reason.AGAIN)
        self.setFocusProxy(self.password if login else self.login)

    def refuse(self, text: str) -> None:
        """Say why it was not accepted; the password is emptied, the login stays."""
        self.password.clear()
        self._set_busy(False)
        self._text.setText(text or self._text.text())
        theme.set_role(self._text, "refused" if text else "muted")
        self._text.setVisible(bool(self._text.text()))
        if text:
            self.password.editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.login.editor.hasFocus() and not self.password.text():
                self.password.editor.setFocus()
            else:
                self._submit()
        elif event.key() == Qt.Key.Key_Escape and self._reason is Reason.AGAIN:
            self.gave_up.emit()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        if self.button.isEnabled() and self.login.text() and self.password.editor.text():
            self._set_busy(True)
            self.submitted.emit(self.login.text(), self.password.editor.text())

    def _set_busy(self, busy: bool) -> None:
        self.button.setEnabled(not busy)


class PersonSwitch(Card):
    """The persons of this bench, one key each; a password follows. Key 0 is somebody else."""

    chosen = Signal(str)
    """the login of the person who takes over"""
    other_wanted = Signal()
    """somebody who is not in the list"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Who takes over?"), parent)
        self.setFixedWidth(400)
        self._buttons: list[ActionButton] = []
        self._persons: tuple[Person, ...] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.body.addLayout(self._list)
        self._other = ActionButton(_("Somebody else"), Look.QUIET, icon="person", hint="0", parent=self)
        self._other.clicked.connect(self.other_wanted)
        self.body.addWidget(self._other)

    def show_persons(self, persons: Sequence[Person]) -> None:
        """Offer these persons, at most nine, with the keys 1 to 9."""
        for button in self._buttons:
            self._list.removeWidget(button)
            button.deleteLater()
        self._persons = tuple(persons[:9])
        self._buttons = []
        for number, person in enumerate(self._persons, 1):
            button = ActionButton(
                f"{person.name} · {person.role}", Look.CHOICE, hint=str(number), height_px=48, parent=self
            )
            button.setObjectName(person.login)
            button.clicked.connect(self._clicked)
            self._buttons.append(button)
            self._list.addWidget(button)
        self.setFocusProxy(self._buttons[0] if self._buttons else self._other)

    def take_letter(self, letter: str) -> bool:
        """Choose by number; 0 is somebody else."""
        if letter == "0":
            self.other_wanted.emit()
            return True
        if letter.isdecimal() and int(letter) <= len(self._persons):
            self.chosen.emit(self._persons[int(letter) - 1].login)
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if not (event.text() and self.take_letter(event.text())):
            super().keyPressEvent(event)

    def _clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.chosen.emit(sender.objectName())
