"""What the history says about identities: which command set or erased whose, and in what order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import loads

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy import Connection

SET, ERASED = "identity-set", "identity-erased"
SCAN_KEPT = "scan-kept"


@dataclass(frozen=True)
class Told:
    """A command of the history that set or erased a donor's identity; ``seq`` is its place there."""

    donor_id: int
    seq: int
    command_id: UUID
    kind: str


def told(connection: Connection, donors: Iterable[int] | None = None) -> list[Told]:
    """Every such command about these donors, or about all, in the order of each donor's history.

    Who erased a donor altogether, or declared a restore that did so again, erased the identity, too.
    """
    event, command, erasure = tables.event.c, tables.command.c, tables.erasure.c
    altogether = exists().where(erasure.command_id == command.id, erasure.donor_id == event.stream_id)
    asked = (
        select(event.stream_id, event.seq, command.id, command.kind)
        .join_from(tables.event, tables.command, event.command_id == command.id)
        .where(or_(command.kind.in_((SET, ERASED)), altogether))
        .order_by(event.stream_id, event.seq)
    )
    if donors is not None:
        asked = asked.where(event.stream_id.in_(sorted(set(donors))))
    return [
        Told(row.stream_id, row.seq, row.id, SET if row.kind == SET else ERASED)
        for row in connection.execute(asked)
    ]


@dataclass(frozen=True)
class ToldScan:
    """A command of the history that kept the scan of a donor's form, with the scan's SHA-256 in hex."""

    donor_id: int
    command_id: UUID
    sha256: str


def told_scans(connection: Connection, donors: Iterable[int] | None = None) -> list[ToldScan]:
    """Every such command about these donors, or about all, in the order of each donor's history."""
    event, command = tables.event.c, tables.command.c
    asked = (
        select(event.stream_id, command.id, event.body)
        .join_from(tables.event, tables.command, event.command_id == command.id)
        .where(command.kind == SCAN_KEPT)
        .order_by(event.stream_id, event.seq)
    )
    if donors is not None:
        asked = asked.where(event.stream_id.in_(sorted(set(donors))))
    return [
        ToldScan(donor_id, command_id, loads(body)["result"]["sha256"])
        for donor_id, command_id, body in connection.execute(asked)
    ]


def kept_scans(connection: Connection, donor_id: int) -> frozenset[str]:
    """The SHA-256 of every scan that is kept of a donor's forms, by the history; none after an erasure."""
    if any(one.kind == ERASED for one in told(connection, [donor_id])):
        return frozenset()
    return frozenset(one.sha256 for one in told_scans(connection, [donor_id]))


def donors_there(connection: Connection, donors: Iterable[int]) -> set[int]:
    """Those of the numbers that are donors."""
    asked = select(tables.donor.c.id).where(tables.donor.c.id.in_(sorted(set(donors))))
    return set(connection.execute(asked).scalars())
