from __future__ import annotations

from datetime import date
from functools import partial
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QWidget

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import turns
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.theme import TARGET_PX
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.dates import parse_day
from biobank_desktop.gui.widgets.scrolling import area_of
from biobank_desktop.persistence.queries import donors
from biobank_desktop.services import forms
from biobank_desktop.services.consent import ConsentForm, record_consent
from tests.support.databases import ANNA, BO
from tests.support.lab import add_donor, consent_of_both, paper_for, receive

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.persistence.queries.donors import ConsentLineRow, DonorRow
    from biobank_desktop.persistence.store import Store

TODAY = date(2026, 11, 22)


SCREEN = ("donors", DonorsScreen)


def shown(desk: Desk, code: str | None = None) -> DonorsScreen:
    """The screen, at the list or at a donor."""
    desk.frame.show_screen("donors", **({"donor": codes.number(code)} if code else {}))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    return screen


def type_into(field: FieldBox, text: str) -> None:
    field.setFocus()
    field.editor.clear()
    QTest.keyClicks(field.editor, text)


def press(widget: QWidget, keys: str) -> None:
    """Keys where the keyboard is: what no field uses reaches the screen."""
    for key in keys:
        focused: QWidget | None = widget.focusWidget()
        QTest.keyClicks(widget if focused is None else focused, key)


def words(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.text()]


def donor(store: Store, code: str) -> DonorRow:
    with store.read() as connection:
        row = donors.donor(connection, codes.number(code))
    assert row is not None
    return row


def lines(store: Store, code: str) -> list[ConsentLineRow]:
    with store.read() as connection:
        return donors.lines(connection, codes.number(code))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("22-11", TODAY),
        ("23/11", date(2025, 11, 23)),
        ("4 mrt 2018", date(2018, 3, 4)),
        ("040518", date(2018, 5, 4)),
        ("04051998", date(1998, 5, 4)),
        ("4-5-27", date(1927, 5, 4)),
        ("2018-05-04", date(2018, 5, 4)),
        ("31-2", None),
        ("tomorrow", None),
    ],
)
def test_days_are_read_as_people_type_them(typed: str, day: date | None) -> None:
    assert parse_day(typed, TODAY) == day


def test_a_day_long_ago_needs_its_year() -> None:
    assert parse_day("4-5", TODAY, with_year=True) is None
    assert parse_day("4-5-18", TODAY, with_year=True) == date(2018, 5, 4)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("4-5-36", date(2036, 5, 4)),
        ("040599", date(2099, 5, 4)),
        ("4-5-1936", date(1936, 5, 4)),
        ("4-5", None),
    ],
)
def test_a_day_to_come_lies_in_this_century(typed: str, day: date | None) -> None:
    assert parse_day(typed, TODAY, with_year=True, to_come=True) == day


def test_a_donor_is_registered_by_letters_and_digits_only(desk: Desk, sqlite_store: Store) -> None:
    screen = shown(desk)
    press(screen, "NFP")
    form = screen.registration
    QTest.keyClicks(form.born_on.editor, "04-05-2013")
    type_into(form.day1_on, "")
    press(screen, "U")
    type_into(form.lab_numbers.rows[0][0], "PMC")
    type_into(form.lab_numbers.rows[0][1], "M26-1")
    QTest.keyClick(form.lab_numbers.rows[0][1].editor, Qt.Key.Key_Return)
    assert desk.frame.screen_name() == "donors"
    code = screen.record.code.code
    row = donor(sqlite_store, code)
    assert (row.sex, row.role, row.day1_on) == ("female", "patient", None)
    assert row.turns_12_on == turns(date(2013, 5, 4), 12)
    assert "M26-1 (PMC)" in screen.record.facts.facts().values()


def test_everything_wrong_with_a_registration_stands_beside_its_field(desk: Desk) -> None:
    screen = shown(desk)
    screen.begin_registration()
    type_into(screen.registration.lab_numbers.rows[0][0], "PMC")
    screen.press_primary()
    form = screen.registration
    assert {form.sex.problem_text(), form.role.problem_text(), form.born_on.problem_text()} == {
        "problem.answer-missing"
    }
    assert form.day1_on.problem_text() == "problem.answer-missing"
    assert "problem.lab-number-incomplete" in words(form.lab_numbers)
    assert form.lab_numbers.rows[0][0].text() == "PMC"


