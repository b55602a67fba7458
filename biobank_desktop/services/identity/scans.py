"""The scans of signed forms: kept sealed beside who the donor is, and looked at with a reason.

A scan is written first, its command second, and it counts once the history holds that command, as an identity
does. It belongs to a line by the SHA-256 that the line's signing knows; one file may belong to two lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.form_scans import check_scan, media_type
from biobank_desktop.domain.problems import NotFound, Problem, Rejected, Unavailable, refuse
from biobank_desktop.persistence.identity.scans import sealed_scan
from biobank_desktop.persistence.queries import donors as donor_query
from biobank_desktop.persistence.queries import identity as query
from biobank_desktop.persistence.store import OutcomeUnknown
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.consent import held_lines
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.identity.donors import require_nameless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.identity.scans import Scan
    from biobank_desktop.persistence.queries.donors import ConsentLineRow
    from biobank_desktop.persistence.queries.identity import ToldScan
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.identity.keeping import Identities


@dataclass(frozen=True, repr=False)
class FormScan:
    """A scan as it was kept. It shows nothing of itself in an error's text."""

    content: bytes
    media_type: str


def keep_scan(
    store: Store,
    identities: Identities,
    actor: Actor,
    donor: str,
    line: int,
    content: bytes,
    command_id: UUID | None = None,
) -> None:
    """Keep the scan of a line's signed form; one that is kept already is kept once.

    Raises ``Rejected``: no scan or too large a one, another than the line names (``scan-differs``), a line
    without one or struck out, a donor whose identity was erased; and ``NotFound`` and ``Unavailable``.
    """
    refuse(check_scan(content))
    kind, digest = str(media_type(content)), sha256(content).hexdigest()
    with store.read() as connection:
        row = donor_of(connection, donor)
        _require_named(donor_query.lines(connection, row.id), line, digest)
    payload = {"donor": row.code, "line": line, "sha256": digest, "media_type": kind}
    asked = command(actor, "scan-kept", payload, "intake", title=row.code, command_id=command_id)
    if store.read_only:
        raise Unavailable(store.read_only)
    known = store.stored(asked.id)
    if not known and _counting(store, identities, row.id, digest):
        return
    if not known:
        scan, sealed = sealed_scan(identities.key, identities.uuid, asked.id, row.id, kind, content)
        identities.vault.add_scan(scan, sealed, datetime.now(UTC))

    def body(work: Work) -> dict[str, Any]:
        held, lines = held_lines(work, row.code)
        _require_named(lines, line, digest)
        work.about(held.id, held.id)
        return {"donor": held.code, "line": line, "sha256": digest}

    try:
        store.run(asked, body)
    except OutcomeUnknown:
        raise
    except (Rejected, Unavailable):
        if not known:
            identities.vault.remove_scans([asked.id])
        raise
    if not known:
        drop_doubles(store, identities, [row.id])


def read_scan(
    store: Store, identities: Identities, actor: Actor, donor: str, line: int, why: str
) -> FormScan:
    """The scan of a line's signed form. The look is in the donor's history before anything is opened.

    Raises ``Rejected`` without a reason, or with one that names the donor, ``NotFound`` when none is kept,
    and ``IntegrityBroken`` when it was changed outside the program.
    """
    require_reason(why)
    with store.read() as connection:
        row = donor_of(connection, donor)
        digest = line_of(donor_query.lines(connection, row.id), line).scan_sha256
    scan = _counting(store, identities, row.id, digest) if digest else None
    if scan is None:
        raise NotFound(Problem("line", "scan-not-kept", {"line": line}))
    require_nameless(store, identities, row.id, why)
    payload = {"donor": row.code, "line": line, "sha256": scan.sha256}
    asked = command(actor, "scan-read", payload, "read", title=row.code, why=why)

    def body(work: Work) -> dict[str, Any]:
        work.about(row.id, row.id)
        return payload

    store.run(asked, body)
    return FormScan(identities.open_scan(scan), scan.media_type)


def line_of(lines: Sequence[ConsentLineRow], no: int) -> ConsentLineRow:
    """The line of a number. Raises ``NotFound``."""
    found = next((one for one in lines if one.no == no), None)
    if found is None:
        raise NotFound(Problem("line", "line-unknown", {"line": no}))
    return found


def counting_scans(scans: Iterable[Scan], told: Iterable[ToldScan]) -> dict[tuple[int, str], Scan]:
    """The scans that count, by donor and SHA-256: the newest of each whose command the history told of."""
    there = {(scan.donor_id, scan.sha256, scan.id): scan for scan in scans}
    return {
        (one.donor_id, one.sha256): there[one.donor_id, one.sha256, one.command_id]
        for one in told
        if (one.donor_id, one.sha256, one.command_id) in there
    }


def drop_doubles(store: Store, identities: Identities, donors: Iterable[int]) -> None:
    """Destroy scans that two benches kept at once, but the newest; one not in the history yet stays."""
    scans = identities.vault.scans(donors)
    with store.read() as connection:
        told = query.told_scans(connection, {scan.donor_id for scan in scans})
    counting = {scan.id for scan in counting_scans(scans, told).values()}
    entered = {one.command_id for one in told}
    double = [scan.id for scan in scans if scan.id in entered and scan.id not in counting]
    if double:
        identities.vault.remove_scans(double)


def _counting(store: Store, identities: Identities, donor_id: int, digest: str) -> Scan | None:
    scans = identities.vault.scans([donor_id])
    with store.read() as connection:
        told = query.told_scans(connection, [donor_id])
    return counting_scans(scans, told).get((donor_id, digest))


def _require_named(lines: Sequence[ConsentLineRow], no: int, digest: str) -> None:
    """Raise ``Rejected`` unless this line stands, and says that this is its scan."""
    line = line_of(lines, no)
    if any(one.corrects == no for one in lines):
        raise Rejected(Problem("line", "line-struck", {"line": no}))
    if line.scan_sha256 is None:
        raise Rejected(Problem("line", "line-without-scan", {"line": no}))
    if line.scan_sha256 != digest:
        raise Rejected(Problem("scan", "scan-differs", {"line": no}))
