"""Making the identity store, opening it, and who may: a passphrase each, and a recovery code for all.

The passphrase is none of the sign-in password: an administrator may set that, and it is typed all day.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.identity import check_passphrase
from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable, refuse
from biobank_desktop.persistence import pins
from biobank_desktop.persistence.identity.keys import NotOpenedError, StoreKey, new_stretching
from biobank_desktop.persistence.identity.records import (
    Record,
    TamperedError,
    holder_place,
    opened,
    sealed_record,
)
from biobank_desktop.persistence.identity.scans import opened_scan, rewrapped
from biobank_desktop.persistence.identity.vault import RECOVERY, Vault, Wrap, new_uuid
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.queries import people as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.people import make_recovery_code, matches, plain_recovery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.identity.scans import Scan
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


class Identities:
    """An identity store that somebody opened; ``close`` forgets its key and lets go of the database."""

    def __init__(self, vault: Vault, uuid: str, key: StoreKey) -> None:
        self.vault = vault
        self.uuid = uuid
        self.key = key

    def close(self) -> None:
        """Forget the key."""
        self.key.forget()
        self.vault.close()

    def open(self, record: Record) -> dict[str, str]:
        """The identity in a record. Raises ``IntegrityBroken`` when it was changed or moved."""
        try:
            return opened(self.key, self.uuid, record)
        except TamperedError as error:
            raise _tampered(error.column) from error

    def open_scan(self, scan: Scan) -> bytes:
        """The file of a scan. Raises ``IntegrityBroken`` when it was changed or moved."""
        try:
            return opened_scan(self.key, self.uuid, scan, self.vault.scan_content(scan))
        except NotOpenedError as error:
            raise _tampered("scan") from error


def _tampered(column: str) -> IntegrityBroken:
    return IntegrityBroken(Problem("identity", "identity-tampered", {"column": column}))


def create_store(store: Store, vault: Vault, actor: Actor, passphrase: str) -> str:
    """Make the identity store of a lab and return its recovery code, which is shown this once only.

    Raises ``Rejected`` with every problem and ``Unavailable``.
    """
    uuid = new_uuid()
    asked = command(actor, "identity-store-made", {"uuid": uuid}, "manage")
    _require_new_passphrase(store, actor.login, passphrase)
    _require_writable(store)
    with store.read() as connection:
        of = lab.uuid(connection)
    recovery = make_recovery_code()
    with StoreKey.new() as key:
        wraps = [
            _wrap(key, uuid, actor.login, passphrase),
            _wrap(key, uuid, RECOVERY, plain_recovery(recovery)),
        ]
        vault.create(of, uuid, wraps)
    _record(store, asked, {"uuid": uuid})
    return recovery


def unlock(store: Store, vault: Vault, actor: Actor, passphrase: str) -> Identities:
    """Open the identity store for somebody who was authorised.

    Raises ``Rejected`` (``identity-not-authorised``, ``passphrase-refused``), ``Unavailable`` when there is
    none and ``IntegrityBroken`` when it belongs to another lab.
    """
    return _unlocked(store, vault, actor.login, passphrase)


def recover(store: Store, vault: Vault, actor: Actor, recovery: str, passphrase: str) -> Identities:
    """Open the store with the sealed recovery code and give the actor a passphrase. Raises ``Rejected``."""
    asked = command(actor, "identity-recovered", {"login": actor.login}, "manage", title=actor.login)
    _require_new_passphrase(store, actor.login, passphrase)
    identities = _unlocked(store, vault, RECOVERY, plain_recovery(recovery))
    try:
        _record(store, asked, {"login": actor.login})
        vault.put_wrap(_wrap(identities.key, identities.uuid, actor.login, passphrase))
    except BaseException:
        identities.key.forget()
        raise
    return identities


def authorise(store: Store, identities: Identities, actor: Actor, login: str, passphrase: str) -> None:
    """Let somebody in with a passphrase of their own, which they type; it may be a new one.

    Raises ``Rejected`` with every problem.
    """
    asked = command(actor, "identity-authorised", {"login": login}, "manage", title=login)
    _require_new_passphrase(store, login, passphrase)
    _record(store, asked, {"login": login}, about=login)
    identities.vault.put_wrap(_wrap(identities.key, identities.uuid, login, passphrase))


def change_passphrase(store: Store, identities: Identities, actor: Actor, passphrase: str) -> None:
    """Give oneself another passphrase. Raises ``Rejected``."""
    login = actor.login
    asked = command(actor, "identity-passphrase-set", {"login": login}, "read", title=login)
    _require_new_passphrase(store, login, passphrase)
    _record(store, asked, {"login": login}, about=login)
    identities.vault.put_wrap(_wrap(identities.key, identities.uuid, login, passphrase))


def withdraw_authorisation(store: Store, vault: Vault, actor: Actor, login: str, why: str) -> None:
    """Let somebody in no longer; a copy of the store made before still opens with their passphrase.

    Only ``rotate`` makes what is entered from then on illegible to who kept the old key. The last one stays:
    a recovery code alone is easily lost. Raises ``Rejected``.
    """
    require_reason(why)
    asked = command(actor, "identity-withdrawn", {"login": login}, "manage", title=login, why=why)
    _require_writable(store)
    holders = authorised(vault)
    if login not in holders:
        raise Rejected(Problem("login", "identity-not-authorised", {"login": login}))
    if holders == [login]:
        raise Rejected(Problem("login", "identity-last-holder", {"login": login}))
    vault.remove_wrap(login)
    _record(store, asked, {"login": login}, about=login)


def authorised(vault: Vault) -> list[str]:
    """Who may open the store."""
    return [holder for holder in vault.wraps() if holder != RECOVERY]


def rotate(store: Store, identities: Identities, actor: Actor, passphrase: str, why: str) -> str:
    """Put everything under new keys and return the new recovery code.

    Every identity is sealed anew under a new key of its own, every scan's key wrapped anew. Only the actor
    stays authorised: nobody else's passphrase is known here. Raises ``Rejected``, and ``IntegrityBroken``
    when something does not open.
    """
    require_reason(why)
    asked = command(actor, "identity-rotated", {}, "manage", why=why)
    _unlocked(store, identities.vault, actor.login, passphrase).key.forget()
    fresh, uuid = StoreKey.new(), identities.uuid
    records = [
        sealed_record(fresh, uuid, record.id, record.donor_id, identities.open(record))
        for record in identities.vault.records()
    ]
    try:
        scans = [rewrapped(identities.key, fresh, uuid, scan) for scan in identities.vault.scans()]
    except NotOpenedError as error:
        raise _tampered("scan") from error
    recovery = make_recovery_code()
    wraps = [
        _wrap(fresh, uuid, actor.login, passphrase),
        _wrap(fresh, uuid, RECOVERY, plain_recovery(recovery)),
    ]
    _record(store, asked, {"records": len(records)})
    identities.vault.replace_all(records, scans, wraps)
    identities.key.forget()
    identities.key = fresh
    return recovery


def _unlocked(store: Store, vault: Vault, holder: str, passphrase: str) -> Identities:
    uuid, of = vault.identity()
    with store.read() as connection:
        if of != lab.uuid(connection) and pins.restored_size(connection, of) is None:
            raise IntegrityBroken(Problem("identity", "identity-of-another-lab"))
    wrap = vault.wraps().get(holder)
    if wrap is None:
        raise Rejected(Problem("passphrase", "identity-not-authorised", {"login": holder}))
    if not wrap.how.sane:
        raise IntegrityBroken(Problem("identity", "identity-tampered", {"column": "store_key"}))
    try:
        key = StoreKey.unwrapped(passphrase, wrap.how, wrap.sealed, holder_place(uuid, holder))
    except NotOpenedError as error:
        code = "passphrase-refused" if holder else "recovery-refused"
        raise Rejected(Problem("passphrase" if holder else "recovery", code)) from error
    return Identities(vault, uuid, key)


def _wrap(key: StoreKey, uuid: str, holder: str, passphrase: str) -> Wrap:
    how = new_stretching()
    return Wrap(holder, how, key.wrapped(passphrase, how, holder_place(uuid, holder)), datetime.now(UTC))


def _require_new_passphrase(store: Store, login: str, passphrase: str) -> None:
    """Raise ``Rejected`` unless this may be the passphrase of an account that may sign in."""
    problems = check_passphrase(passphrase)
    with store.read() as connection:
        person, secret = query.person(connection, login), query.credential(connection, login)
    if person is None or secret is None:
        problems.append(Problem("login", "login-unknown", {"login": login}))
    elif not person.active:
        problems.append(Problem("login", "person-not-active", {"login": login}))
    elif matches(secret.argon2id, passphrase):
        problems.append(Problem("passphrase", "passphrase-is-password"))
    refuse(problems)


def _require_writable(store: Store) -> None:
    """What cannot stand in the history is not done."""
    if store.read_only:
        raise Unavailable(store.read_only)


def _record(store: Store, asked: Command, result: dict[str, Any], about: str | None = None) -> None:
    """Enter the command in the lab's history, and in that of the account it is about."""

    def body(work: Work) -> dict[str, Any]:
        work.about(LAB_STREAM)
        row = query.person(work.connection, about) if about else None
        if row:
            work.about(row.stream_id)
        return result

    store.run(asked, body)


def unrecorded_holders(store: Store, holders: Iterable[str]) -> list[str]:
    """Who may open the store and has no account that may sign in."""
    with store.read() as connection:
        active = {row.login for row in query.people(connection) if row.active}
    return [holder for holder in holders if holder not in active]
