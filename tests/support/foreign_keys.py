"""Switching foreign keys off, as somebody with the database's password can."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store


@contextmanager
def without_foreign_keys(store: Store) -> Iterator[Connection]:
    """A transaction in which rows may point nowhere."""
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if store.is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if not store.is_sqlite:
                drop_foreign_keys(connection)
            yield connection
        if store.is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


def drop_foreign_keys(connection: Connection) -> None:
    """Drop every foreign key of a PostgreSQL database."""
    rows = connection.execute(
        text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'")
    )
    for table, name in rows.fetchall():
        connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
