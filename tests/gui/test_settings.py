from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import pypdfium2
import pytest
import zxingcpp
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from biobank_desktop import resources
from biobank_desktop.domain.consent_rules import AgePolicy
from biobank_desktop.domain.scanner_trial import TEST
from biobank_desktop.gui.desk import EVERYTHING
from biobank_desktop.gui.scan_lines import Line
from biobank_desktop.gui.settings.backup import BackupPart
from biobank_desktop.gui.settings.bench import BenchPart
from biobank_desktop.gui.settings.database import DatabasePart
from biobank_desktop.gui.settings.forms import FormsPart
from biobank_desktop.gui.settings.people import PeoplePart
from biobank_desktop.gui.settings.printers import PrintersPart
from biobank_desktop.gui.settings.rules import RulesPart
from biobank_desktop.gui.settings.scanner import ScannerPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.persistence.backups import listed
from biobank_desktop.persistence.queries import forms, lab, people, printers
from biobank_desktop.services.forms import shipped_forms
from biobank_desktop.services.lab import set_setting
from biobank_desktop.services.papers import LetterSettings, letter_settings
from biobank_desktop.services.people import prove
from biobank_desktop.services.reference import reference
from biobank_desktop.services.rules import rule_book
from tests.support.databases import ANNA, BO, CAS, PASSWORD
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.settings.part import Part
    from biobank_desktop.persistence.queries.people import PersonRow
    from biobank_desktop.persistence.store import Store


PartKind = TypeVar("PartKind", bound="Part")


SCREEN = ("settings", SettingsScreen)


def part(desk: Desk, kind: type[PartKind], section: str, actor: Actor | None = None) -> PartKind:
    """A part of the settings as somebody sees it."""
    assert desk.session is not None
    if actor is not None:
        desk.session.actor = actor
    desk.frame.show_screen("settings", section=section)
    screen = desk.frame.shown_screen()
    assert isinstance(screen, SettingsScreen)
    assert isinstance(screen.part, kind)
    return screen.part


def press_enter(desk: Desk) -> None:
    screen = desk.frame.shown_screen()
    assert screen is not None
    assert screen.press_primary()


def press(desk: Desk, key: Qt.Key) -> None:
    screen = desk.frame.shown_screen()
    assert screen is not None
    QTest.keyClick(screen, key)


def fill(field: FieldBox, text: str) -> None:
    field.editor.clear()
    QTest.keyClicks(field.editor, text)


def person(store: Store, login: str) -> PersonRow:
    with store.read() as connection:
        row = people.person(connection, login)
    assert row is not None
    return row


def setting(store: Store, key: str) -> object:
    with store.read() as connection:
        return lab.setting(connection, key)


def kept(tmp_path: Path) -> str:
    return (tmp_path / "state" / "settings.toml").read_text("utf-8")


def test_each_part_has_its_digit(desk: Desk) -> None:
    desk.frame.show_screen("settings")
    screen = desk.frame.shown_screen()
    assert isinstance(screen, SettingsScreen)
    for key, section in zip("1234567890", screen.parts, strict=True):
        QTest.keyClicks(screen, key)
        assert screen.section == section
        assert screen.part.isVisible()


