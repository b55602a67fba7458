"""What the history says about identities: which command set or erased whose, and in what order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy import Connection

SET, ERASED = "identity-set", "identity-erased"


@dataclass(frozen=True)
class Told:
    """A command of the history that set or erased a donor's identity; ``seq`` is its place there."""

    donor_id: int
    seq: int
    command_id: UUID
    kind: str


def told(connection: Connection, donors: Iterable[int] | None = None) -> list[Told]:
    """Every such command about these donors, or about all, in the order of each donor's history."""
    event, command = tables.event.c, tables.command.c
    asked = (
        select(event.stream_id, event.seq, command.id, command.kind)
        .join_from(tables.event, tables.command, event.command_id == command.id)
        .where(command.kind.in_((SET, ERASED)))
        .order_by(event.stream_id, event.seq)
    )
    if donors is not None:
        asked = asked.where(event.stream_id.in_(sorted(set(donors))))
    return [Told(*row) for row in connection.execute(asked)]


def donors_there(connection: Connection, donors: Iterable[int]) -> set[int]:
    """Those of the numbers that are donors."""
    asked = select(tables.donor.c.id).where(tables.donor.c.id.in_(sorted(set(donors))))
    return set(connection.execute(asked).scalars())
