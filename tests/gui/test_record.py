from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui.desk import SAMPLES
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.record import story
from biobank_desktop.gui.record.correction import CorrectionForm
from biobank_desktop.gui.record.filling import FillCard
from biobank_desktop.gui.record.later_life import MadeLaterForm, PutBackForm, UseCard
from biobank_desktop.gui.record.numbers import NumberField
from biobank_desktop.gui.record.questions import DonorForm
from biobank_desktop.gui.record.screen import RecordScreen
from biobank_desktop.gui.record.step_correction import StepCorrectionForm
from biobank_desktop.gui.widgets.amounts import AmountField
from biobank_desktop.gui.widgets.boxmap import WellState
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import ReasonForm
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.persistence.queries import containers, history, samples
from biobank_desktop.services import corrections, placing, processing, quarantine, releases
from tests.support.databases import ANNA, BO, DEE
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of
from tests.support.leaving import STUDY, found_wrong, kept, withdraw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received
    from tests.support.lab import Boxes


class Bench:
    """A received tube, its vials planned, and the record's screen in a shown window."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self.store, self.desk = store, desk
        self.boxes: Boxes = add_boxes(store, ANNA)
        self.donor = add_donor(store, ANNA)
        consent_of_both(store, ANNA, self.donor)
        self.received: Received = receive(store, BO, self.donor)
        self.plasma = vials_of(self.received, "PL1")

    def show(self, code: str) -> RecordScreen:
        self.desk.show_record(codes.number(code))
        screen = self.desk.frame.shown_screen()
        assert isinstance(screen, RecordScreen)
        return screen

    def fill(self) -> None:
        fill_all(self.store, BO, self.received)

    def place(self) -> None:
        self.fill()
        placing.place(self.store, BO, self.boxes.plasma, self.plasma[0], "B3")

    def row(self, code: str) -> SampleRow:
        with self.store.read() as connection:
            found = samples.sample(connection, codes.number(code))
        assert found is not None
        return found


@pytest.fixture
def bench(qtbot: QtBot, sqlite_store: Store, tmp_path: Path, sounds: Sounds) -> Iterator[Bench]:
    desk = open_desk(sqlite_store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    use_screen(desk, "record", RecordScreen)
    desk.frame.show()
    yield Bench(sqlite_store, desk)
    close_desk(desk)


def press(screen: RecordScreen, letter: str) -> None:
    QTest.keyClicks(screen, letter)


def enter(screen: RecordScreen) -> None:
    QTest.keyClick(screen, Qt.Key.Key_Return)


def test_a_stored_vial_says_what_it_is_where_it_lies_and_whose_it_is(bench: Bench) -> None:
    bench.place()
    screen = bench.show(bench.plasma[0])
    assert screen.heading.code.code == bench.plasma[0]
    assert screen.heading.donor.text().endswith(codes.group(bench.donor))
    assert screen.where.path_text() == "F80-01 / F80-01 S1 / BX001 / B3"
    well = screen.where.map.well((1, 2))
    assert codes.group(bench.plasma[0]) in well.text
    assert screen.page.facts.facts()["SPREC"].startswith("PL1-SHP-")
    assert screen.bar.offered() == [
        *("check-out", "use", "derive", "out", "lost", "broken"),
        *("correct", "donor", "reprint"),
    ]
    assert screen.page.timeline.count() == 3


def test_a_tube_says_where_each_of_its_vials_went(bench: Bench) -> None:
    bench.place()
    screen = bench.show(bench.received.tube)
    seen = screen._seen
    assert seen is not None
    told = [change for event in seen.record.events for change in story.happening(seen, event).changes]
    moves = [change for change in told if change.field == codes.group(bench.plasma[0])]
    assert [(change.old, change.new) for change in moves] == [("", "BX001 / B3")]


def test_a_correction_begins_with_its_first_answer_selected_and_in_view(bench: Bench) -> None:
    screen = bench.show(bench.received.tube)
    press(screen, "C")
    form = screen.form()
    assert isinstance(form, CorrectionForm)
    first = form.field("material")
    assert isinstance(first, FieldBox)
    assert first.editor.hasFocus()
    assert first.editor.selectedText() == first.editor.text()
    released = form.field("released_at")
    assert isinstance(released, FieldBox)
    assert released.answer() is Answer.NONE


def test_a_correction_keeps_the_old_value_and_its_reason(bench: Bench) -> None:
    bench.fill()
    screen = bench.show(bench.plasma[0])
    press(screen, "c")
    form = screen.form()
    assert isinstance(form, CorrectionForm)
    field = form.field("volume_ul")
    assert isinstance(field, AmountField)
    field.set_text("450 ul")
    form.why.set_text("Read from the wrong line.")
    assert form.changes() == {"volume_ul": 450}
    enter(screen)
    assert screen.form() is None
    assert bench.row(bench.plasma[0]).volume_ul == 450
    assert screen.page.facts.facts()["Amount"] == "450 µL"
    with bench.store.read() as connection:
        events = history.of_object(connection, codes.number(bench.plasma[0]))
        label = containers.newest_label(connection, codes.number(bench.plasma[0]))
    (event,) = [one for one in events if one.kind == "corrected"]
    assert event.why == "Read from the wrong line."
    assert label is not None
    assert label[1] == "confirmed"


def test_problems_stand_beside_their_fields_all_at_once_and_nothing_is_lost(bench: Bench) -> None:
    screen = bench.show(bench.received.tube)
    press(screen, "c")
    form = screen.form()
    assert isinstance(form, CorrectionForm)
    volume, material = form.field("volume_ul"), form.field("material")
    assert isinstance(volume, AmountField)
    volume.set_text("much")
    material.set_text("gold")  # type: ignore[union-attr]
    enter(screen)
    assert volume.problem_text()
    assert material.problem_text()
    assert form.why.problem_text()
    assert volume.text() == "much"
    assert form.primary.isEnabled()
    assert bench.row(bench.received.tube).volume_ul == 3200


def test_somebody_else_was_first(bench: Bench) -> None:
    bench.fill()
    screen = bench.show(bench.plasma[0])
    press(screen, "c")
    form = screen.form()
    assert isinstance(form, CorrectionForm)
    corrections.correct(bench.store, ANNA, bench.plasma[0], {"volume_ul": 400}, "Spilled.")
    form.field("note").set_text("Cloudy.")  # type: ignore[union-attr]
    form.why.set_text("Forgotten.")
    enter(screen)
    assert screen.form() is form
    assert bench.row(bench.plasma[0]).note == ""


def test_a_family_goes_to_the_donor_that_is_scanned(bench: Bench) -> None:
    right = add_donor(bench.store, ANNA, sex="female")
    screen = bench.show(bench.plasma[0])
    press(screen, "b")
    form = screen.form()
    assert isinstance(form, DonorForm)
    other = read_scan(bench.received.tube)
    assert other is not None
    assert screen.take_scan(other)
    assert form.donor.text() == ""
    scan = read_scan(right)
    assert scan is not None
    bench.desk.frame.take_scan(scan)
    form.why.set_text("Swapped forms.")
    enter(screen)
    assert {bench.row(code).donor_id for code in (bench.received.tube, *bench.plasma)} == {
        codes.number(right)
    }
    assert codes.group(right) in screen.heading.donor.text()


def test_planned_vials_are_filled_together_the_first_row_for_all(bench: Bench) -> None:
    screen = bench.show(bench.received.tube)
    enter(screen)
    form = screen.form()
    assert isinstance(form, FillCard)
    form.field(0, "cells").set_text("8e6")
    form.field(0, "viability_percent").set_text("94,5")
    form.repeat_first()
    form.field(4, "volume_ul").set_text("")
    enter(screen)
    assert form.field(4, "volume_ul").problem_text()
    assert bench.row(bench.plasma[0]).state == "planned"
    form.field(4, "volume_ul").set_text("480")
    enter(screen)
    cells = vials_of(bench.received, "CEL")
    assert {bench.row(code).cells for code in cells} == {8_000_000}
    assert {bench.row(code).viability_percent for code in cells} == {94.5}
    assert sorted(bench.row(code).volume_ul or 0 for code in bench.plasma) == [480, 500]


def test_taking_out_asks_why_and_the_record_follows(bench: Bench) -> None:
    bench.place()
    screen = bench.show(bench.plasma[0])
    press(screen, "t")
    form = screen.form()
    assert isinstance(form, ReasonForm)
    enter(screen)
    assert form.why.problem_text()
    form.why.set_text("To the sequencing lab.")
    enter(screen)
    assert screen.form() is None
    assert "B3" not in screen.where.path_text()
    assert "void" in screen.bar.offered()


def test_escape_closes_the_form_then_the_screen(bench: Bench) -> None:
    screen = bench.show(bench.received.tube)
    press(screen, "a")
    assert screen.form() is not None
    assert screen.step_back()
    assert screen.form() is None
    assert not screen.step_back()


def test_an_auditor_looks_and_does_nothing(bench: Bench) -> None:
    session = bench.desk.session
    assert session is not None
    session.actor = replace(DEE)
    screen = bench.show(bench.received.tube)
    assert screen.bar.offered() == []
    press(screen, "c")
    assert screen.form() is None


def test_what_another_bench_did_appears(bench: Bench) -> None:
    bench.fill()
    screen = bench.show(bench.plasma[0])
    corrections.correct(bench.store, ANNA, bench.plasma[0], {"note": "Cloudy."}, "Seen later.")
    bench.desk.changed.emit(frozenset({SAMPLES}))
    assert screen.page.facts.facts()["Note"] == "Cloudy."


def test_a_processing_step_is_corrected_by_its_digit_with_the_reason(bench: Bench) -> None:
    now = utc_now()
    step = processing.StepForm("spin", now, now, speed_g=400, minutes=10)
    processing.start_step(bench.store, BO, bench.received.tube, step)
    screen = bench.show(bench.received.tube)
    press(screen, "1")
    form = screen.form()
    assert isinstance(form, StepCorrectionForm)
    speed = form.field("speed_g")
    assert isinstance(speed, NumberField)
    speed.set_text("2,5")
    enter(screen)
    assert screen.form() is form
    assert speed.problem_text()
    assert form.why.problem_text()
    speed.set_text("1200")
    brake = form.field("brake")
    assert isinstance(brake, PickField)
    brake.set_value("no")
    form.why.set_text("read from the wrong display")
    enter(screen)
    assert screen.form() is None
    with bench.store.read() as connection:
        (kept,) = samples.steps(connection, codes.number(bench.received.tube))
    assert (kept.speed_g, kept.brake, kept.minutes) == (1200, False, 10)


def test_an_auditor_corrects_no_step(bench: Bench) -> None:
    step = processing.StepForm("spin", utc_now())
    processing.start_step(bench.store, BO, bench.received.tube, step)
    screen = bench.show(bench.received.tube)
    session = bench.desk.session
    assert session is not None
    session.actor = DEE
    bench.desk.person_changed.emit()
    press(screen, "1")
    assert screen.form() is None


def test_somebody_else_finds_no_half_filled_correction(bench: Bench) -> None:
    screen = bench.show(bench.received.tube)
    press(screen, "C")
    session = bench.desk.session
    assert session is not None
    for actor, stays in ((None, True), (BO, True), (None, True), (ANNA, False)):
        session.actor = actor
        bench.desk.person_changed.emit()
        assert (screen.form() is not None) is stays


class Leaver:
    """The page of a vial whose consent allows use, with the hands to do it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.kept = kept(bench.store, ANNA, bench.boxes.plasma)
        self.vial = self.kept.vials[0]
        self.screen = bench.show(self.vial)

    def chips(self) -> list[str]:
        return self.screen.heading.standing()

    def reason(self, letter: str, why: str) -> None:
        press(self.screen, letter)
        form = self.screen.form()
        assert isinstance(form, ReasonForm)
        form.why.set_text(why)
        enter(self.screen)
        assert self.screen.form() is None


