"""After a restore: what may be missing is listed, and nothing is released until two persons have signed.

A restore brings back the day of the backup: a withdrawal entered since, a vial issued since are gone from
the database, not from the world. The list says what to look for on paper, and since when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import restore_gap as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Signed
    from biobank_desktop.persistence.queries.restore_gap import GapSignature
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

RESTORE_GAP = "restore-gap-unsigned"
"""The setting that a restore leaves: what was restored, and when; two signatures close it."""
SIGNATURES = 2


@dataclass(frozen=True)
class Gap:
    """What a restore may have left out: everything done after ``made_at`` until ``restored_at``.

    ``archive_sha256`` names the archive; ``signatures`` are those given so far.
    """

    archive: str
    archive_sha256: str
    made_at: datetime
    restored_at: datetime
    restored_by: str
    events: int
    erased: int
    signatures: tuple[GapSignature, ...]

    @property
    def closed(self) -> bool:
        """Whether enough persons have signed."""
        return len(self.signatures) >= SIGNATURES


def gap(connection: Connection) -> Gap | None:
    """The gap of the newest restore, None when this database was never restored."""
    told = query.restore(connection, RESTORE_GAP)
    if told is None:
        return None
    facts: dict[str, Any] = told.facts
    return Gap(
        archive=facts["archive"],
        archive_sha256=facts["archive_sha256"],
        made_at=datetime.fromisoformat(facts["made_at"]),
        restored_at=told.at,
        restored_by=told.by,
        events=facts["size"],
        erased=facts["erased"],
        signatures=tuple(query.signatures(connection, facts["archive_sha256"])),
    )


def gap_problems(connection: Connection) -> list[Problem]:
    """Why nothing may be released: a restore whose gap is not signed by two persons."""
    now = gap(connection)
    if now is None or now.closed:
        return []
    values = {"signed": len(now.signatures), "needed": SIGNATURES, "since": now.made_at.astimezone()}
    return [Problem("", "restore-gap-open", values)]


def sign_gap(store: Store, signed: Signed, note: str, command_id: UUID | None = None) -> int:
    """Sign, once a person, that the time of the gap was gone through; how many have signed.

    ``note`` says what was compared and found. Raises ``NotFound`` when there is no gap, ``Rejected`` without
    a note, and for who has signed before.
    """
    if not note.strip():
        raise Rejected(Problem("note", "answer-missing"))
    actor = signed.actor
    with store.read() as connection:
        asked_of = gap(connection)
    if asked_of is None:
        raise NotFound(Problem("", "no-restore-gap"))
    archive = asked_of.archive_sha256
    payload = {"archive_sha256": archive, "note": note, "meaning": "approved"}
    asked = command(actor, "gap-signed", payload, "manage", title=asked_of.archive, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        work.locked(tables.setting, {"key": RESTORE_GAP})
        known = query.signatures(work.connection, archive)
        if actor.login in {one.login for one in known}:
            raise Rejected(Problem("note", "gap-signed-before"))
        row = {"archive_sha256": archive, "login": actor.login, "at": work.at, "note": note}
        work.insert(tables.gap_signature, [{**row, "stream_id": LAB_STREAM}])
        return {"signed": len(known) + 1}

    return int(store.run(asked, body)["signed"])
