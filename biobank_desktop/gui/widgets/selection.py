"""Which places of a grid are chosen, and from where Shift goes on. As in a spreadsheet; knows no widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biobank_desktop.gui.widgets.boxmap import Place

Block = tuple["Place", "Place"]
"""two opposite corners, both included"""


def span(*blocks: Block) -> frozenset[Place]:
    """Every place of the smallest rectangle around these."""
    corners = [corner for block in blocks for corner in block]
    rows, columns = [row for row, _column in corners], [column for _row, column in corners]
    return frozenset(product(range(min(rows), max(rows) + 1), range(min(columns), max(columns) + 1)))


@dataclass
class Selection:
    """The places that are chosen; ``anchor`` is what Shift and a drag go on from."""

    places: frozenset[Place] = frozenset()
    anchor: Block = ((0, 0), (0, 0))
    _kept: frozenset[Place] = field(default=frozenset(), repr=False)

    def set(self, places: Iterable[Place]) -> None:
        """Choose exactly these; the anchor stays."""
        self.places, self._kept = frozenset(places), frozenset()

    def press(self, block: Block, *, reach: bool = False, add: bool = False) -> None:
        """Choose a block instead of what was chosen; ``reach``: all from the anchor to it.

        With ``add`` what was chosen before stays, and a block that was chosen is let go.
        """
        if reach:
            self.places = span(self.anchor, block) | (self._kept if add else frozenset())
            return
        covered = span(block)
        if not add:
            self.places, self._kept = covered, frozenset()
        else:
            self.places = self.places - covered if covered <= self.places else self.places | covered
            self._kept = self.places
        self.anchor = block

    def drag(self, block: Block) -> None:
        """The pointer went on with its button down, to here."""
        self.places = span(self.anchor, block) | self._kept
