"""What stands in a freezer, a shelf, a rack: a tile per place, with its name and how full it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.storage.tree import icon_of
from biobank_desktop.gui.theme import Size
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.services.records import BoxView

_GAP_PX = 8
_STACKED_PX, _TILE_PX = 44, 68
_MOST_STACKED = 14
_LIST_COLUMNS, _WRAP_COLUMNS = 2, 5
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True)
class Tile:
    """One place: what it is called and what stands there, None when it is free."""

    label: str
    row: ContainerRow | None

    def words(self) -> str:
        """The tile in words, for the screen reader."""
        if self.row is None:
            return f"{self.label} {_('free')}"
        return f"{self.label} {self.row.name} {self.row.used}/{self.row.capacity}".strip()


def tiles_of(view: BoxView | None, rows: Sequence[ContainerRow]) -> tuple[list[Tile], int]:
    """The tiles in reading order and how many stand side by side.

    A grid is drawn as it is; a single row of a few places is a stack (a freezer's shelves, a tower's boxes).
    """
    if view is None:
        return [Tile("", row) for row in rows], _LIST_COLUMNS
    grid = view.grid
    there = {(row.row_no, row.column_no): row for row in rows}
    places = [(row, column) for row in range(1, grid.rows + 1) for column in range(1, grid.columns + 1)]
    tiles = [Tile(grid.label(place), there.get(place)) for place in places]
    if grid.rows > 1:
        return tiles, grid.columns
    return tiles, 1 if grid.columns <= _MOST_STACKED else _WRAP_COLUMNS


class TileGrid(QWidget):
    """Arrows move, Enter or a click opens what stands there or says which free place was meant."""

    opened = Signal(object)
    """the container to open"""
    free_chosen = Signal(str)
    """the label of a free place"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: list[Tile] = []
        self._columns = 1
        self._cursor = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("What stands here"))

    def show_tiles(self, tiles: Sequence[Tile], columns: int) -> None:
        """Show these places, ``columns`` side by side."""
        if len(tiles) != len(self._tiles):
            self._cursor = 0
        self._tiles, self._columns = list(tiles), max(1, columns)
        self.updateGeometry()
        self._say_cursor()
        self.update()

    def tiles(self) -> list[Tile]:
        """What is shown."""
        return self._tiles

    def choose(self, place: int) -> None:
        """Do what a click on a tile does."""
        self._cursor = place
        self._say_cursor()
        self.update()
        tile = self._tiles[place]
        if tile.row is not None:
            self.opened.emit(tile.row.id)
        else:
            self.free_chosen.emit(tile.label)

    def _height_px(self) -> int:
        return _STACKED_PX if self._columns == 1 else _TILE_PX

    def sizeHint(self) -> QSize:
        """The size it would like."""
        rows = -(-len(self._tiles) // self._columns)
        return QSize(480, max(1, rows) * (self._height_px() + _GAP_PX) - _GAP_PX)

    def minimumSizeHint(self) -> QSize:
        """The size below which it cannot be read."""
        return QSize(240, self.sizeHint().height())

    def cell(self, place: int) -> QRectF:
        """Where a tile stands."""
        wide = (self.width() - (self._columns - 1) * _GAP_PX) / self._columns
        row, column = divmod(place, self._columns)
        high = self._height_px()
        return QRectF(column * (wide + _GAP_PX), row * (high + _GAP_PX), wide, high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, tile in enumerate(self._tiles):
            box = self.cell(place)
            if box.intersects(QRectF(event.rect())):
                self._paint_ground(painter, box, tile, place)
                if tile.row is None:
                    self._paint_free(painter, box, tile)
                elif self._columns == 1:
                    self._paint_stacked(painter, box, tile, tile.row)
                else:
                    self._paint_tile(painter, box, tile, tile.row)
        painter.end()

    def _paint_ground(self, painter: QPainter, box: QRectF, tile: Tile, place: int) -> None:
        inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
        if tile.row is None:
            pen = QPen(theme.color("control"), 1)
            pen.setDashPattern([4, 4])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(inner, 6, 6)
        if self.hasFocus() and place == self._cursor:
            painter.setPen(QPen(theme.color("accent"), theme.FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_free(self, painter: QPainter, box: QRectF, tile: Tile) -> None:
        painter.setFont(theme.font(Size.DETAIL))
        painter.setPen(theme.color("muted"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"{tile.label} · {_('free')}")

    def _paint_stacked(self, painter: QPainter, box: QRectF, tile: Tile, row: ContainerRow) -> None:
        painter.setFont(theme.font(Size.DETAIL))
        painter.setPen(theme.color("muted"))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(box.adjusted(12, 0, 0, 0), middle, tile.label)
        icons.draw(painter, icon_of(row.kind.level), theme.tokens().accent, 44, box.center().y() - 9, 18)
        painter.drawText(
            box.adjusted(0, 0, -12, 0),
            middle | int(Qt.AlignmentFlag.AlignRight),
            f"{row.used}/{row.capacity}",
        )
        bar = QRectF(box.right() - 212, box.center().y() - 3, 140, 6)
        _paint_bar(painter, bar, row)
        painter.setFont(theme.font(bold=True))
        painter.setPen(theme.color("ink"))
        room = box.adjusted(72, 0, -(box.right() - bar.left()) - 8, 0)
        painter.drawText(room, middle, _elided(painter, row.name, room.width()))

    def _paint_tile(self, painter: QPainter, box: QRectF, tile: Tile, row: ContainerRow) -> None:
        inner = box.adjusted(10, 8, -10, -8)
        painter.setFont(theme.font(bold=True))
        painter.setPen(theme.color("ink"))
        top = int(Qt.AlignmentFlag.AlignTop)
        icons.draw(painter, icon_of(row.kind.level), theme.tokens().accent, inner.left(), inner.top(), 18)
        name = inner.adjusted(24, 0, 0, 0)
        painter.drawText(name, top, _elided(painter, row.name, name.width()))
        painter.setFont(theme.font(Size.DETAIL))
        painter.setPen(theme.color("muted"))
        second = inner.adjusted(0, 22, 0, 0)
        painter.drawText(second, top, tile.label)
        painter.drawText(second, top | int(Qt.AlignmentFlag.AlignRight), f"{row.used}/{row.capacity}")
        _paint_bar(painter, QRectF(inner.left(), inner.bottom() - 5, inner.width(), 6), row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        key = Qt.Key(event.key())
        if key in _STEPS and self._tiles:
            down, right = _STEPS[key]
            moved = self._cursor + down * self._columns + right
            if 0 <= moved < len(self._tiles):
                self._cursor = moved
                self._say_cursor()
                self.update()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._tiles:
            self.choose(self._cursor)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a click."""
        for place in range(len(self._tiles)):
            if self.cell(place).contains(event.position()):
                self.choose(place)
                return

    def _say_cursor(self) -> None:
        if self._tiles:
            self.setAccessibleDescription(self._tiles[self._cursor].words())


def _paint_bar(painter: QPainter, box: QRectF, row: ContainerRow) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("well_free"))
    painter.drawRoundedRect(box, 3, 3)
    share = min(1.0, row.used / row.capacity)
    if share:
        full = QColor(theme.tokens().provisional.ink) if share == 1 else theme.color("accent_fill")
        painter.setBrush(full)
        filled = QRectF(box.left(), box.top(), max(6.0, box.width() * share), box.height())
        painter.drawRoundedRect(filled, 3, 3)


def _elided(painter: QPainter, text: str, room_px: float) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(room_px))
