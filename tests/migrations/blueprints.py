"""``python -m tests.migrations.blueprints`` writes down how a database of the newest revision reads."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.persistence import blueprint, schema
from biobank_desktop.resources import folder
from tests.support.databases import PostgresDatabases, SqliteDatabases, open_store
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from tests.support.databases import Databases


def main() -> None:
    """Write ``resources/schema/<revision>.json``."""
    server = PostgresServer()
    with tempfile.TemporaryDirectory() as made:
        engines: dict[str, Databases] = {
            "sqlite": SqliteDatabases(Path(made)),
            "postgresql": PostgresDatabases(server),
        }
        told = {name: dict(sorted(fresh_digests(one).items())) for name, one in engines.items()}
    server.remove()
    path = folder("schema") / f"{schema.NEWEST}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def fresh_digests(databases: Databases) -> dict[str, str]:
    """Those of a database that the migrations make."""
    address = databases.empty()
    with closing(open_store(address)) as store:
        schema.upgrade(store.engine)
        with store.read() as connection:
            made = blueprint.digests(connection)
    databases.remove(address)
    return made


if __name__ == "__main__":
    main()
