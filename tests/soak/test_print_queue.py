"""A slice of the labels that go through a failing printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.print_queue import StubbornZebra, round_of_printing
from tests.support.databases import ENGINES

if TYPE_CHECKING:
    from tests.support.databases import EngineName


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", [2, 3])
def test_no_label_comes_out_twice_and_none_is_lost(engine: EngineName, seed: int) -> None:
    outcome = round_of_printing(seed, engine, count=24)
    assert outcome.broken == ()


def test_a_program_that_sends_again_what_is_in_doubt_is_seen() -> None:
    assert any(round_of_printing(seed, "sqlite", StubbornZebra, count=24).broken for seed in range(2, 40))
