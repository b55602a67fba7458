"""The lab itself: which database this is, and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection


def uuid(connection: Connection) -> str:
    """The identity of this database."""
    return str(
        connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == "uuid")).scalar_one()
    )


def setting(connection: Connection, key: str, default: object = None) -> object:
    """A setting's value."""
    row = connection.execute(select(tables.setting.c.value).where(tables.setting.c.key == key)).first()
    return row.value if row else default
