"""Releases on real databases: chosen, decided about, issued together; nothing leaves against consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, NotFound, Rejected
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.queries import releases as query
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services import corrections, placing, quarantine, releases, use
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import ANNA, add_boxes, add_donor, consent_of_both
from tests.support.leaving import STUDY, Kept, agree, found_wrong, kept, withdraw

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def here(store: Store, actor: Actor, boxes: Boxes) -> Kept:
    return kept(store, actor, boxes.plasma)


def _codes(error: Rejected) -> set[str]:
    return {problem.code for problem in error.problems}


def _refused(store: Store, no: int) -> set[str]:
    with pytest.raises(Rejected) as refused:
        releases.issue(store, ANNA, no)
    return _codes(refused.value)


def _why(chosen: releases.Chosen, vial: str) -> set[str]:
    return {problem.code for problem in chosen.refused[vial]}


def test_chosen_vials_leave_together_and_free_their_places(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    assert releases.choose(store, actor, no, here.vials) == releases.Chosen(here.vials, {})
    assert releases.issue(store, ANNA, no) == list(here.vials)
    numbers = [codes.number(vial) for vial in here.vials]
    with store.read() as connection:
        assert containers.places(connection, numbers) == {}
        known = standings(connection, numbers)
        release = query.of_number(connection, no)
        lines = query.lines(connection, no)
    assert {(one.ended, one.issued_in, one.release) for one in known.values()} == {("issued", no, None)}
    assert release is not None
    assert (release.state, release.vials, release.purposes) == ("issued", 3, ("use-a2g", "share-eu"))
    assert {line.state for line in lines} == {"issued"}
    assert WholeVerification(store).run() == []


def test_what_consent_does_not_permit_is_listed_with_its_reasons(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    asked = add_donor(store, actor)
    consent_of_both(store, actor, asked)  # nobody asked them about sharing
    other = kept(store, actor, boxes.plasma, 1, asked)
    no = releases.open_release(store, actor, STUDY)
    chosen = releases.choose(store, actor, no, [*here.vials, *other.vials])
    assert chosen.chosen == here.vials
    assert _why(chosen, other.vials[0]) == {"consent-item-not-asked"}
    with store.read() as connection:
        lines = {line.code: line for line in query.lines(connection, no)}
    assert lines[other.vials[0]].state == "refused"
    assert releases.problems_of(lines[other.vials[0]].reasons) == chosen.refused[other.vials[0]]
    assert releases.issue(store, ANNA, no) == list(here.vials)


def test_purposes_follow_from_the_recipient(store: Store, actor: Actor, here: Kept) -> None:
    for changes, missing in (
        ({"country": "US"}, "consent-item-not-asked"),
        ({"recipient_kind": "company"}, "consent-item-not-asked"),
        ({"uses": ("study", "animal")}, "consent-item-not-asked"),
    ):
        no = releases.open_release(store, actor, replace(STUDY, **changes))
        assert _why(releases.choose(store, actor, no, here.vials[:1]), here.vials[0]) == {missing}
    own = replace(STUDY, country="NL", recipient_kind="own-institute", transport="by-hand")
    no = releases.open_release(store, actor, own)
    assert releases.choose(store, actor, no, here.vials[:1]).chosen == here.vials[:1]


def test_a_withdrawal_takes_the_vials_out_and_nothing_leaves(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    withdraw(store, actor, here.donor, "W2")
    with store.read() as connection:
        lines = query.lines(connection, no)
    assert {line.state for line in lines} == {"removed"}
    assert {reason["code"] for line in lines for reason in line.reasons} == {"consent-withdrawn"}
    assert _refused(store, no) == {"release-is-empty"}
    assert _why(releases.choose(store, actor, no, here.vials), here.vials[0]) == {"consent-withdrawn"}


def test_new_material_after_a_withdrawal_of_it_does_not_leave_on_the_word_about_the_old(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    withdraw(store, actor, here.donor, "W1")
    no = releases.open_release(store, actor, STUDY)
    chosen = releases.choose(store, actor, no, here.vials)
    assert _why(chosen, here.vials[0]) == {"consent-withdrawn-no-new-material"}  # received on that very day


def test_what_is_held_back_does_not_leave(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    quarantine.report(store, actor, found_wrong(here.vials[0]))
    chosen = releases.choose(store, actor, no, here.vials)
    assert _why(chosen, here.vials[0]) == {"sample-in-quarantine"}
    assert releases.issue(store, ANNA, no) == list(here.vials[1:])


def test_what_diagnostics_has_not_let_go_of_does_not_leave(store: Store, actor: Actor, boxes: Boxes) -> None:
    waiting = kept(store, actor, boxes.plasma, released_at=None, released_by="")
    no = releases.open_release(store, actor, STUDY)
    chosen = releases.choose(store, actor, no, waiting.vials)
    assert _why(chosen, waiting.vials[0]) == {"tube-not-released"}
    corrections.record_diagnostic_release(store, actor, waiting.tube, datetime.now(UTC), "LKC")
    assert releases.choose(store, actor, no, waiting.vials).chosen == waiting.vials


def test_a_vial_is_in_one_open_release_at_a_time(store: Store, actor: Actor, here: Kept) -> None:
    first, second = (releases.open_release(store, actor, STUDY) for _ in range(2))
    releases.choose(store, actor, first, here.vials[:1])
    assert _why(releases.choose(store, actor, second, here.vials[:1]), here.vials[0]) == {"sample-in-release"}
    releases.drop(store, actor, first, here.vials[:1], "for the other study")
    assert releases.choose(store, actor, second, here.vials[:1]).chosen == here.vials[:1]


def test_a_release_that_is_called_off_frees_its_vials(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    releases.cancel(store, actor, no, "the study was stopped")
    with pytest.raises(Conflict, match="release-is-cancelled"):
        releases.issue(store, ANNA, no)
    with store.read() as connection:
        free = standings(connection, map(codes.number, here.vials))
    assert {one.release for one in free.values()} == {None}


def test_a_release_says_everything_that_is_wrong_at_once(store: Store, actor: Actor) -> None:
    wrong = replace(STUDY, study=" ", bdac="", country="XX", uses=("genetic", "sale"), transport="pigeon")
    wrong = replace(wrong, institution="x" * 201)
    with pytest.raises(Rejected) as refused:
        releases.open_release(store, actor, wrong)
    assert {(problem.field, problem.code) for problem in refused.value.problems} == {
        ("study", "answer-missing"),
        ("bdac", "answer-missing"),
        ("institution", "text-too-long"),
        ("country", "country-unknown"),
        ("uses", "not-a-choice"),
        ("uses", "release-for-nothing"),
        ("transport", "not-a-choice"),
    }


def test_codes_of_nothing_are_all_named(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    with pytest.raises(NotFound) as refused:
        releases.choose(store, actor, no, ["PM26000000", here.vials[0], "rubbish"])
    assert [problem.values["code"] for problem in refused.value.problems] == ["PM26000000", "rubbish"]


def test_only_a_manager_lets_vials_leave(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    with pytest.raises(Rejected, match="not-permitted"):
        releases.issue(store, actor, no)


def test_an_issued_vial_that_comes_back_can_be_stored_again(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    releases.issue(store, ANNA, no)
    with pytest.raises(Rejected, match="sample-has-ended"):
        placing.place(store, actor, boxes.plasma, here.vials[0])
    use.turned_up(store, actor, here.vials[0], "not opened, sent back")
    assert placing.place(store, actor, boxes.plasma, here.vials[0]).sample == here.vials[0]
    assert WholeVerification(store).run() == []


def test_the_word_that_was_given_stays_with_the_release(store: Store, actor: Actor, here: Kept) -> None:
    agree(store, actor, here.donor)
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    releases.issue(store, ANNA, no)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT purpose, verdict FROM decision x JOIN command c ON c.id = x.command_id"
            " WHERE c.kind = 'release-issued' ORDER BY purpose"
        ).fetchall()
    assert [tuple(row) for row in rows] == [("share-eu", "permitted"), ("use-a2g", "permitted")]
