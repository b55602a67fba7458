from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain.space import STRATEGIES, Room, fitting

if TYPE_CHECKING:
    from biobank_desktop.domain.space import Strategy

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ROOM = Room(1, "BX1", "F80-01 / BX1", "-80", overnight=False, free=10, siblings=0, last_at=None)


def _names(rooms: list[Room], material: str = "PL1", count: int = 4, strategy: Strategy = "siblings") -> str:
    return " ".join(room.name for room in fitting(rooms, material, count, strategy))


def _room(name: str, **changes: Any) -> Room:
    return replace(ROOM, name=name, path=name, **changes)


@pytest.mark.parametrize(
    "closed",
    [{"free": 0}, {"allowed": frozenset({"CEL"})}, {"temperature": "-20"}, {"overnight": True}],
    ids=["full", "another material", "too warm", "for a night"],
)
def test_what_is_closed_to_the_things_is_left_out(closed: dict[str, object]) -> None:
    assert _names([_room("A", **closed), _room("B")]) == "B"


@pytest.mark.parametrize(
    ("strategy", "first", "second"),
    [
        ("siblings", {"siblings": 2, "free": 9}, {"siblings": 1, "free": 4}),
        ("siblings", {"free": 4}, {"free": 9}),
        ("emptiest", {"free": 9}, {"free": 8, "siblings": 5}),
        ("continue", {"last_at": NOON}, {"last_at": NOON - timedelta(days=1)}),
        ("continue", {"last_at": NOON}, {"last_at": None}),
        ("warmest", {"temperature": "-80"}, {"temperature": "ln2", "free": 4}),
        ("warmest", {"free": 4}, {"free": 9}),
    ],
)
def test_each_strategy_has_its_first(
    strategy: Strategy, first: dict[str, object], second: dict[str, object]
) -> None:
    rooms = [_room("Z", **first), _room("A", **second)]
    assert _names(rooms, strategy=strategy) == _names(rooms[::-1], strategy=strategy) == "Z A"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_room_for_all_comes_before_room_for_some_and_names_decide_by_their_numbers(
    strategy: Strategy,
) -> None:
    rooms = [_room("R10"), _room("R9"), _room("S", free=3, siblings=9, last_at=NOON)]
    for order in permutations(rooms):
        assert _names(list(order), strategy=strategy) == "R9 R10 S"


def test_what_freezes_through_a_night_goes_to_an_overnight_container_first() -> None:
    rooms = [_room("T", temperature="ln2", siblings=3), _room("N", overnight=True)]
    assert _names(rooms, "CEL") == "N T"
    assert _names(rooms, "CEL", strategy="continue") == "N T"
    assert _names([replace(rooms[0], last_at=NOON), rooms[1]], "CEL", strategy="continue") == "T N"
