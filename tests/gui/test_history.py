from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui.history.screen import HistoryScreen
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.persistence import schema
from biobank_desktop.persistence.queries import history
from biobank_desktop.persistence.seals import seal
from biobank_desktop.services.donors import set_day1
from tests.support.databases import ANNA, BO
from tests.support.lab import add_donor, consent_of_both, receive

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store


SCREEN = ("history", HistoryScreen)


def shown(desk: Desk) -> HistoryScreen:
    desk.frame.show_screen("history")
    screen = desk.frame.shown_screen()
    assert isinstance(screen, HistoryScreen)
    return screen


@pytest.fixture
def donor(sqlite_store: Store) -> str:
    """A donor with consent and a tube, all sealed."""
    code = add_donor(sqlite_store, ANNA, day1_on=date(2026, 11, 3))
    consent_of_both(sqlite_store, ANNA, code)
    receive(sqlite_store, BO, code)
    seal(sqlite_store)
    return code


def words(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.text()]


def count(store: Store, login: str | None = None) -> int:
    with store.read() as connection:
        return len(history.ids(connection, login=login))


def test_every_event_is_listed_and_can_be_narrowed_to_a_person_or_a_kind(
    desk: Desk, sqlite_store: Store, donor: str
) -> None:
    screen = shown(desk)
    rows = screen.listing.table.rows
    assert rows.rowCount() == count(sqlite_store)
    screen.listing.person.set_value(BO.login)
    assert rows.rowCount() == count(sqlite_store, login="bo") == 1
    screen.listing.person.clear()
    screen.listing.kind.set_value("consent-recorded")
    assert rows.rowCount() == 2
    screen.listing.kind.set_value("corrected")
    assert rows.rowCount() == 0
    assert not screen.listing.table.isVisible()
    assert desk.frame.context.shown() is None


def test_a_long_history_comes_in_steps_and_whole(
    desk: Desk, sqlite_store: Store, donor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biobank_desktop.gui.history.listing.STEP", 3)
    screen = shown(desk)
    rows = screen.listing.table.rows
    numbers = [rows.id_at(row) for row in range(rows.rowCount())]
    assert len(numbers) == count(sqlite_store) > 6
    assert numbers == sorted(numbers, reverse=True)


def test_what_has_come_since_stands_on_top_and_the_cursor_stays(
    desk: Desk, sqlite_store: Store, donor: str
) -> None:
    screen = shown(desk)
    table = screen.listing.table
    table.selectRow(2)
    event = table.current_id()
    before = table.rows.rowCount()
    set_day1(sqlite_store, BO, donor, date(2026, 11, 5), "Start was moved")
    desk.changed.emit(frozenset({"donors"}))
    assert table.rows.rowCount() == before + 1
    assert table.current_id() == event
    assert table.rows.id_at(0) > table.rows.id_at(1)


def test_an_event_shows_every_value_old_and_new_who_and_why(
    desk: Desk, sqlite_store: Store, donor: str
) -> None:
    set_day1(sqlite_store, BO, donor, date(2026, 11, 5), "Start was moved")
    screen = shown(desk)
    said = words(screen.detail)
    assert {"3 Nov 2026", "5 Nov 2026", "Why: Start was moved"} <= set(said)
    assert any(text.startswith("Bo Jansen · bench-1") for text in said)
    facts = screen.detail.facts.facts()
    assert facts["Sealed"] == "not yet"
    seal(sqlite_store)
    desk.changed.emit(frozenset({"donors"}))
    assert screen.detail.facts.facts()["Sealed"] == "yes"
    QTest.keyClick(screen, Qt.Key.Key_O)
    assert desk.frame.screen_name() == "donors"


def test_verifying_says_how_many_events_agree(desk: Desk, sqlite_store: Store, donor: str) -> None:
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_V)
    assert not screen.verifying.running()
    assert f"{count(sqlite_store)} events verified, no contradictions." in words(screen.verifying.result)
    assert screen.verifying.result.property("role") == "tone-permitted"


def test_verifying_names_an_event_that_was_changed_behind_its_back(
    desk: Desk, sqlite_store: Store, donor: str, heard: list[str]
) -> None:
    with sqlite_store.engine.begin() as connection, schema.without_guards(connection):
        connection.exec_driver_sql(
            "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'patient', 'sibling-donor') AS BLOB)"
            " WHERE stream_id = ? AND seq = 1",
            (codes.number(donor),),
        )
    screen = shown(desk)
    screen.verifying.begin()
    said = words(screen.verifying.result)
    assert screen.verifying.result.property("role") == "tone-refused"
    assert any(f"stream {codes.number(donor)}, place 1" in text and "it or" in text for text in said)
    assert heard[-1] == "stop"


def test_verifying_can_be_cancelled_and_then_says_nothing(
    qtbot: QtBot, desk: Desk, sqlite_store: Store, donor: str
) -> None:
    screen = shown(desk)
    desk.jobs = Jobs()
    screen.verifying.begin()
    screen.verifying.cancel.click()
    qtbot.waitUntil(lambda: not screen.verifying.running())
    desk.jobs.close()
    assert screen.verifying.result.isHidden()
    assert screen.verifying.verify.isEnabled()


def test_the_seal_and_what_this_computer_remembers_stand_above(
    desk: Desk, sqlite_store: Store, donor: str
) -> None:
    desk.seal()
    screen = shown(desk)
    sealed = count(sqlite_store)
    assert screen.verifying.seal.text().startswith(f"{sealed} events are sealed, the last on ")
