"""A recovery code, shown once, until somebody says that it is on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal

from biobank_desktop.gui.widgets.actions import PrimaryButton
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

READ_MS = 1500


class RecoveryCard(Card):
    """``text`` says what the code is for."""

    written = Signal()
    """it is on paper"""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.code = Text("", "code-large", parent=self)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail = Text("", "detail", wrap=True, parent=self)
        self.done = PrimaryButton(_("It is on paper"), parent=self)
        self.done.clicked.connect(self.written)
        self.body.addWidget(Text(_("Write this down now"), "title", parent=self))
        self.body.addWidget(Text(text, "muted", wrap=True, parent=self))
        for widget in (self.code, self._detail, self.done):
            self.body.addWidget(widget)

    def show_code(self, code: str, detail: str) -> None:
        """Show the code and a detail below it."""
        self.code.setText(code)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.done.setEnabled(False)  # the Enter that asked for the code must not wave it away
        QTimer.singleShot(READ_MS, self, self._readable)

    def forget(self) -> None:
        """Show nothing any more."""
        self.code.setText("")
        self._detail.setText("")

    def _readable(self) -> None:
        self.done.setEnabled(True)
        self.done.setFocus()