def test_consent_forms_are_registered_from_a_file_and_end(
    desk: Desk, sqlite_store: Store, qtbot: QtBot, tmp_path: Path
) -> None:
    shown = part(desk, FormsPart, "forms", CAS)
    shown.shipped.click()
    qtbot.waitUntil(lambda: len(shown.rows) == len(shipped_forms()))
    with sqlite_store.read() as connection:
        assert set(forms.versions(connection)) == {one.id for one in shipped_forms()}
    shown.take_file(resources.folder("forms") / "alltogether1.toml")
    qtbot.waitUntil(lambda: "All of them were registered before." in desk.frame.notices.texts())
    broken = tmp_path / "broken.toml"
    broken.write_text("[[version]]\nid = 7", "utf-8")
    shown.take_file(broken)
    qtbot.waitUntil(
        lambda: any("form-entry-wrong" in one.text() for one in shown.problems.findChildren(QLabel))
    )
    shown.take_file(tmp_path / "none.toml")
    qtbot.waitUntil(
        lambda: any("input-not-readable" in one.text() for one in shown.problems.findChildren(QLabel))
    )
    shown.begin_change()
    press_enter(desk)
    assert shown.card.last_day.problem_text() == "problem.answer-missing"
    fill(shown.card.last_day, "1-1-2020")
    press_enter(desk)
    qtbot.waitUntil(lambda: shown.card.last_day.problem_text() == "problem.form-ends-in-the-past")
    fill(shown.card.last_day, "31-12-2099")
    press_enter(desk)
    qtbot.waitUntil(shown.card.isHidden)
    qtbot.waitUntil(lambda: date(2099, 12, 31) in {row.valid_to for row in shown.rows})


def test_the_letterhead_is_kept_language_by_language(desk: Desk, sqlite_store: Store, qtbot: QtBot) -> None:
    shown = part(desk, FormsPart, "forms", CAS)
    press(desk, Qt.Key.Key_L)
    qtbot.waitUntil(shown.letterhead.isVisible)
    shown.letterhead.language.set_value("nl")
    shown.letterhead.language.chosen.emit("nl")
    fill(shown.letterhead.lab, "Biobank Utrecht")
    fill(shown.letterhead.contact[0], "Noor de Wit")
    fill(shown.letterhead.contact[2], "x" * 91)
    press_enter(desk)
    qtbot.waitUntil(lambda: shown.letterhead.contact[2].problem_text() == "problem.text-too-long")
    fill(shown.letterhead.contact[2], "088 972 7272")
    press_enter(desk)
    qtbot.waitUntil(shown.letterhead.isHidden)
    with sqlite_store.read() as connection:
        kept = letter_settings(connection, "nl")
        assert letter_settings(connection, "en") == LetterSettings()
    assert kept == LetterSettings("Biobank Utrecht", "", ("Noor de Wit", "088 972 7272"), ())
    press(desk, Qt.Key.Key_L)
    qtbot.waitUntil(shown.letterhead.isVisible)
    assert shown.letterhead.lab.text() == ""
    shown.letterhead.language.chosen.emit("nl")
    assert shown.letterhead.contact[1].text() == "088 972 7272"


def test_a_technician_is_not_offered_to_change_forms(desk: Desk) -> None:
    shown = part(desk, FormsPart, "forms", BO)
    assert not any(button.isVisible() for button in (shown.shipped, shown.file, shown.end, shown.letters))


