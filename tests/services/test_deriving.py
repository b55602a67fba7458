"""Vials that are made later of stored vials, and pools, on real databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.persistence.queries import samples, worklists
from biobank_desktop.persistence.queries.standing import consumptions, standings
from biobank_desktop.services import corrections, placing, processing, quarantine, releases
from biobank_desktop.services.deriving import DerivationForm, PoolPart, derive
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import ANNA, add_boxes, add_donor
from tests.support.leaving import STUDY, Kept, found_wrong, kept

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


def _dna(source: str, count: int = 2) -> DerivationForm:
    return DerivationForm(source, "use-a2g", "germline panel", PlannedVials("DNA", count, 50))


def test_dna_of_a_vial_is_planned_labelled_filled_and_released(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    source = here.vials[0]
    first, second = derive(store, actor, _dna(source))
    with store.read() as connection:
        row = samples.sample(connection, codes.number(first))
        family = {one.code for one in samples.vials(connection, codes.number(here.tube))}
        waiting = {one.object_id for one in worklists.labels(connection, states=["queued"])}
        to_fill = [(tube.code, tube.count) for tube in worklists.to_fill(connection)]
    assert row is not None
    assert (row.parent_id, row.origin_id, row.tube_id) == (
        codes.number(source),
        codes.number(here.tube),
        codes.number(here.tube),
    )
    assert (row.kind, row.state, row.parent_material) == ("derivative", "planned", "PL1")
    assert family == {*here.vials, first, second}
    assert {codes.number(first), codes.number(second)} <= waiting
    assert to_fill == [(here.tube, 2)]
    processing.fill(store, actor, [FillForm(first, 50, taken_ul=200), FillForm(second, 40, taken_ul=300)])
    with store.read() as connection:
        assert processing.left_in(connection, codes.number(source)) == (0, None)
    (third,) = derive(store, actor, _dna(source, 1))
    with pytest.raises(Rejected, match="more-volume-than-left"):
        processing.fill(store, actor, [FillForm(third, 50, taken_ul=1)])
    placing.place(store, actor, boxes.plasma, first)
    no = releases.open_release(store, actor, STUDY)
    assert releases.choose(store, actor, no, [first]).chosen == (first,)
    assert releases.issue(store, ANNA, no) == [first]
    corrections.correct(store, actor, here.tube, {"time_point": "D15"}, "read wrongly")
    with store.read() as connection:
        later = samples.sample(connection, codes.number(second))
    assert later is not None
    assert later.time_point == "D15"
    assert WholeVerification(store).run() == []


def test_a_pool_takes_all_of_its_other_sources(store: Store, actor: Actor, here: Kept) -> None:
    first, second, third = here.vials
    form = DerivationForm(
        first,
        "use-a2g",
        "pooled plasma",
        PlannedVials("PL1", 1, 900),
        (PoolPart(second, last=True), PoolPart(third, ul=100)),
    )
    (pool,) = derive(store, actor, form)
    with store.read() as connection:
        known = standings(connection, map(codes.number, here.vials))
        (used,) = consumptions(connection, codes.number(third))
    assert [known[codes.number(one)].ended for one in here.vials] == [None, "used-up", None]
    assert (used.ul, used.into_id) == (100, codes.number(pool))


def test_everything_wrong_with_a_derivation_is_said_at_once(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    other = kept(store, actor, boxes.plasma, 1, add_donor(store, actor), time_point="D15")
    wrong = DerivationForm(
        here.vials[0],
        "share-eu",
        " ",
        PlannedVials("CEL", 2, None, 5),
        (PoolPart(other.vials[0], last=True), PoolPart(here.vials[1], ul=501)),
    )
    with pytest.raises(Rejected) as refused:
        derive(store, actor, wrong)
    assert {(problem.field, problem.code) for problem in refused.value.problems} == {
        ("purpose", "not-a-choice"),
        ("what", "answer-missing"),
        ("vials.material", "not-derivable"),
        ("vials.count", "vial-count-implausible"),
        ("pool[0].sample", "pool-of-two-donors"),
        ("pool[1].ul", "more-volume-than-left"),
    }
    with pytest.raises(Rejected, match="not-a-vial"):
        derive(store, actor, replace(_dna(here.tube), vials=PlannedVials("BMA", 1, 100)))


def test_nothing_is_made_of_what_is_held_back_or_not_permitted(
    store: Store, actor: Actor, here: Kept
) -> None:
    quarantine.report(store, actor, found_wrong(here.vials[0]))
    with pytest.raises(Rejected, match="sample-in-quarantine"):
        derive(store, actor, _dna(here.vials[0]))
    with pytest.raises(Rejected, match="consent-item-not-asked"):
        derive(store, actor, replace(_dna(here.vials[1]), purpose="use-genetic"))
