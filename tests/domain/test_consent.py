from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.consent import VERDICTS, Decision, Reason, Step, decide
from biobank_desktop.domain.consent_record import (
    Answer,
    ConsentLine,
    ConsentRecord,
    LineKind,
    Signatory,
    age_band,
)
from biobank_desktop.domain.consent_rules import (
    AgePolicy,
    Child,
    ConsentRules,
    Parents,
    Policy,
    Purpose,
    RulesChange,
    changed,
)
from biobank_desktop.domain.consent_words import lifted as is_lifted
from biobank_desktop.domain.dates import local_day, turns
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    import random

RAW = tomllib.loads((folder("consent") / "rules-nl-1.toml").read_text(encoding="utf-8"))
RULES = ConsentRules.from_mapping(RAW)
ITEMS = ("STORE", "USE_A2G", "USE_OTHER")
ON = date(2026, 11, 22)
RECEIVED = datetime(2026, 11, 8, 13, 5, tzinfo=UTC)
FAR = datetime(2100, 1, 1, tzinfo=UTC)
CHILD, TEEN, GROWN = date(2018, 5, 5), date(2013, 5, 5), date(2008, 5, 5)
YES: dict[str, Answer] = dict.fromkeys(ITEMS, "yes")


def line(
    no: int, kind: LineKind, who: Signatory, signed_on: date = ON - timedelta(days=3), **more: Any
) -> ConsentLine:
    more.setdefault("answers", YES if kind in {"given", "partly-given"} else {})
    moment = datetime(signed_on.year, signed_on.month, signed_on.day, 12, tzinfo=UTC)
    return ConsentLine(
        no, kind, who, signed_on, more.pop("received_at", moment), more.pop("known_at", moment), **more
    )


def record(born_on: date | None, *lines: ConsentLine, **more: Any) -> ConsentRecord:
    twelve, sixteen, eighteen = (turns(born_on, age) if born_on else None for age in (12, 16, 18))
    more.setdefault("first_received_at", RECEIVED)
    return ConsentRecord(twelve, sixteen, eighteen, head=len(lines), lines=lines, **more)


def ask(donor: ConsentRecord, purpose: str = "store", on: date = ON, rules: ConsentRules = RULES) -> Decision:
    return decide(donor, purpose, on, FAR, rules)


def verdict(decision: Decision) -> tuple[str, ...]:
    return (decision.verdict, *(reason.code for reason in decision.reasons))


MOTHER, FATHER = line(1, "given", "mother"), line(2, "given", "father")


def test_nothing_yet_is_provisional_until_the_deadline_and_then_refused() -> None:
    donor = record(CHILD)
    before, after = ask(donor, on=date(2026, 12, 5)), ask(donor, on=date(2026, 12, 6))
    assert verdict(before) == ("provisional", "no-consent-yet", "waiting-until")
    assert before.reasons[1].values == {"until": date(2026, 12, 6)}
    assert before.holds_until == datetime(2026, 12, 5, 23, tzinfo=UTC)
    assert verdict(after) == ("refused", "no-consent-yet", "deadline-passed")
    assert after.holds_until is None


def test_without_a_receipt_no_deadline_runs() -> None:
    decision = ask(record(CHILD, first_received_at=None))
    assert verdict(decision) == ("provisional", "no-consent-yet")
    assert decision.holds_until is None


def test_a_second_parent_is_waited_for() -> None:
    assert verdict(ask(record(CHILD, MOTHER))) == ("provisional", "second-parent-missing", "waiting-until")
    assert verdict(ask(record(CHILD, MOTHER, FATHER))) == ("permitted",)
    assert verdict(ask(record(CHILD, replace(MOTHER, sole_authority=True)))) == ("permitted",)
    assert verdict(ask(record(CHILD, line(1, "given", "guardian")))) == ("permitted",)


def test_one_parent_refuses_for_both() -> None:
    decision = ask(record(CHILD, MOTHER, line(2, "refused", "father")))
    assert verdict(decision) == ("refused", "item-refused")
    assert decision.reasons[0].values == {"item": "STORE"}


def test_what_the_decision_says_about_itself() -> None:
    known_on = FAR - timedelta(days=1)
    decision = decide(record(CHILD, MOTHER, FATHER), "use-a2g", ON, known_on, RULES)
    assert (decision.purpose, decision.consent_head, decision.rules_version) == ("use-a2g", 2, "nl-1")
    assert (decision.on, decision.known_on) == (ON, known_on)
    assert [(step.code, step.line) for step in decision.steps] == [
        ("age-band", None),
        ("answered", 1),
        ("answered", 2),
        ("answered", 1),
        ("answered", 2),
    ]


def steps(decision: Decision) -> list[tuple[str, dict[str, object], int | None]]:
    return [(step.code, dict(step.values), step.line) for step in decision.steps]


def yes(who: Signatory, on: date, item: str = "STORE", answer: Answer = "yes") -> dict[str, object]:
    return {"signatory": who, "item": item, "answer": answer, "on": on}


