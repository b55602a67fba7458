"""The label that shows what a printer and a scanner can do on a stock: small symbols, a ruler, a cross.

It is no sample's. Its symbols are command barcodes of the year 2000, which no command has, each of a serial
that says its dots a module, and as large as a sample's of the same dots. It goes through the gate as every
label does: the least module it asks for is the one it shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import strip_aim
from biobank_desktop.labels import gate
from biobank_desktop.labels.draft import Draft, Mark
from biobank_desktop.labels.drawing import printable
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.page import Box, inner_dots, length_mm, nearest_dots
from biobank_desktop.labels.sheets import impose
from biobank_desktop.labels.symbols import Symbology, modules
from biobank_desktop.labels.text import fitted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.templates import Area, Stock

MODULES = (2, 3, 4, 5)
"""The dots a module that are shown, where the stock has room."""

_YEAR = 2000
_ARM_MM = 1.0
_LINE_MM = 0.15
_TICK_MM, _LONG_TICK_MM = 0.7, 1.3
_EM_MM = 1.5
_APART_MM = 5.0
_NEAREST = Image.Resampling.NEAREST


@dataclass(frozen=True)
class Calibration:
    """The label for one stock: ``page`` as the printer gets it, ``dots`` the modules that are on it.

    The middle of the cross must come out ``cross_mm`` from the right and from the lower edge of the side, and
    the ruler, a tick a millimetre, must be as long as a real one.
    """

    page: Page
    dots: tuple[int, ...]
    cross_mm: float


def calibration(stock: Stock, dpi: int, first: int = 1) -> Calibration:
    """The label for a stock, on the place ``first`` when the stock is a sheet.

    Raises ``LabelRefused`` when there is no such place, or no room for the smallest symbol.
    """
    part = next((one for one in stock.parts if one.kind == "side"), stock.parts[0])
    sketch = _Sketch(stock, part.area, dpi)
    cross_mm = math.ceil(2 * (stock.safe_mm + _ARM_MM)) / 2
    sketch.rule()
    sketch.cross(cross_mm)
    sketch.symbols(part.area.right_mm - cross_mm - _ARM_MM)
    if not sketch.marks:
        raise LabelRefused(Problem("code", "label-symbol-does-not-fit", {"code": code_of(MODULES[0])}))
    draft = sketch.draft()
    if stock.sheet is not None:
        (draft,) = impose(stock.sheet, [draft], first)
    return Calibration(gate.passed(draft), tuple(mark.module_dots for mark in sketch.marks), cross_mm)


def passed(scans: Iterable[str]) -> tuple[int, ...]:
    """The dots a module of the symbols that were scanned, smallest first; other scans say nothing here."""
    read = {strip_aim(scan.strip())[1] for scan in scans}
    return tuple(dots for dots in MODULES if code_of(dots) in read)


@cache
def code_of(dots: int) -> str:
    """The code of the symbol with so many dots a module: the first serial from a hundred times them on."""
    return codes.run(CodeKind.COMMAND, _YEAR, 100 * dots, 1)[0]


def _across(marks: list[Mark]) -> int:
    """The dots that symbols need side by side."""
    return sum(mark.quiet_zone.width for mark in marks)


class _Sketch:
    """The label while it is drawn."""

    def __init__(self, stock: Stock, area: Area, dpi: int) -> None:
        self.dpi = dpi
        self.ground = printable(stock, dpi)
        self.image = Image.new("1", (self.ground.box.width, self.ground.box.height), 0)
        self.marks: list[Mark] = []
        self.area = area
        self.left_mm, self.top_mm = area.x_mm + stock.safe_mm, area.y_mm + stock.safe_mm
        self.right_mm, self.bottom_mm = area.right_mm - stock.safe_mm, area.bottom_mm - stock.safe_mm
        self.thickness = max(1, nearest_dots(_LINE_MM, dpi))

    def rule(self) -> None:
        """A tick a millimetre along the upper edge, each fifth a long one."""
        self.ink(self.left_mm, self.top_mm, self.right_mm - self.left_mm, 0.0)
        last = inner_dots(self.right_mm, self.dpi) - self.thickness
        for millimetre in range(round(self.area.width_mm)):
            if nearest_dots(self.left_mm + millimetre, self.dpi) <= last:
                tick_mm = _TICK_MM if millimetre % 5 else _LONG_TICK_MM
                self.ink(self.left_mm + millimetre, self.top_mm, 0.0, tick_mm)

    def cross(self, away_mm: float) -> None:
        """A cross whose middle is so far from the right and from the lower edge."""
        x_mm, y_mm = self.area.right_mm - away_mm, self.area.bottom_mm - away_mm
        half_mm = length_mm(self.thickness // 2, self.dpi)
        self.ink(x_mm - _ARM_MM, y_mm - half_mm, 2 * _ARM_MM, 0.0)
        self.ink(x_mm - half_mm, y_mm - _ARM_MM, 0.0, 2 * _ARM_MM)

    def ink(self, x_mm: float, y_mm: float, width_mm: float, height_mm: float) -> None:
        """A line from a corner on; the side that is no length is as thick as all lines."""
        left, top = nearest_dots(x_mm, self.dpi), nearest_dots(y_mm, self.dpi)
        width = max(self.thickness, inner_dots(x_mm + width_mm, self.dpi) - left)
        height = max(self.thickness, inner_dots(y_mm + height_mm, self.dpi) - top)
        self.image.paste(1, Box(left, top, width, height).edges)

    def symbols(self, right_mm: float) -> None:
        """The symbols side by side below the ruler, apart where there is room: a scanner aims at one."""
        left = nearest_dots(self.left_mm, self.dpi)
        top = nearest_dots(self.top_mm + _LONG_TICK_MM, self.dpi) + 1
        room = inner_dots(right_mm, self.dpi) - left
        bottom = inner_dots(self.bottom_mm, self.dpi)
        shown = [self.mark(dots, top) for dots in MODULES]
        while shown and (_across(shown) > room or shown[-1].quiet_zone.bottom > bottom):
            shown.pop()
        gap = min(nearest_dots(_APART_MM, self.dpi), (room - _across(shown)) // max(1, len(shown) - 1))
        for mark in shown:
            placed = mark.moved(left, 0)
            symbol = modules(mark.symbology, mark.code).resize((mark.box.width, mark.box.height), _NEAREST)
            self.image.paste(1, (placed.box.left, placed.box.top), symbol)
            self.marks.append(placed)
            self.number(placed, bottom)
            left = placed.quiet_zone.right + gap

    def mark(self, dots: int, top: int) -> Mark:
        """The symbol of so many dots a module, its quiet zone at the left edge."""
        symbol = modules(Symbology.DATA_MATRIX, code_of(dots))
        across, along = Symbology.DATA_MATRIX.quiet_modules
        box = Box(across * dots, top + along * dots, symbol.width * dots, symbol.height * dots)
        least_mm = round(length_mm(dots, self.dpi), 3)
        return Mark(code_of(dots), Symbology.DATA_MATRIX, box, dots, least_mm)

    def number(self, mark: Mark, bottom: int) -> None:
        """The dots a module in letters below the symbol, where there is room."""
        zone, size = mark.quiet_zone, nearest_dots(_EM_MM, self.dpi)
        line = fitted(str(mark.module_dots), "bold", size, size, zone.width)
        if line is not None and zone.bottom + line.height <= bottom:
            self.image.paste(1, (zone.left + (zone.width - line.width) // 2, zone.bottom), line.ink)

    def draft(self) -> Draft:
        """What was drawn, for the gate."""
        return Draft(
            image=self.image,
            dpi=self.dpi,
            marks=tuple(self.marks),
            captions=(),
            grounds=(self.ground,),
        )
