"""After a restore: the gap is read, and two persons sign for it at one bench."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.gui.frame import Entry
from biobank_desktop.gui.gap.screen import GapScreen
from biobank_desktop.gui.today.screen import TodayScreen
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import backup, restore_gap
from tests.support.databases import ANNA, BENCH, BO, PASSWORD, open_store
from tests.support.desks import close_desk, open_desk
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases


@pytest.fixture
def restored(
    qtbot: QtBot, sqlite_store: Store, sqlite_databases: Databases, tmp_path: Path, sounds: Sounds
) -> Iterator[Desk]:
    """A desk on a database that was restored from the backup of yesterday."""
    add_donor(sqlite_store, ANNA)
    seal(sqlite_store)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    made = complete(backup.back_up(sqlite_store, ANNA, [tmp_path / "archives"], yesterday))
    address = sqlite_databases.empty()
    complete(backup.restore(made.archive, address, "anna", PASSWORD, BENCH))
    store = open_store(address)
    desk = open_desk(store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    desk.frame.register(Entry("today", lambda: TodayScreen(desk), "Today", "today"))
    desk.frame.register(Entry("gap", lambda: GapScreen(desk), rail="today"))
    desk.frame.show()
    yield desk
    close_desk(desk)
    store.close()
    sqlite_databases.remove(address)


def sign(screen: GapScreen, login: str, note: str, password: str = PASSWORD) -> None:
    screen.form.note.set_text(note)
    screen.form.login.set_text(login)
    screen.form.password.set_text(password)
    QTest.keyClick(screen, Qt.Key.Key_Return)


def test_two_persons_sign_for_the_gap_and_the_banner_goes(restored: Desk) -> None:
    today = restored.frame.show_screen("today")
    assert isinstance(today, TodayScreen)
    (line,) = today.cards()["restore-gap"].lines()
    assert line.line.right == "0 of 2 signed"
    (banner,) = restored.frame.notices.texts()
    assert banner.startswith("This database was restored from a backup.")
    line.click()
    screen = restored.frame.shown_screen()
    assert isinstance(screen, GapScreen)
    assert screen.facts.facts()["Donors erased again"] == "0"
    assert screen._signed.isHidden()

    QTest.keyClick(screen, Qt.Key.Key_Return)
    form = screen.form
    assert {form.note.problem_text(), form.login.problem_text(), form.password.problem_text()} == {
        "problem.answer-missing"
    }
    sign(screen, "anna", "compared with the post book", "wrong")
    assert form.password.problem_text() == "problem.sign-in-refused"
    assert form.note.text() == "compared with the post book"
    sign(screen, "bo", "compared with the post book")
    assert not form._rest.isHidden(), "a technician may not sign for it"
    sign(screen, "anna", "compared with the post book")
    assert screen._state.text() == "1 of 2 signed"
    sign(screen, "anna", "once more")
    assert form.note.problem_text() == "problem.gap-signed-before"
    sign(screen, "cas", "compared with the freezer log")
    assert screen._state.text() == "Closed: nothing is blocked any more"
    assert form.isHidden()
    assert restored.actor == BO
    assert not [text for text in restored.frame.notices.texts() if "restored" in text]
    assert restored.session is not None
    with restored.session.store.read() as connection:
        gap = restore_gap.gap(connection)
    assert gap is not None
    assert [one.login for one in gap.signatures] == ["anna", "cas"]


def test_where_nothing_was_restored_the_screen_says_so(
    qtbot: QtBot, sqlite_store: Store, tmp_path: Path, sounds: Sounds
) -> None:
    desk = open_desk(sqlite_store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    desk.frame.register(Entry("gap", lambda: GapScreen(desk)))
    desk.frame.show()
    screen = desk.frame.show_screen("gap")
    assert isinstance(screen, GapScreen)
    assert screen.none.isVisible()
    assert not screen.press_primary()
    close_desk(desk)
