"""Growing up: who turns 12, 16 or 18, whose own decision is still open, and what became of the letter.

Children whose parents agreed are told and asked when they can decide themselves ("thick opt-out", Giesbertz
2016, PLoS Med); what follows without an answer is a policy of the rules. Birthdays identify: they stand in
the answers of this module and go into no event, export or log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from biobank_desktop.domain.consent import ConsentRecord, decide
from biobank_desktop.domain.consent_record import GIVING, OWN, counted
from biobank_desktop.domain.consent_words import AGREES, last_words
from biobank_desktop.domain.dates import midnight
from biobank_desktop.domain.thresholds import threshold
from biobank_desktop.persistence.queries import thresholds as query
from biobank_desktop.services.consent import CONTACTS
from biobank_desktop.services.gate import line_of
from biobank_desktop.services.rules import rule_book

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision, Verdict
    from biobank_desktop.domain.consent_record import ConsentLine
    from biobank_desktop.domain.consent_rules import Policy
    from biobank_desktop.domain.rule_book import RuleBook
    from biobank_desktop.domain.thresholds import Threshold
    from biobank_desktop.persistence.queries.thresholds import Consenting, Kept

State = Literal["overdue", "due", "answered", "letter-sent"]
STATES: tuple[State, ...] = ("overdue", "due", "answered", "letter-sent")
"""In the order in which they want work."""
STORE, USE = "store", "use-a2g"
LEAD_DAYS = 183
"""A letter so long before the birthday is the letter about it."""
_STRICTNESS: tuple[Policy, ...] = ("none", "inform", "recontact", "hold", "destroy")
_WAITS = frozenset({"hold", "destroy"})


@dataclass(frozen=True)
class Outlook:
    """What the gate says to keeping and to using: today, and when the grace has passed in silence."""

    store: Verdict
    use: Verdict
    store_after: Verdict
    use_after: Verdict


@dataclass(frozen=True)
class Contact:
    """The last thing that was done about a decision to come."""

    kind: str
    on: date


@dataclass(frozen=True)
class Turning:
    """A donor at a threshold; ``on`` is the birthday, ``until`` the end of the grace.

    ``contact`` False: the family does not want to be approached any more. ``record`` and ``book`` are what
    ``outlook`` asks the gate about: 15,000 donors are read in less time than it needs for some of them.
    """

    donor_id: int
    donor: str
    age: int
    on: date
    policy: Policy
    until: date
    last_contact: Contact | None
    contact: bool
    vials: int
    state: State
    record: ConsentRecord
    book: RuleBook


def turning(connection: Connection, today: date, within_days: int = 90) -> list[Turning]:
    """Everybody who turns 12, 16 or 18 within so many days, or did and has not decided: the urgent first."""
    found: list[Turning] = []
    after: int | None = 0
    while after is not None:
        some, after = turning_page(connection, today, within_days, after)
        found += some
    return in_order(found)


def in_order(found: Iterable[Turning]) -> list[Turning]:
    """What is overdue first, then what is due, each by the end of its grace."""
    return sorted(found, key=lambda one: (STATES.index(one.state), one.until, one.donor_id))


def turning_page(
    connection: Connection, today: date, within_days: int, after: int
) -> tuple[list[Turning], int | None]:
    """The same for some donors behind a number, and the number to go on with; None: that was all."""
    last_day = today + timedelta(days=within_days)
    donors = query.page(connection, after, last_day)
    if not donors:
        return [], None
    book = rule_book(connection)
    cases = [case for donor in donors if (case := _case(donor, today, last_day, book)) is not None]
    kept = query.kept(connection, [case.donor.id for case in cases])
    found = [one for case in cases for one in case.turnings(kept.get(case.donor.id), today)]
    return found, donors[-1].id


def record(donor: Consenting, first_received_at: datetime | None = None) -> ConsentRecord:
    """What decides about a donor who was read in bulk."""
    return ConsentRecord(
        turns_12_on=donor.turns_12_on,
        turns_16_on=donor.turns_16_on,
        turns_18_on=donor.turns_18_on,
        first_received_at=first_received_at,
        head=donor.consent_head,
        lines=tuple(line_of(line, line.paper) for line in donor.lines),
    )


def outlook(one: Turning, today: date) -> Outlook:
    """What today's consent is worth now, and after the grace when nobody says anything."""
    later = max(today, one.until)
    return Outlook(
        store=judged(one.record, STORE, today, one.book).verdict,
        use=judged(one.record, USE, today, one.book).verdict,
        store_after=judged(one.record, STORE, later, one.book).verdict,
        use_after=judged(one.record, USE, later, one.book).verdict,
    )


def judged(known: ConsentRecord, purpose: str, on: date, book: RuleBook) -> Decision:
    """The verdict of a day by everything that is known, and by the rules of that day."""
    return decide(known, purpose, on, _everything_known(known, on), book.on(on))


