"""What is recorded when a planned vial is filled, and what is implausible in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import material
from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_CELLS = 1_000_000_000
"""More in one vial is a slip of the exponent."""
MOST_COUNTED = 1_000_000_000_000
"""More in a whole tube is one, too: leukaemic blood holds up to about 10⁹ cells a millilitre."""
LARGE_UL, ABSURD_UL = 2_000, 50_000
"""A cryovial holds 2 mL; nothing that is called a vial holds more than 50 mL."""
LOW_VIABILITY = 50


@dataclass(frozen=True)
class FillForm:
    """What was really made. None is unknown; the amount in the material's own unit may not be.

    ``taken_ul`` and ``taken_cells`` are what the vial took from its parent; None: its own amount (``taken``).
    """

    code: str
    volume_ul: int | None = None
    cells: int | None = None
    viability_percent: float | None = None
    blasts_percent: float | None = None
    taken_ul: int | None = None
    taken_cells: int | None = None


@dataclass(frozen=True)
class FillFacts:
    """The vial's material, its parent's, and what is left in the parent (None: never measured)."""

    material: str
    parent_material: str
    left_ul: int | None
    left_cells: int | None
    most_cells: int = MOST_CELLS


def taken(form: FillForm, facts: FillFacts) -> tuple[int, int]:
    """What the vial takes from its parent: a fluid its volume, cells their number.

    The volume of a cell vial is mostly medium, and nucleic acids are eluted: they take no volume that the
    parent held. What was measured otherwise is said in ``taken_ul`` and ``taken_cells``.
    """
    kind = material(facts.material).kind
    return (
        form.taken_ul if form.taken_ul is not None else (form.volume_ul or 0) * (kind == "fluid"),
        form.taken_cells if form.taken_cells is not None else (form.cells or 0) * (kind == "cells"),
    )


def check_fill(form: FillForm, facts: FillFacts) -> tuple[Problem, ...]:
    """Everything wrong or implausible in one filled vial."""
    return (*_amount(form, facts), *_quality(form, facts), *_left(form, facts))


def check_fills(fills: Sequence[tuple[FillForm, FillFacts]]) -> tuple[Problem, ...]:
    """The same for vials of one parent filled together: what one takes is gone for the next.

    The field of each problem begins with the vial's place, ``vials[0].cells``.
    """
    problems: list[Problem] = []
    gone_ul = gone_cells = 0
    for index, (form, facts) in enumerate(fills):
        left = replace(
            facts,
            left_ul=None if facts.left_ul is None else facts.left_ul - gone_ul,
            left_cells=None if facts.left_cells is None else facts.left_cells - gone_cells,
        )
        found = check_fill(form, left)
        problems += [replace(problem, field=f"vials[{index}].{problem.field}") for problem in found]
        took_ul, took_cells = taken(form, facts)
        gone_ul, gone_cells = gone_ul + took_ul, gone_cells + took_cells
    return tuple(problems)


def _amount(form: FillForm, facts: FillFacts) -> Iterator[Problem]:
    counted = "cells" if material(facts.material).counted_in == "cells" else "volume_ul"
    for field in ("volume_ul", "cells"):
        amount = getattr(form, field)
        if amount is None:
            if field == counted:
                yield Problem(field, "answer-missing")
        elif amount <= 0:
            yield Problem(field, "amount-not-positive")
    if form.cells is not None and material(facts.material).kind != "cells":
        yield Problem("cells", "only-for-cells", {"material": facts.material})
    elif form.cells is not None and form.cells > facts.most_cells:
        yield Problem("cells", "cells-implausible", {"cells": form.cells})
    if form.volume_ul is not None and form.volume_ul > LARGE_UL:
        absurd = form.volume_ul > ABSURD_UL
        code = "volume-absurd" if absurd else "volume-large"
        yield Problem("volume_ul", code, {"volume_ul": form.volume_ul}, warning=not absurd)


def _quality(form: FillForm, facts: FillFacts) -> Iterator[Problem]:
    for field in ("viability_percent", "blasts_percent"):
        percent = getattr(form, field)
        if percent is None:
            continue
        if material(facts.material).kind != "cells":
            yield Problem(field, "only-for-cells", {"material": facts.material})
        elif not 0 <= percent <= 100:
            yield Problem(field, "percent-out-of-range", {"percent": percent})
        elif field == "viability_percent" and percent < LOW_VIABILITY:
            yield Problem(field, "viability-low", {"percent": percent}, warning=True)


def _left(form: FillForm, facts: FillFacts) -> Iterator[Problem]:
    """A child never takes more than is left."""
    took_ul, took_cells = taken(form, facts)
    for took, left, own, field in (
        (took_ul, facts.left_ul, form.taken_ul is None, "volume_ul"),
        (took_cells, facts.left_cells, form.taken_cells is None, "cells"),
    ):
        name = field if own else {"volume_ul": "taken_ul", "cells": "taken_cells"}[field]
        if took < 0:
            if not own:
                yield Problem(name, "amount-not-positive")
        elif left is not None and took > (rest := max(left, 0)):
            code = "more-volume-than-left" if field == "volume_ul" else "more-cells-than-left"
            yield Problem(name, code, {"taken": took, "left": rest})