def test_a_date_of_birth_is_nowhere_once_it_was_used_or_left(
    desk: Desk, sqlite_store: Store, tmp_path: Path
) -> None:
    screen = shown(desk)
    screen.begin_registration()
    type_into(screen.registration.born_on, "04-05-2013")
    desk.frame.show_screen("today")
    screen = shown(desk)
    assert screen.registration.born_on.text() == ""
    code = add_donor(sqlite_store, BO, born_on=date(2013, 5, 4))
    screen = shown(desk, code)
    said = words(screen) + [field.text() for field in screen.findChildren(QLineEdit)]
    assert not [text for text in said if "2013" in text or "4 May" in text]
    assert not list((tmp_path / "drafts").glob("*"))


def test_a_consent_line_is_entered_by_letters(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    screen = shown(desk, code)
    press(screen, "CGM")
    form = screen.consent
    assert form.paper.editor.hasFocus()
    QTest.keyClicks(form.paper.editor, "A2G-NL")
    type_into(form.version, "3.1")
    type_into(form.signed_on, "2-11-2026")
    type_into(form.received_on, "3-11-2026")
    form.answers.setFocus()
    press(screen, "YNQEA")
    screen.press_primary()
    (line,) = lines(sqlite_store, code)
    assert (line.kind, line.signatory, line.sole_authority) == ("given", "mother", True)
    assert (line.form, line.form_version) == ("A2G-NL", "3.1")
    asked = form.answers.items[:4]
    assert line.answers == dict(zip(asked, ("yes", "no", "not-asked", "not-answered"), strict=True))
    assert screen.pages.shown() is screen.record
    assert "Mother, with sole authority: given" in words(screen.record)


def test_a_registered_form_asks_its_own_questions_in_its_own_words(desk: Desk, sqlite_store: Store) -> None:
    paper = paper_for("parents")
    child = paper_for("12-15")
    forms.enter_forms(sqlite_store, ANNA, [paper, child])
    code = add_donor(sqlite_store, ANNA)
    screen = shown(desk, code)
    press(screen, "CGM")
    form = screen.consent
    assert [choice.value for choice in form.registered.row.choices] == [paper.id, "another"]
    press(screen, "1")
    assert form.signed_on.editor.hasFocus()
    assert form.answers.items == [item.code for item in paper.items]
    assert paper.items[0].wording in words(form.answers)
    assert form.signing.authority.value() == "parental"
    assert form.paper.isHidden()
    type_into(form.signed_on, "2-11-2026")
    type_into(form.received_on, "3-11-2026")
    form.answers.setFocus()
    press(screen, "YNE")
    type_into(form.signing.pages, "x")
    screen.press_primary()
    assert form.signing.pages.problem_text() == "problem.not-a-whole-number"
    type_into(form.signing.pages, "4")
    type_into(form.signing.obtained_by, "M. Kok")
    screen.press_primary()
    assert lines(sqlite_store, code) == []  # four items are left out
    for item in form.answers.items[3:]:
        form.answers.rows[item].set_value("yes")
    screen.press_primary()
    (line,) = lines(sqlite_store, code)
    assert (line.paper, line.form, line.form_version) == (paper, paper.form, paper.version)
    assert (line.authority, line.obtained_by, line.pages) == ("parental", "M. Kok", 4)
    assert [line.answers[item.code] for item in paper.items[:4]] == ["yes", "no", "not-answered", "yes"]
    assert "Not compared with the form by a second person yet" in words(screen.record.lines)


def test_the_scan_of_a_form_is_known_by_its_digest(
    desk: Desk, sqlite_store: Store, qtbot: QtBot, tmp_path: Path
) -> None:
    screen = shown(desk, add_donor(sqlite_store, ANNA))
    screen.begin_consent()
    card, scan = screen.consent.signing, tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 a signed form")
    card.take_scan(scan)
    digest = sha256(scan.read_bytes()).hexdigest()
    qtbot.waitUntil(lambda: card.values()["scan_sha256"] == digest)
    assert any(digest[:8] in text for text in words(card))
    card.take_scan(tmp_path / "gone.pdf")
    qtbot.waitUntil(lambda: card.values()["scan_sha256"] is None)
    assert any("input-not-readable" in text for text in words(card))


def test_a_second_person_compares_a_line_with_the_form(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, code)
    screen = shown(desk, code)
    compare = [one for one in screen.record.lines.findChildren(ActionButton) if one.text() == "Compare"]
    assert len(compare) == 2
    compare[0].click()
    assert screen.record.open_correction() is screen.record.check
    screen.press_primary()
    assert screen.record.check.agrees.problem_text() == "problem.answer-missing"
    screen.record.check.agrees.set_value(False)
    screen.press_primary()
    assert screen.record.check.note.problem_text() == "problem.reason-missing"
    type_into(screen.record.check.note, "the father signed")
    screen.press_primary()
    assert screen.record.check.isHidden()
    assert any("the father signed" in text for text in words(screen.record.lines))
    screen.record.lines.check_wanted.emit(2)
    screen.record.check.agrees.set_value(True)
    screen.press_primary()
    assert any("it says the same" in text for text in words(screen.record.lines))
    left = {one.accessibleName() for one in screen.record.lines.findChildren(ActionButton)}
    assert "Compare line 1 with the form" in left


def test_papers_are_written_and_a_letter_that_goes_out_is_recorded(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    code = add_donor(sqlite_store, ANNA, born_on=date(2011, 1, 5))
    consent_of_both(sqlite_store, ANNA, code)
    screen = shown(desk, code)
    assert desk.session is not None
    folder = desk.session.settings.data_folder / "papers"
    press(screen, "P")
    form = screen.record.papers
    assert screen.record.open_correction() is form
    screen.press_primary()
    assert form.kind.problem_text() == "problem.answer-missing"
    for kind in ("chain", "family"):
        form.kind.set_value(kind)
        form._follow()
        assert form.spoken.isHidden()
        screen.press_primary()
        qtbot.waitUntil(form.isHidden)
        screen.record.begin_papers()
    form.kind.set_value("letter-16")
    form._follow()
    screen.press_primary()
    assert form.sent.problem_text() == "problem.answer-missing"
    form.sent.set_value(False)
    screen.press_primary()
    qtbot.waitUntil(form.isHidden)
    assert len(lines(sqlite_store, code)) == 2
    screen.record.begin_papers()
    form.kind.set_value("letter-16")
    form.sent.set_value(True)
    screen.press_primary()
    qtbot.waitUntil(form.isHidden)
    assert lines(sqlite_store, code)[-1].kind == "recontact-sent"
    made = sorted(path.name for path in folder.iterdir())
    assert all(path.read_bytes().startswith(b"%PDF-") for path in folder.iterdir())
    assert {name.split("-", 1)[1].rsplit("-", 2)[0] for name in made} == {
        "chain",
        "chain-family",
        f"letter-16-{language.chosen()}",
    }
    gone = ConsentForm(code, "deceased", "mother", date(2026, 11, 4), date(2026, 11, 5))
    record_consent(sqlite_store, ANNA, gone)
    screen.record.begin_papers()
    form.kind.set_value("letter-16")
    form.sent.set_value(True)
    before = len(lines(sqlite_store, code))
    screen.press_primary()
    qtbot.waitUntil(form.primary.isEnabled)
    assert not form.isHidden()
    assert len(lines(sqlite_store, code)) == before


def test_nobody_is_offered_to_compare_what_they_entered(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, BO, code)
    screen = shown(desk, code)
    assert not [one for one in screen.record.lines.findChildren(ActionButton) if one.text() == "Compare"]


def test_a_withdrawal_asks_how_far_it_goes_and_no_answers(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    screen = shown(desk, code)
    press(screen, "CW")
    form = screen.consent
    assert form.level.isVisible()
    assert not form.answers.isVisible()
    screen.press_primary()
    assert form.signatory.problem_text() == "problem.answer-missing"
    press(screen, "2")
    press(screen, "F")
    type_into(form.signed_on, "4-11-2026")
    type_into(form.received_on, "3-11-2026")
    screen.press_primary()
    assert form.signed_on.problem_text() == "problem.signed-after-received"
    assert lines(sqlite_store, code) == []
    type_into(form.signed_on, "3-11-2026")
    screen.press_primary()
    (line,) = lines(sqlite_store, code)
    assert (line.kind, line.level, line.answers) == ("withdrawn", "W2", {})


def test_a_line_is_struck_out_with_a_reason_and_the_verdict_follows(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, code)
    refused = ConsentForm(code, "refused", "father", date(2026, 11, 4), date(2026, 11, 5))
    record_consent(sqlite_store, ANNA, refused)
    screen = shown(desk, code)
    assert screen.record.panel.card.property("role") == "tone-refused"
    screen.record.lines.strike_wanted.emit(3)
    screen.press_primary()
    assert screen.record.strike.why.problem_text() == "problem.reason-missing"
    type_into(screen.record.strike.why, "Form of another child")
    screen.press_primary()
    assert lines(sqlite_store, code)[-1].corrects == 3
    assert screen.record.panel.card.property("role") == "tone-permitted"
    assert any("Form of another child" in text for text in words(screen.record.lines))


def test_another_day_1_needs_a_reason_and_is_seen_at_once(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA, day1_on=date(2026, 11, 3))
    screen = shown(desk, code)
    press(screen, "D")
    type_into(screen.record.day1.day, "4-11-2026")
    screen.press_primary()
    assert screen.record.day1.why.problem_text() == "problem.reason-missing"
    type_into(screen.record.day1.why, "Start was moved")
    screen.press_primary()
    assert donor(sqlite_store, code).day1_on == date(2026, 11, 4)
    assert "4 Nov 2026" in screen.record.facts.facts().values()
    assert screen.record.day1.isHidden()


def test_donors_are_found_by_code_and_laboratory_number(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    first = add_donor(sqlite_store, ANNA, lab_numbers=(("PMC", "M26-77"),))
    add_donor(sqlite_store, ANNA)
    screen = shown(desk)
    table = screen.listing.table
    assert table.rows.rowCount() == 2
    for typed in ("M26-7", first[:7]):
        screen.listing.search.set_text(typed)
        screen.listing.refresh()
        assert table.rows.id_at(0) == codes.number(first)
    screen.listing.search.set_text("M27")
    screen.listing.refresh()
    assert table.rows.rowCount() == 0
    assert not table.isVisible()


def test_the_record_shows_what_arrives_meanwhile(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, code)
    screen = shown(desk, code)
    before = screen.record.timeline.count()
    tube = receive(sqlite_store, BO, code)
    desk.changed.emit(frozenset({"samples"}))
    assert screen.record.timeline.count() == before + 1
    assert any(tube.tube in (tree.accessibleDescription() or "") for tree in _trees(screen))


def _trees(screen: DonorsScreen) -> list[QWidget]:
    return [child for child in screen.record.samples.findChildren(QWidget) if child.accessibleDescription()]


def test_escape_goes_from_the_form_to_the_record_to_the_list(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    shown(desk)
    screen = shown(desk, code)
    press(screen, "C")
    type_into(screen.consent.paper, "A2G")
    desk.frame.step_back()
    assert screen.pages.shown() is screen.record
    press(screen, "C")
    assert screen.consent.paper.text() == "A2G"
    desk.frame.step_back()
    desk.frame.step_back()
    assert screen.pages.shown() is screen.listing


def test_every_button_has_a_name_and_room_for_a_glove(desk: Desk, sqlite_store: Store) -> None:
    code = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, code)
    screen = shown(desk, code)
    for button in screen.findChildren(ActionButton):
        assert button.accessibleName()
        if button.isVisible():
            assert button.height() >= TARGET_PX
    assert not screen.findChildren(QPushButton)


def test_half_filled_forms_wait_for_whoever_filled_them(desk: Desk) -> None:
    screen = shown(desk)
    screen.begin_registration()
    screen.registration.sex.set_value("male")
    screen.registration.born_on.set_text("4-5-2018")
    assert desk.session is not None
    desk.session.actor = ANNA
    desk.person_changed.emit()
    assert screen.pages.shown() is screen.listing
    screen.begin_registration()
    assert screen.registration.sex.value() is None, "somebody else sees an empty form"
    desk.session.actor = BO
    desk.person_changed.emit()
    screen.begin_registration()
    assert screen.registration.sex.value() == "male"
    assert screen.registration.born_on.day() is None, "but no date of birth was kept"


def test_what_has_the_keyboard_is_seen(desk: Desk, sqlite_store: Store, qtbot: QtBot) -> None:
    """Answers go on by themselves: the next one must not lie below the window."""
    forms.enter_forms(sqlite_store, ANNA, forms.shipped_forms())
    donor = add_donor(sqlite_store, BO)
    desk.frame.resize(1366, 768)
    desk.show_record(codes.number(donor))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    qtbot.waitUntil(lambda: screen.record.shown is not None)
    screen.begin_consent()
    qtbot.waitUntil(screen.consent.registered.isVisible)
    for key in "GM1":
        QTest.keyClicks(screen, key)
    rows = list(screen.consent.answers.rows.values())
    area = area_of(rows[0])
    assert area is not None
    qtbot.waitUntil(lambda: not _is_seen(area, rows[-1]))
    for row, after in pairwise(rows):
        row.take_letter("Y")
        qtbot.waitUntil(partial(_is_seen, area, after))


def _is_seen(area: QScrollArea, widget: QWidget) -> bool:
    top = widget.mapTo(area.viewport(), QPoint(0, 0)).y()
    return top >= 0 and top + widget.height() <= area.viewport().height()


def test_another_page_begins_at_its_top_and_the_one_before_where_it_was(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    donor = add_donor(sqlite_store, BO)
    consent_of_both(sqlite_store, BO, donor)
    desk.frame.resize(1366, 768)
    desk.show_record(codes.number(donor))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    qtbot.waitUntil(lambda: screen.record.shown is not None)
    screen.record.begin_papers()
    screen.record.close_corrections()
    area = area_of(screen)
    assert area is not None
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 200)
    bar.setValue(150)
    screen.begin_consent()
    qtbot.waitUntil(lambda: bar.value() == 0)
    screen.step_back()
    qtbot.waitUntil(lambda: bar.value() == 150)
