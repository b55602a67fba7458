"""Symbols in a picture of the world: slanted, blurred, nearer or further than the reader is made for.

zxing-cpp loses a Data Matrix that is too large in the picture (36 of 40 read at 5 pixels a module, 1 of 40 at
11), so the same picture is tried smaller and smaller, and a little blurred, until something reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image, ImageFilter

from biobank_desktop.labels.symbols import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SCALES = (0.7, 0.5, 0.35, 0.25)
_LEAST_PIXELS = 32
"""No symbol with its margin is smaller at the two pixels a module that a reader needs."""
_EDGE_PIXELS = 8


@dataclass(frozen=True)
class Symbol:
    """A symbol in a picture: what it says, its AIM identifier, its corners in pixels, one after the other.

    It is ``whole`` when it has some room to every edge of the picture: nobody sees what lies beyond.
    """

    text: str
    aim: str
    corners: tuple[tuple[float, float], ...]
    whole: bool


def read_anywhere(image: Image.Image) -> list[str]:
    """The texts of the symbols in a picture of mode "L", dark on light, each once; none when none reads.

    Only the kinds that we print are looked for. More than one text is for the caller to refuse: nobody can
    say which was meant.
    """
    for level in _levels(image):
        found = _read(level)
        if found:
            return list(dict.fromkeys(barcode.text for barcode in found))
    return []


def find_all(image: Image.Image) -> list[Symbol]:
    """Every symbol in a picture of mode "L": all sizes are read, as a neighbour may read at another one.

    A bad Code 128 is now and then read wrong at one size and right at another: then it is not read at all.
    """
    symbols: list[Symbol] = []
    for level in _levels(image):
        known = {symbol.text for symbol in symbols}
        symbols += [_symbol(barcode, level, image) for barcode in _read(level) if barcode.text not in known]
    return agreed(symbols)


def agreed(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Those that say one thing only: where two texts were read in one place, at least one is wrong."""
    return [
        one
        for one in symbols
        if not any(one.text != other.text and _overlap(one, other) for other in symbols)
    ]


def _overlap(one: Symbol, other: Symbol) -> bool:
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = _box(one), _box(other)
    return left <= right_2 and left_2 <= right and top <= bottom_2 and top_2 <= bottom


def _box(symbol: Symbol) -> tuple[float, float, float, float]:
    across, down = zip(*symbol.corners, strict=True)
    return min(across), min(down), max(across), max(down)


def _read(level: Image.Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(
        memoryview(level.tobytes()).cast("B", (level.height, level.width)),
        formats=list(FORMATS.values()),  # type: ignore[arg-type]
        try_downscale=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )


def _symbol(barcode: zxingcpp.Barcode, level: Image.Image, image: Image.Image) -> Symbol:
    """The symbol in the pixels of the whole picture."""
    place, scale = barcode.position, image.width / level.width
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    corners = tuple((point.x * scale, point.y * scale) for point in points)
    whole = all(
        _EDGE_PIXELS <= x < image.width - _EDGE_PIXELS and _EDGE_PIXELS <= y < image.height - _EDGE_PIXELS
        for x, y in corners
    )
    return Symbol(barcode.text, barcode.symbology_identifier, corners, whole)


def _levels(image: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is, a little blurred, and ever smaller."""
    yield image
    yield image.filter(ImageFilter.GaussianBlur(1))
    for scale in _SCALES:
        size = round(image.width * scale), round(image.height * scale)
        if min(size) >= _LEAST_PIXELS:
            yield image.resize(size, Image.Resampling.BOX)
