"""People: accounts, passwords, signing in, and proving again who stands at the bench."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.people import ROLES, Actor, Role, Signed
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.errors import border
from biobank_desktop.persistence.queries import people as query
from biobank_desktop.services.commands import command

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.domain.people import Permission
    from biobank_desktop.persistence.queries.people import CredentialRow, PersonRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

# 64 MiB, 3 passes: about 150 ms a try on a bench computer (reliability of the local file; RFC 9106).
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
PASSWORD_LENGTH = 8
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{0,31}")
TRIES = 5
LOCK_OUT = timedelta(minutes=5)
_RECOVERY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class PersonForm:
    """A new account; ``login`` is lower case, at most 32 characters."""

    login: str
    name: str
    role: Role


def check_person(form: PersonForm, password: str) -> list[Problem]:
    """Everything that is wrong with a new account."""
    problems = []
    if not _LOGIN.fullmatch(form.login):
        problems.append(Problem("login", "login-form"))
    if not form.name.strip():
        problems.append(Problem("name", "name-missing"))
    if form.role not in ROLES:
        problems.append(Problem("role", "role-unknown", {"role": form.role}))
    return problems + check_password(password)


def check_password(password: str) -> list[Problem]:
    """What is wrong with a new password: only its length is asked (NIST 800-63B asks nothing else)."""
    if len(password) < PASSWORD_LENGTH:
        return [Problem("password", "password-short", {"length": PASSWORD_LENGTH})]
    return []


def add_person(
    store: Store, actor: Actor, form: PersonForm, password: str, command_id: UUID | None = None
) -> str:
    """Make an account and return its login. Raises ``Rejected`` with every problem."""
    refuse(check_person(form, password))
    asked = command(actor, "person-added", form, "people", title=form.login, command_id=command_id)
    secret = make_secret(password)

    def body(work: Work) -> dict[str, Any]:
        if query.person(work.connection, form.login):
            raise Rejected(Problem("login", "login-taken"))
        enter_person(work, form, secret)
        return {"login": form.login}

    return str(store.run(asked, body)["login"])


@dataclass(frozen=True)
class Secret:
    """What is kept of a password, and of a recovery code if there is one."""

    argon2id: str
    recovery_argon2id: str | None


def make_secret(password: str, recovery: str | None = None) -> Secret:
    """Made before the transaction begins: a server does not wait long for a bench that is calculating."""
    return Secret(_hashed(password), _hashed(recovery) if recovery else None)


def enter_person(work: Work, form: PersonForm, secret: Secret) -> None:
    """Write a person with their credential; used for the first one too."""
    stream = query.next_person_stream(work.connection)
    work.new_stream(stream, "person")
    work.insert(
        tables.person,
        [
            {
                "login": form.login,
                "name": identifier(form.name),
                "role": form.role,
                "active": True,
                "credential_sha256": fingerprint(secret.argon2id, secret.recovery_argon2id),
                "stream_id": stream,
            }
        ],
    )
    work.private(
        tables.credential.insert(),
        [
            {
                "login": form.login,
                "argon2id": secret.argon2id,
                "recovery_argon2id": secret.recovery_argon2id,
                "failed": 0,
                "last_failed_at": None,
            }
        ],
    )


def change_person(
    store: Store,
    actor: Actor,
    login: str,
    *,
    why: str,
    role: Role | None = None,
    active: bool | None = None,
    name: str | None = None,
    command_id: UUID | None = None,
) -> None:
    """Change a person's role, name or whether they may sign in. Raises ``Rejected``.

    The last active administrator stays one: nobody could let anybody in again.
    """
    asked_for = {"role": role, "active": active, "name": None if name is None else identifier(name)}
    changes = {field: value for field, value in asked_for.items() if value is not None}
    if changes.get("name") == "":
        raise Rejected(Problem("name", "name-missing"))
    payload = {"login": login, **changes}
    asked = command(actor, "person-changed", payload, "people", title=login, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        work.hold_all_people()
        row = query.person(work.connection, login)
        if row is None:
            raise Rejected(Problem("login", "login-unknown", {"login": login}))
        others = [
            one
            for one in query.people(work.connection)
            if one.active and one.role == "administrator" and one.login != login
        ]
        stays = (role or row.role) == "administrator" and (row.active if active is None else active)
        if row.role == "administrator" and not stays and not others:
            raise Rejected(Problem("role", "last-administrator"))
        work.about(row.stream_id)
        work.update(tables.person, {"login": login}, **changes)
        return {"login": login}

    store.run(asked, body)


def set_password(
    store: Store, actor: Actor, login: str, password: str, command_id: UUID | None = None
) -> None:
    """Set a password: one's own, or anybody's as administrator. Raises ``Rejected``."""
    refuse(check_password(password))
    permission: Permission = "read" if login == actor.login else "people"
    asked = command(actor, "password-set", {"login": login}, permission, title=login, command_id=command_id)
    hashed = _hashed(password)

    def body(work: Work) -> dict[str, Any]:
        _replace_credential(work, login, hashed)
        return {"login": login}

    store.run(asked, body)


def _replace_credential(work: Work, login: str, hashed: str) -> None:
    secret = query.credential(work.connection, login)
    if secret is None:
        raise Rejected(Problem("login", "login-unknown", {"login": login}))
    kept = fingerprint(hashed, secret.recovery_argon2id)
    work.update(tables.person, {"login": login}, credential_sha256=kept)
    work.private(
        tables.credential.update()
        .where(tables.credential.c.login == login)
        .values(argon2id=hashed, failed=0, last_failed_at=None)
    )


def sign_in(store: Store, login: str, password: str, bench: str) -> Actor:
    """Sign somebody in at a bench; the history keeps that they came.

    Raises ``Rejected``: ``sign-in-refused`` says no more than that, ``sign-in-locked`` after five wrong
    passwords in a row until five minutes have passed.
    """
    actor = prove(store, login, password, bench)
    if not store.read_only:
        asked = Command("signed-in", actor.login, bench, {"login": actor.login}, title=actor.login)

        def body(work: Work) -> dict[str, Any]:
            row = query.person(work.connection, actor.login)
            assert row is not None
            work.about(row.stream_id)
            return {"login": actor.login}

        store.run(asked, body)
    return actor


def prove(store: Store, login: str, password: str, bench: str) -> Actor:
    """Who it is that knows this password: for signing in, unlocking and signing again.

    Raises ``Rejected`` as ``sign_in`` does; wrong tries are counted.
    """
    login = login.strip().lower()
    row, secret = _account(store, login)
    if row is None or secret is None or not row.active:
        _hashed(password)  # the same time for an unknown login
        raise Rejected(Problem("password", "sign-in-refused"))
    now = datetime.now(UTC)
    # A clock set back must not keep somebody out for as long as it was wrong.
    if secret.failed >= TRIES and secret.last_failed_at and abs(now - secret.last_failed_at) < LOCK_OUT:
        until = (secret.last_failed_at + LOCK_OUT).astimezone()
        raise Rejected(Problem("password", "sign-in-locked", {"until": f"{until:%H:%M}"}))
    right = matches(secret.argon2id, password)
    if not right or secret.failed:
        _count_try(store, login, right=right, now=now)
    if not right:
        raise Rejected(Problem("password", "sign-in-refused"))
    return Actor(login=row.login, name=row.name, role=row.role, bench=bench)


def sign(store: Store, login: str, password: str, bench: str) -> Signed:
    """Let somebody sign for one command: the password is asked again. Raises ``Rejected`` as ``prove``."""
    return Signed(prove(store, login, password, bench))


def _account(store: Store, login: str) -> tuple[PersonRow | None, CredentialRow | None]:
    """The account and its secret; a text that is no login is nobody's, and no database is asked."""
    if not _LOGIN.fullmatch(login):
        return None, None
    with store.read() as connection:
        return query.person(connection, login), query.credential(connection, login)


