"""The letter to whoever turns 12, 16 or 18: what is kept, what may be done with it, what they can do now.

It carries a code and no name; an addressee is printed when the caller gives one, and kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, Spacer, Table

from biobank_desktop.domain import codes
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import Answer, Box, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import lines_or_room
from biobank_desktop.papers.style import marked
from biobank_desktop.papers.texts import day, month, paragraphs, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from reportlab.pdfgen.canvas import Canvas

Until = Literal["stands", "hold", "destroy"]
_WIDTH = style.PAGE_WIDTH - 2 * style.MARGIN
_ADDRESS_TOP, _ADDRESS_HEIGHT = 52 * mm, 24 * mm
"""Where the window of a Dutch envelope shows the address, from the top of the page."""
_NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Addressee:
    """Name and address as they are to be printed, line by line. Never stored."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class KeptMaterial:
    """So many tubes of one kind, in plain words, since the day of the first of them."""

    what: str
    tubes: int
    since: date | None


@dataclass(frozen=True)
class LetterItem:
    """One question: in short for the table, as a sentence for the slip, and the answer until now."""

    code: str
    said: str
    ask: str
    answer: str


@dataclass(frozen=True)
class Letter:
    """Everything a letter says. ``until`` is what silence leads to, ``deadline`` its day.

    ``contact`` and ``return_to`` are lines; empty ones leave room to write. ``form`` names the form's
    version that the items are of, "" when they are the program's own. A ``sibling`` was never ill.
    """

    age: int
    language: str
    code: str
    written_on: date
    lab: str
    place: str
    kept: tuple[KeptMaterial, ...]
    items: tuple[LetterItem, ...]
    until: Until
    deadline: date | None
    contact: tuple[str, ...] = ()
    return_to: tuple[str, ...] = ()
    form: str = ""
    form_version: str = ""
    sibling: bool = False


def letter_pdf(letter: Letter, addressee: Addressee | None = None) -> bytes:
    """The letter with its reply slip as a PDF of A4 pages; the same letter gives the same bytes."""
    return document(
        [*_letter(letter, addressee), PageBreak(), *_slip(letter)],
        words(letter.language, f"letter.{letter.age}.title"),
        lambda canvas, page, pages: _furniture(canvas, letter, page, pages),
        margins=(style.MARGIN, 24 * mm, style.MARGIN, 22 * mm),
    )


def _furniture(canvas: Canvas, letter: Letter, page: int, pages: int) -> None:
    width, height = style.PAGE_WIDTH, style.PAGE_HEIGHT
    canvas.setFont(style.BOLD, 9.5)
    canvas.setFillColor(style.ACCENT)
    canvas.drawString(style.MARGIN, height - 16 * mm, letter.lab)
    canvas.setStrokeColor(style.ACCENT)
    canvas.setLineWidth(1.2)
    canvas.line(style.MARGIN, height - 18 * mm, width - style.MARGIN, height - 18 * mm)
    canvas.setFont(style.REGULAR, 8)
    canvas.setFillColor(style.MUTED)
    canvas.drawString(style.MARGIN, 13 * mm, codes.group(letter.code))
    number = words(letter.language, "footer", page=str(page), pages=str(pages))
    canvas.drawRightString(width - style.MARGIN, 13 * mm, number)


class _Letter:
    """The styles of one letter: larger for the youngest."""

    def __init__(self, letter: Letter) -> None:
        self.size = 12.0 if letter.age == 12 else 11.0
        self.body = style.text(self.size, after=self.size * 0.5)
        self.heading = style.heading(self.size + 1, before=self.size * 0.9, after=self.size * 0.35)
        self.cell = style.text(self.size - 1.5)
        self.head = style.small(self.size - 3, bold=True)