def test_rules_are_entered_beginning_with_those_that_count(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    shown = part(desk, RulesPart, "rules", CAS)
    qtbot.waitUntil(lambda: shown.book is not None)
    assert shown.facts.facts()["Below 16, of the parents"] == "parents-all"
    press(desk, Qt.Key.Key_N)
    qtbot.waitUntil(shown.card.isVisible)
    assert shown.card.ages.policies[16].value() == "hold"
    assert shown.card.ages.grace[16].text() == "183"
    shown.card.ages.grace[16].set_text("half a year")
    shown.card.ages.policies[12].set_text("forgive")
    shown.card.deadline.set_text("36501")
    press_enter(desk)
    said = {
        field.name: field.problem_text()
        for field in shown.card.findChildren(FieldBox)
        if field.problem_text()
    }
    missing = dict.fromkeys(("version", "valid_from", "approved_by", "why"), "problem.answer-missing")
    assert said == missing | {
        "age.12.policy": "problem.answer-unreadable",
        "age.16.grace_days": "problem.not-a-whole-number",
        "deadline_days": "problem.days-outside",
    }
    fill(shown.card.version, "nl-1")
    fill(shown.card.valid_from, "1-1-2020")
    fill(shown.card.approved_by, "METC")
    fill(shown.card.why, "a shorter grace")
    shown.card.ages.policies[12].set_value("inform")
    shown.card.ages.grace[16].set_text("30")
    shown.card.deadline.set_text("56")
    shown.card.parents.set_value("parents-one")
    press_enter(desk)
    qtbot.waitUntil(lambda: shown.card.version.problem_text() == "problem.rules-version-taken")
    assert shown.card.valid_from.problem_text() == "problem.rules-begin-in-the-past"
    fill(shown.card.version, "nl-2")
    fill(shown.card.valid_from, "1-1-2099")
    press_enter(desk)
    qtbot.waitUntil(shown.card.isHidden)
    with sqlite_store.read() as connection:
        entered = rule_book(connection).sets[1]
    shipped = reference().consent_rules
    assert entered.rules == replace(
        shipped,
        version="nl-2",
        deadline_days=56,
        parents="one",
        ages={12: AgePolicy("inform", 0), 16: AgePolicy("hold", 30), 18: shipped.ages[18]},
    )
    assert (entered.valid_from, entered.approved_by, entered.why) == (
        *(date(2099, 1, 1), "METC"),
        "a shorter grace",
    )
    qtbot.waitUntil(lambda: shown.facts.facts()["Below 16, of the parents"] == "parents-one")


def test_rules_from_a_file_bring_their_purposes(
    desk: Desk, sqlite_store: Store, qtbot: QtBot, tmp_path: Path
) -> None:
    shown = part(desk, RulesPart, "rules", CAS)
    qtbot.waitUntil(lambda: shown.book is not None)
    file = tmp_path / "rules.toml"
    text = (resources.folder("consent") / "rules-nl-1.toml").read_text("utf-8")
    file.write_text(
        text.replace('"nl-1"', '"nl-3"').replace('"STORE", "GENETIC"', '"STORE", "DATA"'), "utf-8"
    )
    shown.take_file(str(file))
    qtbot.waitUntil(shown.card.isVisible)
    assert shown.card.version.text() == "nl-3"
    fill(shown.card.valid_from, "1-1-2099")
    fill(shown.card.approved_by, "METC")
    fill(shown.card.why, "other purposes")
    press_enter(desk)
    qtbot.waitUntil(shown.card.isHidden)
    with sqlite_store.read() as connection:
        entered = rule_book(connection).sets[1].rules
    assert entered.purposes["use-genetic"].items == ("STORE", "DATA")
    file.write_text("version = 7", "utf-8")
    shown.take_file(str(file))
    qtbot.waitUntil(
        lambda: any("rules-entry-wrong" in one.text() for one in shown.problems.findChildren(QLabel))
    )
    assert shown.card.isHidden()


def test_a_technician_reads_the_rules_and_changes_none(desk: Desk, qtbot: QtBot) -> None:
    shown = part(desk, RulesPart, "rules", BO)
    qtbot.waitUntil(lambda: shown.book is not None)
    assert not shown.new.isVisible()
    press(desk, Qt.Key.Key_N)
    press(desk, Qt.Key.Key_C)
    assert shown.card.isHidden()


def test_the_open_database_and_another_one_for_the_next_start(
    desk: Desk, sqlite_store: Store, tmp_path: Path
) -> None:
    shown = part(desk, DatabasePart, "database")
    assert desk.session is not None
    assert shown.facts.facts()["Identity"] == desk.session.uuid
    assert shown.facts.facts()["Program"].startswith("SQLite 3.")
    other = str(tmp_path / "other.sqlite")
    fill(shown.address, other)
    press_enter(desk)
    assert shown.where.facts()["From the next start"] == other
    assert f'database = "{other}"' in kept(tmp_path)
    assert desk.session.settings.database != other


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "problem.answer-missing"),
        ("biobank.sqlite", "problem.folder-not-absolute"),
        ("postgresql://nobody@127.0.0.1:1/none", "problem.database-unreachable"),
    ],
)
def test_a_database_that_cannot_be_is_refused_beside_its_field(desk: Desk, typed: str, problem: str) -> None:
    shown = part(desk, DatabasePart, "database")
    fill(shown.address, typed)
    press_enter(desk)
    assert shown.address.problem_text() == problem
    assert shown.address.text() == typed


