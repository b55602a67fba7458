"""Made later of stored vials: DNA, RNA or cells of one, or a pool of several vials of one donor.

The new vials are planned and labelled first and filled when they are made, as those of a tube are; what they
take is taken from the first source. Of a pool's other sources it is said at once how much goes into it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.materials import DERIVATIONS
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.domain.protocols import PlannedVials  # noqa: TC001 - input files are read by it
from biobank_desktop.domain.use import OWN_PURPOSES, UseForm, check_use
from biobank_desktop.services.commands import command
from biobank_desktop.services.gate import decide_about, require_permitted
from biobank_desktop.services.processing import left_in, plan_vials
from biobank_desktop.services.standing import found, held_with_standing, kept_problems
from biobank_desktop.services.use import consume

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

MOST_VIALS = 50


@dataclass(frozen=True)
class PoolPart:
    """A further source of a pool: how much of it goes in, in µL or cells; ``last``: all that is left."""

    sample: str
    ul: int | None = None
    cells: int | None = None
    last: bool = False


@dataclass(frozen=True)
class DerivationForm:
    """What is made of a vial, for which purpose; ``pool`` are other vials of the same donor and material."""

    source: str
    purpose: str
    what: str
    vials: PlannedVials
    pool: tuple[PoolPart, ...] = ()


def derive(store: Store, actor: Actor, form: DerivationForm, command_id: UUID | None = None) -> list[str]:
    """Plan vials that are made of stored ones, and ask for their labels; returns their codes.

    Raises ``NotFound``, and ``Rejected`` with every problem: a source that is held back or has ended, another
    donor's or another material in a pool, what may not be made of it, what consent says to the purpose.
    """
    asked = command(actor, "derived", asdict(form), "intake", title=form.source, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        pool = [part.sample for part in form.pool]
        found(work.connection, [form.source], "source")
        found(work.connection, pool, "pool")
        rows, standing = held_with_standing(work, [form.source, *pool], "pool")
        refuse(
            [
                *(one for row in rows for one in kept_problems(row, standing[row.id], "source")),
                *_form_problems(form, rows),
                *_left(work, form, rows[1:]),
            ]
        )
        for decision in decide_about(work, rows, form.purpose):
            require_permitted(decision, "purpose")
        new = plan_vials(work, rows[0], form.vials)
        for part, row in zip(form.pool, rows[1:], strict=True):
            consume(work, row, _use(form, part), codes.number(new[0]))
        return {"codes": new}

    return list(store.run(asked, body)["codes"])


def _form_problems(form: DerivationForm, rows: Sequence[SampleRow]) -> list[Problem]:
    source, *others = rows
    problems = []
    if form.purpose not in OWN_PURPOSES:
        values: dict[str, object] = {"value": form.purpose, "choices": OWN_PURPOSES}
        problems.append(Problem("purpose", "not-a-choice", values))
    if not form.what.strip():
        problems.append(Problem("what", "answer-missing"))
    if source.kind == "tube":
        problems.append(Problem("source", "not-a-vial", {"code": codes.group(source.code)}))
    if (source.material, form.vials.material) not in DERIVATIONS:
        values = {"parent": source.material, "child": form.vials.material}
        problems.append(Problem("vials.material", "not-derivable", values))
    most = 1 if form.pool else MOST_VIALS
    if not 1 <= form.vials.count <= most:
        values = {"count": form.vials.count, "most": most}
        problems.append(Problem("vials.count", "vial-count-implausible", values))
    for place, row in enumerate(others):
        shown = {"code": codes.group(row.code)}
        if row.donor_id != source.donor_id:
            problems.append(Problem(f"pool[{place}].sample", "pool-of-two-donors", shown))
        elif row.material != source.material:
            problems.append(Problem(f"pool[{place}].sample", "pool-of-two-materials", shown))
    return problems


def _left(work: Work, form: DerivationForm, others: Sequence[SampleRow]) -> list[Problem]:
    """What is wrong with the amounts that go into a pool, each beside its part."""
    return [
        dataclasses.replace(problem, field=f"pool[{place}].{problem.field}")
        for place, (part, row) in enumerate(zip(form.pool, others, strict=True))
        for problem in check_use(
            UseForm(row.code, "store", "pool", part.ul, part.cells, part.last),
            *left_in(work.connection, row.id),
        )
    ]


def _use(form: DerivationForm, part: PoolPart) -> UseForm:
    return UseForm(part.sample, form.purpose, form.what, part.ul, part.cells, part.last)
