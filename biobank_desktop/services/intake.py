"""Receiving a tube: checked, decided about, registered with its planned vials and their labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.intake import ABSENT, EarlierReceipt, ReceiptFacts, ReceiptForm, check_receipt
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.domain.scans import TUBE_ISSUER
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import donors, people, samples
from biobank_desktop.services.commands import command
from biobank_desktop.services.foreign_codes import vials_carrying
from biobank_desktop.services.gate import decide_by, entered_of, reason_row, verdict
from biobank_desktop.services.labels import TEMPLATES, label_row
from biobank_desktop.services.reference import reference
from biobank_desktop.services.values import root, value_problems

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.donors import DonorRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.gate import Entered

MOST_VIALS = 100
"""Planned of one tube at once; more is a slip, or somebody's script."""


@dataclass(frozen=True)
class Vial:
    """A planned vial: its code and what it is to hold."""

    code: str
    material: str
    number: int
    of: int


@dataclass(frozen=True)
class Received:
    """A tube that is in the database; refused material has no vials and goes back or is destroyed."""

    tube: str
    donor: str
    state: str
    verdict: str
    reasons: tuple[dict[str, Any], ...]
    vials: tuple[Vial, ...]


@dataclass(frozen=True)
class Outlook:
    """What would be said of a receipt as far as it is filled in: its problems, and the consent verdict."""

    problems: tuple[Problem, ...]
    decision: Decision | None


def outlook(connection: Connection, form: ReceiptForm, now: datetime) -> Outlook:
    """Check a half-filled form and ask the consent gate; nothing is kept."""
    known = _known(connection, form)
    problems = _problems(form, known, now)
    if known.donor is None:
        return Outlook(problems, None)
    received = form.received_at if form.received_at is not ABSENT else now
    return Outlook(problems, verdict(connection, known.donor, purpose_of(form), now, received))


def _problems(form: ReceiptForm, known: _Known, now: datetime) -> tuple[Problem, ...]:
    unreadable = value_problems(_answers(form))
    spoiled = {root(problem) for problem in unreadable}
    readable = _without(form, spoiled)
    checked = check_receipt(readable, _facts(known), now)
    problems = (*unreadable, *(problem for problem in checked if problem.field not in spoiled))
    asked_for, count = _donor_code(form), sum(vials.count for vials in readable.plan)
    if count > MOST_VIALS:
        problems += (Problem("plan", "vial-count-implausible", {"count": count, "most": MOST_VIALS}),)
    if asked_for is not None and known.donor is None:
        problems += (Problem("donor", "donor-unknown", {"code": codes.group(asked_for)}),)
    return problems


def _answers(form: ReceiptForm) -> dict[str, Any]:
    """The answers that were given."""
    return {name: value for name, value in vars(form).items() if value is not ABSENT}


def _without(form: ReceiptForm, names: set[str]) -> ReceiptForm:
    """The form without the answers that cannot be read: the rules are asked about the others."""
    blank = ReceiptForm()
    return replace(form, **{name: getattr(blank, name) for name in names})


def check_receipt_form(work: Work, form: ReceiptForm) -> list[Problem]:
    """The rules of a receipt for one that is in the database already: it is not its own double."""
    facts = replace(_facts(_known(work.connection, form)), earlier=None, carrier="", taken=frozenset())
    return list(check_receipt(form, facts, work.at))


def purpose_of(form: ReceiptForm) -> str:
    """What the gate is asked at receipt: extra tubes need a yes of their own."""
    return "store" if form.origin in {ABSENT, "residual"} else "receive-extra"


