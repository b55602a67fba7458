from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.storage import (
    HOLDS_SAMPLES,
    LEVELS,
    MAY_STAND_IN,
    TEMPERATURES,
    BoxFacts,
    Level,
    container_problem,
    may_stand_in,
    rank_boxes,
    suits,
)

if TYPE_CHECKING:
    import random

BOX = BoxFacts("PB26000017", "BX00123", "-80", False, 37, 20, 0, frozenset({"PL1"}))


def box(name: str, **changes: Any) -> BoxFacts:
    return replace(BOX, name=name, **changes)


def ranked(material: str, count: int, *boxes: BoxFacts) -> list[str]:
    return [found.name for found in rank_boxes(boxes, material, count)]


@pytest.mark.parametrize(
    ("material", "temperature", "overnight", "answer"),
    [
        ("CEL", "ln2", False, True),
        ("CEL", "-80", False, False),
        ("CEL", "-80", True, True),
        ("CEL", "overnight -80", False, True),
        ("CEL", "overnight -80", True, True),
        ("CEL", "-20", True, False),
        ("CEL", "ln2", True, False),
        ("PL1", "-80", False, True),
        ("PL1", "ln2", False, True),
        ("PL1", "-20", False, False),
        ("PL1", "-80", True, False),
        ("CSF", "fridge", False, False),
        ("DNA", "room", False, False),
    ],
)
def test_what_suits(material: str, temperature: str, overnight: bool, answer: bool) -> None:
    assert suits(material, temperature, overnight=overnight) is answer


@given(st.sampled_from(MATERIALS))
def test_every_material_suits_the_temperature_it_names(material: Any) -> None:
    assert suits(material.code, material.temperature)
    assert suits(material.code, "-80", overnight=True) is material.overnight
    assert not any(suits(material.code, warm) for warm in ("-20", "fridge", "room"))


@pytest.mark.parametrize(
    ("inner", "outers"),
    [
        ("site", set()),
        ("room", {"site"}),
        ("device", {"site", "room"}),
        ("shelf", {"device"}),
        ("rack", {"device", "shelf"}),
        ("box", {"device", "shelf", "rack"}),
        ("goblet", {"device", "rack"}),
        ("freezing-container", {"device", "shelf", "rack"}),
    ],
)
def test_what_may_stand_in_what(inner: Level, outers: set[Level]) -> None:
    """Shelf, rack, drawer, box in a freezer; goblets on canes in a vessel of nitrogen."""
    assert {outer for outer in LEVELS if may_stand_in(inner, outer)} == outers
    assert MAY_STAND_IN[inner] == outers


def test_words_that_databases_hold_stay_what_they_are() -> None:
    assert LEVELS == ("site", "room", "device", "shelf", "rack", "box", "goblet", "freezing-container")
    assert TEMPERATURES == ("ln2", "-80", "overnight -80", "-20", "fridge", "room")
    assert {"box", "goblet", "freezing-container"} == HOLDS_SAMPLES


def test_nothing_stands_in_what_holds_samples_or_in_itself() -> None:
    assert set(MAY_STAND_IN) == set(LEVELS)
    for inner, outers in MAY_STAND_IN.items():
        assert inner not in outers
        assert not outers & HOLDS_SAMPLES
        assert all(LEVELS.index(outer) < LEVELS.index(inner) for outer in outers)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("box", None, "rack", "-80"), None),
        (("box", "-80", "rack", "-80"), None),
        (("device", "-80", "room", None), None),
        (("box", "-80", "rack", "ln2"), ("temperature-differs", {"inner": "-80", "outer": "ln2"})),
        (("box", "-80", "room", None), ("container-not-allowed-there", {"inner": "box", "outer": "room"})),
    ],
)
def test_why_a_container_may_not_stand_there(
    arguments: tuple[Any, ...], problem: tuple[str, dict[str, object]] | None
) -> None:
    assert container_problem(*arguments) == (Problem("inside", *problem) if problem else None)


def test_a_box_with_siblings_wins_when_all_fit_together() -> None:
    boxes = (
        box("A"),
        box("B", siblings=2),
        box("C", siblings=4, longest_run=1),
        box("D", siblings=9, free=1),
    )
    assert ranked("PL1", 2, *boxes) == ["B", "A", "C", "D"]


def test_a_box_that_the_vials_just_fill_is_enough() -> None:
    assert ranked("PL1", 2, box("A"), box("B", free=2, longest_run=2)) == ["B", "A"]
    assert ranked("PL1", 2, box("A"), box("B", longest_run=2, free=30)) == ["B", "A"]


def test_of_boxes_that_are_as_good_the_first_by_name_is_proposed() -> None:
    assert ranked("PL1", 2, box("B"), box("C"), box("A")) == ["A", "B", "C"]


def test_full_and_unsuitable_boxes_are_left_out() -> None:
    boxes = (box("A", free=0, longest_run=0), box("B", temperature="-20"), box("C", overnight=True), box("D"))
    assert ranked("PL1", 2, *boxes) == ["D"]


def test_cells_spend_the_night_first() -> None:
    boxes = (box("LN2", temperature="ln2", siblings=4), box("F80"), box("COOLCELL", overnight=True, free=12))
    assert ranked("CEL", 4, *boxes) == ["COOLCELL", "LN2"]


def test_the_right_temperature_then_the_same_material_then_the_fuller_box() -> None:
    boxes = (
        box("COLD", temperature="ln2"),
        box("OTHER", materials=frozenset({"CEL"})),
        box("EMPTIER", free=60),
        box("FULLER", free=30),
        box("NEW", materials=frozenset(), free=81),
    )
    assert ranked("PL1", 2, *boxes) == ["FULLER", "EMPTIER", "NEW", "OTHER", "COLD"]


facts = st.builds(
    BoxFacts,
    code=st.just("PB26000017"),
    name=st.text("ABC", min_size=1, max_size=3),
    temperature=st.sampled_from(TEMPERATURES),
    overnight=st.booleans(),
    free=st.integers(0, 5),
    longest_run=st.integers(0, 5),
    siblings=st.integers(0, 2),
    materials=st.frozensets(st.sampled_from(["CEL", "PL1"])),
)


@given(st.lists(facts, max_size=8), st.sampled_from(["CEL", "PL1"]), st.integers(1, 6), st.randoms())
def test_the_ranking_does_not_depend_on_the_order_asked(
    boxes: list[BoxFacts], material: str, count: int, dice: random.Random
) -> None:
    shuffled = list(boxes)
    dice.shuffle(shuffled)
    answer = rank_boxes(boxes, material, count)
    assert [found.name for found in answer] == [found.name for found in rank_boxes(shuffled, material, count)]
    assert all(
        found.free and suits(material, found.temperature, overnight=found.overnight) for found in answer
    )
