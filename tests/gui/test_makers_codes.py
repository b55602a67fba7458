"""Makers' codes at the bench: put on the vials that wait, read as the vial everywhere, laid ready."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.preprinted import RollForm
from biobank_desktop.domain.scans import ForeignPattern, Scan, ScanKind
from biobank_desktop.gui.labels.screen import LabelsScreen
from biobank_desktop.gui.makers_codes import MakersCodes
from biobank_desktop.gui.routes import Routes
from biobank_desktop.persistence.queries import preprinted, worklists
from biobank_desktop.services.foreign_codes import vial_with
from biobank_desktop.services.lab import set_setting
from biobank_desktop.services.labels import queued
from biobank_desktop.services.preprinted import add_roll
from biobank_desktop.services.printing import give_up
from tests.support.databases import ANNA, BO, open_store
from tests.support.lab import add_donor, consent_of_both, receive, vials_of
from tests.support.printed import taken
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases

SCREEN = ("labels", LabelsScreen)
MICRONIC = ForeignPattern("Micronic", r"\d{10}")
PATTERNS = [ForeignPattern("tube", r"HX\d{8}"), MICRONIC]
KEPT = [{"name": one.name, "expression": one.expression} for one in PATTERNS]
A, B, C = "1000000001", "1000000002", "1000000003"


@pytest.fixture(autouse=True)
def _routes(desk: Desk, sqlite_store: Store) -> Routes:
    set_setting(sqlite_store, ANNA, "patterns", KEPT)
    desk.frame.bus.set_patterns(PATTERNS)
    return Routes(desk, desk)


@pytest.fixture
def vials(sqlite_store: Store) -> list[str]:
    """Two vials of plasma that wait for their labels."""
    donor = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, donor)
    return vials_of(receive(sqlite_store, BO, donor), "PL1")


@pytest.fixture
def screen(desk: Desk, vials: list[str]) -> LabelsScreen:
    """The screen, with the plasma selected and its codes asked for."""
    desk.frame.show_screen("labels")
    shown = desk.frame.shown_screen()
    assert isinstance(shown, LabelsScreen)
    model = shown.listing.table.selectionModel()
    flags = model.SelectionFlag.Select | model.SelectionFlag.Rows
    for place, row in enumerate(shown.listing.rows):
        if row.code in vials:
            model.select(shown.listing.table.rows.index(place, 0), flags)
    QTest.keyClick(shown, Qt.Key.Key_M)
    assert desk.frame.context.shown() is shown.binding
    return shown


def on(store: Store, code: str) -> str | None:
    with store.read() as connection:
        return vial_with(connection, code)


def states(store: Store, code: str) -> list[str]:
    with store.read() as connection:
        return [row.state for row in worklists.labels(connection, object_id=codes.number(code))]


def test_the_vial_that_is_next_gets_the_code_that_is_scanned(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen, vials: list[str]
) -> None:
    first = screen.binding.code.text()
    assert codes.parse(first) in vials
    assert screen.binding.count.text() == "0 of 2 have one"
    desk.frame.bus.take(A)
    assert screen.binding.count.text() == "1 of 2 have one"
    desk.frame.bus.take(B)
    assert screen.binding.count.text() == "2 of 2 have one"
    assert {on(sqlite_store, A), on(sqlite_store, B)} == set(vials)
    assert codes.group(str(on(sqlite_store, A))) == first
    assert [states(sqlite_store, vial) for vial in vials] == [["cancelled"]] * 2
    screen.binding.end.click()
    assert not set(vials) & {row.code for row in screen.listing.rows}


def test_a_vial_that_is_scanned_is_next_and_its_label_can_be_wanted_too(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen, vials: list[str]
) -> None:
    last = next(vial for vial in vials if codes.group(vial) != screen.binding.code.text())
    desk.frame.bus.take(last)
    screen.binding.label_too.set_values(["label-too"])
    desk.frame.bus.take(A)
    assert on(sqlite_store, A) == last
    assert states(sqlite_store, last) == ["queued"]


def test_what_is_no_code_for_it_is_a_stop_and_nothing_is_put_on(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen, vials: list[str]
) -> None:
    add_roll(sqlite_store, ANNA, RollForm("Roll 1", "Micronic", "another bench", (C,)))
    other = receive(sqlite_store, BO, add_donor(sqlite_store, ANNA), tube_code="HX26118888")
    for wrong in (C, "HX26119999", other.vials[0].code):
        desk.frame.bus.take(wrong)
        assert desk.frame.notices.stopped, wrong
        desk.frame.notices.clear_stop()
    desk.frame.bus.type(A)  # that somebody can read it does not say that a scanner can
    assert desk.frame.notices.stopped
    desk.frame.notices.clear_stop()
    assert screen.binding.count.text() == "0 of 2 have one"
    assert [states(sqlite_store, vial) for vial in vials] == [["queued"]] * 2


def test_a_code_on_another_vial_is_moved_only_with_the_reason(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen
) -> None:
    desk.frame.bus.take(A)
    before = on(sqlite_store, A)
    desk.frame.bus.take(A)
    assert on(sqlite_store, A) == before
    assert screen.binding.why.isVisible()
    screen.press_primary()
    assert screen.binding.why.problem_text()
    assert on(sqlite_store, A) == before
    screen.binding.why.set_text("the tubes were swapped")
    screen.press_primary()
    assert on(sqlite_store, A) not in {None, before}
    assert not screen.binding.why.isVisible()
    assert screen.binding.code.text() == codes.group(str(before))
    assert screen.binding.count.text() == "1 of 2 have one"


def test_everywhere_else_the_code_is_the_vial_and_scans_keep_their_order(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.frame.bus.take(A)
    vial = str(on(sqlite_store, A))
    screen.binding.end.click()
    used: list[Scan] = []

    def take(scan: Scan) -> bool:
        used.append(scan)
        return True

    monkeypatch.setattr(screen, "take_scan", take)
    for raw in (A, vial, B, A):
        desk.frame.bus.take(raw)
    assert [(scan.code, scan.carried) for scan in used] == [(vial, A), (vial, ""), (B, ""), (vial, A)]


def test_a_roll_is_laid_ready_by_scanning_its_first_and_its_last_code(
    desk: Desk, sqlite_store: Store
) -> None:
    desk.frame.show_screen("labels")
    screen = desk.frame.shown_screen()
    assert isinstance(screen, LabelsScreen)
    QTest.keyClick(screen, Qt.Key.Key_L)
    card = screen.rolls.card
    screen.press_primary()
    assert card.roll.problem_text()
    assert card.maker.problem_text()
    assert card.codes.problem_text()
    desk.frame.bus.take("1000000098")
    desk.frame.bus.take("1000000103")
    card.roll.set_text("Rack 7")
    card.maker.set_text("Micronic")
    card.codes.set_text(A)
    screen.press_primary()
    assert card.codes.problem_text()
    card.codes.clear()
    screen.press_primary()
    with sqlite_store.read() as connection:
        (kept,) = preprinted.rolls(connection)
    assert desk.session is not None
    assert (kept.roll, kept.maker, kept.bench) == ("Rack 7", "Micronic", desk.session.settings.bench)
    assert (kept.count, kept.used) == (6, 0)
    assert card.first.text() == ""
    assert screen.step_back()
    assert desk.frame.context.shown() is not screen.rolls


def test_scans_made_faster_than_they_are_stored_go_on_the_vials_they_were_meant_for(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    address = sqlite_databases.lab()
    with closing(open_store(address)) as store:
        set_setting(store, ANNA, "patterns", KEPT)
        donor = add_donor(store, ANNA)
        consent_of_both(store, ANNA, donor)
        receive(store, BO, donor)
    window = Window(bench_settings(address, tmp_path)).start("anna")
    screen = window.program.frame.show_screen("labels")
    assert isinstance(screen, LabelsScreen)
    window.settle()
    QTest.keyClick(screen, Qt.Key.Key_M)
    window.settle()
    bus, first = window.program.frame.bus, screen.binding.code.code
    last = screen.listing.rows[-1].code
    with window.busy_database():
        for raw in (A, last, B):
            bus.take(raw)
    window.settle()
    assert (on(window.store, A), on(window.store, B)) == (first, last)
    with window.busy_database():
        for raw in (A, first, C):  # A is on the first one: a reason is asked for, and nothing else is done
            bus.take(raw)
    window.settle()
    assert screen.binding.why.isVisible()
    assert (on(window.store, A), on(window.store, C)) == (first, None)
    for _line_and_question in range(2):
        window.program.frame.step_back()
    assert not screen.binding.why.isVisible()
    assert window.program.frame.context.shown() is screen.binding
    assert window.bugs() == []
    window.program.close()
    window.program.frame.close()


def test_a_scan_is_not_used_for_who_comes_after(desk: Desk, screen: LabelsScreen) -> None:
    desk.frame.bus.take(A)
    screen.binding.end.click()
    used: list[str] = []
    desk.frame.scan_left.connect(lambda scan: used.append(scan.code))
    names = MakersCodes(desk, desk)
    names._asking = True  # the database has not answered yet
    names.take(Scan(B, ScanKind.FOREIGN))
    desk.person_changed.emit()
    names.take(Scan(C, ScanKind.FOREIGN))
    assert used == [C]


def test_the_makers_code_proves_no_label_of_ours(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen, vials: list[str]
) -> None:
    screen.binding.label_too.set_values(["label-too"])
    desk.frame.bus.take(A)
    vial = str(on(sqlite_store, A))
    screen.binding.end.click()
    QTest.keyClick(screen, Qt.Key.Key_Return)
    assert states(sqlite_store, vial) == ["confirmed"]
    QTest.keyClick(screen, Qt.Key.Key_H)
    QTest.keyClick(screen, Qt.Key.Key_C)
    desk.frame.bus.take(A)
    assert states(sqlite_store, vial) == ["confirmed"]
    desk.frame.bus.take(vial)
    assert states(sqlite_store, vial) == ["verified"]


def test_a_vial_typed_once_is_not_the_next_one(desk: Desk, screen: LabelsScreen, vials: list[str]) -> None:
    other = next(vial for vial in vials if vial != screen.binding.code.code)
    desk.frame.bus.type(other)
    assert screen.binding.code.code != other
    desk.frame.bus.type(other)
    assert screen.binding.code.code == other


@pytest.mark.parametrize("letter", [Qt.Key.Key_M, Qt.Key.Key_L])
def test_what_is_not_in_sight_is_not_pressed(
    desk: Desk, sqlite_store: Store, screen: LabelsScreen, vials: list[str], letter: Qt.Key
) -> None:
    with sqlite_store.read() as connection:
        waiting = queued(connection)
    batch = taken(sqlite_store, BO, waiting[:2])
    give_up(sqlite_store, BO, [one.key for one in batch.drawn])
    screen.step_back()
    QTest.keyClick(screen, Qt.Key.Key_D)
    assert len(screen.listing.rows) == 2
    QTest.keyClick(screen, letter)
    QTest.keyClick(screen, Qt.Key.Key_W)
    QTest.keyClick(screen, letter)
    for key in (Qt.Key.Key_Y, Qt.Key.Key_N):
        QTest.keyClick(screen, key)
    with sqlite_store.read() as connection:
        assert [row.state for row in worklists.labels(connection, states=["unknown"])] == ["unknown"] * 2
    desk.frame.show_screen("samples")
    desk.frame.show_screen("labels")
    assert screen.press_primary(), "Enter prints again"
