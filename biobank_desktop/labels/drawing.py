"""Draws one label in whole dots: a template's millimetres are rounded here, once, and nowhere after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from biobank_desktop.domain.labels import NEVER_SHORTENED, Label, fields, purpose
from biobank_desktop.domain.problems import Problem
from biobank_desktop.labels.draft import Caption, Draft, Mark, Printable
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.page import Box, inner_dots, nearest_dots
from biobank_desktop.labels.reading import FIELD
from biobank_desktop.labels.symbols import PAYLOAD, Symbology, modules
from biobank_desktop.labels.templates import (
    Area,
    LineElement,
    Stock,
    SymbolElement,
    Template,
    TextElement,
)
from biobank_desktop.labels.text import Line, capital_height, extent, fitted, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class _Ground:
    """A template at one resolution: what is the same for all its labels."""

    printable: Printable
    texts: tuple[tuple[TextElement, Box], ...]
    symbols: tuple[tuple[SymbolElement, Box], ...]
    lines: tuple[Box, ...]


class _Canvas:
    """The dots of one label while it is drawn, and what was put on them."""

    def __init__(self, ground: _Ground, dpi: int) -> None:
        self.dpi = dpi
        self.image = Image.new("1", ground.printable.allowed.size, 0)
        self.marks: list[Mark] = []
        self.captions: list[Caption] = []
        self.problems: list[Problem] = []

    def put_symbol(self, element: SymbolElement, box: Box, code: str) -> None:
        """The code's symbol in the middle of its box, at the module nearest to the one wished for."""
        symbol = modules(element.symbology, code)
        across, along = element.symbology.quiet_modules
        rows = 1 if element.symbology is Symbology.CODE_128 else symbol.height + 2 * along
        room = min(box.width // (symbol.width + 2 * across), box.height // rows)
        dots = min(nearest_dots(element.module_mm, self.dpi), room)
        if dots < 1:
            self.problems.append(Problem("code", "label-symbol-does-not-fit", {"code": code}))
            return
        height = box.height if element.symbology is Symbology.CODE_128 else symbol.height * dots
        symbol = symbol.resize((symbol.width * dots, height), Image.Resampling.NEAREST)
        left = box.left + (box.width - symbol.width) // 2
        top = box.top + (box.height - symbol.height) // 2
        self.image.paste(1, (left, top), symbol)
        ink = Box(left, top, symbol.width, symbol.height)
        self.marks.append(Mark(code, element.symbology, ink, dots, element.smallest_mm))

    def put_text(self, element: TextElement, box: Box, texts: Mapping[str, str]) -> None:
        """A line of text, shrunk to its box, then shortened with a warning; the code is refused instead."""
        text = " ".join(FIELD.sub(lambda match: texts[match[1]], element.value).split())
        if not text:
            return
        smallest = nearest_dots(element.smallest_mm, self.dpi)
        line = fitted(text, element.weight, _size(element, box, self.dpi), smallest, box.width)
        if line is None and element.is_id:
            self.problems.append(Problem("code", "label-id-does-not-fit", {"code": texts["code"]}))
        elif line is None:
            line = self._cut(element, text, smallest, box.width)
        if line is None:
            return
        if line.missing:
            values = {"text": text, "characters": line.missing}
            self.problems.append(Problem(_name(element), "label-character-missing", values, warning=True))
        self._put_line(element, box, line, texts["code"])

    def _cut(self, element: TextElement, text: str, size: int, width: int) -> Line | None:
        """The text shortened, or None where it must not be: half of a date or an amount is another one."""
        whole = any(name in NEVER_SHORTENED for name in FIELD.findall(element.value))
        line = None if whole else shortened(text, element.weight, size, width)
        values = {"text": text, "shown": line.shown if line else ""}
        code = "label-text-shortened" if line else "label-text-left-out"
        self.problems.append(Problem(_name(element), code, values, warning=True))
        return line

    def _put_line(self, element: TextElement, box: Box, line: Line, code: str) -> None:
        free = box.width - line.left - line.width
        left = box.left + line.left + {"left": 0, "centre": free // 2, "right": free}[element.align]
        top = box.top + _baseline(element, box, line.size) + line.top
        self.image.paste(1, (left, top), line.ink)
        if element.is_id:
            ink = Box(left, top, line.width, line.height)
            self.captions.append(Caption(code, line.shown, ink, line.ink))


def draw(template: Template, label: Label, dpi: int) -> Draft:
    """The label's dots. Raises ``LabelRefused``: a template for others, a code that cannot be or not fit."""
    if purpose(label) != template.label:
        values = {"template": template.name, "label": template.label}
        raise LabelRefused(Problem("template", "label-wrong-template", values))
    if PAYLOAD.fullmatch(label.code) is None:
        raise LabelRefused(Problem("code", "label-symbol-characters", {"code": label.code}))
    ground = _ground(template, dpi)
    texts = fields(label)
    canvas = _Canvas(ground, dpi)
    for line in ground.lines:
        canvas.image.paste(1, line.edges)
    for symbol, box in ground.symbols:
        canvas.put_symbol(symbol, box, label.code)
    for text, box in ground.texts:
        canvas.put_text(text, box, texts)
    if any(not problem.warning for problem in canvas.problems):
        raise LabelRefused(*canvas.problems)
    return Draft(
        image=canvas.image,
        dpi=dpi,
        marks=tuple(canvas.marks),
        captions=tuple(canvas.captions),
        grounds=(ground.printable,),
        warnings=tuple(canvas.problems),
    )


@lru_cache(maxsize=32)
def _ground(template: Template, dpi: int) -> _Ground:
    """The template's boxes at one resolution."""
    elements = [
        (element, _box(element.area, dpi))
        for element in template.elements
        if not isinstance(element, LineElement)
    ]
    return _Ground(
        printable=printable(template.stock, dpi),
        texts=tuple((element, box) for element, box in elements if isinstance(element, TextElement)),
        symbols=tuple((element, box) for element, box in elements if isinstance(element, SymbolElement)),
        lines=tuple(_line(element, dpi) for element in template.elements if isinstance(element, LineElement)),
    )


def printable(stock: Stock, dpi: int) -> Printable:
    """Where one label of a stock takes ink: in its printable parts, but for their safe zones."""
    width, height = inner_dots(stock.width_mm, dpi), inner_dots(stock.height_mm, dpi)
    return Printable(Box(0, 0, width, height), _allowed(stock, width, height, dpi))


def _box(area: Area, dpi: int) -> Box:
    """The area on the dot grid; its corners are rounded, so neighbours keep touching without overlap."""
    left, top = nearest_dots(area.x_mm, dpi), nearest_dots(area.y_mm, dpi)
    return Box(left, top, inner_dots(area.right_mm, dpi) - left, inner_dots(area.bottom_mm, dpi) - top)


def _line(element: LineElement, dpi: int) -> Box:
    """The line's dots: lines of one thickness are equally many dots thick wherever they are, at least one."""
    box = _box(element.area, dpi)
    thickness = max(1, nearest_dots(element.thickness_mm, dpi))
    if element.is_level:
        return Box(box.left, box.top, box.width, thickness)
    return Box(box.left, box.top, thickness, box.height)


def _allowed(stock: Stock, width: int, height: int, dpi: int) -> Image.Image:
    """1 where ink may be."""
    image = Image.new("1", (width, height), 0)
    pen = ImageDraw.Draw(image)
    for part in (one for one in stock.parts if one.is_printable):
        safe, area = stock.safe_mm, part.area
        left, top = nearest_dots(area.x_mm + safe, dpi), nearest_dots(area.y_mm + safe, dpi)
        right, bottom = inner_dots(area.right_mm - safe, dpi), inner_dots(area.bottom_mm - safe, dpi)
        shape = pen.ellipse if part.shape == "circle" else pen.rectangle
        shape((left, top, right - 1, bottom - 1), fill=1)
    return image


@lru_cache(maxsize=256)
def _size(element: TextElement, box: Box, dpi: int) -> int:
    """The em in dots: the one wished for, less where the box is too low for it."""
    size = nearest_dots(element.size_mm, dpi)
    while size > 1 and _height(element, size) > box.height:
        size -= 1
    return size


def _height(element: TextElement, size: int) -> int:
    """The dots a line needs: the code has no tails below the baseline (but for Q and J), other texts have."""
    above, below = extent(element.weight, size)
    return capital_height(element.weight, size) + below if element.is_id else above + below


def _baseline(element: TextElement, box: Box, size: int) -> int:
    """The baseline below the box's top: the line stands in the middle of its box."""
    below = extent(element.weight, size)[1]
    return box.height - below - (box.height - _height(element, size)) // 2


def _name(element: TextElement) -> str:
    """The first field of an element, to tie a warning to."""
    match = FIELD.search(element.value)
    return match[1].partition("|")[0] if match else ""