def test_an_administrator_adds_a_person_who_can_then_sign_in(desk: Desk, sqlite_store: Store) -> None:
    shown = part(desk, PeoplePart, "people", ANNA)
    press(desk, Qt.Key.Key_N)
    form = shown.new_form
    fill(form.login, "Eva")
    form.role.row.take_letter("M")
    press_enter(desk)
    assert form.name.problem_text() == "problem.name-missing"
    assert form.login.problem_text() == "problem.login-form"
    assert form.password.problem_text() == "problem.password-short"
    fill(form.name, "Eva Smit")
    fill(form.login, "eva")
    fill(form.password, "a long one")
    press_enter(desk)
    assert person(sqlite_store, "eva").role == "manager"
    assert prove(sqlite_store, "eva", "a long one", "bench-1").name == "Eva Smit"
    assert form.isHidden()
    assert form.password.editor.text() == ""
    assert "eva" in [row.login for row in shown.rows]


def test_a_person_is_changed_with_a_reason_and_the_last_administrator_stays(
    desk: Desk, sqlite_store: Store
) -> None:
    shown = part(desk, PeoplePart, "people", ANNA)
    shown.table.selectRow([row.login for row in shown.rows].index("bo"))
    press(desk, Qt.Key.Key_C)
    shown.change_form.active.row.take_letter("N")
    press_enter(desk)
    assert shown.change_form.why.problem_text() == "problem.reason-missing"
    fill(shown.change_form.why, "Left the lab")
    press_enter(desk)
    assert not person(sqlite_store, "bo").active
    shown.table.selectRow([row.login for row in shown.rows].index("anna"))
    press(desk, Qt.Key.Key_C)
    shown.change_form.role.row.take_letter("T")
    fill(shown.change_form.why, "No more")
    press_enter(desk)
    assert shown.change_form.role.problem_text() == "problem.last-administrator"
    assert person(sqlite_store, "anna").role == "administrator"


def test_a_technician_sets_the_own_password_and_nothing_else(desk: Desk, sqlite_store: Store) -> None:
    shown = part(desk, PeoplePart, "people")
    assert not shown.add_person.isVisible()
    press(desk, Qt.Key.Key_N)
    assert shown.primary() is None
    press(desk, Qt.Key.Key_O)
    fill(shown.password_form.password, "another one")
    fill(shown.password_form.again, "another on")
    press_enter(desk)
    assert shown.password_form.again.problem_text() == "problem.passwords-differ"
    fill(shown.password_form.again, "another one")
    press_enter(desk)
    assert prove(sqlite_store, "bo", "another one", "bench-1").login == "bo"


def test_a_manager_sets_up_a_printer_and_this_bench_uses_it(
    desk: Desk, sqlite_store: Store, tmp_path: Path
) -> None:
    shown = part(desk, PrintersPart, "printers", CAS)
    press(desk, Qt.Key.Key_N)
    card = shown.card
    fill(card.dpi, "30")
    card.way.row.take_letter("C")
    press_enter(desk)
    assert card.name.problem_text() == "problem.name-missing"
    assert card.dpi.problem_text() == "problem.dpi-implausible"
    assert card.template.problem_text() == "problem.not-a-choice"
    assert card.system.problem_text() == "problem.printer-queue-missing"
    fill(card.name, "Zebra bench 2")
    fill(card.dpi, "300")
    card.template.set_value("vial-33x13")
    card.system.set_text("ZD421")
    press_enter(desk)
    with sqlite_store.read() as connection:
        (row,) = printers.printers(connection)
    assert (row.name, row.way, row.options) == ("Zebra bench 2", "system", {"queue": "ZD421"})
    shown.table.selectRow(1)
    press(desk, Qt.Key.Key_U)
    assert 'printer = "Zebra bench 2"' in kept(tmp_path)
    press(desk, Qt.Key.Key_X)
    with sqlite_store.read() as connection:
        assert printers.printers(connection) == []


