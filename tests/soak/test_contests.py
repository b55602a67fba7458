"""A slice of the contests for wells."""

from __future__ import annotations

from tests.soak.contests import round_of_contests


def test_four_programs_want_the_same_wells() -> None:
    outcome = round_of_contests(1, wells=60, phases=2, largest=10)
    assert outcome.broken == ()
    assert outcome.cells["taken"] > outcome.cells["done"] > 0
