"""Everything that happened to one thing: who, what, when, old and new value, why; a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


@dataclass(frozen=True)
class Change:
    """A value that became another; ``old`` is "" when there was none."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Happening:
    """One line of a history, in words. ``at`` is aware; ``why`` is "" when no reason was asked.

    ``typed`` are codes that were typed instead of scanned.
    """

    at: datetime
    what: str
    who: str
    bench: str = ""
    changes: tuple[Change, ...] = ()
    why: str = ""
    icon: str = "history"
    typed: tuple[str, ...] = ()


class _Mark(QWidget):
    """The icon of a happening on the line that joins them."""

    def __init__(self, icon: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(32, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 2))
        painter.drawLine(14, 30, 14, self.height())
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("ground"))
        painter.drawEllipse(QRectF(0.5, 0.5, 27, 27))
        icons.draw(painter, self._icon_name, theme.tokens().muted, 6, 6, 16)
        painter.end()


class Timeline(QWidget):
    """The newest first. ``add`` a page; ``more_wanted`` asks for the next."""

    more_wanted = Signal()
    """the person wants to see earlier happenings"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last_day: date | None = None
        self._count = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addLayout(self._list)
        self.more = ActionButton(_("Show earlier"), Look.QUIET, icon="chevron-down", parent=self)
        self.more.clicked.connect(self.more_wanted)
        self.more.hide()
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def clear(self) -> None:
        """Show nothing."""
        clear_layout(self._list)
        self._last_day, self._count = None, 0
        self.more.hide()

    def add(self, happenings: Sequence[Happening], *, more: bool) -> None:
        """Add the next, older page; ``more`` says whether there is another one."""
        for happening in happenings:
            day = happening.at.astimezone(LAB_ZONE).date()
            if day != self._last_day:
                head = Text(say_date(day), "section", parent=self)
                head.setContentsMargins(0, 0 if self._last_day is None else 8, 0, 8)
                self._list.addWidget(head)
                self._last_day = day
            self._list.addWidget(self._row(happening))
        self._count += len(happenings)
        self.more.setVisible(more)

    def count(self) -> int:
        """How many happenings are shown."""
        return self._count

    def _row(self, happening: Happening) -> QWidget:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(_Mark(happening.icon, row))
        words = QVBoxLayout()
        words.setContentsMargins(0, 4, 0, 16)
        words.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(happening.what, "strong", wrap=True, parent=row), 1)
        head.addWidget(
            Text(f"{happening.at.astimezone(LAB_ZONE):%H:%M}", "detail", parent=row),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        words.addLayout(head)
        who = " · ".join(part for part in (happening.who, happening.bench) if part)
        words.addWidget(Text(who, "detail", parent=row))
        if happening.changes:
            words.addLayout(_changes(happening.changes, row))
        if happening.why:
            words.addWidget(Text(_("Why: {reason}").format(reason=happening.why), wrap=True, parent=row))
        if happening.typed:
            typed = _("Typed, not scanned: {codes}").format(codes=", ".join(happening.typed))
            words.addWidget(Text(typed, "detail", wrap=True, parent=row))
        layout.addLayout(words, 1)
        return row


def _changes(changes: Sequence[Change], parent: QWidget) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 4, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(2)
    for row, change in enumerate(changes):
        grid.addWidget(Text(change.field, "muted", parent=parent), row, 0)
        if change.old:
            grid.addWidget(Text(change.old, "old", parent=parent), row, 1)
            grid.addWidget(Text("→", "muted", parent=parent), row, 2)
        grid.addWidget(Text(change.new, "strong", wrap=True, parent=parent), row, 3)
    grid.setColumnStretch(3, 1)
    return grid
