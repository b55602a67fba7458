from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain.colouring import (
    COLOURINGS,
    HUES,
    REST,
    UNKNOWN,
    VialFacts,
    following,
    groups,
    unit_of,
)
from biobank_desktop.domain.materials import MATERIALS

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def vial(item: int, **changes: Any) -> VialFacts:
    facts: dict[str, Any] = {
        "donor_id": 1, "material": "PL1", "since": NOW, "seen_at": NOW, "verdict": "permitted",
        "left_ul": 500, "left_cells": None, "label": "verified",
    }  # fmt: skip
    return VialFacts(item, **facts | changes)


def classes(
    colouring: str, vials: Sequence[VialFacts], here: int | None = None
) -> dict[str, tuple[int, set[int]]]:
    return {one.key: (one.rank, set(one.items)) for one in groups(colouring, vials, NOW, here)}


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_the_key_walks_through_all_and_begins_again() -> None:
    walked = [COLOURINGS[0]]
    while len(walked) <= len(COLOURINGS):
        walked.append(following(walked[-1]))
    assert walked == [*COLOURINGS, COLOURINGS[0]]


@pytest.mark.parametrize("colouring", COLOURINGS[1:])
def test_every_vial_is_in_exactly_one_class(colouring: str) -> None:
    vials = [
        vial(
            number,
            donor_id=number % 13,
            material=MATERIALS[number % len(MATERIALS)].code,
            since=days_ago(number * 40),
            seen_at=days_ago(number * 11),
            verdict=("permitted", "provisional", "refused")[number % 3],
            left_ul=(None, 0, 20, 700)[number % 4],
            left_cells=(None, 4_000_000)[number % 2],
            label=("", "sent", "queued", "verified", "failed")[number % 5],
        )
        for number in range(1, 120)
    ]
    found = groups(colouring, vials, NOW, 3)
    items = [item for one in found for item in one.items]
    assert sorted(items) == [one.item_id for one in vials]
    assert len({one.key for one in found}) == len(found)
    assert all(one.rank < HUES for one in found)
    assert groups(colouring, [], NOW, 3) == ()


def test_a_material_has_its_hue_in_every_box() -> None:
    alone = classes("material", [vial(1, material="CEL")])
    among = classes("material", [vial(1, material="CEL"), vial(2, material="BMA"), vial(3, material="SER")])
    assert alone["CEL"][0] == among["CEL"][0]
    assert len({rank for rank, _items in among.values()}) == 3


def test_more_than_eight_materials_leave_a_rest() -> None:
    found = classes("material", [vial(n, material=one.code) for n, one in enumerate(MATERIALS)])
    assert len(found) == HUES + 1
    assert sorted(rank for rank, _items in found.values()) == [-1, *range(HUES)]
    assert len(found[REST][1]) == len(MATERIALS) - HUES


def test_the_donors_with_the_most_vials_have_hues_of_their_own() -> None:
    vials = [vial(donor * 100 + n, donor_id=donor) for donor in range(1, 12) for n in range(donor)]
    found = classes("donor", vials)
    assert [int(key) for key in found if key != REST] == [11, 10, 9, 8, 7, 6, 5, 4]
    assert len(found[REST][1]) == 1 + 2 + 3


def test_the_family_at_the_cursor_is_lit() -> None:
    vials = [vial(1), vial(2, donor_id=2), vial(3)]
    assert classes("family", vials, 1) == {"here": (0, {1, 3}), REST: (1, {2})}
    assert classes("family", vials) == {REST: (1, {1, 2, 3})}


@pytest.mark.parametrize(
    ("days", "step"), [(0, 0), (364.9, 0), (365, 1), (730, 2), (1825, 2), (1826, 3), (4000, 4), (-1, 0)]
)
def test_the_steps_of_time_begin_where_they_say(days: float, step: int) -> None:
    assert list(classes("age", [vial(1, since=days_ago(days))])) == [str(step)]


def test_out_of_sight_is_counted_from_the_last_hand() -> None:
    found = classes("seen", [vial(1, since=days_ago(4000), seen_at=days_ago(31)), vial(2)])
    assert found == {"0": (0, {2}), "1": (1, {1})}


@pytest.mark.parametrize(
    ("material", "ul", "cells", "unit", "step"),
    [
        ("PL1", 0, None, "ul", 0),
        ("PL1", 1, None, "ul", 1),
        ("PL1", 99, None, "ul", 1),
        ("PL1", 100, None, "ul", 2),
        ("PL1", 1000, None, "ul", 5),
        ("CEL", 1000, 999_999, "cells", 1),
        ("CEL", 1000, 50_000_000, "cells", 5),
        ("CEL", 250, None, "ul", 3),
        ("PL1", None, 5_000_000, "cells", 3),
        ("PL1", None, None, None, -1),
    ],
)
def test_amounts_are_told_in_the_unit_of_the_material(
    material: str, ul: int | None, cells: int | None, unit: str | None, step: int
) -> None:
    one = vial(1, material=material, left_ul=ul, left_cells=cells)
    assert unit_of(one) == unit
    assert list(classes("amount", [one]).values()) == [(step, {1})]


def test_what_is_not_known_is_a_class_and_comes_last() -> None:
    assert list(classes("amount", [vial(1, left_ul=None), vial(2)])) == ["4", UNKNOWN]


def test_what_asks_for_a_hand_comes_first() -> None:
    labels = ["verified", "", "queued", "failed", "sent"]
    found = classes("label", [vial(number, label=label) for number, label in enumerate(labels)])
    assert found == {"unverified": (0, {4}), "waiting": (1, {2, 3}), "none": (2, {1}), "verified": (3, {0})}
    assert list(classes("consent", [vial(1), vial(2, verdict="refused")])) == ["refused", "permitted"]
