"""Mistakes are corrected, not edited: the old value stays in the history, with the reason and what follows.

A corrected tube hands its time point, time drawn and container on to its vials; SPREC codes and the consent
verdict are computed again; labels that would now say something else are asked for again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.intake import ReceiptForm
from biobank_desktop.domain.labels import fields
from biobank_desktop.domain.materials import DERIVATIONS
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, donors, printing, samples
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.families import held, held_family
from biobank_desktop.services.gate import decide_and_keep, donor_of
from biobank_desktop.services.intake import check_receipt_form
from biobank_desktop.services.labels import cancel_waiting, enter_labels, label_of
from biobank_desktop.services.processing import (
    StepForm,
    check_step,
    fill_problems_of,
    sample_of,
    tube_of,
)
from biobank_desktop.services.sprec import update_sprec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

_TUBE = frozenset({"material", "time_point", "drawn_at", "container", "volume_ul", "note"})
_RECEIPT = frozenset(
    {
        "received_at",
        "temperature",
        "conditions",
        "acceptance",
        "origin",
        "pull_number",
        "released_at",
        "released_by",
    }
)
_VIAL = frozenset({"volume_ul", "cells", "viability_percent", "blasts_percent", "medium", "note"})
_UNFILLED = frozenset({"medium", "note"})
_INHERITED = ("time_point", "drawn_at", "container")


@dataclass(frozen=True)
class Corrected:
    """What a correction changed: the fields, the labels asked for again, and the verdict now."""

    code: str
    changed: tuple[str, ...]
    labels: tuple[str, ...]
    verdict: str


def correct(
    store: Store,
    actor: Actor,
    code: str,
    changes: Mapping[str, Any],
    why: str,
    *,
    seen: str | None = None,
    command_id: UUID | None = None,
) -> Corrected:
    """Correct recorded values of a sample, with the reason.

    ``seen`` is the command that had last written the sample when it was shown: when another one has since,
    this is a ``Conflict``. Raises ``Rejected`` with every problem; nothing is changed then.
    """
    require_reason(why)
    payload = {"code": code, "changes": dict(changes), "seen": seen}
    asked = command(actor, "corrected", payload, "correct", title=code, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row, family = held_family(work, sample_of(work.connection, code))
        _require_unchanged(work, row, seen)
        unknown = set(changes) - _correctable(row)
        refuse([Problem(name, "not-correctable") for name in sorted(unknown)])
        before = {one.id: fields(label_of(work.connection, one.id)) for one in family}
        if row.kind == "tube":
            changed = _correct_tube(work, row, changes)
        else:
            changed = _correct_vial(work, row, changes)
        if not changed:
            raise Rejected(Problem("", "nothing-changed"))
        update_sprec(work, *(one.id for one in family))
        verdict = _decide_again(work, row)
        return {
            "code": row.code,
            "changed": sorted(changed),
            "labels": _relabel(work, before),
            "verdict": verdict,
        }

    return _corrected(store.run(asked, body))


def reattribute(
    store: Store, actor: Actor, tube: str, donor: str, why: str, command_id: UUID | None = None
) -> Corrected:
    """Give a family to the donor it belongs to: the tube and all its vials move, with the reason.

    Both donors' histories say so. Raises ``Rejected`` and ``NotFound``.
    """
    require_reason(why)
    payload = {"tube": tube, "donor": donor}
    asked = command(actor, "reattributed", payload, "correct", title=tube, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        right = donor_of(work.connection, donor)
        row, family = held_family(work, tube_of(work.connection, tube), right.id)
        if right.id == row.donor_id:
            raise Rejected(Problem("donor", "same-donor"))
        theirs = dataclasses.replace(_form(work, row, {}), donor=right.code)
        refuse([one for one in check_receipt_form(work, theirs) if one.code == "drawn-before-birth"])
        before = {one.id: fields(label_of(work.connection, one.id)) for one in family}
        for one in family:
            work.update(tables.sample, {"id": one.id}, donor_id=right.id)
        work.about(row.donor_id, row.donor_id)
        work.about(right.id, right.id)
        moved = sample_of(work.connection, tube)
        verdict = _decide_again(work, moved)
        return {
            "code": row.code,
            "changed": ["donor"],
            "labels": _relabel(work, before),
            "verdict": verdict,
        }

    return _corrected(store.run(asked, body))


def correct_step(
    store: Store,
    actor: Actor,
    tube: str,
    no: int,
    changes: Mapping[str, Any],
    why: str,
    command_id: UUID | None = None,
) -> tuple[str, ...]:
    """Correct a processing step as it was recorded, with the reason; returns the fields that changed.

    The SPREC codes of the vials it made are computed again. Raises ``Rejected`` with every problem.
    """
    require_reason(why)
    payload = {"tube": tube, "no": no, "changes": dict(changes)}
    asked = command(actor, "step-corrected", payload, "correct", title=tube, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row, _family = held_family(work, tube_of(work.connection, tube))
        step = next((one for one in samples.steps(work.connection, row.id) if one.no == no), None)
        receipt = samples.receipt(work.connection, row.id)
        if step is None or receipt is None:
            raise NotFound(Problem("no", "step-unknown", {"no": no}))
        names = {field.name for field in dataclasses.fields(StepForm)}
        refuse([Problem(name, "not-correctable") for name in sorted(set(changes) - names)])
        form = StepForm(**{name: changes.get(name, _as_typed(name, getattr(step, name))) for name in names})
        refuse(check_step(form, receipt.received_at, work.at))
        values = {
            name: value or None if name in {"device", "lot"} else value for name, value in changes.items()
        }
        changed = _apply(work, tables.step, {"sample_id": row.id, "no": no}, values)
        if not changed:
            raise Rejected(Problem("", "nothing-changed"))
        made = samples.vials(work.connection, row.id)
        update_sprec(work, *(vial.id for vial in made if vial.state == "filled"))
        return {"changed": sorted(changed)}

    return tuple(store.run(asked, body)["changed"])


def _as_typed(name: str, value: Any) -> Any:
    """A recorded value as the form of the step holds it."""
    if value is None and name in {"device", "lot"}:
        return ""
    return "unknown" if value is None and name == "temperature" else value


def record_diagnostic_release(
    store: Store, actor: Actor, tube: str, at: datetime, by: str, command_id: UUID | None = None
) -> None:
    """Diagnostics lets go of a tube: from now on its material is residual. Raises ``Rejected``."""
    payload = {"tube": tube, "at": at, "by": by}
    asked = command(actor, "released-by-diagnostics", payload, "intake", title=tube, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        (row,) = held(work, [tube_of(work.connection, tube)])
        receipt = samples.receipt(work.connection, row.id)
        if receipt is not None and receipt.released_at is not None:
            raise Conflict(
                Problem("released_at", "released-before", {"at": receipt.released_at.astimezone()})
            )
        form = _form(work, row, {"released_at": at, "released_by": by})
        refuse([one for one in check_receipt_form(work, form) if one.field.startswith("released")])
        work.update(tables.receipt, {"sample_id": row.id}, released_at=at, released_by=by)
        return {}

    store.run(asked, body)


def _corrected(result: Mapping[str, Any]) -> Corrected:
    return Corrected(result["code"], tuple(result["changed"]), tuple(result["labels"]), result["verdict"])


def _correctable(row: SampleRow) -> frozenset[str]:
    """What was observed of it: of a vial that nobody filled, or that was given up, no amounts."""
    if row.kind == "tube":
        return _TUBE | _RECEIPT
    return _VIAL if row.state == "filled" else _UNFILLED


def _require_unchanged(work: Work, row: SampleRow, seen: str | None) -> None:
    now = work.locked(tables.sample, {"id": row.id})
    if seen is not None and now is not None and str(now["command_id"]) != seen:
        raise Conflict(Problem("", "changed-since", {"code": codes.group(row.code)}))


def _correct_tube(work: Work, row: SampleRow, changes: Mapping[str, Any]) -> set[str]:
    vials = samples.vials(work.connection, row.id)
    parent = changes.get("material", row.material)
    refuse(
        [
            *check_receipt_form(work, _form(work, row, changes)),
            *(
                Problem("material", "not-derivable", {"parent": parent, "child": child})
                for child in sorted({vial.material for vial in vials if vial.parent_id == row.id})
                if (parent, child) not in DERIVATIONS
            ),
        ]
    )
    of_sample = {name: value for name, value in changes.items() if name in _TUBE}
    of_receipt = {name: value for name, value in changes.items() if name in _RECEIPT}
    if "conditions" in of_receipt:
        of_receipt["conditions"] = list(of_receipt["conditions"])
    changed = _apply(work, tables.sample, {"id": row.id}, of_sample)
    changed |= _apply(work, tables.receipt, {"sample_id": row.id}, of_receipt)
    handed_on = {name: of_sample[name] for name in _INHERITED if name in changed}
    for vial in vials:
        told = dict(handed_on)
        if "material" in changed and vial.parent_id == row.id:
            kind = "aliquot" if vial.material == parent else "derivative"
            told |= {"parent_material": of_sample["material"], "kind": kind}
        if told:
            work.update(tables.sample, {"id": vial.id}, **told)
    return changed


def _correct_vial(work: Work, row: SampleRow, changes: Mapping[str, Any]) -> set[str]:
    values = dict(changes)
    if row.state == "filled":
        problems, taken = fill_problems_of(work.connection, row, changes)
        refuse(problems)
        values |= taken
    return _apply(work, tables.sample, {"id": row.id}, values) - {"taken_ul", "taken_cells"}


def _apply(work: Work, table: Any, key: dict[str, int], values: Mapping[str, Any]) -> set[str]:
    if not values:
        return set()
    old = work.update(table, key, **values)
    return {name for name, value in values.items() if old[name] != value}


def _form(work: Work, row: SampleRow, changes: Mapping[str, Any]) -> ReceiptForm:
    """The receipt as it would read after the changes, for the same rules as at the receipt."""
    receipt = samples.receipt(work.connection, row.id)
    assert receipt is not None
    numbers = [value for _issuer, value in donors.lab_numbers(work.connection, row.id)]
    recorded = {
        "tube_code": numbers[0] if numbers else "",
        "donor": codes.from_number(row.donor_id),
        **{name: getattr(row, name) for name in _TUBE},
        **{name: getattr(receipt, name) for name in _RECEIPT},
    }
    merged = recorded | dict(changes)
    merged["conditions"] = tuple(merged["conditions"])
    merged["released_by"] = merged["released_by"] or ""
    return ReceiptForm(**merged)


def _decide_again(work: Work, row: SampleRow) -> str:
    """The verdict after a correction; a tube that is refused now goes to the list of what must leave."""
    donor = donors.donor(work.connection, row.donor_id)
    receipt = samples.receipt(work.connection, row.tube_id)
    assert donor is not None
    assert receipt is not None
    purpose = "store" if receipt.origin == "residual" else "receive-extra"
    decision = decide_and_keep(work, donor, purpose, receipt.received_at)
    refused = decision.verdict == "refused" or receipt.acceptance == "rejected"
    work.update(tables.sample, {"id": row.tube_id}, state="refused" if refused else "received")
    return decision.verdict


def _relabel(work: Work, before: Mapping[int, dict[str, str]]) -> list[str]:
    """Ask again for the labels whose text is no longer true; those still waiting are replaced.

    A vial that carries its maker's code and no label of ours has no text.
    """
    proved = printing.scanned_labels(work.connection, before)
    stale = []
    for object_id, was in before.items():
        row = samples.sample(work.connection, object_id)
        labelled = row is not None and row.kind != "tube" and row.state in {"planned", "filled"}
        if proved.get(object_id, (0, ""))[0] == printing.MAKERS:
            newest = containers.newest_label(work.connection, object_id)
            labelled = labelled and newest is not None and newest[1] != "cancelled"
        if labelled and fields(label_of(work.connection, object_id)) != was:
            stale.append(object_id)
    for object_id in stale:
        cancel_waiting(work, object_id)
    if stale:
        enter_labels(work, stale, "corrected")
    return [codes.from_number(object_id) for object_id in stale]
