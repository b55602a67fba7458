"""Ctrl+K: any screen, command or record by a few letters of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.findings import Finding, Search, match
from biobank_desktop.gui.theme import Size
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH_PX = 560
SHOWN = 9
_ROW_PX = 44
_ROOT = QModelIndex()


class _Findings(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.findings: list[Finding] = []

    def show(self, findings: Sequence[Finding]) -> None:
        self.beginResetModel()
        self.findings = list(findings[:SHOWN])
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self.findings)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """What the view asks of a cell."""
        return self.findings[index.row()].title if role == Qt.ItemDataRole.DisplayRole else None


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The size it would like."""
        return QSize(_ROW_PX, _ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        model = index.model()
        if not isinstance(model, _Findings):
            return
        finding = model.findings[index.row()]
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(box.adjusted(4, 2, -4, -2), 6, 6)
        icons.draw(painter, finding.icon, theme.tokens().muted, box.left() + 16, box.center().y() - 10, 20)
        words = box.adjusted(48, 0, -16, 0)
        painter.setFont(theme.font(Size.DETAIL))
        painter.setPen(QColor(theme.tokens().muted))
        painter.drawText(
            words, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), finding.detail
        )
        room = words.width() - painter.fontMetrics().horizontalAdvance(finding.detail) - 12
        painter.setFont(theme.font())
        painter.setPen(QColor(theme.tokens().ink))
        title = painter.fontMetrics().elidedText(finding.title, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), title)
        painter.restore()


class CommandPalette(QFrame):
    """A line to type into and what it finds; Enter does it, Esc closes. Nothing in it can be lost."""

    def __init__(self, commands: Callable[[], Sequence[Finding]], parent: QWidget) -> None:
        super().__init__(parent)
        theme.set_role(self, "float")
        self._commands = commands
        self._search: Search | None = None
        self._asked = 0
        self._local: list[Finding] = []
        self._back_to: QWidget | None = None
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(_("Find a screen, a command or a record"))
        self.line.setAccessibleName(_("Find a screen, a command or a record"))
        self.line.textChanged.connect(self._typed)
        self.line.installEventFilter(self)
        self.list = QListView(self)
        theme.set_role(self.list, "bare")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(_("Found"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._found = _Findings(self)
        self.list.setModel(self._found)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.clicked.connect(self._clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.nothing = Text(_("Nothing found"), "muted", parent=self)
        self.nothing.setContentsMargins(12, 4, 12, 8)
        column.addWidget(self.nothing)
        self.hide()

    def set_search(self, search: Search | None) -> None:
        """What looks for records."""
        self._search = search

    def open(self) -> None:
        """Show the palette, empty, and remember where the person was."""
        window = self.window()
        self._back_to = window.focusWidget()
        self._typed("")
        self.line.clear()
        self.move((window.width() - WIDTH_PX) // 2, 64)
        self.show()
        self.raise_()
        self.line.setFocus()

    def close_palette(self) -> None:
        """Hide it; the focus goes back to where it was."""
        self.hide()
        if self._back_to is not None:
            self._back_to.setFocus()
            self._back_to = None

    def titles(self) -> list[str]:
        """What is found now."""
        return [finding.title for finding in self._found.findings]

    def _typed(self, text: str) -> None:
        self._asked += 1
        self._local = match(text, self._commands())
        self._show(self._local)
        if self._search is not None and text.strip():
            asked = self._asked
            self._search(text.strip(), lambda found: self._came(asked, found))

    def _came(self, asked: int, found: Sequence[Finding]) -> None:
        if asked == self._asked:
            self._show([*found, *self._local])

    def _show(self, findings: Sequence[Finding]) -> None:
        self._found.show(findings)
        self.list.setFixedHeight(len(self._found.findings) * _ROW_PX)
        self.list.setVisible(bool(self._found.findings))
        self.nothing.setVisible(not self._found.findings)
        self.setFixedSize(WIDTH_PX, self.sizeHint().height())
        if self._found.findings:
            self.list.setCurrentIndex(self._found.index(0))

    def _clicked(self, index: QModelIndex) -> None:
        finding = self._found.findings[index.row()]
        self.close_palette()
        finding.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the events of what is watched first."""
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        row = self.list.currentIndex().row()
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            last = len(self._found.findings) - 1
            self.list.setCurrentIndex(self._found.index(max(0, min(row + step, last))))
            return True
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self._found.findings:
                self._clicked(self.list.currentIndex())
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.close_palette()
            return True
        return False
