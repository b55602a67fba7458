"""Containers out of service: nothing new goes in, and what is in it is moved away by a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.storage import container_of

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def begin(store: Store, actor: Actor, container: str, why: str, command_id: UUID | None = None) -> None:
    """Take a container out of service. Raises ``NotFound``, and ``Rejected`` when it is already."""
    require_reason(why)
    payload = {"container": container}
    asked = command(
        actor, "outage-begun", payload, "storage", title=container, why=why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, container, "container")
        work.hold(tables.container, [row.id])
        last = work.locked_last(tables.outage, {"container_id": row.id})
        if last is not None and last["ended_at"] is None:
            values = {"name": row.name, "since": last["since"].astimezone(), "why": last["why"]}
            raise Rejected(Problem("container", "out-of-service", values))
        entered = {
            "container_id": row.id,
            "no": last["no"] + 1 if last else 1,
            "since": work.at,
            "why": why.strip(),
            "ended_at": None,
            "stream_id": work.stream_of(tables.container, row.id),
        }
        work.insert(tables.outage, [entered])
        return {"container": row.code}

    store.run(asked, body)


def end(store: Store, actor: Actor, container: str, command_id: UUID | None = None) -> None:
    """Put a container into service again. Raises ``NotFound``, and ``Rejected`` when it is in service."""
    payload = {"container": container}
    asked = command(actor, "outage-ended", payload, "storage", title=container, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, container, "container")
        last = work.locked_last(tables.outage, {"container_id": row.id})
        if last is None or last["ended_at"] is not None:
            raise Rejected(Problem("container", "in-service", {"name": row.name}))
        key = {"container_id": row.id, "no": last["no"]}
        work.update(tables.outage, key, ended_at=max(work.at, last["since"]))
        return {"container": row.code}

    store.run(asked, body)
