"""What leaves: two persons at one bench work off a list by scans, keys and a second password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui.desk import SAMPLES
from biobank_desktop.gui.disposals.forms import OpeningForm, TellForm, WitnessForm
from biobank_desktop.gui.disposals.reading import Recipient
from biobank_desktop.gui.disposals.screen import DisposalsScreen
from biobank_desktop.gui.widgets.form_card import ReasonForm
from biobank_desktop.persistence.queries import disposals as query
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.persistence.seals import seal
from biobank_desktop.services import disposals, intake, releases, storage
from tests.support.databases import ANNA, BO, CAS, PASSWORD
from tests.support.lab import add_boxes, receipt
from tests.support.leaving import STUDY, kept, withdraw

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes
    from tests.support.leaving import Kept

SCREEN = ("disposals", DisposalsScreen)


def show(desk: Desk, **arguments: object) -> DisposalsScreen:
    screen = desk.frame.show_screen("disposals", **arguments)
    assert isinstance(screen, DisposalsScreen)
    return screen


def scan(desk: Desk, code: str) -> None:
    read = read_scan(code)
    assert read is not None
    desk.frame.take_scan(read)


def press(screen: DisposalsScreen, letter: str) -> None:
    QTest.keyClicks(screen, letter)


def enter(screen: DisposalsScreen) -> None:
    QTest.keyClick(screen, Qt.Key.Key_Return)


def sign(screen: DisposalsScreen, login: str, password: str = PASSWORD) -> WitnessForm:
    form = screen.form()
    assert isinstance(form, WitnessForm)
    form.login.set_text(login)
    form.password.set_text(password)
    enter(screen)
    return form


def states(store: Store, no: int) -> dict[str, str]:
    with store.read() as connection:
        return {line.code: line.state for line in query.lines(connection, no)}


def newest(store: Store) -> int:
    with store.read() as connection:
        return query.lists(connection)[0].no


@pytest.fixture
def boxes(sqlite_store: Store) -> Boxes:
    return add_boxes(sqlite_store, ANNA)


@pytest.fixture
def here(sqlite_store: Store, boxes: Boxes) -> Kept:
    return kept(sqlite_store, ANNA, boxes.plasma)


def test_an_empty_house_says_what_would_be_here(desk: Desk) -> None:
    screen = show(desk)
    assert screen.lists.empty.isVisible()
    assert not screen.lists.make.isVisible()  # Bo is no manager
    press(screen, "N")
    assert screen.form() is None


def test_two_persons_at_one_bench_work_off_a_withdrawal(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    freezer = storage.add_container(sqlite_store, ANNA, storage.ContainerForm("Freezer −80", "F80-02", "-80"))
    shelf = storage.add_container(
        sqlite_store, ANNA, storage.ContainerForm("Freezer shelf", "F80-02 S1", None, freezer)
    )
    box = storage.add_container(sqlite_store, ANNA, storage.ContainerForm("Box 9 × 9", "BX009", None, shelf))
    other = kept(sqlite_store, ANNA, box, donor=here.donor, time_point="D15")
    withdraw(sqlite_store, ANNA, here.donor)
    no = newest(sqlite_store)

    screen = show(desk)
    enter_on_table(screen)
    sheet = screen.sheet
    assert sheet.progress.text() == "0 of 8 destroyed, 0 witnessed"
    assert sheet.next._code.text() == codes.group(here.vials[0])
    assert sheet.next.where.path_text().endswith("BX001 / A1")
    assert screen.sheet.offered() == []

    for vial in (*here.vials, *other.vials):
        scan(desk, vial)
    assert sheet.progress.text() == "6 of 8 destroyed, 0 witnessed"
    assert sheet.offered() == ["witness", "back"]
    scan(desk, here.tube)
    scan(desk, other.tube)
    assert set(states(sqlite_store, no).values()) == {"done"}
    assert screen.next_step.text() == "Witness 8 lines"

    enter(screen)
    form = sign(screen, "bo")
    assert form.login.problem_text() == "problem.witness-did-it"
    assert form.password.secret() == ""
    form.login.set_text("cas")
    form.password.set_text("wrong")
    enter(screen)
    assert form.password.problem_text() == "problem.sign-in-refused"
    sign(screen, "cas")
    assert screen.form() is None
    assert desk.actor == BO
    assert sheet.progress.text() == "8 of 8 destroyed, 8 witnessed"
    with sqlite_store.read() as connection:
        people = {(line.done_by, line.witnessed_by) for line in query.lines(connection, no)}
    assert people == {("bo", "cas")}

    assert screen.next_step.text() == "Close the list"
    enter(screen)
    with sqlite_store.read() as connection:
        row = query.of_number(connection, no)
    assert row is not None
    assert row.state == "closed"
    assert sheet.offered() == ["papers"]
    assert sheet.state.text() == "closed"
    seal(sqlite_store)
    press(screen, "P")
    assert desk.session is not None
    (paper,) = (desk.session.settings.data_folder / "papers" / f"List {no}").iterdir()
    with pypdfium2.PdfDocument(paper) as document:
        said = "".join(page.get_textpage().get_text_range() for page in document)
    assert all(codes.group(vial) in said for vial in (*here.vials, *other.vials))


def enter_on_table(screen: DisposalsScreen) -> None:
    QTest.keyClick(screen.lists.table, Qt.Key.Key_Return)


def test_a_vial_that_does_not_stand_open_on_the_list_is_a_stop(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    stranger = kept(sqlite_store, ANNA, boxes.plasma)
    withdraw(sqlite_store, ANNA, here.donor)
    screen = show(desk, no=newest(sqlite_store))
    for code, problem in ((stranger.vials[0], "problem.not-on-this-list"),):
        scan(desk, code)
        assert desk.frame.notices.texts()[0] == problem
        desk.frame.notices.clear_stop()
    scan(desk, here.vials[0])
    scan(desk, here.vials[0])
    assert desk.frame.notices.texts()[0] == "problem.line-not-open"
    desk.frame.notices.clear_stop()
    with sqlite_store.read() as connection:
        found = standings(connection, [codes.number(stranger.vials[0])])
    assert found[codes.number(stranger.vials[0])].ended is None
    assert screen.sheet.progress.text() == "1 of 4 destroyed, 0 witnessed"


def test_whoever_has_destroyed_some_cannot_witness_those(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    withdraw(sqlite_store, ANNA, here.donor)
    no = newest(sqlite_store)
    disposals.take_away(sqlite_store, CAS, no, here.vials[:1])
    screen = show(desk, no=no)
    scan(desk, here.vials[1])
    press(screen, "W")
    sign(screen, "cas")
    assert states(sqlite_store, no)[here.vials[0]] == "done"
    assert states(sqlite_store, no)[here.vials[1]] == "witnessed"
    assert "1 line of their own waits for somebody else." in desk.frame.notices.texts()[-1]


def test_a_slip_goes_back_onto_the_list_with_a_reason(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    withdraw(sqlite_store, ANNA, here.donor)
    no = newest(sqlite_store)
    screen = show(desk, no=no)
    scan(desk, here.vials[1])
    desk.frame.undo()
    form = screen.form()
    assert isinstance(form, ReasonForm)
    scan(desk, here.vials[2])
    assert states(sqlite_store, no)[here.vials[2]] == "open", "a scan is not used while a form is open"
    enter(screen)
    assert form.why.problem_text() == "problem.reason-missing"
    form.why.set_text("wrong vial in hand")
    enter(screen)
    assert states(sqlite_store, no)[here.vials[1]] == "open"
    press(screen, "U")
    assert screen.form() is None, "nothing is left to take back"


def test_recipients_are_told_by_release_and_a_manager_takes_lines_off(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    release = releases.open_release(sqlite_store, ANNA, STUDY)
    releases.choose(sqlite_store, ANNA, release, here.vials[:2])
    releases.issue(sqlite_store, ANNA, release)
    withdraw(sqlite_store, ANNA, here.donor)
    no = newest(sqlite_store)
    screen = show(desk, no=no)
    assert screen.sheet.progress.text() == "0 of 2 destroyed, 0 witnessed"
    assert screen.sheet.told.text() == "0 of 1 recipients told"
    scan(desk, here.vials[0])
    assert desk.frame.notices.texts()[0] == "problem.vial-was-issued"
    desk.frame.notices.clear_stop()
    press(screen, "X")
    assert screen.form() is None, "Bo is no manager"

    assert desk.session is not None
    desk.session.actor = CAS
    desk.person_changed.emit()
    screen.sheet.point_at(codes.number(here.vials[2]))
    press(screen, "X")
    form = screen.form()
    assert isinstance(form, ReasonForm)
    form.why.set_text("lost in the move")
    enter(screen)
    assert states(sqlite_store, no)[here.vials[2]] == "dropped"

    screen.sheet.point_at(-1)
    assert isinstance(screen.sheet.current(), Recipient)
    press(screen, "T")
    telling = screen.form()
    assert isinstance(telling, TellForm)
    enter(screen)
    assert telling.note.problem_text() == "problem.answer-missing"
    telling.note.set_text("by telephone, Dr. Berg destroys them")
    enter(screen)
    assert [states(sqlite_store, no)[vial] for vial in here.vials[:2]] == ["done", "done"]
    scan(desk, here.tube)
    press(screen, "W")
    sign(screen, "bo")
    press(screen, "C")
    assert screen.sheet.progress.text() == "1 of 1 destroyed, 1 witnessed"
    assert screen.sheet.told.text() == "1 of 1 recipients told"
    assert screen.sheet.state.text() == "closed"


def test_a_manager_opens_a_list_by_scans(desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept) -> None:
    leaked = {"acceptance": "rejected", "conditions": ("leak",), "plan": (), "time_point": "D15"}
    rejected = intake.receive(sqlite_store, BO, receipt(here.donor, tube_code="HX26118888", **leaked))
    assert desk.session is not None
    desk.session.actor = CAS
    screen = show(desk)
    press(screen, "N")
    form = screen.form()
    assert isinstance(form, OpeningForm)
    enter(screen)
    assert form.reason.problem_text() == form.action.problem_text() == "problem.answer-missing"
    assert form.note.problem_text() == "problem.reason-missing"
    scan(desk, rejected.tube)
    scan(desk, here.vials[0])
    scan(desk, here.vials[0])
    assert desk.frame.notices.texts()[0] == "problem.scanned-twice"
    desk.frame.notices.clear_stop()
    scan(desk, boxes.plasma)
    assert desk.frame.notices.texts()[0] == "problem.only-samples-here"
    desk.frame.notices.clear_stop()
    form.reason.set_value("refused")
    form.action.set_value("return")
    form.note.set_text("leaked, LKC wants it back")
    enter(screen)
    assert screen.form() is form, "a vial that consent allows to be kept is no refused one"
    desk.frame.undo()
    assert form.samples == [rejected.tube]
    enter(screen)
    assert states(sqlite_store, newest(sqlite_store)) == {rejected.tube: "open"}
    assert screen.pages.shown() is screen.sheet
    assert screen.sheet.next.where.path_text() == "Not stored"


def test_what_is_typed_and_pointed_at_stays_when_another_bench_works(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    withdraw(sqlite_store, ANNA, here.donor)
    no = newest(sqlite_store)
    screen = show(desk, no=no)
    scan(desk, here.vials[0])
    screen.sheet.point_at(codes.number(here.vials[2]))
    press(screen, "W")
    form = screen.form()
    assert isinstance(form, WitnessForm)
    form.login.set_text("cas")
    disposals.take_away(sqlite_store, CAS, no, [here.vials[1]])
    desk.changed.emit(frozenset({SAMPLES}))
    assert screen.form() is form
    assert form.login.text() == "cas"
    current = screen.sheet.current()
    assert current is not None
    assert not isinstance(current, Recipient)
    assert current.code == here.vials[2]
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert screen.form() is None


def test_a_half_filled_form_is_what_one_comes_back_to(
    desk: Desk, sqlite_store: Store, boxes: Boxes, here: Kept
) -> None:
    assert desk.session is not None
    desk.session.actor = CAS
    screen = show(desk, reason="expired", samples=here.vials)
    form = screen.form()
    assert isinstance(form, OpeningForm)
    assert (form.reason.value(), tuple(form.samples)) == ("expired", here.vials)
    screen.step_back()
    show(desk, reason="expired", samples=here.vials)
    form = screen.form()
    assert isinstance(form, OpeningForm), "given up once, it can be asked for again"
    form.note.set_text("past ten years")
    desk.frame.show_screen("today")
    show(desk)
    assert screen.form() is form
    assert screen.pages.shown() is screen.making
    form.action.set_value("destroy")
    enter(screen)
    assert screen.pages.shown() is screen.sheet
    assert states(sqlite_store, newest(sqlite_store)) == dict.fromkeys(here.vials, "open")
    scan(desk, here.vials[0])
    press(screen, "W")
    witnessing = screen.form()
    assert isinstance(witnessing, WitnessForm)
    assert screen.sheet.offered() == []
    desk.frame.show_screen("today")
    show(desk)
    assert screen.form() is witnessing
    assert screen.pages.shown() is screen.sheet
    screen.close_form()
    show(desk, reason="expired", samples=here.vials)
    assert screen.pages.shown() is screen.lists, "what was put on a list is not asked for twice"
