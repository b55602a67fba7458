"""A field for what nobody beside may read: a password, a passphrase, a recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from biobank_desktop.gui.widgets.fields import FieldBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class SecretField(FieldBox):
    """Shows a dot for every key."""

    def __init__(self, label: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(label, name=name, parent=parent)
        self.editor.setEchoMode(QLineEdit.EchoMode.Password)

    def secret(self) -> str:
        """What was typed, every space of it."""
        return self.editor.text()
