"""Texts as black dots: hinted for the printer's own grid, shrunk to fit and only then shortened."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ELLIPSIS = "…"
_UNKNOWN = "\uffff"
_FOUND = {
    "regular": ("reportlab", "Vera.ttf"),
    "bold": ("reportlab", "VeraBd.ttf"),
    "wide": ("barcode", "DejaVuSansMono.ttf"),
}
"""Fonts that installed packages bring, so every machine prints the same; "wide" has the rarer characters."""

WEIGHTS = ("regular", "bold")


@dataclass(frozen=True)
class Line:
    """A text drawn as dots: ``ink`` is mode "1", ink is white (1), cut to its dots.

    ``left`` and ``top`` place it relative to the start of the baseline (``top`` is negative above it).
    ``shown`` is what stands there after shortening, ``missing`` the characters no font has.
    """

    shown: str
    size: int
    left: int
    top: int
    ink: Image.Image
    missing: str = ""

    @property
    def width(self) -> int:
        """Dots of ink across."""
        return self.ink.width

    @property
    def height(self) -> int:
        """Dots of ink from top to bottom."""
        return self.ink.height


@lru_cache(maxsize=512)
def fitted(text: str, weight: str, size: int, smallest: int, width: int) -> Line | None:
    """The text in at most ``width`` dots: at ``size`` dots an em, or smaller down to ``smallest``.

    None when even the smallest is too wide. Characters no font has become "?".
    """
    printable, missing, face = _printable(text, weight)
    while size >= smallest:
        needed = _font(face, size).getlength(printable)
        if needed <= width:
            line = _drawn(printable, face, size, math.ceil(needed), missing)
            if line.left >= 0 and line.left + line.width <= width:
                return line
            size -= 1
        else:
            size = min(size - 1, int(size * width / needed))
    return None


@lru_cache(maxsize=512)
def shortened(text: str, weight: str, size: int, width: int) -> Line | None:
    """The longest beginning of the text with an ellipsis that fits; None when not one character does."""
    for end in range(len(text) - 1, 0, -1):
        line = fitted(text[:end].rstrip() + ELLIPSIS, weight, size, size, width)
        if line is not None:
            return line
    return None


@lru_cache(maxsize=64)
def extent(weight: str, size: int) -> tuple[int, int]:
    """Dots a font of one size may reach above and below the baseline, accents left out.

    Measured on the tallest letters and the longest tails of the alphabet, not the font's own claim, which
    keeps room for accented capitals and wastes a fifth of a small label.
    """
    _, top, _, bottom = _font(weight, size).getbbox("Qgjpqy0HÅ(/|", mode="1", anchor="ls")
    return (-int(top), int(bottom))


@lru_cache(maxsize=64)
def capital_height(weight: str, size: int) -> int:
    """The dots of a capital or digit above the baseline (round ones overshoot by their own dot)."""
    return -int(_font(weight, size).getbbox("0HOM26", mode="1", anchor="ls")[1])


def _drawn(text: str, face: str, size: int, width: int, missing: str) -> Line:
    """The dots of a text that is ``width`` dots wide, cut to the ink."""
    font = _font(face, size)
    canvas = Image.new("1", (width + 2 * size, 3 * size), 0)
    draw = ImageDraw.Draw(canvas)
    draw.text((size, 2 * size), text, fill=1, font=font, anchor="ls")
    box = canvas.getbbox() or (size, 2 * size, size, 2 * size)
    return Line(text, size, box[0] - size, box[1] - 2 * size, canvas.crop(box), missing)


@lru_cache(maxsize=64)
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """The font of one face at a size in dots an em; BASIC layout, which is the same on every machine."""
    return ImageFont.truetype(_file(face), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=len(_FOUND))
def _file(face: str) -> str:
    """Where the font's file is, found without importing its package (reportlab takes 100 ms)."""
    package, name = _FOUND[face]
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"the package {package} with the font {name} is not installed")
    return str(Path(found.origin).parent / "fonts" / name)


def _printable(text: str, weight: str) -> tuple[str, str, str]:
    """The text with "?" for what no font has, those characters, and the face that draws it."""
    if all(_has(weight, character) for character in text):
        return text, "", weight
    missing = "".join(character for character in text if not _has("wide", character))
    shown = "".join(character if _has("wide", character) else "?" for character in text)
    return shown, missing, "wide"


@lru_cache(maxsize=1024)
def _has(face: str, character: str) -> bool:
    """Whether the font can draw a character (else FreeType draws its empty box)."""
    if character == " ":
        return True
    font = _font(face, 32)
    mask = font.getmask(character, mode="1")
    return mask.getbbox() is not None and bytes(mask) != bytes(font.getmask(_UNKNOWN, mode="1"))
