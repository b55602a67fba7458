"""The scan of a signed form in the window: kept with the line or later, seen page by page, and put away."""

from __future__ import annotations

import io
from random import Random
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.gui.donors.scan_drawing import draw
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.services.identity.scans import FormScan, keep_scan
from tests.gui.test_who import come, leave, letter, shown, words
from tests.support.databases import BO, CAS, DEE
from tests.support.form_scans import PDF, image, line_with, pdf
from tests.support.identities import OTHER_PASSPHRASE
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_view import ScanView
    from biobank_desktop.persistence.store import Store

SCREEN = ("donors", DonorsScreen)


@pytest.fixture
def donor(sqlite_store: Store) -> str:
    """A boy with a line that Cas entered, whose scan is ``PDF``; nobody has kept it."""
    made = add_donor(sqlite_store, BO)
    line_with(sqlite_store, made, PDF, CAS)
    return made


def opened(desk: Desk) -> None:
    """Bo gives the passphrase."""
    assert desk.session is not None
    desk.session.keyring.unlock(BO, OTHER_PASSPHRASE)
    desk.identities.refresh()


def kept(desk: Desk, donor: str, content: bytes = PDF, line: int = 1) -> None:
    """The scan is there already."""
    assert desk.session is not None
    with desk.session.keyring.opened(BO) as identities:
        keep_scan(desk.session.store, identities, BO, donor, line, content)


def seen(qtbot: QtBot, view: ScanView, page: str) -> None:
    qtbot.waitUntil(lambda: view.isVisible() and page in words(view) and not view._picture.pixmap().isNull())


def test_a_line_is_compared_with_its_scan_page_by_page(vault: Desk, donor: str, qtbot: QtBot) -> None:
    opened(vault)
    kept(vault, donor)
    screen = shown(vault, donor)
    screen.record.lines.check_wanted.emit(1)
    check = screen.record.check
    letter(screen, "S")
    seen(qtbot, check.view, "Page 1 of 2")
    assert check.show_scan.isHidden()
    QTest.keyClick(check.note.editor, Qt.Key.Key_PageDown)
    seen(qtbot, check.view, "Page 2 of 2")
    QTest.keyClick(screen, Qt.Key.Key_PageDown)
    before = check.view._picture.pixmap().width()
    letter(screen, "+")
    qtbot.waitUntil(lambda: check.view._picture.pixmap().width() > before)
    letter(screen, "-")
    qtbot.waitUntil(lambda: check.view._picture.pixmap().width() == before)
    QTest.keyClick(check.view.sheet, Qt.Key.Key_PageUp)
    seen(qtbot, check.view, "Page 1 of 2")
    letter(screen, "Y")
    assert screen.press_primary()
    assert check.isHidden()
    assert not check.view.shows
    assert check.view._picture.pixmap().isNull()
    assert "line 1 is compared with its form" in " ".join(words(screen.record.timeline))


@pytest.mark.parametrize("how", ["lock", "another person", "another screen", "escape", "unused"])
def test_it_is_put_away_and_what_was_answered_stays(vault: Desk, donor: str, qtbot: QtBot, how: str) -> None:
    opened(vault)
    kept(vault, donor)
    screen = shown(vault, donor)
    screen.record.lines.check_wanted.emit(1)
    check = screen.record.check
    check.note.set_text("the day")
    check.look()
    seen(qtbot, check.view, "Page 1 of 2")
    if how == "lock":
        leave(vault)
    elif how == "another person":
        come(vault, DEE)
    elif how == "another screen":
        screen.leave()
    elif how == "escape":
        screen.step_back()
    else:
        vault.identities.lock()
    assert not check.view.shows
    assert check.view._picture.pixmap().isNull()
    assert check.view.isHidden()
    if how in {"lock", "unused", "another screen"}:
        assert check.note.text() == "the day"


def test_the_passphrase_is_asked_where_the_store_is_locked(vault: Desk, donor: str, qtbot: QtBot) -> None:
    opened(vault)
    kept(vault, donor)
    vault.identities.lock()
    screen = shown(vault, donor)
    screen.record.lines.check_wanted.emit(1)
    check = screen.record.check
    letter(screen, "S")
    assert check.passphrase.problem_text() == "problem.answer-missing"
    check.passphrase.set_text("another passphrase altogether")
    check.look()
    assert check.passphrase.problem_text() == "problem.passphrase-refused"
    check.passphrase.set_text(OTHER_PASSPHRASE)
    check.look()
    seen(qtbot, check.view, "Page 1 of 2")
    assert check.passphrase.secret() == ""


