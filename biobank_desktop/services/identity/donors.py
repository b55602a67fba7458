"""Who a donor is: set, read, looked for and erased; each is a command in the history, without a value.

The identity is written first, the command second. A record counts only once its command is in the history, so
a crash between the two leaves something that nobody sees, and that ``checking`` finds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.identity import (
    BY_BIRTH,
    BY_HOSPITAL_NUMBER,
    BY_SURNAME,
    IdentityForm,
    as_texts,
    check_identity,
    sought,
    tells,
)
from biobank_desktop.domain.names import surname_forms, wanted
from biobank_desktop.domain.problems import NotFound, Problem, Rejected, Unavailable, refuse
from biobank_desktop.domain.texts import text_problem
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.identity.records import digests, sealed_record
from biobank_desktop.persistence.identity.vault import Erased
from biobank_desktop.persistence.queries import identity as query
from biobank_desktop.persistence.store import OutcomeUnknown
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.values import value_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.names import Wanted
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.identity.records import Record
    from biobank_desktop.persistence.queries.donors import DonorRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.identity.keeping import Identities

MOST_FOUND = 50
"""Who finds more has not asked for one donor."""


def set_identity(
    store: Store, identities: Identities, actor: Actor, form: IdentityForm, command_id: UUID | None = None
) -> tuple[str, ...]:
    """Keep who a donor is, in place of what was kept before, and return the names of what is known.

    Raises ``Rejected`` with every problem: a birthday that does not agree with the donor's three days, a
    hospital number that another donor has.
    """
    refuse(value_problems(vars(form)))
    with store.read() as connection:
        donor = donor_of(connection, form.donor)
    refuse(check_identity(form, _ages(donor)))
    texts = as_texts(form)
    # Without the values: a digest that is kept for good would give a name away to whoever tries them all.
    payload = {"donor": donor.code, "fields": sorted(texts)}
    asked = command(actor, "identity-set", payload, "intake", title=donor.code, command_id=command_id)
    known = store.stored(asked.id)
    if not known:
        _add(store, identities, donor, asked.id, texts)

    def body(work: Work) -> dict[str, Any]:
        work.hold(tables.donor, [donor.id])
        refuse(check_identity(form, _ages(donor_of(work.connection, donor.code))))
        work.about(donor.id, donor.id)
        return {"donor": donor.code, "fields": sorted(texts)}

    try:
        result = store.run(asked, body, same=partial(_require_same, identities, donor.id, asked.id, texts))
    except OutcomeUnknown:
        raise
    except (Rejected, Unavailable):
        if not known:
            identities.vault.remove([asked.id])
        raise
    if not known:
        drop_superseded(store, identities, [donor.id])
    return tuple(result["fields"])


def _ages(donor: DonorRow) -> dict[int, date | None]:
    return {12: donor.turns_12_on, 16: donor.turns_16_on, 18: donor.turns_18_on}


def _add(
    store: Store, identities: Identities, donor: DonorRow, command_id: UUID, texts: Mapping[str, str]
) -> None:
    if store.read_only:
        raise Unavailable(store.read_only)
    record = sealed_record(identities.key, identities.uuid, command_id, donor.id, texts)
    unique = frozenset(digest for digest in record.index if digest[0] == BY_HOSPITAL_NUMBER)
    if not identities.vault.add(record, unique, datetime.now(UTC)):
        # Whose it is, a search tells, which has a reason and stands in the history.
        raise Rejected(Problem("hospital_number", "hospital-number-taken"))


def _require_same(
    identities: Identities,
    donor_id: int,
    command_id: UUID,
    texts: Mapping[str, str],
    _connection: Connection,
    _result: Mapping[str, Any],
) -> None:
    """A repetition that asks other values is none; once they were replaced there is nothing to compare."""
    for record in identities.vault.records([donor_id]):
        if record.id == command_id and identities.open(record) != texts:
            raise Rejected(Problem("command", "command-id-reused"))


def current(store: Store, records: Iterable[Record]) -> dict[int, Record]:
    """Each donor's record that counts: the newest whose command is in the history."""
    there = {record.id: record for record in records}
    with store.read() as connection:
        told = query.told(connection, {record.donor_id for record in there.values()})
    return {
        one.donor_id: there[one.command_id]
        for one in told
        if one.command_id in there and there[one.command_id].donor_id == one.donor_id
    }


def drop_superseded(store: Store, identities: Identities, donors: Iterable[int]) -> int:
    """Destroy records that a newer one of the history replaced; one not in the history yet stays."""
    records = identities.vault.records(donors)
    with store.read() as connection:  # before the newest are asked for: what is entered in between stays
        told = {one.command_id for one in query.told(connection, {record.donor_id for record in records})}
    newest = {donor_id: record.id for donor_id, record in current(store, records).items()}
    old = [one.id for one in records if one.id in told and newest.get(one.donor_id, one.id) != one.id]
    if old:
        identities.vault.remove(old)
    return len(old)


