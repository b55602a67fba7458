"""The note that travels with vials: to whom and what for, each vial with its symbol, and what is asked.

Who packs crosses off vial by vial; who receives scans the same symbols. What was asked for and stayed behind
is named with its reasons, so that nobody looks for it in the box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from biobank_desktop.domain import codes
from biobank_desktop.language import _, ngettext, say_value
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import Box, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import (
    MARGINS,
    TIGHT,
    WIDTH,
    facts_table,
    foot,
    heading,
    ruled,
    running_head,
    said,
    signatures,
)
from biobank_desktop.papers.recipients import addressed
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from datetime import datetime

    from reportlab.pdfgen.canvas import Canvas

    from biobank_desktop.papers.recipients import Recipient

_ADDRESS = 62 * mm
_FACTS = 30 * mm
_MODULE = 5 * 72 / 300
"""Five dots of 300 dpi: a hand scanner reads one line without its neighbours."""


@dataclass(frozen=True)
class Transport:
    """How vials travel; ``cooling`` are words, ``tracking`` is the courier's number."""

    cooling: str
    courier: str
    tracking: str


@dataclass(frozen=True)
class NoteLine:
    """A vial that goes; all but codes are words. ``proof`` are the first 16 characters of its SHA-256."""

    code: str
    material: str
    time_point: str
    amount: str
    position: str
    sprec: str
    decision: str
    proof: str


@dataclass(frozen=True)
class LeftOut:
    """A vial that was asked for and does not go, with the reasons as sentences."""

    code: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ReleaseNote:
    """Everything a release note says; ``bdac`` is the number of the Biobank and Data Access Committee."""

    lab: str
    number: str
    study: str
    recipient: Recipient
    bdac: str
    purposes: tuple[str, ...]
    transport: Transport
    released_at: datetime
    released_by: str
    lines: tuple[NoteLine, ...]
    left_out: tuple[LeftOut, ...] = ()


def release_note_pdf(note: ReleaseNote) -> bytes:
    """The note in the chosen language, on as many pages as it takes; the same note gives the same bytes."""
    story: list[Flowable] = [_head(note), _packed(note)]
    if note.left_out:
        story += [heading(_("Not in this shipment")), _left_out(note)]
    return document(
        [*story, KeepTogether([*_conditions(note), Spacer(1, 10), _signed()])],
        f"{_('Release note')} {note.number}",
        lambda canvas, page, pages: _furniture(canvas, note, page, pages),
        margins=MARGINS,
    )


def _furniture(canvas: Canvas, note: ReleaseNote, page: int, pages: int) -> None:
    running_head(canvas, f"{_('Release note')} · {note.number}", note.lab)
    foot(canvas, f"{note.study} · {note.recipient.institution}", page, pages)


def _head(note: ReleaseNote) -> Table:
    transport = note.transport
    facts = [
        (_("Study"), note.study),
        (_("Committee (BDAC)"), note.bdac),
        (_("Only for"), ", ".join(note.purposes)),
        (_("Recipient"), note.recipient.kind),
        (_("Vials"), str(len(note.lines))),
        (_("Transport"), " · ".join(filter(None, (transport.cooling, transport.courier)))),
        (_("Tracking number"), transport.tracking or None),
        (
            _("Released"),
            _("{moment} by {login}").format(moment=say_value(note.released_at), login=note.released_by),
        ),
    ]
    title = [
        Paragraph(marked(_("Release note")), style.heading(18, before=0, after=2)),
        Paragraph(marked(note.number), style.text(13, bold=True, after=8)),
    ]
    right = facts_table(facts, (_FACTS, WIDTH - _ADDRESS - _FACTS), missing="–")
    to = [Paragraph(marked(_("To")), style.small(8)), addressed(note.recipient, 9)]
    table = Table([[title, ""], [to, right]], [_ADDRESS, WIDTH - _ADDRESS], hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [
                *TIGHT,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("SPAN", (0, 0), (1, 0)),
                ("BOTTOMPADDING", (0, 1), (-1, 1), 10),
                ("RIGHTPADDING", (0, 1), (0, 1), 12),
            ]
        )
    )
    return table


def _packed(note: ReleaseNote) -> Table:
    """A row a vial; the row of names stands on every page."""
    head, cell, strong = style.small(7.5, bold=True), style.small(7.5), style.small(9, bold=True)
    names = (_("Packed"), "", _("Vial"), _("Taken from, amount, SPREC"), _("Consent and proof"))
    rows: list[list[object]] = [[Paragraph(marked(name), head) for name in names]]
    for line in note.lines:
        what = " · ".join(filter(None, (line.material, line.time_point)))
        held = " · ".join(filter(None, (line.amount, line.sprec)))
        proof = _("Proof {proof}").format(proof=line.proof)
        rows.append(
            [
                Box(),
                Symbol(line.code, _MODULE),
                [Paragraph(codes.group(line.code), strong), Paragraph(marked(what), cell)],
                [Paragraph(marked(line.position), cell), Paragraph(marked(held), cell)],
                [Paragraph(marked(line.decision), cell), Paragraph(marked(proof), cell)],
            ]
        )
    widths = [17 * mm, 12 * mm, 42 * mm, 57 * mm]
    table = ruled(Table(rows, [*widths, WIDTH - sum(widths)], repeatRows=1, hAlign="LEFT"))
    table.setStyle(
        style.of_table([("VALIGN", (0, 1), (-1, -1), "MIDDLE"), ("BACKGROUND", (0, 0), (-1, 0), style.SOFT)])
    )
    return table


def _left_out(note: ReleaseNote) -> Table:
    cell = style.small(8)
    rows = [
        [
            Paragraph(codes.group(one.code), style.small(8, bold=True)),
            [Paragraph(marked(reason), cell) for reason in one.reasons],
        ]
        for one in note.left_out
    ]
    return ruled(Table(rows, [32 * mm, WIDTH - 32 * mm], hAlign="LEFT"))


def _conditions(note: ReleaseNote) -> list[Flowable]:
    """What the recipient agrees to by taking the vials."""
    told = (
        _(
            "Use the vials only for: {purposes}, in the study above. Anything else needs a new decision."
        ).format(purposes=", ".join(note.purposes)),
        _("Do not try to find out who a donor is, and do not join the data with others that could tell."),
        _("Do not pass anything on to others."),
        _(
            "When we tell you that a donor has withdrawn, stop using that donor’s vials, destroy what is "
            "left and confirm it to us."
        ),
        _("Report a vial that is missing, thawed or damaged within two working days."),
    )
    counted = ngettext(
        "{count} vial is in this shipment.", "{count} vials are in this shipment.", len(note.lines)
    )
    return [
        heading(_("What we ask of you")),
        *(said(f"{number}. {one}") for number, one in enumerate(told, start=1)),
        said(counted),
    ]


def _signed() -> Table:
    return signatures((_("Packed and handed over"), _("Received, complete and frozen")))
