"""What is drawn rather than written: boxes to cross, answers that read in black and white, symbols."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image, ImageChops, ImageOps
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.labels.symbols import Symbology, modules, read
from biobank_desktop.papers import style

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

ANSWERS = ("yes", "no", "not-asked", "not-answered")
_TRIED_DOTS, _QUIET = 4, 2
_PRINTED_DOT = 72 / 300
_QR_DOTS, _QR_QUIET = 4, 4
QR_SIDE = (177 + 2 * _QR_QUIET) * _QR_DOTS * _PRINTED_DOT
"""The side of the largest QR code there is, in points."""


class Box(Flowable):
    """An empty box to put a cross in; ``side`` in points."""

    def __init__(self, side: float = 4.2 * mm) -> None:
        super().__init__()
        self.width = self.height = side

    def draw(self) -> None:
        """Draw it."""
        canvas = self.canv
        canvas.setStrokeColor(style.INK)
        canvas.setLineWidth(0.9)
        canvas.roundRect(0, 0, self.width, self.height, 1.2)


class Answer(Flowable):
    """One answer as a shape: full with a tick yes, framed with a cross no, a dash not asked, "?" open."""

    def __init__(self, answer: str, side: float = 3.2 * mm) -> None:
        super().__init__()
        self.answer = answer
        self.width = self.height = side

    def draw(self) -> None:
        """Draw it."""
        canvas, side = self.canv, self.width
        canvas.saveState()
        canvas.setLineCap(1)
        canvas.setStrokeColor(style.INK)
        canvas.setFillColor(style.INK)
        canvas.setLineWidth(side * 0.09)
        if self.answer == "yes":
            canvas.roundRect(0, 0, side, side, side * 0.15, stroke=0, fill=1)
            canvas.setStrokeColor(style.PAPER)
            canvas.setLineWidth(side * 0.15)
            canvas.lines(_scaled(side, ((0.22, 0.5, 0.43, 0.27), (0.43, 0.27, 0.79, 0.74))))
        elif self.answer == "no":
            canvas.roundRect(0, 0, side, side, side * 0.15)
            canvas.lines(_scaled(side, ((0.25, 0.25, 0.75, 0.75), (0.25, 0.75, 0.75, 0.25))))
        elif self.answer == "not-asked":
            canvas.line(side * 0.3, side / 2, side * 0.7, side / 2)
        else:
            canvas.setDash(side * 0.12, side * 0.2)
            canvas.roundRect(0, 0, side, side, side * 0.15)
            canvas.setFont(style.BOLD, side * 0.75)
            canvas.drawCentredString(side / 2, side * 0.24, "?")
        canvas.restoreState()


def _scaled(side: float, lines: tuple[tuple[float, ...], ...]) -> list[tuple[float, ...]]:
    return [tuple(end * side for end in line) for line in lines]


class Symbol(Flowable):
    """A code as a Data Matrix in whole modules, with its quiet zone; read back before it is drawn."""

    def __init__(self, code: str, module: float = 0.9 * mm) -> None:
        super().__init__()
        self._image = readable(code)
        self._module = module
        self.hAlign = "CENTER"
        self.width = self.height = (self._image.width + 2 * _QUIET) * module

    def draw(self) -> None:
        """Draw it row by row; neighbouring modules are one rectangle, so that no seam shows."""
        draw_modules(self.canv, self._image, _QUIET * self._module, _QUIET * self._module, self._module)


class QrCode(Flowable):
    """A long text as a QR code, four dots of 300 dpi a module; read back before it is drawn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._image = _readable_qr(text)
        self._module = _QR_DOTS * _PRINTED_DOT
        self.width = self.height = (self._image.width + 2 * _QR_QUIET) * self._module

    def draw(self) -> None:
        """Draw it with its quiet zone."""
        quiet = _QR_QUIET * self._module
        draw_modules(self.canv, self._image, quiet, quiet, self._module)


def draw_modules(canvas: Canvas, image: Image.Image, x: float, y: float, module: float) -> None:
    """The modules of a symbol with its lower left corner at (x, y), in points."""
    canvas.saveState()
    canvas.setFillColor(style.INK)
    path = canvas.beginPath()
    for row in range(image.height):
        column = 0
        while column < image.width:
            run = 0
            while column + run < image.width and image.getpixel((column + run, row)):
                run += 1
            if run:
                top = y + (image.height - row - 1) * module
                path.rect(x + column * module, top, run * module, module)
            column += run or 1
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def readable(code: str) -> Image.Image:
    """The modules of a code. Raises ``Rejected`` when they do not read as the code again."""
    image = modules(Symbology.DATA_MATRIX, code)
    tried = image.resize((image.width * _TRIED_DOTS, image.height * _TRIED_DOTS), Image.Resampling.NEAREST)
    tried = ImageOps.expand(tried, border=_QUIET * _TRIED_DOTS, fill=0)
    if read(Symbology.DATA_MATRIX, ImageChops.invert(tried)) != [code]:
        raise Rejected(Problem("code", "label-symbol-unreadable", {"code": code}))
    return image


def _readable_qr(text: str) -> Image.Image:
    """The modules of a text, mended the better the shorter it is.

    Raises ``Rejected`` when it is too long for a symbol, or does not read as the text again.
    """
    for level in ("M", "L"):
        try:
            made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
        except ValueError:
            continue
        view = memoryview(made.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]
        side = math.isqrt(view.nbytes)
        image = Image.frombytes("L", (side, side), bytes(view))
        tried = image.resize(
            (image.width * _TRIED_DOTS, image.height * _TRIED_DOTS), Image.Resampling.NEAREST
        )
        tried = ImageOps.expand(tried, border=_QR_QUIET * _TRIED_DOTS, fill=255)
        found = zxingcpp.read_barcodes(tried, formats=[zxingcpp.BarcodeFormat.QRCode])  # type: ignore[arg-type]
        if [one.text for one in found] != [text]:
            raise Rejected(Problem("", "proof-symbol-unreadable"))
        return ImageChops.invert(image)
    raise Rejected(Problem("", "proof-too-long"))
