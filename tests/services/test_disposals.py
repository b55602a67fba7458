"""Lists to destroy, give back and tell: one person does, another sees; a withdrawal opens its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.persistence.queries import disposals as query
from biobank_desktop.persistence.queries import samples
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services import disposals, intake, releases, withdrawal
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import ANNA, add_boxes, receipt
from tests.support.leaving import STUDY, Kept, kept, signed, withdraw

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


def _lines(store: Store, no: int) -> dict[str, query.DisposalLine]:
    with store.read() as connection:
        return {line.code: line for line in query.lines(connection, no)}


def _open(store: Store) -> int:
    with store.read() as connection:
        (one,) = query.lists(connection, state="open")
    return one.no


def test_a_withdrawal_reaches_everything_and_ends_in_a_closed_list(
    store: Store, actor: Actor, here: Kept
) -> None:
    first, *rest = here.vials
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, [first])
    releases.issue(store, ANNA, no)
    planned = intake.receive(store, actor, receipt(here.donor, tube_code="HX26119999"))
    with store.read() as connection:
        reach = withdrawal.reach(connection, codes.number(here.donor))
    assert {one.sample.code for one in reach.kept} == {here.tube, *rest, planned.tube}
    assert [(release.no, len(ids)) for release, ids in reach.issued] == [(no, 1)]
    assert len(reach.planned) == len(planned.vials) == len(reach.labels)
    foreseen = withdrawal.consequences(reach, "W3")
    assert (foreseen.boxes, foreseen.recipients, foreseen.opens_list) == (1, 1, True)
    withdraw(store, actor, here.donor)
    listed = _open(store)
    lines = _lines(store, listed)
    assert {one.sample.code for one in (*foreseen.destroyed, *foreseen.told)} == lines.keys()
    assert {one.code for one in foreseen.voided} == {one.code for one in planned.vials}
    with store.read() as connection:
        assert query.newest_of(connection, codes.number(here.donor)) == listed
    assert {code for code, line in lines.items() if line.action == "destroy"} == {
        *rest,
        here.tube,
        planned.tube,
    }
    assert [line.release_no for line in lines.values() if line.action == "notify"] == [no]
    assert lines[rest[0]].place.endswith("/ A2")
    with store.read() as connection:
        vials = samples.samples(connection, map(codes.number, [one.code for one in planned.vials]))
    assert {vial.state for vial in vials.values()} == {"void"}

    gone = [here.tube, planned.tube, *rest]
    disposals.take_away(store, actor, listed, gone, "autoclaved")
    disposals.take_away(store, actor, listed, [first], "e-mail to Dr. Berg")
    with pytest.raises(Rejected, match="list-not-done"):
        disposals.close_list(store, actor, listed)
    disposals.witness(store, signed(ANNA), listed, gone)
    disposals.close_list(store, actor, listed)
    lines = _lines(store, listed)
    assert {(line.done_by, line.witnessed_by) for line in lines.values() if line.action == "destroy"} == {
        ("bo", "anna")
    }
    with store.read() as connection:
        ended = standings(connection, map(codes.number, gone))
    assert {one.ended for one in ended.values()} == {"destroyed"}
    assert WholeVerification(store).run() == []


def test_nobody_witnesses_their_own_work(store: Store, actor: Actor, here: Kept) -> None:
    withdraw(store, actor, here.donor)
    listed = _open(store)
    disposals.take_away(store, actor, listed, here.vials)
    with pytest.raises(Rejected, match="witness-is-the-same"):
        disposals.witness(store, signed(actor), listed, here.vials)
    with pytest.raises(Rejected, match="line-not-done"):
        disposals.witness(store, signed(ANNA), listed, [here.tube])


def test_a_slip_is_taken_back_until_somebody_has_seen_it(store: Store, actor: Actor, here: Kept) -> None:
    withdraw(store, actor, here.donor)
    listed, vial = _open(store), here.vials[0]
    disposals.take_away(store, actor, listed, [vial])
    disposals.take_back(store, actor, listed, [vial], "scanned the wrong one")
    assert _lines(store, listed)[vial].state == "open"
    disposals.take_away(store, actor, listed, [vial])
    disposals.witness(store, signed(ANNA), listed, [vial])
    with pytest.raises(Rejected, match="line-not-done"):
        disposals.take_back(store, actor, listed, [vial], "too late")
    assert WholeVerification(store).run() == []


def test_a_level_below_destruction_tells_recipients_only(store: Store, actor: Actor, here: Kept) -> None:
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, here.vials[:2])
    releases.issue(store, ANNA, no)
    with store.read() as connection:
        reach = withdrawal.reach(connection, codes.number(here.donor))
    foreseen = withdrawal.consequences(reach, "W2")
    assert ({one.sample.code for one in foreseen.told}, foreseen.destroyed) == ({*here.vials[:2]}, ())
    withdraw(store, actor, here.donor, "W2")
    lines = _lines(store, _open(store))
    assert {code: line.action for code, line in lines.items()} == dict.fromkeys(here.vials[:2], "notify")


@pytest.mark.parametrize("level", ["W0", "W1"])
def test_who_only_wants_no_contact_or_no_more_opens_no_list(
    store: Store, actor: Actor, here: Kept, level: str
) -> None:
    with store.read() as connection:
        reach = withdrawal.reach(connection, codes.number(here.donor))
    assert not withdrawal.consequences(reach, level).opens_list
    withdraw(store, actor, here.donor, level)
    with store.read() as connection:
        assert query.lists(connection) == []


def test_refused_material_is_given_back(store: Store, actor: Actor, boxes: Boxes) -> None:
    fine = kept(store, actor, boxes.plasma)
    leaked = {"acceptance": "rejected", "conditions": ("leak",), "plan": (), "time_point": "D15"}
    rejected = intake.receive(store, actor, receipt(fine.donor, tube_code="HX26118888", **leaked))
    with pytest.raises(Rejected, match="sample-not-refused"):
        disposals.open_list(store, ANNA, "refused", "return", [rejected.tube, fine.tube], "leaked")
    no = disposals.open_list(store, ANNA, "refused", "return", [rejected.tube], "leaked")
    with pytest.raises(Rejected, match="sample-on-list"):
        disposals.open_list(store, ANNA, "refused", "destroy", [rejected.tube], "leaked")
    disposals.take_away(store, actor, no, [rejected.tube])
    disposals.witness(store, signed(ANNA), no, [rejected.tube])
    disposals.close_list(store, actor, no)
    with pytest.raises(Conflict, match="list-is-closed"):
        disposals.take_away(store, actor, no, [rejected.tube])


def test_a_line_is_dropped_with_a_reason(store: Store, actor: Actor, here: Kept) -> None:
    no = disposals.open_list(store, ANNA, "expired", "destroy", here.vials, "past ten years")
    with pytest.raises(Rejected, match="not-permitted"):
        disposals.drop_line(store, actor, no, here.vials[0], "still needed")
    disposals.drop_line(store, ANNA, no, here.vials[0], "still needed")
    disposals.take_away(store, actor, no, here.vials[1:])
    disposals.witness(store, signed(ANNA), no, here.vials[1:])
    disposals.close_list(store, actor, no)
    with store.read() as connection:
        assert standings(connection, [codes.number(here.vials[0])])[codes.number(here.vials[0])].ended is None
