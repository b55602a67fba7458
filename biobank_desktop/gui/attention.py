"""Where a person was typing when a stop took the keyboard away."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget


class Attention:
    """Keeps the focus and whether the answer there was selected, so that a stop costs neither."""

    def __init__(self) -> None:
        self._where: QWidget | None = None
        self._selected = False

    def keep(self, where: QWidget | None) -> None:
        """Remember where the focus is."""
        self._where = where
        self._selected = isinstance(where, QLineEdit) and where.hasSelectedText()

    def give_back(self, otherwise: QWidget | None) -> None:
        """Put the focus where it was, or on ``otherwise``; a selected answer is selected again."""
        where, selected = self._where or otherwise, self._selected
        self._where, self._selected = None, False
        if where is not None:
            where.setFocus()
        if selected and isinstance(where, QLineEdit):
            where.selectAll()
