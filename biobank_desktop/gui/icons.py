"""The program's own line icons: one 24-pixel grid, drawn in any colour, kept once drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.resources import folder


def names() -> list[str]:
    """The names of all icons."""
    return sorted(path.stem for path in folder("icons").glob("*.svg"))


@lru_cache(maxsize=128)
def _drawing(name: str) -> bytes:
    return (folder("icons") / f"{name}.svg").read_bytes()


@lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, size_px: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415  only when the first icon is drawn

    renderer = QSvgRenderer(QByteArray(_drawing(name).replace(b"currentColor", colour.encode("ascii"))))
    pixmap = QPixmap(QSize(size_px, size_px) * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def pixmap(name: str, colour: QColor | str, size_px: int = 24, ratio: float = 1.0) -> QPixmap:
    """The icon in a colour; ``ratio`` is the screen's pixels per pixel. Raises ``FileNotFoundError``."""
    return _pixmap(name, QColor(colour).name(), size_px, ratio)


def draw(
    painter: QPainter, name: str, colour: QColor | str, left: float, top: float, size_px: int = 24
) -> None:
    """Draw the icon with its corner at ``left``, ``top``."""
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(round(left), round(top), pixmap(name, colour, size_px, ratio))


class Icon(QWidget):
    """An icon that stands by itself; its colour is the name of a token, so it follows the theme."""

    def __init__(
        self, name: str, token: str = "muted", size_px: int = 20, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._token = token
        self._size_px = size_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_icon(self, name: str, token: str) -> None:
        """Show another icon; ``token`` is a colour of ``Tokens`` or a meaning."""
        self._name, self._token = name, token
        self.update()

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(self._size_px, self._size_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        colour = getattr(theme.tokens(), self._token)
        ink = colour.ink if isinstance(colour, theme.Tone) else colour
        draw(painter, self._name, ink, 0, (self.height() - self._size_px) / 2, self._size_px)
        painter.end()
