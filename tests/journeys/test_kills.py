"""kill -9 during intakes: nothing acknowledged is lost, nothing is half, and the journal knows.

A seeded slice in every run; ``BIOBANK_SOAK=400`` makes it four hundred kills per engine.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from biobank_desktop.persistence.journal import Journal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.reference import reference
from tests.support.databases import BO, open_store
from tests.support.killed import Said, kill_during_intakes
from tests.support.lab import PROTOCOL, add_donor

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.persistence.store import Store

KILLS_A_ROUND = 20
ROUNDS = max(1, int(os.environ.get("BIOBANK_SOAK", "20")) // KILLS_A_ROUND)
LONGEST_SECONDS = 0.3


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_during_intakes(lab_address: str, tmp_path: Path, seed: int) -> None:
    store = open_store(lab_address)
    donor = add_donor(store, BO)
    store.close()
    moments, acknowledged = random.Random(seed), 0
    for kill in range(KILLS_A_ROUND):
        after = moments.uniform(0, LONGEST_SECONDS)
        said = kill_during_intakes(lab_address, tmp_path, donor, 1000 * (kill + 1), after)
        acknowledged += len(said.acknowledged)
        store = open_store(lab_address)
        _next_start(store, tmp_path, said)
        store.close()
    assert acknowledged > KILLS_A_ROUND  # it was the work that was killed, not the start


def _next_start(store: Store, folder: Path, said: Said) -> None:
    assert Verification(store).run() == []
    received = _tubes_received(store)
    for command_id, tube_code in said.acknowledged.items():
        assert store.stored(command_id)
        assert tube_code in received
    journal = Journal(folder)
    open_entries = {entry.id: entry.title for entry in journal.left_open()}
    for command_id in open_entries:
        assert store.stored(command_id) == (said.begun[command_id] in received)
    assert not open_entries.keys() & said.acknowledged.keys()
    for command_id in said.begun.keys() - said.acknowledged.keys() - open_entries.keys():
        # Killed before the journal's line or just after its end: no line, but never half a tube either.
        assert store.stored(command_id) == (said.begun[command_id] in received)
    assert len(said.begun.keys() - said.acknowledged.keys()) <= 1
    planned = sum(line.count for line in reference().protocol(PROTOCOL).plan("BMA", "DX"))
    assert set(received.values()) <= {planned}
    journal.forget()
    assert journal.left_open() == []
    journal.close()


def _tubes_received(store: Store) -> dict[str, int]:
    """Tube codes in the database, each with how many vials its tube has."""
    with store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT a.value, count(v.id) FROM alias a JOIN receipt r ON r.sample_id = a.object_id"
                " LEFT JOIN sample v ON v.parent_id = a.object_id GROUP BY a.value"
            )
        )
        return {row[0]: row[1] for row in rows}
