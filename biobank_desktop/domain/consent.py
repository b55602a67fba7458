"""The consent gate: one pure function says whether something may be done with a donor's material.

It counts the lines known at a moment and signed by a day, in the order they were signed. It never says more
than the record holds: an item a form did not ask is neither yes nor no. Reasons and steps are codes without
birthdays in their values, because decisions are kept in the history and birthdays may not be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from biobank_desktop.domain.consent_case import REFUSED, Case, Ground, Outcome
from biobank_desktop.domain.consent_record import ConsentLine, ConsentRecord, age_band
from biobank_desktop.domain.consent_rules import ConsentRules
from biobank_desktop.domain.problems import Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.consent_words import LastWord

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
    "decide_all",
    "verdicts",
]

Verdict = Literal["permitted", "provisional", "refused"]
VERDICTS: tuple[Verdict, ...] = ("permitted", "provisional", "refused")
"""In the order of ``consent_case``'s ranks."""

_NAMES_ITEM = frozenset({"item-refused", "item-not-answered", "item-not-asked", "own-decision-open"})


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
    return decide_all(record, (purpose,), on, known_on, rules)[0]


def decide_all(
    record: ConsentRecord, purposes: Iterable[str], on: date, known_on: datetime, rules: ConsentRules
) -> tuple[Decision, ...]:
    """The same for several purposes, sharing what they have in common; raises as ``decide`` does."""
    asked = _known(purposes, rules)
    told = _Telling(Case(record, on, known_on, rules))
    return tuple([told.decision(purpose, known_on) for purpose in asked])


def verdicts(
    record: ConsentRecord, purposes: Iterable[str], on: date, known_on: datetime, rules: ConsentRules
) -> tuple[Verdict, ...]:
    """The bare verdicts of ``decide_all``, for when there are very many; raises as it does."""
    asked = _known(purposes, rules)
    case = Case(record, on, known_on, rules)
    return tuple([VERDICTS[case.rank(rules.purposes[purpose])] for purpose in asked])


def _known(purposes: Iterable[str], rules: ConsentRules) -> tuple[str, ...]:
    asked = tuple(purposes)
    unknown = [purpose for purpose in asked if purpose not in rules.purposes]
    if unknown:
        raise Rejected(*(Problem("purpose", "unknown-purpose", {"purpose": one}) for one in unknown))
    return asked


class _Telling:
    """What a case comes to, in reasons and steps."""

    def __init__(self, case: Case) -> None:
        self._case, self._rules = case, case.rules
        death = case.death
        self._died = (Step("died", {"on": death.signed_on}, death.no),) if death else ()
        self._who = (Step("age-band", {"band": case.band}), *self._enough())
        self._answered: dict[str, tuple[Step, ...]] = {}

    def decision(self, purpose: str, known_on: datetime) -> Decision:
        """The decision about a purpose."""
        case = self._case
        rank, reasons, steps, holds_until = self._ruling(purpose)
        return Decision(
            verdict=VERDICTS[rank],
            purpose=purpose,
            reasons=reasons,
            steps=steps,
            holds_until=holds_until,
            consent_head=case.record.head,
            rules_version=self._rules.version,
            on=case.on,
            known_on=known_on,
        )

    def _ruling(self, name: str) -> tuple[int, tuple[Reason, ...], tuple[Step, ...], datetime | None]:
        case, purpose = self._case, self._rules.purposes[name]
        if case.death and self._rules.after_death == "ends":
            return REFUSED, (Reason("deceased"),), self._died, None
        withdrawn = case.withdrawn(purpose)
        if withdrawn:
            code, line = withdrawn
            values = {"level": line.level or "W2", "on": line.signed_on}
            step = Step("withdrew", {"signatory": line.signatory, **values}, line.no)
            return REFUSED, (Reason(code, values),), (step,), None
        found = [(item, case.outcome(item)) for item in dict.fromkeys(purpose.items)]
        rank = max(outcome.rank for _item, outcome in found)
        reasons: list[Reason] = []
        for item, ground in [(item, one) for item, outcome in found for one in outcome.grounds_of(rank)]:
            reason = self._reason(ground, item)
            if reason not in reasons:
                reasons.append(reason)
        steps = self._steps(found)
        late = case.late([reason.code for reason in reasons], case.on)
        if late is not None:
            reasons.append(Reason("deadline-passed" if late else "waiting-until", {"until": case.deadline}))
            steps.append(self._rule("deadline"))
        return REFUSED if late else rank, tuple(reasons), tuple(steps), case.next_change(purpose)

    def _reason(self, ground: Ground, item: str) -> Reason:
        code, number = ground
        if code in _NAMES_ITEM:
            return Reason(code, {"item": item})
        if code == "form-not-in-force":
            return Reason(code, self._paper(number))
        return Reason(code, {"age": number} if number else {})

    def _paper(self, number: int) -> Mapping[str, object]:
        """The version of a form that a line was signed on, and when."""
        found = ((line.paper, line.signed_on) for line in self._case.lines if line.no == number)
        paper, signed_on = cast("tuple[FormVersion, date]", next(found))  # only of a line that has a paper
        return {"form": paper.form, "version": paper.version, "on": signed_on}

    def _steps(self, found: list[tuple[str, Outcome]]) -> list[Step]:
        steps = [*self._died, *self._who]
        told: set[int] = set()
        for item, outcome in found:
            if item not in self._answered:
                self._answered[item] = tuple([_said(word, item) for word in outcome.words])
            steps += self._answered[item]
            for age in outcome.policies:
                if age not in told:
                    told.add(age)
                    steps.append(self._policy(age))
        return steps

    def _enough(self) -> Iterator[Step]:
        """Where the lab's rules ask for fewer than all who could be asked."""
        if self._case.band != "16-and-over" and self._rules.parents == "one":
            yield self._rule("one-parent")
        if self._case.band == "12-15" and self._rules.child == "may-object":
            yield self._rule("child-need-not-agree")

    def _rule(self, name: str) -> Step:
        return Step("rule", {"rule": name, "rules": self._rules.version})

    def _policy(self, age: int) -> Step:
        values = {"age": age, "policy": self._rules.ages[age].policy, "rules": self._rules.version}
        return Step("age-policy", values)


def _said(word: LastWord, item: str) -> Step:
    line = word.line
    values: dict[str, object] = {"signatory": line.signatory, "item": item, "on": line.signed_on}
    if word.answer == "no-objection":
        return Step("no-objection", values, line.no)
    values["answer"] = word.answer
    return Step("answered-alone" if line.sole_authority else "answered", values, line.no)
