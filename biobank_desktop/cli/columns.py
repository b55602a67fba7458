"""Text for people: aligned pairs and tables, moments as the lab's clock shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.language import say_date, say_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

UNKNOWN = "–"


def pairs(entries: Iterable[tuple[str, object]]) -> str:
    """One entry a line, the values below each other; entries without a value are left out."""
    shown = [(name, shown_value(value)) for name, value in entries if value not in {None, ""}]
    width = max((len(name) for name, _value in shown), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as their widest cell, the last one free; empty text without rows."""
    cells = [[shown_value(value) for value in row] for row in rows]
    if not cells:
        return ""
    lines = [list(headings), *cells]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    return "\n".join(
        "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def shown_value(value: object) -> str:
    """A value in a cell; nothing known is a dash."""
    if value is None or value == "":
        return UNKNOWN
    return say_value(value)


def moment(value: datetime | None) -> str:
    """A moment on the lab's clock: 22 Nov 2026 14:05."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(LAB_ZONE)
    return f"{day(local.date())} {local:%H:%M}"


def day(value: date) -> str:
    """A date: 22 Nov 2026."""
    return say_date(value)


def joined(*parts: str) -> str:
    """Paragraphs with an empty line between, empty ones left out."""
    return "\n\n".join(part for part in parts if part)
