"""A spilled box is scanned again in place: no vial is lost, none is at two positions, all of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.persistence.queries import containers, tree
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import moving, spills, use
from tests.support.lab import add_boxes
from tests.support.leaving import kept

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def _lying(store: Store, box: str) -> dict[str, tuple[int, int]]:
    with store.read() as connection:
        return {
            one.code: (one.row_no, one.column_no)
            for one in containers.contents(connection, codes.number(box))
        }


def test_every_vial_is_found_where_it_lies_now(store: Store, actor: Actor) -> None:
    box = add_boxes(store).plasma
    one, two, three = kept(store, actor, box).vials
    spills.spill(store, actor, box, "fell from the rack")
    with store.read() as connection:
        assert list(tree.spills(connection)) == [codes.number(box)]
    assert spills.rescan(store, actor, box, two, "A1").left == 2
    assert _lying(store, box) == {two: (1, 1), one: (1, 2), three: (1, 3)}
    with pytest.raises(Conflict) as refused:
        spills.rescan(store, actor, box, one, "A1")
    assert refused.value.problems[0].values["code"] == codes.group(two)
    last = spills.rescan(store, actor, box, three, "C3")
    assert (last.label, last.left) == ("C3", 1)
    with pytest.raises(Rejected) as unfinished:
        spills.end(store, actor, box)
    assert [problem.code for problem in unfinished.value.problems] == ["not-scanned-yet"]
    assert spills.rescan(store, actor, box, one).label == "A2"
    spills.end(store, actor, box)
    assert _lying(store, box) == {two: (1, 1), one: (1, 2), three: (3, 3)}
    assert Verification(store).run() == []


def test_a_scan_is_taken_back_and_the_vial_is_again_somewhere_in_the_box(store: Store, actor: Actor) -> None:
    box = add_boxes(store).plasma
    one, two, _three = kept(store, actor, box).vials
    before = _lying(store, box)
    spills.spill(store, actor, box, "fell")
    scanned = spills.rescan(store, actor, box, two, "A1")
    moving.undo(store, actor, scanned.command)
    assert _lying(store, box) == before
    assert spills.rescan(store, actor, box, one, "A1").left == 2
    assert Verification(store).run() == []


def test_what_is_missing_is_reported_lost_before_the_box_is_in_order(store: Store, actor: Actor) -> None:
    box = add_boxes(store).plasma
    one, two, three = kept(store, actor, box).vials
    with pytest.raises(Rejected):
        spills.rescan(store, actor, box, one)
    spills.spill(store, actor, box, "fell")
    with pytest.raises(Rejected) as refused:
        spills.spill(store, actor, box, "again")
    assert [problem.code for problem in refused.value.problems] == ["spilled-already"]
    for vial in (one, two):
        spills.rescan(store, actor, box, vial)
    use.report_lost(store, actor, three, "not found after the fall")
    spills.end(store, actor, box)
    with pytest.raises(Rejected) as refused:
        spills.end(store, actor, box)
    assert [problem.code for problem in refused.value.problems] == ["not-spilled"]
    assert Verification(store).run() == []
