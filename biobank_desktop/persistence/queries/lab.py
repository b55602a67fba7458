"""The lab itself: which database this is, and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, select, text

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence import schema, tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def uuid(connection: Connection) -> str:
    """The identity of this database."""
    return str(
        connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == "uuid")).scalar_one()
    )


def is_founded(connection: Connection) -> bool:
    """Whether the lab in these tables is whole: its identity comes with the first or restoring command."""
    name = select(tables.meta.c.value).where(tables.meta.c.key == "uuid")
    return connection.execute(name).first() is not None


def is_empty(connection: Connection) -> bool:
    """Whether nothing was ever stored in this database; the tables may be there."""
    if not inspect(connection).get_table_names():
        return True
    ours = schema.current(connection) is not None
    return ours and connection.execute(select(tables.command.c.id).limit(1)).first() is None


def require_empty(connection: Connection) -> None:
    """Raise ``Rejected`` (``database-not-empty``) unless it is."""
    if not is_empty(connection):
        raise Rejected(Problem("database", "database-not-empty"))


def setting(connection: Connection, key: str, default: object = None) -> object:
    """A setting's value."""
    row = connection.execute(select(tables.setting.c.value).where(tables.setting.c.key == key)).first()
    return row.value if row else default


def set_by(connection: Connection, key: str) -> tuple[str, datetime]:
    """Who has set a setting that there is, and when."""
    entered = tables.command.c
    found = select(entered.login, entered.at).join(tables.setting, tables.setting.c.command_id == entered.id)
    row = connection.execute(found.where(tables.setting.c.key == key)).one()
    return row.login, row.at


def derivations(connection: Connection) -> frozenset[tuple[str, str]]:
    """What may be made of what, as (parent's material, material)."""
    made = tables.derivation.c
    return frozenset(
        (row[0], row[1]) for row in connection.execute(select(made.parent_material, made.material))
    )


def size_bytes(connection: Connection) -> int:
    """How large the database is on its disk."""
    if connection.dialect.name == "sqlite":
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def engine_name(connection: Connection) -> str:
    """Which database program this is, with its version."""
    if connection.dialect.name == "sqlite":
        return f"SQLite {connection.execute(text('SELECT sqlite_version()')).scalar_one()}"
    return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}"