def _letter(letter: Letter, addressee: Addressee | None) -> list[Flowable]:
    set_in, language, age = _Letter(letter), letter.language, f"letter.{letter.age}"

    def said(path: str, **values: str) -> Paragraph:
        return Paragraph(words(language, path, **values), set_in.body)

    def heading(name: str) -> Paragraph:
        return Paragraph(words(language, f"heading.{name}"), set_in.heading)

    opening = f"sibling.{letter.age}" if letter.sibling else f"{age}.opening"
    story: list[Flowable] = [
        _address(letter, addressee),
        Paragraph(day(language, letter.written_on), style.text(10, after=14)),
        Paragraph(words(language, f"{age}.title"), style.heading(19, before=0, after=12)),
        said(f"{age}.greeting"),
        *(Paragraph(one, set_in.body) for one in paragraphs(language, opening)),
        heading("kept"),
    ]
    if letter.kept:
        story += [said(f"{age}.kept"), _kept(letter, set_in)]
        story += [heading("where"), said(f"{age}.where", place=marked(letter.place))]
    else:
        story += [said("kept.nothing")]
    choices = _list(paragraphs(language, f"{age}.can"), set_in)
    story += [heading("can"), choices, Spacer(1, 3), said(f"{age}.after")]
    table = _agreed(letter, set_in)
    story += [KeepTogether([heading("allowed"), said(f"{age}.allowed"), table])]
    deadline = day(language, letter.deadline) if letter.deadline else ""
    story += [KeepTogether([heading("until"), said(f"until.{letter.until}", day=deadline)])]
    answer = said("answer", code=f"<b>{codes.group(letter.code).replace(' ', _NO_BREAK)}</b>")
    last: list[Flowable] = [heading("answer"), answer, _contact(letter, set_in)]
    if letter.age == 12:
        last += [Spacer(1, 8), _boxed(said(f"{age}.parents"))]
    signed = Paragraph(marked(letter.lab), style.text(set_in.size, bold=True))
    return [*story, KeepTogether([*last, Spacer(1, 8), said("closing"), signed])]


def _address(letter: Letter, addressee: Addressee | None) -> Flowable:
    """The window of the envelope; blank paper when nobody is named."""
    lines = "<br/>".join(marked(line) for line in addressee.lines) if addressee else ""
    block = Table([[Paragraph(lines, style.text(11))]], [_WIDTH], [_ADDRESS_HEIGHT + 10 * mm])
    block.setStyle(
        style.of_table(
            [
                ("TOPPADDING", (0, 0), (-1, -1), _ADDRESS_TOP - 38 * mm),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return block


_TABLE: list[Any] = [
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 6),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 2.2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.4),
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, style.RULE),
]


def _kept(letter: Letter, set_in: _Letter) -> Table:
    language = letter.language
    rows: list[list[Flowable]] = [
        [Paragraph(words(language, f"kept.{name}"), set_in.head) for name in ("what", "tubes", "since")]
    ]
    rows += [
        [
            Paragraph(marked(one.what[:1].upper() + one.what[1:]), set_in.cell),
            Paragraph(str(one.tubes), set_in.cell),
            Paragraph(month(language, one.since) if one.since else "–", set_in.cell),
        ]
        for one in letter.kept
    ]
    table = Table(rows, [_WIDTH - 64 * mm, 24 * mm, 40 * mm], repeatRows=1, hAlign="LEFT")
    table.setStyle(style.of_table([*_TABLE, ("BACKGROUND", (0, 0), (-1, 0), style.SOFT)]))
    return table


def _agreed(letter: Letter, set_in: _Letter) -> Table:
    """What was agreed, item by item: a mark and the words for it."""
    rows = [
        [
            Paragraph(marked(item.said), set_in.cell),
            Answer(item.answer, 3.6 * mm),
            Paragraph(words(letter.language, f"answered.{item.answer}"), set_in.cell),
        ]
        for item in letter.items
    ]
    table = Table(rows, [_WIDTH - 71 * mm, 8 * mm, 63 * mm], hAlign="LEFT")
    table.setStyle(style.of_table([*_TABLE, ("LINEABOVE", (0, 0), (-1, 0), 0.5, style.RULE)]))
    return table


