"""A template as somebody types it into a form: every entry a text, right or wrong, and nothing lost.

What is typed is written as TOML, numbers that cannot be read as the texts they are; so the one reader of
templates says what is wrong with it, each problem with the path of its entry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biobank_desktop.labels.symbols import Symbology
from biobank_desktop.labels.writing import cut, element_entries, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.labels.templates import Stock, Template

Typed = dict[str, str]
"""Entries as they were typed, by their keys."""

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
    """What stands in the form; how the stock is cut is that of ``stock``, which a form does not ask."""

    title: str
    label: str
    size: Mapping[str, str]
    stock: Stock
    elements: tuple[Mapping[str, str], ...]

    def toml(self) -> str:
        """It as TOML, for the reader."""
        tables = [
            table("", {"title": self.title, "label": self.label}),
            table("[stock]", {key: _number(text) for key, text in self.size.items()}),
            *cut(self.stock),
            *(table("[[element]]", _entries(element)) for element in self.elements),
        ]
        return "\n".join(tables)

    def with_element(self, number: int, entries: Mapping[str, str]) -> TypedTemplate:
        """The element of a number (from 0) answered anew."""
        return replace(self, elements=(*self.elements[:number], dict(entries), *self.elements[number + 1 :]))

    def added(self, kind: str) -> TypedTemplate:
        """With another element at the end."""
        return replace(self, elements=(*self.elements, new_element(kind)))

    def without(self, number: int) -> TypedTemplate:
        """Without an element."""
        return replace(self, elements=(*self.elements[:number], *self.elements[number + 1 :]))

    def moved(self, number: int, by: int) -> TypedTemplate:
        """With an element at another place in the order; at its end it stays."""
        elements = list(self.elements)
        place = max(0, min(len(elements) - 1, number + by))
        elements.insert(place, elements.pop(number))
        return replace(self, elements=tuple(elements))


def new_element(kind: str) -> Typed:
    """An element to begin with, in the corner."""
    begun = dict.fromkeys(ENTRIES[kind], "0")
    if kind == "text":
        begun |= {"weight": "regular", "align": "left"}
    return {"kind": kind, **begun, **_NEW[kind]}


def typed(template: Template) -> TypedTemplate:
    """A template as it stands in the form when somebody begins to change it."""
    size = {key: _text(getattr(template.stock, key)) for key in STOCK}
    elements = []
    for element in template.elements:
        entries = element_entries(element)
        begun = {"weight": "regular", "align": "left"} if entries["kind"] == "text" else {}
        kept = {key: _text(value) for key, value in entries.items() if key != "role"}
        elements.append({"kind": kept["kind"], **begun, **kept})
    return TypedTemplate(template.title, template.label, size, template.stock, tuple(elements))


def _entries(element: Mapping[str, str]) -> dict[str, str | float]:
    """An element for TOML; a text that is the code has its role."""
    role: dict[str, str | float] = {"role": "id"} if element.get("value") in CODES else {}
    return {key: _number(text) if key.endswith("_mm") else text for key, text in element.items()} | role


def _number(text: str) -> str | float:
    """A length as it was typed, with a comma or a point; what is no number stays a text."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
