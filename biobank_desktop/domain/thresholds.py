"""The birthdays on which other people decide: 12, 16 and 18, and what the rules do on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from biobank_desktop.domain.consent_record import ConsentRecord
    from biobank_desktop.domain.consent_rules import AgePolicy, ConsentRules, Policy


@dataclass(frozen=True)
class Threshold:
    """A birthday with what follows without an own decision; ``until`` is the end of the grace."""

    age: int
    on: date
    policy: Policy
    until: date


def threshold(age: int, on: date, policy: AgePolicy) -> Threshold:
    """A birthday under a policy."""
    return Threshold(age, on, policy.policy, on + timedelta(days=policy.grace_days))


def ahead(record: ConsentRecord, rules: ConsentRules, on: date) -> tuple[Threshold, ...]:
    """The birthdays after a day, the next one first; none of a donor whose ages are not known."""
    birthdays = ((12, record.turns_12_on), (16, record.turns_16_on), (18, record.turns_18_on))
    return tuple(
        threshold(age, day, rules.ages[age]) for age, day in birthdays if day is not None and day > on
    )
