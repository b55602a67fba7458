"""A slice of the kills amid upgrades, foundings and restores, and the campaign itself put to the test."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.soak.migrations import IN_PIECES, WORKS, Ground, Work
from tests.support.databases import ENGINES
from tests.support.struck import Blow

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE = {"upgrade": 4, "founding": 1, "restore": 1}


@pytest.fixture(scope="module", params=ENGINES)
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """What the work begins with, on each engine."""
    made = Ground(request.getfixturevalue(f"{request.param}_databases"))
    yield made
    made.remove()


@pytest.mark.soak
@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_killed_at_any_statement_nothing_is_half_done(ground: Ground, work: Work) -> None:
    blows = work.blows(ground)
    first, *between, last = blows
    chosen = [first, *random.Random(1).sample(between, SLICE[work.name]), last]
    came = list(work.killed(ground, chosen))
    assert [(str(blow), wrong) for blow, _ended, wrong in came if wrong] == []
    ended = [how for _blow, how, _wrong in came]
    assert ended[0] in {"as before", "nothing", "empty"}
    assert ended[-1] in {"whole", "declared"}


def test_an_upgrade_in_pieces_is_found_half_done(ground: Ground) -> None:
    blows = IN_PIECES.blows(ground)
    ((_blow, _ended, wrong),) = IN_PIECES.killed(ground, [blows[len(blows) // 2]])
    assert "half upgraded" in wrong


def test_a_kill_that_never_came_is_reported(ground: Ground) -> None:
    ((_blow, _ended, wrong),) = WORKS[0].killed(ground, [Blow(9999, after=False)])
    assert wrong == "it came to its end before"