def test_a_backup_is_made_verified_and_listed(desk: Desk, sqlite_store: Store, tmp_path: Path) -> None:
    add_donor(sqlite_store, ANNA)
    shown = part(desk, BackupPart, "backup", CAS)
    assert shown.facts.facts()["Newest verified backup"] == "None yet"
    press_enter(desk)
    found = listed(tmp_path / "backup")
    assert [one.sort for one in found] == ["zip", "sqlite"]
    assert [one.path for one in shown.rows] == [one.path for one in found]
    fill(shown.folder, "relative/folder")
    shown.use_folder.click()
    assert shown.folder.problem_text() == "problem.folder-not-absolute"
    fill(shown.folder, str(tmp_path / "elsewhere"))
    shown.use_folder.click()
    assert desk.session is not None
    assert desk.session.settings.backup_folder == tmp_path / "elsewhere"
    assert shown.rows == []


def test_a_technician_cannot_back_up(desk: Desk) -> None:
    assert not part(desk, BackupPart, "backup").make.isEnabled()


def test_the_bench_keeps_its_name_lock_and_senses(desk: Desk, tmp_path: Path, heard: list[str]) -> None:
    shown = part(desk, BenchPart, "bench")
    fill(shown.name, "")
    fill(shown.lock, "45")
    press_enter(desk)
    assert shown.name.problem_text() == "problem.answer-missing"
    assert shown.lock.problem_text() == "problem.lock-minutes"
    fill(shown.name, "flow cabinet 3")
    fill(shown.lock, "10")
    press_enter(desk)
    heard.clear()
    shown.sounds.row.take_letter("7")
    assert heard == ["accepted-40"]
    shown.language.row.take_letter("N")
    text = kept(tmp_path)
    for line in (
        'bench = "flow cabinet 3"',
        "lock_after_minutes = 10",
        "volume_percent = 40",
        'language = "nl"',
    ):
        assert line in text


def test_a_scan_is_shown_and_does_nothing(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    shown = part(desk, ScannerPart, "scanner")
    desk.frame.bus.hear(Line(f"]d1{code}"))
    assert desk.frame.screen_name() == "settings"
    assert shown.code.code == code
    facts = shown.facts.facts()
    assert (facts["What it is"], facts["Symbol"], facts["How it came"]) == (
        "Donor of this lab",
        "]d1",
        "over the serial line",
    )


def type_as_scanner(desk: Desk, text: str, gap_ms: int, end: str = "\r") -> None:
    """What a scanner types into the window, key by key."""
    at_ms = 1_000_000
    for letter in text + end:
        at_ms += gap_ms
        key = Qt.Key.Key_Return if letter == "\r" else Qt.Key(ord(letter.upper()))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter)
            event.setTimestamp(at_ms)
            QCoreApplication.sendEvent(desk.frame.windowHandle(), event)


@pytest.mark.parametrize(
    ("sent", "gap_ms", "end", "meaning", "said"),
    [
        (TEST, 12, "\r", "permitted", "All is right"),
        (TEST, 12, "", "refused", "It sends no Enter"),
        (TEST, 120, "\r", "refused", "It is slow, 120 ms"),
        (TEST.replace("Y", "z").replace("Z", "Y").upper(), 12, "\r", "refused", "QWERTZ"),
        (TEST.lower(), 90, "", "refused", "Caps Lock"),
        (TEST[4:], 12, "\r", "refused", "were lost"),
        ("PM26NOSUCH", 12, "\r", "provisional", "no code of this lab"),
    ],
)
def test_the_trial_says_who_is_wrong(
    desk: Desk, qtbot: QtBot, sent: str, gap_ms: int, end: str, meaning: str, said: str
) -> None:
    shown = part(desk, ScannerPart, "scanner")
    desk.frame.show()
    qtbot.waitUntil(lambda: desk.frame.windowHandle() is not None and shown.isVisible())
    shown.setFocus()
    type_as_scanner(desk, sent, gap_ms, end)
    qtbot.waitUntil(lambda: shown.code.code == sent[:40])
    assert shown.verdict.property("role") == f"tone-{meaning}"
    assert said in shown.verdict.accessibleName()
    assert not desk.frame.notices.stopped
    assert shown.serial.isHidden()  # no letter of it reached the screen