def test_the_steps_say_who_answered_what_and_when_for_each_item() -> None:
    on = ON - timedelta(days=3)
    assert steps(ask(record(CHILD, MOTHER, FATHER), "use-a2g")) == [
        ("age-band", {"band": "under-12"}, None),
        ("answered", yes("mother", on), 1),
        ("answered", yes("father", on), 2),
        ("answered", yes("mother", on, "USE_A2G"), 1),
        ("answered", yes("father", on, "USE_A2G"), 2),
    ]
    assert steps(ask(record(CHILD, replace(MOTHER, sole_authority=True)))) == [
        ("age-band", {"band": "under-12"}, None),
        ("answered-alone", yes("mother", on), 1),
    ]
    unsure = line(3, "given", "child", answers={"STORE": "not-answered"})
    assert steps(ask(record(TEEN, MOTHER, FATHER, unsure))) == [
        ("age-band", {"band": "12-15"}, None),
        ("answered", yes("mother", on), 1),
        ("answered", yes("father", on), 2),
        ("answered", yes("child", on, answer="not-answered"), 3),
    ]


def test_a_rule_is_a_step_that_names_its_version_and_is_told_once() -> None:
    waiting = ask(record(CHILD, MOTHER))
    assert steps(waiting)[1:] == [
        ("answered", yes("mother", ON - timedelta(days=3)), 1),
        ("rule", {"rule": "deadline", "rules": "nl-1"}, None),
    ]
    old = date(2025, 1, 1)
    donor = record(TEEN, replace(MOTHER, signed_on=old), replace(FATHER, signed_on=old))
    assert steps(ask(donor, "use-a2g")) == [
        ("age-band", {"band": "12-15"}, None),
        ("answered", yes("mother", old), 1),
        ("answered", yes("father", old), 2),
        ("age-policy", {"age": 12, "policy": "recontact", "rules": "nl-1"}, None),
        ("answered", yes("mother", old, "USE_A2G"), 1),
        ("answered", yes("father", old, "USE_A2G"), 2),
    ]


def test_of_two_items_only_the_worse_gives_the_reasons() -> None:
    old = date(2025, 1, 1)
    store_only = line(2, "given", "father", old, answers={"STORE": "yes", "USE_A2G": "no"})
    donor = record(TEEN, replace(MOTHER, signed_on=old), store_only)
    assert verdict(ask(donor)) == ("permitted", "recontact-due")
    assert verdict(ask(donor, "use-a2g")) == ("refused", "item-refused")


def test_the_deadline_counts_as_soon_as_one_item_waits_for_the_post() -> None:
    half = line(2, "given", "father", answers={"STORE": "not-answered"})
    donor = record(CHILD, line(1, "given", "mother", answers={"USE_A2G": "yes"}), half)
    assert verdict(ask(donor, "use-a2g")) == (
        "provisional",
        "item-not-answered",
        "second-parent-missing",
        "waiting-until",
    )
    assert verdict(ask(donor, "use-a2g", on=date(2026, 12, 6)))[0] == "refused"


def test_a_parent_who_has_not_answered_the_form_was_not_asked() -> None:
    assert verdict(ask(record(CHILD, line(1, "no-answer", "mother"))))[1] == "no-consent-yet"
    assert verdict(ask(record(CHILD, line(1, "given", "mother", answers={})))) == (
        "provisional",
        "item-not-asked",
    )


def test_a_form_that_does_not_ask_an_item_does_not_renew_it() -> None:
    twelfth = turns(TEEN, 12)
    old = [replace(parent, signed_on=date(2024, 1, 1)) for parent in (MOTHER, FATHER)]
    before = line(3, "given", "child", twelfth - timedelta(days=1))
    other = line(4, "given", "child", twelfth, answers={"USE_A2G": "yes"})
    assert verdict(ask(record(TEEN, *old, before, other))) == ("permitted", "recontact-due")


def test_one_parent_who_signed_since_the_birthday_asks_for_the_child() -> None:
    for early, late in ((MOTHER, FATHER), (FATHER, MOTHER)):
        donor = record(TEEN, replace(early, signed_on=date(2025, 1, 1)), late)
        assert verdict(ask(donor))[1] == "child-missing"


def test_what_is_signed_first_counts_first_whatever_its_number() -> None:
    late, early = line(1, "given", "mother", ON), line(2, "refused", "mother", ON - timedelta(days=1))
    assert verdict(ask(record(CHILD, late, early)))[1] == "second-parent-missing"
    same_day = line(2, "refused", "mother", ON)
    for lines in ((late, same_day), (same_day, late)):
        assert verdict(ask(record(CHILD, *lines))) == ("refused", "item-refused")


def test_items_are_answered_one_by_one() -> None:
    partly: dict[str, Answer] = {"STORE": "yes", "USE_A2G": "no", "USE_OTHER": "not-answered"}
    donor = record(CHILD, line(1, "given", "mother"), line(2, "partly-given", "father", answers=partly))
    assert verdict(ask(donor)) == ("permitted",)
    assert verdict(ask(donor, "use-a2g")) == ("refused", "item-refused")
    assert verdict(ask(donor, "use-other")) == ("provisional", "item-not-answered")
    assert verdict(ask(donor, "use-genetic")) == ("provisional", "item-not-asked")


def test_a_newer_form_that_does_not_ask_leaves_the_older_answer() -> None:
    newer: dict[str, Answer] = {"STORE": "yes", "USE_OTHER": "not-asked"}
    donor = record(CHILD, MOTHER, FATHER, line(3, "given", "mother", ON, answers=newer))
    assert verdict(ask(donor, "use-other")) == ("permitted",)


