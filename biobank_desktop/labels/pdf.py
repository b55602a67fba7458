"""Pages as PDF: each page is its own bits at its own size, so a module stays whole dots on paper.

Drawn bars were damaged by the print path of CUPS (a module of 3 + 3 dots came out 4 + 2); a one-bit image of
the whole page at the printer's resolution came out dot for dot.
"""

from __future__ import annotations

import io
import math
import zlib
from typing import TYPE_CHECKING, Any, cast

from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.labels.page import Page

POINTS_PER_INCH = 72
_HAIR = 0.0005
"""Points a page is smaller than its dots: 93.36 pt is a little more as a 32-bit float, and a rasteriser that
rounds up would then stretch the image by a dot. At 600 dpi it is a two-hundredth of a dot."""


def whole_points(dots: int, dpi: int) -> int:
    """The whole points that so many dots fit on."""
    return math.ceil(dots * POINTS_PER_INCH / dpi)


def pdf(pages: Sequence[Page], title: str, *, on_whole_points: bool = False) -> bytes:
    """The pages as one PDF, invariant: the same pages give the same bytes. Print it at 100 %, never "fit".

    ``on_whole_points`` adds what is missing to whole points right of and below the dots: a spooler that
    rounds the paper would move them.
    """
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Biobank Desktop")
    # Asks the viewer's print window not to scale; whoever prints can still choose otherwise.
    canvas.setViewerPreference("PrintScaling", "None")
    for number, page in enumerate(pages, start=1):
        width, height = (dots * POINTS_PER_INCH / page.dpi - _HAIR for dots in (page.width, page.height))
        paper = (width, height)
        if on_whole_points:
            paper = (whole_points(page.width, page.dpi), whole_points(page.height, page.dpi))
        canvas.setPageSize(paper)
        canvas.translate(0, paper[1] - height)
        _draw(canvas, f"label{number}", page, width, height)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


class _Bits(PDFImageXObject):
    """A one-bit image: reportlab's own reader would make three bytes of each dot."""

    def __init__(self, name: str, page: Page) -> None:
        super().__init__(name)
        self.width, self.height = page.width, page.height
        self.bitsPerComponent = 1
        self.colorSpace = "DeviceGray"
        self._filters = ("FlateDecode",)
        self._decode = [1, 0]  # our 1 is ink, which is 0 of DeviceGray
        self.streamContent: Any = zlib.compress(page.bits, 6)  # the stubs want a str, the writer takes both


def _draw(canvas: Canvas, name: str, page: Page, width: float, height: float) -> None:
    """Fill the page with its bits, a hair from every edge."""
    # reportlab has no public door for an image object made by oneself.
    cast("Any", canvas)._doc.addForm(name, _Bits(name, page))  # noqa: SLF001
    canvas.saveState()
    canvas.transform(width - 2 * _HAIR, 0, 0, height - 2 * _HAIR, _HAIR, _HAIR)
    canvas.doForm(name)
    canvas.restoreState()
