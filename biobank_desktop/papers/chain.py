"""The chain of consent of one donor on paper: every line as it came, what comes, the material beneath.

Two variants: for the auditor everything with logins and the seal it can be checked against; for the family
the same story in plain words. Answers are shapes, so they read in black and white.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from biobank_desktop.domain import codes
from biobank_desktop.language import _, ngettext, say_date, say_value
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import ANSWERS, Answer, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import (
    MARGIN,
    TIGHT,
    WIDTH,
    begun,
    facts_table,
    heading,
    ruled,
    running_head,
    said,
)
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from reportlab.pdfgen.canvas import Canvas

    from biobank_desktop.domain.thresholds import Threshold

_ITEM = 4.6 * mm
_SIDE = 3 * mm


@dataclass(frozen=True)
class ChainLine:
    """One line of consent. ``struck_by`` is the line that took its place or struck it out."""

    no: int
    kind: str
    signatory: str
    sole_authority: bool
    form: str
    form_version: str
    signed_on: date
    received_on: date
    known_at: datetime
    login: str
    answers: Mapping[str, str]
    level: str | None = None
    corrects: int | None = None
    struck_by: int | None = None
    verified_by: str | None = None
    note: str = ""


@dataclass(frozen=True)
class ChainVial:
    """A vial and where it lies; ``box`` "": nowhere that is known. ``plain`` is its material for a family."""

    code: str
    material: str
    plain: str
    time_point: str
    amount: str
    box: str
    position: str


@dataclass(frozen=True)
class PurposeVerdict:
    """A purpose, what the gate says to it, and why, as sentences."""

    purpose: str
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ChainVerdicts:
    """The verdicts that hold for these tubes; ``tubes`` empty: for all of the donor's material."""

    tubes: tuple[str, ...]
    purposes: tuple[PurposeVerdict, ...]


@dataclass(frozen=True)
class ChainPage:
    """A donor's chain of consent. ``on`` and ``known_on``: the day asked about, by what was known when.

    ``seal_size`` and ``seal_root`` (hexadecimal) are the newest seal of the database ``uuid``; ``items`` in
    the order of their columns. Places are those of ``printed_at``.
    """

    donor: str
    lab: str
    on: date
    known_on: datetime
    printed_at: datetime
    uuid: str
    seal_size: int
    seal_root: str
    rules: str
    items: tuple[str, ...]
    lines: tuple[ChainLine, ...]
    ahead: tuple[Threshold, ...]
    verdicts: tuple[ChainVerdicts, ...]
    vials: tuple[ChainVial, ...]


def chain_pdf(page: ChainPage, *, family: bool = False) -> bytes:
    """The page, or as many as it takes, as PDF in the chosen language; the same page gives the same bytes."""
    story: list[Flowable] = [_head(page, family=family), Spacer(1, 8)]
    story += [heading(_("What was decided"))]
    if page.lines:
        story += [_legend(page), Spacer(1, 4), _time_line(page, family=family)]
    else:
        story += [said(_("Nothing was decided yet."))]
    if page.ahead:
        story += [KeepTogether([heading(_("What comes")), _ahead(page)])]
    story += _verdicts(page, family=family)
    story += _material(page, family=family)
    return document(
        story,
        f"{_('Chain of consent')} {codes.group(page.donor)}",
        lambda canvas, number, pages: _furniture(canvas, page, number, pages, family=family),
        margins=(MARGIN, 24 * mm, MARGIN, 24 * mm if not family else 20 * mm),
    )


def _furniture(canvas: Canvas, page: ChainPage, number: int, pages: int, *, family: bool) -> None:
    running_head(canvas, f"{_('Chain of consent')} · {codes.group(page.donor)}", page.lab)
    bottom = 11 * mm
    asked = _("As of {day}, by what was known on {known}").format(
        day=say_date(page.on), known=say_value(page.known_on)
    )
    canvas.drawString(MARGIN, bottom + (3.4 * mm if not family else 0), asked)
    if not family:
        sealed = _("Database {uuid} · seal {size}: {root}").format(
            uuid=page.uuid, size=page.seal_size, root=page.seal_root
        )
        canvas.setFont(style.REGULAR, 5.6)
        canvas.drawString(MARGIN, bottom, sealed)
        canvas.setFont(style.REGULAR, 7)
    place = bottom + (3.4 * mm if not family else 0)
    canvas.drawRightString(
        style.PAGE_WIDTH - MARGIN, place, _("Page {page} of {pages}").format(page=number, pages=pages)
    )


