"""What people and their computers do to the window: real widgets, real threads, a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer

from biobank_desktop.domain import codes
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.intake.screen import IntakeScreen
from biobank_desktop.gui.storage.making import NewContainer
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.persistence.verify import Verification
from tests.support.databases import PASSWORD, open_store
from tests.support.forms import FORMS, TUBE, answer_receipt, show
from tests.support.repertoire import Stage, set_stage
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.databases import Databases

Open = "Callable[..., Window]"


@pytest.fixture(scope="module")
def furnished(sqlite_databases: Databases) -> tuple[str, Stage]:
    """A furnished lab to copy, and what is in it."""
    address = sqlite_databases.lab()
    store = open_store(address)
    stage = set_stage(store)
    store.close()
    return address, stage


@pytest.fixture
def stage(furnished: tuple[str, Stage]) -> Stage:
    return furnished[1]


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Callable[[str], Window]]:
    """Opens windows at a database; closes them."""
    opened: list[Window] = []

    def make(database: str, folder: Path | None = None) -> Window:
        window = Window(bench_settings(database, folder or tmp_path / str(len(opened))))
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.program.close()
        window.program.frame.deleteLater()
        window.program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(
    windows: Callable[[str], Window], furnished: tuple[str, Stage], sqlite_databases: Databases
) -> Window:
    """An administrator at the window of a furnished lab."""
    return windows(sqlite_databases.copy(furnished[0])).start("anna")


@pytest.mark.parametrize("form", FORMS)
def test_a_storm_of_enter_is_one_command(window: Window, stage: Stage, form: str) -> None:
    kind = form.partition(" ")[0]
    FORMS[form](window, stage)
    before = window.stored()
    window.storm()
    after = window.stored() - before
    assert after[kind] == 1
    assert set(after) <= {kind, "labels-sending", "labels-reported", "label-reprinted"}
    assert window.seen
    assert_whole(window)


def assert_whole(window: Window) -> None:
    """Everything stored was told, the program made no mistake, the history is right."""
    assert window.untold() == 0
    assert window.bugs() == []
    window.program.desk.seal()
    window.settle()
    assert Verification(window.store).run() == []


# A save under way ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("vouched", [True, False])
def test_who_locks_during_a_save_is_told_after_unlocking(window: Window, stage: Stage, vouched: bool) -> None:
    answer_receipt(window, stage, vouched=vouched)
    with window.busy_database():
        window.strike(2)
        window.chord(Qt.Key.Key_L, wait=False)
        assert window.program.frame.covered
        assert window.program.frame.notices.texts() == []
    window.settle()
    assert window.stored()["tube-received"] == 3
    assert window.untold() == 1
    window.sign_in("anna")
    screen = window.program.frame.shown_screen()
    assert isinstance(screen, IntakeScreen)
    assert screen.working.work is not None
    assert window.stored()["labels-reported"] == 1
    assert_whole(window)


def test_another_person_is_not_told_and_the_one_who_asked_is(window: Window, stage: Stage) -> None:
    answer_receipt(window, stage, vouched=True)
    with window.busy_database():
        window.strike(1)
        window.chord(Qt.Key.Key_L, wait=False)
        panel = window.program.signing_in
        panel.other.click()
        panel.login.set_text("bo")
        panel.password.set_text(PASSWORD)
        panel.button.click()
    window.settle()
    assert window.stored()["tube-received"] == 3
    begun = answer_receipt(window, stage, "HX26117777")
    window.look()
    assert not any(TUBE in text for text in window.seen)
    assert begun.receiving.tube_code == "HX26117777"
    window.chord(Qt.Key.Key_L)
    window.sign_in("anna")
    window.look()
    assert any(TUBE in text and text.startswith("The answer came late") for text in window.seen)
    window.chord(Qt.Key.Key_L)
    window.sign_in("bo")
    show(window, IntakeScreen, "intake")
    assert begun.receiving.tube_code == "HX26117777"
    assert_whole(window)


def test_a_form_that_is_filled_in_during_a_save_is_not_touched_by_its_answer(
    window: Window, stage: Stage
) -> None:
    FORMS["donor-registered"](window, stage)
    screen = window.program.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    with window.busy_database():
        window.strike(3)
        window.program.frame.show_screen("samples")
    window.settle()
    assert window.program.frame.screen_name() == "samples"
    assert window.stored()["donor-registered"] == 3
    window.look()
    assert any("is registered" in text for text in window.seen)
    assert_whole(window)


def test_a_record_left_during_a_save_is_told_of_in_words(window: Window, stage: Stage) -> None:
    FORMS["corrected"](window, stage)
    with window.busy_database():
        window.strike(1)
        window.program.frame.show_screen("record", sample=codes.number(stage.planned))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.settle()
    window.look()
    assert any(text.startswith("The answer came late. Stored: ") for text in window.seen)
    assert_whole(window)


def test_a_receipt_cleared_during_its_save_is_told_of(window: Window, stage: Stage) -> None:
    screen = answer_receipt(window, stage)
    with window.busy_database():
        window.strike(1)
        window.wait(1)
        screen.clear_button.click()
    window.settle()
    window.look()
    registered = window.stored()["tube-received"] - 2
    assert registered == any(f"Tube {TUBE} is registered" in text for text in window.seen)
    assert_whole(window)


def test_many_scans_into_a_box_while_the_database_is_busy(window: Window, stage: Stage) -> None:
    screen = show(window, StorageScreen, "storage", container=codes.number(stage.box))
    screen.begin("place")
    with window.busy_database():
        for _ in range(3):
            window.burst(stage.filled, ends=2)
        window.until(lambda: bool(window.program.frame.top.waiting()))
        window.until(lambda: window.program.desk.waiting.saving == 3)
    window.settle()
    window.look()
    assert window.stored()["placed"] == 2
    assert window.program.frame.notices.stopped
    assert window.program.frame.top.waiting() == ""
    assert_whole(window)


# Closing -------------------------------------------------------------------------------------------------


def test_a_window_closed_during_a_save_waits_and_the_next_start_says_stored(
    windows: Callable[..., Window],
    furnished: tuple[str, Stage],
    sqlite_databases: Databases,
    tmp_path: Path,
) -> None:
    database, folder = sqlite_databases.copy(furnished[0]), tmp_path / "bench"
    window = windows(database, folder).start("anna")
    FORMS["consent-recorded"](window, furnished[1])
    with window.busy_database():
        window.strike(1)
        window.program.frame.close()
        assert window.program.frame.isVisible()
    window.until(lambda: not window.program.frame.isVisible())
    again = windows(database, folder).start("anna")
    session = again.program.desk.session
    assert session is not None
    assert [(one.entry.kind, one.stored) for one in session.answers()] == [("consent-recorded", True)]
    assert again.bugs() == window.bugs() == []
    assert_whole(again)


def test_a_window_told_twice_to_close_does_not_wait(
    windows: Callable[..., Window],
    furnished: tuple[str, Stage],
    sqlite_databases: Databases,
    tmp_path: Path,
) -> None:
    database, folder = sqlite_databases.copy(furnished[0]), tmp_path / "bench"
    window = windows(database, folder).start("anna")
    FORMS["taken-out"](window, furnished[1])
    with window.busy_database():
        window.strike(1)
        window.program.frame.close()
        QTimer.singleShot(0, window.program.frame.close)
    window.until(lambda: not window.program.frame.isVisible())
    again = windows(database, folder).start("anna")
    session = again.program.desk.session
    assert session is not None
    assert [(one.entry.kind, one.stored) for one in session.answers()] == [("taken-out", True)]
    assert_whole(again)


def test_a_refusal_is_seen_before_the_window_closes(window: Window, stage: Stage) -> None:
    FORMS["container-added"](window, stage)
    screen = window.program.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    form = screen.form()
    assert isinstance(form, NewContainer)
    form.name_field.set_text("BX002")
    before = window.stored()["container-added"]
    with window.busy_database():
        window.strike(1)
        window.program.frame.close()
    window.settle()
    assert window.program.frame.isVisible()
    assert form.name_field.problem_text()
    assert form.primary.isEnabled()
    form.name_field.set_text("Tower 9")
    window.strike(1)
    window.settle()
    assert window.stored()["container-added"] == before + 1
    window.program.frame.close()
    assert not window.program.frame.isVisible()


def test_a_half_filled_receipt_is_kept_when_the_window_closes_at_once(
    windows: Callable[..., Window],
    furnished: tuple[str, Stage],
    sqlite_databases: Databases,
    tmp_path: Path,
) -> None:
    database, folder = sqlite_databases.copy(furnished[0]), tmp_path / "bench"
    window = windows(database, folder).start("anna")
    screen = answer_receipt(window, furnished[1])
    screen.receiving.sheet.note.set_text("half")
    window.program.frame.close()
    again = windows(database, folder).start("anna")
    screen = show(again, IntakeScreen, "intake")
    assert screen.receiving.tube_code == TUBE
    assert screen.receiving.sheet.note.text() == "half"


@pytest.mark.parametrize("name", ["labels", "samples", "history"])
def test_what_comes_late_for_a_screen_is_not_shown_beside_another(window: Window, name: str) -> None:
    frame = window.program.frame
    frame.show_screen(name)
    window.settle()
    assert frame.context.shown() is not None
    frame.show_screen("settings")
    frame.show_screen(name)
    frame.show_screen("settings")  # before its lists are read
    window.settle()
    assert frame.context.shown() is None
