"""The consent gate the long way: every purpose, item and day on its own, nothing shared, nothing kept.

What the program's gate must agree with. It was the program's own until many decisions had to be made at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast

from biobank_desktop.domain.consent import VERDICTS, ConsentRecord, Decision, Reason, Step, Verdict, age_band
from biobank_desktop.domain.consent_record import GIVING, OWN, PARENTS, ConsentLine
from biobank_desktop.domain.dates import local_day, midnight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biobank_desktop.domain.consent_rules import ConsentRules

_WAITING = frozenset({"no-consent-yet", "second-parent-missing", "child-missing", "own-decision-missing"})


def decide(
    record: ConsentRecord, purpose: str, on: date, known_on: datetime, rules: ConsentRules
) -> Decision:
    """Whether ``purpose`` is permitted, every question asked anew."""
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
class LastWord:
    """The latest word of a signatory about an item, and the line that says it."""

    answer: str
    line: ConsentLine


def last_word(
    lines: tuple[ConsentLine, ...],
    who: Iterable[str],
    item: str,
    since: date = date.min,
    before: date = date.max,
    *,
    heard: bool,
) -> LastWord | None:
    """The latest word of ``who`` about an item, None without one; a reconfirmation renews the one before."""
    word: LastWord | None = None
    latest: LastWord | None = None
    for line in lines:
        if line.signatory not in who or not line.signed_on < before:
            continue
        said: str | None = "no" if line.kind in {"refused", "objected"} else None
        if line.kind in GIVING:
            said = _answer(line, item)
            if said == "not-asked":
                renews = line.kind == "reconfirmed" and (line.paper is None or line.paper.item(item))
                said = latest.answer if latest and renews else None
        if said is not None:
            latest = LastWord(said, line)
            if heard or said == "no" or not _void(line):
                word = latest
    return word if word and word.line.signed_on >= since else None


def _void(line: ConsentLine) -> bool:
    return line.paper is not None and not line.paper.in_force(line.signed_on)


def _answer(line: ConsentLine, item: str) -> str:
    noted = line.answers.get(item, "not-asked")
    if line.paper is None:
        return noted
    asked = line.paper.item(item)
    if asked is None:
        return "not-asked"
    return "no-objection" if noted == "not-answered" and asked.opt == "out" else noted


def lifted(record: ConsentRecord, lines: tuple[ConsentLine, ...], withdrawal: ConsentLine) -> bool:
    """Whether whoever withdrew, or the donor grown to 16, gave consent again; never from W3 on."""
    if withdrawal.level in {"W3", "W4"}:
        return False
    later = lines[lines.index(withdrawal) :]
    return any(_may_lift(record, line, withdrawal) for line in later if line.kind in GIVING)


def _may_lift(record: ConsentRecord, line: ConsentLine, withdrawal: ConsentLine) -> bool:
    if line.paper is not None:
        held = [item.code for item in line.paper.items]
        answers = {line.answers.get(item, "not-asked") for item in held}
        gives = "yes" in answers or (line.kind == "reconfirmed" and "not-asked" in answers)
        if _void(line) or not gives:
            return False
    if line.signatory in OWN:
        grown = record.turns_16_on is not None and line.signed_on >= record.turns_16_on
        return grown or withdrawal.signatory in OWN
    return line.signatory == withdrawal.signatory


def counted(lines: Iterable[ConsentLine], on: date, known_on: datetime) -> tuple[ConsentLine, ...]:
    """The lines known by then, signed by then and not struck out, in the order of signing."""
    known = sorted((line for line in lines if line.known_at <= known_on), key=lambda line: -line.no)
    struck: set[int] = set()
    for line in known:  # the newest first: a struck correction strikes nothing
        if line.corrects is not None and line.corrects < line.no not in struck:
            struck.add(line.corrects)
    standing = [line for line in known if line.no not in struck and line.signed_on <= on]
    return tuple(sorted(standing, key=lambda line: (line.signed_on, line.no)))


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
    values: dict[str, object] = {
        "signatory": word.line.signatory,
        "item": item,
        "answer": word.answer,
        "on": word.line.signed_on,
    }
    if word.answer == "no-objection":
        values.pop("answer")
        return (Step("no-objection", values, word.line.no),)
    return (Step("answered-alone" if word.line.sole_authority else "answered", values, word.line.no),)


@dataclass(frozen=True)
class _Case:
    """One donor, one purpose, the lines that count."""

    record: ConsentRecord
    purpose: str
    lines: tuple[ConsentLine, ...]
    rules: ConsentRules
    heard: bool = False

    def outcome(self, on: date) -> _Outcome:
        """The verdict on a day; the donor grows no older than the day of death."""
        death = next((line for line in self.lines if line.kind == "deceased"), None)
        died = (Step("died", {"on": death.signed_on}, death.no),) if death else ()
        if died and self.rules.after_death == "ends":
            return _refused("deceased", *died)
        if (withdrawal := self._withdrawal()) is not None:
            return withdrawal
        age_on = min(on, death.signed_on) if death else on
        found = [self._item(item, age_on) for item in self.rules.purposes[self.purpose].items]
        worst = max(outcome.rank for outcome in found)
        reasons = tuple(
            dict.fromkeys(
                (r.code, tuple(r.values.items())) for f in found if f.rank == worst for r in f.reasons
            )
        )
        band = age_band(self.record, age_on)
        steps: tuple[Step, ...] = (*died, Step("age-band", {"band": band}))
        if self.rules.parents == "one" and band in {"under-12", "12-15", "unknown"}:
            steps += (self._step("rule", rule="one-parent"),)
        if self.rules.child == "may-object" and band == "12-15":
            steps += (self._step("rule", rule="child-need-not-agree"),)
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

    def _item(self, item: str, on: date) -> _Outcome:
        sound = self._by_age(item, on)
        if sound.verdict != "provisional":
            return sound
        outcome = replace(self, heard=True)._by_age(item, on)
        lines = [
            self._line(step) for step in outcome.steps if step.line and step.values.get("answer") != "no"
        ]
        void = tuple(
            Reason(
                "form-not-in-force",
                {"form": line.paper.form, "version": line.paper.version, "on": line.signed_on},
            )
            for line in lines
            if line.paper is not None and _void(line)
        )
        if not void:
            return sound
        reasons = () if outcome.verdict == "permitted" else outcome.reasons
        worst = max(outcome.rank, VERDICTS.index("provisional"))
        return replace(outcome, verdict=VERDICTS[worst], reasons=(*reasons, *void))

    def _by_age(self, item: str, on: date) -> _Outcome:
        own = last_word(self.lines, OWN, item, heard=self.heard)
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
        words = [last_word(self.lines, {who}, item, before=before, heard=self.heard) for who in PARENTS]
        steps = tuple(step for word in words for step in _said(word, item))
        answers = [word.answer if word else None for word in words]
        if "no" in answers:
            return _refused("item-refused", *steps, item=item)
        if "not-answered" in answers:
            return _pending("item-not-answered", *steps, item=item)
        alone = any(word and word.line.sole_authority for word in words)
        agreed = [answer in {"yes", "no-objection"} for answer in answers]
        one = any(agreed) and self.rules.parents == "one"
        if agreed[2] or all(agreed[:2]) or alone or one:
            return _permitted(*steps)
        if any(agreed):
            return _pending("second-parent-missing", *steps)
        asked = any(line.kind in GIVING and line.signatory in PARENTS for line in self.lines)
        return _pending("item-not-asked", item=item) if asked else _pending("no-consent-yet")

    def _of_age_12(self, item: str, on: date, before: date) -> _Outcome:
        """Child and parents; parents' consent from before the birthday follows the policy of 12."""
        turned = cast("date", self.record.turns_12_on)  # whoever is known to be 12
        parents = self._parents(item, before)
        if parents.verdict != "permitted":
            return parents
        own = last_word(self.lines, OWN, item, since=turned, before=before, heard=self.heard)
        steps = (*parents.steps, *_said(own, item))
        if own and own.answer in {"yes", "no-objection"}:
            return _permitted(*steps)
        free = self.rules.child == "may-object"
        if own:
            return _permitted(*steps) if free else _pending("item-not-answered", *steps, item=item)
        old = all(self._line(step).signed_on < turned for step in parents.steps)
        if old:
            return self._policy(12, turned, on, steps)
        return _permitted(*steps) if free else _pending("child-missing", *steps)

    def _of_age_16(self, item: str, on: date) -> _Outcome:
        """The donor alone; consent from before the birthday follows the policy of 16, then of 18."""
        turned_16 = cast("date", self.record.turns_16_on)  # whoever is known to be 16
        turned_18 = cast("date", self.record.turns_18_on)
        own = last_word(self.lines, OWN, item, since=turned_16, heard=self.heard)
        if own and own.answer == "not-answered":
            return _pending("item-not-answered", *_said(own, item), item=item)
        if own and own.answer in {"yes", "no-objection"}:
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
                if asked:
                    return _pending("item-not-asked", item=item)
                return self._undecided(item, on, prior)
            current = self._policy(16, turned_16, on, prior.steps)
        if on < turned_18 or decided_on >= turned_18:
            return current
        later = self._policy(18, turned_18, on, current.steps)
        return later if later.reasons and later.rank >= current.rank else current

    def _undecided(self, item: str, on: date, prior: _Outcome) -> _Outcome:
        turned = cast("date", self.record.turns_16_on)
        posted = any(reason.code in _WAITING for reason in prior.reasons)
        on_paper = any(
            line.kind in GIVING and line.paper is not None and line.signed_on < turned for line in self.lines
        )
        if posted or not on_paper:
            return _pending("own-decision-missing", *prior.steps)
        later = self._policy(16, turned, on, prior.steps)
        if later.verdict != "permitted":
            return later
        return _pending("own-decision-open", *later.steps, item=item)

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
