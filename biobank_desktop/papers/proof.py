"""The proof that goes with a vial: one page for people, the same as a symbol, signed by the lab.

Two columns: where the vial comes from and how it was kept; to whom it went and why it might. Beneath them the
symbol with all of it, where it is written in the lab's history, and whose key signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.language import _, chosen, say_date, say_value
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import QR_SIDE, QrCode, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import (
    MARGINS,
    TIGHT,
    WIDTH,
    begun,
    facts_table,
    fitting,
    foot,
    running_head,
)
from biobank_desktop.papers.signing import fingerprint, grouped, public_key, signed_file, signed_symbol
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from reportlab.pdfgen.canvas import Canvas

    from biobank_desktop.domain.proofs import Permission, Proof

_GAP = 8 * mm
_COLUMN = (WIDTH - _GAP) / 2
_NAMES, _BRISQ_NAMES = 30 * mm, 37 * mm
_HEAD, _COLUMNS = 25 * mm, 153 * mm
_SIZES = tuple([7.5 - step / 4 for step in range(11)])
"""Letters in points, the largest first: what is long is set smaller."""
_SHOWN = 16
"""So much of a hash is enough to find the event; the symbol holds all of it."""


def proof_pdf(proof: Proof, private: bytes) -> bytes:
    """The proof as one page in the chosen language, signed; the same proof gives the same bytes.

    Raises ``Rejected`` for a proof that could not be read again, or is too long for its symbol or its page.
    """
    symbol = signed_symbol(proof, private)
    key = grouped(fingerprint(public_key(private)))
    columns = fitting(lambda size: _columns(proof, size), _SIZES, WIDTH, _COLUMNS)
    page = document(
        [_head(proof), _as_high_as_ever(columns), _checked(proof, QrCode(symbol), key)],
        f"{_('Proof of origin and consent')} {codes.group(proof.provenance.vial)}",
        lambda canvas, number, pages: _furniture(canvas, proof, number, pages),
        margins=MARGINS,
        keywords=[symbol],
    )
    return signed_file(page, private)


def _furniture(canvas: Canvas, proof: Proof, number: int, pages: int) -> None:
    title = f"{_('Proof of origin and consent')} · {codes.group(proof.provenance.vial)}"
    running_head(canvas, title, proof.provenance.lab)
    foot(canvas, f"{proof.release.number} · {proof.release.study}", number, pages)


def _head(proof: Proof) -> Table:
    """The vial and what it is, with its own symbol: a scan of the vial must read the same."""
    vial = proof.provenance
    what = say_value(vial.material)
    if vial.source:
        what = _("{material} from {source}").format(material=what, source=say_value(vial.source))
    told = " · ".join(filter(None, (begun(what), vial.time_point, _amount(proof))))
    left = [
        Paragraph(marked(_("Proof of origin and consent")), style.heading(16, before=0, after=5)),
        Paragraph(codes.group(vial.vial), style.text(14, bold=True, after=1)),
        Paragraph(marked(told), style.text(9)),
    ]
    table = Table([[left, Symbol(vial.vial)]], [WIDTH - 18 * mm, 18 * mm], [_HEAD], hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("RIGHTPADDING", (1, 0), (1, 0), 0)],
        )
    )
    return table


def _amount(proof: Proof) -> str:
    decimal = "," if chosen() == "nl" else "."
    return format_amount(proof.amount.volume_ul, proof.amount.cells, decimal, _("cells"))


def _columns(proof: Proof, size: float) -> Table:
    """Both columns with letters of a size."""
    left = [*_origin(proof, size), *_kept(proof, size), *_brisq(proof, size)]
    right = [*_released(proof, size), *_permitted(proof.consent, size)]
    table = Table([[left, "", right]], [_COLUMN, _GAP, _COLUMN], hAlign="LEFT")
    table.setStyle(style.of_table(_PLAIN))
    return table


def _as_high_as_ever(columns: Flowable) -> Table:
    """The columns in their room, so that what follows has its place on every proof."""
    table = Table([[columns]], [WIDTH], [_COLUMNS], hAlign="LEFT")
    table.setStyle(style.of_table(_PLAIN))
    return table


_PLAIN = [*TIGHT, ("RIGHTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]


def _part(title: str, facts: Sequence[tuple[str, str | None]], size: float) -> list[Flowable]:
    return [_title(title, size), facts_table(facts, (_NAMES, _COLUMN - _NAMES), size, missing=_("unknown"))]


def _title(text: str, size: float) -> Paragraph:
    return Paragraph(marked(text), style.heading(size + 2.5, before=size, after=2))


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else say_value(moment)


def _origin(proof: Proof, size: float) -> list[Flowable]:
    vial = proof.provenance
    return _part(
        _("Where it comes from"),
        [
            (_("Donor"), codes.group(vial.donor)),
            (_("Tube"), codes.group(vial.tube)),
            (_("Kind"), say_value(vial.kind)),
            (_("SPREC"), f"{proof.sprec.code or _('not coded')} ({proof.sprec.version})"),
            (_("Drawn"), _moment(vial.drawn_at)),
            (_("Received"), _moment(vial.received_at)),
            (_("Processed"), _moment(vial.processed_at)),
            (_("Frozen"), _moment(vial.frozen_at)),
        ],
        size,
    )


def _kept(proof: Proof, size: float) -> list[Flowable]:
    stays = [(say_value(stay.since), say_value(stay.temperature)) for stay in proof.provenance.stays]
    return _part(_("How it was kept"), stays, size) if stays else []


def _brisq(proof: Proof, size: float) -> list[Flowable]:
    items = [(_(f"brisq.{one.item}"), one.value) for one in proof.brisq]
    widths = _BRISQ_NAMES, _COLUMN - _BRISQ_NAMES
    table = facts_table(items, widths, size, missing=_("not recorded"))
    return [_title(_("For the methods of a paper (BRISQ)"), size), table]


def _released(proof: Proof, size: float) -> list[Flowable]:
    to = proof.release
    return _part(
        _("Where it went"),
        [
            (_("Release"), to.number),
            (_("Study"), to.study),
            (_("Recipient"), to.recipient),
            (_("Country"), to.country),
            (_("Committee (BDAC)"), to.bdac),
        ],
        size,
    )


def _permitted(consent: Permission, size: float) -> list[Flowable]:
    """The verdict, what it rests on, and the way to it, step by step."""
    part = _part(
        _("Why it might go"),
        [
            (_("Purpose"), say_value(consent.purposes)),
            (_("Verdict"), begun(say_value(consent.verdict))),
            (_("Decided on"), say_date(consent.decided_on)),
            (_("Known by"), say_value(consent.known_on)),
            (_("Rules"), consent.rules_version),
            (_("Newest line"), str(consent.consent_head)),
            (_("Forms"), "; ".join(consent.forms) or _("none")),
        ],
        size,
    )
    told = [
        *(Paragraph(marked(reason), style.small(size, bold=True)) for reason in consent.reasons),
        *(Paragraph(f"{no}. {marked(step)}", style.small(size)) for no, step in enumerate(consent.steps, 1)),
    ]
    return [*part, Spacer(1, 4), *told]


def _checked(proof: Proof, symbol: QrCode, key: str) -> Table:
    """The symbol with everything in it, and how anybody can check it."""
    tiny, hashes = style.small(6.5), style.small(5.6)
    history = proof.history
    seal = _("Seal {size}: {root}").format(size=history.seal_size, root=history.seal_root)
    since = _(
        "It says what was so when it was signed. Whether consent was withdrawn since, only the lab knows."
    )
    clock = _("Times are those of the lab’s clock, Europe/Amsterdam.")
    right: list[Flowable] = [
        Paragraph(marked(_("How anybody can check this")), style.heading(10, before=0, after=2)),
        Paragraph(
            marked(
                _(
                    "The symbol holds everything that stands on this page. Who scans it into a file, or has "
                    "the PDF, checks it with “biobank verify-proof FILE”; no database is needed."
                )
            ),
            style.small(7.5),
        ),
        Spacer(1, 4),
        Paragraph(marked(_("Signed with the key of the lab (Ed25519)")), tiny),
        Paragraph(key, style.text(10.5, bold=True, after=4)),
        Paragraph(marked(_("Written in the lab’s history (of each event the first 16 digits)")), tiny),
        Paragraph(" ".join([event[:_SHOWN] for event in history.events]), hashes),
        Paragraph(marked(seal), hashes),
        Spacer(1, 4),
        Paragraph(marked(f"{since} {clock}"), tiny),
    ]
    apart = 4 * mm
    table = Table([[symbol, "", right]], [QR_SIDE, apart, WIDTH - QR_SIDE - apart], hAlign="LEFT")
    table.setStyle(
        style.of_table(
            [*_PLAIN, ("TOPPADDING", (0, 0), (-1, -1), 4), ("LINEABOVE", (0, 0), (-1, 0), 0.8, style.ACCENT)]
        )
    )
    return table