def test_a_reconfirmation_renews_what_was_said() -> None:
    teen_says = line(3, "given", "child", turns(TEEN, 12) - timedelta(days=1))
    old = (replace(MOTHER, signed_on=date(2024, 1, 1)), replace(FATHER, signed_on=date(2024, 1, 1)))
    assert verdict(ask(record(TEEN, *old, teen_says))) == ("permitted", "recontact-due")
    assert verdict(ask(record(TEEN, *old, teen_says, line(4, "reconfirmed", "child")))) == ("permitted",)
    assert verdict(ask(record(TEEN, line(1, "reconfirmed", "mother")))) == ("provisional", "item-not-asked")


def test_a_child_over_12_decides_with_the_parents() -> None:
    both = record(TEEN, MOTHER, FATHER)
    assert verdict(ask(both)) == ("provisional", "child-missing", "waiting-until")
    assert verdict(ask(record(TEEN, MOTHER, FATHER, line(3, "given", "child")))) == ("permitted",)
    alone = record(TEEN, line(1, "given", "child"))
    assert verdict(ask(alone)) == ("provisional", "no-consent-yet", "waiting-until")
    unsure = line(3, "given", "child", answers={"STORE": "not-answered"})
    assert verdict(ask(record(TEEN, MOTHER, FATHER, unsure))) == ("provisional", "item-not-answered")


def test_parents_consent_from_before_the_twelfth_birthday_stands_with_a_note() -> None:
    old = date(2025, 1, 1)
    donor = record(TEEN, replace(MOTHER, signed_on=old), replace(FATHER, signed_on=old))
    assert verdict(ask(donor, on=turns(TEEN, 12) - timedelta(days=1))) == ("permitted",)
    assert verdict(ask(donor)) == ("permitted", "recontact-due")


@pytest.mark.parametrize("born_on", [CHILD, TEEN, GROWN])
def test_a_childs_objection_ends_it_at_any_age(born_on: date) -> None:
    donor = record(born_on, MOTHER, FATHER, line(3, "given", "self"), line(4, "objected", "child", ON))
    for purpose in ("store", "use-a2g"):
        assert verdict(ask(donor, purpose)) == ("refused", "child-objects")
    assert verdict(ask(record(born_on, MOTHER, FATHER, line(3, "refused", "child")))) == (
        "refused",
        "item-refused",
    )


def test_from_16_only_the_young_person_decides() -> None:
    assert verdict(ask(record(GROWN, line(1, "given", "self")))) == ("permitted",)
    assert verdict(ask(record(GROWN, MOTHER, FATHER))) == (
        "provisional",
        "own-decision-missing",
        "waiting-until",
    )
    assert verdict(ask(record(GROWN, line(1, "given", "self"), line(2, "refused", "mother")))) == (
        "permitted",
    )
    unsure = line(1, "given", "self", answers={"STORE": "not-answered"})
    assert verdict(ask(record(GROWN, unsure))) == ("provisional", "item-not-answered")
    other = line(1, "given", "self", answers={"DATA": "yes"})
    assert verdict(ask(record(GROWN, other))) == ("provisional", "item-not-asked")
    silent = line(1, "no-answer", "self")
    assert verdict(ask(record(GROWN, silent)))[1] == "own-decision-missing"
    as_child = line(1, "given", "child", turns(GROWN, 16) - timedelta(days=1))
    assert verdict(ask(record(GROWN, as_child)))[1] == "own-decision-missing"


def test_turning_16_holds_after_the_grace() -> None:
    turned = turns(TEEN, 16)
    donor = record(TEEN, MOTHER, FATHER, line(3, "given", "child"))
    before, due = ask(donor, on=turned - timedelta(days=1)), ask(donor, on=turned)
    last, overdue = ask(donor, on=turned + timedelta(days=182)), ask(donor, on=turned + timedelta(days=183))
    assert verdict(before) == ("permitted",)
    assert verdict(due) == verdict(last) == ("permitted", "own-decision-due")
    assert verdict(overdue) == ("provisional", "own-decision-overdue")
    assert before.holds_until == last.holds_until
    assert last.holds_until is not None
    assert local_day(last.holds_until) == turned + timedelta(days=183)
    assert overdue.holds_until is None
    assert due.reasons[0].values == overdue.reasons[0].values == {"age": 16}
    assert steps(due)[-1] == ("age-policy", {"age": 16, "policy": "hold", "rules": "nl-1"}, None)
    assert [line for _code, _values, line in steps(due)] == [None, 1, 2, 3, None]


def test_a_birthday_alone_can_change_a_verdict() -> None:
    """An answer that was left open waits for a person; from 16 on the donor's own is late at once."""
    unsure = line(1, "given", "mother", answers={"STORE": "not-answered"})
    decision = ask(record(TEEN, unsure), on=date(2027, 1, 1))
    assert verdict(decision) == ("provisional", "item-not-answered")
    assert decision.holds_until is not None
    assert local_day(decision.holds_until) == turns(TEEN, 16)
    after = ask(record(TEEN, unsure), on=turns(TEEN, 16))
    assert verdict(after) == ("refused", "own-decision-missing", "deadline-passed")


