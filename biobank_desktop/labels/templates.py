"""Label templates: the stock, and what stands where on it, in millimetres from the top left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biobank_desktop.labels.symbols import Symbology


@dataclass(frozen=True)
class Area:
    """A rectangle in millimetres."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        """The right edge."""
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        """The lower edge."""
        return self.y_mm + self.height_mm

    def overlaps(self, other: Area) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.x_mm < other.right_mm
            and other.x_mm < self.right_mm
            and self.y_mm < other.bottom_mm
            and other.y_mm < self.bottom_mm
        )


@dataclass(frozen=True)
class Part:
    """A printable part of the stock: the side of the vial, the cap's dot; not the laminate tail."""

    shape: str  # "rectangle" or "circle" (the ellipse that touches the area's sides)
    area: Area


@dataclass(frozen=True)
class Sheet:
    """How labels lie on a sheet: the first label's corner and the pitch from label to label."""

    page_width_mm: float
    page_height_mm: float
    columns: int
    rows: int
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float

    @property
    def count(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows


@dataclass(frozen=True)
class Stock:
    """What the label is printed on. ``safe_mm`` is kept free of ink along the edge of every part."""

    width_mm: float
    height_mm: float
    safe_mm: float
    parts: tuple[Part, ...]
    sheet: Sheet | None = None


@dataclass(frozen=True)
class TextElement:
    """A line of text. ``size_mm`` is the em wished for, ``smallest_mm`` the em below which it is shortened.

    The code itself (``is_id``) is never shortened: a label it does not fit on is refused.
    """

    area: Area
    value: str
    size_mm: float
    smallest_mm: float
    weight: str = "regular"
    align: str = "left"
    is_id: bool = False


@dataclass(frozen=True)
class SymbolElement:
    """The code as a symbol, with its quiet zone inside ``area``.

    ``module_mm`` is wished for and rounded to whole dots, ``smallest_mm`` is the least that may be printed.
    """

    area: Area
    symbology: Symbology
    module_mm: float
    smallest_mm: float


Element = TextElement | SymbolElement


@dataclass(frozen=True)
class Template:
    """One layout for one stock; ``label`` says what it is for ("vial", "container" or "command")."""

    name: str
    title: str
    label: str
    stock: Stock
    elements: tuple[Element, ...]