def _head(page: ChainPage, *, family: bool) -> Table:
    """The title, what the page is about, and the donor's code as a symbol."""
    title = _("What was agreed about your material") if family else _("Chain of consent")
    facts = [
        (_("Donor"), codes.group(page.donor)),
        (_("As of"), say_date(page.on)),
        (_("Known on"), say_value(page.known_on)),
        (_("Printed"), say_value(page.printed_at)),
    ]
    if not family:
        facts += [
            (_("Rules"), page.rules),
            (_("Database"), page.uuid),
            (_("Seal"), f"{page.seal_size} · {page.seal_root[:32]} {page.seal_root[32:]}"),
        ]
    table = facts_table(facts, (28 * mm, WIDTH - 58 * mm))
    left = [Paragraph(marked(title), style.heading(18, before=0, after=6)), table]
    whole = Table([[left, Symbol(page.donor)]], [WIDTH - 26 * mm, 26 * mm], hAlign="LEFT")
    whole.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return whole


def _legend(page: ChainPage) -> Table:
    """What the shapes mean, and which column is which question."""
    shapes: list[Flowable | Paragraph] = []
    for answer in ANSWERS:
        shapes += [Answer(answer, _SIDE), Paragraph(marked(say_value(answer)), style.small(8))]
    top = Table([shapes], [5 * mm, 30 * mm] * len(ANSWERS), hAlign="LEFT")
    top.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    columns = 3
    numbered = [
        Paragraph(f"<b>{number}</b>  {marked(say_value(item))}", style.small(7.5))
        for number, item in enumerate(page.items, start=1)
    ]
    each = -(-len(numbered) // columns)
    cells = [numbered[place * each : (place + 1) * each] for place in range(columns)]
    rows = [[one[row] if row < len(one) else "" for one in cells] for row in range(each)]
    names = Table(rows, [WIDTH / columns] * columns, hAlign="LEFT")
    names.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    whole = Table([[top], [names]], [WIDTH], hAlign="LEFT")
    whole.setStyle(
        style.of_table(
            [*TIGHT, ("BACKGROUND", (0, 0), (-1, -1), style.SOFT), ("LEFTPADDING", (0, 0), (-1, -1), 6)]
        )
    )
    return whole


class _Dot(Flowable):
    """The dot of a line on the rail: full when it counts, empty when it was struck out."""

    def __init__(self, *, counts: bool) -> None:
        super().__init__()
        self.width = self.height = 3 * mm
        self._counts = counts

    def draw(self) -> None:
        """Draw it over the rail that the table draws."""
        canvas, half = self.canv, self.width / 2
        canvas.setStrokeColor(style.ACCENT)
        canvas.setFillColor(style.ACCENT if self._counts else style.PAPER)
        canvas.setLineWidth(1)
        canvas.circle(0, half, half * 0.8, fill=1)


def _time_line(page: ChainPage, *, family: bool) -> Table:
    """One row a line: the day, the rail with its dot, what happened, and the answers."""
    wide = _ITEM * len(page.items)
    number = style.small(6.5, bold=True)
    head: list[object] = ["", "", ""]
    head += [Paragraph(str(place), number) for place in range(1, len(page.items) + 1)]
    rows: list[list[object]] = [head]
    rows += [_row(line, page, family=family) for line in page.lines]
    days, rail = 25 * mm, 5 * mm
    widths = [days, rail, WIDTH - days - rail - wide, *([_ITEM] * len(page.items))]
    table = Table(rows, widths, repeatRows=1, hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [
                *TIGHT,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 1), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 1), (-1, -1), 4),
                ("RIGHTPADDING", (3, 0), (-1, -1), 0),
                ("LINEBELOW", (2, 0), (-1, -1), 0.4, style.RULE),
                ("LINEBEFORE", (1, 1), (1, -1), 1, style.ACCENT),
            ]
        )
    )
    return table


def _row(line: ChainLine, page: ChainPage, *, family: bool) -> list[object]:
    day = Paragraph(say_date(line.signed_on), style.small(8, bold=line.struck_by is None))
    counts = line.struck_by is None
    cells: list[object] = [day, _Dot(counts=counts), _told(line, family=family)]
    if not line.answers:
        return [*cells, *([""] * len(page.items))]
    return [*cells, *(Answer(line.answers.get(item, "not-asked"), _SIDE) for item in page.items)]


def _told(line: ChainLine, *, family: bool) -> list[Paragraph]:
    """What happened, in a sentence, and beneath it how it is known."""
    what = f"{begun(say_value(line.kind))} · {say_value(line.signatory)}"
    if line.sole_authority:
        what += f" ({_('with sole authority')})"
    if line.level:
        what += f": {say_value(line.level)}"
    title = marked(what) if line.struck_by is None else f"<strike>{marked(what)}</strike>"
    told = [Paragraph(title, style.small(8.5, bold=line.struck_by is None))]
    details = []
    if line.form:
        details.append(f"{line.form} {line.form_version}".strip())
    if line.received_on != line.signed_on:
        details.append(_("received {day}").format(day=say_date(line.received_on)))
    if not family:
        details.append(
            _("entered {moment} by {login}").format(moment=say_value(line.known_at), login=line.login)
        )
        details.append(
            _("verified by {login}").format(login=line.verified_by) if line.verified_by else _("not verified")
        )
    if line.corrects is not None:
        details.append(_("in place of line {no}").format(no=line.corrects))
    if line.struck_by is not None:
        details.append(_("struck out by line {no}").format(no=line.struck_by))
    number = "" if family else f"{line.no} · "
    told.append(Paragraph(marked(number + " · ".join(details)), style.small(7)))
    if line.note and not family:
        told.append(Paragraph(marked(f"“{line.note}”"), style.small(7)))
    return told