def test_a_refusal_before_16_stands_until_the_donor_decides() -> None:
    donor = record(GROWN, line(1, "refused", "mother", turns(GROWN, 16) - timedelta(days=1)))
    assert verdict(ask(donor)) == ("refused", "item-refused")
    assert verdict(ask(replace(donor, lines=(*donor.lines, line(2, "given", "self"))))) == ("permitted",)


def with_policy(age: int, policy: Policy, grace_days: int = 10) -> ConsentRules:
    return replace(RULES, ages={**RULES.ages, age: AgePolicy(policy, grace_days)})


@pytest.mark.parametrize(
    ("policy", "first", "last"),
    [
        ("none", ("permitted",), ("permitted",)),
        ("inform", ("permitted",), ("permitted",)),
        ("recontact", ("permitted", "recontact-due"), ("permitted", "recontact-due")),
        ("hold", ("permitted", "own-decision-due"), ("provisional", "own-decision-overdue")),
        ("destroy", ("permitted", "own-decision-due"), ("refused", "own-decision-overdue")),
    ],
)
@pytest.mark.parametrize("age", [12, 16, 18])
def test_every_policy_at_every_birthday(
    age: int, policy: Policy, first: tuple[str], last: tuple[str]
) -> None:
    day = turns(TEEN, age)
    before = day - timedelta(days=30)
    lines: tuple[ConsentLine, ...] = (line(1, "given", "mother", before), line(2, "given", "father", before))
    if age == 16:
        lines += (line(3, "given", "child", before),)
    if age == 18:
        lines = (line(1, "given", "self", before),)
    rules, donor = with_policy(age, policy), record(TEEN, *lines, first_received_at=None)
    assert verdict(ask(donor, on=day - timedelta(days=1), rules=rules)) == ("permitted",)
    on_it = ask(donor, on=day, rules=rules)
    assert verdict(on_it) == first
    if first[0] != last[0]:
        assert on_it.holds_until is not None
        assert local_day(on_it.holds_until) == day + timedelta(days=10)
    assert verdict(ask(donor, on=day + timedelta(days=10), rules=rules)) == last
    renewed = replace(donor, lines=(*lines, line(9, "given", "self", day)))
    assert verdict(ask(renewed, on=day + timedelta(days=10), rules=rules)) == ("permitted",)


def test_the_stricter_of_two_birthdays_counts() -> None:
    before = turns(TEEN, 12) - timedelta(days=1)
    donor = record(TEEN, line(1, "given", "mother", before), line(2, "given", "father", before))
    on = turns(TEEN, 18) + timedelta(days=20)
    assert verdict(ask(donor, on=on)) == ("provisional", "own-decision-overdue")
    assert verdict(ask(donor, on=on, rules=with_policy(18, "destroy"))) == ("refused", "own-decision-overdue")
    assert verdict(ask(donor, on=on, rules=with_policy(18, "recontact"))) == (
        "provisional",
        "own-decision-overdue",
    )


def test_the_birthday_itself_belongs_to_the_new_age() -> None:
    twelfth, sixteenth = turns(TEEN, 12), turns(TEEN, 16)
    on_it = record(TEEN, line(1, "given", "mother", twelfth), line(2, "given", "father", twelfth))
    assert verdict(ask(on_it, on=twelfth))[1] == "child-missing"
    other = record(TEEN, line(1, "given", "self", sixteenth, answers={"DATA": "yes"}))
    assert verdict(ask(other, on=sixteenth)) == ("provisional", "item-not-asked")
    withdrawn = line(1, "withdrawn", "mother", twelfth, level="W2")
    lifted = record(TEEN, withdrawn, line(2, "given", "self", sixteenth))
    assert verdict(ask(lifted, on=sixteenth)) == ("permitted",)
    not_yet = record(TEEN, withdrawn, line(2, "given", "self", sixteenth - timedelta(days=1)))
    assert verdict(ask(not_yet, on=sixteenth)) == ("refused", "withdrawn")


def test_a_parent_has_no_say_from_the_16th_birthday_on() -> None:
    sixteenth = turns(GROWN, 16)
    eve, day = (line(1, "refused", "mother", on) for on in (sixteenth - timedelta(days=1), sixteenth))
    assert verdict(ask(record(GROWN, eve), on=sixteenth)) == ("refused", "item-refused")
    assert verdict(ask(record(GROWN, day), on=sixteenth))[1] == "own-decision-missing"


def test_what_was_given_before_does_not_lift_a_withdrawal() -> None:
    given_before = [replace(parent, signed_on=ON - timedelta(days=9)) for parent in (MOTHER, FATHER)]
    both: tuple[Signatory, ...] = ("mother", "father")
    for who in both:
        donor = record(CHILD, *given_before, line(3, "withdrawn", who, level="W2"))
        assert verdict(ask(donor)) == ("refused", "withdrawn")


def test_a_hold_of_12_that_ends_on_the_16th_birthday_never_began() -> None:
    twelfth, sixteenth = turns(TEEN, 12), turns(TEEN, 16)
    eve = twelfth - timedelta(days=1)
    donor = record(TEEN, line(1, "given", "mother", eve), line(2, "given", "father", eve))
    rules = with_policy(12, "hold", (sixteenth - twelfth).days)
    assert verdict(ask(donor, on=sixteenth, rules=rules)) == ("permitted", "own-decision-due")
    sooner = with_policy(12, "hold", (sixteenth - twelfth).days - 1)
    assert verdict(ask(donor, on=sixteenth, rules=sooner))[1] == "own-decision-missing"


