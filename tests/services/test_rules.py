"""Consent rules as data of the lab: entered set by set, counting from a day on, asked as of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from biobank_desktop.domain.consent_rules import AgePolicy
from biobank_desktop.domain.dates import local_day, midnight
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import rules
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.consent_report import report
from biobank_desktop.services.consent_work import incomplete
from biobank_desktop.services.gate import donor_of, verdict
from biobank_desktop.services.growing_up import turning
from biobank_desktop.services.reference import reference
from biobank_desktop.services.verification import WholeVerification
from biobank_desktop.services.what_if import Question, what_if
from tests.support.databases import ANNA, BO
from tests.support.lab import add_donor, other_rules, receive

if TYPE_CHECKING:
    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.domain.rule_book import RuleBook
    from biobank_desktop.persistence.store import Store

TODAY = local_day(datetime.now(UTC))
TOMORROW = TODAY + timedelta(days=1)


def book(store: Store) -> RuleBook:
    with store.read() as connection:
        return rules.rule_book(connection)


def asked(store: Store, donor: str, purpose: str = "use-a2g") -> Decision:
    with store.read() as connection:
        return verdict(connection, donor_of(connection, donor), purpose, datetime.now(UTC))


def with_one_parent(store: Store) -> str:
    """A donor for whom the mother alone has signed."""
    donor = add_donor(store, BO)
    answers = {"STORE": "yes", "USE_A2G": "yes"}
    record_consent(store, BO, ConsentForm(donor, "given", "mother", TODAY, TODAY, answers))
    return donor


def test_a_new_lab_has_the_shipped_rules(store: Store) -> None:
    (only,) = book(store).sets
    assert only.rules is reference().consent_rules
    assert (only.valid_from, only.known_at, only.login) == (None, None, "")


def test_rules_are_kept_as_they_were_entered(store: Store) -> None:
    form = other_rules("nl-2", TOMORROW, deadline_days=56)
    assert rules.enter_rules(store, ANNA, form) == 1
    entered = book(store).sets[1]
    assert entered.rules == form.rules
    assert list(entered.rules.purposes) == list(reference().consent_rules.purposes)
    assert (entered.valid_from, entered.approved_by, entered.why) == (TOMORROW, "FG Máxima", "METC 2026/12")
    assert entered.login == ANNA.login
    assert book(store).on(TODAY).version == "nl-1"
    assert book(store).on(TOMORROW).version == "nl-2"


def test_the_same_command_again_enters_nothing_twice(store: Store) -> None:
    command = uuid4()
    assert [rules.enter_rules(store, ANNA, other_rules("nl-2"), command) for _ in range(2)] == [1, 1]
    assert len(book(store).sets) == 2


def test_everything_that_is_wrong_is_said_at_once(store: Store) -> None:
    form = other_rules("nl-1", TODAY - timedelta(days=1), why=" ")
    purposes = {name: one for name, one in form.rules.purposes.items() if name != "use-animal"}
    wrong = replace(form.rules, purposes=purposes | {"sell": purposes["store"]})
    with pytest.raises(Rejected) as refused:
        rules.enter_rules(store, ANNA, replace(form, rules=wrong, approved_by=""))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [
        ("version", "rules-version-taken"),
        ("valid_from", "rules-begin-in-the-past"),
        ("approved_by", "answer-missing"),
        ("why", "reason-missing"),
        ("purpose.sell", "purpose-unknown"),
        ("purpose.use-animal", "purpose-missing"),
    ]
    assert len(book(store).sets) == 1


def test_a_technician_does_not_change_the_rules(store: Store) -> None:
    with pytest.raises(Rejected) as refused:
        rules.enter_rules(store, BO, other_rules("nl-2"))
    assert refused.value.problems[0].code == "not-permitted"


def test_the_gate_decides_by_the_rules_that_count(store: Store) -> None:
    donor = with_one_parent(store)
    assert asked(store, donor).reasons[0].code == "second-parent-missing"
    rules.enter_rules(store, ANNA, other_rules("later", TOMORROW, parents="one"))
    assert asked(store, donor).verdict == "provisional"
    rules.enter_rules(store, ANNA, other_rules("now", parents="one"))
    decision = asked(store, donor)
    assert (decision.verdict, decision.rules_version) == ("permitted", "now")
    assert [step.values["rule"] for step in decision.steps if step.code == "rule"] == ["one-parent"]


def test_a_decision_that_is_kept_names_its_rules_and_stays_true(store: Store) -> None:
    donor = with_one_parent(store)
    receive(store, BO, donor)
    rules.enter_rules(store, ANNA, other_rules("nl-2", parents="one"))
    receive(store, BO, donor, tube_code="HX26110043")
    with store.read() as connection:
        kept = connection.execute(
            select(tables.decision.c.rules_version, tables.decision.c.verdict)
            .where(tables.decision.c.purpose == "store")
            .order_by(tables.decision.c.known_on)
        ).all()
    assert [tuple(row) for row in kept] == [("nl-1", "provisional"), ("nl-2", "permitted")]
    assert WholeVerification(store).run() == []


def test_a_decision_holds_no_longer_than_its_rules(store: Store) -> None:
    rules.enter_rules(store, ANNA, other_rules("nl-2", TOMORROW))
    receive(store, BO, with_one_parent(store))
    with store.read() as connection:
        ends = connection.execute(select(tables.decision.c.holds_until)).scalars().all()
    assert ends
    assert all(end <= midnight(TOMORROW) for end in ends)


def test_a_report_asks_the_rules_of_its_day_as_they_were_known(store: Store) -> None:
    donor = with_one_parent(store)
    rules.enter_rules(store, ANNA, other_rules("nl-2", TOMORROW, parents="one"))
    after = book(store).sets[1].known_at
    assert after is not None
    before = after - timedelta(microseconds=1)

    def said(on_day: int, known: datetime) -> list[str]:
        on = TODAY + timedelta(days=on_day)
        (one,) = complete(report(store, on, known, ["use-a2g"]))
        assert one.donor == donor
        return list(one.verdicts)

    assert said(0, after) == ["provisional"]
    assert said(1, after) == ["permitted"]
    assert said(1, before) == ["provisional"]


def test_the_worklists_follow_the_rules(store: Store) -> None:
    donor = with_one_parent(store)
    with store.read() as connection:
        assert [one.donor for one in incomplete(connection, datetime.now(UTC))] == [donor]
    none = dict.fromkeys((12, 16, 18), AgePolicy("none", 0))
    rules.enter_rules(store, ANNA, other_rules("nl-2", parents="one", ages=none))
    with store.read() as connection:
        assert incomplete(connection, datetime.now(UTC)) == []
        assert turning(connection, TODAY, 20_000) == []


def test_what_if_compares_with_the_rules_of_either_day(store: Store) -> None:
    with_one_parent(store)
    rules.enter_rules(store, ANNA, other_rules("nl-2", TOMORROW, parents="one"))
    question = Question(on=TOMORROW, purposes=("use-a2g",))
    (change,) = complete(what_if(store, question, datetime.now(UTC))).changes
    assert (change.before, change.after) == ("provisional", "permitted")


def test_an_item_that_new_rules_ask_about_can_be_answered(store: Store) -> None:
    shipped = reference().consent_rules
    purposes = {**shipped.purposes, "use-data": replace(shipped.purposes["use-data"], items=("REGISTRY",))}
    donor = add_donor(store, BO)
    line = ConsentForm(donor, "given", "mother", TODAY, TODAY, {"REGISTRY": "yes"})
    with pytest.raises(Rejected) as refused:
        record_consent(store, BO, line)
    assert refused.value.problems[0].code == "item-unknown"
    rules.enter_rules(store, ANNA, other_rules("nl-2", purposes=purposes))
    assert record_consent(store, BO, line) == 1
