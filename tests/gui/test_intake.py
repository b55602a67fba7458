from __future__ import annotations

import gettext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ForeignPattern
from biobank_desktop.gui.intake.screen import IntakeScreen
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.persistence.queries import containers, donors, samples
from tests.support.databases import BO, CAS
from tests.support.desks import Bench, close_desk, furnish, open_desk, use_screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store

TUBE = "HX26110042"


@dataclass
class Hands:
    """A technician: scans and keys, counted."""

    desk: Desk
    screen: IntakeScreen
    bench: Bench
    store: Store
    scans: int = 0
    keys: list[str] = field(default_factory=list)

    def scan(self, code: str) -> None:
        """Scan a code."""
        self.scans += 1
        self.desk.frame.bus.take(code)

    def type(self, text: str) -> None:
        """Press keys one by one, a line end is Enter, into whatever has the focus."""
        for key in text:
            self.keys.append(key)
            focused: QWidget | None = QApplication.focusWidget()
            target = focused or self.screen
            if key == "\n":
                QTest.keyClick(target, Qt.Key.Key_Return)
            else:
                QTest.keyClicks(target, key)

    def begin(self, tube: str = TUBE) -> None:
        """Scan a tube that is not known: what ``routes`` does with it."""
        self.scans += 1
        self.desk.frame.show_screen("intake", tube=tube)

    def answer(self, *, drawn: str = "1 jan 940\n", condition: str = "N") -> None:
        """Everything of a marrow at diagnosis behind the donor, without pressing the last Enter."""
        self.type("2018m\n")
        self.type("B")
        self.type(drawn)
        self.type("H" + "3,2\n" + "R" + condition + "A" + "R" + "1" + "N")

    def register(self) -> list[SampleRow]:
        """A whole receipt; the planned vials."""
        self.begin()
        self.scan(self.bench.donor)
        self.answer()
        self.type("\n")
        return self.vials()

    def vials(self) -> list[SampleRow]:
        """The vials of the tube on the bench, as the database has them."""
        work = self.screen.working.work
        assert work is not None
        with self.store.read() as connection:
            return samples.vials(connection, work.tube.id)

    def fill(self) -> None:
        """Record every vial as planned."""
        self.screen.setFocus()
        self.type("P")
        self.type("\n")

    def said(self) -> list[str]:
        """What stands in the notices."""
        return self.desk.frame.notices.texts()


