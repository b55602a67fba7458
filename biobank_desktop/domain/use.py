"""The later life of a vial: what a use takes from it, and what must be so before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from biobank_desktop.domain.problems import Problem

Ending = Literal["issued", "used-up", "destroyed", "returned", "lost", "broken"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)
"""How a sample ends: whatever has ended has no place, and nothing is taken from it."""

COMES_BACK = frozenset({"issued", "lost"})
"""Endings after which a sample may turn up again."""

OWN_PURPOSES = ("store", "use-a2g", "use-other", "use-genetic", "use-animal", "cell-line")
"""What the lab itself uses material for; "store" is the checking of what is kept."""


@dataclass(frozen=True)
class UseForm:
    """What is taken from a vial, in µL or in cells, for which purpose; ``last``: nothing is left after it."""

    sample: str
    purpose: str
    what: str
    ul: int | None = None
    cells: int | None = None
    last: bool = False


def check_use(form: UseForm, left_ul: int | None, left_cells: int | None) -> list[Problem]:
    """Everything that is wrong with a use; what is left is None where it was never measured."""
    problems = []
    if form.purpose not in OWN_PURPOSES:
        values = {"value": form.purpose, "choices": OWN_PURPOSES}
        problems.append(Problem("purpose", "not-a-choice", values))
    if not form.what.strip():
        problems.append(Problem("what", "answer-missing"))
    if form.ul is None and form.cells is None and not form.last:
        problems.append(Problem("ul", "answer-missing"))
    for name, amount, left, code in (
        ("ul", form.ul, left_ul, "more-volume-than-left"),
        ("cells", form.cells, left_cells, "more-cells-than-left"),
    ):
        if amount is None:
            continue
        if amount <= 0:
            problems.append(Problem(name, "amount-not-positive"))
        elif left is not None and amount > left:
            problems.append(Problem(name, code, {"taken": amount, "left": max(left, 0)}))
    return problems
