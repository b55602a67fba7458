"""A program that dies between the two databases, and two benches at once: nothing half done is ever shown."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Problem, Rejected, Unavailable
from biobank_desktop.persistence.queries import identity as query
from biobank_desktop.services.identity import checking, donors, scans
from tests.support.databases import ANNA, BO, CAS, open_store
from tests.support.form_scans import PDF, line_with
from tests.support.identities import EMMA, address_of, open_identities
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

NOW = timedelta(0)
COMMAND = UUID("3f2a1b6c-0d9e-4f7a-8b5c-6d7e8f901234")
_DYING = """
import os
from dataclasses import replace
from uuid import UUID
from biobank_desktop.persistence.store import Store
from biobank_desktop.services.identity import checking, donors, keeping, scans
from tests.support.databases import ANNA, open_store
from tests.support.form_scans import PDF
from tests.support.identities import EMMA, open_identities

attempt = Store._attempt

def die(self, command, *rest):
    if command.kind != {kind!r}:
        return attempt(self, command, *rest)
    if {after}:
        attempt(self, command, *rest)
    os._exit(9)

store = open_store({address!r})
opened = open_identities(store)
Store._attempt = die
command = UUID({command!r})
form = replace(EMMA, donor={donor!r}, **{changes!r})
{gesture}
"""
SET = "donors.set_identity(store, opened, ANNA, form, command)"
KEEP = "scans.keep_scan(store, opened, ANNA, form.donor, 1, PDF, command)"
ERASE = "donors.erase_identity(store, opened, ANNA, form.donor, 'asked by the parents', command)"


def dies(store: Store, donor: str, gesture: str, kind: str, *, after: bool = False, **changes: str) -> None:
    """Another program does this and is killed before, or after, its command is in the history."""
    address = address_of(store)
    store.close()
    code = _DYING.format(
        kind=kind, after=after, address=address, command=str(COMMAND), donor=donor, changes=changes,
        gesture=gesture,
    )  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 9, ran.stderr


def test_a_first_identity_without_its_command_is_nobodys(store: Store) -> None:
    open_identities(store).close()
    donor = add_donor(store, BO)
    dies(store, donor, SET, "identity-set")
    opened = open_identities(store)
    with pytest.raises(NotFound):
        donors.read_identity(store, opened, BO, donor, "letter")
    assert donors.find_donors(store, opened, BO, "Dijkstra", "ward") == []
    assert checking.check(store, opened).problems == ()  # it may be under way at another bench
    found = checking.clear(store, opened, CAS, "after a crash", NOW)
    assert [problem.code for problem in found.problems] == ["identity-unrecorded"]
    assert found.unrecorded == (COMMAND,)
    assert opened.vault.records() == []
    assert checking.check(store, opened, NOW).problems == ()
    opened.close()


def test_it_is_done_by_asking_again_with_its_id(store: Store) -> None:
    open_identities(store).close()
    donor = add_donor(store, BO)
    dies(store, donor, SET, "identity-set")
    opened = open_identities(store)
    form = replace(EMMA, donor=donor)
    donors.set_identity(store, opened, ANNA, form, COMMAND)
    assert donors.read_identity(store, opened, BO, donor, "letter") == form
    assert checking.check(store, opened, NOW).problems == ()
    opened.close()


@pytest.mark.parametrize("after", [False, True])
def test_a_change_cut_short_is_whole_or_not_there(store: Store, after: bool) -> None:
    opened = open_identities(store)
    form = replace(EMMA, donor=add_donor(store, BO))
    donors.set_identity(store, opened, ANNA, form)
    opened.close()
    dies(store, form.donor, SET, "identity-set", after=after, surname="Vos")
    opened = open_identities(store)
    assert len(opened.vault.records()) == 2
    counts = replace(form, surname="Vos") if after else form
    assert donors.read_identity(store, opened, BO, form.donor, "letter") == counts
    assert len(donors.find_donors(store, opened, BO, "Vos", "ward")) == after
    assert [one.code for one in checking.clear(store, opened, CAS, "after a crash", NOW).problems] == (
        [] if after else ["identity-unrecorded"]
    )
    assert len(opened.vault.records()) == 1
    assert donors.read_identity(store, opened, BO, form.donor, "letter") == counts
    opened.close()


@pytest.mark.parametrize("again", ["the same command", "another command", "clearing"])
def test_an_erasure_cut_short_is_entered_later(store: Store, again: str) -> None:
    opened = open_identities(store)
    form = replace(EMMA, donor=add_donor(store, BO))
    donors.set_identity(store, opened, ANNA, form)
    opened.close()
    dies(store, form.donor, ERASE, "identity-erased")
    opened = open_identities(store)
    assert opened.vault.records() == []
    assert [one.code for one in checking.check(store, opened).problems] == ["identity-erasure-unrecorded"]
    if again == "clearing":
        checking.clear(store, opened, CAS, "after a crash")
    else:
        command = COMMAND if again == "the same command" else None
        donors.erase_identity(store, opened, CAS, form.donor, "asked by the parents", command)
    assert checking.check(store, opened).problems == ()
    with store.read() as connection:
        told = query.told(connection, [codes.number(form.donor)])
    assert [(one.kind, one.command_id) for one in told[1:]] == [("identity-erased", COMMAND)]
    opened.close()


@pytest.mark.parametrize("again", ["the same command", "another command", "clearing"])
def test_a_scan_without_its_command_is_nobodys(store: Store, again: str) -> None:
    open_identities(store).close()
    donor = add_donor(store, BO)
    line_with(store, donor, PDF)
    dies(store, donor, KEEP, "scan-kept")
    opened = open_identities(store)
    assert [scan.id for scan in opened.vault.scans()] == [COMMAND]
    with pytest.raises(NotFound):
        scans.read_scan(store, opened, ANNA, donor, 1, "compared")
    assert checking.check(store, opened).problems == ()  # it may be under way at another bench
    assert [one.code for one in checking.check(store, opened, NOW).problems] == ["scan-unrecorded"]
    if again != "clearing":
        command = COMMAND if again == "the same command" else None
        scans.keep_scan(store, opened, ANNA, donor, 1, PDF, command)
        assert scans.read_scan(store, opened, ANNA, donor, 1, "compared").content == PDF
    checking.clear(store, opened, CAS, "after a crash", NOW)
    assert len(opened.vault.scans()) == (again != "clearing")
    assert checking.check(store, opened, NOW).problems == ()
    opened.close()


def test_a_store_that_may_only_be_read_gets_no_identity(store: Store) -> None:
    """Behind this computer's pin nothing can be entered, so nothing is written in the other store either."""
    opened = open_identities(store)
    form = replace(EMMA, donor=add_donor(store, BO))
    donors.set_identity(store, opened, ANNA, form)
    store.read_only = Problem("database", "pin-behind", {"size": 1, "pinned": 2})
    for gesture in (
        lambda: donors.set_identity(store, opened, ANNA, replace(form, surname="Vos")),
        lambda: donors.erase_identity(store, opened, ANNA, form.donor, "asked by the parents"),
        lambda: donors.read_identity(store, opened, ANNA, form.donor, "letter"),
        lambda: donors.find_donors(store, opened, ANNA, "Dijkstra", "ward"),
        lambda: checking.clear(store, opened, ANNA, "after a crash", NOW),
    ):
        with pytest.raises(Unavailable):
            gesture()
    assert len(opened.vault.records()) == 1
    opened.close()


