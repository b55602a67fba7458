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


PARTS = ("side", "cap", "tail")
SHAPES = ("rectangle", "circle")


@dataclass(frozen=True)
class Part:
    """A part of the stock: the side of the vial, the cap's dot, the clear tail that is wound over the side.

    A circle is the ellipse that touches the area's sides.
    """

    kind: str
    shape: str
    area: Area

    @property
    def is_printable(self) -> bool:
        """Whether it takes ink: a laminate tail does not."""
        return self.kind != "tail"


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
    """What the label is printed on. ``safe_mm`` is kept free of ink along the edge of every part.

    ``tube_mm`` is the diameter of the tube that the side is bent round, 0 when it goes on something flat.
    """

    width_mm: float
    height_mm: float
    safe_mm: float
    tube_mm: float
    parts: tuple[Part, ...]
    sheet: Sheet | None = None

    def is_the_same_paper(self, other: Stock) -> bool:
        """Whether both are cut alike; the edge kept free and the tube it goes round are not the paper's."""
        return (self.width_mm, self.height_mm, self.parts, self.sheet) == (
            other.width_mm,
            other.height_mm,
            other.parts,
            other.sheet,
        )


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


@dataclass(frozen=True)
class LineElement:
    """A level or upright line; half of its thickness lies on either side of the way between its ends."""

    from_x_mm: float
    from_y_mm: float
    to_x_mm: float
    to_y_mm: float
    thickness_mm: float

    @property
    def is_level(self) -> bool:
        """Whether it runs from side to side."""
        return self.from_y_mm == self.to_y_mm

    @property
    def area(self) -> Area:
        """The rectangle that the line fills."""
        left, top = min(self.from_x_mm, self.to_x_mm), min(self.from_y_mm, self.to_y_mm)
        width, height = abs(self.to_x_mm - self.from_x_mm), abs(self.to_y_mm - self.from_y_mm)
        if self.is_level:
            return Area(left, top - self.thickness_mm / 2, width, self.thickness_mm)
        return Area(left - self.thickness_mm / 2, top, self.thickness_mm, height)


Element = TextElement | SymbolElement | LineElement


@dataclass(frozen=True)
class Template:
    """One layout for one stock; ``label`` says what it is for ("vial", "container" or "command").

    ``name`` is what it is known by, and no part of its text.
    """

    name: str
    title: str
    label: str
    stock: Stock
    elements: tuple[Element, ...]
