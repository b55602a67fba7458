"""Placing vials on real databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Conflict, NotFound, Rejected
from biobank_desktop.persistence.queries import containers, history, samples, worklists
from biobank_desktop.services import consent, labels, moving, placing, processing
from biobank_desktop.services.unchecked_labels import set_unchecked_rule
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received
    from tests.support.lab import Boxes


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def received(store: Store, actor: Actor) -> Received:
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    made = receive(store, actor, donor)
    fill_all(store, actor, made)
    return made


def _refusal(store: Store, actor: Actor, box: str, vial: str, position: str = "") -> Rejected:
    with pytest.raises(Rejected) as refused:
        placing.place(store, actor, box, vial, position)
    return refused.value


def test_vials_fill_the_box_in_order_and_prove_their_labels(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    plasma = vials_of(received, "PL1")
    placed = [placing.place(store, actor, boxes.plasma, vial) for vial in plasma]
    assert [one.label for one in placed] == ["A1", "A2"]
    with store.read() as connection:
        kept = worklists.labels(connection, object_id=codes.number(plasma[0]))
    assert [label.state for label in kept] == ["verified"]


def test_a_typed_code_is_told_of_and_proves_no_label(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    by_hand = replace(actor, typed=frozenset({first}))
    placing.place(store, by_hand, boxes.plasma, first)
    placing.place(store, by_hand, boxes.plasma, second)
    with pytest.raises(Rejected) as refused:
        labels.verify(store, by_hand, first)
    assert [problem.code for problem in refused.value.problems] == ["typing-proves-nothing"]
    with store.read() as connection:
        for vial, state, typed in ((first, "queued", (first,)), (second, "verified", ())):
            (label,) = worklists.labels(connection, object_id=codes.number(vial))
            assert label.state == state
            told = history.of_object(connection, codes.number(vial))[0]
            assert (told.kind, told.typed) == ("placed", typed)
    assert labels.verify(store, actor, first) == "right"
    assert WholeVerification(store).run() == []


def test_a_lab_may_want_every_label_scanned_before_anything_is_stored(
    store: Store, actor: Actor, administrator: Actor, boxes: Boxes, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    assert not placing.place(store, actor, boxes.plasma, first).unchecked
    set_unchecked_rule(store, administrator, "block")
    (problem,) = _refusal(store, actor, boxes.plasma, second).problems
    assert (problem.field, problem.code) == ("sample", "label-not-checked")
    with pytest.raises(Rejected) as refused:
        moving.load(store, actor, MoveForm((Move(second, boxes.plasma, "B1", 1),)))
    assert {problem.code for problem in refused.value.problems} == {"label-not-checked"}, (
        "a list is no way round"
    )
    set_unchecked_rule(store, administrator, "warn")
    assert placing.place(store, actor, boxes.plasma, second).unchecked
    placing.take_out(store, actor, second, "to be checked")
    (third, _fourth) = vials_of(received, "CEL")[:2]
    told = moving.load(store, actor, MoveForm((Move(third, boxes.nitrogen, "B1", 1),)))
    assert told.unchecked == (third,)
    assert moving.load(store, actor, MoveForm((Move(third, boxes.nitrogen, "B2", 1),))).unchecked == (), (
        "it is only moved"
    )
    set_unchecked_rule(store, administrator, "block")
    assert not placing.place(store, actor, boxes.plasma, second).unchecked, "its label was proved by then"
    with pytest.raises(Rejected):
        set_unchecked_rule(store, administrator, "perhaps")
    with pytest.raises(Rejected):
        set_unchecked_rule(store, actor, "accept")


def test_a_named_position_is_used_and_kept(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    assert placing.place(store, actor, boxes.plasma, first, "c4").label == "C4"
    error = _refusal(store, actor, boxes.plasma, second, "C4")
    assert isinstance(error, Conflict)
    (problem,) = error.problems
    assert problem.code == "position-taken-by"
    assert problem.values["by"] == actor.name
    assert problem.values["code"] == codes.group(first)


def test_an_already_stored_vial_says_where_since_when_and_by_whom(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    vial = vials_of(received, "PL1")[0]
    placing.place(store, actor, boxes.plasma, vial)
    (problem,) = _refusal(store, actor, boxes.plasma, vial).problems
    assert problem.code == "already-stored"
    assert problem.values["path"] == "F80-01 / F80-01 S1 / BX001"
    assert problem.values["position"] == "A1"
    assert problem.values["by"] == actor.name


def test_what_may_not_be_placed(store: Store, actor: Actor, boxes: Boxes) -> None:
    donor = add_donor(store, actor)
    received = receive(store, actor, donor)
    planned = vials_of(received, "PL1")[0]
    assert _refusal(store, actor, boxes.plasma, planned).problems[0].code == "sample-not-filled"
    processing.make_void(store, actor, planned, "dropped")
    assert _refusal(store, actor, boxes.plasma, planned).problems[0].code == "sample-void"
    foreign = codes.run(codes.CodeKind.SAMPLE, 2031, 77, 1)[0]
    assert isinstance(_refusal(store, actor, boxes.plasma, foreign), NotFound)


def test_cells_need_the_cold_or_the_overnight_container(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    first, second, *_others = vials_of(received, "CEL")
    assert _refusal(store, actor, boxes.plasma, first).problems[0].code == "temperature-not-suitable"
    assert placing.place(store, actor, boxes.overnight, first).label == "1"
    assert placing.place(store, actor, boxes.nitrogen, second).label == "A1"
    plasma = vials_of(received, "PL1")[0]
    assert _refusal(store, actor, boxes.overnight, plasma).problems[0].code == "temperature-not-suitable"


def test_consent_withdrawn_in_the_meantime_stops_the_placing(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    today = datetime.now(UTC).date()
    consent.record_consent(
        store, actor, consent.ConsentForm(received.donor, "withdrawn", "mother", today, today, level="W2")
    )
    problems = _refusal(store, actor, boxes.plasma, vials_of(received, "PL1")[0]).problems
    assert [problem.code for problem in problems] == ["consent-withdrawn"]


def test_undo_takes_the_last_scan_back_with_its_own_line(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    vial = vials_of(received, "PL1")[0]
    placed = placing.place(store, actor, boxes.plasma, vial)
    assert placing.undo(store, actor, placed.command) == [vial]
    with store.read() as connection:
        assert containers.place(connection, codes.number(vial)) is None
    with pytest.raises(Conflict):
        placing.undo(store, actor, placed.command)


def test_undo_is_refused_when_something_has_happened_since(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    vial = vials_of(received, "PL1")[0]
    placed = placing.place(store, actor, boxes.plasma, vial)
    placing.take_out(store, actor, vial, "wrong box")
    placing.place(store, actor, boxes.plasma, vial, "B2")
    with pytest.raises(Conflict) as refused:
        placing.undo(store, actor, placed.command)
    assert refused.value.problems[0].code == "changed-since"


def test_all_or_none(store: Store, actor: Actor, boxes: Boxes, received: Received) -> None:
    plasma, cells = vials_of(received, "PL1")[0], vials_of(received, "CEL")[0]
    with pytest.raises(Rejected):
        placing.place_all(store, actor, boxes.plasma, [(plasma, ""), (cells, "")])
    with store.read() as connection:
        assert containers.place(connection, codes.number(plasma)) is None


def test_a_proposal_keeps_siblings_together(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    placing.place(store, actor, boxes.plasma, vials_of(received, "PL1")[0], "D5")
    with store.read() as connection:
        proposed = placing.propose(connection, codes.number(received.donor), "PL1", 4)
        cells = placing.propose(connection, codes.number(received.donor), "CEL", 4)
    assert proposed is not None
    assert proposed.box == "BX001"
    assert proposed.labels == ("A1", "A2", "A3", "A4")
    assert cells is not None
    assert cells.box == "CoolCell 1"


def test_the_sprec_code_follows_the_storage(
    store: Store, actor: Actor, boxes: Boxes, received: Received
) -> None:
    vial = vials_of(received, "CEL")[3]
    placing.place(store, actor, boxes.overnight, vial)
    with store.read() as connection:
        on_the_way = samples.sample(connection, codes.number(vial))
    placing.take_out(store, actor, vial, "to LN2")
    placing.place(store, actor, boxes.nitrogen, vial)
    with store.read() as connection:
        stored = samples.sample(connection, codes.number(vial))
    assert on_the_way is not None
    assert on_the_way.sprec == "CEL-SHP-E-N-N-N-?"
    assert stored is not None
    assert stored.sprec == "CEL-SHP-E-N-N-N-N"


def test_an_unlabelled_vial_is_no_vial(store: Store, actor: Actor, boxes: Boxes, received: Received) -> None:
    vial = vials_of(received, "PL1")[0]
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER label_no_delete" + ("" if store.is_sqlite else " ON label"))
        connection.exec_driver_sql("DELETE FROM label")
    assert _refusal(store, actor, boxes.plasma, vial).problems[0].code == "sample-unlabelled"


def test_more_than_is_left_is_refused(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    received = receive(store, actor, donor, volume_ul=600)
    plasma = vials_of(received, "PL1")
    with pytest.raises(Rejected) as refused:
        processing.fill(store, actor, [FillForm(vial, volume_ul=500) for vial in plasma])
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("vials[1].volume_ul", "more-volume-than-left")
    ]


def test_only_a_placing_is_taken_back(store: Store, administrator: Actor) -> None:
    """A shelf that was stood into its freezer is no scan: it stays where it is."""
    boxes = add_boxes(store, administrator)
    with store.read() as connection:
        shelved = history.of_object(connection, codes.number(boxes.plasma))[0]
    with pytest.raises(Rejected) as refused:
        placing.undo(store, administrator, shelved.command)
    assert [problem.code for problem in refused.value.problems] == ["nothing-to-undo"]
