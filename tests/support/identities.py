"""An identity store beside a lab of the tests, opened, and a child whose name is spelt in many ways."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, finalize

from sqlalchemy import select

from biobank_desktop.domain.identity import IdentityForm
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.identity.vault import Vault, beside, open_vault
from biobank_desktop.services.identity.keeping import Identities, create_store, unlock
from tests.support import canaries
from tests.support.databases import ANNA

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

PASSPHRASE = "four plain words together"
OTHER_PASSPHRASE = "another four plain words"
EMMA = IdentityForm(
    donor="",
    surname="Dijkstra-Müller",
    born_on=date(2018, 5, 4),
    hospital_number="0712.345-6",
    surname_prefix="van der",
    given_names="Emma Sofía",
    mother_name="Noor Müller",
    father_name="Bram van der Dijkstra",
)
"""As ``tests.support.lab.add_donor`` registers donors, born on 4 May 2018."""

IDENTITY = {
    "surname": "Zwartekoekoek-Müller",
    "surname_prefix": "van der",
    "given_names": "Quirijntje Zoë",
    "born_on": "2018-05-04",
    "hospital_number": "861304957",
    "mother_name": "Xandra Kwikstaart",
    "father_name": "Ysbrand Roodborst",
    "guardian_name": "Wolfert Ijsvogel",
}
"""What is planted and hunted for: the same child, as an input file says it."""
CANARIES = canaries.needles(
    [
        *("Zwartekoekoek", "Quirijntje", "861304957", "Kwikstaart", "Roodborst", "Wolfert Ijsvogel"),
        *("Zwartekoekoek-Müller", "Quirijntje Zoë"),
    ],
    [date(2018, 5, 4)],
)
"""Every spelling and encoding of it."""


def address_of(store: Store) -> str:
    """What the store was opened with."""
    url = store.engine.url
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def vault_of(store: Store) -> Vault:
    """The identity store of a lab, whether it is there or not."""
    return open_vault(address_of(store))


def identity_file(store: Store) -> Path:
    """Where it lies on SQLite."""
    return beside(address_of(store))


_SHARED: WeakKeyDictionary[Store, Identities] = WeakKeyDictionary()


def shared_identities(store: Store) -> Identities:
    """The store opened for as long as the lab is there: a SQLite file is opened once."""
    if store not in _SHARED:
        _SHARED[store] = open_identities(store)
        finalize(store, _SHARED[store].close)
    return _SHARED[store]


def open_identities(store: Store, actor: Actor = ANNA, passphrase: str = PASSPHRASE) -> Identities:
    """The store opened for somebody; made by Anna when there is none."""
    vault = vault_of(store)
    if not vault.exists():
        create_store(store, vault, ANNA, PASSPHRASE)
    return unlock(store, vault, actor, passphrase)


def kinds(store: Store) -> list[str]:
    """What was done about identities, in order."""
    with store.read() as connection:
        found = connection.execute(select(tables.command.c.kind).order_by(tables.command.c.at)).scalars()
        return [kind for kind in found if kind.startswith("identity-")]