@pytest.fixture
def leaver(bench: Bench) -> Leaver:
    return Leaver(bench)


def test_a_vial_goes_out_for_now_and_comes_back_thawed(leaver: Leaver) -> None:
    leaver.reason("O", "check the label")
    (chip,) = leaver.chips()
    assert chip.startswith("out of the cold since")
    assert "check-out" not in leaver.screen.bar.offered()
    press(leaver.screen, "P")
    enter(leaver.screen)
    form = leaver.screen.form()
    assert isinstance(form, PutBackForm)
    assert form.thawed.problem_text() == "problem.answer-missing"
    press(leaver.screen, "T")
    enter(leaver.screen)
    assert leaver.chips() == []
    facts = {fact.label: fact for fact in leaver.screen.page.facts._facts}
    assert facts["Out of the cold"].value == "1 time"
    assert facts["Out of the cold"].detail == "1 thawing"


def test_a_box_shows_which_of_its_vials_are_out(leaver: Leaver) -> None:
    leaver.reason("O", "check the label")
    box_map = leaver.bench.show(leaver.kept.vials[1]).where.map
    assert [box_map.well((0, column)).state for column in range(3)] == [
        *(WellState.OUT, WellState.MINE, WellState.MINE)
    ]
    assert "out, place kept" in box_map.describe((0, 0))
    assert "out since" in box_map.well((0, 0)).text


