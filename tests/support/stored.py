"""Labs of the released schemas, as they were stored then; ``tests/migrations/storing.py`` makes them."""

from __future__ import annotations

import json
import lzma
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import inspect, text

from tests.support.databases import open_store
from tests.support.repertoire import Stage

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.support.databases import Databases

FOLDER = Path(__file__).parents[1] / "migrations" / "stored"
REVISIONS = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))

Rows = dict[str, list[tuple[Any, ...]]]


def stored_lab(databases: Databases, revision: str) -> str:
    """The address of a copy of the lab of that revision."""
    address = databases.empty()
    if "://" in address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(_unpacked(revision, "sql"))
    else:
        Path(address).write_bytes(_unpacked(revision, "sqlite"))
    return address


@cache
def _unpacked(revision: str, ending: str) -> bytes:
    return lzma.decompress((FOLDER / f"{revision}.{ending}.xz").read_bytes())


def stored_archive(revision: str) -> Path:
    """The same lab as a portable archive."""
    return FOLDER / f"{revision}.zip"


def stored_stage(revision: str) -> Stage:
    """What is on its stage; no label is waiting, and the other donor has no vial."""
    told = json.loads((FOLDER / f"{revision}.json").read_text("utf-8"))
    received_at = datetime.fromisoformat(told.pop("received_at"))
    return Stage(**told, received_at=received_at, recovery="", other_filled="")


def all_rows(connection: Connection) -> Rows:
    """Every row of every table but Alembic's own, as the driver gives it."""
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    return {
        name: sorted((tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))), key=repr)
        for name in sorted(names)
    }


def as_before(rows: Rows, before: Rows) -> Rows:
    """The rows without what a newer schema has more and holds nothing: its tables, its columns at the end."""
    widths = {name: len(here[0]) for name, here in before.items() if here}
    return {
        name: sorted((_narrowed(row, widths.get(name, len(row))) for row in here), key=repr)
        for name, here in rows.items()
        if here or name in before
    }


def _narrowed(row: tuple[Any, ...], width: int) -> tuple[Any, ...]:
    return row if any(value is not None for value in row[width:]) else row[:width]


def rows_at(address: str) -> Rows:
    """Those of a database that nobody else has open."""
    with closing(open_store(address)) as store, store.read() as connection:
        return all_rows(connection)
