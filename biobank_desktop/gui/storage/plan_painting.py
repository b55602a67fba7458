"""Painting a nested plan: cabinets with a door's handle and feet, round tanks, shelves, racks and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from biobank_desktop.gui import theme
from biobank_desktop.gui.storage import heat
from biobank_desktop.gui.storage.plan import EMPTY
from biobank_desktop.gui.storage.plan_layout import LINE_PX
from biobank_desktop.gui.theme import Size
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from biobank_desktop.gui.storage.plan import Node
    from biobank_desktop.gui.storage.plan_layout import Body, Box, Cell, Scene

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


def rect(box: Box) -> QRectF:
    """A box as Qt has it."""
    return QRectF(*box)


def paint_scene(painter: QPainter, scene: Scene, cells: list[Cell], seen: QRectF) -> None:
    """Paint what is seen of the cells of what is open."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_bodies(painter, scene)
    if scene.free:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRects([rect(box) for box in scene.free])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for step, boxes in enumerate(scene.fills):
        if boxes:
            heat.paint_cells(painter, step, [QRectF(*box) for box in boxes])
    labels = {cell.slot.node.id: cell.slot.label for cell in cells if cell.slot.node is not None}
    for body in scene.named:
        label = labels.get(body.node.id, "") if body.depth == 1 else ""
        if body.caption is None:
            _name_cell(painter, body, label)
        else:
            _name_body(painter, body, rect(body.caption), label)
    for cell in cells:
        if cell.slot.node is None and rect(cell.box).intersects(seen):
            _paint_free(painter, cell)
    for box in scene.lit:
        paint_ring(painter, rect(box), theme.color("accent"))


def paint_open(painter: QPainter, node: Node, page: QRectF) -> None:
    """The outline of the device that is open."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if node.is_tank:
        side = min(page.width(), page.height())
        _paint_tank(painter, QRectF(page.center().x() - side / 2, page.center().y() - side / 2, side, side))
    elif node.level == "device":
        _paint_cabinet(painter, page.adjusted(-7, -7, 7, 5))


def paint_ring(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """A ring that is seen on any colour of the palette."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("surface"), theme.FOCUS_PX + 3))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(QPen(colour, theme.FOCUS_PX + 0.5))
    painter.drawRoundedRect(box, 5, 5)


def _paint_bodies(painter: QPainter, scene: Scene) -> None:
    plain: list[QRectF] = []
    boards: list[QRectF] = []
    for body in scene.bodies:
        box = rect(body.box)
        if body.node.level == "device":
            _paint_cabinet(painter, box.adjusted(0, 0, 0, -3))
        else:
            plain.append(box)
            if body.node.level == "shelf":
                boards.append(QRectF(box.left(), box.bottom() - 2, box.width(), 3))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setBrush(theme.color("ground"))
    painter.setPen(QPen(theme.color("line"), 1))
    painter.drawRects(plain)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("control"))
    painter.drawRects(boards)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for body in scene.rounds:
        box = rect(body.box)
        head = body.caption[3] + 2 if body.caption else 0.0
        side = min(box.width(), box.height() - head)
        middle = box.center().x()
        _paint_tank(painter, QRectF(middle - side / 2, box.bottom() - side, side, side))


def _paint_cabinet(painter: QPainter, box: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("control"))
    foot = min(14.0, box.width() / 6)
    for left in (box.left() + foot, box.right() - 2 * foot):
        painter.drawRoundedRect(QRectF(left, box.bottom() - 2, foot, 5), 1, 1)
    painter.setBrush(theme.color("surface"))
    painter.setPen(QPen(theme.color("control"), 1.5))
    painter.drawRoundedRect(box, 7, 7)
    painter.setPen(QPen(theme.color("control"), 3))
    reach, middle = min(24.0, box.height() / 10), box.center().y()
    painter.drawLine(QPointF(box.right(), middle - reach), QPointF(box.right(), middle + reach))


