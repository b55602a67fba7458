"""Founding a lab in an empty database, and the facts about the lab itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.people import Actor
from biobank_desktop.domain.problems import Conflict, Problem, refuse
from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.queries import lab as query
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.kinds import SHIPPED_KINDS, enter_kind
from biobank_desktop.services.people import (
    PersonForm,
    check_person,
    enter_person,
    make_recovery_code,
    make_secret,
    plain_recovery,
)

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class Founded:
    """A new lab: its first administrator and the recovery code, which is shown this once only."""

    actor: Actor
    recovery_code: str
    uuid: str


def found_lab(store: Store, form: PersonForm, password: str, bench: str) -> Founded:
    """Make the tables, the first administrator and the shipped container kinds in an empty database.

    Raises ``Rejected`` (``database-not-empty``, or what is wrong with the account) and ``Unavailable``.
    """
    refuse(check_person(form, password))
    with store.read() as connection:
        query.require_empty(connection)
    schema.upgrade(store.engine)
    recovery, uuid = make_recovery_code(), str(uuid4())
    secret = make_secret(password, plain_recovery(recovery))
    founding = Command("lab-founded", form.login, bench, {"uuid": uuid, "login": form.login})

    def body(work: Work) -> dict[str, Any]:
        work.private(
            tables.meta.insert(),
            [{"key": "uuid", "value": uuid}, {"key": "founded_at", "value": datetime.now(UTC).isoformat()}],
        )
        work.new_stream(LAB_STREAM, "lab")
        work.about(LAB_STREAM)
        enter_person(work, form, secret)
        for kind in SHIPPED_KINDS:
            enter_kind(work, kind)
        return {"uuid": uuid}

    store.run(founding, body)
    seal(store)
    actor = Actor(login=form.login, name=form.name, role=form.role, bench=bench)
    return Founded(actor, recovery, uuid)


def set_setting(
    store: Store,
    actor: Actor,
    key: str,
    value: object,
    command_id: UUID | None = None,
    *,
    begun_on: object = None,
) -> None:
    """Set one of the lab's settings. Raises ``Rejected`` without the right to manage.

    ``begun_on`` is the value that somebody began to change (None: whatever there is); raises ``Conflict``
    where another one was set meanwhile.
    """
    payload = {"key": key, "value": value}
    asked = command(actor, "setting-changed", payload, "manage", title=key, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        work.about(LAB_STREAM)
        before = work.locked(tables.setting, {"key": key})
        if before is not None and begun_on is not None and before["value"] != begun_on:
            login, at = query.set_by(work.connection, key)
            raise Conflict(Problem("", "setting-changed-meanwhile", {"login": login, "at": at}))
        if before is None:
            work.insert(tables.setting, [{"key": key, "value": value, "stream_id": LAB_STREAM}])
        else:
            work.update(tables.setting, {"key": key}, value=value)
        return {}

    store.run(asked, body)


def setting(store: Store, key: str, default: object = None) -> object:
    """One of the lab's settings."""
    with store.read() as connection:
        return query.setting(connection, key, default)
