"""A shorter twin of the long lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.lists import round_of_lists
from tests.support.databases import ENGINES

if TYPE_CHECKING:
    from tests.support.databases import EngineName


@pytest.mark.parametrize("engine", ENGINES)
def test_every_bad_row_is_named_at_once(engine: EngineName) -> None:
    assert round_of_lists(engine, 1, rows=840).broken == ()
