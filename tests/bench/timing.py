"""Measuring: repeated, in milliseconds, told as p50 and p95 beside a raw limit."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Row:
    """One line of the table; ``raw`` is the same work without this program, ``unit`` "ms" or "/s"."""

    name: str
    engine: str
    samples: int
    p50: float
    p95: float
    raw: float | None
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times slower than the raw limit."""
        if self.raw is None or not self.raw or not self.p50:
            return None
        return self.p50 / self.raw if self.unit == "ms" else self.raw / self.p50


def quantiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95 of times in seconds, in milliseconds."""
    ordered = sorted(times)
    return statistics.median(ordered) * 1000, ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000


def each(work: Iterable[Callable[[], object]]) -> list[float]:
    """How long each piece of work takes, in seconds; garbage is collected before, not between."""
    gc.collect()
    gc.disable()
    times = []
    try:
        for piece in work:
            begin = time.perf_counter()
            piece()
            times.append(time.perf_counter() - begin)
    finally:
        gc.enable()
    return times


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| what | engine | samples | ours p50 | ours p95 | raw | ratio | remark |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        raw = "" if row.raw is None else f"{row.raw:,.2f} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
        p95 = f"{row.p95:,.2f} {row.unit}" if row.unit == "ms" else ""
        lines.append(
            f"| {row.name} | {row.engine} | {row.samples:,} | {row.p50:,.2f} {row.unit} | {p95} | {raw} |"
            f" {ratio} | {row.note} |"
        )
    return "\n".join(lines)
