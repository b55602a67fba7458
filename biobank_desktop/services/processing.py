"""At the bench: steps with their times, vials filled with what was really made, made void, or added."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.filling import MOST_COUNTED, FillFacts, FillForm, check_fill, check_fills, taken
from biobank_desktop.domain.intake import CLOCK_SLACK
from biobank_desktop.domain.materials import DERIVATIONS
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.persistence.queries.standing import gone_from
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.families import held, held_family, holding
from biobank_desktop.services.intake import vial_row
from biobank_desktop.services.labels import cancel_waiting, enter_labels
from biobank_desktop.services.placing import stored_problem
from biobank_desktop.services.sprec import past_of, update_sprec, update_sprec_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.protocols import PlannedVials
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

STEP_KINDS = ("spin", "density-gradient", "wash", "count", "freeze")
STEP_TEMPERATURES = ("room", "2-10", "unknown")
_FASTEST_G = 200_000


@dataclass(frozen=True)
class StepForm:
    """A processing step as it begins; ``ended_at`` None: still running. Speeds in g, None is unknown."""

    kind: str
    started_at: datetime
    ended_at: datetime | None = None
    speed_g: int | None = None
    minutes: int | None = None
    temperature: str = "unknown"
    brake: bool | None = None
    device: str = ""
    lot: str = ""


def check_step(form: StepForm, received_at: datetime, now: datetime) -> list[Problem]:
    """Everything that is wrong with a step."""
    problems = [
        Problem(name, "not-a-choice", {"value": value, "choices": choices})
        for name, value, choices in (
            ("kind", form.kind, STEP_KINDS),
            ("temperature", form.temperature, STEP_TEMPERATURES),
        )
        if value not in choices
    ]
    if form.started_at < received_at:
        problems.append(Problem("started_at", "step-before-receipt", {"received": received_at}))
    if max(form.started_at, form.ended_at or form.started_at) > now + CLOCK_SLACK:
        problems.append(Problem("started_at", "in-the-future"))
    if form.ended_at is not None and form.ended_at < form.started_at:
        problems.append(Problem("ended_at", "step-ends-before-it-starts"))
    if form.speed_g is not None and not 1 <= form.speed_g <= _FASTEST_G:
        problems.append(Problem("speed_g", "speed-implausible", {"most": _FASTEST_G}))
    if form.minutes is not None and not 1 <= form.minutes <= 24 * 60:
        problems.append(Problem("minutes", "minutes-implausible"))
    return problems


def start_step(store: Store, actor: Actor, tube: str, form: StepForm, command_id: UUID | None = None) -> int:
    """Record a step of a tube and return its number. Raises ``Rejected`` with every problem."""
    payload = {"tube": tube, **asdict(form)}
    asked = command(actor, "step-started", payload, "intake", title=tube, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row, _family = held_family(work, tube_of(work.connection, tube))
        receipt = samples.receipt(work.connection, row.id)
        assert receipt is not None
        refuse(check_step(form, receipt.received_at, work.at))
        no = len(samples.steps(work.connection, row.id)) + 1
        values = asdict(form) | {"device": form.device or None, "lot": form.lot or None}
        work.insert(tables.step, [{**values, "sample_id": row.id, "no": no, "stream_id": row.donor_id}])
        _sprec_of_vials(work, row.id)
        return {"no": no}

    return int(store.run(asked, body)["no"])


def end_step(
    store: Store, actor: Actor, tube: str, no: int, ended_at: datetime, command_id: UUID | None = None
) -> None:
    """Record when a running step ended. Raises ``Rejected``."""
    payload = {"tube": tube, "no": no, "ended_at": ended_at}
    asked = command(actor, "step-ended", payload, "intake", title=tube, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row, _family = held_family(work, tube_of(work.connection, tube))
        step = work.locked(tables.step, {"sample_id": row.id, "no": no})
        if step is None:
            raise NotFound(Problem("no", "step-unknown", {"no": no}))
        if step["ended_at"] is not None:
            raise Conflict(Problem("no", "step-ended-before", {"at": step["ended_at"].astimezone()}))
        if ended_at < step["started_at"]:
            raise Rejected(Problem("ended_at", "step-ends-before-it-starts"))
        work.update(tables.step, {"sample_id": row.id, "no": no}, ended_at=ended_at)
        _sprec_of_vials(work, row.id)
        return {"no": no}

    store.run(asked, body)


def fill(store: Store, actor: Actor, fills: Sequence[FillForm], command_id: UUID | None = None) -> list[str]:
    """Record what was really made in planned vials, all or none, and return their codes.

    Raises ``Rejected`` with every problem; their fields are ``vials[<place>].<field>``.
    """
    payload = {"vials": [asdict(form) for form in fills]}
    title = ", ".join(form.code for form in fills[:3])
    asked = command(actor, "filled", payload, "intake", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        found = vials_of(work.connection, [form.code for form in fills])
        held_now = holding(work, found)
        told_left = {one: left_in.sent(work.connection, one) for one in {_parent(row) for row in found}}
        told_past = past_of.sent(work.connection, found)
        told_places = containers.places.sent(work.connection, [row.id for row in found])
        rows, left = held_now(), {one: told() for one, told in told_left.items()}
        asked = [
            (form, row, _fill_facts(row, left[_parent(row)])) for form, row in zip(fills, rows, strict=True)
        ]
        refuse(_fill_problems(asked))
        for form, row, facts in asked:
            taken_ul, taken_cells = taken(form, facts)
            work.update(
                tables.sample,
                {"id": row.id},
                state="filled",
                filled_at=work.at,
                volume_ul=form.volume_ul,
                cells=form.cells,
                viability_percent=_percent(form.viability_percent),
                blasts_percent=_percent(form.blasts_percent),
                taken_ul=taken_ul or None,
                taken_cells=taken_cells or None,
            )
        update_sprec_by(work, [row.id for row in rows], told_past(), told_places())
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def _fill_problems(fills: Sequence[tuple[FillForm, SampleRow, FillFacts]]) -> list[Problem]:
    problems = []
    for place, (_form, row, _facts) in enumerate(fills):
        if row.state != "planned":
            code = "filled-before" if row.state == "filled" else "sample-void"
            problems.append(Problem(f"vials[{place}].code", code, {"code": codes.group(row.code)}))
    families: dict[int, list[int]] = {}
    for place, (_form, row, _facts) in enumerate(fills):
        families.setdefault(_parent(row), []).append(place)
    for places in families.values():
        asked = [(form, facts) for form, _row, facts in (fills[place] for place in places)]
        for problem in check_fills(asked):
            within = int(problem.field[problem.field.index("[") + 1 : problem.field.index("]")])
            rest = problem.field.partition(".")[2]
            problems.append(replace(problem, field=f"vials[{places[within]}].{rest}"))
    return problems


def _parent(row: SampleRow) -> int:
    """What a vial takes its material from: its tube, or a vial that it was made of later."""
    return row.parent_id or row.id


def _fill_facts(row: SampleRow, left: tuple[int | None, int | None]) -> FillFacts:
    return FillFacts(row.material, row.parent_material or row.material, *left)


def fill_problems_of(
    connection: Connection, row: SampleRow, changes: Mapping[str, Any]
) -> tuple[list[Problem], dict[str, int | None]]:
    """What would be wrong with a filled vial after a correction, and what it then takes from its tube."""
    names = ("volume_ul", "cells", "viability_percent", "blasts_percent")
    form = FillForm(row.code, **{name: changes.get(name, getattr(row, name)) for name in names})
    facts = _fill_facts(row, left_in(connection, _parent(row)))
    facts = replace(
        facts,
        left_ul=None if facts.left_ul is None else facts.left_ul + (row.taken_ul or 0),
        left_cells=None if facts.left_cells is None else facts.left_cells + (row.taken_cells or 0),
    )
    taken_ul, taken_cells = taken(form, facts)
    return list(check_fill(form, facts)), {"taken_ul": taken_ul or None, "taken_cells": taken_cells or None}


def _percent(value: float | None) -> float | None:
    return None if value is None else float(value)


@Question
def left_in(connection: Connection, sample_id: int) -> Answer[tuple[int | None, int | None]]:
    """What is left of a sample, in µL and in cells; None where it was never known."""
    asked, gone = samples.samples.sent(connection, [sample_id]), gone_from.sent(connection, sample_id)

    def read() -> tuple[int | None, int | None]:
        row, (ul, cells) = asked()[sample_id], gone()
        return (
            None if row.volume_ul is None else row.volume_ul - ul,
            None if row.cells is None else row.cells - cells,
        )

    return read


def record_count(
    store: Store,
    actor: Actor,
    tube: str,
    cells: int,
    viability_percent: float | None,
    blasts_percent: float | None,
    command_id: UUID | None = None,
) -> None:
    """Record how many cells a tube gave in all, and their quality. Raises ``Rejected``."""
    quality = {
        "viability_percent": _percent(viability_percent),
        "blasts_percent": _percent(blasts_percent),
    }
    payload = {"cells": cells, **quality}
    asked = command(actor, "counted", {"tube": tube, **payload}, "intake", title=tube, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        found = tube_of(work.connection, tube)
        held_now, told_gone = holding(work, [found]), gone_from.sent(work.connection, found.id)
        (row,) = held_now()
        form = FillForm(
            row.code, cells=cells, viability_percent=viability_percent, blasts_percent=blasts_percent
        )
        refuse(check_fill(form, FillFacts("CEL", "CEL", None, None, MOST_COUNTED)))
        _ul, used = told_gone()
        if cells < used:
            raise Rejected(Problem("cells", "fewer-than-taken", {"taken": used}))
        work.about(row.donor_id, row.id)
        work.update(tables.sample, {"id": row.id}, **payload)
        return {}

    store.run(asked, body)


def make_void(store: Store, actor: Actor, vial: str, why: str, command_id: UUID | None = None) -> None:
    """Give up a vial: its code stays dead for good. Raises ``Rejected``."""
    require_reason(why)
    asked = command(actor, "made-void", {"vial": vial}, "intake", title=vial, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        (row,) = held(work, vials_of(work.connection, [vial]))
        if containers.place(work.connection, row.id) is not None:
            raise Rejected(stored_problem(work.connection, row.id))
        if row.state == "void":
            raise Rejected(Problem("vial", "sample-void", {"code": codes.group(row.code)}))
        work.update(tables.sample, {"id": row.id}, state="void", taken_ul=None, taken_cells=None)
        cancel_waiting(work, row.id)
        return {}

    store.run(asked, body)


def add_vials(
    store: Store, actor: Actor, tube: str, vials: PlannedVials, command_id: UUID | None = None
) -> list[str]:
    """Plan more vials of a tube and ask for their labels; returns their codes. Raises ``Rejected``."""
    payload = {"tube": tube, **asdict(vials)}
    asked = command(actor, "vials-added", payload, "intake", title=tube, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        (row,) = held(work, [tube_of(work.connection, tube)])
        if row.state == "refused":
            raise Rejected(Problem("tube", "sample-refused", {"code": codes.group(row.code)}))
        if (row.material, vials.material) not in DERIVATIONS:
            values = {"parent": row.material, "child": vials.material}
            raise Rejected(Problem("material", "not-derivable", values))
        if not 1 <= vials.count <= 50:
            raise Rejected(Problem("count", "vial-count-implausible", {"count": vials.count, "most": 50}))
        return {"codes": plan_vials(work, row, vials)}

    return list(store.run(asked, body)["codes"])


def plan_vials(work: Work, parent: SampleRow, vials: PlannedVials) -> list[str]:
    """Plan vials of a held tube or vial in an open command, and ask for their labels; their codes."""
    made = [one for one in samples.vials(work.connection, parent.tube_id) if one.material == vials.material]
    first = max((one.number or 0 for one in made), default=0) + 1
    planned = {"planned_ul": vials.volume_ul, "planned_cells": vials.cells, "medium": vials.medium or None}
    new = work.new_codes(CodeKind.SAMPLE, vials.count)
    whole = asdict(parent)
    work.insert(
        tables.sample,
        [
            vial_row(whole, codes.number(code), vials.material, first + place, planned)
            for place, code in enumerate(new)
        ],
    )
    enter_labels(work, [codes.number(code) for code in new], "intake")
    return new


def _sprec_of_vials(work: Work, tube_id: int) -> None:
    vials = samples.vials(work.connection, tube_id)
    update_sprec(work, *(vial.id for vial in vials if vial.state == "filled"))


def sample_of(connection: Connection, code: str, field: str = "code") -> SampleRow:
    """The sample of a code. Raises ``NotFound``."""
    known = codes.parse(code)
    row = samples.sample(connection, codes.number(known)) if known else None
    if row is None:
        raise NotFound(Problem(field, "sample-unknown", {"code": code}))
    return row


def tube_of(connection: Connection, code: str) -> SampleRow:
    """The tube of a code. Raises ``NotFound``, and ``Rejected`` for a vial."""
    row = sample_of(connection, code, "tube")
    if row.kind != "tube":
        raise Rejected(Problem("tube", "not-a-tube", {"code": codes.group(row.code)}))
    return row


def vials_of(connection: Connection, given: Sequence[str]) -> list[SampleRow]:
    """The vials of these codes, in their order, read at once.

    Raises ``NotFound`` with every code of nothing, and ``Rejected`` with every tube.
    """
    known = {code: codes.parse(code) for code in given}
    numbers = {code: codes.number(one) for code, one in known.items() if one is not None}
    rows = samples.samples(connection, numbers.values())
    unknown = [code for code in known if numbers.get(code) not in rows]
    if unknown:
        raise NotFound(*(Problem("vial", "sample-unknown", {"code": code}) for code in unknown))
    found = [rows[numbers[code]] for code in given]
    refuse(
        [
            Problem("vial", "not-a-vial", {"code": codes.group(row.code)})
            for row in found
            if row.kind == "tube"
        ]
    )
    return found
