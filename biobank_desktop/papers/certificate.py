"""The certificate of destruction: which vials were destroyed, by whom, before whose eyes, and which not.

It is written when a list is closed. What had left or was used up before is named as well: a certificate that
says less than the list would be no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from biobank_desktop.domain import codes
from biobank_desktop.language import _, ngettext, say_date, say_value
from biobank_desktop.papers import style
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import (
    MARGINS,
    WIDTH,
    facts_table,
    foot,
    heading,
    ruled,
    running_head,
    said,
    signatures,
)
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from reportlab.pdfgen.canvas import Canvas


@dataclass(frozen=True)
class DestroyedLine:
    """A vial that was destroyed; material, amount and where it ``lay`` are words."""

    code: str
    material: str
    amount: str
    lay: str
    destroyed_at: datetime
    destroyed_by: str
    witnessed_at: datetime
    witnessed_by: str


@dataclass(frozen=True)
class NotDestroyed:
    """A vial that could not be destroyed here, what ``became`` of it in words, and when somebody was told."""

    code: str
    material: str
    became: str
    told_on: date | None = None


@dataclass(frozen=True)
class Certificate:
    """Everything a certificate says; ``why`` is a sentence, ``seal_root`` hexadecimal."""

    lab: str
    number: str
    why: str
    donors: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime
    lines: tuple[DestroyedLine, ...]
    not_destroyed: tuple[NotDestroyed, ...]
    event: int
    seal_size: int
    seal_root: str


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate in the chosen language; the same certificate gives the same bytes."""
    story: list[Flowable] = [*_head(certificate), heading(_("Destroyed"))]
    story += [_destroyed(certificate)] if certificate.lines else [said(_("Nothing was left to destroy."))]
    if certificate.not_destroyed:
        story += [heading(_("Could not be destroyed here")), _not_destroyed(certificate)]
    return document(
        [*story, KeepTogether([heading(_("Signed")), *_declared(certificate)])],
        f"{_('Certificate of destruction')} {certificate.number}",
        lambda canvas, page, pages: _furniture(canvas, certificate, page, pages),
        margins=MARGINS,
    )


def _furniture(canvas: Canvas, certificate: Certificate, page: int, pages: int) -> None:
    running_head(canvas, f"{_('Certificate of destruction')} · {certificate.number}", certificate.lab)
    donors = ", ".join(map(codes.group, certificate.donors[:3]))
    foot(canvas, donors + (" …" if len(certificate.donors) > 3 else ""), page, pages)


def _head(certificate: Certificate) -> list[Flowable]:
    facts = [
        (_("Reason"), certificate.why),
        (_("Donor"), ", ".join(map(codes.group, certificate.donors))),
        (_("List opened"), say_value(certificate.opened_at)),
        (_("List closed"), say_value(certificate.closed_at)),
        (_("Destroyed"), str(len(certificate.lines))),
        (_("Not destroyed"), str(len(certificate.not_destroyed))),
        (_("Event"), str(certificate.event)),
        (_("Seal"), f"{certificate.seal_size} · {certificate.seal_root[:32]} {certificate.seal_root[32:]}"),
    ]
    return [
        Paragraph(marked(_("Certificate of destruction")), style.heading(18, before=0, after=2)),
        Paragraph(marked(certificate.number), style.text(13, bold=True, after=6)),
        facts_table(facts, (32 * mm, WIDTH - 32 * mm)),
    ]


def _destroyed(certificate: Certificate) -> Table:
    """A row a vial, in the order of destruction."""
    names = (_("Vial"), _("Lay in"), _("Destroyed by"), _("Witnessed by"))
    rows: list[list[object]] = [_names(names)]
    for line in certificate.lines:
        what = " · ".join(filter(None, (line.material, line.amount)))
        rows.append(
            [
                _two(codes.group(line.code), what),
                Paragraph(marked(line.lay or "–"), style.small(7.5)),
                _two(line.destroyed_by, say_value(line.destroyed_at)),
                _two(line.witnessed_by, say_value(line.witnessed_at)),
            ]
        )
    widths = [52 * mm, WIDTH - 116 * mm, 32 * mm, 32 * mm]
    return _with_names(Table(rows, widths, repeatRows=1, hAlign="LEFT"))


def _not_destroyed(certificate: Certificate) -> Table:
    rows: list[list[object]] = [_names((_("Vial"), _("What became of it"), _("Told on")))]
    for one in certificate.not_destroyed:
        told = say_date(one.told_on) if one.told_on else "–"
        rows.append(
            [
                _two(codes.group(one.code), one.material),
                Paragraph(marked(one.became), style.small(7.5)),
                Paragraph(told, style.small(7.5)),
            ]
        )
    return _with_names(Table(rows, [52 * mm, WIDTH - 84 * mm, 32 * mm], repeatRows=1, hAlign="LEFT"))


def _names(names: Sequence[str]) -> list[object]:
    return [Paragraph(marked(name), style.small(7.5, bold=True)) for name in names]


def _two(first: str, second: str) -> list[Paragraph]:
    return [Paragraph(marked(first), style.small(8, bold=True)), Paragraph(marked(second), style.small(7.5))]


def _with_names(table: Table) -> Table:
    ruled(table)
    table.setStyle(style.of_table([("BACKGROUND", (0, 0), (-1, 0), style.SOFT)]))
    return table


def _declared(certificate: Certificate) -> list[Flowable]:
    counted = ngettext(
        "{count} vial was destroyed and can no longer be used; a second person watched.",
        "{count} vials were destroyed and can no longer be used; a second person watched.",
        len(certificate.lines),
    )
    sentences = [counted] if certificate.lines else []
    sentences.append(_("What stands above is written in the lab’s history and is covered by the seal."))
    room = signatures((_("Destroyed by"), _("Witnessed by"), _("For the biobank")))
    return [*(said(one) for one in sentences), Spacer(1, 6), room]