def test_a_note_of_16_survives_18() -> None:
    before = turns(TEEN, 12) - timedelta(days=1)
    donor = record(TEEN, line(1, "given", "mother", before), line(2, "given", "father", before))
    noted = ask(donor, on=turns(TEEN, 18), rules=with_policy(16, "recontact"))
    assert verdict(noted) == ("permitted", "recontact-due")
    assert noted.reasons[0].values == {"age": 16}


def test_an_unknown_age_never_permits() -> None:
    everyone = (MOTHER, FATHER, line(3, "given", "self"))
    assert verdict(ask(record(None, *everyone))) == ("provisional", "age-unknown")
    assert verdict(ask(record(None, MOTHER, FATHER))) == ("provisional", "age-unknown")
    assert verdict(ask(record(None, line(1, "given", "self")))) == ("provisional", "age-unknown")
    assert verdict(ask(record(None))) == ("provisional", "no-consent-yet", "waiting-until")
    assert verdict(ask(record(None, MOTHER, line(2, "refused", "father")))) == ("refused", "item-refused")
    assert age_band(record(None), ON) == "unknown"
    assert age_band(replace(record(CHILD), turns_12_on=None), ON) == "unknown"
    assert age_band(replace(record(CHILD), turns_16_on=None), ON) == "unknown"
    assert age_band(replace(record(CHILD), turns_18_on=None), ON) == "unknown"


@pytest.mark.parametrize(
    ("level", "purpose", "received_on", "expected"),
    [
        ("W0", "recontact", None, "withdrawn-no-contact"),
        ("W0", "store", None, None),
        ("W1", "store", None, "withdrawn-no-new-material"),
        ("W1", "receive", None, "withdrawn-no-new-material"),
        ("W1", "store", date(2026, 11, 19), "withdrawn-no-new-material"),
        ("W1", "use-a2g", date(2026, 11, 20), "withdrawn-no-new-material"),
        ("W1", "store", date(2026, 11, 18), None),
        ("W1", "use-a2g", None, None),
        ("W1", "recontact", None, "withdrawn-no-contact"),
        ("W2", "store", date(2026, 11, 1), "withdrawn"),
        ("W3", "use-a2g", None, "withdrawn"),
        ("W4", "use-data", None, "withdrawn"),
        (None, "store", None, "withdrawn"),
    ],
)
def test_withdrawals(level: Any, purpose: str, received_on: date | None, expected: str | None) -> None:
    earlier = [replace(parent, signed_on=ON - timedelta(days=9)) for parent in (MOTHER, FATHER)]
    received = datetime(*received_on.timetuple()[:3], 12, tzinfo=UTC) if received_on else None
    donor = record(
        CHILD, *earlier, line(3, "withdrawn", "mother", level=level), material_received_at=received
    )
    decision = ask(donor, purpose)
    assert verdict(decision) == (("refused", expected) if expected else ("permitted",))
    if expected:
        values = {"level": level or "W2", "on": ON - timedelta(days=3)}
        assert decision.reasons[0].values == values
        assert steps(decision) == [("withdrew", {**values, "signatory": "mother"}, 3)]


def test_the_strongest_withdrawal_speaks() -> None:
    donor = record(
        CHILD, line(1, "withdrawn", "mother", level="W1"), line(2, "withdrawn", "father", level="W3")
    )
    assert ask(donor).reasons[0].values["level"] == "W3"
    donor = record(
        CHILD, line(1, "withdrawn", "mother", level="W3"), line(2, "withdrawn", "father", level="W2")
    )
    assert ask(donor).reasons[0].values["level"] == "W3"


@pytest.mark.parametrize(
    ("first", "second", "speaks"),
    [("W2", "W2", 2), ("W1", "W1", 2), (None, "W1", 1), ("W1", None, 2), (None, "W3", 2), ("W2", None, 2)],
)
def test_a_withdrawal_without_a_level_is_one_of_use_and_of_equals_the_newest_speaks(
    first: Any, second: Any, speaks: int
) -> None:
    lines = line(1, "withdrawn", "mother", level=first), line(2, "withdrawn", "father", level=second)
    assert ask(record(CHILD, *lines)).steps[0].line == speaks


@pytest.mark.parametrize(
    ("born_on", "who_withdrew", "who_gave", "level", "lifted"),
    [
        (CHILD, "mother", "mother", "W2", True),
        (CHILD, "mother", "father", "W2", False),
        (CHILD, "mother", "child", "W2", False),
        (CHILD, "child", "self", "W2", True),
        (CHILD, "mother", "mother", "W3", False),
        (GROWN, "mother", "self", "W2", True),
        (GROWN, "self", "self", "W4", False),
    ],
)
def test_who_may_lift_a_withdrawal(
    born_on: date, who_withdrew: Signatory, who_gave: Signatory, level: Any, lifted: bool
) -> None:
    lines = (
        replace(MOTHER, signed_on=date(2026, 11, 1)),
        replace(FATHER, signed_on=date(2026, 11, 1)),
        line(3, "withdrawn", who_withdrew, level=level),
        line(4, "no-answer", who_gave, ON),
        line(5, "given", who_gave, ON),
    )
    assert ("withdrawn" not in verdict(ask(record(born_on, *lines), "use-a2g"))[1:2]) is lifted
    assert is_lifted(record(born_on), lines, lines[2]) is lifted
    unlifted = record(born_on, *lines[:4])
    assert ask(unlifted).verdict == "refused"


