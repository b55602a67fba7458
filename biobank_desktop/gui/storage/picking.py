"""Selecting wells by one letter: this row, the odd columns, everything of this donor, and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from biobank_desktop.gui.widgets.boxmap import Place

Places = frozenset["Place"]


@dataclass(frozen=True)
class Around:
    """What a choice is made from: all wells, whose vials lie where, the cursor, what is selected."""

    wells: Places
    donors: Mapping[Place, int | None]
    cursor: Place
    selected: Places

    @property
    def taken(self) -> Places:
        """The wells with a vial."""
        return frozenset(self.donors)


def _row(box: Around) -> Places:
    return frozenset(place for place in box.wells if place[0] == box.cursor[0])


def _column(box: Around) -> Places:
    return frozenset(place for place in box.wells if place[1] == box.cursor[1])


def _odd(box: Around) -> Places:
    return frozenset(place for place in box.wells if place[1] % 2 == 0)  # places count from 0, names from 1


def _even(box: Around) -> Places:
    return frozenset(place for place in box.wells if place[1] % 2 == 1)


def _donor(box: Around) -> Places:
    donor = box.donors.get(box.cursor)
    return frozenset(place for place, other in box.donors.items() if donor is not None and other == donor)


def _inverted(box: Around) -> Places:
    """Among the vials; among all wells as soon as a free one is selected."""
    return (box.taken if box.selected <= box.taken else box.wells) - box.selected


PICKS: Mapping[str, Callable[[Around], Places]] = {
    "row": _row,
    "column": _column,
    "odd": _odd,
    "even": _even,
    "donor": _donor,
    "all": lambda box: box.taken,
    "invert": _inverted,
    "none": lambda _box: frozenset(),
}


def choices() -> tuple[Choice, ...]:
    """Each with its word and its letter."""
    return (
        Choice("row", _("This row"), "R"),
        Choice("column", _("This column"), "C"),
        Choice("odd", _("Odd columns"), "O"),
        Choice("even", _("Even columns"), "E"),
        Choice("donor", _("This donor"), "D"),
        Choice("all", _("All vials"), "A"),
        Choice("invert", _("The others"), "I"),
        Choice("none", _("None"), "N"),
    )