def test_elsewhere_a_slow_scanner_is_not_waited_for(desk: Desk) -> None:
    part(desk, ScannerPart, "scanner")
    assert desk.frame.bus.on_trial
    desk.frame.show_screen("today")
    assert not desk.frame.bus.on_trial


def test_the_port_of_a_serial_scanner_is_kept_for_this_bench(desk: Desk) -> None:
    shown = part(desk, ScannerPart, "scanner")
    press(desk, Qt.Key.Key_S)
    fill(shown.serial.port, "/dev/no-such-scanner")
    fill(shown.serial.speed, "9601")
    press_enter(desk)
    assert shown.serial.speed.problem_text() == "problem.scanner-speed"
    assert desk.session is not None
    assert desk.session.settings.scanner_port == ""
    fill(shown.serial.speed, "115200")
    press_enter(desk)
    assert shown.serial.isHidden()
    kept = desk.session.settings
    assert (kept.scanner_port, kept.scanner_speed) == ("/dev/no-such-scanner", 115200)
    assert 'scanner_port = "/dev/no-such-scanner"' in kept.file.read_text()
    desk.scanner.close()


def test_the_page_for_setting_up_has_the_test_symbol(desk: Desk) -> None:
    part(desk, ScannerPart, "scanner")
    press(desk, Qt.Key.Key_P)
    assert desk.session is not None
    with pypdfium2.PdfDocument(desk.session.settings.data_folder / "papers" / "scanner.pdf") as paper:
        assert len(paper) == 1
        page = paper[0].render(scale=300 / 72).to_pil().convert("L")
    found = zxingcpp.read_barcodes(page, formats=[zxingcpp.BarcodeFormat.DataMatrix])  # type: ignore[arg-type]
    assert [one.text for one in found] == [TEST]


def test_foreign_codes_are_read_as_soon_as_they_are_kept(desk: Desk, sqlite_store: Store) -> None:
    shown = part(desk, ScannerPart, "scanner", CAS)
    name, expression = shown.rows[0]
    fill(name, "Diagnostics")
    press_enter(desk)
    assert expression.problem_text() == "problem.answer-missing"
    fill(expression, "HX[")
    press_enter(desk)
    assert expression.problem_text() == "problem.expression-unreadable"
    fill(expression, "HX[0-9]{8}")
    press_enter(desk)
    assert setting(sqlite_store, "patterns") == [{"name": "Diagnostics", "expression": "HX[0-9]{8}"}]
    desk.frame.bus.take("HX26110042")
    assert shown.facts.facts()["What it is"] == "Foreign code: Diagnostics"


def test_half_typed_codes_of_others_stay_when_another_bench_stores_something(
    desk: Desk, sqlite_store: Store
) -> None:
    shown = part(desk, ScannerPart, "scanner", CAS)
    name, expression = shown.rows[0]
    fill(name, "Diagnostics")
    add_donor(sqlite_store, ANNA)
    desk.changed.emit(EVERYTHING)
    assert name.text() == "Diagnostics"
    set_setting(sqlite_store, CAS, "patterns", [{"name": "Maker", "expression": "MX[0-9]{8}"}])
    desk.changed.emit(EVERYTHING)
    assert (name.text(), expression.text()) == ("Maker", "MX[0-9]{8}")


def test_another_person_sees_no_form_and_no_password_of_the_one_before(desk: Desk) -> None:
    shown = part(desk, PeoplePart, "people", ANNA)
    press(desk, Qt.Key.Key_N)
    fill(shown.new_form.password, PASSWORD)
    desk.frame.show_screen("today")
    again = part(desk, PeoplePart, "people", CAS)
    assert again.primary() is None
    assert again.new_form.password.editor.text() == ""
