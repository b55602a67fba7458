"""A box as it looks from above: wells in rows and columns, painted, reachable by keyboard and screen reader.

What a single well looks like is in ``wells``.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.theme import Size
from biobank_desktop.gui.widgets.wells import Well, WellState, paint_well

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BoxMap", "Place", "Well", "WellState"]

FLASH_MS = 140
_HEAD_PX = 20
_RING_PX = 1.6
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}

Place = tuple[int, int]
"""row and column, both from 0"""


class BoxMap(QWidget):
    """Shows one box. Rows and columns carry the box's own labels (a box may skip I).

    A well is never wider than ``widest_px``, so a small box is not a wall of plates.
    """

    chosen = Signal(int, int)
    """row and column a person chose by click or Space (Enter is the screen's)"""
    pointed = Signal(int, int)
    """row and column the keyboard's cursor or the selection moved to"""

    def __init__(self, *, widest_px: int = 32, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest_px = float(widest_px)
        self._rows: tuple[str, ...] = ()
        self._columns: tuple[str, ...] = ()
        self._names: dict[Place, str] = {}
        self._wells: dict[Place, Well] = {}
        self._cursor: Place = (0, 0)
        self._selected: frozenset[Place] = frozenset()
        self._flashed: Place | None = None
        self._next: Place | None = None
        self._flash = QVariantAnimation(self)
        self._flash.setDuration(FLASH_MS)
        self._flash.setStartValue(1.0)
        self._flash.setEndValue(0.0)
        self._flash.valueChanged.connect(self._flash_moved)
        self._flash.finished.connect(self._flash_ended)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_grid(
        self, rows: Sequence[str], columns: Sequence[str], names: Mapping[Place, str] | None = None
    ) -> None:
        """Another box: its row and column labels; empty until ``set_wells``.

        ``names`` are what its places are called where that is not row and column (a running number).
        """
        self._rows, self._columns = tuple(rows), tuple(columns)
        self._names = dict(names or {})
        self._wells = {}
        self._next = None
        self._cursor, self._selected = (0, 0), frozenset()
        self.updateGeometry()
        self._say_cursor()
        self.update()

    def set_wells(self, wells: Mapping[Place, Well]) -> None:
        """What stands where; a place left out is free. Raises ``ValueError`` for a place off the grid."""
        for row, column in wells:
            if not (0 <= row < len(self._rows) and 0 <= column < len(self._columns)):
                raise ValueError(f"row {row}, column {column} is not in this box")
        self._wells = dict(wells)
        self._say_cursor()
        self.update()

    def set_selected(self, places: Iterable[Place]) -> None:
        """Ring these wells."""
        self._selected = frozenset(places)
        self.update()

    def selected(self) -> frozenset[Place]:
        """The wells that are ringed."""
        return self._selected

    def places(self) -> frozenset[Place]:
        """Every place of the box."""
        return frozenset(product(range(len(self._rows)), range(len(self._columns))))

    def well(self, place: Place) -> Well:
        """What stands at a place."""
        return self._wells.get(place, Well(WellState.FREE))

    def name_of(self, place: Place) -> str:
        """The place as it is called: C4."""
        return self._names.get(place) or f"{self._rows[place[0]]}{self._columns[place[1]]}"

    def cursor_place(self) -> Place:
        """Where the keyboard's cursor stands."""
        return self._cursor

    def ring_next(self, place: Place | None) -> None:
        """Ring the well that is next, whatever stands in it; None for none."""
        self._next = place
        self.update()

    def flash(self, place: Place) -> None:
        """Show that something landed here."""
        self._flashed = place
        self._flash.stop()
        self._flash.start()

    def is_flashing(self) -> bool:
        """Whether the flash is still to be seen."""
        return self._flashed is not None

    def _flash_moved(self) -> None:
        self.update()

    def _flash_ended(self) -> None:
        self._flashed = None
        self.update()

    @property
    def _head_px(self) -> int:
        """Room for the names of the columns; none where the places are numbered."""
        return _HEAD_PX if any(self._columns) or not self._columns else 0

    def _pitch(self) -> float:
        if not self._rows or not self._columns:
            return 0.0
        wide = (self.width() - _HEAD_PX) / len(self._columns)
        high = (self.height() - self._head_px) / len(self._rows)
        return max(8.0, min(wide, high, self._widest_px))

    def cell(self, place: Place) -> QRectF:
        """The square of a place, its share of the space between wells included."""
        pitch = self._pitch()
        return QRectF(_HEAD_PX + place[1] * pitch, self._head_px + place[0] * pitch, pitch, pitch)

    def place_at(self, point: QPoint | QPointF) -> Place | None:
        """The place under a point, None beside the grid."""
        pitch = self._pitch()
        if not pitch or point.x() < _HEAD_PX or point.y() < self._head_px:
            return None
        row, column = int((point.y() - self._head_px) / pitch), int((point.x() - _HEAD_PX) / pitch)
        return (row, column) if row < len(self._rows) and column < len(self._columns) else None

    def widest(self) -> int:
        """The width above which the wells grow no more."""
        return _HEAD_PX + round(len(self._columns) * self._widest_px)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        columns, rows = len(self._columns) or 9, len(self._rows) or 9
        return QSize(_HEAD_PX + columns * 32, self._head_px + rows * 32)

    def minimumSizeHint(self) -> QSize:
        """The size below which it cannot be read."""
        return QSize(_HEAD_PX + len(self._columns) * 16, self._head_px + len(self._rows) * 16)

    def hasHeightForWidth(self) -> bool:
        """Wells stay round."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that keeps wells round."""
        if not self._columns:
            return _HEAD_PX
        pitch = min((width - _HEAD_PX) / len(self._columns), self._widest_px)
        return round(self._head_px + pitch * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_labels(painter)
        seen = QRectF(event.rect())
        for place in product(range(len(self._rows)), range(len(self._columns))):
            if seen.intersects(self.cell(place)):
                self._paint_well(painter, place)
        painter.end()

    def _paint_labels(self, painter: QPainter) -> None:
        painter.setFont(theme.font(Size.DETAIL))
        at_cursor = self.hasFocus()
        for column, label in enumerate(self._columns):
            painter.setPen(theme.color("accent" if at_cursor and column == self._cursor[1] else "muted"))
            box = self.cell((0, column))
            painter.drawText(QRectF(box.left(), 0, box.width(), self._head_px), _CENTRE, label)
        for row, label in enumerate(self._rows):
            painter.setPen(theme.color("accent" if at_cursor and row == self._cursor[0] else "muted"))
            box = self.cell((row, 0))
            painter.drawText(QRectF(0, box.top(), _HEAD_PX - 4, box.height()), _CENTRE, label)

    def _paint_well(self, painter: QPainter, place: Place) -> None:
        cell = self.cell(place)
        gap = max(1.5, cell.width() * 0.06)
        dish = cell.adjusted(gap, gap, -gap, -gap)
        inset = max(2.5, cell.width() * 0.09) if place in self._selected else 0.0
        if inset:
            painter.fillRect(cell, theme.color("accent_soft"))
        paint_well(painter, dish.adjusted(inset, inset, -inset, -inset), self.well(place))
        accent = theme.color("accent")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if inset:
            painter.setPen(QPen(theme.color("ink"), _RING_PX))
            painter.drawEllipse(dish)
        if place == self._next:
            pen = QPen(accent, 2)
            pen.setDashPattern([2.2, 1.8])
            painter.setPen(pen)
            painter.drawEllipse(dish)
        if self.hasFocus() and place == self._cursor:
            painter.setPen(QPen(accent, theme.FOCUS_PX))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 5, 5)
        if place == self._flashed:
            strength = float(self._flash.currentValue())
            glow = QColor(accent)
            glow.setAlphaF(strength)
            painter.setPen(QPen(glow, 3))
            spread = 4 * (1 - strength)
            painter.drawEllipse(dish.adjusted(-spread, -spread, spread, spread))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        key = Qt.Key(event.key())
        if key in _ARROWS and self._rows and self._columns:
            down, right = _ARROWS[key]
            self._move_to(self._cursor[0] + down, self._cursor[1] + right)
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self._move_to(self._cursor[0], 0 if key == Qt.Key.Key_Home else len(self._columns) - 1)
        elif key == Qt.Key.Key_Space and self._rows:
            self.chosen.emit(*self._cursor)
        else:
            super().keyPressEvent(event)

    def _move_to(self, row: int, column: int) -> None:
        self._cursor = (
            max(0, min(row, len(self._rows) - 1)),
            max(0, min(column, len(self._columns) - 1)),
        )
        self._say_cursor()
        self.pointed.emit(*self._cursor)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a click."""
        place = self.place_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._move_to(*place)
            self.chosen.emit(*place)

    def event(self, event: QEvent) -> bool:
        """Show the tooltip of what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos())
            QToolTip.showText(event.globalPos(), self.describe(place) if place else "", self)
            return True
        return super().event(event)

    def describe(self, place: Place) -> str:
        """The well in words: its place, its state, what stands in it."""
        well = self.well(place)
        return " · ".join(part for part in (self.name_of(place), well.state.word(), well.text) if part)

    def _say_cursor(self) -> None:
        if self._rows and self._columns:
            self.setAccessibleDescription(self.describe(self._cursor))


_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
