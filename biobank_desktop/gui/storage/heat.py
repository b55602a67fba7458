"""The colours of how full something is: eight steps of even lightness, paler or darker as the theme is.

Empty is hollow and full has a corner, so both are told without colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.storage.plan import EMPTY, FULL, HEAT_STEPS
from biobank_desktop.gui.theme import Size
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

LIGHT = ("#bdf4f3", "#8cdde7", "#61c4dd", "#43a8cf", "#388cbd", "#3870a3", "#395583", "#343e5f")
DARK = ("#25335b", "#284a7a", "#266495", "#267faa", "#359bbb", "#53b5c8", "#7bced4", "#a6e6e1")
PALE_INK, DARK_INK = "#ffffff", "#05070b"
_PALE_ON_LIGHT, _DARK_ON_DARK = 5, 4
_CORNER_FROM_PX = 9.0


def colour(step: int) -> QColor:
    """The colour of a step, 1 to ``FULL``; what is full wears the last one."""
    palette = LIGHT if theme.tokens() is theme.LIGHT else DARK
    return QColor(palette[min(step, HEAT_STEPS) - 1])


def ink(step: int) -> QColor:
    """The colour of words on a step."""
    if step == EMPTY:
        return theme.color("ink")
    pale = step > _PALE_ON_LIGHT if theme.tokens() is theme.LIGHT else step < _DARK_ON_DARK
    return QColor(PALE_INK if pale else DARK_INK)


def paint_cells(painter: QPainter, step: int, boxes: list[QRectF]) -> None:
    """Paint cells of one step: the small ones at once, the larger ones with round corners."""
    hollow = step == EMPTY
    painter.setBrush(theme.color("surface") if hollow else colour(step))
    painter.setPen(QPen(theme.color("control"), 1) if hollow else Qt.PenStyle.NoPen)
    small = [box for box in boxes if box.width() < 24 or box.height() < 16]
    if small:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.drawRects([box.adjusted(0, 0, -1, -1) for box in small] if hollow else small)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for box in boxes:
        if box.width() >= 24 and box.height() >= 16:
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if hollow else box, 4, 4)
    if step == FULL:
        _paint_corners(painter, boxes)


def _paint_corners(painter: QPainter, boxes: list[QRectF]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(FULL))
    for box in boxes:
        if min(box.width(), box.height()) >= _CORNER_FROM_PX:
            reach = min(10.0, box.height() * 0.4)
            right = box.topRight()
            painter.drawPolygon(QPolygonF([right, right - QPointF(reach, 0), right + QPointF(0, reach)]))


class _Swatch(QWidget):
    def __init__(self, wide_px: int, paint: Callable[[QPainter, QRectF], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._wide_px, self._paint = wide_px, paint
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(self._wide_px, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


class HeatLegend(QWidget):
    """What the colours mean, in numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for paint, wide, word in (
            (_paint_empty, 16, _("empty")),
            (None, 0, "1 %"),
            (_paint_scale, 144, "99 %"),
            (_paint_full, 16, _("full")),
            (paint_free, 16, _("free place")),
        ):
            if paint is not None:
                row.addWidget(_Swatch(wide, paint, self))
            row.addWidget(Text(word, "detail", parent=self))
            row.addSpacing(8 if paint is not None else 0)
        row.addStretch(1)


def paint_free(painter: QPainter, box: QRectF) -> None:
    """A place nothing stands at."""
    pen = QPen(theme.color("control"), 1)
    pen.setDashPattern([3, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 4, 4)


def _paint_empty(painter: QPainter, box: QRectF) -> None:
    paint_cells(painter, EMPTY, [box.adjusted(-0.5, -0.5, 0.5, 0.5)])


def _paint_full(painter: QPainter, box: QRectF) -> None:
    paint_cells(painter, FULL, [box])


def _paint_scale(painter: QPainter, box: QRectF) -> None:
    wide = box.width() / HEAT_STEPS
    for step in range(1, HEAT_STEPS + 1):
        painter.fillRect(QRectF(box.left() + (step - 1) * wide, box.top(), wide, box.height()), colour(step))
    painter.setFont(theme.font(Size.DETAIL))
    painter.setPen(ink(HEAT_STEPS // 2))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "50")
