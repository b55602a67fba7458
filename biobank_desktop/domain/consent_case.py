"""One donor's record at one moment: what it comes to for each item, on a day.

What is worked out for one purpose serves the others: items with the same answers fare the same. Nothing here
knows sentences; grounds are codes with a number beside them where the sentence needs one.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

from biobank_desktop.domain.consent_record import OWN, ConsentLine, ConsentRecord, age_band, counted
from biobank_desktop.domain.consent_words import AGREES, LastWord, Said, Voices, Words, lifted
from biobank_desktop.domain.dates import local_day, midnight

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from biobank_desktop.domain.consent_rules import ConsentRules, Purpose

PERMITTED, PROVISIONAL, REFUSED = range(3)
WAITING = frozenset({"no-consent-yet", "second-parent-missing", "child-missing", "own-decision-missing"})
"""What the deadline ends; other provisional states wait for a person, not for the post."""


class Ground(NamedTuple):
    """A reason's code, and the age or the line's number that its sentence names (0: neither)."""

    code: str
    number: int = 0


Answers = tuple[Said, ...]


class Outcome(NamedTuple):
    """What an item comes to: the words it rests on, and the ages whose policy had a say."""

    rank: int
    grounds: tuple[Ground, ...]
    words: tuple[LastWord, ...] = ()
    policies: tuple[int, ...] = ()

    def grounds_of(self, rank: int) -> tuple[Ground, ...]:
        """The grounds, when this is the verdict that counts: of several the worst does."""
        return self.grounds if self.rank == rank else ()


class Case:
    """A record as it was known at a moment and signed by a day, under some rules."""

    def __init__(self, record: ConsentRecord, on: date, known_on: datetime, rules: ConsentRules) -> None:
        self.record, self.on, self.rules = record, on, rules
        self.lines = counted(record.lines, on, known_on)
        self.death = next((line for line in self.lines if line.kind == "deceased"), None)
        first = record.first_received_at
        self.deadline = local_day(first) + timedelta(days=rules.deadline_days) if first else None
        self.withdrawals = self._standing_withdrawals()
        self._voices = Voices(self.lines)
        self.answers = cache(self._voices.answers)  # what the giving lines say about an item
        self._outcomes: dict[tuple[Answers, date], Outcome] = {}
        self._ranks: dict[tuple[frozenset[Answers], date], int] = {}
        self._changes: dict[frozenset[Answers], datetime | None] = {}

    @property
    def band(self) -> str:
        """Who decides on the day."""
        return age_band(self.record, self._alive_on(self.on))

    def outcome(self, item: str) -> Outcome:
        """What an item comes to on the day."""
        return self._outcome(self.answers(item), self.on)

    def withdrawn(self, purpose: Purpose) -> tuple[str, ConsentLine] | None:
        """The code and the line of the strongest withdrawal that touches a purpose."""
        for line in self.withdrawals:
            code = self._withdrawal_code(line, purpose)
            if code is not None:
                return code, line
        return None

    def late(self, codes: Iterable[str], on: date) -> bool | None:
        """Whether the deadline for these reasons has passed; None when none runs for them."""
        if self.deadline is None or WAITING.isdisjoint(codes):
            return None
        return on >= self.deadline

    def rank(self, purpose: Purpose) -> int:
        """The verdict of a purpose on the day, as a rank."""
        if self.death and self.rules.after_death == "ends":
            return REFUSED
        if self.withdrawn(purpose):
            return REFUSED
        return self._rank(frozenset(map(self.answers, purpose.items)), self.on)

    def next_change(self, purpose: Purpose) -> datetime | None:
        """The midnight in UTC at which time alone changes the verdict about the items of a purpose."""
        answers = frozenset(map(self.answers, purpose.items))
        if answers not in self._changes:
            self._changes[answers] = self._next_change(answers)
        return self._changes[answers]

    def _next_change(self, answers: frozenset[Answers]) -> datetime | None:
        record = self.record
        days = {self.deadline}
        for age, birthday in ((12, record.turns_12_on), (16, record.turns_16_on), (18, record.turns_18_on)):
            if birthday is not None:
                days |= {birthday, birthday + timedelta(days=self.rules.ages[age].grace_days)}
        now = self._rank(answers, self.on)
        for day in sorted(day for day in days if day is not None and day > self.on):
            if self._rank(answers, day) != now:
                return midnight(day)
        return None

    def _rank(self, answers: frozenset[Answers], on: date) -> int:
        key = answers, on
        if key not in self._ranks:
            found = [self._outcome(one, on) for one in answers]
            worst = max(outcome.rank for outcome in found)
            codes = [ground.code for outcome in found for ground in outcome.grounds_of(worst)]
            self._ranks[key] = REFUSED if self.late(codes, on) else worst
        return self._ranks[key]

    def _outcome(self, answers: Answers, on: date) -> Outcome:
        key = answers, self._alive_on(on)
        if key not in self._outcomes:
            self._outcomes[key] = _Item(self, self._voices, answers).outcome(key[1])
        return self._outcomes[key]

    def _alive_on(self, on: date) -> date:
        """The donor grows no older than the day of death."""
        return min(on, self.death.signed_on) if self.death else on

    def _standing_withdrawals(self) -> list[ConsentLine]:
        """Those that nobody took back, the strongest first, of equals the newest."""
        standing = [
            line
            for line in self.lines
            if line.kind == "withdrawn" and not lifted(self.record, self.lines, line)
        ]
        return sorted(standing, key=lambda line: (line.level or "W2", line.no), reverse=True)

    def _withdrawal_code(self, line: ConsentLine, purpose: Purpose) -> str | None:
        if line.level not in {"W0", "W1"}:
            return "withdrawn"
        if purpose.contact:
            return "withdrawn-no-contact"
        received = self.record.material_received_at
        new = purpose.new_material if received is None else local_day(received) >= line.signed_on
        return "withdrawn-no-new-material" if new and line.level == "W1" else None


class _Item:
    """All items of a case that got the same answers."""

    def __init__(self, case: Case, voices: Voices, answers: Answers) -> None:
        self._record, self._rules, self._giving = case.record, case.rules, voices.giving
        self._late = voices.words(answers)
        sixteenth = case.record.turns_16_on
        self._early = voices.words(answers, sixteenth) if sixteenth else self._late

    def outcome(self, on: date) -> Outcome:
        """What counts; where only paper that was not in force stands between, that is the reason."""
        sound = self._by_age(self._late[0], self._early[0], on)
        if sound.rank != PROVISIONAL:
            return sound
        heard = self._by_age(self._late[1], self._early[1], on)
        void = [word.line.no for word in heard.words if word.answer != "no" and word.line.void]
        if not void:
            return sound
        grounds = heard.grounds if heard.rank != PERMITTED else ()
        grounds += tuple(Ground("form-not-in-force", number) for number in void)
        return heard._replace(rank=max(heard.rank, PROVISIONAL), grounds=grounds)

    def _by_age(self, words: Words, early: Words, on: date) -> Outcome:
        own = words.own
        if own and own.answer == "no":
            code = "child-objects" if own.line.kind == "objected" else "item-refused"
            return Outcome(REFUSED, (Ground(code),), (own,))
        band = age_band(self._record, on)
        if band == "16-and-over":
            return self._of_age_16(words, early, on)
        if band == "12-15":
            return self._of_age_12(words, on)
        parents = self._parents(words)
        if band == "unknown" and (parents.rank == PERMITTED or own):
            return Outcome(PROVISIONAL, (Ground("age-unknown"),), parents.words)
        return parents

    def _parents(self, words: Words) -> Outcome:
        """Both parents, one where one is enough, or the guardian."""
        spoken = tuple([word for word in words[1:] if word])
        answers = {word.answer for word in spoken}
        if "no" in answers:
            return Outcome(REFUSED, (Ground("item-refused"),), spoken)
        if "not-answered" in answers:
            return Outcome(PROVISIONAL, (Ground("item-not-answered"),), spoken)
        if words.guardian or (words.mother and words.father):
            return Outcome(PERMITTED, (), spoken)
        if spoken:
            if self._rules.parents == "one" or any(word.line.sole_authority for word in spoken):
                return Outcome(PERMITTED, (), spoken)
            return Outcome(PROVISIONAL, (Ground("second-parent-missing"),), spoken)
        asked = any(line.signatory not in OWN for line in self._giving)
        return Outcome(PROVISIONAL, (Ground("item-not-asked" if asked else "no-consent-yet"),))

    def _of_age_12(self, words: Words, on: date) -> Outcome:
        """Child and parents; parents' consent from before the birthday follows the policy of 12."""
        turned = cast("date", self._record.turns_12_on)  # whoever is known to be 12
        parents = self._parents(words)
        if parents.rank != PERMITTED:
            return parents
        own = words.own if words.own and words.own.line.signed_on >= turned else None
        if own is None:
            if all(word.line.signed_on < turned for word in parents.words):
                return self._policy(12, turned, on, parents)
            if self._rules.child == "may-object":
                return parents
            return parents._replace(rank=PROVISIONAL, grounds=(Ground("child-missing"),))
        both = Outcome(PERMITTED, (), (*parents.words, own))
        if own.answer in AGREES or self._rules.child == "may-object":
            return both
        return both._replace(rank=PROVISIONAL, grounds=(Ground("item-not-answered"),))

    def _of_age_16(self, words: Words, early: Words, on: date) -> Outcome:
        """The donor alone; consent from before the birthday follows the policy of 16, then of 18."""
        turned_16 = cast("date", self._record.turns_16_on)  # whoever is known to be 16
        turned_18 = cast("date", self._record.turns_18_on)
        own = words.own if words.own and words.own.line.signed_on >= turned_16 else None
        if own and own.answer == "not-answered":
            return Outcome(PROVISIONAL, (Ground("item-not-answered"),), (own,))
        if own:
            current = Outcome(PERMITTED, (), (own,))
            if own.line.signed_on >= turned_18:
                return current
        else:
            prior = self._of_age_12(early, turned_16 - timedelta(days=1))
            if prior.rank == REFUSED:
                return prior
            if prior.rank == PROVISIONAL:
                return self._undecided(prior, on)
            current = self._policy(16, turned_16, on, prior)
        if on < turned_18:
            return current
        later = self._policy(18, turned_18, on, current)
        return later if later.grounds and later.rank >= current.rank else current

    def _undecided(self, prior: Outcome, on: date) -> Outcome:
        """Neither the parents before 16 nor the donor since have decided.

        What was left open on a registered form waits for the donor, not for the post: nobody said no.
        """
        turned_16 = cast("date", self._record.turns_16_on)
        if any(line.signatory in OWN and line.signed_on >= turned_16 for line in self._giving):
            return Outcome(PROVISIONAL, (Ground("item-not-asked"),))
        posted = any(ground.code in WAITING for ground in prior.grounds)
        if posted or not any(line.paper and line.signed_on < turned_16 for line in self._giving):
            return Outcome(PROVISIONAL, (Ground("own-decision-missing"),), prior.words, prior.policies)
        later = self._policy(16, turned_16, on, prior)
        if later.rank != PERMITTED:
            return later
        return later._replace(rank=PROVISIONAL, grounds=(Ground("own-decision-open"),))

    def _policy(self, age: int, turned: date, on: date, outcome: Outcome) -> Outcome:
        """What earlier consent is worth after a birthday without the donor's own decision."""
        policy = self._rules.ages[age]
        policies = (*outcome.policies, age)
        if policy.policy in {"none", "inform"}:
            return Outcome(PERMITTED, (), outcome.words, policies)
        if policy.policy == "recontact":
            return Outcome(PERMITTED, (Ground("recontact-due", age),), outcome.words, policies)
        if on < turned + timedelta(days=policy.grace_days):
            return Outcome(PERMITTED, (Ground("own-decision-due", age),), outcome.words, policies)
        rank = PROVISIONAL if policy.policy == "hold" else REFUSED
        return Outcome(rank, (Ground("own-decision-overdue", age),), outcome.words, policies)
