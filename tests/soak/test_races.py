"""A slice of the races and of the cuts, and that both can fail."""

from __future__ import annotations

import pytest

from tests.soak import cuts
from tests.soak.locks import LOCKS, Lock, round_of_locks
from tests.soak.pairs import explore
from tests.soak.schedules import Footprint, footprint_of


@pytest.mark.parametrize(
    "pair",
    [
        ("placed", "consent-recorded"),
        ("filled", "made-void"),
        ("setting-changed", "kind-added"),
        ("corrected", "label-verified"),
        ("forms-entered", "forms-entered"),
        ("release-issued", "consent-recorded"),
        ("release-issued", "nonconformity-reported"),
        ("issued in the gap", "gap signed"),
        ("disposal-done", "disposal-witnessed"),
        ("printer-tested", "printer-tested"),
        ("codes-bound", "bound to another"),
        ("printer-tested", "printer-retired"),
        ("moved", "swapped"),
        ("found where another lay", "the other taken out"),
    ],
)
def test_two_benches_come_to_what_one_after_the_other_comes_to(pair: tuple[str, str]) -> None:
    schedules = list(explore(pair))
    assert len(schedules) > 2
    assert [wrong for _schedule, wrong in schedules if wrong] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_missing_lock_is_found(lock: Lock) -> None:
    assert round_of_locks(LOCKS.index(lock)).broken == ()


def test_what_a_statement_touches_is_read_from_its_words() -> None:
    held = footprint_of("SELECT donor.id FROM donor WHERE donor.id IN (1) FOR NO KEY UPDATE")
    assert held == Footprint(reads=frozenset({"donor"}), holds=frozenset({"donor"}))
    placed = footprint_of("INSERT INTO placement (item_id) SELECT item_id FROM x")
    assert placed.depends_on(held)
    assert not held.depends_on(footprint_of("SELECT 1 FROM donor JOIN sample ON true"))
    commit = Footprint(commits=frozenset({"donor"}))
    assert commit.depends_on(held)
    assert not commit.depends_on(footprint_of("SELECT 1 FROM label"))


@pytest.mark.parametrize("seed", [3, 17])
def test_a_cut_connection_neither_loses_nor_doubles_nor_lies(seed: int) -> None:
    outcome = cuts.round_of_cuts(seed)
    assert outcome.broken == ()
    assert outcome.tried == sum(map(len, cuts.DAYS))
