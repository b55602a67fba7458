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
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from tests.soak.campaign import Campaign, Outcome, Tally
from tests.soak.campaigns import CAMPAIGNS

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
    tally, seed = _resume(path)
    print(f"{campaign.name}: seed {seed}, {tally.tried:,} of {campaign.target * SHARE:,.0f} done", flush=True)
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool, path.open("a") as kept:
        running: dict[Future[tuple[Outcome, float]], int] = {}
        while running or not tally.reached(campaign, SHARE):
            while len(running) < WORKERS and not tally.reached(campaign, SHARE):
                running[pool.submit(campaign.timed, seed)] = seed
                seed += 1
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done = running.pop(future)
                outcome, seconds = future.result()
                tally.add(outcome, seconds)
                kept.write(json.dumps({"seed": done, "seconds": seconds, **asdict(outcome)}) + "\n")
                kept.flush()
                _tell(campaign, tally, done, outcome)
    return tally


def _resume(path: Path) -> tuple[Tally, int]:
    """What is done already, and the seed that comes next."""
    tally, last = Tally(), None
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        row = json.loads(line)
        tally.add(Outcome(row["tried"], tuple(row["broken"]), row["cells"]), row["seconds"])
        last = max(row["seed"], row["seed"] if last is None else last)
    first = int(os.environ.get("BIOBANK_SEED", secrets.randbelow(1 << 30)))
    return tally, first if last is None else last + 1


def _tell(campaign: Campaign, tally: Tally, seed: int, outcome: Outcome) -> None:
    if outcome.broken and not campaign.must_break:
        for broken in outcome.broken[:5]:
            print(f"  seed {seed} BROKEN: {broken}", flush=True)
    print(f"  seed {seed}: {tally.tried:,} {campaign.unit}, {tally.broken:,} broken", flush=True)


def figures(rows: list[tuple[Campaign, Tally]]) -> str:
    """The table of docs/reliability.md."""
    lines = ["| campaign | tried | broken | rarest case | core minutes |", "|---|---|---|---|---|"]
    for campaign, tally in rows:
        least = tally.least(campaign)
        broken = f"{tally.broken:,}" + (" (as it must)" if campaign.must_break and tally.broken else "")
        lines.append(
            f"| {campaign.name} | {tally.tried:,} {campaign.unit} | {broken}"
            f" | {'' if least is None else f'{least:,}'} | {tally.seconds / 60:,.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
