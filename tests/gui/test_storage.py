from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui.storage.kinds import KindsCard
from biobank_desktop.gui.storage.making import NewContainer, NewKind
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.widgets.boxmap import WellState
from biobank_desktop.gui.widgets.form_card import ReasonForm
from biobank_desktop.persistence.queries import containers, history
from tests.support.databases import ANNA, BO, CAS
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes


class Room:
    """The storage of a small lab in a shown window."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self.store, self.desk = store, desk
        self.boxes: Boxes | None = None

    def screen(self) -> StorageScreen:
        shown = self.desk.frame.shown_screen()
        assert isinstance(shown, StorageScreen)
        return shown

    def show(self, code: str | None = None) -> StorageScreen:
        self.desk.frame.show_screen("storage", **({"container": codes.number(code)} if code else {}))
        return self.screen()

    def be(self, actor: Actor) -> None:
        assert self.desk.session is not None
        self.desk.session.actor = actor

    def scan(self, code: str) -> None:
        scan = read_scan(code)
        assert scan is not None
        self.desk.frame.take_scan(scan)

    def places(self, samples: list[str]) -> dict[str, tuple[int, int]]:
        with self.store.read() as connection:
            found = containers.places(connection, [codes.number(code) for code in samples])
        return {codes.from_number(number): (at.row_no, at.column_no) for number, at in found.items()}

    def newest(self, sample: str) -> EventRow:
        """The newest event of its history."""
        with self.store.read() as connection:
            return history.of_object(connection, codes.number(sample))[0]


@pytest.fixture
def room(qtbot: QtBot, sqlite_store: Store, tmp_path: Path, sounds: Sounds) -> Iterator[Room]:
    desk = open_desk(sqlite_store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    use_screen(desk, "storage", StorageScreen)
    desk.frame.show()
    yield Room(sqlite_store, desk)
    close_desk(desk)


@pytest.fixture
def boxes(room: Room) -> Boxes:
    return add_boxes(room.store, ANNA)


@pytest.fixture
def plasma(room: Room) -> list[str]:
    donor = add_donor(room.store, ANNA)
    consent_of_both(room.store, ANNA, donor)
    received = receive(room.store, BO, donor)
    fill_all(room.store, BO, received)
    return vials_of(received, "PL1")


def test_scanned_vials_land_one_after_the_other_and_the_last_is_taken_back(
    room: Room, boxes: Boxes, plasma: list[str], heard: list[str]
) -> None:
    screen = room.show(boxes.plasma)
    QTest.keyClick(screen.tree, Qt.Key.Key_P)
    assert screen.box.map.well((0, 0)).state is WellState.PROPOSED
    room.scan(plasma[0])
    assert room.places(plasma) == {plasma[0]: (1, 1)}
    assert screen.box.map.well((0, 0)).state is WellState.PLACED
    assert screen.box.map.is_flashing()
    assert heard[-1] == "accepted"
    screen.box.map.chosen.emit(2, 4)
    room.scan(plasma[1])
    assert room.places(plasma)[plasma[1]] == (3, 5)
    assert screen.box.map.well((0, 1)).state is WellState.PROPOSED
    room.desk.frame.undo_wanted.emit()
    assert room.places(plasma) == {plasma[0]: (1, 1)}
    assert screen.box.map.well((2, 4)).state is WellState.FREE


def test_a_typed_vial_is_placed_when_it_was_typed_twice(room: Room, boxes: Boxes, plasma: list[str]) -> None:
    screen = room.show(boxes.plasma)
    room.desk.frame.bus.type(boxes.plasma)  # to open a box decides nothing
    assert not room.desk.frame.notices.line_shown()
    screen.begin("place")
    room.desk.frame.bus.type(plasma[0])
    room.desk.frame.bus.type(plasma[1])
    assert room.desk.frame.notices.stopped
    room.desk.frame.step_back()
    assert room.places(plasma) == {}
    room.desk.frame.bus.type(plasma[1])
    room.desk.frame.bus.type(plasma[1].lower())
    assert room.places(plasma) == {plasma[1]: (1, 1)}
    room.scan(plasma[0])
    assert [room.newest(vial).typed for vial in plasma[:2]] == [(), (plasma[1],)]


def test_a_vial_that_lies_already_is_a_stop_and_goes_nowhere(
    room: Room, boxes: Boxes, plasma: list[str]
) -> None:
    screen = room.show(boxes.plasma)
    screen.begin("place")
    room.scan(plasma[0])
    room.scan(plasma[0])
    assert room.desk.frame.notices.stopped
    room.scan(plasma[1])
    assert room.places(plasma) == {plasma[0]: (1, 1)}
    room.desk.frame.step_back()
    room.scan(plasma[1])
    assert room.places(plasma)[plasma[1]] == (1, 2)


def test_placing_goes_on_in_the_next_box_that_is_scanned_and_ends_with_escape(
    room: Room, boxes: Boxes, plasma: list[str]
) -> None:
    screen = room.show(boxes.nitrogen)
    screen.begin("place")
    room.scan(boxes.plasma)
    assert screen.heading.name_text() == "BX001"
    assert not screen.box.bar.isHidden()
    room.scan(plasma[0])
    assert plasma[0] in room.places(plasma)
    room.desk.frame.step_back()
    assert not screen.placing.on
    scan = read_scan(plasma[1])
    assert scan is not None
    assert not screen.take_scan(scan)


def test_taking_out_is_of_the_well_pointed_at_and_asks_why(
    room: Room, boxes: Boxes, plasma: list[str]
) -> None:
    screen = room.show(boxes.plasma)
    screen.begin("place")
    room.scan(plasma[0])
    screen.placing.end()
    QTest.keyClick(screen.box.map, Qt.Key.Key_Home)
    assert codes.group(plasma[0]) in screen.box.well_text()
    screen.begin("out")
    form = screen.form()
    assert isinstance(form, ReasonForm)
    form.primary.click()
    assert form.why.problem_text()
    form.why.set_text("Shipped.")
    form.primary.click()
    assert room.places(plasma) == {}
    assert screen.form() is None


def test_the_tree_reads_a_branch_when_it_is_opened(room: Room, boxes: Boxes) -> None:
    screen = room.show()
    assert screen.tree.names() == ["F80-01", "LN2-01"]
    model = screen.tree.model()
    screen.tree.expand(model.index(0, 0))
    assert "F80-01 S1" in screen.tree.names()
    assert "BX002" not in screen.tree.names()
    room.show(boxes.nitrogen)
    assert "BX002" in screen.tree.names()
    assert screen.tree.currentIndex().data() == "BX002"


def test_a_manager_furnishes_the_lab_from_nothing(room: Room) -> None:
    room.be(CAS)
    screen = room.show()
    assert not screen.empty.isHidden()
    screen.empty.button.click()
    form = screen.form()
    assert isinstance(form, NewContainer)
    form.primary.click()
    assert form.kind.problem_text()
    assert form.name_field.problem_text()
    form.kind.set_value("Freezer −80")
    form.name_field.set_text("F80-01")
    form.primary.click()
    assert form.temperature.problem_text()
    form.temperature.set_value("-80")
    form.primary.click()
    assert screen.heading.name_text() == "F80-01"
    screen.plan.map.choose(3)
    form = screen.form()
    assert isinstance(form, NewContainer)
    form.kind.set_value("Freezer shelf")
    form.name_field.set_text("S4")
    form.primary.click()
    assert screen.heading.name_text() == "S4"
    with room.store.read() as connection:
        shelf = containers.by_name(connection, "S4")
    assert shelf is not None
    assert (shelf.row_no, shelf.column_no) == (1, 4)
    with room.store.read() as connection:
        assert containers.newest_label(connection, shelf.id) == (1, "confirmed")


def test_a_new_kind_is_drawn_as_it_is_typed_and_its_problems_stand_beside_its_fields(
    room: Room, boxes: Boxes
) -> None:
    room.be(CAS)
    screen = room.show()
    screen.begin("kind")
    listed = screen.form()
    assert isinstance(listed, KindsCard)
    QTest.keyClick(listed, Qt.Key.Key_K)
    form = screen.form()
    assert isinstance(form, NewKind)
    form.row_count.set_text("4")
    form.column_count.set_text("6")
    form.fill_order.set_value("columns-from-bottom-left")
    assert form.map.well((3, 0)).state is WellState.PROPOSED
    form.column_count.set_text("0")
    form.primary.click()
    assert form.name_field.problem_text()
    assert form.row_count.problem_text()
    form.column_count.set_text("6")
    form.name_field.set_text("Box 4 × 6")
    form.primary.click()
    with room.store.read() as connection:
        made = containers.kind(connection, "Box 4 × 6")
    assert made is not None
    assert (made.rows, made.columns, made.fill_order) == (4, 6, "columns-from-bottom-left")


def test_a_technician_places_but_makes_nothing(room: Room, boxes: Boxes) -> None:
    screen = room.show()
    assert screen.heading.offered() == ["move", "list", "past"]
    room.show(boxes.plasma)
    offered = ["place", "out", "move", "label", "swap", "reserve", "list", "empty", "spill", "outage", "past"]
    assert screen.heading.offered() == offered
