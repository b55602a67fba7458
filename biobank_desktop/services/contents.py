"""Rules of single containers: which materials may lie in one and in everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.contents import as_text, material_problems
from biobank_desktop.domain.problems import refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services.commands import command
from biobank_desktop.services.refitting import refit
from biobank_desktop.services.storage import container_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def set_rule(
    store: Store,
    actor: Actor,
    container: str,
    materials: Sequence[str] | None,
    why: str = "",
    command_id: UUID | None = None,
) -> None:
    """Say which materials may lie in a container and in everything in it; None: those around it say.

    Raises ``NotFound``, and ``Rejected`` with the first thing inside that the rule would forbid.
    """
    payload = {"container": container, "materials": None if materials is None else sorted(set(materials))}
    asked = command(
        actor, "container-rule-set", payload, "manage", title=container, why=why, command_id=command_id
    )
    refuse(material_problems(materials))

    def body(work: Work) -> dict[str, Any]:
        row = container_of(work.connection, container, "container")
        work.hold(tables.container, [row.id])
        stream = work.stream_of(tables.container, row.id)
        assert stream is not None
        work.about(stream, row.id)  # also when it was the rule already
        own = as_text(None if materials is None else frozenset(materials))
        outer = containers.place(work.connection, row.id)
        refit(work, {row.id: own}, {row.id: outer.container_id if outer else None})
        return {"container": row.code}

    store.run(asked, body)
