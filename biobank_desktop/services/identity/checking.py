"""Whether the identity store and the history agree, and clearing away what a crash left between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import turns
from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.persistence.identity.records import TamperedError, opened
from biobank_desktop.persistence.identity.vault import Erased
from biobank_desktop.persistence.queries import donors, identity
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.identity.donors import current, drop_superseded
from biobank_desktop.services.identity.keeping import authorised, unrecorded_holders
from biobank_desktop.services.identity.scan_checking import check_scans
from biobank_desktop.services.identity.scans import drop_doubles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.identity.records import Record
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.identity.keeping import Identities

UNDER_WAY = timedelta(minutes=10)
"""What is younger may be a command of another bench that is not in the history yet."""


@dataclass(frozen=True)
class Checked:
    """What was found: ``problems``, and what of it can be cleared away.

    ``unrecorded`` are records whose command never came, ``leftover`` such scans and those of erased donors,
    ``unerased`` donors whose erasure the other store does not know: erased here and not in the history, or
    there and not here (an old copy put back).
    """

    records: int
    scans: int
    problems: tuple[Problem, ...]
    unrecorded: tuple[UUID, ...]
    leftover: tuple[UUID, ...]
    unerased: tuple[Erased, ...]

    @property
    def clearable(self) -> int:
        """How many things ``clear`` takes away or finishes."""
        return len(self.unrecorded) + len(self.leftover) + len(self.unerased)


def check(store: Store, identities: Identities, left_for: timedelta = UNDER_WAY) -> Checked:
    """Open every record and scan, and hold the store against the history; nothing of anybody is shown."""
    records = identities.vault.records()
    moments = identities.vault.moments()
    erased = {one.donor_id: one for one in identities.vault.erased()}
    with store.read() as connection:
        told = identity.told(connection)
    entered = {one.command_id for one in told}
    newest = {one.donor_id: one for one in told}
    limit = datetime.now(UTC) - left_for
    unrecorded = [one for one in records if one.id not in entered and moments.get(one.id, limit) <= limit]
    problems = [Problem("donor", "identity-unrecorded", _named(one.donor_id)) for one in unrecorded]
    unerased = []
    for donor_id, gone in erased.items():
        if gone.command_id not in entered:
            problems.append(Problem("donor", "identity-erasure-unrecorded", _named(donor_id)))
            unerased.append(gone)
    for donor_id, last in newest.items():
        if last.kind == identity.ERASED and donor_id not in erased:
            problems.append(Problem("donor", "identity-back-again", _named(donor_id)))
            unerased.append(Erased(donor_id, last.command_id, datetime.now(UTC)))
    kept = current(store, records)
    problems += [
        Problem("donor", "identity-lost", _named(donor_id))
        for donor_id, last in newest.items()
        if last.kind == identity.SET
        and donor_id not in erased
        and (donor_id not in kept or kept[donor_id].id != last.command_id)
    ]
    problems += _contents(store, identities, records, set(kept))
    erased_there = {donor_id for donor_id, last in newest.items() if last.kind == identity.ERASED}
    scans = check_scans(store, identities, limit, erased.keys() | erased_there)
    problems += scans.problems
    holders = unrecorded_holders(store, authorised(identities.vault))
    problems += [Problem("login", "identity-holder-gone", {"login": login}) for login in holders]
    return Checked(
        len(records),
        scans.count,
        tuple(problems),
        tuple(one.id for one in unrecorded),
        scans.leftover,
        tuple(unerased),
    )


def _contents(
    store: Store, identities: Identities, records: Sequence[Record], kept: set[int]
) -> list[Problem]:
    """Every record that does not open, and every birthday that is not the donor's."""
    problems = []
    for record in records:
        try:
            texts = opened(identities.key, identities.uuid, record)
        except TamperedError as error:
            problems.append(
                Problem("donor", "identity-record-tampered", _named(record.donor_id, column=error.column))
            )
            continue
        with store.read() as connection:
            row = donors.donor(connection, record.donor_id)
        born_on = datetime.fromisoformat(texts["born_on"]).date()
        if record.donor_id in kept and row and row.turns_12_on not in {None, turns(born_on, 12)}:
            problems.append(Problem("donor", "identity-birthday-disagrees", _named(record.donor_id)))
    return problems


def clear(
    store: Store, identities: Identities, actor: Actor, why: str, left_for: timedelta = UNDER_WAY
) -> Checked:
    """Destroy what is in no history, and finish erasures that were cut short; what was found.

    Raises ``Rejected`` without a reason or the right.
    """
    require_reason(why)
    if store.read_only:
        raise Unavailable(store.read_only)
    found = check(store, identities, left_for)
    numbers = {
        "records": len(found.unrecorded),
        "scans": len(found.leftover),
        "erasures": len(found.unerased),
    }
    asked = command(actor, "identity-cleared", numbers, "manage", why=why)

    def cleared(work: Work) -> dict[str, Any]:
        work.about(LAB_STREAM)
        return dict(numbers)

    store.run(asked, cleared)
    identities.vault.remove(found.unrecorded)
    identities.vault.remove_scans(found.leftover)
    for gone in found.unerased:
        identities.vault.erase(gone)
        if not store.stored(gone.command_id):
            _enter_erasure(store, actor, gone, why)
    drop_superseded(store, identities, {one.donor_id for one in identities.vault.records()})
    drop_doubles(store, identities, {one.donor_id for one in identities.vault.scans()})
    return found


def _enter_erasure(store: Store, actor: Actor, gone: Erased, why: str) -> None:
    code = codes.from_number(gone.donor_id)
    asked = command(
        actor, "identity-erased", {"donor": code}, "manage", title=code, why=why, command_id=gone.command_id
    )

    def body(work: Work) -> dict[str, Any]:
        work.about(gone.donor_id, gone.donor_id)
        return {"donor": code}

    store.run(asked, body)


def _named(donor_id: int, **values: object) -> dict[str, object]:
    return {"code": codes.group(codes.from_number(donor_id)), **values}
