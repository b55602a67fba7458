"""Consent at work: lines are entered, verdicts are asked for, deciding verdicts are kept."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import ConsentLine, ConsentRecord, Decision, Reason, decide, decide_all
from biobank_desktop.domain.dates import local_day, midnight
from biobank_desktop.domain.problems import NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.thresholds import ahead
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors as query
from biobank_desktop.persistence.queries import forms, samples
from biobank_desktop.persistence.queries.rules import first_receipt_and_rules
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.rules import book_of, rule_book

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.rule_book import RuleBook
    from biobank_desktop.domain.thresholds import Threshold
    from biobank_desktop.persistence.queries.consent import WrittenLine
    from biobank_desktop.persistence.queries.donors import ConsentLineRow, DecisionRow, DonorRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

CONTACTS = ("recontact-sent", "no-answer", "age-threshold", "form-superseded")
"""What was done about a decision that is to come; such a line answers nothing."""
KINDS = (
    *("given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed", "deceased", "corrected"),
    *CONTACTS,
)
SIGNATORIES = ("mother", "father", "guardian", "child", "self")
ANSWERS = ("yes", "no", "not-asked", "not-answered")
LEVELS = ("W0", "W1", "W2", "W3", "W4")
AUTHORITIES = ("parental", "guardianship", "court-order", "own")
MOST_PAGES = 500
_SIGNING = frozenset({"authority", "obtained_by", "interpreter", "scan_sha256", "pages", "original_at"})

# How long a stored decision may be relied on. Its true end can be a birthday, which must not stand in the
# history; no command lasts a day.
_GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class ConsentForm:
    """One line of consent as it is entered; ``answers`` maps an item's code to one of ``ANSWERS``.

    ``paper`` is the id of a registered version of a form; then ``form`` and ``form_version`` are taken from
    it. ``authority`` is what the signatory's right to decide rests on, ``obtained_by`` who explained it and
    took the signature, ``original_at`` where the signed paper is; None is not known.
    """

    donor: str
    kind: str
    signatory: str
    signed_on: date
    received_on: date
    answers: Mapping[str, str] = field(default_factory=dict)
    sole_authority: bool = False
    form: str = ""
    form_version: str = ""
    level: str | None = None
    corrects: int | None = None
    note: str = ""
    paper: str = ""
    authority: str | None = None
    obtained_by: str = ""
    interpreter: bool | None = None
    scan_sha256: str | None = None
    pages: int | None = None
    original_at: str = ""


def check_consent(
    form: ConsentForm,
    today: date,
    lines: Sequence[ConsentLineRow],
    book: RuleBook,
    paper: FormVersion | None = None,
) -> list[Problem]:
    """Everything that is wrong with what a line says; ``book`` says which items there are."""
    choices = (
        ("kind", form.kind, KINDS),
        ("signatory", form.signatory, SIGNATORIES),
        *(("answers", answer, ANSWERS) for answer in form.answers.values()),
        *((("level", form.level, LEVELS),) if form.level is not None else ()),
    )
    problems = [
        Problem(name, "not-a-choice", {"value": value, "choices": allowed})
        for name, value, allowed in choices
        if value not in allowed
    ]
    items = set(book.items)
    items |= {item.code for item in paper.items} if paper else set()
    problems += [
        Problem("answers", "item-unknown", {"item": item}) for item in form.answers if item not in items
    ]
    if form.kind in {"given", "partly-given"} and not form.answers:
        problems.append(Problem("answers", "answers-missing"))
    if form.kind == "withdrawn" and form.level is None:
        problems.append(Problem("level", "level-missing"))
    if form.kind in CONTACTS and (form.answers or form.level is not None or form.sole_authority):
        problems.append(Problem("kind", "contact-answers-nothing"))
    if form.signed_on > form.received_on:
        problems.append(Problem("signed_on", "signed-after-received"))
    if form.received_on > today:
        problems.append(Problem("received_on", "in-the-future"))
    corrects = form.kind == "corrected" or form.corrects is not None
    if corrects and form.corrects not in {line.no for line in lines}:
        problems.append(Problem("corrects", "line-unknown", {"line": form.corrects}))
    if form.kind == "corrected" and not form.note.strip():
        problems.append(Problem("note", "reason-missing"))
    return problems


def record_consent(store: Store, actor: Actor, form: ConsentForm, command_id: UUID | None = None) -> int:
    """Add a line to a donor's consent and return its number. Raises ``Rejected`` with every problem."""
    asked = command(actor, "consent-recorded", form, "intake", title=form.donor, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        donor, lines = held_lines(work, form.donor)
        paper = forms.version(work.connection, form.paper) if form.paper else None
        today = local_day(work.at)
        book = rule_book(work.connection)
        refuse([*check_consent(form, today, lines, book, paper), *check_signing(form, paper)])
        no = donor.consent_head + 1
        given = asdict(form)
        row = {key: given[key] for key in given.keys() - _SIGNING - {"donor", "paper"}}
        row |= {"form": paper.form, "form_version": paper.version} if paper else {}
        work.insert(tables.consent_line, [{**row, "donor_id": donor.id, "no": no, "known_at": work.at}])
        signing = {key: given[key] for key in _SIGNING}
        if paper or any(value not in {None, ""} for value in signing.values()):
            known = {"donor_id": donor.id, "line_no": no, "form_version_id": paper.id if paper else None}
            work.insert(tables.signing, [known | signing])
        work.update(tables.donor, {"id": donor.id}, consent_head=no)
        return {"no": no}

    return int(store.run(asked, body)["no"])


def check_signing(form: ConsentForm, paper: FormVersion | None) -> list[Problem]:
    """Everything that is wrong with how and on what a line was signed."""
    problems = []
    if form.authority not in {None, *AUTHORITIES}:
        problems.append(
            Problem("authority", "not-a-choice", {"value": form.authority, "choices": AUTHORITIES})
        )
    if form.scan_sha256 is not None and not re.fullmatch("[0-9a-f]{64}", form.scan_sha256):
        problems.append(Problem("scan_sha256", "not-a-sha256"))
    if form.pages is not None and not 1 <= form.pages <= MOST_PAGES:
        problems.append(Problem("pages", "pages-implausible", {"most": MOST_PAGES}))
    if form.paper and paper is None:
        problems.append(Problem("paper", "form-unknown", {"form": form.paper}))
    if paper is None:
        return problems
    if not paper.addresses(form.signatory):
        values = {"form": paper.id, "audience": paper.audience, "signatory": form.signatory}
        problems.append(Problem("paper", "form-for-others", values))
    asked = {item.code for item in paper.items}
    problems += [
        Problem("answers", "item-not-on-form", {"item": item, "form": paper.id})
        for item, answer in form.answers.items()
        if item not in asked and answer != "not-asked"
    ]
    if form.kind in {"given", "partly-given"}:
        left = [item.code for item in paper.items if form.answers.get(item.code, "not-asked") == "not-asked"]
        problems += [Problem("answers", "item-left-out", {"item": item, "form": paper.id}) for item in left]
    return problems


def held_lines(work: Work, code: str) -> tuple[DonorRow, list[ConsentLineRow]]:
    """The donor of a code, held, and the lines as they are now. Raises ``NotFound``."""
    work.hold(tables.donor, [donor_of(work.connection, code).id])
    donor = donor_of(work.connection, code)
    return donor, query.lines(work.connection, donor.id)


def correct_consent(
    store: Store, actor: Actor, donor: str, line: int, why: str, command_id: UUID | None = None
) -> int:
    """Strike out a line that was entered wrongly; the line stays readable. Raises ``Rejected``."""
    require_reason(why)
    today = local_day(datetime.now(UTC))
    form = ConsentForm(donor, "corrected", "mother", today, today, corrects=line, note=why)
    return record_consent(store, actor, form, command_id)


def donor_of(connection: Connection, code: str) -> DonorRow:
    """The donor of a code. Raises ``NotFound``."""
    known = codes.parse(code)
    row = query.donor(connection, codes.number(known)) if known else None
    if row is None:
        raise NotFound(Problem("donor", "donor-unknown", {"code": code}))
    return row


def record_of(
    connection: Connection, donor: DonorRow, received_at: datetime | None = None
) -> tuple[ConsentRecord, RuleBook]:
    """Everything that decides about a donor's material; ``received_at`` is the receipt asked about."""
    first, entered = first_receipt_and_rules(connection, donor.id)
    record = ConsentRecord(
        turns_12_on=donor.turns_12_on,
        turns_16_on=donor.turns_16_on,
        turns_18_on=donor.turns_18_on,
        first_received_at=first or received_at,
        head=donor.consent_head,
        lines=tuple(line_of(row, row.paper) for row in query.lines(connection, donor.id)),
        material_received_at=received_at,
    )
    return record, book_of(entered)


def line_of(row: ConsentLineRow | WrittenLine, paper: FormVersion | None) -> ConsentLine:
    """A line as the rules read it, with the form it was signed on."""
    return ConsentLine(
        no=row.no,
        kind=row.kind,  # type: ignore[arg-type]
        signatory=row.signatory,  # type: ignore[arg-type]
        signed_on=row.signed_on,
        received_at=_midnight(row.received_on),
        known_at=row.known_at,
        answers=row.answers,  # type: ignore[arg-type]
        sole_authority=row.sole_authority,
        form=row.form,
        form_version=row.form_version,
        level=row.level,  # type: ignore[arg-type]
        corrects=row.corrects,
        paper=paper,
    )


_midnight = lru_cache(maxsize=4096)(midnight)


def decide_again(
    kept: DecisionRow, donor: DonorRow, lines: Sequence[ConsentLineRow], book: RuleBook
) -> Decision | None:
    """What the same rules say today to what was asked then; None when it cannot be asked again.

    That is so when the book does not have them, or the donor's ages are erased.
    """
    rules = book.version(kept.rules_version)
    if rules is None or donor.turns_12_on is None:
        return None
    record = ConsentRecord(
        turns_12_on=donor.turns_12_on,
        turns_16_on=donor.turns_16_on,
        turns_18_on=donor.turns_18_on,
        first_received_at=kept.first_received_at,
        head=kept.consent_head,
        lines=tuple(line_of(row, row.paper) for row in lines if row.no <= kept.consent_head),
        material_received_at=kept.received_at,
    )
    return decide(record, kept.purpose, kept.decided_on, kept.known_on, rules)


def verdict(
    connection: Connection, donor: DonorRow, purpose: str, at: datetime, received_at: datetime | None = None
) -> Decision:
    """What the gate says now; nothing is kept."""
    record, book = record_of(connection, donor, received_at)
    return decide(record, purpose, local_day(at), _known_on(record, at), book.on(local_day(at)))


@dataclass(frozen=True)
class Verdicts:
    """What the gate says now about a donor, in the order of the rules, and which birthdays are to come.

    ``of_tubes``: the purposes that material is kept and used for, by the number of the tube it came from.
    """

    decisions: tuple[Decision, ...]
    of_tubes: Mapping[int, tuple[Decision, ...]]
    ahead: tuple[Threshold, ...]


_RECEIVING = frozenset({"receive", "receive-extra"})


def verdicts_of(connection: Connection, donor: DonorRow, at: datetime) -> Verdicts:
    """Everything that the gate says now about a donor; nothing is kept."""
    record, book = record_of(connection, donor)
    today, known_on = local_day(at), _known_on(record, at)
    rules = book.on(today)
    uses = [name for name, one in rules.purposes.items() if not one.contact and name not in _RECEIVING]
    return Verdicts(
        decisions=decide_all(record, rules.purposes, today, known_on, rules),
        of_tubes={
            tube: decide_all(replace(record, material_received_at=received), uses, today, known_on, rules)
            for tube, received in samples.received_at(connection, donor.id).items()
        },
        ahead=ahead(record, rules, today),
    )


def _known_on(record: ConsentRecord, at: datetime) -> datetime:
    """What is known counts whole: a line of another bench may bear a later moment than this command.

    It does when that bench was faster after this command had begun, and when two clocks differ.
    """
    return max([at, *(line.known_at for line in record.lines)])


def decide_and_keep(
    work: Work, donor: DonorRow, purpose: str, received_at: datetime | None = None
) -> Decision:
    """The verdict that this command acts on, kept with it; the donor's row must be held."""
    record, book = record_of(work.connection, donor, received_at)
    today = local_day(work.at)
    decision = decide(record, purpose, today, _known_on(record, work.at), book.on(today))
    other_rules = book.next_change(today)
    ends = (decision.holds_until, midnight(other_rules) if other_rules else None, work.at + _GOOD_FOR)
    work.insert(
        tables.decision,
        [
            {
                "donor_id": donor.id,
                "purpose": purpose,
                "verdict": decision.verdict,
                "reasons": [reason_row(reason) for reason in decision.reasons],
                "consent_head": decision.consent_head,
                "rules_version": decision.rules_version,
                "decided_on": decision.on,
                "known_on": decision.known_on,
                "received_at": received_at,
                "first_received_at": record.first_received_at,
                "holds_until": min(end for end in ends if end is not None),
            }
        ],
    )
    return decision


def decide_about(work: Work, rows: Sequence[SampleRow]) -> list[Decision]:
    """Ask once per donor whether these samples may be kept; the word is kept with the command.

    Of several tubes the oldest counts. The donors' rows must be held.
    """
    decisions = []
    for donor_id in sorted({row.donor_id for row in rows}):
        donor = query.donor(work.connection, donor_id)
        assert donor is not None
        oldest = min(row.tube_id for row in rows if row.donor_id == donor_id)
        received = samples.receipt(work.connection, oldest)
        decisions.append(decide_and_keep(work, donor, "store", received.received_at if received else None))
    return decisions


def reason_row(reason: Reason) -> dict[str, object]:
    """A reason as decisions keep it: its code and values, no sentence."""
    values = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in reason.values.items()
    }
    return {"code": reason.code, "values": values}


def require_not_refused(decision: Decision, field_name: str) -> None:
    """Raise ``Rejected`` with the reasons when the gate refuses."""
    if decision.verdict == "refused":
        raise Rejected(
            *(Problem(field_name, f"consent-{reason.code}", reason.values) for reason in decision.reasons)
        )
