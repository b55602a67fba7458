"""The pages of a recovery kit: its cover, the plan of the device, a box from above, lines in two columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Paragraph, Table

from biobank_desktop.domain import codes
from biobank_desktop.language import _, ngettext, say_value
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import Symbol
from biobank_desktop.papers.parts import MARGIN, MARGINS, TIGHT, WIDTH, cut, facts_table
from biobank_desktop.papers.style import BOLD, REGULAR, marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reportlab.lib.colors import Color
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.papers.recovery_kit import Kit, KitBox, KitHolder, KitStanding

Line = tuple[str, str, str, str]
"""A code, what it is or where it lies, the position, the page."""

_TOP = style.PAGE_HEIGHT - MARGINS[1]
_BOTTOM = MARGINS[3]
_MODULE = 0.75 * mm
_TITLE = 20 * mm
"""Room for the name of a box and its symbol."""
_WIDEST = 12
"""More positions side by side leave no room to write in: such a box is a list."""
_FOLDED = 10
_CELL = 24 * mm
_SIDE = 7 * mm
"""Room for the names of rows beside a box, and half of it for those of columns above."""
_PLAN_MOST, _PLAN_ACROSS = 6, 4
_PLAN_CELL, _PLAN_HEAD = 12 * mm, 9 * mm
_LINE, _GAP = 4.3 * mm, 9 * mm
_LINES_DOWN = int((_TOP - _BOTTOM - _TITLE) / _LINE) - 1
LINES = 2 * _LINES_DOWN
"""Lines on a page."""


@dataclass(frozen=True)
class PlanRow:
    """A row of the plan: the name of a holder, or places of it side by side, ``across`` to a whole row."""

    head: str = ""
    places: tuple[tuple[str, KitStanding | None], ...] = ()
    across: int = 1

    @property
    def height(self) -> float:
        """In points."""
        return _PLAN_HEAD if self.head else _PLAN_CELL


def draw_cover(canvas: Canvas, kit: Kit, parts: Sequence[tuple[str, int]]) -> None:
    """Which device, from which state of the database, and how to work with it."""
    symbol = Symbol(kit.code, 1.1 * mm)
    symbol.drawOn(canvas, MARGIN + WIDTH - symbol.width, _TOP - symbol.height)
    boxes = ngettext("{count} box", "{count} boxes", len(kit.boxes))
    vials = ngettext("{count} vial", "{count} vials", kit.vials)
    known = say_value(kit.made_at)
    facts = [
        (_("Code"), codes.group(kit.code)),
        (_("Kind"), " · ".join(filter(None, (kit.kind, kit.temperature)))),
        (_("Contents"), f"{boxes}, {vials}"),
        (_("As known on"), known),
        (_("Made by"), kit.made_by),
        (_("Database"), kit.database),
        (_("Seal"), f"{kit.seal_size} · {kit.seal_root[:32]} {kit.seal_root[32:]}"),
        *((name, _("from page {page}").format(page=page)) for name, page in parts),
    ]
    use = (
        _("Keep it beside the device, and put a new one there every month; shred the old one."),
        _("To find a vial, look its code up in the index: it names the box, the position and the page."),
        _("To find a box, look for its name in the plan."),
        _("Write on the map of the box what you take out or put in: time, initials, and why."),
        _("When the system is back, enter everything that was written here, oldest first."),
        _("What changed after the moment above is not on these pages."),
    )
    story: list[Flowable] = [
        Paragraph(marked(_("Recovery kit")), style.heading(14, before=0, after=2)),
        Paragraph(marked(kit.device), style.text(30, bold=True, after=16)),
    ]
    _draw_down(canvas, story, _TOP, WIDTH - symbol.width - 6 * mm)
    after: list[Flowable] = [
        facts_table(facts, (50 * mm, WIDTH - 50 * mm), size=11),
        Paragraph(marked(_("When the system is down")), style.heading(14, before=20, after=6)),
        *(
            Paragraph(marked(f"{place}.  {said}"), style.text(12, after=4))
            for place, said in enumerate(use, 1)
        ),
        Paragraph(marked(_("Used on")), style.heading(14, before=14, after=4)),
        _room_to_write(),
    ]
    _draw_down(canvas, after, _TOP - 40 * mm, WIDTH)


def _room_to_write() -> Table:
    names = (_("From"), _("Until"), _("Who"), _("Entered on"))
    head = [Paragraph(marked(name), style.small(9, bold=True)) for name in names]
    table = Table([head, *([""] * 4 for _row in range(4))], [WIDTH / 4] * 4, [None, *[9 * mm] * 4])
    table.setStyle(style.of_table([*TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.6, style.INK)]))
    return table


def _draw_down(canvas: Canvas, story: Sequence[Flowable], top: float, width: float) -> None:
    """Flowables below each other on one page."""
    y = top
    for place, one in enumerate(story):
        y -= one.getSpaceBefore() if place else 0
        height = one.wrapOn(canvas, width, y)[1]
        one.drawOn(canvas, MARGIN, y - height)
        y -= height + one.getSpaceAfter()


def plan_pages(holders: Sequence[KitHolder]) -> list[list[PlanRow]]:
    """The rows of each page of the plan; a holder that goes on says its name again."""
    pages: list[list[PlanRow]] = []
    room = 0.0
    for holder in holders:
        head = PlanRow(" / ".join(holder.path))
        fresh = True
        for row in _plan_rows(holder):
            if room < row.height + (_PLAN_HEAD if fresh else 0):
                pages.append([])
                room, fresh = _TOP - _BOTTOM - _TITLE, True
            if fresh:
                pages[-1].append(head)
                room -= head.height
            pages[-1].append(row)
            room, fresh = room - row.height, False
    return pages


def _plan_rows(holder: KitHolder) -> list[PlanRow]:
    """A holder as it is; one long row, or one too wide, is folded, and ends with what stands last."""
    grid = holder.grid
    there = {one.position: one for one in holder.standing}
    order: list[Position] = [
        (row, column) for row in range(1, grid.rows + 1) for column in range(1, grid.columns + 1)
    ]
    places = [(grid.label(position), there.get(position)) for position in order]
    folded = grid.rows == 1 or grid.columns > _PLAN_MOST
    across = _PLAN_ACROSS if folded else grid.columns
    last = max((place for place, (_label, one) in enumerate(places) if one), default=0)
    return [
        PlanRow(places=tuple(places[first : first + across]), across=across)
        for first in range(0, last + 1 if folded else len(places), across)
    ]


def draw_plan(canvas: Canvas, rows: Sequence[PlanRow], page_of: Mapping[str, int]) -> None:
    """What stands where, each box with how full it is and the page of its map."""
    _draw_title(canvas, _("Plan"), "")
    y = _TOP - _TITLE
    for row in rows:
        y -= row.height
        if row.head:
            _draw_text(canvas, MARGIN, y + 2 * mm, cut(row.head, 11, WIDTH, BOLD), BOLD, 11)
        wide = WIDTH / row.across
        for place, (label, standing) in enumerate(row.places):
            _draw_place(canvas, MARGIN + place * wide, y, wide, label, standing, page_of)


def _draw_place(
    canvas: Canvas,
    x: float,
    y: float,
    wide: float,
    label: str,
    standing: KitStanding | None,
    page_of: Mapping[str, int],
) -> None:
    _draw_frame(canvas, x + 0.5 * mm, y + 0.5 * mm, wide - 1 * mm, _PLAN_CELL - 1 * mm, full=bool(standing))
    left, room = x + 2.2 * mm, wide - 4.4 * mm
    _draw_text(canvas, left, y + 7.4 * mm, label, REGULAR, 8, style.MUTED)
    if standing is None:
        return
    beside = stringWidth(label, REGULAR, 8) + 1.5 * mm
    _draw_text(canvas, left + beside, y + 7.2 * mm, cut(standing.name, 9.5, room - beside, BOLD), BOLD, 9.5)
    _draw_text(canvas, left, y + 2.6 * mm, f"{standing.used}/{standing.capacity}", REGULAR, 8.5)
    if standing.code in page_of:
        page = _("page {page}").format(page=page_of[standing.code])
        canvas.drawRightString(left + room, y + 2.6 * mm, page)


def is_list(box: KitBox) -> bool:
    """Whether its positions are too many side by side to be drawn."""
    return box.grid.rows > 1 and box.grid.columns > _WIDEST


def draw_box(canvas: Canvas, box: KitBox) -> None:
    """A box from above: in each position the vial's code, material and time point."""
    _draw_box_title(canvas, box)
    grid = box.grid
    folded = grid.rows == 1
    across = min(grid.columns, _FOLDED) if folded else grid.columns
    down = -(-grid.capacity // across)
    room = (_TOP - _BOTTOM - _TITLE - _SIDE / 2) / down
    cell = min((WIDTH - _SIDE) / across, _CELL, room)
    high = min(cell * 1.25, room)
    left, top = MARGIN + _SIDE, _TOP - _TITLE - _SIDE / 2
    if not folded and grid.row_labels != "running":
        for row, name in enumerate(grid.row_names()):
            _draw_middle(canvas, left - _SIDE / 2, top - (row + 0.55) * high, name, BOLD, 11, _SIDE)
        for column, name in enumerate(grid.column_names()):
            _draw_middle(canvas, left + (column + 0.5) * cell, top + 1.2 * mm, name, BOLD, 11, cell)
    lying = dict(zip(box.places, zip(box.items, box.what, strict=True), strict=True))
    for place in range(grid.capacity):
        row, column = divmod(place, across)
        x, y = left + column * cell, top - (row + 1) * high
        _draw_frame(canvas, x + 0.3 * mm, y + 0.3 * mm, cell - 0.6 * mm, high - 0.6 * mm, full=place in lying)
        _draw_text(canvas, x + 1 * mm, y + high - 2.8 * mm, box.label(place), REGULAR, 6, style.MUTED)
        if place in lying:
            _draw_vial(canvas, x, y, (cell, high), *lying[place], out=place in box.out)


def _draw_vial(
    canvas: Canvas,
    x: float,
    y: float,
    cell: tuple[float, float],
    item: int,
    what: tuple[str, str],
    *,
    out: bool,
) -> None:
    """The code in two halves: the second one tells vials of a year apart."""
    first, second = codes.group(codes.from_number(item)).split(" ", 1)
    material, time_point = what
    wide, high = cell
    middle, room = x + wide / 2, wide - 2 * mm
    _draw_middle(canvas, middle + room / 5, y + high - 2.9 * mm, first, REGULAR, 6.5, room * 0.6)
    _draw_middle(canvas, middle, y + high * 0.54, second, BOLD, 10, room)
    _draw_middle(canvas, middle, y + high * 0.31, material, BOLD, 9, room)
    under = f"{time_point} · {_('out')}" if out else time_point
    _draw_middle(canvas, middle, y + high * 0.11, under, BOLD if out else REGULAR, 8.5, room)


def draw_listed_box(canvas: Canvas, box: KitBox, names: Line, lines: Sequence[Line]) -> None:
    """A box of very many positions, as lines."""
    _draw_box_title(canvas, box)
    _draw_columns(canvas, names, lines)


def draw_lines(canvas: Canvas, title: str, names: Line, lines: Sequence[Line]) -> None:
    """Lines in two columns under their names."""
    _draw_title(canvas, title, f"{lines[0][0]} – {lines[-1][0]}")
    _draw_columns(canvas, names, lines)


def _draw_columns(canvas: Canvas, names: Line, lines: Sequence[Line]) -> None:
    wide = (WIDTH - _GAP) / 2
    for column in range(0, len(lines), _LINES_DOWN):
        x, y = MARGIN + (column and wide + _GAP), _TOP - _TITLE
        _draw_line(canvas, x, y, wide, names, (BOLD, BOLD))
        for line in lines[column : column + _LINES_DOWN]:
            y -= _LINE
            _draw_line(canvas, x, y, wide, line, (BOLD, REGULAR))


def _draw_line(canvas: Canvas, x: float, y: float, wide: float, line: Line, faces: tuple[str, str]) -> None:
    code, what, position, page = line
    first, last = 33 * mm, 11 * mm
    _draw_text(canvas, x, y, code, faces[0], 9)
    _draw_text(canvas, x + first, y, cut(what, 9, wide - first - last - 16 * mm, faces[1]), faces[1], 9)
    canvas.drawRightString(x + wide - last, y, position)
    canvas.drawRightString(x + wide, y, page)
    canvas.setStrokeColor(style.RULE)
    canvas.setLineWidth(0.4)
    canvas.line(x, y - 1.2 * mm, x + wide, y - 1.2 * mm)


def _draw_title(canvas: Canvas, title: str, under: str) -> None:
    _draw_text(canvas, MARGIN, _TOP - 7 * mm, cut(title, 20, WIDTH, BOLD), BOLD, 20)
    _draw_text(canvas, MARGIN, _TOP - 13 * mm, cut(under, 11, WIDTH), REGULAR, 11)


def _draw_box_title(canvas: Canvas, box: KitBox) -> None:
    symbol = Symbol(box.code, _MODULE)
    symbol.drawOn(canvas, MARGIN + WIDTH - symbol.width, _TOP - symbol.height + 1 * mm)
    room = WIDTH - symbol.width - 4 * mm
    full = _("{count} of {capacity}").format(count=len(box.items), capacity=box.grid.capacity)
    under = " · ".join((" / ".join(box.path), codes.group(box.code), full))
    _draw_text(canvas, MARGIN, _TOP - 7 * mm, cut(box.name, 20, room, BOLD), BOLD, 20)
    _draw_text(canvas, MARGIN, _TOP - 13 * mm, cut(under, 10, room), REGULAR, 10)


def _draw_frame(canvas: Canvas, x: float, y: float, wide: float, high: float, *, full: bool) -> None:
    """A position: a firm line round what is there, a thin one round what is free."""
    canvas.setStrokeColor(style.INK if full else style.RULE)
    canvas.setLineWidth(0.9 if full else 0.4)
    canvas.roundRect(x, y, wide, high, 1.5 * mm)


def _draw_text(
    canvas: Canvas, x: float, y: float, text: str, face: str, size: float, ink: Color = style.INK
) -> None:
    canvas.setFillColor(ink)
    canvas.setFont(face, size)
    canvas.drawString(x, y, text)


def _draw_middle(canvas: Canvas, x: float, y: float, text: str, face: str, size: float, room: float) -> None:
    """A text around a point, in smaller letters where it would not fit."""
    wide = stringWidth(text, face, size)
    canvas.setFillColor(style.INK)
    canvas.setFont(face, size if wide <= room else size * room / wide)
    canvas.drawCentredString(x, y, text)
