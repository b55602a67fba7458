"""``make bench``: ours beside the raw limit, in one run, as a table. BIOBANK_BENCH=10000,100000 for less."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import (
    as_of,
    boxes,
    cameras,
    consent,
    crowd,
    labels,
    live,
    maps,
    moves,
    prints,
    start,
    window,
)
from tests.bench.database import Lab
from tests.bench.timing import table
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.bench.timing import Row

SIZES = (10_000, 100_000, 1_000_000)


def main() -> int:
    """Measure and print."""
    sizes = [int(size) for size in os.environ.get("BIOBANK_BENCH", "").split(",") if size] or list(SIZES)
    rows: list[Row] = []

    def keep(more: Iterable[Row]) -> None:
        for row in more:
            rows.append(row)
            print(
                f"  {row.name:28} {row.engine:11} {row.samples:>9,} {row.p50:12,.2f} {row.unit}", flush=True
            )

    keep(labels.rows())
    keep(prints.rows())
    keep(cameras.rows())
    keep(consent.rows())
    keep(maps.paint_rows())
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory(prefix="biobank-bench-") as folder:
            files, served = SqliteDatabases(Path(folder)), PostgresDatabases(server)
            labs = [Lab("sqlite", files), Lab("postgresql", served)]
            keep(start.rows(labs[0].address))
            keep(boxes.rows(files))
            keep(prints.first_rows("sqlite", files))
            keep(prints.first_rows("postgresql", served))
            keep(crowd.rows(served))
            keep(live.rows(served))
            for size in sizes:
                for lab in labs:
                    keep([lab.grow(size)])
                    keep(lab.rows())
                    keep(as_of.rows(lab))
                    keep(window.rows(lab))
                    keep(maps.read_rows(lab))
                    keep(moves.rows(lab))
                    keep(consent.what_if_rows(lab))
    finally:
        server.remove()
    print()
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
