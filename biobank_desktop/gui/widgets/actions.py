"""Buttons: one painted kind in a few looks, with its key shown on it."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.theme import BENCH_TARGET_PX, FOCUS_PX, TARGET_PX, Size
from biobank_desktop.gui.widgets.texts import set_words

_GAP_PX = 8
_ICON_PX = 20


class Look(Enum):
    """How much a button asks to be pressed."""

    PRIMARY = "primary"
    PLAIN = "plain"
    QUIET = "quiet"
    CHOICE = "choice"
    ON_STOP = "on-stop"


class ActionButton(QAbstractButton):
    """A button with an optional icon before its words and its key as a chip (see ``Look``)."""

    def __init__(
        self,
        text: str,
        look: Look = Look.PLAIN,
        *,
        icon: str = "",
        hint: str = "",
        height_px: int = TARGET_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_words(self, text)
        self._look = look
        self._icon_name = icon
        self._hint = hint
        self._height_px = height_px
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._name_aloud()

    @property
    def hint(self) -> str:
        """The key shown on the button."""
        return self._hint

    def set_icon(self, name: str) -> None:
        """Another icon before the words."""
        self._icon_name = name
        self.updateGeometry()
        self.update()

    def set_text(self, text: str) -> None:
        """Other words, for the eye and the screen reader."""
        set_words(self, text)
        self._name_aloud()
        self.updateGeometry()

    def set_hint(self, hint: str) -> None:
        """Another key behind the words."""
        self._hint = hint
        self._name_aloud()
        self.updateGeometry()

    def _name_aloud(self) -> None:
        self.setAccessibleName(self.text())
        if self._hint:
            self.setAccessibleDescription(self._hint)

    def _big(self) -> bool:
        return self._look is Look.PRIMARY

    def _text_font_metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.font(Size.BODY, bold=True))

    def sizeHint(self) -> QSize:
        """The size it would like."""
        width = 2 * (12 if self._look in {Look.QUIET, Look.CHOICE} else 16)
        parts = []
        if self._icon_name:
            parts.append(_ICON_PX)
        if self.text():
            parts.append(self._text_font_metrics().horizontalAdvance(self.text()))
        if self._hint:
            parts.append(hint_width_px(self._hint))
        return QSize(width + sum(parts) + _GAP_PX * max(0, len(parts) - 1), self._height_px)

    def minimumSizeHint(self) -> QSize:
        """The size below which it cannot be read."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._paint_ground(painter)
        bold = self._look in {Look.PRIMARY, Look.ON_STOP} or (self._look is Look.CHOICE and self.isChecked())
        painter.setFont(theme.font(Size.BODY, bold=bold))
        self._paint_parts(painter, ink)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> QColor:
        """Fill, line and focus ring; the colour of the words on them."""
        fill, line, ink = self._colours()
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(line, 1) if line is not None else Qt.PenStyle.NoPen)
        painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, theme.RADIUS_PX, theme.RADIUS_PX)
        if self.hasFocus():
            inset = 3.5 if self._look in {Look.PRIMARY, Look.ON_STOP} else 0.5
            ring = ink if self._look in {Look.PRIMARY, Look.ON_STOP} else theme.color("accent")
            painter.setPen(QPen(ring, FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 6, 6)
        return ink

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        hover = self.underMouse() or self.isDown()
        if not self.isEnabled():
            return (
                (None if self._look is Look.QUIET else theme.color("well_free")),
                None,
                theme.color("muted"),
            )
        if self._look is Look.PRIMARY:
            return theme.color("accent_hover" if hover else "accent_fill"), None, theme.color("on_accent")
        if self._look is Look.ON_STOP:
            return (
                theme.color("on_stop"),
                None,
                theme.color("stop"),
            )
        if self._look is Look.QUIET:
            return (theme.color("accent_soft") if hover else None), None, theme.color("accent")
        if self.isChecked():
            return theme.color("accent_soft"), theme.color("accent"), theme.color("accent")
        return (
            theme.color("accent_soft" if hover else "surface"),
            theme.color("control" if hover else "line" if self._look is Look.CHOICE else "control"),
            theme.color("ink"),
        )

    def _paint_parts(self, painter: QPainter, ink: QColor) -> None:
        metrics = painter.fontMetrics()
        words = metrics.horizontalAdvance(self.text())
        hint = hint_width_px(self._hint) if self._hint else 0
        icon = _ICON_PX if self._icon_name else 0
        shown = [width for width in (icon, words, hint) if width]
        total = sum(shown) + _GAP_PX * max(0, len(shown) - 1)
        left = 12.0 if self._look is Look.QUIET and self.text() else max(8.0, (self.width() - total) / 2)
        middle = self.height() / 2
        lead = self._look is Look.CHOICE
        if hint and lead:
            paint_hint(painter, self._hint, left, middle, ink)
            left += hint + _GAP_PX
        if icon:
            icons.draw(painter, self._icon_name, ink, left, middle - _ICON_PX / 2, _ICON_PX)
            left += icon + _GAP_PX
        painter.setPen(ink)
        room = self.width() - left - 8 - (hint + _GAP_PX if hint and not lead else 0)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room) + 1)
        painter.drawText(QRectF(left, 0, room + 1, self.height()), int(Qt.AlignmentFlag.AlignVCenter), text)
        if hint and not lead:
            paint_hint(painter, self._hint, left + words + _GAP_PX, middle, ink)


class PrimaryButton(ActionButton):
    """The one action of a screen; Enter does it from anywhere in the screen."""

    def __init__(self, text: str, *, hint: str = "ENTER", parent: QWidget | None = None) -> None:
        super().__init__(text, Look.PRIMARY, hint=hint, height_px=BENCH_TARGET_PX, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class KeyHint(QWidget):
    """A key as a chip, beside words that say what it does."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(key)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(hint_width_px(self._key) + 1, 21)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_hint(painter, self._key, 0.5, self.height() / 2, theme.color("muted"))
        painter.end()


def hint_width_px(key: str) -> int:
    """How wide the chip of a key is."""
    return max(20, QFontMetrics(theme.font(Size.DETAIL, bold=True, mono=True)).horizontalAdvance(key) + 10)


def paint_hint(painter: QPainter, key: str, left: float, middle: float, ink: QColor) -> None:
    """Paint the chip of a key in the colour of the words it stands beside."""
    painter.save()
    box = QRectF(left, middle - 10, hint_width_px(key), 20)
    ground = QColor(ink)
    ground.setAlpha(28)
    line = QColor(ink)
    line.setAlpha(110)
    painter.setBrush(ground)
    painter.setPen(QPen(line, 1))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(theme.font(Size.DETAIL, bold=True, mono=True))
    painter.setPen(ink)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), key)
    painter.restore()
