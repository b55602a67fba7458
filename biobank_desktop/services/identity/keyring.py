"""The identity store at one bench: shut, or open for the person who gave the passphrase."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence.identity.vault import beside, open_vault
from biobank_desktop.services.identity import keeping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.identity.keys import Sealed
    from biobank_desktop.persistence.identity.vault import Vault
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities
    from biobank_desktop.settings import Settings

OPEN_UNUSED = timedelta(minutes=10)
"""So long after the last look or change the store at a bench is shut again."""


@dataclass(frozen=True)
class State:
    """Whether there is a store, its file ("" in the database itself), who may open it, for whom it is."""

    exists: bool
    file: str = ""
    holders: tuple[str, ...] = ()
    open_for: str = ""


def vault_of(settings: Settings) -> Vault:
    """The identity store of the bench's database, closed, which need not be there yet.

    Raises ``Unavailable`` on a network share.
    """
    return open_vault(settings.database, _file(settings))


def _file(settings: Settings) -> Path | None:
    if not settings.is_local:
        return None
    given = settings.identity_file
    return Path(given).expanduser() if given else beside(settings.database)


class Keyring:
    """Keeps the opened store for one person. Belongs to the thread of the database."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._identities: Identities | None = None
        self._login = ""
        self._wrapped: Sealed | None = None

    def state(self) -> State:
        """How it stands. Raises ``Unavailable``."""
        file = _file(self._settings)
        with self.vault() as vault:
            there = vault.exists()
            holders = tuple(keeping.authorised(vault)) if there else ()
        return State(there, str(file) if file else "", holders, self._login)

    @contextmanager
    def vault(self) -> Iterator[Vault]:
        """The store's rows, for what needs no key."""
        if self._identities is not None:
            yield self._identities.vault
            return
        vault = vault_of(self._settings)
        try:
            yield vault
        finally:
            vault.close()

    def make(self, actor: Actor, passphrase: str) -> str:
        """Make the store, and return its recovery code. Raises what ``keeping.create_store`` raises."""
        with self.vault() as vault:
            return keeping.create_store(self._store, vault, actor, passphrase)

    def unlock(self, actor: Actor, passphrase: str) -> None:
        """Open the store for this person. Raises what ``keeping.unlock`` raises."""
        self.shut()
        vault = vault_of(self._settings)
        try:
            self._keep(keeping.unlock(self._store, vault, actor, passphrase), actor)
        except BaseException:
            vault.close()
            raise

    def recover(self, actor: Actor, recovery: str, passphrase: str) -> None:
        """Open it with the recovery code, with a new passphrase for this person. Raises ``Rejected``."""
        self.shut()
        vault = vault_of(self._settings)
        try:
            self._keep(keeping.recover(self._store, vault, actor, recovery, passphrase), actor)
        except BaseException:
            vault.close()
            raise

    @contextmanager
    def opened(self, actor: Actor) -> Iterator[Identities]:
        """The open store, for whoever opened it and still may.

        Raises ``Rejected`` (``identity-locked``) when it is shut, and when another bench withdrew the person
        or put the store under new keys meanwhile.
        """
        identities = self._identities
        if identities is None or self._login != actor.login or self._wrap(identities) != self._wrapped:
            self.shut()
            raise Rejected(Problem("passphrase", "identity-locked"))
        yield identities
        self._wrapped = self._wrap(identities)

    def shut(self) -> None:
        """Forget the key."""
        if self._identities is not None:
            self._identities.close()
        self._identities, self._login, self._wrapped = None, "", None

    def _keep(self, identities: Identities, actor: Actor) -> None:
        self._identities, self._login = identities, actor.login
        self._wrapped = self._wrap(identities)

    def _wrap(self, identities: Identities) -> Sealed | None:
        wrap = identities.vault.wraps().get(self._login)
        return wrap.sealed if wrap else None
