"""A slice of the kills in the middle of large moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.bulk_kills import round_of_kills, round_of_stops
from tests.support.databases import ENGINES

if TYPE_CHECKING:
    from tests.support.databases import EngineName


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_move_is_whole_or_nothing(engine: EngineName) -> None:
    assert round_of_kills(engine, 1, vials=400, kills=4).broken == ()


def test_a_stopped_server_leaves_a_move_whole_or_nothing() -> None:
    assert round_of_stops(1, vials=400, kills=2).broken == ()
