"""The papers of real lists on real databases: the certificate, and the notices to those who got vials."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.domain.use import UseForm
from biobank_desktop.papers.certificate import NotDestroyed, certificate_pdf
from biobank_desktop.papers.notice import notice_pdf
from biobank_desktop.persistence.queries import disposals as query
from biobank_desktop.persistence.queries import history
from biobank_desktop.persistence.seals import seal
from biobank_desktop.services import disposals, intake, releases, use
from biobank_desktop.services.disposal_papers import certificate_of, notices_of, write_notices
from biobank_desktop.services.papers import LetterSettings, set_letter_settings
from tests.papers.test_letters import pages
from tests.support import canaries
from tests.support.lab import ANNA, add_boxes, receipt
from tests.support.leaving import STUDY, Kept, birthdays, kept, signed, withdraw
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def english() -> None:
    language.choose("en")


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def here(store: Store, actor: Actor, boxes: Boxes) -> Kept:
    return kept(store, actor, boxes.plasma, 4)


def _issue(store: Store, actor: Actor, institution: str, *vials: str) -> int:
    no = releases.open_release(store, actor, replace(STUDY, institution=institution))
    releases.choose(store, actor, no, vials)
    releases.issue(store, ANNA, no)
    return no


def _open_list(store: Store) -> int:
    with store.read() as connection:
        (one,) = query.lists(connection, state="open")
    return one.no


def _finish(store: Store, actor: Actor, no: int) -> None:
    """Do and see every line that waits, and close the list."""
    with store.read() as connection:
        lines = [line for line in query.lines(connection, no) if line.state == "open"]
    taken = [line.code for line in lines if line.action != "notify"]
    disposals.take_away(store, actor, no, [line.code for line in lines], "autoclaved")
    disposals.witness(store, signed(), no, taken)
    disposals.close_list(store, actor, no)


def test_the_certificate_of_a_withdrawal_names_every_vial(store: Store, actor: Actor, here: Kept) -> None:
    issued, used_up, found_again, destroyed = here.vials
    _issue(store, actor, "Karolinska", issued)
    use.use(store, actor, UseForm(used_up, "use-a2g", "assay", ul=500, last=True))
    withdraw(store, actor, here.donor)
    no = _open_list(store)
    disposals.drop_line(store, ANNA, no, found_again, "not in its box")
    with pytest.raises(Rejected, match="list-not-closed"), store.read() as connection:
        certificate_of(connection, no)
    _finish(store, actor, no)
    with pytest.raises(Rejected, match="proof-not-sealed"), store.read() as connection:
        certificate_of(connection, no)
    seal(store)
    with store.read() as connection:
        certificate = certificate_of(connection, no)
        closing = history.page(connection, [certificate.event])
        (head,) = query.lists(connection)
    assert (certificate.number, certificate.why) == (
        f"D-2026-{no:04}",
        "Consent was withdrawn · destroy the material",
    )
    assert certificate.donors == (here.donor,)
    assert {line.code for line in certificate.lines} == {here.tube, destroyed}
    assert {(line.destroyed_by, line.witnessed_by) for line in certificate.lines} == {
        ("Bo Jansen", "Anna de Wit")
    }
    lay = {line.code: line.lay for line in certificate.lines}
    assert (lay[here.tube], lay[destroyed].rpartition(" / ")[2]) == ("", "A4")
    told = certificate.not_destroyed
    assert {one.code: one.became for one in told} == {
        issued: "issued to Karolinska",
        found_again: "taken off the list: not in its box",
        used_up: "used up",
    }
    assert [one.code for one in told if one.told_on is not None] == [issued]
    assert [one.kind for one in closing] == ["disposal-closed"]
    assert certificate.closed_at == head.closed_at
    with store.read() as connection:
        root = connection.exec_driver_sql(
            f"SELECT root FROM seal WHERE size = {certificate.seal_size}"
        ).scalar()
    assert bytes(root or b"").hex() == certificate.seal_root
    said = " ".join(pages(certificate_pdf(certificate)))
    assert [code for code in (*here.vials, here.tube) if codes.group(code) not in said] == []


def test_what_is_given_back_was_not_destroyed(store: Store, actor: Actor, here: Kept) -> None:
    leaked = {"acceptance": "rejected", "conditions": ("leak",), "plan": (), "time_point": "D15"}
    rejected = intake.receive(store, actor, receipt(here.donor, tube_code="HX26118888", **leaked))
    no = disposals.open_list(store, ANNA, "refused", "return", [rejected.tube], "leaked")
    _finish(store, actor, no)
    seal(store)
    with store.read() as connection:
        certificate = certificate_of(connection, no)
    assert certificate.why == "The material was refused · leaked"
    assert certificate.lines == ()
    assert certificate.not_destroyed == (NotDestroyed(rejected.tube, "bone marrow", "given back"),)


def test_each_release_has_its_notice_with_the_lab_s_own_words(
    store: Store, actor: Actor, here: Kept, tmp_path: Path
) -> None:
    said = LetterSettings("Biobank Utrecht", "Utrecht", ("biobank@example.org",), ("Heidelberglaan 25",))
    set_letter_settings(store, ANNA, "nl", said)
    first = _issue(store, actor, "Karolinska", *here.vials[:2])
    second = _issue(store, actor, "Rigshospitalet", here.vials[2])
    withdraw(store, actor, here.donor, "W2")
    no = _open_list(store)
    with store.read() as connection:
        notices = notices_of(connection, no, "nl", TODAY)
    assert [(one.number, one.release, one.vials) for one in notices] == [
        (f"N-2026-{no:04}-{first}", f"R-2026-{first:04}", here.vials[:2]),
        (f"N-2026-{no:04}-{second}", f"R-2026-{second:04}", here.vials[2:3]),
    ]
    assert {(one.lab, one.contact, one.return_to) for one in notices} == {
        (said.lab, said.contact, said.return_to)
    }
    assert [one.recipient.institution for one in notices] == ["Karolinska", "Rigshospitalet"]
    assert {(one.recipient.country, one.written_on, one.answer_by) for one in notices} == {
        ("Zweden", TODAY, date(2026, 12, 6))
    }
    files = write_notices(store, no, "nl", TODAY, tmp_path / "notices")
    assert sorted((tmp_path / "notices").iterdir()) == list(files)
    for notice, path in zip(notices, files, strict=True):
        content = path.read_bytes()
        assert content == notice_pdf(notice)
        assert codes_in_pdf(content) == [notice.number]
        text = " ".join(pages(content))
        assert "Een donor trekt zich terug" in text
        assert codes.group(here.donor) not in text


def test_a_vial_that_came_back_or_was_dropped_is_told_to_nobody(
    store: Store, actor: Actor, here: Kept, tmp_path: Path
) -> None:
    _issue(store, actor, "Karolinska", *here.vials[:2])
    withdraw(store, actor, here.donor, "W2")
    no = _open_list(store)
    disposals.drop_line(store, ANNA, no, here.vials[0], "sent back")
    use.turned_up(store, actor, here.vials[1], "sent back")
    with store.read() as connection:
        assert notices_of(connection, no, "en", TODAY) == []
        with pytest.raises(NotFound):
            notices_of(connection, 99, "en", TODAY)
    assert write_notices(store, no, "en", TODAY, tmp_path / "none") == ()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_no_birthday_is_in_any_paper(store: Store, actor: Actor, here: Kept, spoken: str) -> None:
    language.choose(spoken)
    wanted = canaries.needles((), birthdays(store, here.donor))
    _issue(store, actor, "Karolinska", here.vials[0])
    withdraw(store, actor, here.donor)
    no = _open_list(store)
    _finish(store, actor, no)
    seal(store)
    with store.read() as connection:
        contents = [certificate_pdf(certificate_of(connection, no))]
        contents += [notice_pdf(one) for one in notices_of(connection, no, spoken, TODAY)]
    today = canaries.needles((), [local_day(datetime.now(UTC)), TODAY])
    for content in contents:
        assert canaries.hunt(content, wanted) == set()
        assert canaries.hunt(content, today) != set(), "another day is found"
