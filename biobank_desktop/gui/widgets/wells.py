"""How one well is drawn: its state, and the class it is of when the box is coloured.

Every state has its own shape besides its colour: free is an empty dish, taken is filled, proposed is dashed,
just placed carries a tick, mine a dot, foreign a bar, selected a ring, out an arrow upwards, reserved a
diamond, not certain a question mark; what came since carries a plus, what went a minus, what moved two
arrows.
So has every class: a letter, a level, a piece of a clock, or a sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainterPath, QPen

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.theme import Size
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QPainter


class WellState(Enum):
    """What is in a well, from this screen's point of view."""

    FREE = "free"
    TAKEN = "taken"
    PROPOSED = "proposed"
    PLACED = "placed"
    MINE = "mine"
    FOREIGN = "foreign"
    OUT = "out"
    RESERVED = "reserved"
    UNCONFIRMED = "unconfirmed"
    CAME = "came"
    GONE = "gone"
    MOVED = "moved"

    def word(self) -> str:
        """What it is called."""
        return {
            WellState.FREE: _("free"),
            WellState.TAKEN: _("taken"),
            WellState.PROPOSED: _("proposed"),
            WellState.PLACED: _("just placed"),
            WellState.MINE: _("same family"),
            WellState.FOREIGN: _("does not belong here"),
            WellState.OUT: _("out, place kept"),
            WellState.RESERVED: _("reserved"),
            WellState.UNCONFIRMED: _("position not certain"),
            WellState.CAME: _("came since"),
            WellState.GONE: _("gone since"),
            WellState.MOVED: _("moved within the box"),
        }[self]


class Sign(Enum):
    """What a class carries besides its colour."""

    NOTHING = "nothing"
    LETTER = "letter"
    LEVEL = "level"
    CLOCK = "clock"
    TICK = "tick"
    HOURGLASS = "hourglass"
    SLASH = "slash"
    DOT = "dot"
    BAR = "bar"
    HATCH = "hatch"


class Palette(Enum):
    """Where a class has its colour from."""

    KINDS = "kinds"
    AMOUNTS = "amounts"
    TIMES = "times"
    CALM = "calm"
    REST = "rest"
    UNKNOWN = "unknown"
    ACCENT = "accent"
    PERMITTED = "permitted"
    PROVISIONAL = "provisional"
    REFUSED = "refused"


@dataclass(frozen=True)
class Tint:
    """How a class looks: ``step`` of its palette, its sign, the letter or the part (0 to 1) of the sign."""

    palette: Palette
    step: int = 0
    sign: Sign = Sign.NOTHING
    letter: str = ""
    part: float = 1.0


@dataclass(frozen=True)
class Well:
    """A well that is not simply free: its state, the words of its tooltip (code, kind, who), its class.

    ``mark`` are the initials of whom a reserved one is kept for.
    """

    state: WellState
    text: str = ""
    tint: Tint | None = None
    mark: str = ""


@dataclass(frozen=True)
class Dress:
    """The colours of a dish now: what fills it, the line around it, the sign in it.

    ``alone`` is the colour of line and sign where the dish is empty.
    """

    fill: str
    line: str
    sign: str
    alone: str


def dress_of(tint: Tint) -> Dress:
    """The colours of a class in the scheme that is worn."""
    tokens, hues = theme.tokens(), theme.tokens().swatches
    permitted, provisional, refused = tokens.permitted, tokens.provisional, tokens.refused
    if tint.palette in {Palette.AMOUNTS, Palette.TIMES}:
        step = (hues.amounts if tint.palette is Palette.AMOUNTS else hues.times)[tint.step]
        return Dress(tokens.surface, step, step, step)
    if tint.palette is Palette.KINDS:
        hue = hues.kinds[tint.step]
        return Dress(hue, hue, hues.on_kind, hue)
    return {
        Palette.REST: Dress(hues.rest, hues.rest, hues.on_kind, hues.rest),
        Palette.CALM: Dress(tokens.well_taken, tokens.well_taken, tokens.ink, tokens.muted),
        Palette.UNKNOWN: Dress(tokens.well_free, tokens.control, tokens.muted, tokens.muted),
        Palette.ACCENT: Dress(tokens.accent, tokens.accent, hues.on_kind, tokens.accent),
        Palette.PERMITTED: Dress(permitted.ground, permitted.ink, permitted.ink, permitted.ink),
        Palette.PROVISIONAL: Dress(provisional.line, provisional.ink, provisional.ink, provisional.ink),
        Palette.REFUSED: Dress(refused.ink, refused.ink, tokens.surface, refused.ink),
    }[tint.palette]


