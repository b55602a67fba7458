"""Room: found by strategy, kept free by reservations, and where a container can be emptied to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.people import Actor
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.persistence.queries import containers, reservations
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import emptying, moving, outages, reserving
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.space import SpaceForm, find_space
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.lab import ANNA, Boxes, add_boxes
from tests.support.leaving import Kept, kept

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

CAS = Actor("cas", "Cas", "technician", "bench-2")


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def vials(store: Store, actor: Actor, boxes: Boxes) -> Kept:
    made = add_container(store, ANNA, ContainerForm("Box 5 × 5", "BX555", None, "F80-01 S1"))
    assert made
    return kept(store, actor, boxes.plasma)


def _found(store: Store, form: SpaceForm, login: str = "bo") -> list[tuple[str, tuple[str, ...]]]:
    with store.read() as connection:
        return [(one.name, one.labels) for one in find_space(connection, form, login, datetime.now(UTC))]


def test_each_strategy_finds_its_own_box(store: Store, actor: Actor, vials: Kept) -> None:
    donor = codes.number(vials.donor)
    assert _found(store, SpaceForm("PL1", 2, "siblings", donor)) == [("BX001", ("A4", "A5"))]
    assert _found(store, SpaceForm("PL1", 2, "emptiest")) == [("BX002", ("A1", "A2"))]
    assert _found(store, SpaceForm("PL1", 2, "warmest")) == [("BX555", ("A1", "A2"))]
    assert _found(store, SpaceForm("PL1", 2, "continue")) == [("BX001", ("A4", "A5"))]
    assert _found(store, SpaceForm("PL1", 1, "emptiest", inside="F80-01")) == [("BX001", ("A4",))]
    assert _found(store, SpaceForm("CEL", 1, "siblings")) == [("CoolCell 1", ("1",))]


def test_what_fits_in_no_box_alone_goes_into_several(store: Store, vials: Kept) -> None:
    found = _found(store, SpaceForm("PL1", 100, "emptiest", inside="F80-01"))
    assert [(name, len(labels)) for name, labels in found] == [("BX001", 78), ("BX555", 22)]
    with pytest.raises(Rejected) as refused:
        _found(store, SpaceForm("PL1", 200, "emptiest", inside="F80-01"))
    assert refused.value.problems[0].values == {"count": 200, "free": 103}
    outages.begin(store, ANNA, "F80-01", "defrosting")
    with pytest.raises(Rejected):
        _found(store, SpaceForm("PL1", 1, inside="F80-01"))
    with pytest.raises(Rejected) as refused:
        _found(store, SpaceForm("XX", 0, "best"))  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == ["material", "count", "strategy"]


def test_a_reserved_position_is_free_for_nobody_else(store: Store, actor: Actor, vials: Kept) -> None:
    form = ReserveForm("BX555", "tomorrow's child", count=3)
    assert reserving.reserve(store, CAS, form) == ["A1", "A2", "A3"]
    one = vials.vials[0]
    with pytest.raises(Conflict) as refused:
        moving.move(store, actor, MoveForm((Move(one, "BX555", "A2"),)))
    (problem,) = refused.value.problems
    assert (problem.code, problem.values["by"]) == ("position-reserved-by", "Cas Visser")
    moved = moving.move(store, actor, MoveForm((Move(one, "BX555"),)))
    assert moved.places[0].label == "A4"
    assert _found(store, SpaceForm("PL1", 1, "warmest")) == [("BX555", ("A5",))]
    assert _found(store, SpaceForm("PL1", 1, "warmest"), "cas") == [("BX555", ("A1",))]
    with pytest.raises(Conflict):
        reserving.reserve(store, actor, ReserveForm("BX555", "mine", ("A1", "A4")))
    with pytest.raises(Conflict):
        reserving.give_back(store, actor, "BX555", ("A1",))
    moving.move(store, CAS, MoveForm((Move(vials.vials[1], "BX555", "A1"),)))
    reserving.give_back(store, ANNA, "BX555", ("A2",))
    with store.read() as connection:
        left = reservations.of_container(connection, codes.number(_code(store, "BX555")))
        assert list(left) == [(1, 3)]
        soon = datetime.now(UTC) + timedelta(days=8)
        assert [row.what for row in reservations.over_before(connection, soon)] == ["tomorrow's child"]
    assert Verification(store).run() == []


def _code(store: Store, name: str) -> str:
    with store.read() as connection:
        row = containers.by_name(connection, name)
    assert row is not None
    return row.code


def test_what_cannot_be_reserved(store: Store, actor: Actor, vials: Kept) -> None:
    for form, fields in (
        (ReserveForm("BX555", "", count=1), ["what"]),
        (ReserveForm("BX555", "x"), ["positions"]),
        (ReserveForm("BX555", "x", count=1, days=0), ["days"]),
        (ReserveForm("BX555", "x", ("Z1",)), ["positions"]),
        (ReserveForm("BX555", "x", count=26), ["count"]),
    ):
        with pytest.raises(Rejected) as refused:
            reserving.reserve(store, actor, form)
        assert [problem.field for problem in refused.value.problems] == fields
    with pytest.raises(Rejected):
        reserving.give_back(store, actor, "BX555", ())


def test_a_freezer_is_emptied_by_a_plan_that_is_shown_first(store: Store, actor: Actor, vials: Kept) -> None:
    device = add_container(store, ANNA, ContainerForm("Freezer −80", "F80-02", "-80"))
    add_container(store, ANNA, ContainerForm("Freezer shelf", "F80-02 S1", None, device))
    with store.read() as connection:
        plan = emptying.plan(connection, "F80-01", ["F80-02"], "bo", datetime.now(UTC))
    assert [(line.what, line.source, line.target) for line in plan.lines] == [
        ("BX001", "F80-01 / F80-01 S1 / 1", "F80-02 / F80-02 S1 / 1"),
        ("CoolCell 1", "F80-01 / F80-01 S1 / 2", "F80-02 / F80-02 S1 / 2"),
        ("BX555", "F80-01 / F80-01 S1 / 3", "F80-02 / F80-02 S1 / 3"),
    ]
    assert plan.left == ()
    emptied = moving.empty(store, actor, MoveForm(plan.moves, why="compressor"))
    with store.read() as connection:
        again = emptying.plan(connection, "F80-01", ["F80-02"], "bo", datetime.now(UTC))
        assert (again.lines, again.left) == ((), ())
        with pytest.raises(Rejected):
            emptying.plan(connection, "F80-02", ["BX001"], "bo", datetime.now(UTC))
    moving.undo(store, actor, emptied.command)
    assert Verification(store).run() == []


def test_what_has_no_room_as_a_box_goes_vial_by_vial_and_the_rest_is_named(
    store: Store, actor: Actor, boxes: Boxes
) -> None:
    vials = kept(store, actor, boxes.plasma).vials
    small = add_container(store, ANNA, ContainerForm("Goblet", "G1", None, "LN2-01"))
    for label in ("1", "2", "3", "4"):
        reserving.reserve(store, CAS, ReserveForm(small, "tomorrow", (label,)))
    with store.read() as connection:
        plan = emptying.plan(connection, "F80-01", [small], "bo", datetime.now(UTC))
    assert [line.target for line in plan.lines] == ["LN2-01 / G1 / 5", "LN2-01 / G1 / 6"]
    assert plan.left == (codes.group(vials[2]),)
