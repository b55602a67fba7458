"""Receiving tubes on real databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.intake import ABSENT
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.queries import samples, worklists
from biobank_desktop.services import consent, intake
from tests.support.lab import add_donor, consent_of_both, receipt, receive

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def _codes(error: Rejected) -> set[tuple[str, str]]:
    return {(problem.field, problem.code) for problem in error.problems}


def test_a_tube_gets_its_planned_vials_and_labels(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    received = receive(store, actor, donor)
    assert received.verdict == "permitted"
    assert [(vial.material, vial.number, vial.of) for vial in received.vials] == [
        ("CEL", 1, 4), ("CEL", 2, 4), ("CEL", 3, 4), ("CEL", 4, 4), ("PL1", 1, 2), ("PL1", 2, 2),
    ]  # fmt: skip
    with store.read() as connection:
        vials = samples.vials(connection, codes.number(received.tube))
        assert {vial.state for vial in vials} == {"planned"}
        assert {vial.volume_ul for vial in vials} == {None}, "nothing is observed before it is made"
        waiting = worklists.labels(connection, states=["queued"])
        assert {label.code for label in waiting} == {vial.code for vial in received.vials}


def test_the_same_tube_twice_says_who_received_it(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    first = receive(store, actor, donor)
    with pytest.raises(Rejected) as refused:
        receive(store, actor, donor)
    problem = next(one for one in refused.value.problems if not one.warning)
    assert problem.code == "tube-received-before"
    assert problem.values["code"] == codes.group(first.tube)
    assert problem.values["by"] == actor.name


def test_enter_twice_is_one_receipt(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    form, command_id = receipt(donor), uuid4()
    first = intake.receive(store, actor, form, command_id)
    assert intake.receive(store, actor, form, command_id) == first
    with store.read() as connection:
        assert len(samples.of_donor(connection, codes.number(donor))) == 7


def test_everything_wrong_is_said_at_once_and_nothing_is_stored(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    form = receipt(donor)
    drawn_late = form.received_at + timedelta(hours=1)
    with pytest.raises(Rejected) as refused:
        receive(store, actor, donor, drawn_at=drawn_late, container="QQQ", volume_ul=-5, temperature="warm")
    assert {
        ("drawn_at", "drawn-after-received"),
        ("container", "unknown-choice"),
        ("volume_ul", "volume-not-positive"),
        ("temperature", "unknown-choice"),
    } <= _codes(refused.value)
    with store.read() as connection:
        assert samples.of_donor(connection, codes.number(donor)) == []


def test_what_was_not_answered_is_asked_for(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    with pytest.raises(Rejected) as refused:
        receive(store, actor, donor, drawn_at=ABSENT, temperature=ABSENT)
    assert {("drawn_at", "answer-missing"), ("temperature", "answer-missing")} <= _codes(refused.value)


def test_unknown_is_an_answer(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    received = receive(store, actor, donor, drawn_at=None, volume_ul=None, temperature="unknown")
    with store.read() as connection:
        tube = samples.sample(connection, codes.number(received.tube))
    assert tube is not None
    assert tube.drawn_at is None
    assert tube.volume_ul is None


def test_missing_consent_is_provisional_with_a_deadline(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    assert received.verdict == "provisional"
    assert {reason["code"] for reason in received.reasons} == {"no-consent-yet", "waiting-until"}


def test_refused_material_has_no_vials_and_waits_to_leave(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    form = receipt(donor)
    on = form.received_at.date()
    consent.record_consent(
        store, actor, consent.ConsentForm(donor, "refused", "mother", on, on, {"STORE": "no"})
    )
    received = intake.receive(store, actor, form)
    assert (received.state, received.verdict, received.vials) == ("refused", "refused", ())
    with store.read() as connection:
        assert [tube.code for tube in worklists.refused(connection)] == [received.tube]
        assert worklists.labels(connection) == []


def test_an_outlook_says_what_a_half_filled_form_will_meet(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    form = receipt(donor, container=ABSENT)
    with store.read() as connection:
        seen = intake.outlook(connection, form, form.received_at)
    assert [(problem.field, problem.code) for problem in seen.problems] == [("container", "answer-missing")]
    assert seen.decision is not None
    assert seen.decision.verdict == "provisional"


def test_an_auditor_may_not_receive(store: Store, auditor: Actor, actor: Actor) -> None:
    donor = add_donor(store, actor)
    with pytest.raises(Rejected) as refused:
        receive(store, auditor, donor)
    assert _codes(refused.value) == {("", "not-permitted")}
