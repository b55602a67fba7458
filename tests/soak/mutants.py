"""Campaign: every small wrong change of the domain is noticed by a test of the domain.

A round tries one shard of all mutants (``mutation``) in a process that holds nothing of the program
(``hatchery``). What survives breaks the promise, unless ``equivalent_mutants.txt`` names it: changes that
nobody who calls the domain could notice, each with the reason. A named one that a test does notice breaks the
promise, too.
"""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.campaign import Campaign, Outcome
from tests.soak.hatchery import Hatchery
from tests.soak.mutation import ROOT, Mutant, mutants

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

DOMAIN = ROOT / "biobank_desktop" / "domain"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
SHARDS = 40

Key = tuple[str, str, str, str]


@cache
def of_the_domain() -> tuple[Mutant, ...]:
    """Every mutant of the domain."""
    paths = sorted(str(path.relative_to(ROOT)) for path in DOMAIN.glob("*.py"))
    return tuple(mutant for path in paths for mutant in mutants(path))


@cache
def equivalents() -> Mapping[Key, str]:
    """Why each mutant that changes nothing changes nothing: blocks of place, before, after and reason."""
    blocks = EQUIVALENT.read_text("utf-8").split("\n\n")
    entries = [block.strip().splitlines() for block in blocks if not block.startswith("#")]
    reasons: dict[Key, str] = {}
    for place, before, after, reason in entries:
        file, _, name = place.partition(" ")
        reasons[file, name, before.removeprefix("- "), after.removeprefix("+ ")] = reason.removeprefix("= ")
    return reasons


@cache
def hatchery() -> Hatchery:
    """The hatchery of this process; it ends with it."""
    made = Hatchery()
    atexit.register(made.close)
    return made


def try_all(chosen: Sequence[Mutant], harmless: Collection[Key]) -> Outcome:
    """Try each; those that are known to change nothing must survive and all others must not."""
    broken: list[str] = []
    killed = 0
    for mutant in chosen:
        verdict = hatchery().try_out(mutant)
        killed += not verdict.survived
        if verdict.survived and mutant.key not in harmless:
            broken.append(str(mutant))
        elif not verdict.survived and mutant.key in harmless:
            broken.append(f"{mutant} changes nothing, it is said, and yet: {verdict.killed_by}")
    return Outcome(len(chosen), tuple(broken), {"killed": killed, "survived": len(chosen) - killed})


def _round(seed: int) -> Outcome:
    return try_all(of_the_domain()[seed::SHARDS], equivalents().keys())


CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign("mutants of the domain", "mutants", 4_000, _round, rounds=SHARDS),
)