def _list(entries: Sequence[str], set_in: _Letter) -> Table:
    rows = [[Paragraph("•", set_in.body), Paragraph(entry, set_in.body)] for entry in entries]
    table = Table(rows, [5 * mm, _WIDTH - 5 * mm], hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def _boxed(content: Flowable) -> Table:
    table = Table([[content]], [_WIDTH], hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [
                ("BACKGROUND", (0, 0), (-1, -1), style.SOFT),
                ("LINEBEFORE", (0, 0), (0, -1), 2.5, style.ACCENT),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("RIGHTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return table


def _contact(letter: Letter, set_in: _Letter) -> Table:
    language, size = letter.language, set_in.size - 1
    half = _WIDTH / 2
    table = Table(
        [
            [Paragraph(words(language, f"contact.{name}"), set_in.head) for name in ("none", "return")],
            [lines_or_room(letter.contact, size), lines_or_room(letter.return_to, size)],
        ],
        [half, half],
        hAlign="LEFT",
    )
    table.setStyle(
        style.of_table([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    )
    return table


def _slip(letter: Letter) -> list[Flowable]:
    """The reply slip: on a page of its own, so that it can go back without the letter."""
    language = letter.language

    def said(path: str, **values: str) -> str:
        return words(language, path, **values)

    code = [Symbol(letter.code), Spacer(1, 2), Paragraph(codes.group(letter.code), style.centred(9))]
    left = [
        Paragraph(said("slip.title"), style.heading(19, before=0, after=8)),
        Paragraph(said("slip.how"), style.text(11)),
    ]
    if letter.form:
        form = said("slip.form", form=marked(letter.form), version=marked(letter.form_version))
        left.append(Paragraph(form, style.small(8)))
    top = Table([[left, code]], [_WIDTH - 36 * mm, 36 * mm], hAlign="LEFT")
    top.setStyle(style.of_table([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)]))
    head = style.small(9, bold=True)
    rows: list[list[Flowable]] = [
        [Spacer(1, 1), Paragraph(said("slip.yes"), head), Paragraph(said("slip.no"), head)]
    ]
    rows += [[Paragraph(marked(item.ask), style.text(10.5)), Box(), Box()] for item in letter.items]
    asked = Table(rows, [_WIDTH - 32 * mm, 16 * mm, 16 * mm], repeatRows=1, hAlign="LEFT")
    asked.setStyle(style.of_table([*_TABLE, ("LEFTPADDING", (0, 0), (0, -1), 0)]))
    instead = Table(
        [[Box(), Paragraph(said(f"slip.{name}"), style.text(10.5))] for name in ("destroy", "ask")],
        [9 * mm, _WIDTH - 9 * mm],
        hAlign="LEFT",
    )
    instead.setStyle(style.of_table([*_TABLE[:1], ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    story: list[Flowable] = [top, Spacer(1, 10), asked, Spacer(1, 8)]
    return [*story, KeepTogether([instead, Spacer(1, 14), _signatures(letter)])]


def _signatures(letter: Letter) -> Table:
    language = letter.language
    who = ["own", "parent", "other-parent"] if letter.age == 12 else ["own"]
    caption = style.small(8.5)
    rows: list[list[Flowable | str]] = []
    for name in who:
        rows.append(["", "", ""])
        rows.append(
            [
                Paragraph(words(language, f"slip.{name}"), caption),
                "",
                Paragraph(words(language, "slip.date"), caption),
            ]
        )
    table = Table(rows, [100 * mm, 8 * mm, _WIDTH - 108 * mm], [13 * mm, 6 * mm] * len(who), hAlign="LEFT")
    lines: list[Any] = [
        ("LINEBELOW", (column, 2 * row), (column, 2 * row), 0.7, style.INK)
        for row in range(len(who))
        for column in (0, 2)
    ]
    table.setStyle(
        style.of_table([*lines, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 2)])
    )
    return table
