"""The restore that this database came from, and who has signed for what it may have left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Restore:
    """What the newest declared restore said, who declared it, and when."""

    facts: dict[str, Any]
    by: str
    at: datetime


@dataclass(frozen=True)
class GapSignature:
    """Somebody who signed for the gap of a restore, and what was found."""

    login: str
    name: str
    at: datetime
    note: str


def restore(connection: Connection, key: str) -> Restore | None:
    """The newest declared restore, kept in the setting ``key``; None when there was none."""
    setting, asked = tables.setting.c, tables.command.c
    row = connection.execute(
        select(setting.value, asked.login, asked.at)
        .join(tables.command, asked.id == setting.command_id)
        .where(setting.key == key)
    ).first()
    return Restore(row.value, row.login, row.at) if row else None


def signatures(connection: Connection, archive_sha256: str) -> list[GapSignature]:
    """Who has signed for the gap of this archive, in order."""
    signed, person = tables.gap_signature.c, tables.person.c
    rows = connection.execute(
        select(signed.login, person.name, signed.at, signed.note)
        .join(tables.person, person.login == signed.login)
        .where(signed.archive_sha256 == archive_sha256)
        .order_by(signed.at, signed.login)
    )
    return [GapSignature(**row._asdict()) for row in rows]
