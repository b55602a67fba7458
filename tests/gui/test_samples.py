from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.gui.desk import SAMPLES
from biobank_desktop.gui.samples import finding
from biobank_desktop.gui.samples.screen import SamplesScreen
from biobank_desktop.persistence.queries import search
from biobank_desktop.persistence.queries.search import Filter
from biobank_desktop.services import placing, use
from tests.support.databases import ANNA, BO
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received


SCREEN = ("samples", SamplesScreen)


@pytest.fixture
def received(sqlite_store: Store) -> Received:
    """A tube with six filled vials, one of plasma in C2 of a box."""
    boxes = add_boxes(sqlite_store, ANNA)
    donor = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, donor)
    made = receive(sqlite_store, BO, donor)
    fill_all(sqlite_store, BO, made)
    placing.place(sqlite_store, BO, boxes.plasma, vials_of(made, "PL1")[0], "C2")
    return made


def show(desk: Desk, **arguments: object) -> SamplesScreen:
    screen = desk.frame.show_screen("samples", **arguments)
    assert isinstance(screen, SamplesScreen)
    return screen


def listed(screen: SamplesScreen) -> list[str]:
    rows = screen.table.rows
    return [codes.from_number(rows.id_at(row)) for row in range(rows.rowCount())]


def test_typing_narrows_the_list_and_enter_opens_what_is_pointed_at(
    qtbot: QtBot, desk: Desk, received: Received
) -> None:
    screen = show(desk)
    assert len(listed(screen)) == 7
    assert screen.count.text().startswith("7 ")
    wanted = received.vials[2].code
    QTest.keyClicks(screen.search.line, wanted[4:9].lower())
    assert listed(screen) == [wanted]
    qtbot.waitUntil(lambda: screen.preview.code.code == wanted)
    QTest.keyClick(screen.search.line, Qt.Key.Key_Return)
    assert desk.frame.screen_name() == "record"


def test_a_diagnostic_code_and_a_donor_find_the_family(desk: Desk, received: Received) -> None:
    screen = show(desk, code="HX2611")
    assert listed(screen) == [received.tube]
    show(desk, donor=codes.number(received.donor))
    assert len(listed(screen)) == 7


def test_chips_narrow_and_are_taken_off(desk: Desk, received: Received) -> None:
    screen = show(desk)
    screen.filters.material.set_value("PL1")
    assert sorted(listed(screen)) == sorted(vials_of(received, "PL1"))
    screen.filters.stored.set_value("yes")
    assert listed(screen) == [vials_of(received, "PL1")[0]]
    QTest.keyClick(screen.filters.stored, Qt.Key.Key_Delete)
    assert len(listed(screen)) == 2
    screen.filters.clear.click()
    assert len(listed(screen)) == 7


def test_nothing_found_says_so_and_offers_the_way_back(desk: Desk, received: Received) -> None:
    screen = show(desk, code="PM77ZZ")
    assert listed(screen) == []
    assert desk.frame.context.shown() is None
    assert screen.step_back()
    assert len(listed(screen)) == 7
    assert desk.frame.context.shown() is screen.preview


def test_the_place_stands_in_the_list_in_the_words_of_the_box(
    sqlite_store: Store, received: Received
) -> None:
    stored, other = (codes.number(code) for code in vials_of(received, "PL1"))
    rows = finding.rows(sqlite_store, [stored, other])
    assert [row.place for row in rows] == ["BX001 / C2", ""]


def test_a_long_list_comes_in_steps_without_a_gap(
    qtbot: QtBot, desk: Desk, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "STEP", 3)
    monkeypatch.setattr(finding, "FIRST", 2)
    assert desk.session is not None
    store = desk.session.store
    first = finding.first(store, Filter())
    steps = [sum(map(len, found)) for found in finding.rest(store, Filter(), first[-1])]
    assert (len(first), steps) == (2, [3, 5])
    screen = show(desk)
    every = [received.tube, *(vial.code for vial in received.vials)]
    assert len(listed(screen)) == 2
    qtbot.waitUntil(lambda: listed(screen) == sorted(every, key=codes.number, reverse=True))
    assert screen.count.text().startswith("7 ")


def test_a_new_sample_appears_while_the_list_is_shown(
    desk: Desk, sqlite_store: Store, received: Received
) -> None:
    screen = show(desk)
    receive(sqlite_store, BO, received.donor, tube_code="HX26110099", time_point="D15", plan=())
    desk.changed.emit(frozenset({SAMPLES}))
    assert len(listed(screen)) == 8


def test_the_cursor_stays_on_its_sample_when_another_bench_adds_one(
    qtbot: QtBot, desk: Desk, sqlite_store: Store, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIRST", 2)
    screen = show(desk)
    qtbot.waitUntil(lambda: len(listed(screen)) == 7)
    screen.table.selectRow(4)
    here = screen.table.current_id()
    receive(sqlite_store, BO, received.donor, tube_code="HX26110099", time_point="D15", plan=())
    desk.changed.emit(frozenset({SAMPLES}))
    qtbot.waitUntil(lambda: len(listed(screen)) == 8)
    assert screen.table.current_id() == here


def test_an_empty_lab_offers_the_first_receipt(desk: Desk) -> None:
    screen = show(desk)
    assert screen.count.text() == ""
    assert not screen.nothing_yet.isHidden()
    screen.nothing_yet.button.click()
    assert desk.frame.screen_name() == "intake"


def test_what_has_left_says_how_and_is_found_by_it(
    desk: Desk, sqlite_store: Store, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    use.report_broken(sqlite_store, BO, first, "fell on the floor")
    use.report_lost(sqlite_store, BO, second, "not in its well")
    screen = show(desk)
    model = screen.table.rows
    model.want(0, 10)
    shown = {code: model.data(model.index(row, 4)) for row, code in enumerate(listed(screen))}
    assert (shown[first], shown[second]) == ("broken", "lost")
    screen.filters.state.set_value("lost")
    assert listed(screen) == [second]
    screen.filters.state.set_value("filled")
    assert not {first, second} & set(listed(screen))
    assert len(listed(screen)) == 4
