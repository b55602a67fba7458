"""Quarantine at the window: what something touched, held back by scan, decided with a signature, closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.domain.use import UseForm
from biobank_desktop.gui.quarantine.gestures import ClosingForm, DecisionForm
from biobank_desktop.gui.quarantine.screen import QuarantineScreen
from biobank_desktop.persistence.queries import nonconformities as query
from biobank_desktop.services import processing, quarantine, releases, storage, use
from biobank_desktop.services.processing import StepForm
from tests.support.databases import ANNA, BO, CAS, DEE, PASSWORD, open_store
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.lab import add_boxes
from tests.support.leaving import STUDY, found_wrong, kept, signed
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.quarantine.asking import AskingForm
    from biobank_desktop.gui.quarantine.looking import LookPage
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.queries.nonconformities import HeldSample, NonconformityRow
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases
    from tests.support.leaving import Kept

LOT = "FBS-77"


class Ward:
    """A lab in which something went wrong, in a shown window."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self.store, self.desk = store, desk
        self.box = add_boxes(store).plasma
        self.here: Kept = kept(store, BO, self.box)
        self.left: list[object] = []
        desk.frame.scan_left.connect(self.left.append)
        desk.person_changed.emit()

    def screen(self) -> QuarantineScreen:
        shown = self.desk.frame.shown_screen()
        assert isinstance(shown, QuarantineScreen)
        return shown

    def show(self, no: int | None = None) -> QuarantineScreen:
        self.desk.frame.show_screen("quarantine", **({"nonconformity": no} if no else {}))
        return self.screen()

    def be(self, actor: Actor) -> None:
        assert self.desk.session is not None
        self.desk.session.actor = actor
        self.desk.person_changed.emit()

    def key(self, keys: str) -> None:
        QTest.keyClicks(self._attended(), keys)

    def enter(self) -> None:
        QTest.keyClick(self._attended(), Qt.Key.Key_Return)

    def _attended(self) -> QWidget:
        focused: QWidget | None = self.desk.frame.focusWidget()
        return self.screen() if focused is None else focused

    def scan(self, code: str) -> None:
        scan = read_scan(code)
        assert scan is not None
        self.desk.frame.take_scan(scan)

    def said(self) -> str:
        return " ".join(self.desk.frame.notices.texts())

    def found(self, no: int) -> NonconformityRow:
        with self.store.read() as connection:
            row = query.of_number(connection, no)
        assert row is not None
        return row

    def held(self, no: int) -> dict[str, HeldSample]:
        with self.store.read() as connection:
            return {one.code: one for one in query.held_by(connection, no)}

    def spin(self) -> None:
        """The tube was spun with a lot."""
        spun = StepForm("spin", datetime.now(UTC) - timedelta(minutes=1), speed_g=400, lot=LOT)
        processing.start_step(self.store, BO, self.here.tube, spun)


