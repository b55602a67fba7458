"""Every campaign of the long run, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.soak import (
    bulk_kills,
    contests,
    cuts,
    inputs,
    kills,
    lists,
    locks,
    migrations,
    monkey,
    mutants,
    pairs,
    power,
    print_queue,
    tampering,
    walks,
    weak_schemas,
    wedge,
)

if TYPE_CHECKING:
    from tests.soak.campaign import Campaign


def _family(campaign: Campaign) -> Campaign:
    """What reads input has many campaigns and few lines."""
    if campaign.must_break:
        return replace(campaign, family="bad input, controls")
    read = campaign.unit == "executions"
    return replace(campaign, family="bad input, every reader" if read else "hostile texts, every form")


CAMPAIGNS: tuple[Campaign, ...] = (
    *power.CAMPAIGNS,
    *cuts.CAMPAIGNS,
    *pairs.CAMPAIGNS,
    *kills.CAMPAIGNS,
    *bulk_kills.CAMPAIGNS,
    *locks.CAMPAIGNS,
    *walks.CAMPAIGNS,
    *lists.CAMPAIGNS,
    *contests.CAMPAIGNS,
    *print_queue.CAMPAIGNS,
    *tampering.CAMPAIGNS,
    *weak_schemas.CAMPAIGNS,
    *migrations.CAMPAIGNS,
    *mutants.CAMPAIGNS,
    *monkey.CAMPAIGNS,
    *wedge.CAMPAIGNS,
    *map(_family, inputs.CAMPAIGNS),
)
