"""One page for whoever sets a scanner up: how it must be set, and the test symbol that tells who is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table

from biobank_desktop.domain.scanner_trial import TEST
from biobank_desktop.language import _
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import Box, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import MARGINS, WIDTH, foot, heading, ruled, running_head, said
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_MODULE = 9 * 72 / 300
_BOX = 9 * mm
_NAME = 48 * mm


def scanner_page_pdf(lab: str) -> bytes:
    """The page in the chosen language; the same lab gives the same bytes.

    Raises ``Rejected`` when the symbol does not read as it should.
    """
    title = _("Setting up a scanner")
    story: list[Flowable] = [
        Paragraph(marked(title), style.heading(18, before=0, after=4)),
        said(_("The manual of the scanner has a barcode for each of these. Scan them one by one.")),
        _settings(),
        heading(_("Test symbol")),
        said(_(
            "Open Settings, Scanner in the program and scan this symbol. It holds every digit and letter, "
            "and the program says whether the scanner, its keyboard layout or the program is to be looked at."
        )),
        Spacer(1, 3 * mm),
        Symbol(TEST, _MODULE),
        Paragraph(marked(TEST), style.centred(9)),
        heading(_("A scanner on a serial line")),
        said(_(
            "A scanner that can be set to USB-COM (virtual serial port) knows no keyboard layout and never "
            "types into a form. Set it so, choose its port in Settings, Scanner, and keep the suffix CR."
        )),
    ]  # fmt: skip
    return document(story, title, lambda canvas, page, pages: _furniture(canvas, lab, page, pages),
                    margins=MARGINS)  # fmt: skip


def _settings() -> Table:
    rows = (
        (_("Suffix"), _("Enter (CR) behind every code.")),
        (_("Prefix"), _("None, or the AIM code identifier, which names the symbol (]d1, ]C0).")),
        (_("Keyboard layout"), _("The country of this computer's keyboard; not the ALT mode.")),
        (_("Delay between keys"), _("0 ms; at most 20 ms where keys are lost.")),
        (_("Letters"), _("As they are read: neither all small nor all capitals; Caps Lock is off.")),
        (_("Symbols"), _("Data Matrix and Code 128 on; what this lab does not use off.")),
        (_("Beep"), _("When a code was read; the program has sounds of its own for what it did.")),
    )
    table = Table(
        [
            [
                Box(),
                Paragraph(marked(name), style.text(10, bold=True)),
                Paragraph(marked(text), style.text(10)),
            ]
            for name, text in rows
        ],
        [_BOX, _NAME, WIDTH - _BOX - _NAME],
        hAlign="LEFT",
    )
    table = ruled(table)
    table.setStyle(style.of_table([("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _furniture(canvas: Canvas, lab: str, page: int, pages: int) -> None:
    running_head(canvas, _("Setting up a scanner"), lab)
    foot(canvas, "Biobank Desktop", page, pages)
