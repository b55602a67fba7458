"""The look of our papers: one font family, one accent, sizes in points, A4 with wide margins."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import reportlab
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, ITALIC = "BiobankSans", "BiobankSans-Bold", "BiobankSans-Italic"
_FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf", f"{BOLD}-Italic": "VeraBI.ttf"}
"""Bitstream Vera comes with reportlab (its free licence lies beside it) and has every Dutch letter."""

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 24 * mm
ACCENT = HexColor("#12525c")
SOFT = HexColor("#eef3f3")
RULE = HexColor("#b8c6c8")
MUTED = HexColor("#4d5b5e")
INK, PAPER = black, white


@cache
def use_fonts() -> None:
    """Make the fonts known to reportlab, once."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in _FILES.items():
        registerFont(TTFont(name, folder / file))
    registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, f"{BOLD}-Italic")


@cache
def text(size: float, *, bold: bool = False, before: float = 0, after: float = 0) -> ParagraphStyle:
    """Running text; ``before`` and ``after`` in points."""
    use_fonts()
    return ParagraphStyle(
        f"text-{size}-{bold}-{before}-{after}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.42,
        textColor=INK,
        spaceBefore=before,
        spaceAfter=after,
        allowWidows=0,
        allowOrphans=0,
    )


@cache
def heading(size: float, *, before: float, after: float) -> ParagraphStyle:
    """A heading, which stays with what follows."""
    return ParagraphStyle(
        f"heading-{size}-{before}",
        parent=text(size, bold=True, before=before, after=after),
        leading=size * 1.25,
        textColor=ACCENT,
        keepWithNext=1,
    )


@cache
def small(size: float = 8, *, bold: bool = False) -> ParagraphStyle:
    """Captions and cells."""
    return ParagraphStyle(
        f"small-{size}-{bold}",
        parent=text(size, bold=bold),
        leading=size * 1.3,
        textColor=INK if bold else MUTED,
    )


@cache
def centred(size: float) -> ParagraphStyle:
    """Bold and in the middle, below a symbol."""
    return ParagraphStyle(f"centred-{size}", parent=small(size, bold=True), alignment=TA_CENTER)