def test_a_use_takes_some_and_the_last_ends_the_vial(leaver: Leaver) -> None:
    press(leaver.screen, "U")
    form = leaver.screen.form()
    assert isinstance(form, UseCard)
    enter(leaver.screen)
    assert form.purpose.problem_text() == form.left.problem_text() == "problem.answer-missing"
    assert form.what.problem_text() == form.ul.problem_text() == "problem.answer-missing"
    form.purpose.set_value("use-a2g")
    form.what.set_text("asparaginase activity")
    form.ul.set_text("900")
    form.left.set_value(False)
    enter(leaver.screen)
    assert form.ul.problem_text() == "problem.more-volume-than-left"
    assert form.what.text() == "asparaginase activity"
    form.ul.set_text("200")
    enter(leaver.screen)
    facts = {fact.label: fact for fact in leaver.screen.page.facts._facts}
    assert facts["Amount"].detail == "300 µL left"
    assert not leaver.screen.page.uses.isHidden()
    press(leaver.screen, "U")
    form = leaver.screen.form()
    assert isinstance(form, UseCard)
    form.purpose.set_value("use-a2g")
    form.what.set_text("the rest")
    form.left.set_value(True)
    enter(leaver.screen)
    assert leaver.screen.heading.state.text() == "used-up"
    assert leaver.screen.bar.offered() == ["correct", "donor"]
    assert leaver.screen.next_step.isHidden()


