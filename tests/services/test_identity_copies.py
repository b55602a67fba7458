"""A copy of the identity store opens on either engine, is sealed, and brings nobody back who was erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.problems import BiobankError, IntegrityBroken, NotFound, Rejected, Unavailable
from biobank_desktop.persistence.identity import copying
from biobank_desktop.persistence.identity.vault import open_vault
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import backup
from biobank_desktop.services.identity import checking, copies, donors, keeping
from tests.support import canaries
from tests.support.databases import ANNA, BO, CAS, PASSWORD, Databases, open_store
from tests.support.identities import EMMA, PASSPHRASE, address_of, identity_file, open_identities, vault_of
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.persistence.store import Store

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_a_lab_and_its_identities_move_to_the_other_engine(
    store: Store, sqlite_databases: Databases, postgresql_databases: Databases, tmp_path: Path
) -> None:
    opened = open_identities(store)
    forms = [
        replace(EMMA, donor=add_donor(store, BO), hospital_number=f"0712{number}") for number in range(3)
    ]
    for form in forms:
        donors.set_identity(store, opened, ANNA, form)
    archive = complete(backup.back_up(store, CAS, [tmp_path], AT)).archive
    donors.erase_identity(store, opened, CAS, forms[2].donor, "asked by the parents")
    copy = copies.back_up_identities(store, opened.vault, CAS, tmp_path / "safe", AT)
    opened.close()
    assert copy.stat().st_mode & 0o777 == 0o600
    wanted = canaries.needles(["Dijkstra-Müller", "0712.345-6", "Emma Sofía"], [EMMA.born_on])
    assert canaries.hunt(copy.read_bytes(), wanted) == set()
    others = postgresql_databases if store.is_sqlite else sqlite_databases
    address = others.empty()
    complete(backup.restore(archive, address, "anna", PASSWORD, "bench-1"))
    elsewhere = open_store(address)
    vault = open_vault(address)
    assert copies.restore_identities(elsewhere, vault, ANNA, copy) == (2, 0)
    moved = keeping.unlock(elsewhere, vault, ANNA, PASSPHRASE)
    assert donors.read_identity(elsewhere, moved, BO, forms[0].donor, "letter") == forms[0]
    assert donors.find_donors(elsewhere, moved, BO, "07121", "ward") == [forms[1]]
    # The archive is older than the erasure, which the copy of the identity store knows.
    with pytest.raises(Rejected):
        donors.set_identity(elsewhere, moved, ANNA, forms[2])
    (problem,) = checking.check(elsewhere, moved).problems
    assert problem.code == "identity-erasure-unrecorded"
    moved.close()
    elsewhere.close()
    others.remove(address)


def test_who_was_erased_since_stays_erased(sqlite_store: Store, tmp_path: Path) -> None:
    opened = open_identities(sqlite_store)
    form = replace(EMMA, donor=add_donor(sqlite_store, BO))
    donors.set_identity(sqlite_store, opened, ANNA, form)
    copy = copies.back_up_identities(sqlite_store, opened.vault, CAS, tmp_path, AT)
    donors.erase_identity(sqlite_store, opened, CAS, form.donor, "asked by the parents")
    opened.close()
    identity_file(sqlite_store).unlink()
    vault = vault_of(sqlite_store)
    assert copies.restore_identities(sqlite_store, vault, CAS, copy) == (0, 1)
    again = keeping.unlock(sqlite_store, vault, ANNA, PASSPHRASE)
    with pytest.raises(NotFound):
        donors.read_identity(sqlite_store, again, BO, form.donor, "letter")
    assert checking.check(sqlite_store, again).problems == ()
    again.close()


def test_a_copy_is_put_only_where_there_is_none(sqlite_store: Store, tmp_path: Path) -> None:
    opened = open_identities(sqlite_store)
    copy = copies.back_up_identities(sqlite_store, opened.vault, CAS, tmp_path, AT)
    with pytest.raises(Rejected) as refused:
        copies.restore_identities(sqlite_store, opened.vault, CAS, copy)
    assert refused.value.problems[0].code == "identity-store-there"
    with pytest.raises(Rejected) as refused:
        copies.back_up_identities(sqlite_store, opened.vault, BO, tmp_path, AT)
    assert refused.value.problems[0].code == "not-permitted"
    opened.close()


@pytest.mark.parametrize("how", ["cut", "changed", "empty", "not there", "another format"])
def test_a_damaged_copy_is_put_nowhere(sqlite_store: Store, tmp_path: Path, how: str) -> None:
    opened = open_identities(sqlite_store)
    copy = copies.back_up_identities(sqlite_store, opened.vault, CAS, tmp_path, AT)
    opened.close()
    identity_file(sqlite_store).unlink()
    content = copy.read_bytes()
    damaged = {
        "cut": content[: len(content) // 2],
        "changed": content.replace(b'"anna"', b'"bo"'),
        "empty": b"",
        "another format": content.replace(b'"format":2', b'"format":3'),
    }
    refused: type[BiobankError] = Unavailable if how == "not there" else IntegrityBroken
    if how == "not there":
        copy.unlink()
    else:
        copy.write_bytes(damaged[how])
    with pytest.raises(refused):
        copies.restore_identities(sqlite_store, vault_of(sqlite_store), CAS, copy)
    assert not identity_file(sqlite_store).exists()


def test_a_place_that_cannot_be_written_is_told(sqlite_store: Store, tmp_path: Path) -> None:
    opened = open_identities(sqlite_store)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable) as refused:
        copies.back_up_identities(sqlite_store, opened.vault, CAS, tmp_path / "file" / "folder", AT)
    assert refused.value.problem.code == "identity-copy-unreachable"
    opened.close()


def test_what_is_read_is_what_was_kept(store: Store, tmp_path: Path) -> None:
    opened = open_identities(store)
    donors.set_identity(store, opened, ANNA, replace(EMMA, donor=add_donor(store, BO)))
    copy = copies.back_up_identities(store, opened.vault, CAS, tmp_path, AT)
    with opened.vault.dump() as (rows, scans):
        assert copying.read(copy) == rows
        assert list(copying.read_scans(copy)) == list(scans)
    assert address_of(store) not in copy.read_text()
    opened.close()
