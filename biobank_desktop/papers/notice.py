"""The letter to a recipient whose vials are touched by a withdrawal, with a slip to send back.

It names vials and never a donor: who gets it need not know whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table
from reportlab.platypus.flowables import HRFlowable

from biobank_desktop.domain import codes
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import Box, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import TIGHT, lines_or_room, running_head
from biobank_desktop.papers.recipients import addressed
from biobank_desktop.papers.style import MARGIN, marked
from biobank_desktop.papers.texts import day, paragraphs, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from reportlab.pdfgen.canvas import Canvas

    from biobank_desktop.papers.recipients import Recipient

_WIDTH = style.PAGE_WIDTH - 2 * MARGIN
_ACROSS = 4
_SYMBOL = 24 * mm


@dataclass(frozen=True)
class Notice:
    """Everything a notice says. ``number`` is its own, which the slip's symbol says.

    ``contact`` and ``return_to`` are lines; empty ones leave room to write.
    """

    language: str
    lab: str
    number: str
    release: str
    study: str
    recipient: Recipient
    vials: tuple[str, ...]
    written_on: date
    answer_by: date
    contact: tuple[str, ...]
    return_to: tuple[str, ...]


def notice_pdf(notice: Notice) -> bytes:
    """The letter with its slip at the end; the same notice gives the same bytes."""
    return document(
        [*_letter(notice), KeepTogether(_slip(notice))],
        words(notice.language, "notice.title"),
        lambda canvas, page, pages: _furniture(canvas, notice, page, pages),
        margins=(MARGIN, 24 * mm, MARGIN, 20 * mm),
    )


def _furniture(canvas: Canvas, notice: Notice, page: int, pages: int) -> None:
    running_head(canvas, notice.lab, f"{notice.number} · {notice.release}", MARGIN)
    number = words(notice.language, "footer", page=str(page), pages=str(pages))
    canvas.drawRightString(style.PAGE_WIDTH - MARGIN, 11 * mm, number)


def _letter(notice: Notice) -> list[Flowable]:
    language, body = notice.language, style.text(10, after=5)
    opening = words(language, "notice.opening", release=marked(notice.release), study=marked(notice.study))
    until = day(language, notice.answer_by)
    steps = [step.format(day=until) for step in paragraphs(language, "notice.steps")]
    return [
        Spacer(1, 10 * mm),
        addressed(notice.recipient, 10),
        Spacer(1, 8 * mm),
        Paragraph(day(language, notice.written_on), style.text(10, after=8)),
        Paragraph(words(language, "notice.title"), style.heading(15, before=0, after=8)),
        Paragraph(words(language, "notice.greeting", name=marked(notice.recipient.name)), body),
        Paragraph(opening, body),
        _vials(notice.vials),
        Paragraph(words(language, "notice.must"), style.heading(11, before=8, after=3)),
        _steps(steps),
        Spacer(1, 3),
        Paragraph(words(language, "notice.stays"), body),
        _contact(notice),
        Spacer(1, 6),
        KeepTogether(
            [
                Paragraph(words(language, "closing"), body),
                Paragraph(marked(notice.lab), style.text(10, bold=True, after=8)),
            ]
        ),
    ]


def _vials(vials: Sequence[str]) -> Table:
    """The codes, four in a row."""
    cells = [Paragraph(codes.group(code), style.text(9.5, bold=True)) for code in vials]
    rows: list[list[object]] = [
        [*cells[first : first + _ACROSS], *[""] * (first + _ACROSS - len(cells))]
        for first in range(0, len(cells), _ACROSS)
    ]
    table = Table(rows, [_WIDTH / _ACROSS] * _ACROSS, hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [*TIGHT, ("BACKGROUND", (0, 0), (-1, -1), style.SOFT), ("LEFTPADDING", (0, 0), (-1, -1), 6)]
        )
    )
    return table


def _steps(steps: Sequence[str]) -> Table:
    body = style.text(10, after=2)
    rows = [[Paragraph(f"{number}.", body), Paragraph(step, body)] for number, step in enumerate(steps, 1)]
    table = Table(rows, [6 * mm, _WIDTH - 6 * mm], hAlign="LEFT")
    table.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _contact(notice: Notice) -> Table:
    head = style.small(8, bold=True)
    cells = [
        [Paragraph(words(notice.language, f"notice.{name}"), head), lines_or_room(lines, 9)]
        for name, lines in (("contact", notice.contact), ("return", notice.return_to))
    ]
    table = Table([cells], [_WIDTH / 2] * 2, hAlign="LEFT")
    table.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _slip(notice: Notice) -> list[Flowable]:
    """What is cut off and comes back: what was done, by whom, and the symbol that says which notice it is."""
    language = notice.language

    def say(name: str, **values: str) -> str:
        return words(language, f"notice.slip.{name}", **values)

    count = len(notice.vials)
    counted = say("one") if count == 1 else say("many", count=str(count))
    which = say("release", release=marked(notice.release), institution=marked(notice.recipient.institution))
    left: list[Flowable] = [
        Paragraph(say("title", number=marked(notice.number)), style.heading(12, before=0, after=2)),
        Paragraph(f"{which} · {counted}", style.small(8)),
        Spacer(1, 4),
        _choices([say(name) for name in ("stopped", "destroyed", "used", "passed")]),
    ]
    symbol = [Symbol(notice.number), Spacer(1, 2), Paragraph(marked(notice.number), style.centred(8))]
    top = Table([[left, symbol]], [_WIDTH - _SYMBOL, _SYMBOL], hAlign="LEFT")
    top.setStyle(
        style.of_table(
            [
                *TIGHT,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("ALIGN", (1, 0), (1, 0), "CENTER"),
            ]
        )
    )
    cut = HRFlowable("100%", 0.8, color=style.MUTED, dash=(3, 3), spaceBefore=10, spaceAfter=12)
    return [cut, top, _signed([say(name) for name in ("name", "date", "signature")])]


def _choices(sentences: Sequence[str]) -> Table:
    """What may be crossed; the last one goes on by hand."""
    rows = [[Box(3.6 * mm), Paragraph(sentence, style.text(9.5))] for sentence in sentences]
    table = Table(rows, [7 * mm, _WIDTH - _SYMBOL - 7 * mm], hAlign="LEFT")
    to_fill_in = ("LINEBELOW", (1, -1), (1, -1), 0.5, style.INK)
    table.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), to_fill_in]))
    return table


def _signed(names: Sequence[str]) -> Table:
    """Lines to fill in, side by side."""
    gap = 6 * mm
    widths = [_WIDTH * 0.36, gap, _WIDTH * 0.2, gap, _WIDTH * 0.44 - 2 * gap]
    captions = [Paragraph(name, style.small(7.5)) for name in names]
    rows: list[list[object]] = [[""] * 5, [captions[0], "", captions[1], "", captions[2]]]
    table = Table(rows, widths, [14 * mm, 5 * mm], hAlign="LEFT")
    lines = [("LINEBELOW", (column, 0), (column, 0), 0.7, style.INK) for column in (0, 2, 4)]
    table.setStyle(style.of_table([*TIGHT, *lines]))
    return table
