"""Consent that is not complete, and material that may not stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import local_day
from biobank_desktop.services import placing
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.consent_work import Incomplete, Leaving, incomplete, leaving
from biobank_desktop.services.forms import enter_forms
from biobank_desktop.services.gate import donor_of, verdict
from tests.support.databases import ANNA, BO
from tests.support.lab import (
    add_boxes,
    add_donor,
    consent_of_both,
    consent_on_paper,
    fill_all,
    paper_for,
    receive,
    vials_of,
)

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

NOW = datetime.now(UTC)
TODAY = local_day(NOW)


def yes_of(store: Store, donor: str, signatory: str, signed_on: date, answer: str = "yes") -> None:
    form = ConsentForm(donor, "given", signatory, signed_on, TODAY, {"STORE": answer})
    record_consent(store, BO, form)


def waiting(store: Store, now: datetime = NOW) -> list[Incomplete]:
    with store.read() as connection:
        return incomplete(connection, now)


def going(store: Store, now: datetime = NOW) -> list[Leaving]:
    with store.read() as connection:
        return leaving(connection, now)


def test_each_waits_for_somebody_since_a_day(store: Store) -> None:
    signed = TODAY - timedelta(days=20)
    second = add_donor(store, ANNA)
    yes_of(store, second, "mother", signed)
    child = add_donor(store, ANNA, born_on=TODAY.replace(year=TODAY.year - 13, day=1))
    own = add_donor(store, ANNA, born_on=TODAY.replace(year=TODAY.year - 17, day=1))
    for parent in ("mother", "father"):
        yes_of(store, child, parent, signed)
        yes_of(store, own, parent, signed)
    open_answer = add_donor(store, ANNA)
    yes_of(store, open_answer, "guardian", signed, "not-answered")
    complete = add_donor(store, ANNA)
    yes_of(store, complete, "guardian", signed)
    add_donor(store, ANNA)
    found = {one.donor: (one.waits_for, one.since, one.deadline) for one in waiting(store)}
    assert found == {
        second: ("second-parent", signed, None),
        child: ("child", signed, None),
        own: ("own-decision", signed, None),
        open_answer: ("answer", signed, None),
    }


def test_the_lists_judge_by_the_registered_form_as_the_gate_does(store: Store) -> None:
    """A form signed after its last day permits nothing: it waits for an answer on one that is in force."""
    paper = paper_for("parents")
    ended = replace(paper, id="ended", version="0", valid_to=date(2025, 1, 1))
    enter_forms(store, ANNA, [paper, ended])
    sound, void = add_donor(store, ANNA), add_donor(store, ANNA)
    for donor, form in ((sound, paper), (void, ended)):
        for parent in ("mother", "father"):
            consent_on_paper(store, BO, donor, form, parent)
        with store.read() as connection:
            decision = verdict(connection, donor_of(connection, donor), "store", NOW)
        assert decision.verdict == ("permitted" if donor == sound else "provisional")
    (one,) = waiting(store)
    assert (one.donor, one.waits_for, one.reason.code) == (void, "answer", "form-not-in-force")


def test_the_deadline_counts_from_the_first_tube(store: Store) -> None:
    donor = add_donor(store, ANNA)
    receive(store, BO, donor)
    for days, left in ((0, 28), (21, 7), (28, 0), (30, -2)):
        (one,) = waiting(store, NOW + timedelta(days=days))
        assert (one.waits_for, one.days_left) == ("consent", left)
        assert one.since == TODAY
    consent_of_both(store, BO, donor)
    assert waiting(store) == []


def test_past_the_deadline_tube_and_vials_are_to_go_with_their_places(store: Store) -> None:
    boxes = add_boxes(store, ANNA)
    donor = add_donor(store, ANNA)
    received = receive(store, BO, donor)
    fill_all(store, BO, received)
    vial = vials_of(received, "CEL")[0]
    placing.place(store, BO, boxes.nitrogen, vial)
    assert going(store) == []
    (one,) = going(store, NOW + timedelta(days=28))
    assert one.donor == donor
    assert one.reason is not None
    places = {item.code: (item.kind, item.box, item.position) for item in one.items}
    assert places.keys() == {received.tube, *(each.code for each in received.vials)}
    assert places[vial][1:] == ("LN2-01 / LN2-01 T1 / BX002", "A1")
    assert places[received.tube] == ("tube", "", "")


def test_only_levels_that_destroy_send_material_away(store: Store) -> None:
    donor = add_donor(store, ANNA)
    consent_of_both(store, BO, donor)
    receive(store, BO, donor)
    for level in ("W0", "W1", "W2"):
        form = ConsentForm(donor, "withdrawn", "mother", TODAY, TODAY, level=level)
        record_consent(store, BO, form)
        assert going(store) == []
    record_consent(store, BO, ConsentForm(donor, "withdrawn", "mother", TODAY, TODAY, level="W3"))
    (one,) = going(store)
    assert one.donor == donor


def test_a_tube_refused_on_receipt_is_to_go_while_consent_stands(store: Store) -> None:
    donor = add_donor(store, ANNA)
    consent_of_both(store, BO, donor)
    kept = receive(store, BO, donor)
    rejected = receive(
        store, BO, donor, tube_code="HX26110043", acceptance="rejected", conditions=("clot",), plan=()
    )
    (one,) = going(store)
    assert (one.reason, [item.code for item in one.items]) == (None, [rejected.tube])
    assert kept.tube != rejected.tube
