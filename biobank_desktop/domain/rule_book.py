"""A lab's sets of consent rules: which one counts on a day, by what was known at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from biobank_desktop.domain.consent_rules import ConsentRules


@dataclass(frozen=True)
class RuleSet:
    """Rules as a lab entered them; ``valid_from`` and ``known_at`` None: they came with the program."""

    rules: ConsentRules
    valid_from: date | None = None
    known_at: datetime | None = None
    approved_by: str = ""
    why: str = ""
    login: str = ""


@dataclass(frozen=True)
class RuleBook:
    """Every set of rules of a lab in the order of entry, first the one that came with the program."""

    sets: tuple[RuleSet, ...]

    def on(self, day: date, known_on: datetime | None = None) -> ConsentRules:
        """The rules that count on a day, by what was known at a moment, or is known: the last one entered.

        So a set takes the place of all that were to begin later.
        """
        return self.set_on(day, known_on).rules

    def set_on(self, day: date, known_on: datetime | None = None) -> RuleSet:
        """The same with when it was entered and by whom."""
        return next(
            one
            for one in reversed(self.sets)
            if (one.valid_from is None or one.valid_from <= day)
            and (one.known_at is None or known_on is None or one.known_at <= known_on)
        )

    def next_change(self, day: date) -> date | None:
        """The first day after this one on which other rules count, by all that is known; None: never."""
        here = self.on(day)
        starts = {one.valid_from for one in self.sets if one.valid_from is not None}
        return next((one for one in sorted(starts) if one > day and self.on(one) is not here), None)

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that some set asks about."""
        return tuple(dict.fromkeys(item for one in self.sets for item in one.rules.items))

    def version(self, name: str) -> ConsentRules | None:
        """The rules of a version, None when the book has none."""
        return next((one.rules for one in self.sets if one.rules.version == name), None)
