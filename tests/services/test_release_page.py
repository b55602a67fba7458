"""What a release's page shows: the vials in walking order, and what stands against each now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import lab, placing, quarantine, releases
from biobank_desktop.services.release_page import STEP_VIALS, release_page, shown_numbers, walking_order
from biobank_desktop.services.restore_gap import RESTORE_GAP
from biobank_desktop.services.touched import touched_samples
from tests.support.lab import ANNA, add_boxes, add_donor, consent_of_both, fill_all, receive
from tests.support.leaving import STUDY, found_wrong, kept

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.release_page import ReleasePage


def _page(store: Store, no: int) -> ReleasePage:
    return complete(release_page(store, no, datetime.now(UTC)))


def _why(page: ReleasePage) -> dict[str, set[str]]:
    vials = (*page.going, *page.not_going)
    return {vial.line.code: {problem.code for problem in vial.against} for vial in vials}


def test_places_are_walked_along_as_people_count() -> None:
    places = ["", "F1 / BX10 / A1", "F1 / BX2 / A10", "F1 / BX2 / A2", "f1 / BX2 / a1", "E9 / BX1 / A1"]
    assert sorted(places, key=walking_order) == [places[5], places[4], places[3], places[2], places[1], ""]


def test_vials_stand_in_walking_order_with_what_is_so_now(store: Store, actor: Actor) -> None:
    boxes = add_boxes(store)
    here = kept(store, actor, boxes.plasma)
    asked = add_donor(store, actor)
    consent_of_both(store, actor, asked)  # nobody asked them about sharing
    other = kept(store, actor, boxes.plasma, 1, asked)
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, [*here.vials, *other.vials])
    placing.take_out(store, actor, here.vials[0], "to the other box")
    placing.place(store, actor, boxes.plasma, here.vials[0], "J9")
    page = _page(store, no)
    assert [vial.line.code for vial in page.going] == [here.vials[1], here.vials[2], here.vials[0]]
    assert page.going[-1].place.endswith(" / BX001 / J9")
    assert {vial.box for vial in page.going} == {"BX001"}
    assert _why(page) == {code: set() for code in here.vials} | {other.vials[0]: {"consent-item-not-asked"}}
    assert page.problems == ()
    quarantine.report(store, actor, found_wrong(here.vials[2]))
    page = _page(store, no)
    assert {vial.line.code for vial in page.not_going} == {*other.vials, here.vials[2]}
    assert _why(page)[here.vials[2]] == {"sample-in-quarantine"}
    assert (page.number, page.last_by) == (f"R-{datetime.now(UTC).year}-0001", "Bo Jansen")


def test_what_changed_since_a_vial_was_chosen_is_seen_before_it_leaves(store: Store, actor: Actor) -> None:
    here = kept(store, actor, add_boxes(store).plasma)
    no, other = (releases.open_release(store, actor, STUDY) for _ in range(2))
    releases.choose(store, actor, no, here.vials[:1])
    facts = {"archive": "a.zip", "archive_sha256": "0" * 64, "size": 3, "erased": 0}
    made_at = datetime.now(UTC) - timedelta(days=1)
    lab.set_setting(store, ANNA, RESTORE_GAP, {**facts, "made_at": made_at.isoformat()})
    page = _page(store, no)
    assert {problem.code for problem in page.problems} == {"restore-gap-open"}
    assert page.problems == page.gap
    releases.cancel(store, actor, other, "never mind")
    assert _page(store, other).gap == ()


def test_a_large_release_is_read_in_steps(store: Store, actor: Actor) -> None:
    here = kept(store, actor, add_boxes(store).plasma, STEP_VIALS + 1)
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    told = [(one.done, one.total) for one in release_page(store, no, datetime.now(UTC))]
    assert told == [(STEP_VIALS, STEP_VIALS + 1), (STEP_VIALS + 1, STEP_VIALS + 1)]


def test_an_issued_release_says_who_issued_it(store: Store, actor: Actor) -> None:
    here = kept(store, actor, add_boxes(store).plasma)
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials)
    releases.issue(store, ANNA, no)
    page = _page(store, no)
    assert (page.last_by, page.release.state) == ("Anna de Wit", "issued")
    assert {vial.place for vial in page.going} == {""}
    with store.read() as connection:
        assert shown_numbers(connection, [no, None, 77]) == {no: page.number}


def test_a_release_that_is_none_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="release-unknown"):
        _page(store, 5)


def test_samples_are_held_back_one_by_one_as_long_as_there_is_material(store: Store, actor: Actor) -> None:
    here = kept(store, actor, add_boxes(store).plasma)
    planned = receive(store, actor, here.donor, tube_code="HX26110050")
    with store.read() as connection:
        (found,) = touched_samples(connection, [here.vials[1]])
        assert (found.code, found.box) == (here.vials[1], "BX001")
        with pytest.raises(Rejected, match="sample-not-filled"):
            touched_samples(connection, [planned.vials[0].code])
        with pytest.raises(NotFound, match="sample-unknown"):
            touched_samples(connection, [codes.run(codes.CodeKind.SAMPLE, 2026, 1, 1)[0]])
    fill_all(store, actor, planned)
    with store.read() as connection:
        assert len(touched_samples(connection, [planned.vials[0].code])) == 1
