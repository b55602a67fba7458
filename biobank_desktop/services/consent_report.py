"""What the consent of every donor permitted on a day, by what was known on a day: nothing is kept.

Both times are asked apart (valid time and known time): a form signed in March and entered in May permits from
March on to whoever asks in June, and permitted nothing to whoever asked in April.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import Verdict, verdicts
from biobank_desktop.domain.consent_record import counted
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence.queries import consent as query
from biobank_desktop.persistence.queries import forms
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.reference import reference
from biobank_desktop.services.rules import rule_book
from biobank_desktop.services.what_if import STEP_DONORS, record_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store


@dataclass(frozen=True)
class DonorReport:
    """A donor, how many lines counted by then, and the verdict of each purpose asked about."""

    donor: str
    lines: int
    verdicts: tuple[Verdict, ...]


def report(
    store: Store, on: date, known_on: datetime, purposes: Sequence[str] = ()
) -> Steps[list[DonorReport]]:
    """Every donor with a line signed and known by then, or material received by then; in the order of codes.

    ``purposes``: only these; without any, all. Raises ``Rejected`` for one that the rules do not know.
    """
    known = reference().consent_rules.purposes
    unknown = [name for name in purposes if name not in known]
    if unknown:
        raise Rejected(*(Problem("purpose", "unknown-purpose", {"purpose": name}) for name in unknown))
    return _steps(store, on, known_on, tuple(purposes) or tuple(known))


def _steps(store: Store, on: date, known_on: datetime, purposes: tuple[str, ...]) -> Steps[list[DonorReport]]:
    found = []
    with store.snapshot() as connection:
        ids, versions = query.donor_ids(connection), forms.versions(connection)
        rules = rule_book(connection).on(on, known_on)
    for first in range(0, len(ids), STEP_DONORS):
        some = ids[first : first + STEP_DONORS]
        with store.snapshot() as connection:
            read = query.standings(connection, some[0], some[-1])
        for standing in read:
            record = record_at(standing, versions, known_on)
            lines = len(counted(record.lines, on, known_on))
            if lines or record.first_received_at is not None:
                said = verdicts(record, purposes, on, known_on, rules)
                found.append(DonorReport(codes.from_number(standing.id), lines, tuple(said)))
        yield Progress(first + len(some), len(ids))
    return found
