"""A slice of the kills, and that a kill which loses something is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text

from biobank_desktop.persistence.schema import without_guards
from tests.soak import bench_day
from tests.soak.aftermath import Told, next_start
from tests.soak.kills import CAMPAIGNS
from tests.support.databases import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.soak.campaign import Campaign


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_nothing_is_lost_and_nobody_is_left_in_the_dark(campaign: Campaign) -> None:
    assert campaign.round(1).broken == ()


def test_a_lost_command_and_an_untold_one_are_found(lab_address: str, tmp_path: Path) -> None:
    bench = bench_day.settings(lab_address, tmp_path)
    kept = next(iter(next_start(bench).commands or ()))
    told = Told(begun={kept}, acknowledged={uuid4()})
    assert list(next_start(bench).contradictions(told)) == [
        "1 acknowledged commands are not there",
        "1 commands are stored and nobody would be told",
    ]


def test_a_damaged_database_is_found(lab_address: str, tmp_path: Path) -> None:
    store = open_store(lab_address)
    with store.engine.begin() as connection, without_guards(connection):
        connection.execute(text("UPDATE person SET role = 'auditor' WHERE login = 'bo'"))
    store.close()
    assert next_start(bench_day.settings(lab_address, tmp_path)).broken