def _ahead(page: ChainPage) -> Table:
    rows = [
        [
            Paragraph(say_date(one.on), style.small(8.5, bold=True)),
            Paragraph(marked(_("Turns {age}").format(age=one.age)), style.small(8.5, bold=True)),
            Paragraph(marked(_policy(one)), style.small(8.5)),
        ]
        for one in page.ahead
    ]
    return ruled(Table(rows, [27 * mm, 27 * mm, WIDTH - 54 * mm], hAlign="LEFT"))


def _policy(one: Threshold) -> str:
    said = begun(say_value(one.policy))
    if one.until > one.on:
        return f"{said} ({_('from {day}').format(day=say_date(one.until))})"
    return said


def _verdicts(page: ChainPage, *, family: bool) -> list[Flowable]:
    """What may be done: the purposes that have the same verdict for the same reasons on one row."""
    story: list[Flowable] = []
    for one in page.verdicts:
        title = _("What may be done")
        if one.tubes:
            title += f" · {', '.join(codes.group(tube) for tube in one.tubes)}"
        alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for entry in one.purposes:
            alike.setdefault((entry.verdict, entry.reasons), []).append(say_value(entry.purpose))
        rows = [
            [
                Answer(_SHAPES[verdict], _SIDE),
                Paragraph(marked(_verdict_word(verdict, family=family)), style.small(8.5, bold=True)),
                [
                    Paragraph(marked(begun(", ".join(purposes))), style.text(8.5)),
                    *(Paragraph(marked(reason), style.small(7.5)) for reason in reasons),
                ],
            ]
            for (verdict, reasons), purposes in sorted(alike.items(), key=lambda entry: entry[0][0])
        ]
        table = ruled(Table(rows, [6 * mm, 27 * mm, WIDTH - 33 * mm], hAlign="LEFT"))
        story += [KeepTogether([heading(title), table])]
    return story


_SHAPES = {"permitted": "yes", "refused": "no", "provisional": "not-answered"}


def _verdict_word(verdict: str, *, family: bool) -> str:
    if family:
        return {
            "permitted": _("This is allowed"),
            "provisional": _("Waits for an answer"),
            "refused": _("This is not allowed"),
        }[verdict]
    return {
        "permitted": _("Permitted"),
        "provisional": _("Provisional"),
        "refused": _("Refused"),
    }[verdict]


def _material(page: ChainPage, *, family: bool) -> list[Flowable]:
    """The vials by material: how many, and for the auditor where each of them lies."""
    story: list[Flowable] = [heading(_("What is kept"))]
    if not page.vials:
        return [*story, said(_("Nothing of this donor is kept."))]
    by_material: dict[str, list[ChainVial]] = {}
    for vial in page.vials:
        by_material.setdefault(vial.plain if family else vial.material, []).append(vial)
    if family:
        return [*story, *(said(_counted(what, len(vials))) for what, vials in by_material.items())]
    head = style.small(7.5, bold=True)
    cell = style.small(7.5)
    for material, vials in by_material.items():
        title = Paragraph(
            f"<b>{marked(begun(material))}</b> · {len(vials)}", style.heading(9.5, before=6, after=2)
        )
        rows: list[list[Paragraph]] = [
            [
                Paragraph(marked(name), head)
                for name in (_("Code"), _("Time point"), _("Amount"), _("Box"), _("Position"))
            ]
        ]
        rows += [
            [
                Paragraph(codes.group(vial.code), cell),
                Paragraph(marked(vial.time_point), cell),
                Paragraph(marked(vial.amount), cell),
                Paragraph(marked(vial.box or _("nowhere")), cell),
                Paragraph(marked(vial.position or "–"), cell),
            ]
            for vial in vials
        ]
        table = Table(
            rows,
            [30 * mm, 22 * mm, 30 * mm, WIDTH - 102 * mm, 20 * mm],
            repeatRows=1,
            hAlign="LEFT",
        )
        story += [title, ruled(table)]
    return story


def _counted(what: str, count: int) -> str:
    return f"{begun(what)}: {ngettext('{count} small tube', '{count} small tubes', count)}"
