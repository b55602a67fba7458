"""The whole of a withdrawal, on both engines: 34 vials in 5 boxes, 3 issued; destroyed, certified, erased.

Then yesterday's backup and yesterday's copy of the identities come back, and nothing of it is undone.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.papers.certificate import certificate_pdf
from biobank_desktop.papers.signing import verify
from biobank_desktop.persistence.queries import disposals as lists
from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import (
    backup,
    disposals,
    erasure,
    people,
    releases,
    restore_gap,
    storage,
    withdrawal,
)
from biobank_desktop.services.disposal_papers import certificate_of, notices_of
from biobank_desktop.services.identity.copies import back_up_identities, restore_identities
from biobank_desktop.services.identity.donors import read_identity, set_identity
from biobank_desktop.services.identity.keeping import unlock
from biobank_desktop.services.proofs import signed_proof
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import BENCH, PASSWORD, open_store
from tests.support.identities import EMMA, PASSPHRASE, shared_identities, vault_of
from tests.support.lab import ANNA, add_boxes
from tests.support.leaving import STUDY, Kept, kept, signed, withdraw

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

GIL = replace(ANNA, login="gil", name="Gil")
WHY = "The family asked for it."


def _in_five_boxes(store: Store, actor: Actor) -> list[Kept]:
    """34 vials of one donor, of five tubes."""
    plasma = add_boxes(store).plasma
    with store.read() as connection:
        shelf = connection.exec_driver_sql("SELECT id FROM container WHERE name = 'F80-01 S1'").scalar_one()
    made = [kept(store, actor, plasma, 7)]
    for time_point, count in (("D15", 7), ("TP1", 7), ("D50", 7), ("TP2", 6)):
        form = storage.ContainerForm("Box 9 × 9", f"BX {time_point}", None, codes.from_number(shelf))
        box = storage.add_container(store, ANNA, form)
        made.append(kept(store, actor, box, count, made[0].donor, time_point=time_point))
    return made


def test_a_withdrawal_from_the_letter_to_the_erasure_and_beyond_a_restore(
    store: Store, actor: Actor, tmp_path: Path, empty_address: str
) -> None:
    people.add_person(store, ANNA, people.PersonForm(GIL.login, GIL.name, GIL.role), PASSWORD)
    tubes = _in_five_boxes(store, actor)
    donor, vials = tubes[0].donor, [vial for tube in tubes for vial in tube.vials]
    assert len(vials) == 34
    identities = shared_identities(store)
    set_identity(store, identities, actor, replace(EMMA, donor=donor))
    release = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, release, vials[:3])
    releases.issue(store, ANNA, release)
    seal(store)
    assert verify(signed_proof(store, release, vials[0])).proof.provenance.vial == vials[0]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    made = complete(backup.back_up(store, ANNA, [tmp_path / "backups"], yesterday))
    copy = back_up_identities(store, identities.vault, ANNA, tmp_path / "identities", yesterday)

    with store.read() as connection:
        reach = withdrawal.reach(connection, codes.number(donor))
    assert (len(reach.kept), len(reach.ended)) == (31 + 5, 3)
    assert len({one.place.rpartition(" / ")[0] for one in reach.kept if one.place}) == 5
    withdraw(store, actor, donor, "W4")
    with store.read() as connection:
        (listed,) = lists.lists(connection)
        lines = lists.lines(connection, listed.no)
        (notice,) = notices_of(connection, listed.no, "nl", local_day(datetime.now(UTC)))
    gone = [line.code for line in lines if line.action == "destroy"]
    told = [line.code for line in lines if line.action == "notify"]
    assert (len(gone), set(told), set(notice.vials)) == (36, set(vials[:3]), set(vials[:3]))
    for code in gone:  # scan by scan
        disposals.take_away(store, actor, listed.no, [code])
    disposals.take_away(store, actor, listed.no, told, "letter sent")
    disposals.witness(store, signed(ANNA), listed.no, gone)
    disposals.close_list(store, actor, listed.no)
    seal(store)
    with store.read() as connection:
        pdf = certificate_pdf(certificate_of(connection, listed.no))
    assert all(codes.group(code) in _text(pdf) for code in gone + told)
    assert WholeVerification(store).run() == []

    erasure.erase_donor(store, signed(), donor, WHY, tmp_path / "backups", identities.vault)
    with pytest.raises(NotFound, match="identity-unknown"):
        read_identity(store, identities, ANNA, donor, "who was it")
    seal(store)
    assert WholeVerification(store).run() == []

    complete(backup.restore(made.archive, empty_address, "anna", PASSWORD, BENCH))
    with closing(open_store(empty_address)) as back:
        _still_erased(back, donor, copy)
        _nothing_leaves(back, actor, vials[4])
        assert WholeVerification(back).run() == []


def _text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _still_erased(back: Store, donor: str, copy: Path) -> None:
    """The register outside knew it, and the identities that come back know it from the history."""
    with back.read() as connection:
        row = donors.donor(connection, codes.number(donor))
    assert row is not None
    assert row.turns_12_on is None
    vault = vault_of(back)
    records, erased = restore_identities(back, vault, ANNA, copy)
    assert (records, erased) == (0, 1)
    with closing(unlock(back, vault, ANNA, PASSPHRASE)) as identities, pytest.raises(NotFound):
        read_identity(back, identities, ANNA, donor, "who was it")


def _nothing_leaves(back: Store, actor: Actor, vial: str) -> None:
    """The vials that were destroyed lie in their boxes again, by this database; until two have signed."""
    number = codes.number(vial)
    with back.read() as connection:
        assert standings(connection, [number])[number].ended is None
    release = releases.open_release(back, actor, STUDY)
    with pytest.raises(Rejected, match="restore-gap-open"):
        releases.issue(back, ANNA, release)
    for signer in (ANNA, GIL):
        restore_gap.sign_gap(back, signed(signer), "compared with the freezer and the post book")
    withdraw(back, actor, codes.from_number(_donor_of(back, number)), "W4")  # found in the post book
    with pytest.raises(Rejected, match="release-is-empty"):
        releases.issue(back, ANNA, release)


def _donor_of(back: Store, sample: int) -> int:
    with back.read() as connection:
        asked = f"SELECT donor_id FROM sample WHERE id = {sample}"
        return int(connection.exec_driver_sql(asked).scalar_one())
