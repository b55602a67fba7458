"""By what the wells of a box are coloured, and which vials are of one class then.

A class has a rank: the number of its hue where classes are kinds (at most eight, the rest is one class), the
number of its step where they are amounts or times. What is drawn for a rank, the window knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import MATERIALS, known, material

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from biobank_desktop.domain.consent import Verdict
    from biobank_desktop.domain.materials import Unit

COLOURINGS = ("plain", "material", "donor", "family", "consent", "age", "amount", "label", "seen")
"""In the order of the chooser."""

HUES = 8
REST = "rest"
UNKNOWN = "unknown"

OWN_HUES = ("BMA", "BLD", "CSF", "PL1", "CEL", "PEL", "DNA", "RNA")
"""The materials that have the same hue in every box; the others take what a box leaves free."""

AGE_DAYS = (365, 730, 1826, 3652)
"""Where the steps of a time in storage begin: one, two, five and ten years."""
SEEN_DAYS = (30, 182, 365, 730)
"""Where the steps of a time out of sight begin: one month, half a year, one and two years."""
AMOUNTS: Mapping[Unit, tuple[int, ...]] = {
    "ul": (1, 100, 250, 500, 1000),
    "cells": (1, 1_000_000, 5_000_000, 10_000_000, 50_000_000),
}
"""Where the steps of an amount begin, the lowest above nothing at all."""

_VERDICTS = ("refused", "provisional", "permitted")
_LABELS = {
    **dict.fromkeys(("sent", "confirmed"), "unverified"),
    **dict.fromkeys(("queued", "sending", "held", "unknown", "failed"), "waiting"),
    "verified": "verified",
}
_LABEL_CLASSES = ("unverified", "waiting", "none", "verified")


@dataclass(frozen=True)
class VialFacts:
    """What a colouring asks of a vial that lies in a box; None is not known.

    ``seen_at`` is when a person last had it in hand at its place, ``verdict`` what the gate says of keeping
    it today, ``label`` the state of its newest label, "" without one.
    """

    item_id: int
    donor_id: int
    material: str
    since: datetime
    seen_at: datetime
    verdict: Verdict
    left_ul: int | None
    left_cells: int | None
    label: str


@dataclass(frozen=True)
class Group:
    """The vials of one class; ``rank`` -1: the rest, or nothing is known."""

    key: str
    rank: int
    items: frozenset[int]


def following(colouring: str) -> str:
    """The next colouring, after the last the first. Raises ``ValueError`` for one that is none."""
    return COLOURINGS[(COLOURINGS.index(colouring) + 1) % len(COLOURINGS)]


def groups(
    colouring: str, vials: Sequence[VialFacts], now: datetime, here: int | None = None
) -> tuple[Group, ...]:
    """The classes that occur, in the order of the legend; ``here`` is the donor at the cursor.

    Raises ``KeyError`` for "plain", which has none, and for what is no colouring.
    """
    by_kind: Mapping[str, Callable[[], tuple[Group, ...]]] = {
        "material": lambda: _materials(vials),
        "donor": lambda: _donors(vials),
        "family": lambda: _listed(
            vials, lambda one: "here" if one.donor_id == here else REST, ("here", REST)
        ),
        "consent": lambda: _listed(vials, lambda one: one.verdict, _VERDICTS),
        "age": lambda: _banded(vials, lambda one: _step((now - one.since).days, AGE_DAYS)),
        "amount": lambda: _banded(vials, _amount_step),
        "label": lambda: _listed(vials, lambda one: _LABELS.get(one.label, "none"), _LABEL_CLASSES),
        "seen": lambda: _banded(vials, lambda one: _step((now - one.seen_at).days, SEEN_DAYS)),
    }
    return by_kind[colouring]()


def unit_of(vial: VialFacts) -> Unit | None:
    """What a vial's amount is told in: the unit of its material, else the one it was measured in."""
    measured: dict[Unit, int | None] = {"ul": vial.left_ul, "cells": vial.left_cells}
    usual: Unit = material(vial.material).counted_in if known(vial.material) else "ul"
    if measured[usual] is not None:
        return usual
    return next((unit for unit, left in measured.items() if left is not None), None)


def _materials(vials: Sequence[VialFacts]) -> tuple[Group, ...]:
    counts = Counter(one.material for one in vials)
    hues = {code: hue for hue, code in enumerate(OWN_HUES) if code in counts}
    free = [hue for hue in range(HUES) if hue not in hues.values()]
    others = sorted((code for code in counts if code not in hues), key=lambda code: (-counts[code], code))
    hues |= dict(zip(others, free, strict=False))
    order = [entry.code for entry in MATERIALS]
    shown = sorted(hues, key=lambda code: order.index(code) if code in order else len(order))
    return _kinds(vials, lambda one: one.material, {code: hues[code] for code in shown})


def _donors(vials: Sequence[VialFacts]) -> tuple[Group, ...]:
    """Those with the most vials here have a hue of their own."""
    counts = Counter(one.donor_id for one in vials)
    most = sorted(counts, key=lambda donor: (-counts[donor], donor))[:HUES]
    return _kinds(vials, lambda one: str(one.donor_id), {str(donor): hue for hue, donor in enumerate(most)})


def _kinds(
    vials: Iterable[VialFacts], key_of: Callable[[VialFacts], str], hues: Mapping[str, int]
) -> tuple[Group, ...]:
    found: dict[str, set[int]] = {key: set() for key in (*hues, REST)}
    for one in vials:
        key = key_of(one)
        found[key if key in hues else REST].add(one.item_id)
    return tuple(Group(key, hues.get(key, -1), frozenset(items)) for key, items in found.items() if items)


def _listed(
    vials: Iterable[VialFacts], key_of: Callable[[VialFacts], str], keys: Sequence[str]
) -> tuple[Group, ...]:
    """Classes that are known beforehand."""
    found: dict[str, set[int]] = defaultdict(set)
    for one in vials:
        found[key_of(one)].add(one.item_id)
    return tuple(Group(key, rank, frozenset(found[key])) for rank, key in enumerate(keys) if key in found)


def _banded(vials: Iterable[VialFacts], step_of: Callable[[VialFacts], int]) -> tuple[Group, ...]:
    """Steps from low to high, at the end what is not known."""
    found: dict[int, set[int]] = defaultdict(set)
    for one in vials:
        found[step_of(one)].add(one.item_id)
    order = sorted(found, key=lambda rank: (rank < 0, rank))
    return tuple(Group(str(rank) if rank >= 0 else UNKNOWN, rank, frozenset(found[rank])) for rank in order)


def _step(value: int, begins: Sequence[int]) -> int:
    return sum(value >= begin for begin in begins)


def _amount_step(vial: VialFacts) -> int:
    unit = unit_of(vial)
    left = vial.left_cells if unit == "cells" else vial.left_ul
    return -1 if unit is None or left is None else _step(left, AMOUNTS[unit])
