"""What the wells of a box map mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from biobank_desktop.gui.widgets.boxmap import WellState, paint_dish
from biobank_desktop.gui.widgets.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Sample(QWidget):
    def __init__(self, state: WellState, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(16, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_dish(painter, QRectF(1, 1, 14, 14), self._state)
        painter.end()


class Legend(QWidget):
    """The states that occur in a box, each beside its word."""

    def __init__(self, entries: Sequence[tuple[WellState, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for state, word in entries:
            row.addWidget(_Sample(state, self))
            row.addWidget(Text(word, "detail", parent=self))
            row.addSpacing(6)
        row.addStretch(1)
