"""What if: the verdict of every purpose for every donor, once as it is and once as it would be.

Nothing is written. It works in steps of a few donors; commands may run between them, so a donor who changes
meanwhile is counted as he is when his turn comes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import VERDICTS, ConsentLine, ConsentRecord, Verdict, verdicts
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence.queries import consent as query
from biobank_desktop.persistence.queries import forms
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.gate import donor_of, line_of
from biobank_desktop.services.reference import reference
from biobank_desktop.services.rules import rule_book

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.consent_record import Level
    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.persistence.queries.consent import Standing
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store

STEP_DONORS = 40


@dataclass(frozen=True)
class Question:
    """What would be otherwise; what is left out stays as it is.

    ``forms``: whoever signed the version on the left answered the items of the one on the right, the others
    fall away. ``withdrawals``: a donor's code and how far the consent would be withdrawn today.
    ``purposes``: only these; without any, all.
    """

    rules: ConsentRules | None = None
    on: date | None = None
    forms: Mapping[str, FormVersion] = field(default_factory=dict)
    withdrawals: Mapping[str, Level] = field(default_factory=dict)
    purposes: tuple[str, ...] = ()


class Moved(NamedTuple):
    """A donor whose verdict would change, and how many filled vials are concerned."""

    donor_id: int
    vials: int

    @property
    def donor(self) -> str:
        """The donor's code."""
        return codes.from_number(self.donor_id)


@dataclass(frozen=True)
class Change:
    """All donors whose verdict about a purpose would change alike."""

    purpose: str
    before: Verdict
    after: Verdict
    donors: tuple[Moved, ...]

    @cached_property
    def vials(self) -> int:
        """The filled vials of all of them."""
        return sum(donor.vials for donor in self.donors)


@dataclass(frozen=True)
class WhatIf:
    """The answer: how many donors and filled vials were looked at, and every change.

    ``moved_donors`` and ``moved_vials``: those about whom any verdict would change. ``not_compared``:
    purposes that only one of the two rule sets knows.
    """

    donors: int
    vials: int
    moved_donors: int
    moved_vials: int
    changes: tuple[Change, ...]
    not_compared: tuple[str, ...]


def what_if(store: Store, question: Question, at: datetime) -> Steps[WhatIf]:
    """Ask.

    Raises ``Rejected`` at once for unknown purposes, ``NotFound`` for unknown donors in the first step.
    """
    here = reference().consent_rules.purposes  # every set of a lab's own has the same
    there = question.rules.purposes if question.rules else here
    known = [name for name in here if name in there]
    problems = [
        Problem("purpose", "unknown-purpose", {"purpose": name})
        for name in question.purposes
        if name not in known
    ]
    if problems:
        raise Rejected(*problems)
    chosen = tuple(name for name in known if not question.purposes or name in question.purposes)
    left = () if question.purposes else tuple(sorted(here.keys() ^ there.keys()))
    return _Asking(store, question, at, chosen).steps(left)


def vials_of(store: Store, donors: Sequence[Moved]) -> Steps[dict[str, tuple[str, ...]]]:
    """The codes of the filled vials of these donors, by the donor's code."""
    found: dict[str, tuple[str, ...]] = {}
    for some in _chunks([donor.donor_id for donor in donors]):
        with store.snapshot() as connection:
            read = query.vials(connection, some)
        found |= {codes.from_number(donor): read[donor] for donor in some}
        yield Progress(len(found), len(donors))
    return found


