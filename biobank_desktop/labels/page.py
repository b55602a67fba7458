"""A label or sheet in whole printer dots: what every printer, file and preview takes."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from biobank_desktop.domain.problems import Problem

MM_PER_INCH = 25.4
LOWEST_DPI, HIGHEST_DPI = 200, 1200
"""The printers there are for labels."""


def nearest_dots(length_mm: float, dpi: int) -> int:
    """The whole dots nearest to a length."""
    return round(length_mm * dpi / MM_PER_INCH)


def inner_dots(length_mm: float, dpi: int) -> int:
    """The whole dots that lie within a length (a hair's rounding error counts as within)."""
    return math.floor(length_mm * dpi / MM_PER_INCH + 1e-6)


def length_mm(dots: int, dpi: int) -> float:
    """The length of a number of dots."""
    return dots * MM_PER_INCH / dpi


@dataclass(frozen=True)
class Box:
    """A rectangle of dots on a page; ``right`` and ``bottom`` are the first dots outside."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column right of it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, as Pillow wants them."""
        return (self.left, self.top, self.right, self.bottom)

    def holds(self, other: Box) -> bool:
        """Whether ``other`` lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def grown(self, across: int, along: int) -> Box:
        """The box with ``across`` dots more left and right, ``along`` more above and below."""
        return Box(self.left - across, self.top - along, self.width + 2 * across, self.height + 2 * along)

    def moved(self, left: int, top: int) -> Box:
        """The same box, so many dots further right and down."""
        return Box(self.left + left, self.top + top, self.width, self.height)


@dataclass(frozen=True)
class Page:
    """One label or sheet that has passed the gate: only ``gate.passed`` makes one.

    ``bits`` are rows from the top, one bit a dot, the leftmost dot the highest bit, 1 is ink, each row
    filled up to a whole byte with 0 (as ZPL and PDF image masks have it). ``codes`` are the texts of the
    symbols as they were decoded from these very bits, in reading order of the template.
    """

    bits: bytes
    width: int
    height: int
    dpi: int
    codes: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8

    @property
    def width_mm(self) -> float:
        """The width of the dots: at most one dot less than the stock's."""
        return length_mm(self.width, self.dpi)

    @property
    def height_mm(self) -> float:
        """The height of the dots: at most one dot less than the stock's."""
        return length_mm(self.height, self.dpi)

    @property
    def image(self) -> Image.Image:
        """A new Pillow image of mode "1", black on white."""
        return Image.frombytes("1", (self.width, self.height), self.bits, "raw", "1;I")

    @property
    def sha256(self) -> str:
        """The fingerprint of the bits, to be kept with what was printed."""
        return hashlib.sha256(self.bits).hexdigest()

    def png(self, enlarged: int = 1) -> bytes:
        """The page as a PNG for the preview, every dot ``enlarged`` times as large."""
        image = self.image
        if enlarged > 1:
            image = image.resize((self.width * enlarged, self.height * enlarged), Image.Resampling.NEAREST)
        stream = io.BytesIO()
        image.save(stream, "PNG", dpi=(self.dpi * enlarged, self.dpi * enlarged))
        return stream.getvalue()
