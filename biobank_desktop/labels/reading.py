"""Templates read from TOML: everything that is wrong is said at once, nothing unknown is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from biobank_desktop.domain.labels import FIELDS
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.toml import NotTomlError, read_toml
from biobank_desktop.labels.symbols import Symbology
from biobank_desktop.labels.templates import (
    PARTS,
    SHAPES,
    Area,
    Element,
    LineElement,
    Part,
    Sheet,
    Stock,
    SymbolElement,
    Template,
    TextElement,
)
from biobank_desktop.labels.text import WEIGHTS

FIELD = re.compile(r"\{([^{}]*)\}")
"""A field in a text element's value: ``{material}``, ``{code|grouped}``."""

ALIGNMENTS = ("left", "centre", "right")
KINDS = ("text", *(symbology.value for symbology in Symbology), "line")

_LONGEST_MM = 500
_AREA = ("x_mm", "y_mm", "width_mm", "height_mm")
_PLACE = ("", *_AREA, "from_x_mm", "from_y_mm", "to_x_mm", "to_y_mm", "thickness_mm")
"""The entries that say where an element lies ("" is the element itself)."""

_Kind = TypeVar("_Kind", str, float, int, list[object], Mapping[str, object])


def read_template(name: str, content: bytes) -> Template:
    """The template of a TOML file. Raises ``Rejected`` with every problem; ``field`` is the entry's path."""
    problems: list[Problem] = []
    try:
        entries = read_toml(content)
    except NotTomlError as error:
        raise Rejected(Problem("", "template-unreadable", {"name": name, "reason": str(error)})) from error
    table = _Table("", entries, problems)
    label = table.known("label", FIELDS)
    allowed = frozenset().union(*FIELDS.values()) if label is None else FIELDS[label]
    title = table.take("title", str, "")
    stock = _stock(table.table("stock"))
    elements = [_element(entry, allowed) for entry in table.tables("element")]
    table.finish()
    problems.extend(_wrong(stock, elements, {problem.field for problem in problems}))
    refuse(problems)
    return Template(
        name, title, label or "", stock, tuple(element for element in elements if element is not None)
    )


def whole_stock(width_mm: float, height_mm: float) -> Part:
    """The one part of a stock of which no parts are told."""
    return Part("side", "rectangle", Area(0.0, 0.0, width_mm, height_mm))