def read_identity(store: Store, identities: Identities, actor: Actor, donor: str, why: str) -> IdentityForm:
    """Who a donor is. The look-up is in the donor's history before anything is shown.

    Raises ``Rejected`` without a reason, or with one that names the donor, and ``NotFound`` when nothing is
    kept.
    """
    require_reason(why)
    with store.read() as connection:
        row = donor_of(connection, donor)
    record = current(store, identities.vault.records([row.id])).get(row.id)
    texts = identities.open(record) if record else {}
    if texts:
        _require_nameless(why, texts)
    payload = {"donor": row.code, "fields": sorted(texts)}
    asked = command(actor, "identity-read", payload, "read", title=row.code, why=why)

    def body(work: Work) -> dict[str, Any]:
        work.about(row.id, row.id)
        return payload

    store.run(asked, body)
    if not texts:
        raise NotFound(Problem("donor", "identity-unknown", {"code": row.code}))
    return _form(row.code, texts)


def find_donors(
    store: Store, identities: Identities, actor: Actor, text: str, why: str
) -> list[IdentityForm]:
    """The donors of a hospital number, a surname, a day of birth, or the two together.

    The search is in the history of every donor found, or of the lab when there is none; what was looked for
    is not. Raises ``Rejected`` when it means nothing or more than ``MOST_FOUND`` are found.
    """
    require_reason(why)
    problem = text_problem(text, "text")
    refuse([problem] if problem else [])
    meant = wanted(text)
    if not (meant.hospital_number or meant.born_on or meant.surnames):
        raise Rejected(Problem("text", "nothing-to-find"))
    if surname_forms(why) & meant.surnames:
        raise Rejected(Problem("why", "why-names-donor"))
    found = _matching(store, identities, meant)
    if len(found) > MOST_FOUND:
        raise Rejected(Problem("text", "too-many-found", {"most": MOST_FOUND}))
    for texts in found.values():
        _require_nameless(why, texts)
    by = [BY_BIRTH] * bool(meant.born_on) + [BY_SURNAME] * bool(meant.surnames)
    asked = command(actor, "identity-searched", {"by": by or [BY_HOSPITAL_NUMBER]}, "read", why=why)

    def body(work: Work) -> dict[str, Any]:
        for number in found:
            work.about(number, number)
        if not found:
            work.about(LAB_STREAM)
        return {"found": len(found), "by": by or [BY_HOSPITAL_NUMBER]}

    store.run(asked, body)
    forms = [_form(codes.from_number(number), texts) for number, texts in found.items()]
    return sorted(forms, key=lambda form: (form.surname, form.given_names, form.donor))


def _matching(store: Store, identities: Identities, meant: Wanted) -> dict[int, dict[str, str]]:
    """The identities that match, each proved by what its record says once it is open."""
    number = {(BY_HOSPITAL_NUMBER, meant.hospital_number)}
    names = {(BY_SURNAME, form) for form in meant.surnames}
    birth = {(BY_BIRTH, meant.born_on.isoformat())} if meant.born_on else set()
    asked = digests(identities.key, number | names | birth)
    records = current(store, identities.vault.records(identities.vault.donors_with(asked)))
    found = {}
    for donor, record in records.items():
        texts = identities.open(record)
        there = sought(texts)
        together = [one for one in (names, birth) if one]
        if there & number or (together and all(there & one for one in together)):
            found[donor] = texts
    return found


def erase_identity(
    store: Store, identities: Identities, actor: Actor, donor: str, why: str, command_id: UUID | None = None
) -> None:
    """Destroy a donor's keys, fields and scans for good; the history of the samples stays.

    A copy of the store made before keeps them. Raises ``Rejected``, ``NotFound`` when nothing is kept.
    """
    require_reason(why)
    with store.read() as connection:
        row = donor_of(connection, donor)
    payload = {"donor": row.code}
    asked = command(
        actor, "identity-erased", payload, "manage", title=row.code, why=why, command_id=command_id
    )
    if store.read_only:
        raise Unavailable(store.read_only)
    if not store.stored(asked.id):
        asked = _erase(store, identities, row, asked)

    def body(work: Work) -> dict[str, Any]:
        work.about(row.id, row.id)
        return payload

    store.run(asked, body)


def _erase(store: Store, identities: Identities, row: DonorRow, asked: Command) -> Command:
    """Erase in the identity store; the command to enter, which is that of an erasure cut short if one was."""
    before = next((one for one in identities.vault.erased() if one.donor_id == row.id), None)
    if before is None:
        if not identities.vault.records([row.id]) and not identities.vault.scans([row.id]):
            raise NotFound(Problem("donor", "identity-unknown", {"code": row.code}))
        identities.vault.erase(Erased(row.id, asked.id, datetime.now(UTC)))
        return asked
    if store.stored(before.command_id):
        raise Rejected(Problem("donor", "identity-was-erased"))
    return replace(asked, id=before.command_id)


def require_nameless(store: Store, identities: Identities, donor_id: int, why: str) -> None:
    """Raise ``Rejected`` when a reason says who this donor is."""
    record = current(store, identities.vault.records([donor_id])).get(donor_id)
    if record is not None:
        _require_nameless(why, identities.open(record))


def _require_nameless(why: str, texts: Mapping[str, str]) -> None:
    """The history is kept for good, so no reason in it may say who the donor is."""
    if tells(why, texts):
        raise Rejected(Problem("why", "why-names-donor"))


def _form(donor: str, texts: Mapping[str, str]) -> IdentityForm:
    known: dict[str, Any] = {"hospital_number": None, **texts}
    return IdentityForm(donor=donor, **{**known, "born_on": date.fromisoformat(texts["born_on"])})