def test_the_scan_of_a_line_is_seen_with_a_reason(vault: Desk, donor: str, qtbot: QtBot) -> None:
    opened(vault)
    kept(vault, donor)
    screen = shown(vault, donor)
    screen.record.lines.scan_wanted.emit(1)
    showing = screen.record.showing
    assert screen.press_primary()
    assert showing.why.problem_text() == "problem.reason-missing"
    showing.why.set_text("audit of March")
    assert screen.press_primary()
    seen(qtbot, showing.view, "Page 1 of 2")
    assert screen.press_primary()
    assert showing.isHidden()
    assert not showing.view.shows


def test_it_is_kept_later_from_the_line(vault: Desk, donor: str, tmp_path: Path, qtbot: QtBot) -> None:
    opened(vault)
    screen = shown(vault, donor)
    assert "Keep the scan, line 1" in words(screen.record.lines)
    screen.record.lines.keep_wanted.emit(1)
    keeping, file = screen.record.keeping, tmp_path / "scan.bin"
    assert screen.press_primary()
    assert "problem.scan-missing" in words(keeping)
    for content, code in ((b"PK\x03\x04", "scan-no-scan"), (pdf("Another"), "scan-differs")):
        file.write_bytes(content)
        keeping.take_file(file)
        if code == "scan-differs":
            qtbot.waitUntil(lambda: keeping._chosen is not None)
            assert screen.press_primary()
        qtbot.waitUntil(lambda code=code: f"problem.{code}" in words(keeping))  # type: ignore[misc]
    file.write_bytes(PDF)
    keeping.take_file(file)
    qtbot.waitUntil(lambda: keeping._chosen is not None and keeping._chosen.sha256.startswith(_digest(PDF)))
    assert screen.press_primary()
    qtbot.waitUntil(keeping.isHidden)
    screen.record.refresh()
    assert "Show the scan, line 1" in words(screen.record.lines)


def _digest(content: bytes) -> str:
    from hashlib import sha256  # noqa: PLC0415

    return sha256(content).hexdigest()


def test_nothing_is_offered_to_whom_the_store_is_not_for(vault: Desk, donor: str) -> None:
    screen = shown(vault, donor)
    leave(vault)
    come(vault, CAS.__class__("eve", "Eve", "technician", CAS.bench))
    screen = shown(vault, donor)
    assert not {"Keep the scan, line 1", "Show the scan, line 1"} & set(words(screen.record.lines))


def test_who_may_not_enter_consent_is_offered_no_keeping(vault: Desk, donor: str) -> None:
    opened(vault)
    line_with(vault.session.store, donor, pdf("Father"), CAS, "father")  # type: ignore[union-attr]
    kept(vault, donor)
    come(vault, DEE)
    screen = shown(vault, donor)
    screen.record.refresh()
    said = words(screen.record.lines)
    assert "Show the scan, line 1" in said
    assert not [text for text in said if text.startswith("Keep the scan")]


def test_a_damaged_or_locked_file_is_told_in_a_sentence(vault: Desk, donor: str, qtbot: QtBot) -> None:
    opened(vault)
    assert vault.session is not None
    for content, code in (
        (PDF[:40], "scan-not-drawn"),
        (pdf("Secret", password="abc"), "scan-asks-password"),
        (image("TIFF")[:200], "scan-not-drawn"),
    ):
        line = line_with(vault.session.store, donor, content, CAS, "father")
        kept(vault, donor, content, line)
        screen = shown(vault, donor)
        screen.record.refresh()
        screen.record.lines.check_wanted.emit(line)
        view = screen.record.check.view
        screen.record.check.look()
        qtbot.waitUntil(lambda view=view, code=code: f"problem.{code}" in words(view))  # type: ignore[misc]
        assert view.sheet.isHidden()


# Entering a line --------------------------------------------------------------------------------------


def enter(screen: DonorsScreen, file: Path, qtbot: QtBot) -> None:
    """A line of the mother with this file as its scan."""
    screen.begin_consent()
    form = screen.consent
    form.signing.take_scan(file)
    qtbot.waitUntil(lambda: form.signing.chosen is not None)
    form.kind.set_value("given")
    form.signatory.set_value("mother")
    for field, text in (
        *((form.paper, "A2G-NL"), (form.version, "3.1")),
        *((form.signed_on, "2-11-2026"), (form.received_on, "3-11-2026")),
    ):
        field.set_text(text)
    form.answers.rows[form.answers.items[0]].set_value("yes")