class _Table:
    """One table of the TOML text: values are taken by key and type, what is left over is a problem."""

    def __init__(self, path: str, content: Mapping[str, object], problems: list[Problem]) -> None:
        self._path = path
        self._left = dict(content)
        self.problems = problems

    def complain(self, key: str, code: str, **values: object) -> None:
        """Note a problem of the entry ``key``."""
        self.problems.append(Problem(self._inner(key), code, {"key": key, **values}))

    def take(self, key: str, kind: type[_Kind], default: _Kind, *, needed: bool = True) -> _Kind:
        """The value of a key, or the default; a problem when it is of another kind, or needed and absent."""
        if key not in self._left:
            if needed:
                self.complain(key, "template-key-missing")
            return default
        value = self._left.pop(key)
        if kind is float and type(value) is int and abs(value) <= _LONGEST_MM:
            value = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            self.complain(key, "template-value-wrong", value=str(value))
            return default
        return value

    def length(self, key: str, *, least: float = 0.0) -> float:
        """A length in mm that must be given and be at least so long."""
        value = self.take(key, float, least)
        if not least <= value <= _LONGEST_MM:
            self.complain(key, "template-value-wrong", value=str(value))
        return value

    def known(self, key: str, allowed: Iterable[str]) -> str | None:
        """One of the allowed words that must be given; None when it is not."""
        before = len(self.problems)
        value = self.take(key, str, "")
        if value in allowed:
            return value
        if len(self.problems) == before:
            self.complain(key, "template-word-unknown", value=value, allowed=", ".join(allowed))
        return None

    def word(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of the allowed words; the first of them when something else stands there."""
        if default is not None and not self.has(key):
            return default
        return self.known(key, allowed) or allowed[0]

    def area(self) -> Area:
        """The rectangle this table describes."""
        x, y, width, height = _AREA
        return Area(
            self.length(x), self.length(y), self.length(width, least=0.1), self.length(height, least=0.1)
        )

    def table(self, key: str) -> _Table:
        """The table under a key that must be there."""
        return _Table(self._inner(key), self.take(key, Mapping, {}), self.problems)  # type: ignore[type-abstract]

    def tables(self, key: str) -> list[_Table]:
        """The tables of an array under a key, none when it is absent."""
        entries = self.take(key, list, [], needed=False)
        found = []
        for number, entry in enumerate(entries, start=1):
            content = entry if isinstance(entry, Mapping) else {}
            found.append(_Table(f"{self._inner(key)}.{number}", content, self.problems))
        return found

    def has(self, key: str) -> bool:
        """Whether a key is there and not yet taken."""
        return key in self._left

    def finish(self) -> None:
        """Complain about every key that nobody has asked for."""
        for key in self._left:
            self.complain(key, "template-key-unknown")

    def _inner(self, key: str) -> str:
        return ".".join(part for part in (self._path, key) if part)


def _stock(table: _Table) -> Stock:
    """The stock; without parts the whole label is one."""
    width_mm, height_mm = table.length("width_mm", least=1.0), table.length("height_mm", least=1.0)
    parts = tuple(_part(entry) for entry in table.tables("part"))
    stock = Stock(
        width_mm=width_mm,
        height_mm=height_mm,
        safe_mm=table.length("safe_mm"),
        tube_mm=table.length("tube_mm"),
        parts=parts or (whole_stock(width_mm, height_mm),),
        sheet=_sheet(table.table("sheet")) if table.has("sheet") else None,
    )
    table.finish()
    return stock


def _part(table: _Table) -> Part:
    part = Part(table.word("kind", PARTS), table.word("shape", SHAPES), table.area())
    table.finish()
    return part


def _sheet(table: _Table) -> Sheet:
    sheet = Sheet(
        page_width_mm=table.length("page_width_mm", least=10.0),
        page_height_mm=table.length("page_height_mm", least=10.0),
        columns=table.take("columns", int, 1),
        rows=table.take("rows", int, 1),
        left_mm=table.length("left_mm"),
        top_mm=table.length("top_mm"),
        pitch_x_mm=table.length("pitch_x_mm", least=1.0),
        pitch_y_mm=table.length("pitch_y_mm", least=1.0),
    )
    for key, count in (("columns", sheet.columns), ("rows", sheet.rows)):
        if not 1 <= count <= 100:
            table.complain(key, "template-value-wrong", value=str(count))
    table.finish()
    return sheet


def _element(table: _Table, allowed: frozenset[str]) -> Element | None:
    """The element; None where its kind is not known, for nobody can say what else should stand there."""
    kind = table.known("kind", KINDS)
    if kind is None:
        return None
    if kind == "text":
        element: Element = _text(table, allowed)
    else:
        element = _line(table) if kind == "line" else _symbol(table, Symbology(kind))
    table.finish()
    return element


def _text(table: _Table, allowed: frozenset[str]) -> TextElement:
    element = TextElement(
        area=table.area(),
        value=table.take("value", str, ""),
        size_mm=table.length("size_mm", least=0.5),
        smallest_mm=table.length("smallest_mm", least=0.5),
        weight=table.word("weight", WEIGHTS, "regular"),
        align=table.word("align", ALIGNMENTS, "left"),
        is_id=table.word("role", ("plain", "id"), "plain") == "id",
    )
    for name in FIELD.findall(element.value):
        if name not in allowed:
            table.complain("value", "template-field-unknown", name=name, allowed=", ".join(sorted(allowed)))
    if element.is_id and element.value not in {"{code}", "{code|grouped}"}:
        table.complain("value", "template-id-value", value=element.value)
    if element.smallest_mm > element.size_mm:
        table.complain("smallest_mm", "template-smallest-too-large", size_mm=element.size_mm)
    return element


def _symbol(table: _Table, symbology: Symbology) -> SymbolElement:
    element = SymbolElement(
        area=table.area(),
        symbology=symbology,
        module_mm=table.length("module_mm", least=0.1),
        smallest_mm=table.length("smallest_mm", least=0.1),
    )
    if element.smallest_mm > element.module_mm:
        table.complain("smallest_mm", "template-smallest-too-large", size_mm=element.module_mm)
    return element


def _line(table: _Table) -> LineElement:
    """A line; only level and upright ones are whole dots all along."""
    element = LineElement(
        from_x_mm=table.length("from_x_mm"),
        from_y_mm=table.length("from_y_mm"),
        to_x_mm=table.length("to_x_mm"),
        to_y_mm=table.length("to_y_mm"),
        thickness_mm=table.length("thickness_mm", least=0.05),
    )
    if (element.from_x_mm == element.to_x_mm) == (element.from_y_mm == element.to_y_mm):
        table.complain("", "template-line-slanted")
    return element


def _wrong(stock: Stock, elements: list[Element | None], said: set[str]) -> Iterable[Problem]:
    """What is wrong between entries. What was said of an entry already (``said``) is not held against others.

    An element whose place is not known lies on nothing; a stock of unknown size has no outside.
    """
    if None not in elements:
        if not any(isinstance(element, TextElement) and element.is_id for element in elements):
            yield Problem("element", "template-id-missing")
        if not any(isinstance(element, SymbolElement) for element in elements):
            yield Problem("element", "template-symbol-missing")
    placed = [
        (number, element)
        for number, element in enumerate(elements, start=1)
        if element is not None and said.isdisjoint(_entries(f"element.{number}", _PLACE))
    ]
    parts = {f"stock.part.{number}": part for number, part in enumerate(stock.parts, start=1)}
    if said.isdisjoint(_entries("stock", _AREA)):
        yield from _wrong_parts(stock, parts, said)
        if said.isdisjoint(entry for part in parts for entry in _entries(part, ("kind", *_AREA))):
            yield from _wrong_places(stock, placed)
        if stock.sheet is not None and not any(entry.startswith("stock.sheet") for entry in said):
            yield from _wrong_sheet(stock, stock.sheet)
    yield from _wrong_neighbours(placed)


def _entries(path: str, keys: Iterable[str]) -> Iterable[str]:
    """The paths of entries of one table."""
    return (f"{path}.{key}" if key else path for key in keys)


def _wrong_parts(stock: Stock, parts: Mapping[str, Part], said: set[str]) -> Iterable[Problem]:
    """Parts beside the stock or over each other."""
    whole = Area(0.0, 0.0, stock.width_mm, stock.height_mm)
    known = [(path, part) for path, part in parts.items() if said.isdisjoint(_entries(path, _AREA))]
    for path, part in known:
        if not _within(part.area, whole):
            yield Problem(path, "template-outside-stock")
    for (_, one), (path, other) in combinations(known, 2):
        if one.area.overlaps(other.area):
            yield Problem(path, "template-parts-overlap")


def _wrong_places(stock: Stock, placed: list[tuple[int, Element]]) -> Iterable[Problem]:
    """Elements that do not lie within one printable part."""
    for number, element in placed:
        homes = [part for part in stock.parts if _within(element.area, part.area)]
        if not homes:
            yield Problem(f"element.{number}", "template-outside-stock")
        elif not any(part.is_printable for part in homes):
            yield Problem(f"element.{number}", "template-on-the-tail")


def _wrong_neighbours(placed: list[tuple[int, Element]]) -> Iterable[Problem]:
    """Elements over each other: a symbol keeps its quiet zone, which its area holds; only lines may cross."""
    for (first, one), (second, other) in combinations(placed, 2):
        crossing = isinstance(one, LineElement) and isinstance(other, LineElement)
        if one.area.overlaps(other.area) and not crossing:
            values = {"first": first, "second": second}
            yield Problem(f"element.{second}", "template-elements-overlap", values)


def _wrong_sheet(stock: Stock, sheet: Sheet) -> Iterable[Problem]:
    """Labels that overlap or hang over the sheet's edge."""
    right_mm = sheet.left_mm + (sheet.columns - 1) * sheet.pitch_x_mm + stock.width_mm
    bottom_mm = sheet.top_mm + (sheet.rows - 1) * sheet.pitch_y_mm + stock.height_mm
    if right_mm > sheet.page_width_mm + 0.01 or bottom_mm > sheet.page_height_mm + 0.01:
        yield Problem("stock.sheet", "template-sheet-too-small")
    if sheet.pitch_x_mm < stock.width_mm - 0.01 or sheet.pitch_y_mm < stock.height_mm - 0.01:
        yield Problem("stock.sheet", "template-labels-overlap")


def _within(inner: Area, outer: Area) -> bool:
    """Whether one rectangle lies in another, a hundredth of a millimetre forgiven."""
    return (
        inner.x_mm >= outer.x_mm - 0.01
        and inner.y_mm >= outer.y_mm - 0.01
        and inner.right_mm <= outer.right_mm + 0.01
        and inner.bottom_mm <= outer.bottom_mm + 0.01
    )
