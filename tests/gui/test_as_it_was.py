"""Looking back on the storage screen: a moment chosen, the map of then, what changed since, and back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.widgets.boxmap import WellState
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services import placing
from tests.support.databases import ANNA, BO
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes


@pytest.fixture
def desk(qtbot: QtBot, sqlite_store: Store, tmp_path: Path, sounds: Sounds) -> Iterator[Desk]:
    desk = open_desk(sqlite_store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    use_screen(desk, "storage", StorageScreen)
    desk.frame.show()
    yield desk
    close_desk(desk)


@pytest.fixture
def boxes(sqlite_store: Store) -> Boxes:
    return add_boxes(sqlite_store, ANNA)


@pytest.fixture
def moment(sqlite_store: Store, boxes: Boxes) -> datetime:
    """Two vials lay at A1 and A2; since then the first has gone to C5."""
    donor = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, donor)
    received = receive(sqlite_store, BO, donor)
    fill_all(sqlite_store, BO, received)
    first, second = vials_of(received, "PL1")
    placing.place_all(sqlite_store, BO, boxes.plasma, [(first, ""), (second, "")])
    time.sleep(0.005)
    moment = datetime.now(UTC)
    time.sleep(0.005)
    placing.take_out(sqlite_store, BO, first, "wrong well")
    placing.place(sqlite_store, BO, boxes.plasma, first, "C5")
    return moment


def _screen(desk: Desk, code: str | None = None) -> StorageScreen:
    if code:
        desk.frame.show_screen("storage", container=codes.number(code))
    shown = desk.frame.shown_screen()
    assert isinstance(shown, StorageScreen)
    return shown


def test_h_shows_the_box_as_it_was_and_escape_what_it_is(desk: Desk, boxes: Boxes, moment: datetime) -> None:
    screen = _screen(desk, boxes.plasma)
    QTest.keyClick(screen.tree, Qt.Key.Key_H)
    past = screen.past
    past.look_at(moment)
    assert past.isVisible()
    assert not screen.box.isVisible()
    states = [past.map.well(place).state for place in ((0, 0), (0, 1), (2, 4))]
    assert states == [WellState.MOVED, WellState.TAKEN, WellState.FREE]
    assert moment.strftime("%Y") in past.band.title()
    table = past.changed.table
    assert [desk.frame.context.shown() is past.changed, table.isVisible()] == [True, True]
    was = past.shown()
    assert was is not None
    table.pointed.emit(was.differences[0].content.item_id)
    assert BO.name in past.changed.told()
    desk.frame.step_back()
    assert not past.isVisible()
    assert screen.box.isVisible()
    assert screen.box.map.well((2, 4)).state is WellState.TAKEN


def test_nothing_can_be_done_while_looking_back(
    desk: Desk, boxes: Boxes, moment: datetime, sqlite_store: Store
) -> None:
    screen = _screen(desk, boxes.plasma)
    screen.begin("past")
    screen.past.look_at(moment)
    assert screen.heading.offered() == []
    for name in ("place", "out", "label", "add", "kind"):
        screen.begin(name)
    assert screen.form() is None
    assert not screen.placing.on
    assert screen.past.isVisible()


def test_a_moment_before_the_box_was_made_stands_beside_the_field(
    desk: Desk, boxes: Boxes, moment: datetime
) -> None:
    screen = _screen(desk, boxes.plasma)
    screen.begin("past")
    assert "container-made-later" in screen.past.field.problem_text()
    assert screen.past.shown() is None
    screen.past.field.set_text("31-02 9:40")
    screen.press_primary()
    assert screen.past.field.problem_text() == "problem.not-a-moment"
    assert screen.past.field.text() == "31-02 9:40"
    screen.past.look_at(moment)
    assert screen.past.field.problem_text() == ""
    assert screen.past.shown() is not None


def test_letters_go_back_a_day_a_week_a_month_a_year(desk: Desk, boxes: Boxes, moment: datetime) -> None:
    screen = _screen(desk, boxes.plasma)
    screen.begin("past")
    for letter, days in (("W", 7), ("M", 30), ("Y", 365), ("D", 1)):
        assert screen.past.quick.take_letter(letter)
        asked = screen.past.field.moment()
        assert asked is not None
        assert abs(datetime.now(UTC) - timedelta(days=days) - asked) < timedelta(minutes=2)


def test_another_container_is_shown_at_the_same_moment(desk: Desk, boxes: Boxes, moment: datetime) -> None:
    screen = _screen(desk, boxes.plasma)
    screen.begin("past")
    screen.past.look_at(moment)
    was = screen.past.shown()
    assert was is not None
    screen.open(was.path[0].id)
    around = screen.past.shown()
    assert around is not None
    assert around.moment == moment
    assert [row.name for row in around.children] == ["F80-01 S1"]
    assert screen.past.plan.isVisible()
    screen.past.plan.opened.emit(around.children[0].id)
    inside = screen.past.shown()
    assert inside is not None
    assert {row.name: row.used for row in inside.children} == {"BX001": 2, "CoolCell 1": 0}


def test_y_writes_the_recovery_kit_of_a_device(
    desk: Desk, boxes: Boxes, moment: datetime, sqlite_store: Store
) -> None:
    screen = _screen(desk, boxes.plasma)
    assert "kit" not in screen.heading.offered()
    with sqlite_store.read() as connection:
        device = containers.path(connection, codes.number(boxes.plasma))[0]
    screen.open(device.id)
    assert "kit" in screen.heading.offered()
    QTest.keyClick(screen.tree, Qt.Key.Key_Y)
    assert desk.session is not None
    folder = desk.session.settings.data_folder / "papers" / "recovery"
    assert [path.name for path in folder.iterdir()] == [f"recovery-{device.code}.pdf"]