def test_a_withdrawal_by_someone_of_unknown_age_is_lifted_only_by_themselves() -> None:
    donor = record(None, line(1, "withdrawn", "mother", level="W2"), line(2, "given", "self", ON))
    assert verdict(ask(donor)) == ("refused", "withdrawn")


def test_after_death_earlier_consent_stands_and_no_birthday_comes() -> None:
    died_on = date(2026, 11, 21)
    donor = record(TEEN, MOTHER, FATHER, line(3, "given", "child"), line(4, "deceased", "mother", died_on))
    later = ask(donor, on=date(2031, 1, 1))
    assert verdict(later) == ("permitted",)
    assert later.holds_until is None
    assert steps(later)[0] == ("died", {"on": died_on}, 4)
    ends = replace(RULES, after_death="ends")
    assert verdict(ask(donor, rules=ends)) == ("refused", "deceased")
    assert verdict(ask(replace(donor, lines=donor.lines[:3]), rules=ends)) == ("permitted",)


def test_a_corrected_line_no_longer_counts() -> None:
    struck = line(3, "corrected", "father", corrects=2)
    assert verdict(ask(record(CHILD, MOTHER, FATHER, struck)))[1] == "second-parent-missing"
    replaced = line(3, "refused", "father", corrects=2)
    assert verdict(ask(record(CHILD, MOTHER, FATHER, replaced))) == ("refused", "item-refused")
    taken_back = line(4, "corrected", "father", corrects=3)
    assert verdict(ask(record(CHILD, MOTHER, FATHER, struck, taken_back))) == ("permitted",)
    itself = replace(MOTHER, corrects=1)
    assert verdict(ask(record(CHILD, itself, FATHER))) == ("permitted",)
    forward = line(1, "corrected", "mother", corrects=2)
    assert verdict(ask(record(CHILD, forward, FATHER)))[1] == "second-parent-missing"


def test_what_was_not_known_or_not_signed_yet_does_not_count() -> None:
    donor = record(CHILD, MOTHER, replace(FATHER, known_at=datetime(2026, 11, 22, 9, tzinfo=UTC)))
    early = decide(donor, "store", ON, datetime(2026, 11, 22, 8, 59, tzinfo=UTC), RULES)
    assert verdict(early)[1] == "second-parent-missing"
    assert verdict(decide(donor, "store", ON, datetime(2026, 11, 22, 9, tzinfo=UTC), RULES)) == ("permitted",)
    assert verdict(ask(donor, on=ON - timedelta(days=4)))[1] == "no-consent-yet"


def test_an_unknown_purpose_is_refused_as_a_question() -> None:
    with pytest.raises(Rejected) as refusal:
        ask(record(CHILD), "sell")
    assert refusal.value.problems == (Problem("purpose", "unknown-purpose", {"purpose": "sell"}),)


def test_a_line_says_nothing_that_was_not_said() -> None:
    bare = ConsentLine(1, "no-answer", "mother", ON, RECEIVED, RECEIVED)
    assert (bare.answers, bare.form, bare.form_version) == ({}, "", "")
    assert (bare.sole_authority, bare.level, bare.corrects) == (False, None, None)
    assert ConsentRecord(None, None, None, None, head=0).lines == ()
    assert Reason("no-consent-yet").values == Step("died").values == {}


def test_lines_of_29_february() -> None:
    born_on = date(2012, 2, 29)
    donor = record(born_on, line(1, "given", "self", turns(born_on, 16)), first_received_at=None)
    rules = with_policy(18, "hold", 0)
    decision = ask(donor, on=date(2030, 2, 28), rules=rules)
    assert decision.verdict == "permitted"
    assert decision.holds_until == datetime(2030, 2, 28, 23, tzinfo=UTC)


days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
born = st.dates(date(2004, 1, 1), date(2026, 12, 31)) | st.sampled_from(
    [date(2008, 2, 29), date(2012, 2, 29)]
)
kinds: st.SearchStrategy[LineKind] = st.sampled_from(
    ["given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed", "no-answer", "deceased"]
)
answers: st.SearchStrategy[dict[str, Answer]] = st.dictionaries(
    st.sampled_from(ITEMS), st.sampled_from(["yes", "yes", "yes", "no", "not-asked", "not-answered"])
)
signatories: st.SearchStrategy[Signatory] = st.sampled_from(["mother", "father", "guardian", "child", "self"])
purposes = st.sampled_from(["store", "receive", "use-a2g", "use-other", "recontact"])
policies = st.builds(
    AgePolicy, st.sampled_from(["none", "inform", "recontact", "hold", "destroy"]), st.integers(0, 400)
)
rule_sets = st.builds(
    lambda twelve, sixteen, eighteen: replace(RULES, ages={12: twelve, 16: sixteen, 18: eighteen}),
    policies,
    policies,
    policies,
)


