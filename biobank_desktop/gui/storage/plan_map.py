"""The map of everything above the box: what is open with all it holds, to be walked, zoomed and dragged.

What does not change from one picture to the next is painted once and kept; the cursor is drawn over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QStyle, QToolTip, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.storage import plan_layout
from biobank_desktop.gui.storage.plan_painting import paint_open, paint_ring, paint_scene, rect
from biobank_desktop.gui.widgets.texts import plain_tip
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    from biobank_desktop.gui.storage.plan import Node, Slot
    from biobank_desktop.gui.storage.plan_layout import Box, Cell

ZOOM_MS = 140
MOST_ZOOMED = 24.0
_NOTCH = 120
_A_NOTCH = 1.25
_MARGIN_PX = 10.0
_FILLS_THE_VIEW = 0.6
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_INTO = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Plus}


def words_of(node: Node, label: str = "") -> str:
    """A container in words: where it stands, what it is, how full it is."""
    kind = node.kind.name if node.kind else ""
    if node.holds_samples:
        amount = _("{taken} of {wells} positions taken").format(taken=node.taken, wells=node.wells)
    else:
        amount = _("{used} of {places} places taken, room in use: {percent} %").format(
            used=node.used, places=node.capacity, percent=node.percent
        )
    vials = "" if node.holds_samples else ngettext("{count} vial", "{count} vials", node.taken)
    return " · ".join(part for part in (label, node.name, kind, amount, vials) if part)


class PlanMap(QWidget):
    """Arrows move, Enter goes in or takes a free place, the wheel zooms, dragging moves the map."""

    opened = Signal(object)
    """the container to go into"""
    free_chosen = Signal(str)
    """the label of a free place"""
    pointed = Signal(str)
    """what the cursor stands on, in words"""
    left = Signal()
    """one level out is wanted"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Node | None = None
        self._cells: list[Cell] = []
        self._cursor = 0
        self._lit: frozenset[int] = frozenset()
        self._zoom = 1.0
        self._offset = QPointF()
        self._pressed: QPointF | None = None
        self._dragged = False
        self._turned = 0.0
        self._kept: tuple[Hashable, QPixmap] | None = None
        self._before: tuple[QPixmap, QRectF, bool] | None = None
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(lambda _value: self.update())
        self._motion.finished.connect(self._arrived)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("What stands here"))

    # What is shown ------------------------------------------------------------------------------------

    def show_node(self, node: Node) -> None:
        """Open a container; the same one keeps its cursor and its zoom."""
        before = self._node
        if before is None or before.id != node.id:
            picture = self._picture() if before is not None and self.isVisible() else None
            into = self._box_of_cell(node.id) if before is not None else None
            self._node, self._zoom, self._offset, self._cursor = node, 1.0, QPointF(), 0
            self._lay_out()
            self._cursor = self._cell_of(before.id if before is not None else 0) or 0
            back = self._box_of_cell(before.id) if before is not None else None
            if picture is not None and (into or back):
                self._move(picture, into or back or QRectF(), inwards=into is not None)
        else:
            self._node = node
            self._lay_out()
        self._say_cursor()

    def highlight(self, way: Collection[int]) -> None:
        """Light up these containers wherever they are drawn; none puts the light out."""
        self._lit = frozenset(way)
        on_it = next((one for one, cell in enumerate(self._cells) if _id_of(cell.slot) in self._lit), None)
        if on_it is not None:
            self._cursor = on_it
            self._say_cursor()
        self._kept = None
        self.update()

    def lit(self) -> frozenset[int]:
        """The containers that are lit up."""
        return self._lit

    def slots(self) -> list[Slot]:
        """The positions of what is open."""
        return [cell.slot for cell in self._cells]

    def cursor_slot(self) -> Slot | None:
        """What the cursor stands on."""
        return self._cells[self._cursor].slot if self._cells else None

    def zoom(self) -> float:
        """How many times larger than the view the map is drawn."""
        return self._zoom

    def cell_box(self, place: int) -> QRectF:
        """Where a position is drawn in the view now."""
        return rect(self._cells[place].box).translated(-self._offset)

    def is_moving(self) -> bool:
        """Whether it shows the way from one level to another."""
        return self._before is not None

    def choose(self, place: int) -> None:
        """Do what a click on a position does."""
        self._point(place)
        slot = self._cells[place].slot
        if slot.node is not None:
            self.opened.emit(slot.node.id)
        else:
            self.free_chosen.emit(slot.label)

    def enter(self) -> None:
        """Go into what the cursor stands on."""
        if self._cells:
            self.choose(self._cursor)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(720, 440)

    def minimumSizeHint(self) -> QSize:
        """The size below which it cannot be read."""
        return QSize(320, 280)

    def _page(self) -> Box:
        edge = _MARGIN_PX * 2
        return (
            _MARGIN_PX, _MARGIN_PX,
            max(1.0, self.width() * self._zoom - edge), max(1.0, self.height() * self._zoom - edge),
        )  # fmt: skip

    def _lay_out(self) -> None:
        """Find the place of every cell, and no offset beyond the map."""
        self._kept = None
        if self._node is None:
            return
        self._cells = plan_layout.cells(self._node, self._page())
        self._cursor = max(0, min(self._cursor, len(self._cells) - 1))
        most_x, most_y = self.width() * (self._zoom - 1), self.height() * (self._zoom - 1)
        self._offset = QPointF(
            max(0.0, min(self._offset.x(), most_x)), max(0.0, min(self._offset.y(), most_y))
        )
        self.update()

    def _cell_of(self, container_id: int) -> int | None:
        found = (place for place, cell in enumerate(self._cells) if _id_of(cell.slot) == container_id)
        return next(found, None) if container_id else None

    def _box_of_cell(self, container_id: int) -> QRectF | None:
        place = self._cell_of(container_id)
        return None if place is None else self.cell_box(place)

    # Painting -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        picture = self._picture()
        if self._before is None:
            painter.drawPixmap(0, 0, picture)
            self._paint_cursor(painter)
        else:
            self._paint_motion(painter, picture, *self._before)
        painter.end()

    def _picture(self) -> QPixmap:
        """The map without its cursor, painted anew when anything in it is another."""
        seen = (self._offset.x(), self._offset.y(), self._zoom)
        key = (id(self._node), seen, self.width(), self.height(), id(theme.tokens()), self._lit)
        if self._kept is not None and self._kept[0] == key:
            return self._kept[1]
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.color("surface"))
        painter = QPainter(picture)
        self.render_map(painter)
        painter.end()
        self._kept = (key, picture)
        return picture

    def render_map(self, painter: QPainter) -> None:
        """Paint what is in view, from the tree to the pixels."""
        if self._node is None:
            return
        box = (self._offset.x(), self._offset.y(), float(self.width()), float(self.height()))
        painter.translate(-self._offset)
        paint_open(painter, self._node, rect(self._page()))
        paint_scene(painter, plan_layout.scene(self._cells, box, self._lit), self._cells, rect(box))

    def _paint_cursor(self, painter: QPainter) -> None:
        if self._cells and self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = self.cell_box(self._cursor).adjusted(-1, -1, 1, 1)
            paint_ring(painter, box, theme.color("accent"))

    # From one level to another ------------------------------------------------------------------------

    def _move(self, picture: QPixmap, part: QRectF, *, inwards: bool) -> None:
        """Show the way to what is open now; as short as the system wants it, or not at all."""
        hint = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self)
        if hint <= 0:
            return
        self._before = (picture, part, inwards)
        self._motion.setDuration(min(ZOOM_MS, hint))
        self._motion.start()

    def _paint_motion(
        self, painter: QPainter, picture: QPixmap, before: QPixmap, part: QRectF, inwards: bool
    ) -> None:
        done = float(self._motion.currentValue())
        whole = QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        under, over, share = (before, picture, done) if inwards else (picture, before, 1 - done)
        painter.drawPixmap(0, 0, under)
        painter.setOpacity(share)
        painter.drawPixmap(_between(part, whole, share), over, QRectF(over.rect()))

    def _arrived(self) -> None:
        self._before = None
        self.update()

    # Hands --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        key = Qt.Key(event.key())
        if key in _STEPS and self._cells:
            right, down = _STEPS[key]
            self._point(plan_layout.neighbour(self._cells, self._cursor, right, down))
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End} and self._cells:
            self._point(0 if key == Qt.Key.Key_Home else len(self._cells) - 1)
        elif key in _INTO and self._cells:
            if not event.isAutoRepeat():
                self.enter()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the map."""
        if self._pressed is None:
            return
        moved = event.position() - self._pressed
        if self._dragged or moved.manhattanLength() >= QApplication.startDragDistance():
            self._dragged, self._pressed = True, event.position()
            self.pan(-moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click: take what is under it."""
        clicked = self._pressed is not None and not self._dragged
        self._pressed = None
        place = self.place_at(event.position())
        if clicked and place is not None:
            self.choose(place)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer; right in goes into what fills the view, further out than all goes out."""
        notches = event.angleDelta().y() / _NOTCH
        if not notches:
            event.ignore()
            return
        event.accept()
        if notches < 0 and self._zoom <= 1:
            self._turned += notches
            if self._turned <= -1:
                self._turned = 0.0
                self.left.emit()
            return
        self._turned = 0.0
        self.zoom_about(event.position(), _A_NOTCH**notches)
        if notches > 0:
            self._enter_what_fills_the_view()

    def pan(self, by: QPointF) -> None:
        """Move the view over the map."""
        before = QPointF(self._offset)
        self._offset += by
        most_x, most_y = self.width() * (self._zoom - 1), self.height() * (self._zoom - 1)
        self._offset = QPointF(
            max(0.0, min(self._offset.x(), most_x)), max(0.0, min(self._offset.y(), most_y))
        )
        if self._offset != before:
            self.update()

    def zoom_about(self, at: QPointF, times: float) -> None:
        """Draw the map larger or smaller; what is at a point of the view stays there."""
        place = self.place_at(at)
        share = (0.5, 0.5)
        if place is not None:
            box = self.cell_box(place)
            share = ((at.x() - box.left()) / box.width(), (at.y() - box.top()) / box.height())
        before = self._zoom
        self._zoom = max(1.0, min(MOST_ZOOMED, self._zoom * times))
        if place is None:
            self._offset = (self._offset + at) * (self._zoom / before) - at
            self._lay_out()
            return
        self._lay_out()
        box = rect(self._cells[place].box)
        point = QPointF(box.left() + share[0] * box.width(), box.top() + share[1] * box.height())
        self._offset = point - at
        self._lay_out()

    def _enter_what_fills_the_view(self) -> None:
        view = (self._offset.x(), self._offset.y(), float(self.width()), float(self.height()))
        for place, cell in enumerate(self._cells):
            filled = plan_layout.overlap(cell.box, view) >= _FILLS_THE_VIEW * view[2] * view[3]
            if filled and cell.slot.node is not None and self._zoom > 1:
                self.choose(place)
                return

    def place_at(self, at: QPointF) -> int | None:
        """Which position is drawn at a point of the view."""
        point = (at.x() + self._offset.x(), at.y() + self._offset.y())
        found = (place for place, cell in enumerate(self._cells) if plan_layout.contains(cell.box, point))
        return next(found, None)

    def event(self, event: QEvent) -> bool:
        """Say in a tooltip what is under the pointer, however small."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tip(self.tip_at(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, at: QPoint) -> str:
        """The smallest thing under a point of the view, in words."""
        place = self.place_at(QPointF(at))
        if place is None:
            return ""
        cell = self._cells[place]
        if cell.slot.node is None:
            return self.describe(cell.slot)
        point = (at.x() + self._offset.x(), at.y() + self._offset.y())
        found = plan_layout.deepest(cell.slot.node, cell.box, point)
        return self.describe(cell.slot) if found is cell.slot.node else words_of(found)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._lay_out()

    # Words --------------------------------------------------------------------------------------------

    def describe(self, slot: Slot) -> str:
        """A position in words."""
        return words_of(slot.node, slot.label) if slot.node else f"{slot.label} · {_('free')}"

    def _point(self, place: int) -> None:
        self._cursor = place
        box = self.cell_box(place)
        view = QRectF(self.rect())
        if not view.contains(box) and self._zoom > 1:
            self.pan(box.center() - view.center())
        self._say_cursor()
        self.update()

    def _say_cursor(self) -> None:
        slot = self.cursor_slot()
        text = self.describe(slot) if slot else ""
        self.setAccessibleDescription(text)
        self.pointed.emit(text)


def _id_of(slot: Slot) -> int:
    return slot.node.id if slot.node else 0


def _between(begin: QRectF, end: QRectF, share: float) -> QRectF:
    """A rectangle on the way from one to another."""
    return QRectF(
        begin.left() + (end.left() - begin.left()) * share,
        begin.top() + (end.top() - begin.top()) * share,
        begin.width() + (end.width() - begin.width()) * share,
        begin.height() + (end.height() - begin.height()) * share,
    )
