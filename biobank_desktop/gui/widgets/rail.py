"""The rail at the left: where one can go, icon and word, Alt and a digit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.theme import Size

WIDTH_PX = 96
"""Room for the longest word in bold: Quarantaine."""
_ITEM_PX, _LEAST_PX = 64, 54
"""A low window still shows every place."""


class _Item(QAbstractButton):
    def __init__(self, name: str, word: str, icon: str, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setText(word)
        self._icon_name = icon
        self.setCheckable(True)
        self.setToolTip(f"{word}  {key}")
        self.setAccessibleName(word)
        self.setAccessibleDescription(key)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def minimumSizeHint(self) -> QSize:
        """The size below which icon and word have no room."""
        return QSize(WIDTH_PX, _LEAST_PX)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(WIDTH_PX, _ITEM_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = theme.tokens()
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), theme.color("rail_selected"))
        if self.isChecked():
            painter.fillRect(
                0, 0, 3, self.height(), theme.color("accent" if tokens is theme.DARK else "well_taken")
            )
        ink = tokens.rail_ink if self.isChecked() or self.underMouse() else tokens.rail_muted
        top = (self.height() - 42) / 2
        icons.draw(painter, self._icon_name, ink, (self.width() - 24) / 2, top)
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(Size.DETAIL, bold=self.isChecked()))
        painter.drawText(
            QRectF(0, top + 27, self.width(), 18), int(Qt.AlignmentFlag.AlignCenter), self.text()
        )
        if self.hasFocus():
            painter.setPen(QPen(theme.color("rail_ink"), theme.FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 3, -4, -3), 6, 6)
        painter.end()


class Rail(QWidget):
    """The places one can go to, the current one marked."""

    chosen = Signal(str)
    """the name of the place"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self._items: dict[str, _Item] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def add(self, name: str, word: str, icon: str, key: str) -> None:
        """Add a place below the others."""
        item = _Item(name, word, icon, key, self)
        item.clicked.connect(self._clicked)
        self._items[name] = item
        self._column.insertWidget(self._column.count() - 1, item)

    def set_current(self, name: str) -> None:
        """Mark a place, "" for none."""
        for each, item in self._items.items():
            item.setChecked(each == name)

    def current(self) -> str:
        """The marked place."""
        return next((name for name, item in self._items.items() if item.isChecked()), "")

    def _clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.chosen.emit(sender.objectName())
