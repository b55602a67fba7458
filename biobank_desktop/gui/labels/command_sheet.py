"""The bench card: a sheet of barcodes that give orders when they are scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.labels import CommandLabel
from biobank_desktop.domain.scans import Command, command_code
from biobank_desktop.language import _

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from biobank_desktop.labels.printers import Told
    from biobank_desktop.labels.templates import Template

DPI = 300
TEMPLATE = "sheet-commands"


def command_labels() -> list[CommandLabel]:
    """A label per order, in the order of the card."""
    texts = {
        Command.SAVE: _("Save"),
        Command.UNDO: _("Undo"),
        Command.BACK: _("Back"),
        Command.NEXT_BOX: _("Next box"),
        Command.PRINT: _("Print"),
        Command.VOID: _("Void"),
        Command.FILL: _("Fill"),
        Command.LOCK: _("Lock"),
    }
    return [CommandLabel(command_code(command), texts[command]) for command in Command]


def sheet_template(connection: Connection) -> Template:
    """What the sheet is printed on: the lab's own layout, else the shipped one."""
    from biobank_desktop.services.templates import catalogue  # noqa: PLC0415

    return catalogue(connection).entry(TEMPLATE).template


def print_sheet(template: Template, labels: list[CommandLabel], folder: Path, title: str) -> Told:
    """Write the sheet to a new PDF file in the folder. Raises ``LabelRefused`` and ``Unavailable``."""
    from biobank_desktop.labels.printers import PdfFilePrinter, free_path  # noqa: PLC0415
    from biobank_desktop.labels.rendering import render_all  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    pages = render_all(template, labels, DPI)
    return PdfFilePrinter(free_path(folder, title), DPI).print(pages, title)
