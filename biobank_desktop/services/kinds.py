"""Container kinds: the shipped ones and new ones; a kind is data, any grid can be made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class KindForm:
    """A kind of container: its level, its grid and how its positions are called and filled.

    ``holds`` is "samples" or "containers"; a gridless kind has one row of as many columns as it holds.
    """

    name: str
    level: str
    rows: int
    columns: int
    row_labels: str
    column_labels: str
    fill_order: str
    holds: str


def enter_kind(work: Work, form: KindForm) -> None:
    """Write a kind in an open command."""
    work.insert(tables.container_kind, [{**asdict(form), "stream_id": LAB_STREAM}])


def add_kind(store: Store, actor: Actor, form: KindForm, command_id: UUID | None = None) -> None:
    """Make a new kind of container. Raises ``Rejected`` with every problem."""
    asked = command(actor, "kind-added", form, "manage", title=form.name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        if work.locked(tables.container_kind, {"name": form.name}) is not None:
            raise Rejected(Problem("name", "name-taken", {"name": form.name}))
        enter_kind(work, form)
        return {"name": form.name}

    store.run(asked, body)


SHIPPED_KINDS: tuple[KindForm, ...] = ()
