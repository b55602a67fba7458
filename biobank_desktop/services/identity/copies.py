"""Copies of the identity store: made sealed as it is, put back without who was erased since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.persistence import pins
from biobank_desktop.persistence.identity import copying
from biobank_desktop.persistence.queries import identity as query
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.identity.vault import Vault
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def back_up_identities(store: Store, vault: Vault, actor: Actor, folder: Path, at: datetime) -> Path:
    """Copy the identity store into a file of this folder, read it again, and return the file.

    No passphrase is asked: the copy is as illegible as the store, and opens with the same passphrases.
    Raises ``Rejected`` without the right and ``Unavailable`` when the folder cannot be written.
    """
    asked = command(actor, "identity-backed-up", {}, "backup")
    vault.identity()
    moment = at.astimezone(UTC)
    file = folder / f"identities-{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z.json"
    with vault.dump() as (rows, scans):
        _record(store, asked, {"records": len(rows["donor_key"])})
        try:
            copying.write(rows, scans, file)
        except OSError as error:
            raise Unavailable(_cannot(folder, error)) from error
    return file


def restore_identities(store: Store, vault: Vault, actor: Actor, file: Path) -> tuple[int, int]:
    """Put a copy back where there is no identity store; how many records, and how many donors stay erased.

    Whose erasure is in the history stays erased, whatever the copy holds. Raises ``Rejected``,
    ``Unavailable``, and ``IntegrityBroken`` when the copy is damaged or of another lab.
    """
    if store.read_only:
        raise Unavailable(store.read_only)
    if vault.exists():
        raise Rejected(Problem("identity", "identity-store-there"))
    try:
        rows = copying.read(file)
    except OSError as error:
        raise Unavailable(_cannot(file, error)) from error
    of = next(row["value"] for row in rows["meta"] if row["key"] == "lab")
    with store.read() as connection:
        if of != lab.uuid(connection) and pins.restored_size(connection, of) is None:
            raise IntegrityBroken(Problem("identity", "identity-of-another-lab"))
        told = query.told(connection)
    now = datetime.now(UTC)
    gone = {
        one.donor_id: {"donor_id": one.donor_id, "record_id": one.command_id, "at": now}
        for one in told
        if one.kind == query.ERASED
    }
    kept = copying.without(rows, gone)
    numbers = {"records": len(kept["donor_key"]), "erased": len(gone)}
    asked = command(actor, "identity-restored", numbers, "manage")
    scans = (scan for scan in copying.read_scans(file) if scan["donor_id"] not in gone)
    try:
        vault.restore(kept, scans)
    except OSError as error:
        raise Unavailable(_cannot(file, error)) from error
    _record(store, asked, numbers)
    return numbers["records"], numbers["erased"]


def _record(store: Store, asked: Command, result: dict[str, Any]) -> None:
    def body(work: Work) -> dict[str, Any]:
        work.about(LAB_STREAM)
        return result

    store.run(asked, body)


def _cannot(path: Path, error: OSError) -> Problem:
    return Problem(
        "archive", "identity-copy-unreachable", {"path": str(path), "said": error.strerror or str(error)}
    )
