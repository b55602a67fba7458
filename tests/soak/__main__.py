"""``make soak``: every campaign until its target, resumable; the figures as a table in build/soak.

``python -m tests.soak power cuts`` runs those whose name begins so. BIOBANK_SOAK=0.01 makes a hundredth of
each target, BIOBANK_SEED=7 begins at another seed. What is done already (build/soak) is not done again.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.campaign import Campaign, Outcome, Tally
from tests.soak.campaigns import CAMPAIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[2] / "build" / "soak"
SHARE = float(os.environ.get("BIOBANK_SOAK", "1"))
WORKERS = int(os.environ.get("BIOBANK_WORKERS", os.cpu_count() or 1))


def main() -> int:
    """Run what was asked for; 1 when a promise broke or a negative control held."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in CAMPAIGNS if not sys.argv[1:] or one.name.startswith(tuple(sys.argv[1:]))]
    tallies = {campaign.name: _run(campaign) for campaign in chosen}
    table = figures([(one, tallies[one.name]) for one in chosen])
    (FOLDER / "figures.md").write_text(table, "utf-8")
    print(f"\n{table}")
    return 0 if all(tallies[one.name].held(one) for one in chosen) else 1


def _run(campaign: Campaign) -> Tally:
    path = FOLDER / f"{re.sub('[^a-z0-9]+', '-', campaign.name.lower())}.jsonl"
    tally, seeds = _resume(campaign, path)
    print(f"{campaign.name}: {tally.tried:,} {campaign.unit} done before", flush=True)
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool, path.open("a") as kept:
        running: dict[Future[tuple[Outcome, float]], int] = {}
        while True:
            while len(running) < WORKERS and not tally.reached(campaign, SHARE):
                seed = next(seeds, None)
                if seed is None:
                    break
                running[pool.submit(campaign.timed, seed)] = seed
            if not running:
                return tally
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                seed = running.pop(future)
                outcome, seconds = future.result()
                tally.add(outcome, seconds)
                row = {"seed": seed, "seconds": seconds, "tried": outcome.tried, "broken": outcome.broken}
                kept.write(json.dumps({**row, "cells": dict(outcome.cells)}) + "\n")
                kept.flush()
                _tell(campaign, tally, seed, outcome)


def _resume(campaign: Campaign, path: Path) -> tuple[Tally, Iterator[int]]:
    """What is done already, and the seeds that come next."""
    tally, done = Tally(), set()
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        row = json.loads(line)
        tally.add(Outcome(row["tried"], tuple(row["broken"]), row["cells"]), row["seconds"])
        done.add(row["seed"])
    if campaign.rounds:
        return tally, iter([seed for seed in range(campaign.rounds) if seed not in done])
    first = int(os.environ.get("BIOBANK_SEED", secrets.randbelow(1 << 30)))
    return tally, count(max(done) + 1 if done else first)


def _tell(campaign: Campaign, tally: Tally, seed: int, outcome: Outcome) -> None:
    if outcome.broken and not campaign.must_break:
        for broken in outcome.broken[:5]:
            print(f"  seed {seed} BROKEN: {broken}", flush=True)
    print(f"  seed {seed}: {tally.tried:,} {campaign.unit}, {tally.broken:,} broken", flush=True)


def figures(rows: list[tuple[Campaign, Tally]]) -> str:
    """The table of docs/reliability.md."""
    families: dict[str, tuple[Campaign, Tally]] = {}
    for campaign, tally in rows:
        name = campaign.family or campaign.name
        if name in families:
            families[name][1].join(tally)
        else:
            families[name] = (campaign, tally)
    lines = ["| campaign | tried | broken | rarest case | core minutes |", "|---|---|---|---|---|"]
    for name, (campaign, tally) in families.items():
        least = tally.least(campaign)
        broken = f"{tally.broken:,}" + (" (as it must)" if campaign.must_break and tally.broken else "")
        lines.append(
            f"| {name} | {tally.tried:,} {campaign.unit} | {broken}"
            f" | {'' if least is None else f'{least:,}'} | {tally.seconds / 60:,.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
