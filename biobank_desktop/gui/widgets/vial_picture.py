"""A label on the tube it goes round, drawn true to scale: from the front, and where the fill is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.language import _

_BODY_MM, _CAP_MM = 38.0, 9.0
_ABOVE_MM = 5.0
"""How far below the cap a label begins."""
_BETWEEN_MM = 16.0
_WORDS_PX = 24
_EDGE_PX = 8
_LIQUID = 0.78
"""The part of the body that is filled in the picture."""


@dataclass(frozen=True)
class Wrapped:
    """The side of a label: its dots, its size, and the tube that it goes round."""

    side: QImage
    width_mm: float
    height_mm: float
    tube_mm: float

    @property
    def window_mm(self) -> float:
        """What stays free of the tube's round; less than nothing where the label's ends overlap."""
        return math.pi * self.tube_mm - self.width_mm

    def strip(self, across: float, turned: float) -> float | None:
        """Which part of the label (0 left, 1 right) is seen at ``across`` (-1 to 1) of the tube's width.

        ``turned`` is how far the tube is turned from the label's middle, in radians; None is the bare tube.
        """
        angle = math.asin(max(-1.0, min(1.0, across))) + turned
        angle = math.remainder(angle, 2 * math.pi)
        place = 0.5 + angle * self.tube_mm / 2 / self.width_mm
        return place if 0.0 <= place < 1.0 else None


class VialPicture(QWidget):
    """Two looks at one tube: its label's middle, and its back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wrapped: Wrapped | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(210)
        self._say()

    def wrapped(self) -> Wrapped | None:
        """What is shown."""
        return self._wrapped

    def show_wrapped(self, wrapped: Wrapped | None) -> None:
        """Show a label round its tube; None where it goes on something flat."""
        self._wrapped = wrapped
        self._say()
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """What the picture says, for who cannot see it."""
        if self._wrapped is None:
            return _("The label on its tube")
        window = self._wrapped.window_mm
        if window < 0:
            return _("The ends of the label overlap by {length} mm: the fill is not seen.").format(
                length=f"{-window:.1f}"
            )
        return _("A window of {length} mm stays free at the back.").format(length=f"{window:.1f}")

    def _say(self) -> None:
        self.setAccessibleName(self.words())

    def sizeHint(self) -> QSize:
        """Room for two tubes side by side."""
        return QSize(210, 220)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both looks, with a millimetre's worth of pixels that is the same for both."""
        if self._wrapped is None:
            return
        tube = self._wrapped.tube_mm
        high = (self.height() - _WORDS_PX - 2 * _EDGE_PX) / (_BODY_MM + _CAP_MM)
        scale = min(high, (self.width() - 2 * _EDGE_PX) / (2 * tube + _BETWEEN_MM))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = (self.width() - (2 * tube + _BETWEEN_MM) * scale) / 2
        for turned, word in ((0.0, _("From the front")), (math.pi, _("From the back"))):
            self._draw_tube(painter, left, scale, turned)
            painter.setFont(theme.font(theme.Size.DETAIL))
            painter.setPen(theme.color("muted"))
            below = QRectF(left - 20, self.height() - _WORDS_PX, tube * scale + 40, _WORDS_PX)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, word)
            left += (tube + _BETWEEN_MM) * scale
        painter.end()

    def _draw_tube(self, painter: QPainter, left: float, scale: float, turned: float) -> None:
        assert self._wrapped is not None
        tube = self._wrapped.tube_mm * scale
        cap = QRectF(left, _EDGE_PX, tube, _CAP_MM * scale)
        body = QRectF(left, cap.bottom(), tube, _BODY_MM * scale)
        painter.setPen(QPen(theme.color("muted"), 1))
        painter.setBrush(theme.color("well_free"))
        painter.drawRoundedRect(body, tube / 4, tube / 4)
        fill = QRectF(body)
        fill.setTop(body.bottom() - body.height() * _LIQUID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.tokens().stored.line))
        painter.drawRoundedRect(fill.adjusted(1, 0, -1, -1), tube / 4 - 1, tube / 4 - 1)
        painter.setPen(QPen(theme.color("muted"), 1))
        painter.setBrush(theme.color("control"))
        painter.drawRoundedRect(cap, 3, 3)
        self._draw_label(painter, QPointF(left, body.top() + _ABOVE_MM * scale), scale, turned)

    def _draw_label(self, painter: QPainter, corner: QPointF, scale: float, turned: float) -> None:
        """The label strip by strip, each a pixel wide: what is turned away is narrower."""
        wrapped = self._wrapped
        assert wrapped is not None
        radius, high = wrapped.tube_mm / 2 * scale, wrapped.height_mm * scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        columns = range(round(2 * radius))
        places = [wrapped.strip((column + 0.5 - radius) / radius, turned) for column in columns]
        for column, place in zip(columns, places, strict=True):
            if place is None:
                continue
            strip = QRectF(place * (wrapped.side.width() - 1), 0, 1, wrapped.side.height())
            painter.drawImage(QRectF(corner.x() + column, corner.y(), 1.5, high), wrapped.side, strip)
        painter.setPen(QPen(theme.color("muted"), 1))
        for column in columns[1:]:
            if (places[column] is None) != (places[column - 1] is None):
                x = corner.x() + column
                painter.drawLine(QPointF(x, corner.y()), QPointF(x, corner.y() + high))
