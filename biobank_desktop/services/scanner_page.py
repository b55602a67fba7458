"""The page for setting a scanner up, written into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.language import chosen
from biobank_desktop.papers.scanner_page import scanner_page_pdf
from biobank_desktop.services.paper_files import written_together
from biobank_desktop.services.papers import lab_name

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

NAME = "scanner.pdf"


def scanner_page(connection: Connection) -> bytes:
    """The page of this lab. Raises ``Rejected`` when its symbol does not read as it should."""
    return scanner_page_pdf(lab_name(connection, chosen()))


def keep_scanner_page(content: bytes, folder: Path) -> Path:
    """Write the page into the folder and say where it is. Raises ``Unavailable``."""
    with written_together(folder) as files:
        files.add(NAME, content)
    return folder / NAME
