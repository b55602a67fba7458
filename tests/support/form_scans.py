"""Scans of signed forms for the tests: small files of every kind, and a line that names one."""

from __future__ import annotations

import io
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from biobank_desktop.services.consent import ConsentForm, record_consent
from tests.support.databases import ANNA

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def pdf(*pages: str, password: str | None = None) -> bytes:
    """A PDF with one line of text on each page."""
    content = io.BytesIO()
    canvas = Canvas(content, A4, encrypt=password, invariant=1)
    for text in pages or ("Signed form",):
        canvas.setFont("Helvetica", 16)
        canvas.drawString(72, 740, text)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def image(kind: str, pages: int = 1, size: tuple[int, int] = (620, 877)) -> bytes:
    """A page as an image of this kind ("PNG", "JPEG", "TIFF"); a TIFF may have several."""
    drawn = []
    for number in range(1, pages + 1):
        page = Image.new("RGB", size, "white")
        ImageDraw.Draw(page).text((40, 40), f"Page {number}", fill="black")
        drawn.append(page)
    content = io.BytesIO()
    more = {"save_all": True, "append_images": drawn[1:]} if pages > 1 else {}
    drawn[0].save(content, kind, **more)
    return content.getvalue()


PDF = pdf("Signed form", "Signatures")


def line_with(
    store: Store, donor: str, content: bytes, actor: Actor = ANNA, signatory: str = "mother"
) -> int:
    """Enter a consent line whose signing names this scan; the line's number."""
    form = ConsentForm(
        donor,
        "given",
        signatory,
        date(2026, 11, 2),
        date(2026, 11, 3),
        {"STORE": "yes"},
        form="ALLTogether1 biobank",
        form_version="3.0",
        scan_sha256=sha256(content).hexdigest(),
    )
    return record_consent(store, actor, form)