def test_eight_benches_change_one_identity_at_once(postgres_store: Store) -> None:
    opened = open_identities(postgres_store)
    form = replace(EMMA, donor=add_donor(postgres_store, BO))
    address, together = address_of(postgres_store), Barrier(8)
    failed: list[BaseException] = []

    def bench(number: int) -> None:
        store = open_store(address)
        mine = open_identities(store)
        try:
            together.wait()
            for turn in range(3):
                mother = f"Ada {'abc'[turn]}{'hgfedcba'[number]}"
                donors.set_identity(store, mine, ANNA, replace(form, mother_name=mother))
        except BaseException as error:
            failed.append(error)
        finally:
            mine.close()
            store.close()

    benches = [Thread(target=bench, args=(number,)) for number in range(8)]
    for one in benches:
        one.start()
    for one in benches:
        one.join()
    assert failed == []
    donors.drop_superseded(postgres_store, opened, [codes.number(form.donor)])
    (record,) = opened.vault.records()
    with postgres_store.read() as connection:
        told = query.told(connection)
    assert len(told) == 24
    assert record.id == told[-1].command_id
    assert checking.check(postgres_store, opened, NOW).problems == ()
    opened.close()


def test_two_donors_do_not_get_one_hospital_number_at_once(postgres_store: Store) -> None:
    open_identities(postgres_store).close()
    address, together = address_of(postgres_store), Barrier(6)
    refused: list[str] = []
    forms = [replace(EMMA, donor=add_donor(postgres_store, BO)) for _one in range(6)]

    def bench(number: int) -> None:
        store = open_store(address)
        mine = open_identities(store)
        together.wait()
        try:
            donors.set_identity(store, mine, ANNA, forms[number])
        except Rejected as error:
            refused.append(error.problems[0].code)
        mine.close()
        store.close()

    benches = [Thread(target=bench, args=(number,)) for number in range(6)]
    for one in benches:
        one.start()
    for one in benches:
        one.join()
    assert refused == ["hospital-number-taken"] * 5
