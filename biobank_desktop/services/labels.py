"""Labels: which were asked for, proved by a scan, asked for again with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.labels import ContainerLabel, Label, VialLabel
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.printing import FOLLOWS
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, printing, samples, worklists
from biobank_desktop.persistence.queries.preprinted import codes_on
from biobank_desktop.services.commands import command
from biobank_desktop.services.storage import path_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

REASONS = ("misprint", "lost", "damaged", "printer-fault", "relabel", "corrected")
TEMPLATES = {"sample": "vial-33x13", "tube": "tube-38x19", "container": "box-51x25"}


@dataclass(frozen=True)
class QueuedLabel:
    """A label to be printed: its place in the record, and what is to stand on it."""

    object_id: int
    no: int
    label: Label
    template: str


def label_of(connection: Connection, object_id: int) -> Label:
    """What is printed for a sample or a container. Raises ``NotFound``."""
    code = codes.from_number(object_id)
    if codes.kind_of(code) is CodeKind.CONTAINER:
        box = containers.container(connection, object_id)
        if box is not None:
            outer = path_text(connection, box.inside_id) if box.inside_id else ""
            return ContainerLabel(code, box.name, outer)
    row = samples.sample(connection, object_id)
    if row is None:
        raise NotFound(Problem("code", "code-unknown", {"code": codes.group(code)}))
    return _vial(connection, row)


def _vial(connection: Connection, row: SampleRow) -> VialLabel:
    family = [one for one in samples.vials(connection, row.tube_id) if one.material == row.material]
    source = material(row.parent_material or row.material).label
    own = material(row.material).label
    return VialLabel(
        code=row.code,
        material=own if row.parent_id is None or source == own else f"{source} {own}",
        time_point=row.time_point,
        number=row.number,
        of=max((one.number or 0 for one in family), default=None) if row.parent_id else None,
        amount=format_amount(
            row.volume_ul if row.volume_ul is not None else row.planned_ul,
            row.cells if row.cells is not None else row.planned_cells,
        ),
        collected_on=local_day(row.drawn_at) if row.drawn_at else None,
    )


def label_row(
    work: Work, object_id: int, no: int, template: str, reason: str, stream_id: int
) -> dict[str, Any]:
    """A label that waits for a printer, at the bench where it was asked for."""
    return {
        "object_id": object_id,
        "no": no,
        "state": "queued",
        "template": template,
        "fields": {},
        "reason": reason,
        "requested_at": work.at,
        "bench": work.command.bench,
        "stream_id": stream_id,
    }


def enter_labels(work: Work, object_ids: Sequence[int], reason: str) -> None:
    """Ask for labels in an open command; each is a new one, whatever came before."""
    rows = []
    for object_id in object_ids:
        kind = codes.kind_of(codes.from_number(object_id))
        box = containers.container(work.connection, object_id) if kind is CodeKind.CONTAINER else None
        row = samples.sample(work.connection, object_id) if kind is CodeKind.SAMPLE else None
        stream = work.stream_of(tables.container, object_id) if box else (row.donor_id if row else None)
        if stream is None:
            raise NotFound(Problem("code", "code-unknown", {"code": codes.from_number(object_id)}))
        newest = containers.newest_label(work.connection, object_id)
        template = "container" if box else ("tube" if row and row.kind == "tube" else "sample")
        no = newest[0] + 1 if newest else 1
        rows.append(label_row(work, object_id, no, TEMPLATES[template], reason, stream))
    work.insert(tables.label, rows)


def cancel_waiting(work: Work, object_id: int) -> None:
    """Take back the labels of a thing that no printer has; one proved or handed over meanwhile stays so."""
    for no in containers.waiting_labels(work.connection, object_id):
        key = {"object_id": object_id, "no": no}
        label = work.locked(tables.label, key)
        if label is not None and label["state"] == "queued":
            work.update(tables.label, key, state="cancelled")


def queued(connection: Connection, object_ids: Sequence[int] | None = None) -> list[QueuedLabel]:
    """The labels that wait for a printer, in the order they were asked for."""
    waiting = [
        row
        for row in reversed(worklists.labels(connection, states=["queued"], most=None))
        if object_ids is None or row.object_id in object_ids
    ]
    return [
        QueuedLabel(row.object_id, row.no, label_of(connection, row.object_id), row.template)
        for row in sorted(waiting, key=lambda row: (row.requested_at, row.object_id))
    ]


def reprint(
    store: Store, actor: Actor, code: str, reason: str, note: str = "", command_id: UUID | None = None
) -> None:
    """Ask for another label of a thing, with the reason. Raises ``Rejected`` and ``NotFound``."""
    if reason not in REASONS:
        raise Rejected(Problem("reason", "not-a-choice", {"value": reason, "choices": REASONS}))
    known = codes.parse(code)
    if known is None:
        raise NotFound(Problem("code", "code-unknown", {"code": code}))
    kind = codes.kind_of(known)
    payload = {"code": known, "reason": reason, "note": note}
    asked = command(
        actor, "label-reprinted", payload, "reprint", title=known, why=note or reason, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        # Nobody else numbers this thing's labels now.
        work.hold(tables.sample if kind is CodeKind.SAMPLE else tables.container, [codes.number(known)])
        row = samples.sample(work.connection, codes.number(known))
        if row is not None and row.state == "void":
            raise Rejected(Problem("code", "sample-void", {"code": codes.group(known)}))
        enter_labels(work, [codes.number(known)], reason)
        return {"code": known}

    store.run(asked, body)


def verify(store: Store, actor: Actor, code: str, command_id: UUID | None = None) -> str:
    """Prove a label by a scan of it; returns "right", or "twice" when it was proved before.

    Raises ``NotFound`` for a code that is not in this database and ``Rejected`` for one without a label, or
    one that was typed: that somebody can read a code does not say that a scanner can.
    """
    known = codes.parse(code)
    if known is None:
        raise NotFound(Problem("code", "code-unknown", {"code": code}))
    if known in actor.typed:
        raise Rejected(Problem("code", "typing-proves-nothing", {"code": codes.group(known)}))
    number, kind = codes.number(known), codes.kind_of(known)
    asked = command(actor, "label-verified", {"code": known}, "intake", title=known, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        # Nobody else asks for a label of this thing, or takes one back, now.
        work.hold(tables.sample if kind is CodeKind.SAMPLE else tables.container, [number])
        before = work.locked_of(tables.label, printing.SCANNED, {"object": number})
        if before is None:
            row = samples.sample(work.connection, number)
            if row is None or not codes_on(work.connection, [number]):
                raise Rejected(Problem("code", "sample-unlabelled", {"code": codes.group(known)}))
            work.about(row.donor_id, number)
            return {"answer": "twice"}  # its maker's code was proved when it was put on
        key = {"object_id": number, "no": before["no"]}
        if "verified" not in FOLLOWS[before["state"]]:
            work.about(before["stream_id"], number)
            return {"answer": "twice"}
        work.update(tables.label, key, state="verified", verified_at=work.at)
        return {"answer": "right"}

    return str(store.run(asked, body)["answer"])
