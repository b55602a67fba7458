"""The databases of a process that runs rounds: made when first wanted, gone with the process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.databases import Databases, EngineName, PostgresDatabases, SqliteDatabases
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED_MEMORY = Path("/dev/shm")


@cache
def workplace() -> Path:
    """A folder in memory where there is one: what is tried here needs no disk of its own."""
    folder = Path(
        tempfile.mkdtemp(prefix="biobank-soak-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None)
    )
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def server(**settings: str) -> PostgresServer:
    """A PostgreSQL server with these settings."""
    made = PostgresServer(**settings)
    atexit.register(made.remove)
    return made


@cache
def databases(engine: EngineName) -> Databases:
    """Makes databases of one engine."""
    if engine == "sqlite":
        return SqliteDatabases(Path(tempfile.mkdtemp(dir=workplace())))
    return PostgresDatabases(server())


@cache
def hasty_databases() -> PostgresDatabases:
    """Makes databases of a server that waits for no disk: for what asks nothing of one."""
    return PostgresDatabases(server(fsync="off", full_page_writes="off", synchronous_commit="off"))


@contextmanager
def lab(engine: EngineName) -> Iterator[str]:
    """The address of a founded lab of one's own."""
    address = databases(engine).lab()
    try:
        yield address
    finally:
        databases(engine).remove(address)
