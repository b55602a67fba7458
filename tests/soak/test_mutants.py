"""A slice of the campaign of mutants, and controls that show that it can tell."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from tests.soak.mutants import equivalents, hatchery, of_the_domain, try_all

if TYPE_CHECKING:
    from tests.soak.mutation import Mutant

SEED = int(os.environ.get("BIOBANK_SEED", "1"))
IN_DATES, ELSEWHERE = "tests/domain/test_dates.py", "tests/domain/test_people.py"


def mutant(place: str, before: str, after: str) -> Mutant:
    """The one mutant of a place with this line before and after."""
    (found,) = (each for each in of_the_domain() if each.key == (*place.split(), before, after))
    return found


SECOND_OF_MARCH = mutant("dates.py turns", "return date(year, 3, 1)", "return date(year, 3, 2)")
THE_DAY_ITSELF = mutant(
    "consent_case.py Case._next_change",
    "for day in sorted(day for day in days if day is not None and day > self.on):",
    "for day in sorted(day for day in days if day is not None and day >= self.on):",
)


def test_mutants_of_the_domain_are_killed() -> None:
    outcome = try_all(random.Random(SEED).sample(of_the_domain(), 25), equivalents())
    assert outcome.broken == ()
    assert outcome.tried == 25
    assert outcome.cells["killed"] > 20


def test_a_mutant_is_killed_by_the_test_of_what_it_breaks() -> None:
    killed_by = hatchery().try_out(SECOND_OF_MARCH, [ELSEWHERE, IN_DATES]).killed_by
    assert killed_by.startswith(f"{IN_DATES}::test_turns[born_on3-18-day3]")
    assert "datetime.date(2030, 3, 2) == datetime.date(2030, 3, 1)" in killed_by


def test_a_mutant_survives_tests_that_do_not_look_at_it() -> None:
    assert hatchery().tests_of(SECOND_OF_MARCH)[0] == IN_DATES
    assert ELSEWHERE not in hatchery().tests_of(SECOND_OF_MARCH)
    assert hatchery().try_out(SECOND_OF_MARCH, [ELSEWHERE]).survived


def test_a_change_that_changes_nothing_survives_every_test() -> None:
    assert hatchery().try_out(THE_DAY_ITSELF).survived
    assert try_all([THE_DAY_ITSELF], {THE_DAY_ITSELF.key}).broken == ()
    assert try_all([THE_DAY_ITSELF], ()).broken == (str(THE_DAY_ITSELF),)


def test_a_change_said_to_change_nothing_that_a_test_notices_is_told() -> None:
    (said,) = try_all([SECOND_OF_MARCH], {SECOND_OF_MARCH.key}).broken
    assert f"{SECOND_OF_MARCH} changes nothing, it is said, and yet: {IN_DATES}" in said


def test_a_mutant_that_never_ends_is_killed() -> None:
    for_ever = mutant("codes.py run", "while len(codes) < count:", "while True:")
    assert hatchery().try_out(for_ever, ["tests/domain/test_codes.py"]).killed_by == "no end"


def test_every_mutant_said_to_change_nothing_is_one() -> None:
    assert set(equivalents()) <= {each.key for each in of_the_domain()}
    assert all(equivalents().values())
