"""What the camera sees and what is read in it, outlined, with the words below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.frames import Look

_WIDE, _HIGH = 16, 9
_LEAST_PX = 320
_HIGHEST_PX = 270
_ICON_PX = 40
_OUTLINE_PX = 3
_LONGEST = 24


class CameraPicture(QWidget):
    """Shows one look after the other; nothing until there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = _View(self)
        self._words = Text("", "muted", wrap=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._view)
        column.addWidget(self._words)
        column.addStretch(1)
        self.show_nothing()

    def show_look(self, look: Look) -> None:
        """Show what was seen, and say what was read."""
        self._view.show_look(look)
        texts = {symbol.text for symbol in look.symbols}
        theme.set_role(self._words, "strong" if texts else "muted")
        if not texts:
            self._words.setText(_("Nothing to read in view."))
        elif len(texts) == 1:
            self._words.setText(_("Reads {code}").format(code=_shown(texts.pop())))
        else:
            self._words.setText(_("More than one code in view: none of them counts."))

    def show_nothing(self) -> None:
        """There is no picture."""
        self._view.show_look(None)
        theme.set_role(self._words, "muted")
        self._words.setText(_("No picture."))

    def words(self) -> str:
        """What is said of the picture."""
        return self._words.text()


class _View(QWidget):
    """The picture with its outlines, as wide as there is room, never higher than its own shape."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(_("What the camera sees"))

    def show_look(self, look: Look | None) -> None:
        self._look = look
        self.update()

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(_LEAST_PX, self.heightForWidth(_LEAST_PX))

    def minimumSizeHint(self) -> QSize:
        """The size below which nothing can be seen."""
        return QSize(_LEAST_PX, self.heightForWidth(_LEAST_PX))

    def heightForWidth(self, width: int) -> int:
        """As most cameras see, and so that the buttons below stay in sight."""
        return min(width * _HIGH // _WIDE, _HIGHEST_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("ground"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.RADIUS_PX, theme.RADIUS_PX)
        if self._look is None:
            middle = box.center()
            left, top = middle.x() - _ICON_PX / 2, middle.y() - _ICON_PX / 2
            icons.draw(painter, "camera-off", theme.color("muted"), left, top, _ICON_PX)
        else:
            self._paint_look(painter, self._look)
        painter.end()

    def _paint_look(self, painter: QPainter, look: Look) -> None:
        wide, high = look.size
        scale = min((self.width() - 2) / wide, (self.height() - 2) / high)  # the line stays around it
        left, top = (self.width() - wide * scale) / 2, (self.height() - high * scale) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, wide * scale, high * scale), look.picture)
        alone = len({symbol.text for symbol in look.symbols}) == 1
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_outline(alone=alone), _OUTLINE_PX, j=Qt.PenJoinStyle.RoundJoin))
        for symbol in look.symbols:
            points = [QPointF(left + x * scale, top + y * scale) for x, y in symbol.corners]
            painter.drawPolygon(QPolygonF(points))


def _outline(*, alone: bool) -> QColor:
    """Bright on the grey of the picture, in both schemes."""
    tone = theme.DARK.permitted if alone else theme.DARK.refused
    return QColor(tone.ink)


def _shown(text: str) -> str:
    if codes.parse(text):
        return codes.group(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
