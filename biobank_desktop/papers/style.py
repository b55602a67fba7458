"""The look of our papers: one font family, one accent, sizes in points, A4 with wide margins."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import TableStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

REGULAR, BOLD = "BiobankSans", "BiobankSans-Bold"
_WIDE = "BiobankWide"
_FILES = {
    REGULAR: ("reportlab", "Vera.ttf"),
    BOLD: ("reportlab", "VeraBd.ttf"),
    _WIDE: ("barcode", "DejaVuSansMono.ttf"),
}
"""Bitstream Vera comes with reportlab (its free licence lies beside it) and has every Dutch letter; names
from further away are printed with DejaVu, which python-barcode brings."""
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

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
    for name, (package, file) in _FILES.items():
        origin = find_spec(package).origin  # type: ignore[union-attr]
        registerFont(TTFont(name, Path(str(origin)).parent / "fonts" / file))
    registerFontFamily(REGULAR, REGULAR, BOLD, REGULAR, BOLD)


def marked(text: str) -> str:
    """The text for a paragraph: escaped, raised digits raised, rare letters in a font that has them.

    Degrees stay with their number.
    """
    use_fonts()
    return "".join(_run(has, "".join(some)) for has, some in groupby(text.replace(" °", "\u00a0°"), _face))


def _face(character: str) -> str:
    """The font that draws a character; "raised" for a small digit, "" when no font has it."""
    if character in "⁰⁴⁵⁶⁷⁸⁹":
        return "raised"
    faces = (REGULAR, _WIDE)
    return next((face for face in faces if ord(character) in cast("Any", getFont(face)).face.charToGlyph), "")


def _run(face: str, text: str) -> str:
    if face == "raised":
        return f"<super>{text.translate(_RAISED)}</super>"
    if face == _WIDE:
        return f'<font name="{_WIDE}">{escape(text)}</font>'
    return escape(text) if face else "?" * len(text)


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


def of_table(commands: Sequence[tuple[Any, ...]]) -> TableStyle:
    """A style for a table: any cell of another would bring a font that is not in the file."""
    return TableStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR), *commands])