@st.composite
def lines_of(
    draw: st.DrawFn, kind: st.SearchStrategy[LineKind] = kinds, no: int | None = None
) -> ConsentLine:
    return line(
        draw(st.integers(1, 500)) if no is None else no,
        draw(kind),
        draw(signatories),
        draw(days),
        answers=draw(answers),
        known_at=datetime(*draw(days).timetuple()[:3], 12, tzinfo=UTC),
        sole_authority=draw(st.booleans()),
        level=draw(st.sampled_from(["W0", "W1", "W2", "W3", None])),
    )


@st.composite
def records(draw: st.DrawFn) -> ConsentRecord:
    lines = draw(st.lists(lines_of(), max_size=6, unique_by=lambda entry: entry.no))
    first = draw(st.none() | days)
    return record(
        draw(st.none() | born),
        *lines,
        first_received_at=datetime(*first.timetuple()[:3], 12, tzinfo=UTC) if first else None,
    )


@given(records(), purposes, days, st.randoms())
def test_the_order_of_the_lines_does_not_matter(
    donor: ConsentRecord, purpose: str, on: date, dice: random.Random
) -> None:
    shuffled = list(donor.lines)
    dice.shuffle(shuffled)
    assert ask(replace(donor, lines=tuple(shuffled)), purpose, on) == ask(donor, purpose, on)


@given(records(), purposes, days, days)
def test_only_what_was_known_counts(donor: ConsentRecord, purpose: str, on: date, known_day: date) -> None:
    known_on = datetime(*known_day.timetuple()[:3], 13, tzinfo=UTC)
    known = replace(donor, lines=tuple(entry for entry in donor.lines if entry.known_at <= known_on))
    assert decide(donor, purpose, on, known_on, RULES) == decide(known, purpose, on, known_on, RULES)


@given(
    records(),
    purposes,
    days,
    rule_sets,
    lines_of(st.sampled_from(["refused", "objected", "withdrawn"]), no=999),
)
def test_a_no_never_permits_more(
    donor: ConsentRecord, purpose: str, on: date, rules: ConsentRules, no: ConsentLine
) -> None:
    before = ask(donor, purpose, on, rules).verdict
    after = ask(replace(donor, lines=(*donor.lines, no)), purpose, on, rules).verdict
    assert VERDICTS.index(after) >= VERDICTS.index(before)


@given(records(), purposes, days, rule_sets, st.data())
def test_a_verdict_holds_exactly_until_it_says(
    donor: ConsentRecord, purpose: str, on: date, rules: ConsentRules, data: st.DataObject
) -> None:
    donor = replace(donor, lines=tuple(entry for entry in donor.lines if entry.signed_on <= on))
    decision = ask(donor, purpose, on, rules)
    end = local_day(decision.holds_until) if decision.holds_until else date(2060, 1, 1)
    assert end > on
    between = data.draw(st.dates(on, end - timedelta(days=1)))
    assert ask(donor, purpose, between, rules).verdict == decision.verdict
    if decision.holds_until:
        assert ask(donor, purpose, end, rules).verdict != decision.verdict


@given(records(), days)
def test_use_is_never_permitted_where_keeping_is_not(donor: ConsentRecord, on: date) -> None:
    donor = replace(donor, material_received_at=datetime(2019, 1, 1, tzinfo=UTC))
    keep, use = ask(donor, "store", on).verdict, ask(donor, "use-a2g", on).verdict
    assert VERDICTS.index(use) >= VERDICTS.index(keep)


