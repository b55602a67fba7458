"""Nonconforming work: reported, what it may have touched held back, decided about, closed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.nonconformities import JUDGEMENTS, check_nonconformity
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import plain
from biobank_desktop.persistence.queries.nonconformities import held_by
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.disposals import open_in
from biobank_desktop.services.releases import drop_in
from biobank_desktop.services.standing import held_with_standing, material_problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from biobank_desktop.domain.nonconformities import NonconformityForm
    from biobank_desktop.domain.people import Actor, Signed
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Fact, Work


def report(store: Store, actor: Actor, form: NonconformityForm, command_id: UUID | None = None) -> int:
    """Record what was found and hold back what it may have touched; returns its number.

    What is held back is in no open release any more. What was issued or used up is held on record, too: its
    recipients must be told. Raises ``NotFound``, and ``Rejected`` with every problem.
    """
    asked = command(
        actor, "nonconformity-reported", asdict(form), "storage", title=form.what, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        refuse(check_nonconformity(form, work.at))
        rows, _standing = held_with_standing(work, form.samples)
        refuse([one for row in rows for one in material_problems(row)])
        no = work.next_number(tables.nonconformity)
        cause = plain({name: value for name, value in asdict(form.cause).items() if value})
        told = {"kind": form.kind, "what": form.what, "cause": cause, "found_at": form.found_at}
        state = {"found_by": actor.login, "state": "open", "conclusion": "", "stream_id": LAB_STREAM}
        work.insert(tables.nonconformity, [{"no": no, **told, **state}])
        _hold_back(work, no, rows)
        return {"no": no}

    return int(store.run(asked, body)["no"])


def _hold_back(work: Work, no: int, rows: Sequence[SampleRow]) -> None:
    work.insert(
        tables.quarantine,
        [
            {
                "nonconformity_no": no,
                "sample_id": row.id,
                "decision": None,
                "decided_by": None,
                "reason": "",
                "stream_id": row.donor_id,
            }
            for row in rows
        ],
    )
    why = {
        row.id: [Problem("samples", "sample-in-quarantine", {"code": codes.group(row.code), "no": no})]
        for row in rows
    }
    drop_in(work, rows, why)


def hold_more(
    store: Store, actor: Actor, no: int, samples: Sequence[str], command_id: UUID | None = None
) -> list[str]:
    """Hold back more samples under a number. Raises ``NotFound``, and ``Rejected`` for those held already."""
    payload = {"no": no, "samples": list(samples)}
    title = ", ".join(samples[:3])
    asked = command(actor, "quarantine-extended", payload, "storage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, _standing = held_with_standing(work, samples)
        _open(work, no)
        refuse([one for row in rows for one in material_problems(row)])
        known = {row.sample_id for row in held_by(work.connection, no)}
        refuse(
            [
                Problem("samples", "held-before", {"code": codes.group(row.code), "no": no})
                for row in rows
                if row.id in known
            ]
        )
        _hold_back(work, no, rows)
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def _open(work: Work, no: int) -> Fact:
    head = work.locked(tables.nonconformity, {"no": no})
    if head is None:
        raise NotFound(Problem("no", "nonconformity-unknown", {"no": no}))
    if head["state"] == "closed":
        raise Conflict(Problem("no", "nonconformity-is-closed", {"no": no}))
    return head


def decide(
    store: Store,
    signed: Signed,
    no: int,
    samples: Sequence[str],
    judgement: str,
    why: str,
    command_id: UUID | None = None,
) -> int | None:
    """Decide, signed, about samples that are held back: accept them with the deviation, or destroy them.

    What is to be destroyed is put on a list of its own, whose number is returned. Raises ``NotFound``, and
    ``Rejected`` with every sample that is not held back under this number, or was decided about.
    """
    require_reason(why)
    if judgement not in JUDGEMENTS:
        values = {"value": judgement, "choices": JUDGEMENTS}
        raise Rejected(Problem("judgement", "not-a-choice", values))
    actor = signed.actor
    payload = {"no": no, "samples": list(samples), "judgement": judgement, "meaning": "decided"}
    title = ", ".join(samples[:3])
    asked = command(
        actor, "quarantine-decided", payload, "manage", title=title, why=why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        rows, standing = held_with_standing(work, samples)
        _open(work, no)
        keys = {row.id: {"nonconformity_no": no, "sample_id": row.id} for row in rows}
        held = {row.id: work.locked(tables.quarantine, keys[row.id]) for row in rows}
        refuse([one for row in rows for one in _not_to_decide(row, held[row.id], no)])
        for row in rows:
            judged = {"decision": judgement, "decided_by": actor.login, "reason": why}
            work.update(tables.quarantine, keys[row.id], **judged)
        listed = [
            (row, "destroy")
            for row in rows
            if judgement == "destroy" and standing[row.id].ended is None and standing[row.id].disposal is None
        ]
        return {"disposal": open_in(work, "nonconformity", listed, why) if listed else None}

    disposal = store.run(asked, body)["disposal"]
    return None if disposal is None else int(disposal)


def _not_to_decide(row: SampleRow, held: Fact | None, no: int) -> list[Problem]:
    values = {"code": codes.group(row.code), "no": no}
    if held is None:
        return [Problem("samples", "not-held", values)]
    return [] if held["decision"] is None else [Problem("samples", "decided-before-this", values)]


def close(store: Store, actor: Actor, no: int, conclusion: str, command_id: UUID | None = None) -> None:
    """Close what was found, with what was learned and done about it.

    Raises ``NotFound``, and ``Rejected`` while a sample waits for a decision.
    """
    if not conclusion.strip():
        raise Rejected(Problem("conclusion", "answer-missing"))
    payload = {"no": no, "conclusion": conclusion}
    asked = command(actor, "nonconformity-closed", payload, "manage", title=str(no), command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        _open(work, no)
        waiting = sum(row.decision is None for row in held_by(work.connection, no))
        if waiting:
            raise Rejected(Problem("no", "samples-undecided", {"no": no, "count": waiting}))
        work.update(tables.nonconformity, {"no": no}, state="closed", conclusion=conclusion)
        return {"no": no}

    store.run(asked, body)
