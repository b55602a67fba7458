"""A box map in which wells are selected, with the pointer and with the keys."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent

from biobank_desktop.gui.widgets.boxmap import BoxMap
from biobank_desktop.gui.widgets.selection import Selection
from biobank_desktop.gui.widgets.wells import WellState
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.widgets.boxmap import Place
    from biobank_desktop.gui.widgets.selection import Block

_MOVES = frozenset(
    {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End}
)
_EMPTY = frozenset({WellState.FREE, WellState.PROPOSED, WellState.RESERVED, WellState.GONE})


class Line(Enum):
    """What is taken hold of: a well, or the name of a whole row or column."""

    WELL = "well"
    ROW = "row"
    COLUMN = "column"


class SelectingMap(BoxMap):
    """Click selects one, Shift goes on to here, Ctrl adds or lets go, dragging draws a rectangle.

    The names of rows and columns select the whole line. Arrows select where they go, with Shift all on the
    way; with Ctrl they only walk, and Ctrl+Space adds or lets go. Ctrl+A selects all that is taken.
    """

    selection_changed = Signal()
    """a person selected other wells"""

    def __init__(self, *, widest_px: int = 32, parent: QWidget | None = None) -> None:
        super().__init__(widest_px=widest_px, parent=parent)
        self._selection = Selection()
        self._held: Line | None = None
        self._reached: Block | None = None

    def set_grid(
        self, rows: Sequence[str], columns: Sequence[str], names: Mapping[Place, str] | None = None
    ) -> None:
        """Another box: nothing is selected in it."""
        self._selection = Selection()
        super().set_grid(rows, columns, names)

    def select(self, places: Iterable[Place]) -> None:
        """Select exactly these, as a person does."""
        self._selection.set(places)
        self._show()

    def go_to(self, place: Place) -> None:
        """Put the cursor here and select only this, as a click does."""
        self._move_to(*place)
        self._press(self._block(Line.WELL, place))

    def set_selected(self, places: Iterable[Place]) -> None:
        """Select exactly these, and say nothing."""
        self._selection.set(places)
        super().set_selected(self._selection.places)

    def taken(self) -> frozenset[Place]:
        """The wells in which something lies, or keeps its place."""
        return frozenset(place for place, well in self._wells.items() if well.state not in _EMPTY)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a well or of the name of a line."""
        line = self._line_at(event.position())
        if line is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place = self._nearest(event.position())
        reach, add = _chords(event)
        self._held = line
        if line is Line.WELL:
            self._move_to(*place)
        self._reached = self._block(line, place)
        self._press(self._reached, reach=reach, add=add)
        if line is Line.WELL and not (reach or add):
            self.chosen.emit(*place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on to where the pointer is; beside the grid to the nearest well."""
        if self._held is None:
            return
        block = self._block(self._held, self._nearest(event.position()))
        if block != self._reached:
            self._reached = block
            self._selection.drag(block)
            self._show()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        reach, add = _chords(event)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select(self.taken())
        elif event.key() == Qt.Key.Key_Space and add and self._rows:
            self._press(self._block(Line.WELL, self._cursor), add=True)
        else:
            super().keyPressEvent(event)
            if event.key() in _MOVES and self._rows and (reach or not add):
                self._press(self._block(Line.WELL, self._cursor), reach=reach, add=add)

    def _press(self, block: Block, *, reach: bool = False, add: bool = False) -> None:
        self._selection.press(block, reach=reach, add=add)
        self._show()

    def _show(self) -> None:
        if self._selection.places != self.selected():
            super().set_selected(self._selection.places)
            self._say_cursor()
            self.selection_changed.emit()

    def _say_cursor(self) -> None:
        """The well at the cursor in words, for the screen reader also whether it is selected."""
        super()._say_cursor()
        if self._cursor in self.selected():
            self.setAccessibleDescription(f"{self.accessibleDescription()} · {_('selected')}")

    def _line_at(self, point: QPointF) -> Line | None:
        """What is under a point: a well, or the name of a line; None beside them all."""
        if self.place_at(point) is not None:
            return Line.WELL
        first = self.cell((0, 0))
        if self.place_at(first.center()) is None:
            return None
        nearest = self.cell(self._nearest(point))
        if point.x() < first.left() and nearest.top() <= point.y() < nearest.bottom():
            return Line.ROW
        if point.y() < first.top() and nearest.left() <= point.x() < nearest.right():
            return Line.COLUMN
        return None

    def _nearest(self, point: QPointF) -> Place:
        first = self.cell((0, 0))
        row, column = (
            (point.y() - first.top()) / first.height(),
            (point.x() - first.left()) / first.width(),
        )
        return (
            max(0, min(int(row), len(self._rows) - 1)),
            max(0, min(int(column), len(self._columns) - 1)),
        )

    def _block(self, line: Line, place: Place) -> Block:
        row, column = place
        if line is Line.ROW:
            return (row, 0), (row, len(self._columns) - 1)
        if line is Line.COLUMN:
            return (0, column), (len(self._rows) - 1, column)
        return place, place


def _chords(event: QMouseEvent | QKeyEvent) -> tuple[bool, bool]:
    """Whether Shift and whether Ctrl is held."""
    held = event.modifiers()
    return (
        bool(held & Qt.KeyboardModifier.ShiftModifier),
        bool(held & Qt.KeyboardModifier.ControlModifier),
    )
