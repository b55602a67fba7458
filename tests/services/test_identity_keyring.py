"""The keyring of a bench: open for one person, until it is shut or another bench takes the key away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.services.identity.keeping import authorise, change_passphrase, rotate
from biobank_desktop.services.identity.keyring import Keyring, State
from biobank_desktop.settings import default_settings
from tests.support.databases import ANNA, BO, CAS
from tests.support.identities import OTHER_PASSPHRASE, PASSPHRASE, address_of, identity_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


@pytest.fixture
def keyring(store: Store) -> Iterator[Keyring]:
    """A bench at a lab that has no identity store yet."""
    made = Keyring(store, replace(default_settings(), database=address_of(store)))
    yield made
    made.shut()


def refused(keyring: Keyring, actor: Actor) -> str:
    """Why the keyring does not let somebody at the identities."""
    with pytest.raises(Rejected) as error, keyring.opened(actor):
        pass
    return error.value.problems[0].code


def test_it_is_open_for_one_person_until_it_is_shut(keyring: Keyring, store: Store) -> None:
    file = str(identity_file(store)) if store.is_sqlite else ""
    assert keyring.state() == State(False, file)
    keyring.make(ANNA, PASSPHRASE)
    assert keyring.state() == State(True, file, ("anna",))
    assert refused(keyring, ANNA) == "identity-locked"
    keyring.unlock(ANNA, PASSPHRASE)
    assert keyring.state() == State(True, file, ("anna",), "anna")
    with keyring.opened(ANNA) as identities:
        authorise(store, identities, ANNA, "bo", OTHER_PASSPHRASE)
        key = identities.key
    assert refused(keyring, BO) == "identity-locked"
    assert keyring.state().open_for == "", "who asks for what is another's shuts it"
    assert key.is_forgotten


def test_a_wrong_passphrase_leaves_it_shut(keyring: Keyring) -> None:
    keyring.make(ANNA, PASSPHRASE)
    keyring.unlock(ANNA, PASSPHRASE)
    with pytest.raises(Rejected):
        keyring.unlock(ANNA, OTHER_PASSPHRASE)
    assert keyring.state().open_for == ""


def test_what_changes_the_own_passphrase_keeps_it_open(keyring: Keyring, store: Store) -> None:
    keyring.make(ANNA, PASSPHRASE)
    keyring.unlock(ANNA, PASSPHRASE)
    with keyring.opened(ANNA) as identities:
        change_passphrase(store, identities, ANNA, OTHER_PASSPHRASE)
    with keyring.opened(ANNA) as identities:
        recovery = rotate(store, identities, ANNA, OTHER_PASSPHRASE, "once a year")
    with keyring.opened(ANNA) as identities:
        assert not identities.vault.records()
    keyring.recover(CAS, recovery, PASSPHRASE)
    assert keyring.state().open_for == "cas"


def test_who_was_withdrawn_at_another_bench_is_out_at_the_next_look(keyring: Keyring) -> None:
    keyring.make(ANNA, PASSPHRASE)
    keyring.unlock(ANNA, PASSPHRASE)
    with keyring.vault() as vault:
        assert vault.remove_wrap("anna")
    assert refused(keyring, ANNA) == "identity-locked"
    assert keyring.state().open_for == ""