def test_a_scan_is_kept_with_its_line(vault: Desk, sqlite_store: Store, tmp_path: Path, qtbot: QtBot) -> None:
    opened(vault)
    file = tmp_path / "scan.pdf"
    file.write_bytes(PDF)
    screen = shown(vault, add_donor(sqlite_store, BO))
    screen.begin_consent()
    assert "The scan is kept sealed in the identity store." in words(screen.consent.signing)
    enter(screen, file, qtbot)
    assert screen.press_primary()
    qtbot.waitUntil(
        lambda: "Line 1 is entered, and its scan is kept." in vault.frame.notices.texts(), timeout=5000
    )
    screen.record.refresh()
    assert "Show the scan, line 1" in words(screen.record.lines)


def test_the_line_stands_when_its_scan_cannot_be_kept(
    vault: Desk, sqlite_store: Store, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(vault)
    file = tmp_path / "scan.pdf"
    file.write_bytes(PDF)
    screen = shown(vault, add_donor(sqlite_store, BO))
    enter(screen, file, qtbot)
    file.write_bytes(pdf("Scanned anew meanwhile"))
    assert screen.press_primary()
    told = "Line 1 is entered, its scan is not kept: problem.scan-differs On the line, choose Keep the scan."
    qtbot.waitUntil(lambda: told in vault.frame.notices.texts())
    screen.record.refresh()
    assert "Keep the scan, line 1" in words(screen.record.lines)


def test_where_the_store_is_shut_only_the_digest_is_kept(
    vault: Desk, sqlite_store: Store, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(PDF)
    screen = shown(vault, add_donor(sqlite_store, BO))
    screen.begin_consent()
    said = "The identity store is not open here: of the scan only its SHA-256 is kept."
    assert said in words(screen.consent.signing)
    enter(screen, file, qtbot)
    assert screen.press_primary()
    assert "Line 1 is entered." in vault.frame.notices.texts()
    opened(vault)
    screen.record.refresh()
    assert "Keep the scan, line 1" in words(screen.record.lines)


def test_a_letter_is_not_taken_for_a_scan(vault: Desk, donor: str, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"PK a letter that is called a scan")
    screen = shown(vault, donor)
    screen.begin_consent()
    screen.consent.signing.take_scan(file)
    qtbot.waitUntil(lambda: "problem.scan-no-scan" in words(screen.consent.signing))
    assert screen.consent.signing.chosen is None


# Drawing ---------------------------------------------------------------------------------------------

KINDS = {
    "application/pdf": pdf("One", "Two", "Three"),
    "image/jpeg": image("JPEG"),
    "image/png": image("PNG"),
    "image/tiff": image("TIFF", pages=3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_as_wide_as_asked(kind: str) -> None:
    made = draw(FormScan(KINDS[kind], kind), 0, 500)
    assert abs(made.image.width() - 500) <= 1
    assert made.image.height() > 600
    assert made.pages == (3 if kind in {"application/pdf", "image/tiff"} else 1)
    last = draw(FormScan(KINDS[kind], kind), 99, 500)
    assert last.page == made.pages - 1


def test_a_page_of_a_kilometre_is_drawn_small() -> None:
    content = KINDS["application/pdf"].replace(b"[ 0 0 595.2756 841.8898 ]", b"[ 0 0 95.2756 99991.89 ]")
    assert content != KINDS["application/pdf"]
    made = draw(FormScan(content, "application/pdf"), 0, 3000)
    assert made.image.width() * made.image.height() <= 25_000_000


def test_an_image_made_to_fill_the_memory_is_refused() -> None:
    content = io.BytesIO()
    Image.new("1", (10_000, 8_500)).save(content, "PNG")
    assert len(content.getvalue()) < 100_000
    with pytest.raises(Rejected):
        draw(FormScan(content.getvalue(), "image/png"), 0, 500)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["cut", "bits turned", "noise"])
def test_a_damaged_file_is_drawn_or_refused(kind: str, how: str) -> None:
    """Forty damaged files of each kind; whichever of the two it is, the program goes on."""
    random, whole = Random(f"{kind} {how}"), KINDS[kind]
    refused = 0
    for _turn in range(40):
        content = bytearray(whole)
        if how == "cut":
            content = content[: random.randrange(8, len(content) * 9 // 10)]
        elif how == "bits turned":
            for _bit in range(20):
                content[random.randrange(8, len(content))] ^= 1 << random.randrange(8)
        else:
            content[8:] = random.randbytes(len(content) - 8)
        try:
            assert not draw(FormScan(bytes(content), kind), 0, 300).image.isNull()
        except Rejected as error:
            assert error.problems[0].code in {"scan-not-drawn", "scan-asks-password"}  # noqa: PT017
            refused += 1
    assert refused > 0 or how == "bits turned"
