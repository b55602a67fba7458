"""Pins: what the chain cannot see, this computer remembers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.problems import Problem
from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.pins import Pins
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.seals import Seal, last_seal, seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.lab import set_setting
from tests.support.databases import CAS, Databases, open_store
from tests.support.rewriting import rewrite
from tests.support.rows import enter_family

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.persistence.store import Store


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path / "pins", "the address")


def problem(store: Store, pins: Pins) -> Problem | None:
    with store.read() as connection:
        return pins.problem(connection, lab.uuid(connection))


def pin(store: Store, pins: Pins) -> Seal:
    newest = seal(store)
    with store.read() as connection:
        pins.write(lab.uuid(connection), newest)
    return newest


def test_a_computer_that_has_seen_nothing_objects_to_nothing(store: Store, pins: Pins) -> None:
    assert pins.read() is None
    assert problem(store, pins) is None


def test_the_history_it_saw_and_what_came_after_agree(store: Store, pins: Pins) -> None:
    newest = pin(store, pins)
    pinned = pins.read()
    assert pinned is not None
    assert (pinned.size, pinned.root) == (newest.size, newest.root.hex())
    enter_family(store)
    seal(store)
    assert problem(store, pins) is None
    pins.forget()
    assert pins.read() is None


def test_a_rewrite_with_every_hash_recomputed_is_found(store: Store, pins: Pins) -> None:
    family = enter_family(store)
    newest = pin(store, pins)
    with store.engine.begin() as connection, schema.without_guards(connection):
        rewrite(connection, family.donor)
    assert Verification(store).run() == []  # it agrees with itself …
    values = {"size": newest.size, "pinned": newest.size}
    assert problem(store, pins) == Problem("database", "pin-rewritten", values)  # … but not with the pin


def test_a_rewrite_that_leaves_out_the_pinned_seal_is_found(store: Store, pins: Pins) -> None:
    newest = pin(store, pins)
    set_setting(store, CAS, "later", value=1)
    seal(store)
    with store.engine.begin() as connection, schema.without_guards(connection):
        connection.execute(tables.seal.delete().where(tables.seal.c.size == newest.size))
    found = problem(store, pins)
    assert found is not None
    assert found.code == "pin-rewritten"


def test_yesterdays_file_in_its_place_is_found(
    sqlite_databases: Databases, tmp_path: Path, pins: Pins
) -> None:
    address = sqlite_databases.lab()
    yesterday = tmp_path / "yesterday.sqlite"
    shutil.copyfile(address, yesterday)
    store = open_store(address)
    set_setting(store, CAS, "today", value=1)
    newest = pin(store, pins)
    store.close()
    shutil.copyfile(yesterday, address)
    store = open_store(address)
    with store.read() as connection:
        size = last_seal(connection).size
    assert problem(store, pins) == Problem("database", "pin-behind", {"size": size, "pinned": newest.size})
    assert Verification(store).run() == []
    store.close()
    sqlite_databases.remove(address)


def test_another_database_in_its_place_is_found(
    sqlite_store: Store, postgres_store: Store, pins: Pins
) -> None:
    pin(postgres_store, pins)
    found = problem(sqlite_store, pins)
    assert found is not None
    assert found.code == "pin-another-database"


def test_addresses_have_pins_of_their_own(store: Store, tmp_path: Path) -> None:
    here, there = Pins(tmp_path, "here"), Pins(tmp_path, "there")
    pin(store, here)
    assert there.read() is None
    assert here.read() is not None
    assert list(tmp_path.glob("*.tmp")) == []


def test_a_pin_never_goes_back(store: Store, pins: Pins) -> None:
    """Two programs of one person: the slower one writes the seal that it had read before."""
    older = pin(store, pins)
    enter_family(store)
    newer = pin(store, pins)
    with store.read() as connection:
        pins.write(lab.uuid(connection), older)
    kept = pins.read()
    assert kept is not None
    assert kept.size == newer.size


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"uuid": "x"}'])
def test_a_damaged_pin_is_said_and_not_forgiven(
    store: Store, pins: Pins, tmp_path: Path, content: bytes
) -> None:
    pin(store, pins)
    (path,) = (tmp_path / "pins").glob("*.json")
    path.write_bytes(content)
    found = problem(store, pins)
    assert found is not None
    assert found.code == "pin-damaged"
