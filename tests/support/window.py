"""The whole program at a real database with its own threads, and hands that do not wait to be asked."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from sqlalchemy import select

from biobank_desktop.app import Program
from biobank_desktop.domain.scans import Command, command_code
from biobank_desktop.gui.notices import Line
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.persistence import tables
from biobank_desktop.settings import Settings
from tests.support.databases import BENCH, PASSWORD
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from biobank_desktop.persistence.store import Store

SAVE = command_code(Command.SAVE)
LOCK = command_code(Command.LOCK)


def bench_settings(database: str, folder: Path) -> Settings:
    """A bench whose own files lie in ``folder``."""
    return Settings(
        database, BENCH, folder / "data", folder / "state", folder / "backups", language="en", sounds=False
    )


@dataclass
class Pulse:
    """Beats of the window's own thread, and the longest pause between two."""

    beats: int = 0
    longest_ms: int = 0


class Window(Hands):
    """A person's window: the program as it is started, typed at and scanned at through its own door."""

    def __init__(self, settings: Settings) -> None:
        self.program = Program(settings, sounds=Sounds(enabled=False))
        super().__init__(self.program, Path(settings.state_folder))
        self.seen: list[str] = []
        """every different thing the notices have said, in order"""

    def start(self, login: str = "") -> Window:
        """Show it; sign in when a login is given."""
        self.program.start()
        self.until(lambda: self.program.frame.covered)
        if login:
            self.sign_in(login)
        return self

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """Type who it is, and the password."""
        panel = self.program.signing_in
        if not panel.login.isEnabled() and panel.login.text() != login:
            panel.other.click()
        if panel.login.isEnabled():
            panel.login.set_text(login)
        panel.password.set_text(password)
        panel.button.click()
        self.settle()

    @property
    def store(self) -> Store:
        """The database behind the window; only touched while the window rests."""
        assert self.program.desk.session is not None
        return self.program.desk.session.store

    def stored(self) -> Counter[str]:
        """How many commands of each kind there are."""
        with self.store.read() as connection:
            return Counter(connection.execute(select(tables.command.c.kind)).scalars())

    def ids(self) -> set[UUID]:
        """The ids of all commands."""
        with self.store.read() as connection:
            return set(connection.execute(select(tables.command.c.id)).scalars())

    def untold(self) -> int:
        """How many commands of this program nobody has been told of."""
        journal = self.store.journal
        assert journal is not None
        return len(journal._begun)

    def bugs(self) -> list[str]:
        """What the program had to report about itself."""
        lines = self.program.frame.notices.findChildren(Line)
        return [line.text() for line in lines if line.objectName().startswith("bug-")]

    @contextmanager
    def busy_database(self) -> Iterator[None]:
        """The database answers nothing before the end of this."""
        begun, gate = threading.Event(), threading.Event()

        def work() -> None:
            begun.set()
            gate.wait()

        self.program.jobs.run(self.program, work)
        begun.wait()
        try:
            yield
        finally:
            gate.set()

    # Hands that do not wait ---------------------------------------------------------------------------

    def strike(self, times: int, *, pause_ms: int = 0, rest_ms: int = 1000) -> None:
        """Press Enter so many times, after a rest; without a pause the window only just sees each one."""
        self._now_ms += rest_ms
        for _ in range(times):
            self._press("\n", 180)
            if pause_ms:
                self.wait(pause_ms)
            else:
                QCoreApplication.processEvents()
            self.look()

    def burst(self, code: str, *, ends: int = 1) -> None:
        """Scan without waiting for anything; a scanner with a mistaken set-up ends it twice."""
        for place, letter in enumerate(code):
            self._press(letter, 180 if place == 0 else 8)
        for _ in range(ends):
            self._press("\n", 8)
        QCoreApplication.processEvents()
        self.look()

    def storm(self) -> None:
        """Enter twice, SAVE scanned twice, each with two line ends, and forty times Enter."""
        self.strike(2)
        for _ in range(2):
            self.burst(SAVE, ends=2)
        self.strike(20, rest_ms=0)
        self.strike(20, pause_ms=2, rest_ms=0)
        self.settle()
        self.look()

    def look(self) -> None:
        """Read what the notices say."""
        for text in self.program.frame.notices.texts():
            if text not in self.seen:
                self.seen.append(text)

    def pulse(self, every_ms: int = 10) -> tuple[Pulse, QTimer]:
        """A heart that beats in the window's own thread until its timer is stopped."""
        pulse, last = Pulse(), [self._clock()]

        def beat() -> None:
            now = self._clock()
            pulse.beats += 1
            pulse.longest_ms = max(pulse.longest_ms, now - last[0])
            last[0] = now

        timer = QTimer(self.program)
        timer.setInterval(every_ms)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(beat)
        timer.start()
        return pulse, timer

    @staticmethod
    def _clock() -> int:
        return int(time.monotonic() * 1000)