def _paint_tank(painter: QPainter, box: QRectF) -> None:
    painter.setBrush(theme.color("surface"))
    painter.setPen(QPen(theme.color("control"), 1.5))
    painter.drawEllipse(box)
    painter.setPen(QPen(theme.color("line"), 1))
    inset = max(2.0, box.width() * 0.012)
    painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset))


def _paint_free(painter: QPainter, cell: Cell) -> None:
    box = rect(cell.box).adjusted(0.5, 0.5, -0.5, -0.5)
    heat.paint_free(painter, box)
    words = f"{cell.slot.label} · {_('free')}"
    painter.setFont(theme.font(Size.DETAIL))
    painter.setPen(theme.color("muted"))
    if painter.fontMetrics().horizontalAdvance(words) <= box.width() - 4 and box.height() >= LINE_PX - 4:
        painter.drawText(box, _CENTRE, words)
    elif painter.fontMetrics().horizontalAdvance(cell.slot.label) <= box.width() - 2 and box.height() >= 12:
        painter.drawText(box, _CENTRE, cell.slot.label)


def _name_body(painter: QPainter, body: Body, strip: QRectF, label: str) -> None:
    """Name and share in the strip above what a container holds."""
    line = QRectF(strip.left() + 8, strip.top(), strip.width() - 16, LINE_PX)
    two = strip.height() > LINE_PX + 4
    share = f"{body.node.percent} %"
    painter.setFont(theme.font(Size.DETAIL))
    painter.setPen(theme.color("muted"))
    room = line.width()
    if not two:
        wide = painter.fontMetrics().horizontalAdvance(share)
        if wide + painter.fontMetrics().horizontalAdvance(body.node.name) * 1.1 + 6 < room:
            painter.drawText(line, _RIGHT, share)
            room -= wide + 6
        before = f"{label}  " if label and room > 90 else ""
        painter.drawText(line, _LEFT, before)
        shift = painter.fontMetrics().horizontalAdvance(before)
        line, room = line.adjusted(shift, 0, 0, 0), room - shift
    else:
        second = line.translated(0, LINE_PX)
        painter.drawText(second, _RIGHT, share)
        painter.drawText(second, _LEFT, f"{label} · {_places(body.node)}" if label else _places(body.node))
    painter.setFont(theme.font(Size.BODY if two else Size.DETAIL, bold=True))
    painter.setPen(theme.color("ink"))
    painter.drawText(line, _LEFT, _fitting(painter, body.node.name, label, room))


def _name_cell(painter: QPainter, body: Body, label: str) -> None:
    """Name and number in a cell of one colour."""
    box = rect(body.box).adjusted(6, 2, -6, -2)
    painter.setPen(heat.ink(body.node.step))
    painter.setFont(theme.font(Size.DETAIL, bold=body.node.step != EMPTY))
    count = _places(body.node)
    wide = painter.fontMetrics().horizontalAdvance(count)
    if box.height() >= 2 * LINE_PX and box.width() < 6 * box.height():
        top = QRectF(box.left(), box.center().y() - LINE_PX, box.width(), LINE_PX)
        painter.drawText(top, _CENTRE, _fitting(painter, body.node.name, label, box.width()))
        painter.setFont(theme.font(Size.DETAIL))
        words = f"{label} · {count}" if label else count
        painter.drawText(top.translated(0, LINE_PX), _CENTRE, _elided(painter, words, box.width()))
        return
    room = box.width()
    if room > wide + 50:
        painter.drawText(box, _RIGHT, count)
        room -= wide + 8
        if label:
            painter.drawText(box, _LEFT, label)
            box, room = box.adjusted(30, 0, 0, 0), room - 30
    painter.drawText(box, _LEFT, _fitting(painter, body.node.name, label, room))


def _places(node: Node) -> str:
    return f"{node.used}/{node.capacity}"


def _fitting(painter: QPainter, name: str, label: str, room_px: float) -> str:
    """The name, shortened in its middle; its position instead when not even half of it would be left."""
    if painter.fontMetrics().horizontalAdvance(name) > 1.7 * room_px:
        return label
    return _elided(painter, name, room_px)


def _elided(painter: QPainter, text: str, room_px: float) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(room_px))
