"""What the wells of a box map mean, and how many there are of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.wells import Well, paint_well

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLE_PX = 18


class _Drawn(QWidget):
    """A well as the map draws it, in small."""

    def __init__(self, well: Well, parent: QWidget) -> None:
        super().__init__(parent)
        self._well = well
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(_SAMPLE_PX, _SAMPLE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_well(painter, QRectF(1, 1, _SAMPLE_PX - 2, _SAMPLE_PX - 2), self._well)
        painter.end()


class Legend(QWidget):
    """What occurs in the box, drawn, in words, and how often."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._lines: tuple[tuple[Well, str, int], ...] = ()

    def show_lines(self, lines: Sequence[tuple[Well, str, int]]) -> None:
        """Show these, each (drawn as, word, count); the same ones stay as they are."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        clear_layout(self._grid)
        for row, (well, word, count) in enumerate(lines):
            told = Text(word, "detail", wrap=True, parent=self)
            number = Text(str(count), "detail", parent=self)
            for column, part in enumerate((_Drawn(well, self), told, number)):
                self._grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignVCenter)
            number.setAlignment(Qt.AlignmentFlag.AlignRight)

    def lines(self) -> dict[str, int]:
        """What it says: how many wells there are of each word."""
        return {word: count for _well, word, count in self._lines}
