"""What if at the window: every sort of question, what is wrong with one, the answer and its donors."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from biobank_desktop.cli.main import main
from biobank_desktop.domain import codes
from biobank_desktop.domain.consent_forms import FormItem, FormVersion
from biobank_desktop.domain.consent_rules import AgePolicy
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.scans import Scan, ScanKind
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.persistence.steps import complete
from biobank_desktop.resources import folder
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.forms import enter_forms
from biobank_desktop.services.reference import reference
from biobank_desktop.services.what_if import STEP_DONORS, Question, what_if
from tests.support.databases import ANNA, BO, PASSWORD, open_store
from tests.support.lab import add_donor, fill_all, paper_for, receive
from tests.support.stored import all_rows
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.what_if import WhatIfPage
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases

SCREEN = ("donors", DonorsScreen)
RULES = reference().consent_rules
SHIPPED = folder("consent") / "rules-nl-1.toml"
PARENTS = paper_for("parents")
LESS = FormVersion(
    *("parents-9", "Parents", "9", "nl", "parents", "METC", None, date(2040, 1, 1), None),
    (FormItem("STORE", "Store"),),
)
FAR = date(2036, 6, 1)


class Donors(NamedTuple):
    """A boy of eight with six filled vials, a girl of 13 whose parents agreed, somebody nobody has asked."""

    boy: str
    girl: str
    silent: str


def lab_of(store: Store) -> Donors:
    answers = dict.fromkeys(("STORE", "USE_A2G", "GENETIC", "RECONTACT"), "yes")
    made = [add_donor(store, ANNA, born_on=born) for born in (date(2018, 5, 4), date(2013, 2, 1))]
    for donor in made:
        for parent in ("mother", "father"):
            form = ConsentForm(donor, "given", parent, date(2025, 1, 7), date(2025, 1, 8), answers)
            record_consent(store, ANNA, replace(form, form="Parents", form_version="2.1"))
    fill_all(store, ANNA, receive(store, ANNA, made[0]))
    silent = add_donor(store, ANNA)
    receive(store, ANNA, silent, tube_code="HX26110043")
    return Donors(made[0], made[1], silent)


@pytest.fixture
def lab(sqlite_store: Store) -> Donors:
    enter_forms(sqlite_store, ANNA, (PARENTS, LESS))
    return lab_of(sqlite_store)


@pytest.fixture
def page(desk: Desk, lab: Donors) -> WhatIfPage:
    """Where the letter at the list leads to."""
    desk.frame.show_screen("donors")
    screen = shown(desk)
    QTest.keyClicks(screen, "i")
    assert screen.pages.shown() is screen.what_if
    return screen.what_if


def shown(desk: Desk) -> DonorsScreen:
    screen = desk.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    return screen


def rows(page: WhatIfPage) -> list[tuple[str, str, str, int, int]]:
    """The changes that stand in the table."""
    assert page.answer.pages.shown() is page.answer.changes
    listed = page.answer.changes._changes
    assert page.answer.changes.table.rows.rowCount() == len(listed)
    return [(one.purpose, one.before, one.after, len(one.donors), one.vials) for one in listed]


def asked(desk: Desk, question: Question) -> list[tuple[str, str, str, int, int]]:
    """What the service says to a question."""
    assert desk.session is not None
    found = complete(what_if(desk.session.store, question, datetime.now(UTC)))
    return [(one.purpose, one.before, one.after, len(one.donors), one.vials) for one in found.changes]


def problems(page: WhatIfPage) -> dict[str, str]:
    return {field.name: field.problem_text() for field in page.form.fields if field.problem_text()}


def on_another_day(page: WhatIfPage, _lab: Donors, _file: Path) -> Question:
    page.form.on.set_text("1-6-36")
    return Question(on=FAR)


def by_a_file(page: WhatIfPage, _lab: Donors, file: Path) -> Question:
    file.write_text(SHIPPED.read_text("utf-8").replace('"STORE", "GENETIC"', '"STORE", "DATA"'), "utf-8")
    page.form.rules.take_file(str(file))
    purposes = dict(RULES.purposes)
    purposes["use-genetic"] = replace(purposes["use-genetic"], items=("STORE", "DATA"))
    return Question(rules=replace(RULES, purposes=purposes))


def by_another_policy(page: WhatIfPage, _lab: Donors, _file: Path) -> Question:
    page.form.rules.policies[12].set_text("destroy")
    page.form.rules.grace[12].set_text("30")
    page.form.rules.policies[18].set_value("as-it-is")
    return Question(rules=replace(RULES, ages={**RULES.ages, 12: AgePolicy("destroy", 30)}))


def by_another_deadline(page: WhatIfPage, _lab: Donors, _file: Path) -> Question:
    day = local_day(datetime.now(UTC)) + timedelta(days=10)
    page.form.on.set_text(day.isoformat())
    page.form.rules.deadline.set_text("3")
    return Question(on=day, rules=replace(RULES, deadline_days=3))


def on_another_form(page: WhatIfPage, _lab: Donors, _file: Path) -> Question:
    page.form.signed.set_value("2.1")
    page.form.answered.set_value(LESS.id)
    return Question(forms={"2.1": LESS})


def after_a_withdrawal(page: WhatIfPage, lab: Donors, _file: Path) -> Question:
    page.form.donors.set_text(f"{codes.group(lab.boy)}, {lab.girl}")
    page.form.level.set_value("W1")
    return Question(withdrawals={lab.boy: "W1", lab.girl: "W1"})


def all_of_it(page: WhatIfPage, lab: Donors, file: Path) -> Question:
    day, rules = on_another_day(page, lab, file), by_a_file(page, lab, file)
    by_another_policy(page, lab, file)
    gone = after_a_withdrawal(page, lab, file)
    page.form.purposes.set_values(("store", "use-genetic"))
    assert rules.rules is not None
    both = replace(rules.rules, ages={**RULES.ages, 12: AgePolicy("destroy", 30)})
    return Question(both, day.on, {}, gone.withdrawals, ("store", "use-genetic"))


@pytest.mark.parametrize(
    "fill_in",
    [
        *(on_another_day, by_a_file, by_another_policy, by_another_deadline, on_another_form),
        *(after_a_withdrawal, all_of_it),
    ],
)
def test_each_sort_of_question_is_answered_as_the_service_does_and_nothing_is_written(
    desk: Desk,
    sqlite_store: Store,
    page: WhatIfPage,
    lab: Donors,
    tmp_path: Path,
    fill_in: Callable[[WhatIfPage, Donors, Path], Question],
) -> None:
    with sqlite_store.read() as connection:
        before = all_rows(connection)
    question = fill_in(page, lab, tmp_path / "other.toml")
    shown(desk).press_primary()
    assert problems(page) == {}
    expected = asked(desk, question)
    assert expected
    assert rows(page) == expected
    assert page.answer.headline.isVisible()
    with sqlite_store.read() as connection:
        assert all_rows(connection) == before


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(
    desk: Desk, page: WhatIfPage, tmp_path: Path, heard: list[str]
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('version = "x"\ndeadline_days = -1', "utf-8")
    form = page.form
    form.on.set_text("some day")
    form.rules.take_file(str(file))
    form.rules.policies[12].set_text("forgive")
    form.rules.grace[16].set_text("long")
    form.rules.grace[18].set_text("36501")
    form.signed.set_value("2.1")
    form.donors.set_text("PD26, PM26")
    typed = [field.text() for field in form.fields]
    shown(desk).press_primary()
    said = problems(page)
    assert said.pop("rules_file") == "problem.rules-file-wrong"
    assert said == {
        "on": "problem.answer-unreadable",
        "age.12.policy": "problem.answer-unreadable",
        "age.16.grace_days": "problem.not-a-whole-number",
        "age.18.grace_days": "problem.days-outside",
        "answered": "problem.answer-missing",
        "level": "problem.answer-missing",
        "donor": "problem.not-a-donor-code\nproblem.not-a-donor-code",
    }
    of_file = [label.text() for label in form.rules.of_file.list.findChildren(QLabel) if label.text()]
    assert of_file == ["problem.rules-entry-wrong"] * 11
    assert [field.text() for field in form.fields] == typed
    assert form.on.editor.selectedText() == "some day"
    assert page.answer.pages.shown() is page.answer.before
    assert heard[-1] == "warning"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "problem.answer-missing"),
        ("nowhere.toml", "problem.input-not-readable"),
        ("\0", "problem.input-not-readable"),
    ],
)
def test_a_file_that_is_not_there_is_said_beside_its_field(
    desk: Desk, page: WhatIfPage, path: str, problem: str
) -> None:
    page.form.rules.take_file(path)
    shown(desk).press_primary()
    assert problems(page) == {"rules_file": problem}
    assert page.ask.isEnabled()


def test_donors_nobody_knows_are_all_named(desk: Desk, page: WhatIfPage, lab: Donors) -> None:
    unknown = [codes.from_number(codes.number(lab.boy) ^ bit) for bit in _bits(lab.boy)]
    page.form.donors.set_text(", ".join([unknown[0], lab.boy, unknown[1]]))
    page.form.level.set_value("W2")
    shown(desk).press_primary()
    assert problems(page) == {"donor": "problem.donor-unknown\nproblem.donor-unknown"}


def _bits(code: str) -> list[int]:
    """Changes of one bit that make another code of a donor."""
    good = []
    for bit in (1 << place for place in range(20)):
        try:
            codes.from_number(codes.number(code) ^ bit)
        except ValueError:
            continue
        good.append(bit)
    return good


def test_a_question_that_changes_nothing_is_none(desk: Desk, page: WhatIfPage) -> None:
    page.form.rules.deadline.set_text(str(RULES.deadline_days))
    page.form.purposes.set_values(("store",))
    shown(desk).press_primary()
    assert page.form.others.isVisible()
    assert page.answer.pages.shown() is page.answer.before


def test_when_no_verdict_would_change_it_says_so(desk: Desk, page: WhatIfPage) -> None:
    page.form.rules.grace[18].set_text("10")
    shown(desk).press_primary()
    assert page.answer.pages.shown() is page.answer.unchanged
    assert not page.answer.headline.isVisible()
    assert page.answer.looked_at.isVisible()


def test_purposes_of_one_set_only_are_named(desk: Desk, page: WhatIfPage, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(SHIPPED.read_text("utf-8").replace("[purpose.use-animal]", "[purpose.teach]"), "utf-8")
    page.form.rules.take_file(str(file))
    shown(desk).press_primary()
    assert page.answer.not_compared.isVisible()
    page.form.purposes.set_values(("use-animal",))
    shown(desk).press_primary()
    said = [label.text() for label in page.form.purposes.findChildren(QLabel)]
    assert "problem.unknown-purpose" in said


def test_an_answer_beside_another_question_says_so(desk: Desk, page: WhatIfPage) -> None:
    page.form.on.set_text("1-6-2036")
    shown(desk).press_primary()
    page.form.on.setFocus()
    QTest.keyClick(page.form.on.editor, Qt.Key.Key_Tab)  # the day is written out
    stale = page.answer.stale
    assert not stale.isVisible()
    page.form.purposes.set_values(("store",))
    assert stale.isVisible()
    page.form.purposes.set_values(())
    assert not stale.isVisible()
    page.form.rules.policies[16].set_value("none")
    assert stale.isVisible()
    shown(desk).press_primary()
    assert not stale.isVisible()


def test_donors_of_a_change_with_their_vials_and_back_again(
    qtbot: QtBot, desk: Desk, page: WhatIfPage, lab: Donors
) -> None:
    page.form.donors.set_text(f"{lab.boy}, {lab.girl}")
    page.form.level.set_value("W3")
    page.form.purposes.set_values(("use-a2g",))
    shown(desk).press_primary()
    changes = page.answer.changes
    assert rows(page) == [("use-a2g", "permitted", "refused", 2, 6)]
    qtbot.waitUntil(lambda: changes.donors.rows.row_at(0) is not None)
    assert [changes.donors.rows.id_at(row) for row in range(2)] == [
        codes.number(lab.boy),
        codes.number(lab.girl),
    ]
    assert changes.vials.toPlainText().count("PM26") == 6
    QTest.keyClick(changes.donors, Qt.Key.Key_Down)
    assert changes.vials.toPlainText() == "No filled vial."
    QTest.keyClick(changes.donors, Qt.Key.Key_Up)
    QTest.keyClick(changes.table, Qt.Key.Key_Return)
    QTest.keyClick(changes.donors, Qt.Key.Key_Return)
    screen = shown(desk)
    assert screen.pages.shown() is screen.record
    assert codes.from_number(screen.record.donor_id) == lab.boy
    desk.frame.step_back()
    assert screen.pages.shown() is page
    assert page.answer.pages.shown() is changes
    desk.frame.step_back()
    assert screen.pages.shown() is screen.listing


def test_a_donor_scanned_here_withdraws_and_other_scans_go_where_they_go(
    desk: Desk, page: WhatIfPage, lab: Donors
) -> None:
    screen = shown(desk)
    for code in (lab.boy, lab.girl, lab.boy):
        assert screen.take_scan(Scan(code, ScanKind.OWN, typed=False))
    assert page.form.donors.text() == f"{codes.group(lab.boy)}, {codes.group(lab.girl)}"
    assert not screen.take_scan(Scan("HX26110042", ScanKind.FOREIGN, typed=False))
    desk.frame.show_screen("donors")
    assert not screen.take_scan(Scan(lab.boy, ScanKind.OWN, typed=False))


def test_somebody_else_finds_no_question_and_no_answer(desk: Desk, page: WhatIfPage) -> None:
    assert desk.session is not None
    page.form.on.set_text("1-6-2036")
    shown(desk).press_primary()
    desk.session.actor = ANNA
    desk.person_changed.emit()
    desk.frame.show_screen("donors", what_if=True)
    other = shown(desk).what_if
    assert (other.form.on.text(), other.answer.pages.shown()) == ("", other.answer.before)
    desk.session.actor = BO
    desk.person_changed.emit()
    assert shown(desk).what_if is page
    assert page.form.on.day() == date(2036, 6, 1)


# At the real window, with its threads ---------------------------------------------------------------------


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Callable[[str], Window]]:
    """Opens windows at a database; closes them."""
    opened: list[Window] = []

    def make(database: str) -> Window:
        opened.append(Window(bench_settings(database, tmp_path / str(len(opened)))).start("bo"))
        return opened[-1]

    yield make
    for window in opened:
        window.program.close()
        window.program.frame.deleteLater()
        window.program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def at_what_if(window: Window) -> WhatIfPage:
    screen = window.program.frame.show_screen("donors", what_if=True)
    window.settle()
    assert isinstance(screen, DonorsScreen)
    return screen.what_if


def test_half_way_it_can_be_stopped_and_asked_anew(
    windows: Callable[[str], Window], sqlite_databases: Databases
) -> None:
    address = sqlite_databases.lab()
    store = open_store(address)
    many = 5 * STEP_DONORS
    for _each in range(many):
        add_donor(store, ANNA)
    store.close()
    window = windows(address)
    page = at_what_if(window)
    page.form.on.set_text("1-6-2036")
    seen: list[int] = []

    def stop_at_once(done: int) -> None:
        seen.append(done)
        if 0 < done < many:
            window.program.frame.step_back()

    page.running.progress.valueChanged.connect(stop_at_once)
    with window.busy_database():
        page.ask.click()
        assert page.asking()
        assert not page.ask.isEnabled()
        assert page.running.stop.isVisible()
    window.settle()
    assert not page.asking()
    assert max(seen) < many
    assert page.answer.pages.shown() is page.answer.before
    assert any(text.startswith("Stopped") for text in window.program.frame.notices.texts())
    page.running.progress.valueChanged.disconnect(stop_at_once)
    page.ask.click()
    window.settle()
    assert page.answer.pages.shown() is not page.answer.before
    assert f"{many} donors" in page.answer.looked_at.text()


def test_the_window_counts_what_the_command_counts(
    windows: Callable[[str], Window],
    sqlite_databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = sqlite_databases.lab()
    store = open_store(address)
    lab = lab_of(store)
    store.close()
    window = windows(address)
    page = at_what_if(window)
    file = tmp_path / "other.toml"
    on_another_day(page, lab, file)
    by_a_file(page, lab, file)
    after_a_withdrawal(page, lab, file)
    page.ask.click()
    window.settle()
    counted = rows(page)
    window.program.close()
    monkeypatch.setenv("BIOBANK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIOBANK_PASSWORD", PASSWORD)
    withdraw = [word for donor in (lab.boy, lab.girl) for word in ("--withdraw", f"{donor}=W1")]
    words = ["consent", "what-if", "--on", FAR.isoformat(), "--rules", str(file), *withdraw]
    capsys.readouterr()
    assert main(["--db", address, "--as", "bo", "--json", *words]) == 0
    changes = json.loads(capsys.readouterr().out)["result"]["changes"]
    assert counted == [tuple(change.values()) for change in changes]
    assert counted


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
def test_a_question_is_asked_by_keys_alone(
    windows: Callable[[str], Window], sqlite_databases: Databases
) -> None:
    address = sqlite_databases.lab()
    store = open_store(address)
    lab = lab_of(store)
    store.close()
    window = windows(address)
    screen = window.program.frame.show_screen("donors")
    window.settle()
    assert isinstance(screen, DonorsScreen)
    window.type("i")
    page = screen.what_if
    for field in (page.form.on, page.form.rules.source, page.form.rules.policies[12]):
        assert field.editor.hasFocus()
        window.type("\t")
    assert page.form.rules.grace[12].editor.hasFocus()
    window.type("0\tdest\t0\t")
    assert page.form.rules.policies[16].value() == "destroy"
    window.type("\x1bi1-1-36\n")
    assert page.form.on.day() == date(2036, 1, 1)
    assert rows(page)
    assert page.answer.changes.table.hasFocus()
    window.type("\n\n")
    assert screen.pages.shown() is screen.record
    assert codes.from_number(screen.record.donor_id) == lab.boy
    window.type("\x1b")
    assert screen.pages.shown() is page
    assert page.answer.changes.donors.hasFocus()


def type_into(field: FieldBox, text: str) -> None:
    field.setFocus()
    QTest.keyClicks(field.editor, text)


def test_a_letter_in_a_field_is_typed(desk: Desk, lab: Donors) -> None:
    desk.frame.show_screen("donors")
    screen = shown(desk)
    type_into(screen.listing.search, "i")
    assert screen.pages.shown() is screen.listing
    assert screen.listing.search.text() == "i"
