"""Printing: which labels a printer may be sent now, and what became of each. Nothing is sent from here.

A label is taken before its first byte leaves, and what the printer tells is written down afterwards. When a
program ends between the two, nobody knows what came out, and nobody but a person says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import fields
from biobank_desktop.domain.printing import (
    FOLLOWS,
    NOT_OUT,
    TO_BE_DECIDED,
    UNDER_WAY,
    Came,
    LabelKey,
    held_by,
)
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, Unavailable, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors, printing, samples
from biobank_desktop.services.commands import command
from biobank_desktop.services.gate import decide_about, verdict
from biobank_desktop.services.labels import label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.printers import Told
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Fact, Work
    from biobank_desktop.services.labels import QueuedLabel


@dataclass(frozen=True)
class Drawn:
    """A waiting label that has passed the gate for one printer, as these very bits.

    ``version`` is that of the lab's own template, 0 of one that comes with the program.
    """

    queued: QueuedLabel
    template: str
    version: int
    dpi: int
    bits_sha256: str

    @property
    def key(self) -> LabelKey:
        """Which label it is."""
        return LabelKey(self.queued.object_id, self.queued.no)


@dataclass(frozen=True)
class Batch:
    """Labels that go to a printer together; ``page_of`` is the page that each stands on, from 0."""

    drawn: tuple[Drawn, ...]
    pages: tuple[Page, ...]
    page_of: tuple[int, ...]


@dataclass(frozen=True)
class Prepared:
    """What may be sent, in its batches, and why the gate let the others not pass."""

    batches: tuple[Batch, ...]
    refused: Mapping[LabelKey, tuple[Problem, ...]]


def prepare(
    labels: Sequence[QueuedLabel], template: Template, version: int, dpi: int, together: int, first: int = 1
) -> Prepared:
    """Draw labels on one template and send them through the gate; those it refuses are left out.

    ``together`` go in one batch at most. ``first`` is the place on the first sheet to begin at. Raises
    ``LabelRefused`` when a sheet has no such place.
    """
    from biobank_desktop.labels.gate import LabelRefused  # noqa: PLC0415 - fonts and symbols: only to print
    from biobank_desktop.labels.rendering import render, render_all  # noqa: PLC0415

    passed: list[QueuedLabel] = []
    pages: list[Page] = []
    refused: dict[LabelKey, tuple[Problem, ...]] = {}
    for one in labels:
        try:
            pages.append(render(template, one.label, dpi))
            passed.append(one)
        except LabelRefused as error:
            refused[LabelKey(one.object_id, one.no)] = error.problems
    on = list(range(len(passed)))
    sheet = template.stock.sheet
    if sheet is not None:
        pages = render_all(template, [one.label for one in passed], dpi, first)
        on = [(number + first - 1) // sheet.count for number in on]
    drawn = [
        Drawn(one, template.name, version, dpi, pages[page].sha256)
        for one, page in zip(passed, on, strict=True)
    ]
    batches = []
    for start in range(0, len(drawn), together):
        end = min(start + together, len(drawn))
        begin = on[start]
        whole = tuple(page - begin for page in on[start:end])
        batches.append(Batch(tuple(drawn[start:end]), tuple(pages[begin : on[end - 1] + 1]), whole))
    return Prepared(tuple(batches), refused)


def permitted(
    connection: Connection, labels: Sequence[QueuedLabel], at: datetime
) -> tuple[list[QueuedLabel], list[Problem]]:
    """The labels that may be printed, and a problem (``label-refused``) for each that consent refuses.

    A box has no donor. What is refused keeps waiting: a consent that is set right lets it go.
    """
    rows = samples.samples(connection, [one.object_id for one in labels])
    asked = {(row.donor_id, row.tube_id) for row in rows.values()}
    refused = {pair for pair in asked if _is_refused(connection, *pair, at)}
    may, problems = [], []
    for one in labels:
        row = rows.get(one.object_id)
        if row is not None and (row.donor_id, row.tube_id) in refused:
            problems.append(Problem("codes", "label-refused", {"code": codes.group(row.code)}))
        else:
            may.append(one)
    return may, problems


def _is_refused(connection: Connection, donor_id: int, tube_id: int, at: datetime) -> bool:
    donor, receipt = donors.donor(connection, donor_id), samples.receipt(connection, tube_id)
    assert donor is not None
    received = receipt.received_at if receipt else None
    return verdict(connection, donor, "store", at, received).verdict == "refused"


def take(
    store: Store,
    actor: Actor,
    drawn: Sequence[Drawn],
    printer: str,
    sender: str,
    command_id: UUID | None = None,
) -> None:
    """Take labels for a printer, all or none, before the first byte is sent.

    The verdict of consent stands beside what was taken. ``sender`` names one running program. Raises
    ``Rejected`` for what consent refuses by now, and ``Conflict`` when another one sends to the same printer
    (``printer-of-another-bench``) or a label does not wait any more or would say something else now
    (``label-changed-meanwhile``): then what waits is read and drawn again.
    """
    payload = {
        "labels": [[one.queued.object_id, one.queued.no, one.bits_sha256] for one in drawn],
        "printer": printer,
        "sender": sender,
    }
    asked = command(actor, "labels-sending", payload, "intake", title=printer, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows = list(samples.samples(work.connection, [one.queued.object_id for one in drawn]).values())
        work.hold(tables.donor, {row.donor_id for row in rows})
        _refuse_while_busy(work, printer, sender)
        _may, refused = permitted(work.connection, [one.queued for one in drawn], work.at)
        refuse(refused)
        decide_about(work, rows)
        for one in sorted(drawn, key=lambda one: one.key):
            _require_waiting(work, one)
            work.update(
                tables.label,
                asdict(one.key),
                state="sending",
                printer=printer,
                sender=sender,
                sending_at=work.at,
                fields=fields(one.queued.label),
                template=one.template,
                template_version=one.version,
                dpi=one.dpi,
                bits_sha256=one.bits_sha256,
            )
        return {}

    store.run(asked, body)


def _refuse_while_busy(work: Work, printer: str, sender: str) -> None:
    """One sender to a printer: labels that mix on one roll are vials that change their names."""
    work.locked(tables.printer, {"name": printer})  # a file is nobody else's
    busy = printing.sending_to(work.connection, printer, sender)
    if busy is not None:
        values = {"printer": printer, "bench": bench_of(busy.sender), "since": busy.sending_at}
        raise Conflict(Problem("printer", "printer-of-another-bench", values))


def _require_waiting(work: Work, one: Drawn) -> None:
    now = _label(work, one.key)
    if now["state"] != "queued" or label_of(work.connection, one.key.object_id) != one.queued.label:
        code = codes.group(codes.from_number(one.key.object_id))
        raise Conflict(Problem("codes", "label-changed-meanwhile", {"code": code}))


def came_of(told: Told, batch: Batch) -> list[Came]:
    """What became of labels, as a printer told it of their pages."""
    return [
        Came(one.key, "confirmed", told.place)
        if page < told.out
        else Came(one.key, told.rest or "unknown", told.place, held_by(told.place, told.fault))
        for one, page in zip(batch.drawn, batch.page_of, strict=True)
    ]


def came_of_error(error: Exception, keys: Iterable[LabelKey], printer: str) -> list[Came]:
    """What became of labels when a printer raised: with ``Unavailable`` not one byte has left.

    After anything else nobody knows.
    """
    if isinstance(error, Unavailable):
        return [Came(key, "failed", printer, error.problem) for key in keys]
    return [Came(key, "unknown", printer) for key in keys]


def came_of_refused(refused: Mapping[LabelKey, tuple[Problem, ...]], printer: str) -> list[Came]:
    """What the gate refused has failed, for its first reason."""
    return [Came(key, "failed", printer, problems[0]) for key, problems in refused.items()]


def report(store: Store, actor: Actor, came: Sequence[Came], command_id: UUID | None = None) -> None:
    """Write down what a printer told of labels that were taken.

    What was proved by a scan meanwhile stays proved, and what a person has decided stays decided.
    """
    payload = {
        "labels": [[one.key.object_id, one.key.no, one.state, fault_row(one.fault)] for one in came],
        "places": sorted({one.place for one in came}),
    }
    title = ", ".join(sorted({one.place for one in came}))
    asked = command(actor, "labels-reported", payload, "intake", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        for one in sorted(came, key=lambda one: one.key):
            now = _label(work, one.key)
            if one.state not in FOLLOWS[now["state"]]:
                continue
            values: dict[str, Any] = {"state": one.state, "printer": one.place}
            values["fault"] = fault_row(one.fault)
            if now["sent_at"] is None and one.state != "failed":
                values["sent_at"] = work.at
            if one.state == "confirmed":
                values["confirmed_at"] = work.at
            work.update(tables.label, asdict(one.key), **values)
        return {}

    store.run(asked, body)


def fault_row(fault: Problem | None) -> dict[str, object] | None:
    """Why a label did not come out, as its row keeps it: code and values, no sentence."""
    if fault is None:
        return None
    values = {
        name: value if isinstance(value, int | str) else str(value) for name, value in fault.values.items()
    }
    return {"code": fault.code, "values": values}


def fault_of(row: Mapping[str, Any] | None) -> Problem | None:
    """Why a label did not come out, to be said."""
    return Problem("printer", row["code"], row["values"]) if row else None


def _label(work: Work, key: LabelKey) -> Fact:
    """A label, held; its history is told of it. Raises ``NotFound``."""
    now = work.locked(tables.label, asdict(key))
    if now is None:
        raise NotFound(Problem("codes", "code-unknown", {"code": codes.from_number(key.object_id)}))
    work.about(now["stream_id"], key.object_id)
    return now


def give_up(store: Store, actor: Actor, keys: Iterable[LabelKey], command_id: UUID | None = None) -> int:
    """Nobody watches these labels any more: what was under way is unknown from now on; returns how many.

    For the labels that an earlier run of this program left behind, and for another bench's that is gone.
    """
    wanted = sorted(set(keys))
    payload = {"labels": [[key.object_id, key.no] for key in wanted]}
    asked = command(actor, "labels-given-up", payload, "intake", command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        left = 0
        for key in wanted:
            if _label(work, key)["state"] in UNDER_WAY:
                work.update(tables.label, asdict(key), state="unknown")
                left += 1
        return {"left": left}

    return int(store.run(asked, body)["left"])


def decide(
    store: Store, actor: Actor, code: str, no: int, *, came_out: bool, command_id: UUID | None = None
) -> None:
    """A person has looked: a label came out, or it did not. Another one is asked for with ``reprint``.

    Raises ``NotFound`` and ``Rejected`` when there is nothing to decide about it.
    """
    known = codes.parse(code)
    if known is None:
        raise NotFound(Problem("code", "code-unknown", {"code": code}))
    payload = {"code": known, "no": no, "came_out": came_out}
    asked = command(actor, "label-decided", payload, "intake", title=known, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        key = LabelKey(codes.number(known), no)
        now = _label(work, key)
        if now["state"] not in TO_BE_DECIDED:
            raise Rejected(Problem("code", "label-not-open", {"code": codes.group(known)}))
        if came_out:
            work.update(tables.label, asdict(key), state="confirmed", confirmed_at=work.at)
        else:
            work.update(tables.label, asdict(key), state="failed", fault=fault_row(NOT_OUT))
        return {"code": known, "no": no}

    store.run(asked, body)


def sender_at(bench: str, token: str) -> str:
    """The name of one running program at a bench."""
    return f"{bench} {token}"


def bench_of(sender: str) -> str:
    """The bench that a sender stands at."""
    return sender.rpartition(" ")[0]


def left_behind(connection: Connection, bench: str, sender: str) -> list[LabelKey]:
    """The labels that earlier runs of the program at this bench had under way when they ended."""
    return [
        LabelKey(row.object_id, row.no)
        for row in printing.under_way(connection)
        if bench_of(row.sender) == bench and row.sender != sender
    ]
