"""The consent gate: one pure function says whether something may be done with a donor's material.

It counts the lines known at a moment and signed by a day, in the order they were signed. It never says more
than the record holds: an item a form did not ask is neither yes nor no. Reasons and steps are codes without
birthdays in their values, because decisions are kept in the history and birthdays may not be.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from biobank_desktop.domain.consent_record import (
    GIVING,
    OWN,
    PARENTS,
    ConsentLine,
    ConsentRecord,
    LastWord,
    age_band,
    counted,
    last_word,
    lifted,
)
from biobank_desktop.domain.consent_rules import ConsentRules
from biobank_desktop.domain.dates import local_day, midnight
from biobank_desktop.domain.problems import Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ConsentLine",
    "ConsentRecord",
    "ConsentRules",
    "Decision",
    "Reason",
    "Step",
    "Verdict",
    "age_band",
    "decide",
]

Verdict = Literal["permitted", "provisional", "refused"]
VERDICTS: tuple[Verdict, ...] = ("permitted", "provisional", "refused")
_WAITING = frozenset({"no-consent-yet", "second-parent-missing", "child-missing", "own-decision-missing"})
"""What the deadline ends; other provisional states wait for a person, not for the post."""


@dataclass(frozen=True)
class Reason:
    """Why, as a code of the catalogues (``reason.<code>``) with the values of its sentence."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One step of the derivation (``reason.<code>`` too); ``line`` is the record's line it rests on."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True)
class Decision:
    """A verdict with its grounds. ``holds_until``: when time alone will change it; treat as identifying."""

    verdict: Verdict
    purpose: str
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]
    holds_until: datetime | None
    consent_head: int
    rules_version: str
    on: date
    known_on: datetime


def decide(
    record: ConsentRecord, purpose: str, on: date, known_on: datetime, rules: ConsentRules
) -> Decision:
    """Whether ``purpose`` is permitted ``on`` a day by what was known at ``known_on``.

    Raises ``Rejected`` for a purpose the rules do not know.
    """
    if purpose not in rules.purposes:
        raise Rejected(Problem("purpose", "unknown-purpose", {"purpose": purpose}))
    case = _Case(record, purpose, counted(record.lines, on, known_on), rules)
    outcome = case.outcome(on)
    return Decision(
        verdict=outcome.verdict,
        purpose=purpose,
        reasons=outcome.reasons,
        steps=outcome.steps,
        holds_until=case.next_change(on, outcome.verdict),
        consent_head=record.head,
        rules_version=rules.version,
        on=on,
        known_on=known_on,
    )