def standing_lines(known: ConsentRecord, on: date) -> tuple[ConsentLine, ...]:
    """The lines that count on a day, in the order of signing."""
    return counted(known.lines, on, _everything_known(known, on))


def _everything_known(known: ConsentRecord, on: date) -> datetime:
    return max([midnight(on), *(line.known_at for line in known.lines)])


@dataclass(frozen=True)
class _Case:
    """A donor with the birthdays that ask for work, and the lines that count today."""

    donor: Consenting
    known: ConsentRecord
    lines: tuple[ConsentLine, ...]
    thresholds: tuple[Threshold, ...]
    book: RuleBook

    def turnings(self, kept: Kept | None, today: date) -> list[Turning]:
        """One for each birthday; none for a donor of whom nothing is here, and nothing may be used."""
        if kept is None and not self.lines:
            return []
        first = kept.first_received_at if kept else None
        known = replace(self.known, first_received_at=first)
        contact = True
        if any(line.kind == "withdrawn" for line in self.lines):
            if any(reason.code == "withdrawn" for reason in judged(known, USE, today, self.book).reasons):
                return []
            asking = judged(known, "recontact", today, self.book).reasons
            contact = all(reason.code != "withdrawn-no-contact" for reason in asking)
        vials = kept.vials if kept else 0
        return [self._turning(one, known, today, vials, contact=contact) for one in self.thresholds]

    def _turning(
        self, at: Threshold, known: ConsentRecord, today: date, vials: int, *, contact: bool
    ) -> Turning:
        contacts = [line for line in self.lines if line.kind in CONTACTS]
        return Turning(
            donor_id=self.donor.id,
            donor=self.donor.code,
            age=at.age,
            on=at.on,
            policy=at.policy,
            until=at.until,
            last_contact=Contact(contacts[-1].kind, contacts[-1].signed_on) if contacts else None,
            contact=contact,
            vials=vials,
            state=self._state(at, today),
            record=known,
            book=self.book,
        )

    def _state(self, at: Threshold, today: date) -> State:
        letter = _letter(self.lines, at)
        asked_on = letter.signed_on if letter else at.on
        if any(
            line.kind in GIVING and line.signatory in OWN and line.signed_on >= asked_on
            for line in self.lines
        ):
            return "answered"
        if at.policy in _WAITS and today >= at.until:
            return "overdue"
        if letter is not None:
            return "letter-sent"
        return "overdue" if today > at.until else "due"


def _case(donor: Consenting, today: date, last_day: date, book: RuleBook) -> _Case | None:
    known = record(donor)
    lines = standing_lines(known, today)
    if any(line.kind == "deceased" for line in lines):
        return None
    rules = book.on(today)
    thresholds = [threshold(age, on, rules.ages[age]) for age, on in _birthdays(donor)]
    passed = [one for one in thresholds if one.on <= today]
    if len(passed) > 1:
        passed = passed[1:]  # what was open at 12 is the young person's own from 16 on
    items = rules.purposes[STORE].items
    undecided = [one for one in passed if _undecided(one, lines, items)]
    found = [one for one in thresholds if today < one.on <= last_day and one.policy != "none"]
    if found and passed and passed[-1].age == 12:
        undecided = []  # whoever turns 16 now is asked once, as a young person
    if undecided:
        strictest = max(undecided, key=lambda one: _STRICTNESS.index(one.policy))
        found.insert(0, replace(undecided[-1], policy=strictest.policy, until=strictest.until))
    return _Case(donor, known, lines, tuple(found), book) if found else None


def _birthdays(donor: Consenting) -> tuple[tuple[int, date], ...]:
    return ((12, donor.turns_12_on), (16, donor.turns_16_on), (18, donor.turns_18_on))


_DECIDED = AGREES | {"no"}


def _undecided(at: Threshold, lines: tuple[ConsentLine, ...], items: tuple[str, ...]) -> bool:
    """Whether a birthday that has passed still asks for a word of the donor, or for our letter."""
    words = [last_words(lines, item).own for item in items]
    decided = (word and word.line.signed_on >= at.on and word.answer in _DECIDED for word in words)
    if at.policy == "none" or all(decided):
        return False
    if at.policy in _WAITS:
        return True
    told = _letter(lines, at) is not None
    if at.policy == "inform":
        return not told
    return not (told and _since(lines, at, "no-answer"))


def _letter(lines: tuple[ConsentLine, ...], at: Threshold) -> ConsentLine | None:
    """The last letter about a birthday, None when none went out."""
    return next(reversed(_since(lines, at, "recontact-sent")), None)


def _since(lines: tuple[ConsentLine, ...], at: Threshold, kind: str) -> list[ConsentLine]:
    first = at.on - timedelta(days=LEAD_DAYS)
    return [line for line in lines if line.kind == kind and line.signed_on >= first]
