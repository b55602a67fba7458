"""The pages of a scan as pictures, drawn in memory only: a PDF by pdfium, an image by Pillow."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from biobank_desktop.domain.problems import Problem, Rejected

if TYPE_CHECKING:
    from PIL.Image import Image

    from biobank_desktop.services.identity.scans import FormScan

_MOST_PIXELS = 24_000_000
"""More than A4 at 400 dpi; a page that says it is larger is drawn smaller."""
_MOST_READ = 80_000_000
"""A3 at 600 dpi is 70 million; an image that says it has more was made to fill the memory."""
_MOST_PAGES = 999
_IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}


@dataclass(frozen=True, repr=False)
class Drawn:
    """One page, drawn; the first is page 0."""

    image: QImage
    page: int
    pages: int


def draw(scan: FormScan, page: int, width: int) -> Drawn:
    """Draw a page so wide; one after the last is the last. Belongs to one thread: pdfium knows no other.

    Raises ``Rejected`` when the file is damaged (``scan-not-drawn``) or asks for a password
    (``scan-asks-password``).
    """
    try:
        return (
            _draw_pdf(scan.content, page, width)
            if scan.media_type not in _IMAGES
            else _draw(scan, page, width)
        )
    except Rejected:
        raise
    except Exception as error:  # a decoder of damaged files raises whatever it comes upon
        raise Rejected(Problem("scan", "scan-not-drawn")) from error


def _draw_pdf(content: bytes, page: int, width: int) -> Drawn:
    from pypdfium2 import PdfDocument, PdfiumError  # noqa: PLC0415
    from pypdfium2.raw import FPDF_ERR_PASSWORD  # noqa: PLC0415

    try:
        document = PdfDocument(content)
    except PdfiumError as error:
        locked = error.err_code == FPDF_ERR_PASSWORD
        raise Rejected(Problem("scan", "scan-asks-password" if locked else "scan-not-drawn")) from error
    try:
        pages = min(len(document), _MOST_PAGES)
        at = max(0, min(page, pages - 1))
        one = document[at]
        wide, high = one.get_size()
        scale = min(width / wide, (_MOST_PIXELS / (wide * high)) ** 0.5)
        picture = one.render(scale=scale).to_pil()
        return Drawn(_image(picture), at, pages)
    finally:
        document.close()


def _draw(scan: FormScan, page: int, width: int) -> Drawn:
    from PIL import Image, ImageOps  # noqa: PLC0415

    with Image.open(io.BytesIO(scan.content), formats=[_IMAGES[scan.media_type]]) as opened:
        pages = min(getattr(opened, "n_frames", 1), _MOST_PAGES)
        at = max(0, min(page, pages - 1))
        opened.seek(at)
        if opened.width * opened.height > _MOST_READ:
            raise Rejected(Problem("scan", "scan-not-drawn"))
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    scale = min(width / upright.width, (_MOST_PIXELS / (upright.width * upright.height)) ** 0.5)
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    return Drawn(_image(upright.resize(size, Image.Resampling.LANCZOS)), at, pages)


def _image(picture: Image) -> QImage:
    rgb = picture.convert("RGB")
    made = QImage(rgb.tobytes(), rgb.width, rgb.height, rgb.width * 3, QImage.Format.Format_RGB888)
    return made.copy()  # the bytes are gone when this returns
