"""Who works here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Role

_MAX_PEOPLE = 1 << 20


@dataclass(frozen=True)
class PersonRow:
    """An account."""

    login: str
    name: str
    role: Role
    active: bool
    stream_id: int


@dataclass(frozen=True)
class CredentialRow:
    """The secret of an account and its wrong tries; never leaves ``services.people``."""

    argon2id: str
    recovery_argon2id: str | None
    failed: int
    last_failed_at: datetime | None


_PERSON = select(
    tables.person.c.login,
    tables.person.c.name,
    tables.person.c.role,
    tables.person.c.active,
    tables.person.c.stream_id,
)


def person(connection: Connection, login: str) -> PersonRow | None:
    """The account of a login, None when there is none."""
    row = connection.execute(_PERSON.where(tables.person.c.login == login)).first()
    return PersonRow(*row) if row else None


def people(connection: Connection) -> list[PersonRow]:
    """Every account, by name."""
    return [PersonRow(*row) for row in connection.execute(_PERSON.order_by(tables.person.c.name))]


def next_person_stream(connection: Connection) -> int:
    """The stream of the next person: people are numbered from 1, below the numbers of codes."""
    stream = tables.stream.c.id
    last = connection.execute(select(func.max(stream)).where(stream < _MAX_PEOPLE)).scalar()
    return (last or 0) + 1


def credential(connection: Connection, login: str) -> CredentialRow | None:
    """The secret of an account."""
    secret = tables.credential.c
    row = connection.execute(
        select(secret.argon2id, secret.recovery_argon2id, secret.failed, secret.last_failed_at).where(
            secret.login == login
        )
    ).first()
    return CredentialRow(*row) if row else None


def secrets(connection: Connection) -> list[tuple[PersonRow, str, CredentialRow | None]]:
    """Every account with the fingerprint that its history keeps of its secrets, and the secrets."""
    person = tables.person
    rows = connection.execute(_PERSON.add_columns(person.c.credential_sha256).order_by(person.c.login))
    return [(PersonRow(*row[:5]), row[5], credential(connection, row.login)) for row in rows.fetchall()]


def count_try(connection: Connection, login: str, *, right: bool, now: datetime) -> None:
    """Count a wrong password, or forget the count after a right one."""
    secret = tables.credential.c
    connection.execute(
        update(tables.credential)
        .where(secret.login == login)
        .values(failed=0 if right else secret.failed + 1, last_failed_at=None if right else now)
    )
