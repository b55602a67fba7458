"""The whole program: first start, sign-in, lock, a database behind its pin, a crash before."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import Command as ScannedCommand
from biobank_desktop.domain.scans import command_code
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.scan_lines import Line
from biobank_desktop.session import open_session
from biobank_desktop.settings import Settings
from tests.support.databases import PASSWORD
from tests.support.lab import add_donor, receive
from tests.support.stored import REVISIONS, stored_lab
from tests.support.struck import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.sounds import Sounds
    from tests.support.databases import Databases

Start = "Callable[[Settings], Program]"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database=str(tmp_path / "data" / "lab.sqlite"),
        bench="bench-1",
        data_folder=tmp_path / "data",
        state_folder=tmp_path / "state",
        backup_folder=tmp_path / "backups",
        language="en",
    )


@pytest.fixture
def lab(settings: Settings, sqlite_databases: Databases) -> Settings:
    """A founded lab in the place of the settings."""
    Path(settings.database).parent.mkdir(parents=True)
    shutil.copyfile(sqlite_databases.lab(), settings.database)
    return settings


@pytest.fixture
def start(qtbot: QtBot, sounds: Sounds) -> Iterator[Callable[[Settings], Program]]:
    language.choose("en")
    running: list[Program] = []

    def begin(settings: Settings) -> Program:
        program = Program(settings, sounds=sounds, jobs=Jobs(inline=True))
        running.append(program)
        qtbot.addWidget(program.frame)
        program.start()
        qtbot.waitUntil(lambda: program.frame.covered)
        return program

    yield begin
    for program in running:
        program.close()


def _open(program: Program) -> bool:
    """Whether the work can be seen."""
    return not program.frame.covered


def _login(program: Program) -> str:
    """Who is signed in."""
    return program.desk.actor.login if program.desk.actor else ""


def test_the_first_start_makes_the_file_and_shows_the_recovery_code(
    settings: Settings, start: Callable[[Settings], Program]
) -> None:
    program = start(settings)
    assert program.frame.covered
    assert program.entrance.isVisible()
    assert program.entrance.place.text() == settings.database
    program.entrance.name.set_text("Anna Jansen")
    program.entrance.login.set_text("anna")
    program.entrance.password.set_text("right-horse")
    program.entrance.again.set_text("wrong-horse")
    program.entrance.make.click()
    assert program.entrance.again.problem_text()
    assert not Path(settings.database).exists()
    program.entrance.again.set_text("right-horse")
    program.entrance.make.click()
    assert Path(settings.database).exists()
    assert program.recovery.isVisible()
    assert len(program.recovery.code.text()) == 29
    assert not program.recovery.done.isEnabled(), "the same Enter must not wave the code away"
    program.enter()
    assert _open(program)
    assert program.frame.screen_name() == "today"


def test_everything_wrong_with_the_first_account_stands_beside_its_field(
    settings: Settings, start: Callable[[Settings], Program]
) -> None:
    program = start(settings)
    for field, text in (("login", "Anna J"), ("password", "short"), ("again", "short")):
        getattr(program.entrance, field).set_text(text)
    program.entrance.make.click()
    wrong = {
        field.name
        for field in (program.entrance.name, program.entrance.login, program.entrance.password)
        if field.problem_text()
    }
    assert wrong == {"name", "login", "password"}


def test_signing_in_and_locking(lab: Settings, start: Callable[[Settings], Program]) -> None:
    program = start(lab)
    program.sign_in("bo", "wrong")
    assert program.frame.covered
    program.sign_in("bo", PASSWORD)
    assert _open(program)
    assert _login(program) == "bo"
    program.frame.show_screen("samples")
    program.lock()
    assert not _open(program)
    assert _login(program) == ""
    program.sign_in("bo", PASSWORD)
    assert program.frame.screen_name() == "samples"
    program.lock()
    program.sign_in("cas", PASSWORD)
    assert _login(program) == "cas"
    assert program.frame.screen_name() == "today"
    program.frame.step_back()
    assert program.frame.screen_name() == "today"


def test_a_serial_scan_puts_the_lock_off_and_never_ends_it(
    lab: Settings, start: Callable[[Settings], Program]
) -> None:
    program = start(replace(lab, lock_after_minutes=7))
    program.sign_in("bo", PASSWORD)
    program._idle.start(60_000)
    program.frame.bus.hear(Line(command_code(ScannedCommand.NEXT_BOX)))
    assert program._idle.interval() == 7 * 60_000
    program.lock()
    program.frame.bus.hear(Line(command_code(ScannedCommand.NEXT_BOX)))
    assert not program._idle.isActive()
    assert not _open(program)


def test_a_second_program_on_the_same_file_is_told_so(
    lab: Settings, start: Callable[[Settings], Program]
) -> None:
    first = start(lab)
    second = start(lab)
    assert second.trouble.isVisible()
    assert second.trouble.text.text()
    assert second.desk.session is None
    first.close()
    second.trouble.again.click()
    assert second.desk.session is not None


def test_yesterdays_file_in_its_place_can_only_be_read(
    lab: Settings, start: Callable[[Settings], Program], tmp_path: Path
) -> None:
    yesterday = tmp_path / "yesterday.sqlite"
    shutil.copyfile(lab.database, yesterday)
    program = start(lab)
    program.sign_in("bo", PASSWORD)
    program.close()
    shutil.copyfile(yesterday, lab.database)
    again = start(lab)
    session = again.desk.session
    assert session is not None
    assert session.behind_pin is not None
    assert session.behind_pin.code == "pin-behind"
    again.sign_in("bo", PASSWORD)
    assert any(
        "pin" in name or text for name, text in zip(("pin",), again.frame.notices.texts(), strict=False)
    )
    assert again.desk.actor is not None


def test_what_a_crash_left_open_is_answered_at_the_next_start(
    lab: Settings, start: Callable[[Settings], Program]
) -> None:
    session = open_session(lab)
    actor = session.sign_in("bo", PASSWORD)
    stored = receive(session.store, actor, add_donor(session.store, actor))
    journal = session.store.journal
    assert journal is not None
    session.told()
    lost = Command("tube-received", "bo", "bench-1", {}, title="HX99", id=uuid4())
    journal.begin(lost)
    journal._file.close()  # as a killed process leaves it
    session.store.close()
    program = start(lab)
    program.sign_in("bo", PASSWORD)
    running = program.desk.session
    assert running is not None
    assert [(one.entry.title, one.stored) for one in running.answers()] == [("HX99", False)]
    assert stored.tube
    running.answers_seen()
    assert running.answers() == []


def test_the_first_change_is_backed_up_by_itself(
    lab: Settings, start: Callable[[Settings], Program], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biobank_desktop.gui.backing_up.FIRST_AFTER_MS", 1)
    program = start(lab)
    program.sign_in("bo", PASSWORD)
    assert not list(lab.backup_folder.glob("*"))
    program.desk.act(program, add_donor, lambda _code: None, topics={"donors"})
    qtbot.waitUntil(lambda: bool(list(lab.backup_folder.glob("*.zip"))), timeout=20_000)
    assert not any("unverified" in path.name for path in lab.backup_folder.iterdir())
    assert any("backup" in text.lower() for text in program.frame.status.texts())


def test_a_database_that_cannot_be_opened_is_no_dead_end(
    lab: Settings, start: Callable[[Settings], Program], tmp_path: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database" * 1000)
    program = start(replace(lab, database=str(broken)))
    assert program.trouble.isVisible()
    assert program.trouble.place.text() == str(broken)
    program.trouble.place.set_text(lab.database)
    program.trouble.again.click()
    qtbot.waitUntil(lambda: program.desk.session is not None)
    assert program.signing_in.isVisible()
    assert lab.database in lab.file.read_text("utf-8"), "kept for the next start"


def test_unreadable_settings_are_said_instead_of_opening_another_database(
    qtbot: QtBot, sounds: Sounds, lab: Settings
) -> None:
    language.choose("en")
    wrong = Problem("database", "setting-wrong", {"name": "database", "path": "settings.toml"})
    program = Program(lab, unread=(wrong,), sounds=sounds, jobs=Jobs(inline=True))
    qtbot.addWidget(program.frame)
    program.start()
    qtbot.waitUntil(program.trouble.isVisible)
    assert "database" in program.trouble.text.text()
    assert program.desk.session is None
    program.trouble.again.click()
    qtbot.waitUntil(lambda: program.desk.session is not None)
    program.close()


def test_an_older_database_is_not_opened(
    lab: Settings, start: Callable[[Settings], Program], sqlite_databases: Databases, qtbot: QtBot
) -> None:
    older = stored_lab(sqlite_databases, REVISIONS[0])
    program = start(replace(lab, database=older))
    assert program.desk.session is None
    assert program.trouble.isVisible()
    assert REVISIONS[0] in program.trouble.text.text()
    upgrade(older)
    program.trouble.again.click()
    qtbot.waitUntil(lambda: program.desk.session is not None)
    assert program.signing_in.isVisible()
