"""Erasure and restore: what identifies is gone for good, the history verifies, a restore forgets nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Rejected, Unavailable
from biobank_desktop.persistence.erasures import erased_donors
from biobank_desktop.persistence.queries import disposals as lists
from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import backup, disposals, erasure, people, releases, restore_gap
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import BENCH, PASSWORD, open_store
from tests.support.lab import ANNA, add_boxes
from tests.support.leaving import STUDY, Kept, kept, signed, withdraw

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

GIL = replace(ANNA, login="gil", name="Gil")


def _emptied(store: Store, actor: Actor) -> Kept:
    """A donor who withdrew, and whose material is destroyed."""
    here = kept(store, actor, add_boxes(store).plasma)
    withdraw(store, actor, here.donor, "W4")
    with store.read() as connection:
        (listed,) = lists.lists(connection)
    gone = [here.tube, *here.vials]
    disposals.take_away(store, actor, listed.no, gone)
    disposals.witness(store, signed(ANNA), listed.no, gone)
    disposals.close_list(store, actor, listed.no)
    return here


def _erase(store: Store, donor: str, register: Path) -> None:
    erasure.erase_donor(store, signed(), donor, "asked for by the family", register, None)


def test_an_erased_donor_leads_to_nobody_and_the_history_verifies(
    store: Store, actor: Actor, tmp_path: Path
) -> None:
    here = _emptied(store, actor)
    number = codes.number(here.donor)
    _erase(store, here.donor, tmp_path)
    with store.read() as connection:
        row = donors.donor(connection, number)
        assert donors.erased_at(connection, number) is not None
    assert row is not None
    assert (row.turns_12_on, row.turns_16_on, row.turns_18_on) == (None, None, None)
    assert erased_donors(tmp_path) == {number}
    assert WholeVerification(store).run() == []
    with pytest.raises(Rejected, match="donor-was-erased"):
        _erase(store, here.donor, tmp_path)


def test_nobody_is_erased_whose_material_is_still_here(store: Store, actor: Actor, tmp_path: Path) -> None:
    here = kept(store, actor, add_boxes(store).plasma)
    with pytest.raises(Rejected, match="donor-still-kept"):
        _erase(store, here.donor, tmp_path)
    assert erased_donors(tmp_path) == frozenset()


def test_nothing_is_erased_when_the_register_cannot_be_written(
    store: Store, actor: Actor, tmp_path: Path
) -> None:
    here = _emptied(store, actor)
    (tmp_path / "register").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="register-cannot-be-written"):
        _erase(store, here.donor, tmp_path / "register")
    with store.read() as connection:
        row = donors.donor(connection, codes.number(here.donor))
    assert row is not None
    assert row.turns_12_on is not None


def test_a_restore_of_yesterday_blocks_releases_until_two_have_signed_and_erases_again(
    store: Store, actor: Actor, tmp_path: Path, empty_address: str
) -> None:
    here = _emptied(store, actor)
    other = kept(store, actor, _box(store))
    people.add_person(store, ANNA, people.PersonForm(GIL.login, GIL.name, GIL.role), PASSWORD)
    seal(store)
    made = complete(backup.back_up(store, ANNA, [tmp_path], datetime.now(UTC) - timedelta(days=1)))
    _erase(store, here.donor, tmp_path)
    restored = complete(backup.restore(made.archive, empty_address, "anna", PASSWORD, BENCH))
    assert (restored.erased, restored.findings) == (1, ())
    with closing(open_store(empty_address)) as back:
        with back.read() as connection:
            assert donors.erased_at(connection, codes.number(here.donor)) is not None
        no = releases.open_release(back, actor, STUDY)
        releases.choose(back, actor, no, other.vials)
        for signer in (ANNA, GIL):
            with pytest.raises(Rejected, match="restore-gap-open"):
                releases.issue(back, ANNA, no)
            restore_gap.sign_gap(back, signed(signer), "compared with the freezer log and the post book")
        with pytest.raises(Rejected, match="gap-signed-before"):
            restore_gap.sign_gap(back, signed(GIL), "once more")
        with back.read() as connection:
            gap = restore_gap.gap(connection)
        assert gap is not None
        assert (gap.closed, gap.archive, gap.erased) == (True, made.archive.name, 1)
        assert releases.issue(back, ANNA, no) == list(other.vials)
        assert WholeVerification(back).run() == []


def _box(store: Store) -> str:
    with store.read() as connection:
        number = connection.exec_driver_sql("SELECT id FROM container WHERE name = 'BX001'").scalar_one()
    return codes.from_number(number)


def test_where_nothing_was_restored_there_is_no_gap(store: Store) -> None:
    with store.read() as connection:
        assert restore_gap.gap(connection) is None
        assert restore_gap.gap_problems(connection) == []
    with pytest.raises(NotFound, match="no-restore-gap"):
        restore_gap.sign_gap(store, signed(), "nothing to sign")
