"""A campaign: something that tries to break a promise, in seeded rounds that can be repeated and resumed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Outcome:
    """What one round came to.

    ``tried`` counts in the campaign's unit. ``broken`` says each broken promise in words that name what was
    tried. ``cells`` counts how often each case of a campaign with cases was hit.
    """

    tried: int
    broken: tuple[str, ...] = ()
    cells: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Campaign:
    """Rounds of one sort. ``round`` takes a seed and does the same again for the same one.

    The long run goes on until ``target`` tries were made and every one of ``cells`` was hit
    ``least_per_cell`` times. A campaign with an end has so many ``rounds``, with the seeds 0, 1, 2 and so on.
    Campaigns of one ``family`` are one line of the figures.
    A negative control (``must_break``) shows that the campaign can see what it looks for: its rounds must
    break the promise.
    """

    name: str
    unit: str
    target: int
    round: Callable[[int], Outcome]
    must_break: bool = False
    cells: frozenset[str] = frozenset()
    least_per_cell: int = 0
    rounds: int = 0
    family: str = ""

    def timed(self, seed: int) -> tuple[Outcome, float]:
        """A round, and how many seconds it took."""
        begin = time.monotonic()
        return self.round(seed), time.monotonic() - begin


@dataclass
class Tally:
    """The rounds of a campaign so far."""

    rounds: int = 0
    tried: int = 0
    broken: int = 0
    seconds: float = 0.0
    cells: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome, seconds: float) -> None:
        """Count one round."""
        self.rounds += 1
        self.tried += outcome.tried
        self.broken += len(outcome.broken)
        self.seconds += seconds
        self.cells.update(outcome.cells)

    def join(self, other: Tally) -> None:
        """Count another campaign's rounds with these."""
        self.rounds += other.rounds
        self.tried += other.tried
        self.broken += other.broken
        self.seconds += other.seconds

    def least(self, campaign: Campaign) -> int | None:
        """How often the rarest cell was hit; None when the campaign has no cells."""
        return min(map(self.cells.__getitem__, campaign.cells)) if campaign.cells else None

    def reached(self, campaign: Campaign, share: float = 1.0) -> bool:
        """Whether this is enough."""
        if campaign.rounds:
            return self.rounds >= campaign.rounds * share
        enough = self.tried >= campaign.target * share
        return enough and (self.least(campaign) or 0) >= campaign.least_per_cell * share

    def held(self, campaign: Campaign) -> bool:
        """Whether the promise was kept, or for a negative control: seen to break."""
        return (self.broken > 0) == campaign.must_break
