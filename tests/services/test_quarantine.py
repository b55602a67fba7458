"""Nonconforming work on real databases: what a cause touched, what is held back, what is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.nonconformities import Cause
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.domain.use import UseForm
from biobank_desktop.persistence.queries import nonconformities as query
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import disposals, placing, processing, quarantine, releases, use
from biobank_desktop.services.processing import StepForm
from biobank_desktop.services.touched import what_it_touched
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import ANNA, add_boxes
from tests.support.leaving import STUDY, Kept, found_wrong, kept, signed

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


def _touched(store: Store, **cause: Any) -> set[str]:
    return {one.code for one in complete(what_it_touched(store, Cause(**cause)))}


def test_what_is_held_back_is_neither_moved_nor_used_until_somebody_decides(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    vial, other, _ = here.vials
    no = quarantine.report(store, actor, found_wrong(vial))
    with pytest.raises(Rejected, match="sample-in-quarantine"):
        use.use(store, actor, UseForm(vial, "store", "check", ul=10))
    with pytest.raises(Rejected, match="sample-in-quarantine"):
        use.check_out(store, actor, [vial], "assay")
    with pytest.raises(Rejected, match="sample-in-quarantine"):
        placing.take_out(store, actor, vial, "to another box")
    assert quarantine.hold_more(store, actor, no, [other]) == [other]
    with pytest.raises(Rejected, match="held-before"):
        quarantine.hold_more(store, actor, no, [other])
    with pytest.raises(Rejected, match="samples-undecided"):
        quarantine.close(store, ANNA, no, "serviced")
    assert quarantine.decide(store, signed(), no, [vial], "accept", "spun cold again") is None
    use.use(store, actor, UseForm(vial, "store", "check", ul=10))
    listed = quarantine.decide(store, signed(), no, [other], "destroy", "warm for an hour")
    assert listed is not None
    with pytest.raises(Rejected, match="decided-before-this"):
        quarantine.decide(store, signed(), no, [other], "accept", "after all")
    quarantine.close(store, ANNA, no, "the lid's contact was replaced")
    with pytest.raises(Conflict, match="nonconformity-is-closed"):
        quarantine.hold_more(store, actor, no, [here.vials[2]])
    with pytest.raises(Rejected, match="sample-in-quarantine"):
        use.check_out(store, actor, [other], "assay")
    disposals.take_away(store, actor, listed, [other])
    disposals.witness(store, signed(ANNA), listed, [other])
    disposals.close_list(store, actor, listed)
    assert WholeVerification(store).run() == []


def test_only_a_manager_decides(store: Store, actor: Actor, here: Kept) -> None:
    no = quarantine.report(store, actor, found_wrong(here.vials[0]))
    with pytest.raises(Rejected, match="not-permitted"):
        quarantine.decide(store, signed(actor), no, here.vials[:1], "accept", "looks fine")


def test_everything_wrong_with_a_report_is_said_at_once(store: Store, actor: Actor) -> None:
    since = datetime.now(UTC)
    cause = Cause(lot="L1", since=since, until=since - timedelta(hours=1))
    wrong = found_wrong(kind="weather", what=" ", cause=cause, found_at=since + timedelta(days=1))
    with pytest.raises(Rejected) as refused:
        quarantine.report(store, actor, wrong)
    assert {(problem.field, problem.code) for problem in refused.value.problems} == {
        ("kind", "not-a-choice"),
        ("what", "answer-missing"),
        ("found_at", "in-the-future"),
        ("samples", "samples-missing"),
        ("until", "ends-before-it-begins"),
    }


def test_a_lot_and_a_device_touched_what_was_made_of_their_tubes(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    other = kept(store, actor, boxes.plasma)
    now = datetime.now(UTC)
    spun = StepForm("spin", now - timedelta(minutes=1), speed_g=400, device="Rotina 420", lot="FBS-77")
    processing.start_step(store, actor, here.tube, spun)
    assert _touched(store, device="rotina 420 ") == {here.tube, *here.vials}
    assert _touched(store, lot="FBS-77", donor=here.donor) == {here.tube, *here.vials}
    assert _touched(store, lot="FBS-77", donor=other.donor) == set()
    assert _touched(store, lot="FBS-77", until=now - timedelta(hours=1)) == set()
    assert _touched(store, donor=other.donor) == {other.tube, *other.vials}


def test_an_alarm_touched_what_lay_there_then(store: Store, actor: Actor, boxes: Boxes, here: Kept) -> None:
    before = datetime.now(UTC)
    stayed, went, came = here.vials
    placing.take_out(store, actor, went, "to another box")
    between = datetime.now(UTC) + timedelta(milliseconds=5)
    with store.read() as connection:
        freezer = connection.exec_driver_sql("SELECT id FROM container WHERE name = 'F80-01'").scalar_one()
    code = codes.from_number(freezer)
    assert _touched(store, container=code) == {stayed, went, came}
    assert _touched(store, container=code, since=between) == {stayed, came}
    assert _touched(store, container=boxes.plasma, until=before) == {stayed, went, came}
    assert _touched(store, container=boxes.nitrogen) == set()


def test_a_person_touched_what_they_worked_on(store: Store, actor: Actor, here: Kept) -> None:
    assert _touched(store, person=actor.login) == {here.tube, *here.vials}
    assert _touched(store, person=ANNA.login) == set()


def test_what_touches_everything_is_no_question(store: Store) -> None:
    with pytest.raises(Rejected, match="cause-missing"):
        complete(what_it_touched(store, Cause()))
    with pytest.raises(Rejected) as refused:
        complete(what_it_touched(store, Cause(person="zoe", container="PB26000000")))
    assert {problem.field for problem in refused.value.problems} == {"person", "container"}


def test_what_was_issued_is_held_on_record(store: Store, actor: Actor, here: Kept) -> None:
    release = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, release, here.vials[:1])
    releases.issue(store, ANNA, release)
    no = quarantine.report(store, actor, found_wrong(*here.vials))
    with store.read() as connection:
        held = {one.code: one for one in query.held_by(connection, no)}
        known = query.of_number(connection, no)
    assert (held[here.vials[0]].ended, held[here.vials[0]].release_no) == ("issued", release)
    assert known is not None
    assert (known.samples, known.undecided, known.cause) == (3, 3, {"device": "Rotina 420"})
    listed = quarantine.decide(store, signed(), no, here.vials, "destroy", "warm")
    assert listed is not None
    with store.read() as connection:
        on_list = standings(connection, map(codes.number, here.vials))
    assert {one.disposal for one in on_list.values()} == {None, listed}
