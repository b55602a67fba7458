"""A family of samples as a tree: the tube, what was made of it, and what was made of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.theme import Meaning, Size

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW_PX = 48
_INDENT_PX = 32


@dataclass(frozen=True)
class Relative:
    """A sample in its family: what it is, how it is doing in words and, where one applies, a meaning."""

    code: str
    title: str
    state: str
    children: tuple[Relative, ...] = ()
    meaning: Meaning | None = None
    icon: str = "vial"


@dataclass(frozen=True)
class _Row:
    relative: Relative
    depth: int
    parent_row: int


class FamilyTree(QWidget):
    """Shows a family, one of it marked as the one that is looked at; Enter or a click opens another."""

    opened = Signal(str)
    """the code of the sample to open"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._here = ""
        self._cursor = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_family(self, root: Relative, here: str = "") -> None:
        """Show the family of ``root``; ``here`` is the code of the sample that is looked at."""
        self._rows = list(_flatten(root))
        self._here = here
        found = [index for index, row in enumerate(self._rows) if row.relative.code == here]
        self._cursor = found[0] if found else 0
        self.updateGeometry()
        self._say_cursor()
        self.update()

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(320, max(1, len(self._rows)) * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        """The size below which it cannot be read."""
        return QSize(200, max(1, len(self._rows)) * ROW_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if not self._rows:
            super().keyPressEvent(event)
        elif event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._cursor = max(0, min(self._cursor + step, len(self._rows) - 1))
            self._say_cursor()
            self.update()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.opened.emit(self._rows[self._cursor].relative.code)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a click."""
        index = int(event.position().y() // ROW_PX)
        if 0 <= index < len(self._rows):
            self._cursor = index
            self.update()
            self.opened.emit(self._rows[index].relative.code)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, row in enumerate(self._rows):
            if row.parent_row >= 0:
                self._paint_branch(painter, index, row)
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index, row)
        painter.end()

    def _paint_branch(self, painter: QPainter, index: int, row: _Row) -> None:
        stem = (row.depth - 1) * _INDENT_PX + 20
        middle = index * ROW_PX + ROW_PX / 2
        path = QPainterPath(QPointF(stem, row.parent_row * ROW_PX + ROW_PX / 2 + 14))
        path.lineTo(stem, middle - 6)
        path.quadTo(stem, middle, stem + 6, middle)
        path.lineTo(stem + _INDENT_PX - 16, middle)
        painter.setPen(QPen(theme.color("control"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_row(self, painter: QPainter, index: int, row: _Row) -> None:
        left = row.depth * _INDENT_PX
        box = QRectF(left + 2, index * ROW_PX + 3, self.width() - left - 4, ROW_PX - 6)
        focused = self.hasFocus() and index == self._cursor
        if row.relative.code == self._here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(box, 6, 6)
        if focused:
            painter.setPen(QPen(theme.color("accent"), theme.FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        tokens = theme.tokens()
        icons.draw(painter, row.relative.icon, tokens.accent, left + 10, box.center().y() - 10, 20)
        self._paint_words(painter, box.adjusted(36, 2, -8, -2), row.relative)

    def _paint_words(self, painter: QPainter, box: QRectF, relative: Relative) -> None:
        left, right = int(Qt.AlignmentFlag.AlignLeft), int(Qt.AlignmentFlag.AlignRight)
        top, bottom = int(Qt.AlignmentFlag.AlignTop), int(Qt.AlignmentFlag.AlignBottom)
        code = codes.group(relative.code) if codes.parse(relative.code) else relative.code
        painter.setPen(theme.color("ink"))
        painter.setFont(theme.font(mono=True))
        painter.drawText(box, left | top, code)
        ink = theme.tokens().tone(relative.meaning).ink if relative.meaning else theme.tokens().muted
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(Size.DETAIL))
        painter.drawText(box, right | bottom, relative.state)
        taken = painter.fontMetrics().horizontalAdvance(relative.state) + 12
        painter.setPen(theme.color("muted"))
        room = int(box.width()) - taken
        title = painter.fontMetrics().elidedText(relative.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, left | bottom, title)

    def _say_cursor(self) -> None:
        if self._rows:
            relative = self._rows[self._cursor].relative
            self.setAccessibleDescription(f"{relative.code} {relative.title} {relative.state}")


def _flatten(root: Relative) -> Iterator[_Row]:
    waiting = [(root, 0, -1)]
    index = 0
    while waiting:
        relative, depth, parent_row = waiting.pop()
        yield _Row(relative, depth, parent_row)
        waiting.extend((child, depth + 1, index) for child in reversed(relative.children))
        index += 1