@given(records(), purposes, days)
def test_a_decision_tells_no_birthday(donor: ConsentRecord, purpose: str, on: date) -> None:
    told = {entry.signed_on for entry in donor.lines}
    if donor.first_received_at:
        told.add(local_day(donor.first_received_at) + timedelta(days=RULES.deadline_days))
    decision = ask(donor, purpose, on)
    values = [reason.values for reason in decision.reasons] + [step.values for step in decision.steps]
    for entry in values:
        assert {value for value in entry.values() if isinstance(value, date)} <= told
    assert decision.verdict == "permitted" or decision.reasons


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"version": 1}, ["version"]),
        ({"deadline_days": True}, ["deadline_days"]),
        ({"deadline_days": -1}, ["deadline_days"]),
        ({"after_death": "maybe"}, ["after_death"]),
        ({"age": {"12": {"policy": "ask", "grace_days": 1}, "16": 7, "18": RAW["age"]["18"]}},
         ["age.12.policy", "age.16.policy", "age.16.grace_days"]),
        ({"age": 7}, [f"age.{age}.{what}" for age in (12, 16, 18) for what in ("policy", "grace_days")]),
        ({"purpose": {}}, ["purpose"]),
        ({"purpose": 7, "version": None}, ["version", "purpose"]),
        ({"purpose": {"store": {"items": "STORE"}}}, ["purpose.store.items"]),
        ({"purpose": {"store": {"items": ["STORE", 1]}}}, ["purpose.store.items"]),
        ({"purpose": {"store": {"items": []}, "use": 7, "sell": {"items": [1]}}},
         ["purpose.store.items", "purpose.use.items", "purpose.sell.items"]),
        ({"version": ""}, ["version"]),
        ({"version": " "}, ["version"]),
        ({"version": "nl\n1"}, ["version"]),
        ({"version": "nl\u202e1"}, ["version"]),
        ({"deadline_days": 36_501}, ["deadline_days"]),
        ({"after_death": ["stands"]}, ["after_death"]),
        ({"signatories": None}, ["signatories.parents", "signatories.child"]),
        ({"signatories": {"parents": "both", "child": True, "guardian": "one"}},
         ["signatories.parents", "signatories.child", "signatories.guardian"]),
        ({"ages": {}, "Version": "nl-1"}, ["Version", "ages"]),
        ({"age": {**RAW["age"], "21": RAW["age"]["18"], "13": 7}}, ["age.13", "age.21"]),
        ({"age": {**RAW["age"], "16": {"policy": "hold", "grace_days": 36_501, "grace": 1, "Policy": ""}}},
         ["age.16.grace_days", "age.16.Policy", "age.16.grace"]),
        ({"purpose": {"store": {"items": ["STORE", " "], "contact": 1, "new_material": "no", "item": [],
                                "a": 1},
                      "use": {"items": ["STORE"], "contact": None}}},
         ["purpose.store.items", "purpose.store.new_material", "purpose.store.contact", "purpose.store.a",
          "purpose.store.item", "purpose.use.contact"]),
    ],
)  # fmt: skip
def test_malformed_rules_are_refused_with_every_path(change: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(Rejected) as refusal:
        ConsentRules.from_mapping({**RAW, **change})
    assert list(refusal.value.problems) == [
        Problem(path, "rules-entry-wrong", {"path": path}) for path in paths
    ]


@pytest.mark.parametrize("policy", ["none", "inform", "recontact", "hold", "destroy"])
@pytest.mark.parametrize("after_death", ["stands", "ends"])
def test_every_policy_may_stand_in_the_rules(policy: Policy, after_death: str) -> None:
    raw = {
        **RAW,
        "after_death": after_death,
        "age": {**RAW["age"], "16": {"policy": policy, "grace_days": 0}},
    }
    rules = ConsentRules.from_mapping(raw)
    assert (rules.ages[16], rules.after_death) == (AgePolicy(policy, 0), after_death)


def test_the_longest_time_is_a_century_and_a_purpose_without_its_flags_wants_nothing_new() -> None:
    ages = {age: {"policy": "hold", "grace_days": 36_500} for age in ("12", "16", "18")}
    purposes = {
        "store": {"items": ["STORE"]},
        "recontact": {"items": ["STORE", "RECONTACT"], "new_material": False, "contact": True},
        "draw": {"items": ["STORE"], "new_material": True, "contact": False},
    }
    rules = ConsentRules.from_mapping({**RAW, "deadline_days": 36_500, "age": ages, "purpose": purposes})
    assert rules.deadline_days == 36_500
    assert rules.ages == dict.fromkeys((12, 16, 18), AgePolicy("hold", 36_500))
    assert rules.purposes == {
        "store": Purpose(("STORE",), new_material=False, contact=False),
        "recontact": Purpose(("STORE", "RECONTACT"), new_material=False, contact=True),
        "draw": Purpose(("STORE",), new_material=True, contact=False),
    }
    assert ConsentRules.from_mapping({**RAW, "deadline_days": 0}).deadline_days == 0


@given(rule_sets, st.sampled_from(get_args(Parents)), st.sampled_from(get_args(Child)))
def test_rules_written_down_are_the_same_rules(rules: ConsentRules, parents: Parents, child: Child) -> None:
    written = json.dumps(replace(rules, parents=parents, child=child).as_mapping())
    assert ConsentRules.from_mapping(json.loads(written)) == replace(rules, parents=parents, child=child)


def test_a_change_of_rules_says_so_in_their_version() -> None:
    other = changed(RULES, RulesChange({12: "destroy"}, {16: 0, 18: 36_500}, 14))
    assert other == replace(
        RULES,
        version="nl-1, changed",
        deadline_days=14,
        ages={12: AgePolicy("destroy", 0), 16: AgePolicy("hold", 0), 18: AgePolicy("inform", 36_500)},
    )
    assert changed(RULES, RulesChange({12: "recontact"}, {16: 183}, 28)) is RULES
    assert changed(RULES, RulesChange()) is RULES


def test_a_change_to_days_that_no_rules_may_have_is_refused_at_once() -> None:
    with pytest.raises(Rejected) as refusal:
        changed(RULES, RulesChange(grace_days={12: -1, 16: 36_501, 18: 36_500}, deadline_days=36_501))
    assert refusal.value.problems == tuple(
        Problem(path, "days-outside", {"most": 36_500})
        for path in ("age.12.grace_days", "age.16.grace_days", "deadline_days")
    )


def test_rules_as_a_table_are_what_a_file_holds() -> None:
    assert ConsentRules.from_mapping(RULES.as_mapping()) == RULES


def test_the_shipped_rules() -> None:
    assert (RULES.version, RULES.deadline_days) == ("nl-1", 28)
    assert RULES.ages == {
        12: AgePolicy("recontact", 0),
        16: AgePolicy("hold", 183),
        18: AgePolicy("inform", 0),
    }
    assert RULES.purposes["use-a2g"].items == ("STORE", "USE_A2G")
    assert RULES.purposes["store"].new_material
    assert RULES.purposes["recontact"].contact
