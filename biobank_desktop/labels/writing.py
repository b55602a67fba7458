"""Templates written as TOML: every entry in a fixed order, so that two revisions compare line by line.

What ``reading.read_template`` reads of it is the same template; comments of a file it came from are lost.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from biobank_desktop.labels.reading import whole_stock
from biobank_desktop.labels.templates import LineElement, SymbolElement, TextElement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from biobank_desktop.labels.templates import Element, Stock, Template


def write_template(template: Template) -> str:
    """The TOML text of a template, without its name, which is the file's or the record's."""
    tables = [
        table("", {"title": template.title, "label": template.label}),
        *_stock(template.stock),
        *(table("[[element]]", element_entries(element)) for element in template.elements),
    ]
    return "\n".join(tables)


def _stock(stock: Stock) -> Iterator[str]:
    """The stock's tables; a label that is one whole part does not say so."""
    size = {"width_mm": stock.width_mm, "height_mm": stock.height_mm}
    yield table("[stock]", {**size, "safe_mm": stock.safe_mm, "tube_mm": stock.tube_mm})
    if stock.parts != (whole_stock(stock.width_mm, stock.height_mm),):
        for part in stock.parts:
            yield table("[[stock.part]]", {"kind": part.kind, "shape": part.shape, **asdict(part.area)})
    if stock.sheet is not None:
        yield table("[stock.sheet]", asdict(stock.sheet))


def element_entries(element: Element) -> Mapping[str, str | float]:
    """The entries of an element; a text says only what is not usual."""
    if isinstance(element, TextElement):
        return _text(element)
    if isinstance(element, LineElement):
        return {"kind": "line", **asdict(element)}
    return _symbol(element)


def _text(element: TextElement) -> Mapping[str, str | float]:
    entries: dict[str, str | float] = {"kind": "text"}
    if element.is_id:
        entries["role"] = "id"
    entries |= {"value": element.value, **asdict(element.area)}
    entries |= {"size_mm": element.size_mm, "smallest_mm": element.smallest_mm}
    if element.weight != "regular":
        entries["weight"] = element.weight
    if element.align != "left":
        entries["align"] = element.align
    return entries


def _symbol(element: SymbolElement) -> Mapping[str, str | float]:
    sizes = {"module_mm": element.module_mm, "smallest_mm": element.smallest_mm}
    return {"kind": element.symbology.value, **asdict(element.area), **sizes}


def table(head: str, entries: Mapping[str, str | float]) -> str:
    """One table, a line an entry."""
    lines = [f"{key} = {_value(value)}" for key, value in entries.items()]
    return "\n".join([head, *lines] if head else lines) + "\n"


def _value(value: str | float) -> str:
    """A text or number as TOML has it: JSON's escapes are TOML's, but one more character has to be one."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
