"""What the papers of the lab share: running heads, headings, tables with hairlines, room for signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Paragraph, Table

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.language import _
from biobank_desktop.papers import style
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

MARGIN = 18 * mm
WIDTH = style.PAGE_WIDTH - 2 * MARGIN
_APART = 6 * mm
MARGINS = (MARGIN, 24 * mm, MARGIN, 20 * mm)
"""Left, top, right and bottom of a page with a running head and a line at its foot."""

TIGHT: list[Any] = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 0.8),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0.8),
]


def running_head(canvas: Canvas, left: str, right: str, margin: float = MARGIN) -> None:
    """What stands above every page: the paper at the left, the lab at the right. Leaves a small font."""
    top = style.PAGE_HEIGHT - 14 * mm
    canvas.setFont(style.BOLD, 9)
    canvas.setFillColor(style.ACCENT)
    canvas.drawString(margin, top, left)
    canvas.setFont(style.REGULAR, 8)
    canvas.setFillColor(style.MUTED)
    room = style.PAGE_WIDTH - 2 * margin - stringWidth(left, style.BOLD, 9) - _APART
    canvas.drawRightString(style.PAGE_WIDTH - margin, top, cut(right, 8, room))
    canvas.setStrokeColor(style.ACCENT)
    canvas.setLineWidth(1)
    canvas.line(margin, top - 2 * mm, style.PAGE_WIDTH - margin, top - 2 * mm)
    canvas.setFont(style.REGULAR, 7)


def foot(canvas: Canvas, left: str, page: int, pages: int) -> None:
    """What stands below every page: something at the left, the number of the page at the right."""
    canvas.setFont(style.REGULAR, 7)
    canvas.setFillColor(style.MUTED)
    number = _("Page {page} of {pages}").format(page=page, pages=pages)
    canvas.drawString(MARGIN, 11 * mm, cut(left, 7, WIDTH - stringWidth(number, style.REGULAR, 7) - _APART))
    canvas.drawRightString(style.PAGE_WIDTH - MARGIN, 11 * mm, number)


def cut(text: str, size: float, room: float, face: str = style.REGULAR) -> str:
    """The text, or as much of its beginning as there is room for."""
    if stringWidth(text, face, size) <= room:
        return text
    kept = next(end for end in range(len(text), -1, -1) if stringWidth(f"{text[:end]}…", face, size) <= room)
    return f"{text[:kept].rstrip()}…"


def fitting(
    build: Callable[[float], Flowable], sizes: Sequence[float], width: float, height: float
) -> Flowable:
    """What ``build`` makes at the largest size of letters that fits. Raises ``Rejected`` when none does."""
    for size in sizes:
        if build(size).wrap(width, height)[1] <= height:
            return build(size)
    raise Rejected(Problem("", "proof-too-long"))


def heading(text: str) -> Paragraph:
    """The heading of a part."""
    return Paragraph(marked(text), style.heading(12, before=10, after=4))


def said(text: str) -> Paragraph:
    """A sentence."""
    return Paragraph(marked(text), style.text(9.5, after=4))


def begun(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def facts_table(
    facts: Sequence[tuple[str, str | None]],
    widths: tuple[float, float],
    size: float = 8,
    missing: str = "",
) -> Table:
    """Names and what stands for them, below each other; ``missing`` stands for None, and lighter."""
    rows = [
        [
            Paragraph(marked(name), style.small(size)),
            Paragraph(marked(missing if value is None else value), style.small(size, bold=value is not None)),
        ]
        for name, value in facts
    ]
    table = Table(rows, list(widths), hAlign="LEFT")
    table.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def ruled(table: Table) -> Table:
    """The table with a hairline below each row."""
    table.setStyle(
        style.of_table(
            [
                *TIGHT,
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, style.RULE),
            ]
        )
    )
    return table


def lines_or_room(lines: Sequence[str], size: float) -> Flowable:
    """The lines, or room to write two by hand."""
    if lines:
        return Paragraph("<br/>".join(map(marked, lines)), style.text(size))
    blank = Table([[""], [""]], [76 * mm], [9 * mm, 9 * mm], hAlign="LEFT")
    blank.setStyle(style.of_table([("LINEBELOW", (0, 0), (-1, -1), 0.7, style.INK)]))
    return blank


def signatures(who: Sequence[str]) -> Table:
    """Room to sign, side by side: name, date and signature of each."""
    gap = 8 * mm
    each = (WIDTH - gap * (len(who) - 1)) / len(who)
    columns = [[_signature(one, each)] for one in who]
    cells = [cell for column in columns for cell in (*column, "")][:-1]
    widths = [width for _one in who for width in (each, gap)][:-1]
    table = Table([cells], widths, hAlign="LEFT")
    table.setStyle(style.of_table([*TIGHT, ("RIGHTPADDING", (0, 0), (-1, -1), 0)]))
    return table


def _signature(who: str, width: float) -> Table:
    rows: list[list[object]] = [[Paragraph(marked(who), style.small(8, bold=True))]]
    to_fill = (_("Name"), _("Date and time"), _("Signature"))
    rows += [[Paragraph(marked(name), style.small(7))] for name in to_fill]
    table = Table(rows, [width], [None, 8.5 * mm, 8.5 * mm, 12 * mm], hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [
                *TIGHT,
                ("VALIGN", (0, 1), (-1, -1), "BOTTOM"),
                ("LINEBELOW", (0, 1), (-1, -1), 0.6, style.INK),
            ]
        )
    )
    return table