def receive(store: Store, actor: Actor, form: ReceiptForm, command_id: UUID | None = None) -> Received:
    """Register a tube with its planned vials, their labels and the consent decision, or nothing at all.

    Material that consent refuses, or that inspection rejected, is registered without vials, to be destroyed
    or given back. Raises ``Rejected`` with every problem.
    """
    given = _answers(form)
    if len(given) < len(vars(form)) or value_problems(given):
        with store.read() as connection:
            refuse(_problems(form, _known(connection, form), datetime.now(UTC)))
    asked = command(actor, "tube-received", form, "intake", title=form.tube_code, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        of_donor = _donor_numbers(form)
        work.hold(tables.donor, of_donor)
        told = _known.sent(work.connection, form)
        entered = [entered_of.sent(work.connection, number) for number in of_donor]
        known = told()
        refuse(_problems(form, known, work.at))
        assert known.donor is not None
        return _enter(work, form, known.donor, entered[0]())

    result = store.run(asked, body)
    return Received(
        tube=result["tube"],
        donor=result["donor"],
        state=result["state"],
        verdict=result["verdict"],
        reasons=tuple(result["reasons"]),
        vials=tuple(Vial(**vial) for vial in result["vials"]),
    )


def _donor_code(form: ReceiptForm) -> str | None:
    return None if form.donor is ABSENT else codes.parse(form.donor)


def _donor_numbers(form: ReceiptForm) -> list[int]:
    """The number of the donor that a form names, if it names one."""
    code = _donor_code(form)
    return [] if code is None else [codes.number(code)]


@dataclass(frozen=True)
class _Known:
    """What is in the database of what a form names.

    The donor, the materials that it already has at time points, who received the tube before, and the vial
    that carries its code ("" for none).
    """

    donor: DonorRow | None
    taken: frozenset[tuple[str, str]]
    earlier: EarlierReceipt | None
    carrier: str


@Question
def _known(connection: Connection, form: ReceiptForm) -> Answer[_Known]:
    unreadable = {root(problem) for problem in value_problems(_answers(form))}
    code = _without(form, unreadable).tube_code
    before = [] if code is ABSENT else [earlier_receipt.sent(connection, code)]
    carrying = [] if code is ABSENT else [vials_carrying.sent(connection, code)]
    asked = [
        (donors.donor.sent(connection, number), samples.tubes_at.sent(connection, number))
        for number in _donor_numbers(form)
    ]

    def read() -> _Known:
        earlier = next((told() for told in before), None)
        carrier = next((one for told in carrying for one in told()), "")
        for donor, tubes in asked:
            return _Known(donor(), frozenset(tubes()), earlier, carrier)
        return _Known(None, frozenset(), earlier, carrier)

    return read


def _facts(known: _Known) -> ReceiptFacts:
    ours, donor = reference(), known.donor
    protocol = ours.protocol(donor.protocol) if donor else next(iter(ours.protocols.values()))
    containers = frozenset(word.code for word in ours.sprec.containers)
    if donor is None:
        return ReceiptFacts(protocol, containers, earlier=known.earlier, carrier=known.carrier)
    return ReceiptFacts(
        protocol=protocol,
        containers=containers,
        turns_12_on=donor.turns_12_on,
        role=donor.role,
        day1_on=donor.day1_on,
        taken=known.taken,
        earlier=known.earlier,
        carrier=known.carrier,
    )


@Question
def earlier_receipt(connection: Connection, tube_code: str) -> Answer[EarlierReceipt | None]:
    """Who received a tube with this barcode before, and when; typed by hand, small letters are the same."""
    code = identifier(tube_code)
    spellings = dict.fromkeys((code, code.upper(), code.lower()))
    asked = [donors.by_alias.sent(connection, spelling) for spelling in spellings]

    def read() -> EarlierReceipt | None:
        for object_id, issuer in (one for told in asked for one in told()):
            receipt = samples.receipt(connection, object_id) if issuer == TUBE_ISSUER else None
            if receipt is not None:
                person = people.person(connection, receipt.login)
                name = person.name if person else receipt.login
                own = codes.group(codes.from_number(object_id))
                return EarlierReceipt(own, name, receipt.received_at.astimezone())
        return None

    return read


def _enter(work: Work, form: ReceiptForm, donor: DonorRow, entered: Entered) -> dict[str, Any]:
    decision = decide_by(work, donor, entered, purpose_of(form), form.received_at)
    refused = decision.verdict == "refused" or form.acceptance == "rejected"
    count = 0 if refused else sum(vials.count for vials in form.plan)
    tube, *vial_codes = work.new_codes(CodeKind.SAMPLE, 1 + count)
    tube_row = _tube(form, donor, codes.number(tube), "refused" if refused else "received")
    vial_rows = [] if refused else _vials(form, tube_row, vial_codes)
    work.insert(tables.sample, [tube_row, *vial_rows])
    work.insert(
        tables.alias,
        [
            {
                "value": identifier(form.tube_code),
                "issuer": TUBE_ISSUER,
                "object_id": tube_row["id"],
                "stream_id": donor.id,
            }
        ],
    )
    work.insert(tables.receipt, [_receipt(form, donor, tube_row["id"])])
    template = TEMPLATES["sample"]
    labels = [label_row(work, row["id"], 1, template, "intake", donor.id) for row in vial_rows]
    work.insert(tables.label, labels)
    totals = {vials.material: 0 for vials in form.plan}
    for row in vial_rows:
        totals[row["material"]] += 1
    return {
        "tube": tube,
        "donor": donor.code,
        "state": tube_row["state"],
        "verdict": decision.verdict,
        "reasons": [reason_row(reason) for reason in decision.reasons],
        "vials": [
            {
                "code": code,
                "material": row["material"],
                "number": row["number"],
                "of": totals[row["material"]],
            }
            for code, row in zip(vial_codes, vial_rows, strict=True)
        ],
    }


def _tube(form: ReceiptForm, donor: DonorRow, number: int, state: str) -> dict[str, Any]:
    return {
        "id": number,
        "kind": "tube",
        "donor_id": donor.id,
        "material": form.material,
        "state": state,
        "protocol": donor.protocol,
        "time_point": form.time_point,
        "drawn_at": form.drawn_at,
        "container": form.container,
        "volume_ul": form.volume_ul,
        "note": form.note,
    }


def _vials(form: ReceiptForm, tube: dict[str, Any], vial_codes: list[str]) -> list[dict[str, Any]]:
    numbers = iter(vial_codes)
    counts: dict[str, int] = {}
    rows = []
    for vials in form.plan:
        for _ in range(vials.count):
            counts[vials.material] = counts.get(vials.material, 0) + 1
            planned = {
                "planned_ul": vials.volume_ul,
                "planned_cells": vials.cells,
                "medium": vials.medium or None,
            }
            rows.append(
                vial_row(tube, codes.number(next(numbers)), vials.material, counts[vials.material], planned)
            )
    return rows


def vial_row(
    tube: dict[str, Any], number: int, material: str, place: int, planned: dict[str, Any]
) -> dict[str, Any]:
    """A planned vial of a tube, or of a vial: the ``place``-th of its material in the family."""
    return {
        "id": number,
        "kind": "aliquot" if material == tube["material"] else "derivative",
        "donor_id": tube["donor_id"],
        "material": material,
        "parent_id": tube["id"],
        "parent_material": tube["material"],
        "state": "planned",
        "protocol": tube["protocol"],
        "time_point": tube["time_point"],
        "drawn_at": tube["drawn_at"],
        "container": tube["container"],
        "number": place,
        "note": "",
        "origin_id": tube.get("origin_id") or tube.get("parent_id"),
        **planned,
    }


def _receipt(form: ReceiptForm, donor: DonorRow, number: int) -> dict[str, Any]:
    return {
        "sample_id": number,
        "received_at": form.received_at,
        "temperature": form.temperature,
        "conditions": list(form.conditions),
        "acceptance": form.acceptance,
        "origin": form.origin,
        "pull_number": form.pull_number,
        "released_at": form.released_at,
        "released_by": form.released_by or None,
        "stream_id": donor.id,
    }
