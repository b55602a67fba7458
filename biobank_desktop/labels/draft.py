"""A drawn label before the gate: its dots, and what ought to stand where on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.labels.page import Box
    from biobank_desktop.labels.symbols import Symbology


@dataclass(frozen=True)
class Mark:
    """A symbol on the page: ``box`` is its ink, the quiet zone lies around it."""

    code: str
    symbology: Symbology
    box: Box
    module_dots: int
    smallest_mm: float

    @property
    def quiet_zone(self) -> Box:
        """The symbol with the dots around it that must stay empty."""
        across, along = self.symbology.quiet_modules
        return self.box.grown(across * self.module_dots, along * self.module_dots)

    def moved(self, left: int, top: int) -> Mark:
        """The same symbol further right and down."""
        return Mark(self.code, self.symbology, self.box.moved(left, top), self.module_dots, self.smallest_mm)


@dataclass(frozen=True)
class Caption:
    """A code in letters: ``ink`` (mode "1", ink is 1) must stand at ``box``, dot for dot."""

    code: str
    text: str
    box: Box
    ink: Image.Image

    def moved(self, left: int, top: int) -> Caption:
        """The same caption further right and down."""
        return Caption(self.code, self.text, self.box.moved(left, top), self.ink)


@dataclass(frozen=True)
class Printable:
    """One label's ground: ``allowed`` (mode "1", of the size of ``box``) is 1 where ink may be."""

    box: Box
    allowed: Image.Image


@dataclass(frozen=True)
class Draft:
    """What was drawn (``image``, mode "1", ink is 1; nobody draws on it any more). Nothing prints a draft."""

    image: Image.Image
    dpi: int
    marks: tuple[Mark, ...]
    captions: tuple[Caption, ...]
    grounds: tuple[Printable, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def width(self) -> int:
        """Across, in dots."""
        return self.image.width

    @property
    def height(self) -> int:
        """Along, in dots."""
        return self.image.height

    @cached_property
    def bits(self) -> bytes:
        """The dots as in ``Page``: what the gate reads, and what is printed."""
        return self.image.tobytes()

    @property
    def ink(self) -> Image.Image:
        """A new image of mode "1" where ink is 1, made of ``bits``."""
        return Image.frombytes("1", (self.width, self.height), self.bits)
