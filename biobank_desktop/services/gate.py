"""The consent gate at work: what it is asked about, what it says now, what it said and is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import ConsentLine, ConsentRecord, Decision, Reason, decide, decide_all
from biobank_desktop.domain.dates import local_day, midnight
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.domain.thresholds import ahead
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import donors as query
from biobank_desktop.persistence.queries import samples
from biobank_desktop.persistence.queries.rules import first_receipt_and_rules
from biobank_desktop.services.rules import book_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.rule_book import RuleBook
    from biobank_desktop.domain.thresholds import Threshold
    from biobank_desktop.persistence.queries.consent import WrittenLine
    from biobank_desktop.persistence.queries.donors import ConsentLineRow, DecisionRow, DonorRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.work import Work

# How long a stored decision may be relied on. Its true end can be a birthday, which must not stand in the
# history; no command lasts a day.
_GOOD_FOR = timedelta(hours=24)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def donor_of(connection: Connection, code: str) -> DonorRow:
    """The donor of a code. Raises ``NotFound``."""
    known = codes.parse(code)
    row = query.donor(connection, codes.number(known)) if known else None
    if row is None:
        raise NotFound(Problem("donor", "donor-unknown", {"code": code}))
    return row


@dataclass(frozen=True)
class Entered:
    """What is written down that decides about a donor's material; the donor's row says the rest."""

    first_received_at: datetime | None
    lines: tuple[ConsentLine, ...]
    book: RuleBook


@Question
def entered_of(connection: Connection, donor_id: int) -> Answer[Entered]:
    """What is written down about a donor's consent, and the rules."""
    clock, lines = first_receipt_and_rules.sent(connection, donor_id), query.lines.sent(connection, donor_id)

    def read() -> Entered:
        first, sets = clock()
        return Entered(first, tuple(line_of(row, row.paper) for row in lines()), book_of(sets))

    return read


def record_of(
    connection: Connection, donor: DonorRow, received_at: datetime | None = None
) -> tuple[ConsentRecord, RuleBook]:
    """Everything that decides about a donor's material; ``received_at`` is the receipt asked about."""
    entered = entered_of(connection, donor.id)
    return _record(donor, entered, received_at), entered.book


def _record(donor: DonorRow, entered: Entered, received_at: datetime | None) -> ConsentRecord:
    return ConsentRecord(
        turns_12_on=donor.turns_12_on,
        turns_16_on=donor.turns_16_on,
        turns_18_on=donor.turns_18_on,
        first_received_at=entered.first_received_at or received_at,
        head=donor.consent_head,
        lines=entered.lines,
        material_received_at=received_at,
    )


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
    return decide(record, purpose, local_day(at), known_by(record, at), book.on(local_day(at)))


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
    today, known_on = local_day(at), known_by(record, at)
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


def known_by(record: ConsentRecord, at: datetime) -> datetime:
    """What is known counts whole: a line of another bench may bear a later moment than this command.

    It does when that bench was faster after this command had begun, and when two clocks differ.
    """
    return max([at, *(line.known_at for line in record.lines)])


def decide_and_keep(
    work: Work, donor: DonorRow, purpose: str, received_at: datetime | None = None
) -> Decision:
    """The verdict that this command acts on, kept with it; the donor's row must be held."""
    return decide_by(work, donor, entered_of(work.connection, donor.id), purpose, received_at)


def decide_by(
    work: Work, donor: DonorRow, entered: Entered, purpose: str, received_at: datetime | None
) -> Decision:
    """What ``decide_and_keep`` does, by what was read since the donor's row was held."""
    record, book = _record(donor, entered, received_at), entered.book
    today = local_day(work.at)
    decision = decide(record, purpose, today, known_by(record, work.at), book.on(today))
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


def decide_about(work: Work, rows: Sequence[SampleRow], purpose: str = "store") -> list[Decision]:
    """Ask once per donor whether something may be done with these samples; the word is kept.

    Of several tubes the oldest counts for keeping and the newest for all else: a withdrawal can spare what
    had come before it. The donors' rows must be held.
    """
    return decide_with(work, rows, grounds_of(work.connection, {row.donor_id for row in rows}), purpose)


@dataclass(frozen=True)
class Grounds:
    """What the gate is told of a donor; ``received``: when each of the tubes came in, by its number."""

    donor: DonorRow
    received: Mapping[int, datetime]
    entered: Entered


@Question
def grounds_of(connection: Connection, donor_ids: Collection[int]) -> Answer[list[Grounds]]:
    """What the gate is told of each of these donors."""
    asked = [
        (
            query.donor.sent(connection, donor_id),
            samples.received_at.sent(connection, donor_id),
            entered_of.sent(connection, donor_id),
        )
        for donor_id in sorted(donor_ids)
    ]

    def read() -> list[Grounds]:
        known = []
        for donor, received, entered in asked:
            row = donor()
            assert row is not None
            known.append(Grounds(row, received(), entered()))
        return known

    return read


def decide_with(
    work: Work, rows: Sequence[SampleRow], grounds: Sequence[Grounds], purpose: str = "store"
) -> list[Decision]:
    """What ``decide_about`` does, on grounds that were read since the donors' rows were held."""
    decisions = []
    of_several = min if purpose == "store" else max
    for known in grounds:
        of_rows = [known.received.get(row.tube_id) for row in rows if row.donor_id == known.donor.id]
        asked = of_several((moment for moment in of_rows if moment is not None), default=None)
        decisions.append(decide_by(work, known.donor, known.entered, purpose, asked))
    return decisions


def reason_row(reason: Reason) -> dict[str, object]:
    """A reason as decisions keep it: its code and values, no sentence."""
    return {"code": reason.code, "values": {name: value_row(one) for name, one in reason.values.items()}}


def reason_of(row: Mapping[str, Any]) -> Reason:
    """A reason as it was before it was kept."""
    return Reason(row["code"], {name: read_value(value) for name, value in row["values"].items()})


def value_row(value: object) -> object:
    """A value of a sentence as rows keep it: a day as text."""
    return value.isoformat() if isinstance(value, date) else value


def read_value(value: object) -> object:
    """A value of a sentence as it was before it was kept."""
    return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value


def require_not_refused(decision: Decision, field_name: str) -> None:
    """Raise ``Rejected`` with the reasons when the gate refuses."""
    if decision.verdict == "refused":
        raise Rejected(*(reason_problem(reason, field_name) for reason in decision.reasons))


def require_permitted(decision: Decision, field_name: str) -> None:
    """Raise ``Rejected`` with the reasons when the gate does not permit; to keep, not refusing is enough."""
    if decision.purpose == "store":
        require_not_refused(decision, field_name)
    elif decision.verdict != "permitted":
        raise Rejected(*(reason_problem(reason, field_name) for reason in decision.reasons))


def reason_problem(reason: Reason, field_name: str) -> Problem:
    """A reason of the gate as a problem beside a field."""
    return Problem(field_name, f"consent-{reason.code}", reason.values)