@pytest.fixture(autouse=True)
def codes_for_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a catalogue the window says the codes of problems, whatever language other tests chose."""
    monkeypatch.setattr("biobank_desktop.language._catalogue", gettext.NullTranslations())


@pytest.fixture
def hands(
    qtbot: QtBot, sqlite_store: Store, tmp_path: Path, sounds: Sounds
) -> Iterator[Callable[..., Hands]]:
    made: list[Desk] = []

    def make(**values: str) -> Hands:
        bench = furnish(sqlite_store, **values)
        desk = open_desk(sqlite_store, tmp_path, sounds)
        made.append(desk)
        use_screen(desk, "intake", IntakeScreen)
        desk.frame.bus.set_patterns([ForeignPattern("tube", r"[A-Z]{2}\d{8}")])
        qtbot.addWidget(desk.frame)
        with qtbot.waitActive(desk.frame):
            desk.frame.show()
            desk.frame.activateWindow()
        screen = desk.frame.show_screen("intake")
        assert isinstance(screen, IntakeScreen)
        return Hands(desk, screen, bench, sqlite_store)

    yield make
    for desk in made:
        close_desk(desk)


def problems(box: FieldBox) -> str:
    return box.problem_text()


def test_a_tube_from_its_scan_to_its_vials_in_their_boxes_by_keys_and_scans(
    hands: Callable[..., Hands], heard: list[str]
) -> None:
    at = hands()
    vials = at.register()
    assert [vial.material for vial in vials] == ["CEL"] * 4 + ["PL1"] * 2
    with at.store.read() as connection:
        labels = {containers.newest_label(connection, vial.id) for vial in vials}
    assert labels == {(1, "confirmed")}
    at.fill()
    assert {vial.state for vial in at.vials()} == {"filled"}
    cells = [vial.code for vial in vials if vial.material == "CEL"]
    scanned = at.scans
    at.scan(at.bench.overnight)
    for code in cells:
        at.scan(code)
    assert at.scans - scanned + 2 == 7
    at.scan(at.bench.box)
    for vial in vials[4:]:
        at.scan(vial.code)
    with at.store.read() as connection:
        where = {
            place.container_id for place in containers.places(connection, [v.id for v in vials]).values()
        }
    assert where == {codes.number(at.bench.overnight), codes.number(at.bench.box)}
    assert heard[-1] == "done"
    at.type("\n")
    assert at.screen.working.isHidden()


def test_keystrokes_are_typed_digits_and_one_per_choice(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.answer(drawn="940\n")
    at.type("\n")
    choices = 8
    typed = len("2018m") + len("940") + len("3,2")
    ended_by_enter = 3
    assert len(at.keys) == choices + typed + ended_by_enter + 1
    assert at.scans == 2


def test_a_wrong_second_identifier_stops(hands: Callable[..., Hands], heard: list[str]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2017m\n")
    assert at.desk.frame.notices.stopped
    assert heard[-1] == "stop"
    second = at.screen.receiving.sheet.second
    assert "problem.birth-year-differs" in problems(second)
    at.desk.frame.step_back()
    at.type("2018m\n")
    assert second.text() == "2018m"
    assert at.screen.receiving.sheet.focused() is not second


def test_enter_does_not_leave_an_answer_that_cannot_be_read(
    hands: Callable[..., Hands], heard: list[str]
) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2018m\n")
    at.type("B")
    sheet = at.screen.receiving.sheet
    at.type("xyz\n")
    assert sheet.focused() is sheet.drawn
    assert heard[-1] == "warning"
    at.type("1 jan 940\n")
    assert sheet.drawn.moment() is not None
    assert sheet.focused() is not sheet.drawn


def test_everything_that_is_missing_is_said_at_once(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.screen.primary.click()
    blamed = {box.name for box in at.screen.receiving.sheet.asked() if problems(box)}
    assert {"second", "material", "drawn_at", "container", "volume_ul", "temperature", "release"} <= blamed
    assert "received_at" not in blamed


def test_drawn_after_received_stands_beside_the_field(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.answer(drawn="1-1-2199 9:40\n")
    at.screen.primary.click()
    assert "drawn-after-received" in problems(at.screen.receiving.sheet.drawn)
    with at.store.read() as connection:
        assert donors.by_alias(connection, TUBE) == []


def test_a_tube_received_before_is_a_stop(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    at.begin()
    assert at.desk.frame.notices.texts()[0] == "problem.tube-received-before"


def test_another_donor_in_the_middle_of_a_form_is_a_stop(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    other = codes.run(codes.CodeKind.DONOR, 2026, 77, 1)[0]
    at.scan(other)
    assert at.desk.frame.notices.stopped
    known = at.screen.receiving.sheet.known
    assert known is not None
    assert known.donor.code == at.bench.donor


def test_a_new_donor_is_registered_in_the_same_place(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.type("DL777\n")
    sheet = at.screen.receiving.sheet
    assert sheet.donor.editor.hasFocus()
    QTest.keyClick(sheet.donor.editor, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert at.screen.receiving.donor_sheet.lab_number.text() == "DL777"
    at.type("4-5-2012\n" + "F" + "P" + "U" + "\n")
    assert sheet.material.editor.hasFocus()
    assert sheet.known is not None
    assert sheet.known.donor.sex == "female"
    assert sheet.second not in sheet.asked()


def test_refused_consent_makes_no_vials(hands: Callable[..., Hands]) -> None:
    at = hands(consent="refused")
    at.begin()
    at.scan(at.bench.donor)
    at.answer()
    assert at.screen.primary.text() == "Register to destroy or return"
    at.type("\n")
    work = at.screen.working.work
    assert work is not None
    assert (work.tube.state, work.vials) == ("refused", ())
    assert not at.screen.working.refusal.isHidden()


def test_a_vial_of_another_tube_and_one_not_filled_are_stops(hands: Callable[..., Hands]) -> None:
    at = hands()
    vials = at.register()
    at.scan(at.bench.overnight)
    at.scan(vials[0].code)
    assert at.said()[0] == "problem.sample-not-filled"
    at.desk.frame.step_back()
    at.scan(codes.run(codes.CodeKind.SAMPLE, 2026, 77, 1)[0])
    assert at.said()[0] == "problem.vial-of-another-tube"


def test_undo_takes_the_last_scan_back(hands: Callable[..., Hands]) -> None:
    at = hands()
    vials = at.register()
    at.fill()
    at.scan(at.bench.overnight)
    at.scan(vials[0].code)
    at.scan(vials[1].code)
    at.desk.frame.undo_wanted.emit()
    with at.store.read() as connection:
        assert set(containers.places(connection, [vial.id for vial in vials])) == {vials[0].id}


def test_a_scan_before_the_box_proves_the_label(hands: Callable[..., Hands]) -> None:
    at = hands()
    vials = at.register()
    at.scan(vials[2].code)
    with at.store.read() as connection:
        assert containers.newest_label(connection, vials[2].id) == (1, "verified")


def test_the_plan_can_be_changed(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.answer()
    plan = at.screen.receiving.plan
    plan.add.setFocus()
    at.type("D" + "2")
    plan._lines[0].count.set_text("3")
    at.screen.primary.click()
    made = [vial.material for vial in at.vials()]
    assert sorted(made) == ["CEL"] * 3 + ["DNA"] * 2 + ["PL1"] * 2


def test_a_draft_survives_the_program_without_the_second_identifier(
    hands: Callable[..., Hands], tmp_path: Path, sounds: Sounds, qtbot: QtBot
) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2018m\n" + "B" + "940\n" + "H")
    at.screen.leave()
    assert "2018" not in next((tmp_path / "drafts").iterdir()).read_text()
    again = open_desk(at.store, tmp_path, sounds)
    use_screen(again, "intake", IntakeScreen)
    qtbot.addWidget(again.frame)
    screen = again.frame.show_screen("intake")
    assert isinstance(screen, IntakeScreen)
    sheet = screen.receiving.sheet
    assert screen.receiving.tube_code == TUBE
    assert sheet.known is not None
    assert (sheet.material.value(), sheet.container.value()) == ("BMA", "SHP")
    assert sheet.second.text() == ""
    close_desk(again)


def test_fill_problems_stand_beside_their_vial(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    rows = at.screen.working.table.rows
    rows[0].amount.set_text("10e6")
    rows[0].viability.set_text("140")
    at.screen.primary.click()
    assert problems(rows[0].viability) == "problem.percent-out-of-range"
    assert {vial.state for vial in at.vials()} == {"planned"}


def test_the_same_for_all_fills_only_the_same_material(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    table = at.screen.working.table
    table.rows[0].amount.set_text("8e6")
    table.rows[0].viability.set_text("94")
    at.screen.working.buttons["="].click()
    at.screen.primary.click()
    filled = [vial for vial in at.vials() if vial.state == "filled"]
    assert [(vial.cells, vial.viability_percent) for vial in filled] == [(8_000_000, 94.0)] * 4


def test_a_step_begins_when_its_key_is_pressed_and_ends_by_key(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    at.screen.setFocus()
    at.type("S" + "400\n" + "10\n" + "R")
    at.screen.primary.click()
    at.screen.setFocus()
    at.type("E")
    work = at.screen.working.work
    assert work is not None
    (step,) = work.steps
    assert (step.kind, step.speed_g, step.minutes, step.temperature) == ("spin", 400, 10, "room")
    assert step.ended_at is not None


def test_a_speed_that_cannot_be_read_is_not_taken_for_unknown(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    at.screen.setFocus()
    at.type("S" + "4oo\n" + "10\n" + "R")
    at.screen.primary.click()
    working = at.screen.working
    assert working.steps.asking
    assert "problem.answer-unreadable" in problems(working.steps.speed)
    assert working.work is not None
    assert not working.work.steps
    working.steps.speed.set_text("400")
    at.screen.primary.click()
    (step,) = working.work.steps
    assert step.speed_g == 400


def test_a_vial_is_given_up_with_a_reason(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    at.screen.setFocus()
    at.type("V")
    at.screen.primary.click()
    assert problems(at.screen.working.processing.void.why) == "problem.reason-missing"
    at.type("dropped\n")
    assert [vial.state for vial in at.vials()].count("void") == 1


def test_one_more_vial_is_planned_and_its_label_printed(hands: Callable[..., Hands]) -> None:
    at = hands()
    before = at.register()
    at.screen.setFocus()
    at.type("A")
    new = [vial for vial in at.vials() if vial.id not in {one.id for one in before}]
    with at.store.read() as connection:
        assert [containers.newest_label(connection, vial.id) for vial in new] == [(1, "confirmed")]


def test_more_choices_than_fit_are_turned_to_by_space(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2018m\n" + "B")
    at.screen.receiving.sheet.time_point.setFocus()
    card = at.screen.receiving.card
    first = card.shown_values()
    at.type(" ")
    assert set(first).isdisjoint(card.shown_values())


def test_a_draft_on_disk_is_not_overwritten_by_the_next_tube(
    hands: Callable[..., Hands], tmp_path: Path, sounds: Sounds, qtbot: QtBot
) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.screen.leave()
    again = open_desk(at.store, tmp_path, sounds)
    use_screen(again, "intake", IntakeScreen)
    qtbot.addWidget(again.frame)
    screen = again.frame.show_screen("intake", tube="HX26119999")
    assert isinstance(screen, IntakeScreen)
    assert screen.receiving.tube_code == TUBE
    close_desk(again)


def test_a_cleared_form_comes_back_with_undo(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2018m\n" + "B")
    at.screen.clear_button.click()
    assert at.screen.receiving.isHidden()
    at.desk.frame.undo_wanted.emit()
    assert at.screen.receiving.sheet.material.value() == "BMA"


def test_a_problem_of_no_field_is_not_lost(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    rest = at.screen.receiving.sheet.show_problems([Problem("plan", "vial-count-implausible")], missing=True)
    assert [one.code for one in rest] == ["vial-count-implausible"]


def test_a_vial_goes_into_the_box_scanned_before_it_however_fast(
    hands: Callable[..., Hands], qtbot: QtBot
) -> None:
    at = hands()
    vials = at.register()
    at.fill()
    at.desk.jobs = Jobs()
    plasma = [vial for vial in vials if vial.material == "PL1"]
    at.scan(at.bench.overnight)
    at.scan(vials[0].code)
    at.scan(at.bench.box)
    at.scan(plasma[0].code)
    qtbot.waitUntil(lambda: not at.desk.jobs.busy)
    with at.store.read() as connection:
        places = containers.places(connection, [vials[0].id, plasma[0].id])
    assert {vial: place.container_id for vial, place in places.items()} == {
        vials[0].id: codes.number(at.bench.overnight),
        plasma[0].id: codes.number(at.bench.box),
    }
    assert at.desk.frame.notices.stopped is False


def test_a_printer_that_fails_loses_no_label(hands: Callable[..., Hands], tmp_path: Path) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.answer()
    labels = tmp_path / "data" / "labels"
    labels.parent.mkdir()
    labels.touch()  # a file stands where the folder of the PDF files should be
    at.type("\n")
    vials = at.vials()
    with at.store.read() as connection:
        assert {containers.newest_label(connection, vial.id) for vial in vials} == {(1, "failed")}
    labels.unlink()
    at.screen.setFocus()
    at.type("L")
    with at.store.read() as connection:
        assert {containers.newest_label(connection, vial.id) for vial in vials} == {(2, "confirmed")}


def test_everybody_finds_their_own_form_again(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2018m\n" + "B")
    session = at.desk.session
    assert session is not None
    session.actor = CAS
    at.desk.person_changed.emit()
    assert at.screen.receiving.isHidden()
    at.begin("HX26110043")
    assert at.screen.receiving.sheet.material.value() is None
    session.actor = BO
    at.desk.person_changed.emit()
    assert at.screen.receiving.tube_code == TUBE
    assert at.screen.receiving.sheet.material.value() == "BMA"


def test_a_count_is_recorded_for_the_whole_tube(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.register()
    at.screen.setFocus()
    at.type("C" + "60e6\n" + "95\n" + "\n")
    work = at.screen.working.work
    assert work is not None
    assert (work.tube.cells, work.tube.viability_percent) == (60_000_000, 95.0)
    assert work.tube.blasts_percent is None


def test_a_plan_line_that_is_gone_takes_no_click(hands: Callable[..., Hands]) -> None:
    at = hands()
    at.begin()
    at.scan(at.bench.donor)
    at.type("2018m\n" + "B")
    plan = at.screen.receiving.plan
    plan._lines[0].amount.setFocus()
    plan._lines[0].remove.click()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    at.screen.receiving.sheet.container.setFocus()
    at.screen.receiving.card.picked.emit("SHP")
    assert at.screen.receiving.sheet.container.value() == "SHP"
    assert [vials.material for vials in plan.plan()] == ["PL1"]
