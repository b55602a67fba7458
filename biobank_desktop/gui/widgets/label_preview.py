"""A label as it will be printed, dot for dot, on a piece of label stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

_EDGE_PX = 8


class OneBitImage(Protocol):
    """What is asked of a Pillow image (mode "1" or "L"), so that Pillow need not be imported here."""

    @property
    def mode(self) -> str:
        """How a dot is kept."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in dots."""
        ...

    def tobytes(self) -> bytes:
        """The dots, rows padded to whole bytes."""
        ...


@dataclass(frozen=True)
class CutPart:
    """A part that the label is cut into: its place as a piece of the whole, and whether it takes ink."""

    area: QRectF
    is_circle: bool
    is_printable: bool


class LabelPreview(QWidget):
    """Shows one label. Each dot is a whole number of pixels when there is room, so a symbol stays sharp."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._parts: tuple[CutPart, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(name or _("Label"))

    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def set_parts(self, parts: Sequence[CutPart]) -> None:
        """Show the parts on their liner; without any the label is one white piece."""
        self._parts = tuple(parts)
        self.update()

    def set_png(self, png: bytes) -> None:
        """Show a PNG. Raises ``ValueError`` when it is none."""
        image = QImage.fromData(png)
        if image.isNull():
            raise ValueError("this is no picture")
        self._show(image)

    def set_image(self, image: OneBitImage) -> None:
        """Show a Pillow image of mode "1" or "L". Raises ``ValueError`` for another mode."""
        width, height = image.size
        if image.mode == "1":
            kind, stride = QImage.Format.Format_Mono, (width + 7) // 8
        elif image.mode == "L":
            kind, stride = QImage.Format.Format_Grayscale8, width
        else:
            raise ValueError(f"a label is black and white, not {image.mode}")
        made = QImage(image.tobytes(), width, height, stride, kind)
        if image.mode == "1":
            made.setColorTable([0xFF000000, 0xFFFFFFFF])
        self._show(made.copy())

    def _show(self, image: QImage) -> None:
        self._image = image
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The size it would like."""
        if self._image.isNull():
            return QSize(160, 72)
        scale = min(1.0, 160 / self._image.width())
        return QSize(
            round(self._image.width() * scale) + 2 * _EDGE_PX,
            round(self._image.height() * scale) + 2 * _EDGE_PX,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("well_free") if self._parts else QColor("white"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if not self._image.isNull():
            self._draw_parts(painter)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._scale() < 1)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawImage(self._target(), self._image)
        painter.end()

    def _draw_parts(self, painter: QPainter) -> None:
        """The parts under the ink, on their liner; a clear tail is seen through."""
        whole = self._target()
        for part in self._parts:
            place = QRectF(
                whole.x() + part.area.x() * whole.width(),
                whole.y() + part.area.y() * whole.height(),
                part.area.width() * whole.width(),
                part.area.height() * whole.height(),
            )
            clear = Qt.PenStyle.SolidLine if part.is_printable else Qt.PenStyle.DashLine
            painter.setPen(QPen(theme.color("control"), 1, clear))
            painter.setBrush(QColor("white") if part.is_printable else Qt.BrushStyle.NoBrush)
            (painter.drawEllipse if part.is_circle else painter.drawRect)(place)
        if self._parts:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)

    def _scale(self) -> float:
        wide = (self.width() - 2 * _EDGE_PX) / self._image.width()
        high = (self.height() - 2 * _EDGE_PX) / self._image.height()
        scale = min(wide, high)
        return float(int(scale)) if scale >= 1 else scale

    def _target(self) -> QRectF:
        width, height = self._image.width() * self._scale(), self._image.height() * self._scale()
        left, top = (self.width() - width) / 2, (self.height() - height) / 2
        return QRectF(round(left), round(top), width, height)
