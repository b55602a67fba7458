"""Every campaign of the long run, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.soak import cuts, inputs, kills, locks, migrations, mutants, pairs, power, tampering, weak_schemas

if TYPE_CHECKING:
    from tests.soak.campaign import Campaign

CAMPAIGNS: tuple[Campaign, ...] = (
    *power.CAMPAIGNS,
    *cuts.CAMPAIGNS,
    *pairs.CAMPAIGNS,
    *kills.CAMPAIGNS,
    *locks.CAMPAIGNS,
    *tampering.CAMPAIGNS,
    *weak_schemas.CAMPAIGNS,
    *migrations.CAMPAIGNS,
    *mutants.CAMPAIGNS,
    *inputs.CAMPAIGNS,
)