class _Asking:
    """A question on its way through the donors."""

    def __init__(
        self,
        store: Store,
        question: Question,
        at: datetime,
        purposes: tuple[str, ...],
    ) -> None:
        self._store, self._question, self._at = store, question, at
        self._purposes = purposes
        self._versions: Mapping[str, FormVersion] = {}
        self._here = self._there = reference().consent_rules
        self._today = local_day(at)
        self._on = question.on or self._today
        # Whether the other version was in force is not the question, only what it asks.
        self._forms = {
            name: replace(version, valid_from=date.min, valid_to=None)
            for name, version in question.forms.items()
        }
        self._withdrawals: dict[int, Level] = {}

    def steps(self, not_compared: tuple[str, ...]) -> Steps[WhatIf]:
        with self._store.snapshot() as connection:
            ids = query.donor_ids(connection)
            self._versions = forms.versions(connection)
            book = rule_book(connection)
            self._here, self._there = book.on(self._today), self._question.rules or book.on(self._on)
            self._withdrawals = _by_donor(connection, self._question.withdrawals)
        found: dict[tuple[str, str, str], list[Moved]] = defaultdict(list)
        vials = moved_donors = moved_vials = done = 0
        for some in _chunks(ids):
            with self._store.snapshot() as connection:
                read = query.standings(connection, some[0], some[-1])
            for standing in read:
                vials += standing.vials
                moved = Moved(standing.id, standing.vials)
                changes = list(self._changes(standing))
                for change in changes:
                    found[change].append(moved)
                if changes:
                    moved_donors += 1
                    moved_vials += standing.vials
            done += len(some)
            yield Progress(done, len(ids))
        listed = [
            Change(purpose, before, after, tuple(found[purpose, before, after]))
            for purpose in self._purposes
            for before in VERDICTS
            for after in VERDICTS
            if (purpose, before, after) in found
        ]
        return WhatIf(len(ids), vials, moved_donors, moved_vials, tuple(listed), not_compared)

    def _changes(self, standing: Standing) -> Iterator[tuple[str, Verdict, Verdict]]:
        """The purposes whose verdict would be another one."""
        question, purposes = self._question, self._purposes
        record = record_at(standing, self._versions)
        other = self._other(standing.id, record)
        if other is record and self._there is self._here and question.on is None:
            return
        known_on = max([self._at, *(line.known_at for line in record.lines)])
        before = verdicts(record, purposes, self._today, known_on, self._here)
        after = verdicts(other, purposes, self._on, known_on, self._there)
        for purpose, was, would in zip(purposes, before, after, strict=True):
            if was != would:
                yield purpose, was, would

    def _other(self, donor_id: int, record: ConsentRecord) -> ConsentRecord:
        """The record as it would be; the very same where nothing would differ."""
        lines = record.lines
        if not self._forms.keys().isdisjoint(map(_paper_name, lines)):
            lines = tuple(
                replace(line, paper=self._forms.get(_paper_name(line), line.paper)) for line in lines
            )
        if donor_id in self._withdrawals:
            grown = record.turns_16_on is not None and self._on >= record.turns_16_on
            withdrawal = ConsentLine(
                no=record.head + 1,
                kind="withdrawn",
                signatory="self" if grown else "mother",
                signed_on=self._on,
                received_at=self._at,
                known_at=self._at,
                level=self._withdrawals[donor_id],
            )
            lines = (*lines, withdrawal)
        return record if lines is record.lines else replace(record, lines=lines)


def _by_donor(connection: Connection, asked: Mapping[str, Level]) -> dict[int, Level]:
    found: dict[int, Level] = {}
    unknown: list[Problem] = []
    for code, level in asked.items():
        try:
            found[donor_of(connection, code).id] = level
        except NotFound as refusal:
            unknown += refusal.problems
    if unknown:
        raise NotFound(*unknown)
    return found


def record_at(
    standing: Standing, versions: Mapping[str, FormVersion], moment: datetime | None = None
) -> ConsentRecord:
    """What decides about a donor's material; with a ``moment``, no receipt that came after it.

    Which lines were known by then, the gate asks itself.
    """
    first = standing.first_received_at
    return ConsentRecord(
        turns_12_on=standing.turns_12_on,
        turns_16_on=standing.turns_16_on,
        turns_18_on=standing.turns_18_on,
        first_received_at=None if first and moment and first > moment else first,
        head=standing.consent_head,
        lines=tuple([line_of(row, versions.get(row.paper or "")) for row in standing.lines]),
    )


def _paper_name(line: ConsentLine) -> str:
    """What a question names the form by: its id, or the version that was typed."""
    return line.paper.id if line.paper else line.form_version


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + STEP_DONORS] for first in range(0, len(ids), STEP_DONORS))