def test_dna_and_pools_are_made_of_stored_vials(leaver: Leaver) -> None:
    press(leaver.screen, "M")
    form = leaver.screen.form()
    assert isinstance(form, MadeLaterForm)
    form.material.set_value("DNA")
    enter(leaver.screen)
    assert form.purpose.problem_text() == form.what.problem_text() == "problem.answer-missing"
    form.purpose.set_value("use-a2g")
    form.what.set_text("germline panel")
    form.count.set_number(2)
    assert form.take_code(leaver.kept.vials[1])
    assert form.take_code(leaver.kept.vials[1]), "scanned twice is once"
    assert form.pool.codes() == (leaver.kept.vials[1],)
    enter(leaver.screen)
    assert form.count.problem_text() == "problem.vial-count-implausible"
    form.count.set_number(1)
    enter(leaver.screen)
    assert leaver.screen.form() is None
    with leaver.bench.store.read() as connection:
        made = [
            one for one in samples.vials(connection, codes.number(leaver.kept.tube)) if one.material == "DNA"
        ]
    assert [(one.parent_id, one.state) for one in made] == [(codes.number(leaver.vial), "planned")]
    leaver.bench.show(leaver.kept.vials[1])
    assert leaver.screen.heading.state.text() == "used-up"


def test_the_gate_stands_before_a_use_and_the_form_keeps_what_was_typed(leaver: Leaver) -> None:
    press(leaver.screen, "U")
    form = leaver.screen.form()
    assert isinstance(form, UseCard)
    form.purpose.set_value("use-animal")
    form.what.set_text("mouse model")
    form.ul.set_text("100")
    form.left.set_value(False)
    enter(leaver.screen)
    assert leaver.screen.form() is form
    assert form.ul.text() == "100"
    assert not form._rest.isHidden(), "the reason of the gate stands in the form"


def test_lost_is_undone_and_a_broken_vial_offers_nothing_more(leaver: Leaver) -> None:
    leaver.reason("L", "not in its well")
    assert leaver.screen.heading.state.text() == "lost"
    assert leaver.screen.bar.offered() == ["turned-up", "correct", "donor"]
    leaver.bench.desk.frame.undo()
    assert leaver.screen.heading.state.text() == "stored"
    assert leaver.screen.bar.undo.isHidden(), "what was taken back is not taken back again"
    leaver.reason("L", "not in its well")
    leaver.reason("H", "in the next box")
    assert leaver.screen.heading.state.text() == "without position"
    leaver.reason("K", "fell on the floor")
    assert leaver.screen.bar.offered() == ["correct", "donor"]
    assert leaver.screen.where.path_text() == "Not stored"


def test_what_is_held_back_or_spoken_for_says_so(leaver: Leaver) -> None:
    store = leaver.bench.store
    no = releases.open_release(store, ANNA, STUDY)
    releases.choose(store, ANNA, no, [leaver.vial])
    leaver.bench.show(leaver.vial)
    assert leaver.chips() == [f"chosen for release {no}"]
    quarantine.report(store, ANNA, found_wrong(leaver.kept.vials[1]))
    leaver.bench.show(leaver.kept.vials[1])
    assert leaver.chips() == ["in quarantine, nonconformity 1"]
    assert not {"use", "check-out"} & set(leaver.screen.bar.offered())
    withdraw(store, ANNA, leaver.kept.donor)
    leaver.bench.show(leaver.vial)
    assert leaver.chips() == ["on list 1"]
