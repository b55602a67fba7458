"""Corrections on real databases: old and new stay, everything that follows is computed again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.persistence.queries import history, samples, worklists
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import consent, corrections, placing
from biobank_desktop.services.processing import StepForm, start_step
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def test_a_corrected_tube_hands_on_to_its_vials_and_labels(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    answer = corrections.correct(store, actor, received.tube, {"time_point": "D15"}, "read the form wrong")
    assert answer.changed == ("time_point",)
    assert set(answer.labels) == {vial.code for vial in received.vials}
    with store.read() as connection:
        vials = samples.vials(connection, codes.number(received.tube))
        waiting = worklists.labels(connection, states=["queued"])
        cancelled = worklists.labels(connection, states=["cancelled"])
        events = history.of_object(connection, codes.number(received.tube))
    assert {vial.time_point for vial in vials} == {"D15"}
    assert {label.no for label in waiting} == {2}
    assert {label.no for label in cancelled} == {1}
    assert events[0].why == "read the form wrong"
    change = next(one for one in events[0].changes if one.key == (codes.number(received.tube),))
    assert (change.old, change.new) == ({"time_point": "DX"}, {"time_point": "D15"})


def test_a_correction_needs_a_reason_and_follows_the_rules_of_receipt(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    with pytest.raises(Rejected) as without:
        corrections.correct(store, actor, received.tube, {"volume_ul": 3000}, " ")
    assert without.value.problems[0].code == "reason-missing"
    with pytest.raises(Rejected) as wrong:
        corrections.correct(store, actor, received.tube, {"volume_ul": -1, "donor_id": 3}, "typo")
    assert {one.code for one in wrong.value.problems} == {"not-correctable"}
    with store.read() as connection:
        tube = samples.sample(connection, codes.number(received.tube))
        receipt = samples.receipt(connection, codes.number(received.tube))
    assert tube is not None
    assert receipt is not None
    late = receipt.received_at + timedelta(minutes=1)
    with pytest.raises(Rejected) as implausible:
        corrections.correct(store, actor, received.tube, {"drawn_at": late}, "typo")
    assert [one.code for one in implausible.value.problems if not one.warning] == ["drawn-after-received"]


def test_somebody_else_was_faster(store: Store, actor: Actor, manager: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    with store.read() as connection:
        seen = history.of_object(connection, codes.number(received.tube))[0].command
    corrections.correct(store, manager, received.tube, {"volume_ul": 3000}, "measured again", seen=seen)
    with pytest.raises(Conflict) as refused:
        corrections.correct(store, actor, received.tube, {"volume_ul": 2900}, "typo", seen=seen)
    assert refused.value.problems[0].code == "changed-since"


def test_a_family_goes_to_the_donor_it_belongs_to(store: Store, actor: Actor) -> None:
    boxes = add_boxes(store)
    wrong, right = add_donor(store, actor), add_donor(store, actor, born_on=date(2012, 1, 9), sex="female")
    consent_of_both(store, actor, wrong)
    received = receive(store, actor, wrong)
    fill_all(store, actor, received)
    plasma = vials_of(received, "PL1")[0]
    placing.place(store, actor, boxes.plasma, plasma)
    answer = corrections.reattribute(store, actor, received.tube, right, "forms swapped at the ward")
    assert answer.verdict == "provisional"
    with store.read() as connection:
        assert samples.of_donor(connection, codes.number(wrong)) == []
        moved = samples.of_donor(connection, codes.number(right))
        kinds = [event.kind for event in history.of_object(connection, codes.number(wrong))]
    assert len(moved) == 7
    assert kinds[0] == "reattributed"
    assert Verification(store).run() == []
    placing.take_out(store, actor, plasma, "to check the label")
    placing.place(store, actor, boxes.plasma, plasma)
    assert Verification(store).run() == []


def test_a_correction_can_end_in_a_refusal(store: Store, actor: Actor) -> None:
    donor, refusing = add_donor(store, actor), add_donor(store, actor)
    on = date(2026, 11, 3)
    consent.record_consent(
        store, actor, consent.ConsentForm(refusing, "refused", "father", on, on, {"STORE": "no"})
    )
    received = receive(store, actor, donor)
    assert corrections.reattribute(store, actor, received.tube, refusing, "swapped").verdict == "refused"
    with store.read() as connection:
        assert [tube.code for tube in worklists.refused(connection)] == [received.tube]


def test_diagnostics_lets_go_of_a_tube_once(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    with store.read() as connection:
        receipt = samples.receipt(connection, codes.number(received.tube))
    assert receipt is not None
    corrections.record_diagnostic_release(store, actor, received.tube, receipt.received_at, "LMD, J. de Boer")
    with pytest.raises(Conflict):
        corrections.record_diagnostic_release(store, actor, received.tube, receipt.received_at, "again")


def test_a_vial_cannot_be_corrected_to_more_than_its_tube_held(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor), volume_ul=1500)
    fill_all(store, actor, received)
    plasma = vials_of(received, "PL1")[0]
    assert corrections.correct(store, actor, plasma, {"volume_ul": 900}, "misread").changed == ("volume_ul",)
    with pytest.raises(Rejected) as refused:
        corrections.correct(store, actor, plasma, {"volume_ul": 1200}, "misread")
    assert [one.code for one in refused.value.problems if not one.warning] == ["more-volume-than-left"]


def test_a_step_is_corrected_and_the_sprec_codes_follow(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    began = datetime.now(UTC)
    form = StepForm("spin", began, None, 400, 10, "room", True)
    no = start_step(store, actor, received.tube, form)
    fill_all(store, actor, received)
    plasma = vials_of(received, "PL1")[0]

    def sprec() -> str | None:
        with store.read() as connection:
            row = samples.sample(connection, codes.number(plasma))
        assert row is not None
        return row.sprec

    assert sprec() == "PL1-SHP-E-B-N-?-?"
    changed = corrections.correct_step(store, actor, received.tube, no, {"temperature": "2-10"}, "cooled")
    assert changed == ("temperature",)
    assert sprec() == "PL1-SHP-E-D-N-?-?"
    with pytest.raises(Rejected) as refused:
        corrections.correct_step(store, actor, received.tube, no, {"minutes": 0, "sample_id": 1}, "typo")
    assert {one.code for one in refused.value.problems} == {"not-correctable"}
    assert Verification(store).run() == []


def test_a_family_does_not_go_to_a_donor_who_was_not_born_yet(store: Store, actor: Actor) -> None:
    now = datetime.now(UTC)
    received = receive(store, actor, add_donor(store, actor), drawn_at=now - timedelta(days=5))
    newborn = add_donor(store, actor, born_on=now.date() - timedelta(days=1))
    with pytest.raises(Rejected) as refused:
        corrections.reattribute(store, actor, received.tube, newborn, "wrong form")
    assert [one.code for one in refused.value.problems] == ["drawn-before-birth"]
