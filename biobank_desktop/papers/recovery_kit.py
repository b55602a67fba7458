"""The recovery kit: a device on paper for the day the system is down.

A cover, the plan of the device, a map of every box with its symbol, and an index of all vials by code. Which
page is which is known before the first one is drawn, so pages are drawn one at a time and a kit of thousands
of boxes needs no more memory than its file. Donors are not named, and nothing on it needs colour.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.language import _, say_value
from biobank_desktop.papers import kit_pages
from biobank_desktop.papers.pages import LongPaper
from biobank_desktop.papers.parts import foot, running_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas

    from biobank_desktop.domain.grids import Grid, Position


@dataclass(frozen=True)
class KitBox:
    """A box and what lies in it: item numbers, their places in reading order (from 0), their words.

    Columns instead of objects: a device holds hundreds of thousands of vials. ``what`` is material and time
    point, ``out`` are the places whose vial was out when the kit was made.
    """

    code: str
    name: str
    path: tuple[str, ...]
    grid: Grid
    items: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("i"))
    what: list[tuple[str, str]] = field(default_factory=list)
    out: set[int] = field(default_factory=set)

    def label(self, place: int) -> str:
        """A place as the box calls it."""
        return self.grid.label(self.position(place))

    def position(self, place: int) -> Position:
        """The row and column of a place."""
        row, column = divmod(place, self.grid.columns)
        return row + 1, column + 1


@dataclass(frozen=True)
class KitHolder:
    """A freezer, shelf, rack: its grid, and what stands at each of its places."""

    path: tuple[str, ...]
    grid: Grid
    standing: tuple[KitStanding, ...]


@dataclass(frozen=True)
class KitStanding:
    """What stands at a place of a holder; ``code`` is that of the container."""

    position: Position
    code: str
    name: str
    used: int
    capacity: int


@dataclass(frozen=True)
class Kit:
    """Everything a recovery kit says; ``database`` and ``seal`` say which state it was made from."""

    lab: str
    device: str
    code: str
    kind: str
    temperature: str
    made_at: datetime
    made_by: str
    database: str
    seal_size: int
    seal_root: str
    holders: tuple[KitHolder, ...]
    boxes: tuple[KitBox, ...]

    @property
    def vials(self) -> int:
        """How many vials lie in the device."""
        return sum(len(box.items) for box in self.boxes)


def draw_kit(kit: Kit, path: Path) -> Iterator[tuple[int, int]]:
    """Draw the kit into a file, a page at a time; yields (page, pages). Raises ``OSError``."""
    canvas = LongPaper(path, f"{_('Recovery kit')} {kit.device}")
    book = _Book(kit)
    known = _("As known on {moment}").format(moment=say_value(kit.made_at))
    for number, draw in enumerate(book.pages(canvas), start=1):
        running_head(canvas, f"{_('Recovery kit')} · {kit.device}", kit.lab)
        foot(canvas, f"{kit.device} · {known}", number, book.count)
        draw()
        canvas.showPage()
        yield number, book.count
    canvas.save()


class _Book:
    """Which page is which, and what is drawn on it."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._plan = kit_pages.plan_pages(kit.holders)
        page = 2 + len(self._plan)
        self._page_of: dict[str, int] = {}
        for box in kit.boxes:
            self._page_of[box.code] = page
            page += max(1, _pages_of(len(box.items))) if kit_pages.is_list(box) else 1
        self._index = page
        self.count = page - 1 + _pages_of(kit.vials)

    def pages(self, canvas: Canvas) -> Iterator[Callable[[], None]]:
        """What draws each page, in order."""
        parts = [(_("Plan"), 2), (_("Boxes"), 2 + len(self._plan)), (_("Index of vials"), self._index)]
        yield partial(kit_pages.draw_cover, canvas, self._kit, [one for one in parts if one[1] <= self.count])
        for rows in self._plan:
            yield partial(kit_pages.draw_plan, canvas, rows, self._page_of)
        by_code = []
        for place, box in enumerate(self._kit.boxes):
            by_code.append(_by_code(place, box))
            if kit_pages.is_list(box):
                yield from self._listed(canvas, box)
            else:
                yield partial(kit_pages.draw_box, canvas, box)
        lines = merge(*by_code)
        names = (_("Vial"), _("Box"), _("Position"), _("Page"))
        while some := [self._line(*one) for one in islice(lines, kit_pages.LINES)]:
            yield partial(kit_pages.draw_lines, canvas, _("Index of vials"), names, some)

    def _listed(self, canvas: Canvas, box: KitBox) -> Iterator[Callable[[], None]]:
        lines = [
            (codes.group(codes.from_number(item)), " ".join(what), box.label(place), "")
            for item, place, what in zip(box.items, box.places, box.what, strict=True)
        ]
        names = (_("Vial"), _("What"), _("Position"), "")
        for first in range(0, max(1, len(lines)), kit_pages.LINES):
            some = lines[first : first + kit_pages.LINES]
            yield partial(kit_pages.draw_listed_box, canvas, box, names, some)

    def _line(self, item: int, box_no: int, place: int) -> kit_pages.Line:
        box = self._kit.boxes[box_no]
        page = str(self._page_of[box.code])
        return codes.group(codes.from_number(item)), box.name, box.label(place), page


def _pages_of(lines: int) -> int:
    return -(-lines // kit_pages.LINES)


def _by_code(box_no: int, box: KitBox) -> Iterator[tuple[int, int, int]]:
    """Item, box and place of each vial by code; sorted box by box, so that no step has to sort them all."""
    order = array("i", sorted(range(len(box.items)), key=box.items.__getitem__))
    return ((box.items[nth], box_no, box.places[nth]) for nth in order)