def _count_try(store: Store, login: str, *, right: bool, now: datetime) -> None:
    if not store.read_only:
        with border(), store.engine.begin() as connection:
            query.count_try(connection, login, right=right, now=now)


def recover(store: Store, login: str, recovery: str, password: str, bench: str) -> Actor:
    """Set a new password with the sealed recovery code. Raises ``Rejected``."""
    refuse(check_password(password))
    login = login.strip().lower()
    row, secret = _account(store, login)
    known = row is not None and row.active and secret is not None and secret.recovery_argon2id
    if not known or not matches(known, plain_recovery(recovery)):
        raise Rejected(Problem("recovery", "recovery-refused"))
    assert row is not None
    actor = Actor(login=row.login, name=row.name, role=row.role, bench=bench)
    hashed = _hashed(password)
    asked = Command("account-recovered", login, bench, {"login": login}, title=login)

    def body(work: Work) -> dict[str, Any]:
        _replace_credential(work, login, hashed)
        return {"login": login}

    store.run(asked, body)
    return actor


def make_recovery_code() -> str:
    """A recovery code of 24 base-32 characters (120 bits), grouped by four for the paper it is kept on."""
    drawn = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(24))
    return "-".join(drawn[place : place + 4] for place in range(0, 24, 4))


def plain_recovery(code: str) -> str:
    """The recovery code as it was hashed, however it was typed."""
    return code.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")


def _hashed(password: str) -> str:
    return _HASHER.hash(_as_bytes(password))


def _as_bytes(password: str) -> bytes:
    """One spelling (NFC), whatever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def matches(hashed: str, password: str) -> bool:
    """Whether this is the password that was hashed."""
    try:
        return _HASHER.verify(hashed, _as_bytes(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def fingerprint(hashed: str, recovery: str | None) -> str:
    """What the history keeps of an account's secrets: who changes one past this program is found."""
    return sha256(f"{hashed}\n{recovery or ''}".encode()).hexdigest()
