"""Erasure of a donor: what identifies is destroyed for good, what happened stays told.

Three places, in this order, so that a crash between them leaves a register that says more, never less: the
register outside the database, which no restore forgets; the donor's keys in the identity store; the ages.
The history keeps the code, which then leads to nobody, and stays verifiable.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Unavailable, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.erasures import erased_donors, note_erasure
from biobank_desktop.persistence.identity.vault import Erased
from biobank_desktop.persistence.queries import samples
from biobank_desktop.persistence.queries.donors import donor_ids, erased_at, erasures
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import donor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.people import Signed
    from biobank_desktop.persistence.identity.vault import Vault
    from biobank_desktop.persistence.queries.donors import DonorRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def still_kept(connection: Connection, donor_id: int) -> list[str]:
    """The codes of the donor's material that is still in the house."""
    rows = [row for row in samples.of_donor(connection, donor_id) if row.state not in {"void", "planned"}]
    standing = standings(connection, [row.id for row in rows])
    return [row.code for row in rows if standing[row.id].ended is None]


def erase_donor(
    store: Store,
    signed: Signed,
    donor: str,
    why: str,
    register: Path,
    vault: Vault | None,
    command_id: UUID | None = None,
) -> None:
    """Erase a donor for good, signed: the register in the folder ``register``, the keys, the ages.

    ``vault`` is the identity store, None where there is none; a copy of it made before keeps the keys. Raises
    ``NotFound``, ``Rejected`` while material is still kept or when it was done before, and ``Unavailable``
    when the register cannot be written.
    """
    require_reason(why)
    actor = signed.actor
    with store.read() as connection:
        row = donor_of(connection, donor)
        kept, before = still_kept(connection, row.id), erased_at(connection, row.id)
    payload = {"donor": row.code, "meaning": "approved"}
    asked = command(actor, "donor-erased", payload, "manage", title=row.code, why=why, command_id=command_id)
    if store.read_only:
        raise Unavailable(store.read_only)
    if not store.stored(asked.id):
        refuse(_not_to_erase(row, kept, before))
        _destroy(row, register, vault, asked)

    def body(work: Work) -> dict[str, Any]:
        work.hold(tables.donor, [row.id])
        erase_in(work, row.id)
        return payload

    store.run(asked, body)


def _not_to_erase(row: DonorRow, kept: Sequence[str], before: datetime | None) -> list[Problem]:
    problems = []
    if before is not None:
        problems.append(Problem("donor", "donor-was-erased", {"at": before.astimezone()}))
    if kept:
        values = {"code": codes.group(row.code), "count": len(kept), "first": codes.group(kept[0])}
        problems.append(Problem("donor", "donor-still-kept", values))
    return problems


def _destroy(row: DonorRow, register: Path, vault: Vault | None, asked: Command) -> None:
    """Write the register, then destroy the keys; both once, however often it is tried."""
    now = datetime.now(UTC)
    try:
        if row.id not in erased_donors(register):
            note_erasure(register, row.code, now)
    except OSError as error:
        values = {"path": str(register), "said": error.strerror or str(error)}
        raise Unavailable(Problem("register", "register-cannot-be-written", values)) from error
    if vault is None or not vault.exists() or any(one.donor_id == row.id for one in vault.erased()):
        return
    if vault.records([row.id]) or vault.scans([row.id]):
        vault.erase(Erased(row.id, asked.id, now))


def erase_in(work: Work, donor_id: int) -> None:
    """Erase the ages of a held donor in an open command, and keep that it was done."""
    work.private(tables.donor_age.delete().where(tables.donor_age.c.donor_id == donor_id))
    work.insert(tables.erasure, [{"donor_id": donor_id, "at": work.at}])


def erase_again(work: Work, register: Iterable[int]) -> None:
    """Let a restored database know of the erasures that it has forgotten."""
    missing = sorted((set(donor_ids(work.connection)) - erasures(work.connection)).intersection(register))
    work.hold(tables.donor, missing)
    for donor_id in missing:
        erase_in(work, donor_id)
