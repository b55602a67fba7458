"""Whether the scans in the identity store and the history agree, and whether each opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import IntegrityBroken, Problem
from biobank_desktop.persistence.queries import identity as query
from biobank_desktop.services.identity.scans import counting_scans

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime
    from uuid import UUID

    from biobank_desktop.persistence.identity.scans import Scan
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities


@dataclass(frozen=True)
class ScansChecked:
    """What was found; ``leftover`` are scans whose command never came, or whose donor was erased."""

    count: int
    problems: tuple[Problem, ...]
    leftover: tuple[UUID, ...]


def check_scans(
    store: Store, identities: Identities, limit: datetime, erased: Container[int]
) -> ScansChecked:
    """Open every scan, compare its SHA-256 and hold the scans against the history.

    One that was written after ``limit`` may be a command of another bench that is not in the history yet.
    """
    with store.read() as connection:  # first: what is entered from now on is in the store already
        told = query.told_scans(connection)
    scans, moments = identities.vault.scans(), identities.vault.scan_moments()
    counting = counting_scans(scans, told)
    entered = {one.command_id for one in told}
    leftover = [
        scan
        for scan in scans
        if scan.donor_id in erased or (scan.id not in entered and moments.get(scan.id, limit) <= limit)
    ]
    problems = [_problem("scan-unrecorded", scan.donor_id, scan.sha256) for scan in leftover]
    lost = {(one.donor_id, one.sha256) for one in told if one.donor_id not in erased} - counting.keys()
    problems += [_problem("scan-lost", donor_id, digest) for donor_id, digest in sorted(lost)]
    problems += [
        _problem("scan-tampered", scan.donor_id, scan.sha256)
        for scan in scans
        if not _opens(identities, scan)
    ]
    return ScansChecked(len(scans), tuple(problems), tuple(scan.id for scan in leftover))


def _opens(identities: Identities, scan: Scan) -> bool:
    try:
        identities.open_scan(scan)
    except IntegrityBroken:
        return False
    return True


def _problem(code: str, donor_id: int, digest: str) -> Problem:
    return Problem("donor", code, {"code": codes.group(codes.from_number(donor_id)), "digest": digest[:8]})