def paint_well(painter: QPainter, dish: QRectF, well: Well) -> None:
    """Paint one well in its state; what simply lies there, or is out, in the colours of its class."""
    if well.state is WellState.RESERVED and well.mark:
        _paint_mark(painter, dish, well.mark, _state_dress(well.state))
    elif well.tint is None or well.state not in {WellState.TAKEN, WellState.OUT, WellState.UNCONFIRMED}:
        paint_dish(painter, dish, well.state)
    elif well.state is WellState.TAKEN:
        paint_tint(painter, dish, well.tint)
    else:
        _paint_state(painter, dish, well.state, _open(dress_of(well.tint)))


def paint_dish(painter: QPainter, dish: QRectF, state: WellState) -> None:
    """Paint one well in its state."""
    _paint_state(painter, dish, state, _state_dress(state))


def paint_tint(painter: QPainter, dish: QRectF, tint: Tint) -> None:
    """Paint a well in the colours and with the sign of its class."""
    dress = dress_of(tint)
    _paint_round(painter, dish, dress)
    if tint.sign is Sign.LETTER:
        _paint_letter(painter, dish, tint.letter, dress.sign)
    elif tint.sign in {Sign.LEVEL, Sign.CLOCK}:
        _paint_part(painter, dish, tint, dress.sign)
    elif tint.sign in _SIGNS:
        painter.setPen(_pen(dish, dress.sign))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _SIGNS[tint.sign](painter, dish)


def _open(dress: Dress) -> Dress:
    """The same class where the vial itself is not seen: the dish empty, line and sign in its colour."""
    return Dress(theme.tokens().surface, dress.alone, dress.alone, dress.alone)


def _state_dress(state: WellState) -> Dress:
    tokens = theme.tokens()
    fill, line, sign = {
        WellState.FREE: (tokens.well_free, tokens.line, tokens.line),
        WellState.TAKEN: (tokens.well_taken, tokens.well_taken, tokens.well_taken),
        WellState.PROPOSED: (tokens.accent_soft, tokens.accent, tokens.accent),
        WellState.PLACED: (tokens.accent_fill, tokens.accent_fill, tokens.on_accent),
        WellState.MINE: (tokens.accent_soft, tokens.accent, tokens.accent),
        WellState.FOREIGN: (tokens.refused.ground, tokens.refused.ink, tokens.refused.ink),
        WellState.OUT: (tokens.surface, tokens.provisional.ink, tokens.provisional.ink),
        WellState.RESERVED: (tokens.well_free, tokens.control, tokens.muted),
        WellState.UNCONFIRMED: (tokens.provisional.ground, tokens.provisional.ink, tokens.provisional.ink),
        WellState.CAME: (tokens.stored.ink, tokens.stored.ink, tokens.surface),
        WellState.GONE: (tokens.missing.ground, tokens.missing.ink, tokens.missing.ink),
        WellState.MOVED: (tokens.stored.ground, tokens.stored.ink, tokens.stored.ink),
    }[state]
    return Dress(fill, line, sign, line)


def _paint_state(painter: QPainter, dish: QRectF, state: WellState, dress: Dress) -> None:
    if state in {WellState.PROPOSED, WellState.GONE}:
        pen = QPen(QColor(dress.line), 2)
        pen.setDashPattern([2.2, 1.8])
        dish = dish.adjusted(1, 1, -1, -1)
        painter.setPen(pen)
        painter.setBrush(QColor(dress.fill))
        painter.drawEllipse(dish)
    else:
        _paint_round(painter, dish, dress)
    if state is WellState.PLACED:
        middle, icon = dish.center(), max(8, round(dish.width() * 0.6))
        icons.draw(painter, "check", dress.sign, middle.x() - icon / 2, middle.y() - icon / 2, icon)
    elif state is WellState.UNCONFIRMED:
        _paint_letter(painter, dish, "?", dress.sign)
    elif state in _STATE_SIGNS:
        painter.setPen(_pen(dish, dress.sign))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _STATE_SIGNS[state](painter, dish)


def _paint_round(painter: QPainter, dish: QRectF, dress: Dress) -> None:
    painter.setPen(QPen(QColor(dress.line), 1))
    painter.setBrush(QColor(dress.fill))
    painter.drawEllipse(dish)


