"""A card of Today: a heading with its count, and lines that open the place where the work is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import Size
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, clear_layout, reveal
from biobank_desktop.gui.widgets.texts import Text, plain_tip, set_words
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.today.worklist import Line, WorkList

SHOWN = 6
_CODE_PX = 126


class LineButton(QAbstractButton):
    """One line; Enter, Space or a click opens it, up and down go along the lines."""

    wanted = Signal(object)
    """the ``Line``"""

    def __init__(self, line: Line, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        code = codes.group(line.code) if codes.parse(line.code) else line.code
        self._code = code
        set_words(self, " ".join(part for part in (code, line.text, line.right) if part))
        self.setAccessibleName(self.text())
        self.setToolTip(plain_tip(line.text))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.wanted.emit(self.line))

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(320, theme.TARGET_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), theme.FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        self._paint_words(painter, box.adjusted(8, 0, -8, 0))
        painter.end()

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        middle, right = int(Qt.AlignmentFlag.AlignVCenter), int(Qt.AlignmentFlag.AlignRight)
        painter.setFont(theme.font(mono=True))
        painter.setPen(theme.color("ink"))
        painter.drawText(box, middle, self._code)
        painter.setFont(theme.font(Size.DETAIL))
        ink = theme.tokens().muted
        if self.line.meaning is not None:
            ink = theme.tokens().tone(self.line.meaning).ink
        painter.setPen(QColor(ink))
        painter.drawText(box, middle | right, self.line.right)
        taken = painter.fontMetrics().horizontalAdvance(self.line.right) + 12
        if self.line.meaning is not None:
            left = box.right() - taken - 8
            icons.draw(painter, self.line.meaning.value, ink, left, box.center().y() - 8, 16)
            taken += 16
        painter.setFont(theme.font())
        painter.setPen(theme.color("muted"))
        code = (
            0 if not self._code else max(_CODE_PX, painter.fontMetrics().horizontalAdvance(self._code) + 16)
        )
        room = box.adjusted(code, 0, -taken - 4, 0)
        words = painter.fontMetrics().elidedText(
            self.line.text, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, middle, words)


class ListCard(Card):
    """One list: the first lines, the rest behind one button."""

    opened = Signal(object)
    """the ``Line`` that was chosen"""
    gathered = Signal(object)
    """the ``Gather`` of the list: put it all on a list to leave"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(8, 12, 8, 8)
        self.body.setSpacing(4)
        self._icon = Icon("today", "accent", 20, self)
        self._title = Text("", "section", parent=self)
        self._count = Text("", "chip", parent=self)
        self._advice = Text("", "detail", wrap=True, parent=self)
        self._advice.setContentsMargins(8, 0, 8, 4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self._icon)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch(1)
        self._head = head
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self.more = ActionButton("", Look.QUIET, icon="chevron-down", parent=self)
        self.more.clicked.connect(self._show_all)
        self.body.addLayout(head)
        self.body.addWidget(self._advice)
        self.body.addLayout(self._lines)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.gather: ActionButton | None = None
        self._list: WorkList | None = None
        self._all = False

    def show_list(self, work: WorkList) -> None:
        """Show a list; an unchanged one is left alone, so focus stays."""
        if work == self._list:
            return
        if self._list is None or self._list.name != work.name:
            self._all = False
        self._list = work
        self._icon.set_icon(work.icon, "accent")
        self._title.setText(work.title)
        self._advice.setText(work.advice)
        self._count.setText(str(len(work.lines)))
        if work.gather is not None and self.gather is None:
            self.gather = ActionButton(
                _("Put on a list"), Look.QUIET, icon="disposals", hint=work.gather.letter, parent=self
            )
            self.gather.clicked.connect(self._gather)
            self._head.addWidget(self.gather)
        self._fill()

    def _gather(self) -> None:
        if self._list is not None and self._list.gather is not None:
            self.gathered.emit(self._list.gather)

    def lines(self) -> list[LineButton]:
        """The lines that are shown."""
        found = [self._lines.itemAt(place) for place in range(self._lines.count())]
        widgets = [item.widget() for item in found if item is not None]
        return [widget for widget in widgets if isinstance(widget, LineButton)]

    def title(self) -> str:
        """The heading."""
        return self._title.text()

    def _show_all(self) -> None:
        self._all = True
        self._fill()

    def _fill(self) -> None:
        assert self._list is not None
        clear_layout(self._lines)
        lines = self._list.lines
        shown = lines if self._all else lines[:SHOWN]
        for line in shown:
            button = LineButton(line, self)
            button.wanted.connect(self.opened)
            self._lines.addWidget(button)
        self.more.set_text(_("Show all {count}").format(count=len(lines)))
        reveal(self.more, len(shown) < len(lines))
