"""A slice of the walks through storage, and that a walk sees what it looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.walks import CAMPAIGNS, round_of_steps
from tests.support.databases import ENGINES

if TYPE_CHECKING:
    from tests.soak.campaign import Campaign
    from tests.support.databases import EngineName

CONTROLS = [campaign for campaign in CAMPAIGNS if campaign.must_break]


@pytest.mark.parametrize("engine", ENGINES)
def test_storage_is_what_the_model_says(engine: EngineName) -> None:
    assert round_of_steps(engine, 1, steps=200).broken == ()


@pytest.mark.parametrize("campaign", CONTROLS, ids=lambda campaign: campaign.name)
def test_a_walk_sees_what_is_wrong(campaign: Campaign) -> None:
    assert campaign.round(1).broken
