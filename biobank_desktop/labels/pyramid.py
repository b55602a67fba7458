"""Symbols in a picture of the world: slanted, blurred, nearer or further than the reader is made for.

zxing-cpp loses a Data Matrix that is too large in the picture (36 of 40 read at 5 pixels a module, 1 of 40 at
11), so the same picture is tried smaller and smaller, and a little blurred, until something reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image, ImageFilter

from biobank_desktop.labels.symbols import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCALES = (0.7, 0.5, 0.35, 0.25)
_LEAST_PIXELS = 32
"""No symbol with its margin is smaller at the two pixels a module that a reader needs."""


def read_anywhere(image: Image.Image) -> list[str]:
    """The texts of the symbols in a picture of mode "L", dark on light, each once; none when none reads.

    Only the kinds that we print are looked for. More than one text is for the caller to refuse: nobody can
    say which was meant.
    """
    for level in _levels(image):
        found = zxingcpp.read_barcodes(
            memoryview(level.tobytes()).cast("B", (level.height, level.width)),
            formats=list(FORMATS.values()),  # type: ignore[arg-type]
            try_downscale=False,
            try_invert=False,
            text_mode=zxingcpp.TextMode.Plain,
        )
        if found:
            return list(dict.fromkeys(barcode.text for barcode in found))
    return []


def _levels(image: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is, a little blurred, and ever smaller."""
    yield image
    yield image.filter(ImageFilter.GaussianBlur(1))
    for scale in _SCALES:
        size = round(image.width * scale), round(image.height * scale)
        if min(size) >= _LEAST_PIXELS:
            yield image.resize(size, Image.Resampling.BOX)
