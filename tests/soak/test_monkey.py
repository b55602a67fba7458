"""A slice of the monkey, and that it sees what it looks for."""

from __future__ import annotations

import pytest

from tests.soak.monkey import CONTROL, play
from tests.support.databases import ENGINES, EngineName


@pytest.mark.parametrize("engine", ENGINES)
def test_the_window_bears_a_monkey(engine: EngineName) -> None:
    assert play(engine, 1, 60).broken == ()


def test_a_job_that_raises_is_seen() -> None:
    broken = play("sqlite", 1, CONTROL).broken
    assert any("The program made a mistake" in why for why in broken)
