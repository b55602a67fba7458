"""A template as somebody types it into a form: every entry a text, right or wrong, and nothing lost.

What is typed is written as TOML, numbers that cannot be read as the texts they are; so the one reader of
templates says what is wrong with it, each problem with the path of its entry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.labels.reading import whole_stock
from biobank_desktop.labels.symbols import Symbology
from biobank_desktop.labels.writing import element_entries, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.labels.templates import Part, Template

Typed = dict[str, str]
"""Entries as they were typed, by their keys."""

COUNTS = ("columns", "rows")
SHEET = (
    *("page_width_mm", "page_height_mm", *COUNTS),
    *("left_mm", "top_mm", "pitch_x_mm", "pitch_y_mm"),
)
"""What a sheet asks, in the order of the form."""

_A4 = (210.0, 297.0)
_MOST_ACROSS = 100

_DOT = "9.5"
"""The usual dot for a cap, in millimetres."""

STOCK = ("width_mm", "height_mm", "safe_mm", "tube_mm")
_AREA = ("x_mm", "y_mm", "width_mm", "height_mm")
_SYMBOL = (*_AREA, "module_mm", "smallest_mm")
ENTRIES: Mapping[str, tuple[str, ...]] = {
    "text": ("value", "weight", "align", *_AREA, "size_mm", "smallest_mm"),
    "line": ("from_x_mm", "from_y_mm", "to_x_mm", "to_y_mm", "thickness_mm"),
    **{symbology.value: _SYMBOL for symbology in Symbology},
}
"""What each kind of element asks, in the order of the form."""

CODES = frozenset({"{code}", "{code|grouped}"})
"""The texts that are the code itself: printed whole or not at all."""

_NEW: Mapping[str, Typed] = {
    "text": {
        "value": "{code|grouped}", "width_mm": "10", "height_mm": "2.2", "size_mm": "2", "smallest_mm": "1.5",
    },
    "line": {"from_y_mm": "1", "to_x_mm": "10", "to_y_mm": "1", "thickness_mm": "0.2"},
    Symbology.DATA_MATRIX.value: {
        "width_mm": "6.9", "height_mm": "6.8", "module_mm": "0.339", "smallest_mm": "0.25",
    },
    Symbology.CODE_128.value: {
        "width_mm": "30", "height_mm": "8", "module_mm": "0.254", "smallest_mm": "0.25",
    },
}  # fmt: skip


@dataclass(frozen=True)
class TypedTemplate:
    """What stands in the form. Without ``parts`` the whole label is one, without ``sheet`` on no sheet."""

    title: str
    label: str
    size: Mapping[str, str]
    elements: tuple[Mapping[str, str], ...]
    parts: tuple[Mapping[str, str], ...] = ()
    sheet: Mapping[str, str] | None = None

    def toml(self) -> str:
        """It as TOML, for the reader."""
        tables = [
            table("", {"title": self.title, "label": self.label}),
            table("[stock]", _values(self.size)),
            *(table("[[stock.part]]", _values(part)) for part in self.parts),
            *(table("[stock.sheet]", _values(sheet)) for sheet in (self.sheet,) if sheet is not None),
            *(table("[[element]]", _element(element)) for element in self.elements),
        ]
        return "\n".join(tables)


def new_element(kind: str) -> Typed:
    """An element to begin with, in the corner."""
    begun = dict.fromkeys(ENTRIES[kind], "0")
    if kind == "text":
        begun |= {"weight": "regular", "align": "left"}
    return {"kind": kind, **begun, **_NEW[kind]}


def new_part(kind: str, size: Mapping[str, str]) -> Typed:
    """A part to begin with, on stock of this size: a side all over it, a dot or a tail at its right edge."""
    width, height = size["width_mm"], size["height_mm"]
    if kind == "side":
        return {"kind": kind, "shape": "rectangle", "x_mm": "0", "y_mm": "0"} | {
            "width_mm": width, "height_mm": height,
        }  # fmt: skip
    shape, own_width, own_height = ("circle", _DOT, _DOT) if kind == "cap" else ("rectangle", "10", height)
    whole, own = _number(width), float(own_width)
    left = whole - own if isinstance(whole, float) and whole > own else 0.0
    return {"kind": kind, "shape": shape, "x_mm": _text(round(left, 3)), "y_mm": "0"} | {
        "width_mm": own_width, "height_mm": own_height,
    }  # fmt: skip


def blank(label: str) -> TypedTemplate:
    """A layout to begin with from nothing: its code, as a symbol and in letters, on a label of 50 × 25 mm."""
    size = {"width_mm": "50", "height_mm": "25", "safe_mm": "1", "tube_mm": "0"}
    symbol = new_element(Symbology.DATA_MATRIX.value) | {"x_mm": "1", "y_mm": "1"}
    text = new_element("text") | {"x_mm": "9", "y_mm": "3", "width_mm": "30", "height_mm": "2.8"}
    return TypedTemplate("", label, size, (symbol, text))


def new_sheet(size: Mapping[str, str]) -> Typed:
    """An A4 sheet to begin with: as many labels of this size as it takes edge to edge, in its middle."""
    width, height = _number(size["width_mm"]), _number(size["height_mm"])
    begun = dict.fromkeys(SHEET, "") | {"page_width_mm": _text(_A4[0]), "page_height_mm": _text(_A4[1])}
    for page, own, count, edge, pitch in (
        (_A4[0], width, "columns", "left_mm", "pitch_x_mm"),
        (_A4[1], height, "rows", "top_mm", "pitch_y_mm"),
    ):
        if isinstance(own, float) and page / _MOST_ACROSS <= own <= page:
            fitting = int(page / own)
            margin = round((page - fitting * own) / 2, 2)
            begun |= {count: str(fitting), edge: _text(margin), pitch: _text(own)}
    return begun


def typed(template: Template) -> TypedTemplate:
    """A template as it stands in the form when somebody begins to change it."""
    stock = template.stock
    size = {key: _text(getattr(stock, key)) for key in STOCK}
    elements = []
    for element in template.elements:
        entries = element_entries(element)
        begun = {"weight": "regular", "align": "left"} if entries["kind"] == "text" else {}
        kept = {key: _text(value) for key, value in entries.items() if key != "role"}
        elements.append({"kind": kept["kind"], **begun, **kept})
    whole = (whole_stock(stock.width_mm, stock.height_mm),)
    parts = () if stock.parts == whole else tuple(map(_typed_part, stock.parts))
    sheet = None if stock.sheet is None else {key: _text(getattr(stock.sheet, key)) for key in SHEET}
    return TypedTemplate(template.title, template.label, size, tuple(elements), parts, sheet)


def _typed_part(part: Part) -> Typed:
    lengths = {key: _text(getattr(part.area, key)) for key in _AREA}
    return {"kind": part.kind, "shape": part.shape, **lengths}


def _element(element: Mapping[str, str]) -> dict[str, str | float]:
    """An element for TOML; a text that is the code has its role."""
    role: dict[str, str | float] = {"role": "id"} if element.get("value") in CODES else {}
    return _values(element) | role


def _values(answers: Mapping[str, str]) -> dict[str, str | float]:
    """Answers for TOML: lengths and counts as numbers where they can be read."""
    readers = dict.fromkeys(COUNTS, _count)
    return {
        key: (_number if key.endswith("_mm") else readers.get(key, str))(text)
        for key, text in answers.items()
    }


def _count(text: str) -> str | float:
    """A whole number as it was typed; what is none stays a text."""
    whole = parse_whole(text)
    return text if whole is None else whole


def _number(text: str) -> str | float:
    """A length as it was typed, with a comma or a point; what is no number stays a text."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
