"""Barcodes as modules, and modules read back: Data Matrix on vials and caps, Code 128 on flat things."""

from __future__ import annotations

import math
import re
from enum import Enum

import zxingcpp
from barcode.codex import Code128
from PIL import Image, ImageChops


class Symbology(Enum):
    """The symbols we print; the value is the word in a template."""

    DATA_MATRIX = "datamatrix"
    CODE_128 = "code128"

    @property
    def quiet_modules(self) -> tuple[int, int]:
        """Empty modules left and right, above and below.

        Data Matrix: ISO/IEC 16022 asks 1, 58 of 60 read at 1 and all at 2. Code 128: ISO/IEC 15417.
        """
        return (2, 2) if self is Symbology.DATA_MATRIX else (10, 0)


PAYLOAD = re.compile(r"[0-9A-Z]+")
"""What a symbol may carry: other characters change with keyboard layouts or are eaten by printers."""

_INK = bytes.maketrans(b"01", b"\x00\xff")
FORMATS = {
    Symbology.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    Symbology.CODE_128: zxingcpp.BarcodeFormat.Code128,
}


def modules(symbology: Symbology, text: str) -> Image.Image:
    """The symbol at one dot a module, mode "L", ink is 255, without quiet zone; a Code 128 is one row high.

    Whether it reads as ``text`` is for the gate to find out.
    """
    if symbology is Symbology.CODE_128:
        # A new object each time: a second build() on the same one keeps state and may differ.
        bars = Code128(text).build()[0]
        return Image.frombytes("L", (len(bars), 1), bars.encode().translate(_INK))
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    view = memoryview(barcode.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]
    side = math.isqrt(view.nbytes)
    return ImageChops.invert(Image.frombytes("L", (side, side), bytes(view)))


def read(symbology: Symbology, image: Image.Image) -> list[str]:
    """The texts of all symbols of one kind in an image of mode "L", upright and black on white.

    The reader finds the symbol by itself: it is told neither where it is nor what it should say.
    """
    found = zxingcpp.read_barcodes(
        memoryview(image.tobytes()).cast("B", (image.height, image.width)),
        formats=[FORMATS[symbology]],  # type: ignore[arg-type]
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [barcode.text for barcode in found]