@pytest.fixture
def ward(qtbot: QtBot, store: Store, tmp_path: Path, sounds: Sounds) -> Iterator[Ward]:
    desk = open_desk(store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    use_screen(desk, "quarantine", QuarantineScreen)
    made = Ward(store, desk)
    desk.frame.show()
    yield made
    close_desk(desk)


def marked(page: LookPage) -> dict[str, str]:
    """What stands in the table: which are to be held back, and where each is."""
    rows = page.table.rows
    return {
        sample.code: f"{rows.data(rows.index(row, 0))} {rows.data(rows.index(row, 5))}"
        for row, sample in enumerate(page.table.all_rows())
    }


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
def test_from_an_alarm_to_what_is_held_back_by_keys_and_scans(ward: Ward, heard: list[str]) -> None:
    issued, used, first, second = kept(ward.store, BO, ward.box, 4, ward.here.donor).vials
    no = releases.open_release(ward.store, BO, STUDY)
    releases.choose(ward.store, BO, no, [issued, first])
    releases.drop(ward.store, BO, no, [first], "later")
    releases.issue(ward.store, ANNA, no)
    use.use(ward.store, BO, UseForm(used, "store", "check", ul=500, last=True))
    screen = ward.show()
    assert screen.listing.none.isVisible()
    ward.key("n")
    form = screen.look.form
    ward.key("alarm")
    form.found_at.setFocus()
    ward.key("n")
    form.what.setFocus()
    ward.key("the freezer ran warm")
    ward.scan(ward.box)
    assert form.container.text() == codes.group(ward.box)
    assert screen.look.go.text() == "Look"
    ward.enter()
    year = datetime.now(UTC).year
    assert marked(screen.look) == {
        **dict.fromkeys((*ward.here.vials, first, second), "Yes BX001"),
        issued: f"No issued in R-{year}-0001",
        used: "No used-up",
    }
    assert screen.look.told.text() == "5 here · 1 was issued · 1 is used up or gone"
    places = [sample.code for sample in screen.look.table.all_rows()]
    for left_out in ward.here.vials:
        screen.look.table.selectRow(places.index(left_out))
        ward.key("t")
    screen.look.table.selectRow(places.index(issued))
    ward.key("t")
    assert screen.look.go.text() == "Hold back 3 samples"
    ward.enter()
    assert (heard[-1], ward.found(1).what, ward.found(1).kind) == ("done", "the freezer ran warm", "alarm")
    assert set(ward.held(1)) == {issued, first, second}
    assert screen.pages.shown() is screen.view
    assert screen.view.offered() == {"more"}


def test_a_manager_signs_what_becomes_of_each_sample_and_closes_it(ward: Ward) -> None:
    good, bad, issued = ward.here.vials
    release = releases.open_release(ward.store, BO, STUDY)
    releases.choose(ward.store, BO, release, [issued])
    releases.issue(ward.store, ANNA, release)
    no = quarantine.report(ward.store, BO, found_wrong(good, bad, issued))
    ward.be(CAS)
    screen = ward.show(no)
    assert screen.view.state.text() == "Waits for decisions"
    said = []
    for vial, key in ((good, "a"), (bad, "x"), (issued, "x")):
        ward.scan(vial)
        ward.key(key)
        decision = screen.form()
        assert isinstance(decision, DecisionForm)
        ward.key("see the log")
        decision.password.setFocus()
        ward.key(PASSWORD)
        ward.enter()
        assert screen.form() is None
        said.append(ward.said())
    assert said == [
        "1 sample accepted.",
        "1 sample to be destroyed. List 1 is open.",
        "To be destroyed; nothing is left here that a list could name.",
    ]
    rows = screen.view.table.rows
    decided = {
        held.code: rows.data(rows.index(row, 5)) for row, held in enumerate(screen.view.table.all_rows())
    }
    assert decided == {good: "Accept", bad: "Destroy: list 1", issued: "Destroy"}
    ward.key("f")
    closing = screen.form()
    assert isinstance(closing, ClosingForm)
    ward.enter()
    assert closing.conclusion.problem_text() == "problem.answer-missing"
    ward.key("the seal of the door was replaced")
    ward.enter()
    assert ward.found(no).conclusion == "the seal of the door was replaced"
    assert (screen.view.offered(), screen.view.state.text()) == (frozenset(), "Closed")


def test_looking_alone_writes_nothing_and_can_become_a_report(ward: Ward) -> None:
    ward.spin()
    screen = ward.show()
    ward.key("l")
    assert not screen.look.form.found.isVisible()
    screen.look.form.lot.set_text(LOT)
    ward.enter()
    assert len(screen.look.table.all_rows()) == 4
    assert screen.look.table.isColumnHidden(0)
    assert screen.look.table.hasFocus()
    ward.key("t")  # nothing is to be held back yet
    ward.scan(ward.here.vials[0])
    assert len(ward.left) == 1  # its record opens
    with ward.store.read() as connection:
        assert query.nonconformities(connection) == []
    ward.key("r")
    assert screen.look.form.found.isVisible()
    assert screen.look.go.text() == "Hold back 4 samples"
    screen.look.form.lot.set_text("L2")
    assert screen.look.go.text() == "Look"
    screen.look.go.click()
    assert screen.look.pages.shown() is screen.look.nothing


def test_everything_wrong_with_a_report_stands_beside_its_field_and_stays_typed(ward: Ward) -> None:
    screen = ward.show()
    ward.key("n")
    form = screen.look.form
    form.found_at.set_text("yesterday")
    form.since.set_text("22-11 9:00")
    form.until.set_text("21-11 9:00")
    form.donor.set_text("nobody")
    screen.look.go.click()  # it looks first
    assert _problems(form) == {"until": "problem.ends-before-it-begins"}
    for field in (form.since, form.until, form.donor):
        field.clear()
    screen.look.go.click()
    assert _problems(form) == {
        "kind": "problem.answer-missing",
        "found_at": "problem.answer-unreadable",
        "what": "problem.answer-missing",
    }
    assert form.others.isVisible()  # no sample
    assert form.kind.editor.hasFocus()
    ward.desk.frame.step_back()
    ward.key("n")
    assert form.found_at.text() == "yesterday"


def _problems(form: AskingForm) -> dict[str, str]:
    return {field.name: field.problem_text() for field in form.fields if field.problem_text()}


def test_scanned_samples_are_reported_without_a_cause(ward: Ward, heard: list[str]) -> None:
    screen = ward.show()
    ward.key("n")
    for vial in ward.here.vials[:2]:
        ward.scan(vial)
        assert heard[-1] == "accepted"
    ward.scan(codes.run(codes.CodeKind.SAMPLE, 2026, 1, 1)[0])
    assert ward.said() == "problem.sample-unknown"
    ward.desk.frame.step_back()
    screen.look.form.kind.set_text("document")
    screen.look.form.what.set_text("no form of consent was kept")
    screen.look.form.found_at.set_moment(datetime.now(UTC))
    assert screen.look.go.text() == "Hold back 2 samples"
    assert screen.press_primary()
    assert set(ward.held(1)) == set(ward.here.vials[:2])
    ward.show()
    ward.key("n")
    assert (screen.look.form.what.text(), screen.look.table.all_rows()) == ("", ())


def test_a_wrong_password_decides_nothing_and_the_reason_stays(ward: Ward) -> None:
    no = quarantine.report(ward.store, BO, found_wrong(*ward.here.vials))
    ward.be(CAS)
    screen = ward.show(no)
    screen.view.table.selectAll()
    ward.key("a")
    form = screen.form()
    assert isinstance(form, DecisionForm)
    ward.enter()
    assert (form.why.problem_text(), form.password.problem_text()) == (
        "problem.reason-missing",
        "problem.answer-missing",
    )
    form.why.set_text("fine")
    form.password.set_text("not it")
    ward.enter()
    assert form.password.problem_text() == "problem.sign-in-refused"
    assert (form.why.text(), form.password.secret()) == ("fine", "")
    assert {one.decision for one in ward.held(no).values()} == {None}
    form.password.set_text(PASSWORD)
    ward.enter()
    assert {one.decision for one in ward.held(no).values()} == {"accept"}
    assert screen.view.count.text() == "3 samples · 3 accepted"


def test_more_is_held_back_by_scan_only_when_that_is_asked(ward: Ward, heard: list[str]) -> None:
    no = quarantine.report(ward.store, BO, found_wrong(ward.here.vials[0]))
    screen = ward.show(no)
    ward.scan(ward.here.vials[1])
    assert (ward.said(), heard[-1]) == ("problem.not-held", "stop")
    ward.desk.frame.step_back()
    ward.key("m")
    assert screen.view.codes.editor.hasFocus()
    ward.scan(ward.here.vials[1])
    assert heard[-1] == "accepted"
    QTest.keyClicks(screen.view.codes.editor, f"{ward.here.vials[0]}, {ward.here.vials[2]}")
    ward.enter()
    assert screen.view.codes.problem_text() == "problem.held-before"
    screen.view.codes.set_text(ward.here.vials[2])
    ward.enter()
    assert set(ward.held(no)) == set(ward.here.vials)
    ward.desk.frame.notices.clear_line()
    ward.desk.frame.step_back()
    assert not screen.view.holding
    assert screen.view.table.hasFocus()


def test_the_list_says_how_many_wait_and_an_auditor_only_looks(ward: Ward) -> None:
    closed = quarantine.report(ward.store, BO, found_wrong(ward.here.vials[0]))
    quarantine.decide(ward.store, signed(), closed, [ward.here.vials[0]], "accept", "fine")
    quarantine.close(ward.store, ANNA, closed, "nothing")
    waiting = quarantine.report(ward.store, BO, found_wrong(*ward.here.vials[1:]))
    ward.be(DEE)
    screen = ward.show()
    assert [row.no for row in screen.listing.table.all_rows()] == [waiting, closed]
    assert screen.listing.count.text() == "2 samples wait for a decision"
    assert not screen.listing.report.isVisible()
    ward.key("n")
    assert screen.pages.shown() is screen.listing
    ward.desk.frame.show_screen("quarantine", report=True)
    assert not screen.look.reporting  # looking is for everybody
    ward.show()
    ward.enter()
    assert screen.view.offered() == frozenset()


def test_somebody_else_finds_no_question_and_no_answer(ward: Ward) -> None:
    ward.spin()
    screen = ward.show()
    ward.key("l")
    screen.look.form.lot.set_text(LOT)
    ward.enter()
    ward.be(CAS)
    assert screen.pages.shown() is screen.listing
    ward.desk.frame.show_screen("quarantine", look=True)
    assert (screen.look.form.lot.text(), screen.look.table.all_rows()) == ("", ())
    ward.be(BO)
    ward.desk.frame.show_screen("quarantine", look=True)
    assert (screen.look.form.lot.text(), len(screen.look.table.all_rows())) == (LOT, 4)


def test_a_donor_is_scanned_as_the_cause_and_what_is_selected_stays_over_a_refresh(ward: Ward) -> None:
    screen = ward.show()
    ward.key("l")
    ward.scan(ward.here.donor)
    assert screen.look.form.donor.text() == codes.group(ward.here.donor)
    assert screen.press_primary()
    assert len(screen.look.table.all_rows()) == 4
    no = quarantine.report(ward.store, BO, found_wrong(*ward.here.vials))
    ward.be(CAS)
    screen = ward.show(no)
    screen.view.table.selectRow(2)
    ward.desk.changed.emit(frozenset({"samples"}))
    assert [held.code for held in screen.view.table.selected()] == [ward.here.vials[2]]


# At the real window, with its threads ---------------------------------------------------------------------


@pytest.fixture
def window(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Window]:
    address = sqlite_databases.lab()
    store = open_store(address)
    for number in range(60):
        storage.add_container(store, ANNA, storage.ContainerForm("Freezer −80", f"F{number}", "-80"))
    boxes = add_boxes(store)
    kept(store, BO, boxes.plasma)
    store.close()
    made = Window(bench_settings(address, tmp_path)).start("bo")
    yield made
    made.program.close()
    made.program.frame.deleteLater()
    made.program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_looking_can_be_stopped_and_done_anew(window: Window) -> None:
    screen = window.program.frame.show_screen("quarantine", look=True)
    window.settle()
    assert isinstance(screen, QuarantineScreen)
    page = screen.look
    page.form.person.set_text("bo")
    with window.busy_database():
        page.go.click()
        assert page.looking()
        assert page.running.isVisible()
        assert not page.go.isEnabled()
        window.program.frame.step_back()
        assert not page.looking()
    window.settle()
    assert page.pages.shown() is page.before
    assert page.running.isHidden()
    page.go.click()
    window.settle()
    assert len(page.table.all_rows()) == 4
