"""A slice of the manipulations: each sort once on each engine; and what the manual says nothing can find."""

from __future__ import annotations

from random import Random

import pytest

from tests.soak.tampering import UNDETECTABLE, manipulate, sorts_of
from tests.support.databases import ENGINES, EngineName

CASES = [(engine, sort) for engine in ENGINES for sort in sorts_of(engine)]


@pytest.mark.parametrize(("engine", "sort"), CASES)
def test_a_manipulation_is_named(engine: EngineName, sort: str) -> None:
    found, said = manipulate(engine, sort, Random(1))
    assert found, said


@pytest.mark.parametrize("sort", UNDETECTABLE)
def test_what_nothing_can_find_is_what_the_manual_says(sort: str) -> None:
    assert not manipulate("sqlite", sort, Random(1))[0]