def _pen(dish: QRectF, colour: str) -> QPen:
    """A line that is seen in a well of 16 pixels and not too fat in one of 42."""
    width = max(1.6, dish.width() * 0.075)
    return QPen(
        QColor(colour),
        width,
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )


def _paint_letter(painter: QPainter, dish: QRectF, letter: str, colour: str) -> None:
    font = QFont(theme.font(Size.DETAIL, bold=True))
    font.setPixelSize(max(10, round(dish.width() * 0.5)))
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(dish, int(Qt.AlignmentFlag.AlignCenter), letter)


def _paint_mark(painter: QPainter, dish: QRectF, mark: str, dress: Dress) -> None:
    """A diamond as wide as the dish, the initials in it."""
    _paint_round(painter, dish, dress)
    painter.setPen(_pen(dish, dress.line))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon([_point(dish, *corner) for corner in ((0, -0.5), (0.5, 0), (0, 0.5), (-0.5, 0))])
    font = QFont(theme.font(Size.DETAIL, bold=True))
    font.setPixelSize(max(7, round(dish.width() * 0.34)))
    painter.setFont(font)
    painter.setPen(QColor(dress.sign))
    painter.drawText(dish, int(Qt.AlignmentFlag.AlignCenter), mark)


def _paint_part(painter: QPainter, dish: QRectF, tint: Tint, colour: str) -> None:
    """So much of the dish as the part says: up to a level, or the hours of a clock from twelve on."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    if tint.sign is Sign.CLOCK:
        painter.drawPie(dish, 90 * 16, -round(tint.part * 360 * 16))
        return
    round_dish, level = QPainterPath(), QPainterPath()
    round_dish.addEllipse(dish)
    level.addRect(dish.adjusted(0, dish.height() * (1 - tint.part), 0, 0))
    painter.drawPath(round_dish.intersected(level))


def _point(dish: QRectF, right: float, down: float) -> QPointF:
    """A point of a dish, from its middle, in parts of its width."""
    return dish.center() + QPointF(right * dish.width(), down * dish.width())


def _lines(*points: tuple[float, float]) -> Callable[[QPainter, QRectF], None]:
    def paint(painter: QPainter, dish: QRectF) -> None:
        painter.drawPolyline([_point(dish, *point) for point in points])

    return paint


def _both(*drawings: Callable[[QPainter, QRectF], None]) -> Callable[[QPainter, QRectF], None]:
    def paint(painter: QPainter, dish: QRectF) -> None:
        for drawing in drawings:
            drawing(painter, dish)

    return paint


def _dot(painter: QPainter, dish: QRectF) -> None:
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(dish.center(), dish.width() * 0.2, dish.width() * 0.2)


_BAR = _lines((-0.22, 0), (0.22, 0))
_HALF_BAR = _lines((-0.24, 0.24), (0.24, -0.24))
_SIGNS: Mapping[Sign, Callable[[QPainter, QRectF], None]] = {
    Sign.TICK: _lines((-0.22, 0.02), (-0.06, 0.18), (0.24, -0.16)),
    Sign.HOURGLASS: _lines((-0.17, -0.25), (0.17, -0.25), (-0.17, 0.25), (0.17, 0.25), (-0.17, -0.25)),
    Sign.SLASH: _lines((-0.26, -0.26), (0.26, 0.26)),
    Sign.DOT: _dot,
    Sign.BAR: _BAR,
    Sign.HATCH: _both(_lines((-0.34, 0.06), (0.06, -0.34)), _HALF_BAR, _lines((-0.06, 0.34), (0.34, -0.06))),
}
_STATE_SIGNS: Mapping[WellState, Callable[[QPainter, QRectF], None]] = {
    WellState.MINE: _dot,
    WellState.FOREIGN: _lines((-0.32, 0.32), (0.32, -0.32)),
    WellState.OUT: _both(_lines((0, 0.26), (0, -0.26)), _lines((-0.2, -0.05), (0, -0.26), (0.2, -0.05))),
    WellState.RESERVED: _lines((0, -0.26), (0.26, 0), (0, 0.26), (-0.26, 0), (0, -0.26)),
    WellState.CAME: _both(_BAR, _lines((0, -0.22), (0, 0.22))),
    WellState.GONE: _BAR,
    WellState.MOVED: _both(
        _lines((-0.28, -0.12), (0.28, -0.12), (0.14, -0.26)),
        _lines((0.28, 0.12), (-0.28, 0.12), (-0.14, 0.26)),
    ),
}
