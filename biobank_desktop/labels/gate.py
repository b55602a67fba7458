"""The gate before every printer: what does not read back from its own dots is not printed.

There is no switch to go round it, and a ``Page`` is made nowhere else. It exists because encoders fail
silently (python-barcode drops a leading 99 of a Code 128) and because a cut or blurred label is found only
years later, at −196 °C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Rejected, stops
from biobank_desktop.labels.page import Box, Page, length_mm
from biobank_desktop.labels.symbols import PAYLOAD, Symbology, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.labels.draft import Caption, Draft, Mark, Printable

_LEAST_DOTS = 2
_STURDY_DOTS = 3
_FINE_DPI = 300


class LabelRefused(Rejected):
    """A label that would not scan or not be whole; nothing of it is printed."""


def passed(draft: Draft) -> Page:
    """The page of a draft in which every symbol reads as its code. Raises ``LabelRefused``."""
    problems = list(found(draft))
    if stops(problems):
        raise LabelRefused(*problems)
    return Page(
        bits=draft.bits,
        width=draft.width,
        height=draft.height,
        dpi=draft.dpi,
        codes=tuple(mark.code for mark in draft.marks),
        warnings=(*draft.warnings, *problems),
    )


def found(draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong with a draft, warnings too."""
    ink = draft.ink
    whole = Box(0, 0, draft.width, draft.height)
    for mark in draft.marks:
        if not whole.holds(mark.quiet_zone):
            yield Problem("code", "label-quiet-zone", {"code": mark.code})
        else:
            yield from _wrong_symbol(ink, mark)
        yield from _wrong_modules(mark, draft.dpi)
    for caption in draft.captions:
        if not _stands(ink, caption):
            yield Problem("code", "label-id-incomplete", {"code": caption.code})
    if _stray(ink, draft.grounds):
        yield Problem("", "label-outside-printable")


def _wrong_symbol(ink: Image.Image, mark: Mark) -> Iterator[Problem]:
    """A symbol whose dots are not what they should be, or read as something else."""
    around = ink.crop(mark.quiet_zone.edges)
    read_back = read(mark.symbology, ImageChops.invert(around.convert("L")))
    if PAYLOAD.fullmatch(mark.code) is None:
        yield Problem("code", "label-symbol-characters", {"code": mark.code})
    if not read_back:
        yield Problem("code", "label-symbol-unreadable", {"code": mark.code})
    elif read_back != [mark.code]:
        yield Problem("code", "label-symbol-wrong", {"code": mark.code, "read": ", ".join(read_back)})
    if not _even(ink.crop(mark.box.edges), mark):
        yield Problem("code", "label-symbol-damaged", {"code": mark.code})
    inner = mark.box.moved(-mark.quiet_zone.left, -mark.quiet_zone.top)
    around.paste(0, inner.edges)
    if around.getbbox() is not None:
        yield Problem("code", "label-quiet-zone", {"code": mark.code})


def _even(symbol: Image.Image, mark: Mark) -> bool:
    """Whether every module is whole dots of one colour: error correction is kept for wear and frost."""
    columns = symbol.width // mark.module_dots
    rows = 1 if mark.symbology is Symbology.CODE_128 else symbol.height // mark.module_dots
    nearest = Image.Resampling.NEAREST
    again = symbol.resize((columns, rows), nearest).resize(symbol.size, nearest)
    return _same(again, symbol)


def _wrong_modules(mark: Mark, dpi: int) -> Iterator[Problem]:
    """Modules too small to survive the printer's dot gain (2-dot ones survive an eighth of a dot)."""
    module_mm = round(length_mm(mark.module_dots, dpi), 3)
    values = {"module_mm": module_mm, "smallest_mm": mark.smallest_mm, "dots": mark.module_dots, "dpi": dpi}
    if mark.module_dots < _LEAST_DOTS or module_mm < mark.smallest_mm:
        yield Problem("code", "label-module-too-small", values)
    elif mark.module_dots < _STURDY_DOTS and dpi >= _FINE_DPI:
        yield Problem("code", "label-module-fragile", values, warning=True)


def _stands(ink: Image.Image, caption: Caption) -> bool:
    """Whether the whole code stands there in letters, dot for dot."""
    there = ink.crop(caption.box.edges)
    return codes.normalise(caption.text) == caption.code and _same(there, caption.ink)


def _same(one: Image.Image, other: Image.Image) -> bool:
    """Whether two images of one size and mode "1" are equal, dot for dot."""
    return ImageChops.logical_xor(one, other).getbbox() is None


def _stray(ink: Image.Image, grounds: tuple[Printable, ...]) -> bool:
    """Whether ink lies outside every label, in a safe zone, or beside the printable parts.

    What may be inked is blotted out; nothing may be left.
    """
    for ground in grounds:
        ink.paste(0, ground.box.edges, ground.allowed)
    return ink.getbbox() is not None