@dataclass(frozen=True)
class _Outcome:
    """A verdict on one ground; of several the worst counts."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]

    @property
    def rank(self) -> int:
        return VERDICTS.index(self.verdict)


def _permitted(*steps: Step, note: Reason | None = None) -> _Outcome:
    return _Outcome("permitted", (note,) if note else (), steps)


def _pending(code: str, *steps: Step, **values: object) -> _Outcome:
    return _Outcome("provisional", (Reason(code, values),), steps)


def _refused(code: str, *steps: Step, **values: object) -> _Outcome:
    return _Outcome("refused", (Reason(code, values),), steps)


def _said(word: LastWord | None, item: str) -> tuple[Step, ...]:
    if word is None:
        return ()
    values = {
        "signatory": word.line.signatory,
        "item": item,
        "answer": word.answer,
        "on": word.line.signed_on,
    }
    return (Step("answered-alone" if word.line.sole_authority else "answered", values, word.line.no),)


@dataclass(frozen=True)
class _Case:
    """One donor, one purpose, the lines that count."""

    record: ConsentRecord
    purpose: str
    lines: tuple[ConsentLine, ...]
    rules: ConsentRules

    def outcome(self, on: date) -> _Outcome:
        """The verdict on a day; the donor grows no older than the day of death."""
        death = next((line for line in self.lines if line.kind == "deceased"), None)
        died = (Step("died", {"on": death.signed_on}, death.no),) if death else ()
        if died and self.rules.after_death == "ends":
            return _refused("deceased", *died)
        if (withdrawal := self._withdrawal()) is not None:
            return withdrawal
        age_on = min(on, death.signed_on) if death else on
        found = [self._by_age(item, age_on) for item in self.rules.purposes[self.purpose].items]
        worst = max(outcome.rank for outcome in found)
        reasons = tuple(
            dict.fromkeys(
                (r.code, tuple(r.values.items())) for f in found if f.rank == worst for r in f.reasons
            )
        )
        steps: tuple[Step, ...] = (*died, Step("age-band", {"band": age_band(self.record, age_on)}))
        for outcome in found:
            steps += tuple(step for step in outcome.steps if step not in steps)
        whole = _Outcome(
            VERDICTS[worst], tuple(Reason(code, dict(values)) for code, values in reasons), steps
        )
        return self._with_deadline(whole, on)

    def next_change(self, on: date, verdict: Verdict) -> datetime | None:
        """The midnight in UTC at which the verdict changes by time alone."""
        record = self.record
        birthdays = ((12, record.turns_12_on), (16, record.turns_16_on), (18, record.turns_18_on))
        days = {deadline} if (deadline := self._deadline()) else set()
        for age, birthday in birthdays:
            if birthday is not None:
                days |= {birthday, birthday + timedelta(days=self.rules.ages[age].grace_days)}
        changes = (day for day in sorted(days) if day > on and self.outcome(day).verdict != verdict)
        day = next(changes, None)
        return midnight(day) if day else None

    def _deadline(self) -> date | None:
        if self.record.first_received_at is None:
            return None
        return local_day(self.record.first_received_at) + timedelta(days=self.rules.deadline_days)

    def _with_deadline(self, outcome: _Outcome, on: date) -> _Outcome:
        """Waiting for consent ends in a refusal on the deadline."""
        deadline = self._deadline()
        waits = any(reason.code in _WAITING for reason in outcome.reasons)
        if not waits or deadline is None:
            return outcome
        passed = on >= deadline
        reason = Reason("deadline-passed" if passed else "waiting-until", {"until": deadline})
        return replace(
            outcome,
            verdict="refused" if passed else outcome.verdict,
            reasons=(*outcome.reasons, reason),
            steps=(*outcome.steps, self._step("rule", rule="deadline")),
        )

    def _step(self, code: str, **values: object) -> Step:
        return Step(code, {**values, "rules": self.rules.version})

    def _withdrawal(self) -> _Outcome | None:
        """The refusal by the strongest withdrawal that stands, None when none touches this purpose."""
        standing = [
            line
            for line in self.lines
            if line.kind == "withdrawn" and not lifted(self.record, self.lines, line)
        ]
        for line in sorted(standing, key=lambda line: (line.level or "W2", line.no), reverse=True):
            code = self._withdrawal_code(line)
            if code is not None:
                level = line.level or "W2"
                step = Step(
                    "withdrew", {"signatory": line.signatory, "level": level, "on": line.signed_on}, line.no
                )
                return _refused(code, step, level=level, on=line.signed_on)
        return None

    def _withdrawal_code(self, line: ConsentLine) -> str | None:
        purpose = self.rules.purposes[self.purpose]
        if line.level not in {"W0", "W1"}:
            return "withdrawn"
        if purpose.contact:
            return "withdrawn-no-contact"
        received = self.record.material_received_at
        new = purpose.new_material if received is None else local_day(received) >= line.signed_on
        return "withdrawn-no-new-material" if new and line.level == "W1" else None

    def _by_age(self, item: str, on: date) -> _Outcome:
        own = last_word(self.lines, OWN, item)
        if own and own.answer == "no":
            if own.line.kind == "objected":
                return _refused("child-objects", *_said(own, item))
            return _refused("item-refused", *_said(own, item), item=item)
        band = age_band(self.record, on)
        if band == "16-and-over":
            return self._of_age_16(item, on)
        parents = self._parents(item, date.max)
        if band == "unknown" and (parents.verdict == "permitted" or own):
            return _pending("age-unknown", *parents.steps)
        return self._of_age_12(item, on, date.max) if band == "12-15" else parents

    def _parents(self, item: str, before: date) -> _Outcome:
        """Both parents, one with sole authority, or the guardian."""
        words = [last_word(self.lines, {who}, item, before=before) for who in PARENTS]
        steps = tuple(step for word in words for step in _said(word, item))
        answers = [word.answer if word else None for word in words]
        if "no" in answers:
            return _refused("item-refused", *steps, item=item)
        if "not-answered" in answers:
            return _pending("item-not-answered", *steps, item=item)
        alone = any(word and word.line.sole_authority for word in words)
        if answers[2] == "yes" or answers[:2] == ["yes", "yes"] or alone:
            return _permitted(*steps)
        if "yes" in answers:
            return _pending("second-parent-missing", *steps)
        asked = any(line.kind in GIVING and line.signatory in PARENTS for line in self.lines)
        return _pending("item-not-asked", item=item) if asked else _pending("no-consent-yet")

    def _of_age_12(self, item: str, on: date, before: date) -> _Outcome:
        """Child and parents; parents' consent from before the birthday follows the policy of 12."""
        turned = cast("date", self.record.turns_12_on)  # whoever is known to be 12
        parents = self._parents(item, before)
        if parents.verdict != "permitted":
            return parents
        own = last_word(self.lines, OWN, item, since=turned, before=before)
        steps = (*parents.steps, *_said(own, item))
        if own and own.answer == "yes":
            return _permitted(*steps)
        if own:
            return _pending("item-not-answered", *steps, item=item)
        old = all(self._line(step).signed_on < turned for step in parents.steps)
        return self._policy(12, turned, on, steps) if old else _pending("child-missing", *steps)

    def _of_age_16(self, item: str, on: date) -> _Outcome:
        """The donor alone; consent from before the birthday follows the policy of 16, then of 18."""
        turned_16 = cast("date", self.record.turns_16_on)  # whoever is known to be 16
        turned_18 = cast("date", self.record.turns_18_on)
        own = last_word(self.lines, OWN, item, since=turned_16)
        if own and own.answer == "not-answered":
            return _pending("item-not-answered", *_said(own, item), item=item)
        if own and own.answer == "yes":
            current = _permitted(*_said(own, item))
            decided_on = own.line.signed_on
        else:
            prior = self._of_age_12(item, turned_16 - timedelta(days=1), turned_16)
            decided_on = date.min
            if prior.verdict == "refused":
                return prior
            if prior.verdict == "provisional":
                asked = any(
                    line.kind in GIVING and line.signatory in OWN and line.signed_on >= turned_16
                    for line in self.lines
                )
                return (
                    _pending("item-not-asked", item=item)
                    if asked
                    else _pending("own-decision-missing", *prior.steps)
                )
            current = self._policy(16, turned_16, on, prior.steps)
        if on < turned_18 or decided_on >= turned_18:
            return current
        later = self._policy(18, turned_18, on, current.steps)
        return later if later.reasons and later.rank >= current.rank else current

    def _line(self, step: Step) -> ConsentLine:
        return next(line for line in self.lines if line.no == step.line)

    def _policy(self, age: int, turned: date, on: date, steps: tuple[Step, ...]) -> _Outcome:
        """What earlier consent is worth after a birthday without the donor's own decision."""
        policy = self.rules.ages[age]
        steps = (*steps, self._step("age-policy", age=age, policy=policy.policy))
        if policy.policy in {"none", "inform"}:
            return _permitted(*steps)
        if policy.policy == "recontact":
            return _permitted(*steps, note=Reason("recontact-due", {"age": age}))
        if on < turned + timedelta(days=policy.grace_days):
            return _permitted(*steps, note=Reason("own-decision-due", {"age": age}))
        if policy.policy == "hold":
            return _pending("own-decision-overdue", *steps, age=age)
        return _refused("own-decision-overdue", *steps, age=age)
