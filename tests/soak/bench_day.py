"""A morning at a bench, as a program of its own for those who record it, fill its disk or kill it.

``python -m tests.soak.bench_day DATABASE FOLDER DONOR BOX TUBES`` works as the window does: its desk, its
database thread, its session with journal, seals and pin. A sixth word is SQLite's ``synchronous``, for the
negative controls. Before a gesture it says ``begun <command>`` on its
standard output, and ``acknowledged <command>`` when the window was told that it is stored.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from PySide6.QtCore import QEventLoop, QObject
from PySide6.QtWidgets import QApplication

from biobank_desktop.domain.filling import FillForm
from biobank_desktop.gui.desk import Desk
from biobank_desktop.gui.drafts import Drafts
from biobank_desktop.gui.frame import Frame
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.services import intake, placing, processing
from biobank_desktop.session import open_session
from biobank_desktop.settings import Settings
from tests.support.databases import BENCH, BO
from tests.support.lab import receipt, vials_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.session import Session

T = TypeVar("T")


def settings(database: str, folder: Path) -> Settings:
    """A bench whose own files lie in ``folder``."""
    return Settings(database, BENCH, folder / "data", folder / "state", folder / "backups", sounds=False)


class Morning:
    """One bench at work, one gesture after the other."""

    def __init__(self, bench: Settings, synchronous: str) -> None:
        self._owner = QObject()
        self._jobs = Jobs()
        self._desk = Desk(self._jobs, Frame(Sounds(enabled=False)))
        self._jobs.failed.connect(_fail)
        session = open_session(bench)
        session.actor = BO
        if synchronous:
            _weaken(session, synchronous)
        self._session = session
        self._desk.open(session, Drafts(bench.state_folder / "drafts"))

    def tube(self, donor: str, box: str) -> None:
        """Receive a tube, fill what it is planned for, store the plasma, take it out again."""
        form = receipt(donor, tube_code=f"HX{uuid4().hex[:12].upper()}")
        received = self.do(lambda store, who, command: intake.receive(store, who, form, command))
        plasma = vials_of(received, "PL1")
        fills = [FillForm(code, volume_ul=100) for code in plasma]
        self.do(lambda store, who, command: processing.fill(store, who, fills, command))
        for vial in plasma:
            self.do(partial(_place, box, vial))
        for vial in plasma:
            self.do(partial(_take_out, vial))

    def do(self, gesture: Callable[[Store, Actor, UUID], T]) -> T:
        """Do a gesture as the window does, and wait until the window was told."""
        command, loop = uuid4(), QEventLoop()
        told: list[T] = []

        def then(result: T) -> None:
            _say("acknowledged", command)
            told.append(result)
            loop.quit()

        _say("begun", command)
        self._desk.act(
            self._owner, lambda store, actor: gesture(store, actor, command), then, topics=(), refused=_fail
        )
        loop.exec()
        return told[0]

    def end(self) -> None:
        """Close as the window does."""
        self._desk.close()
        self._jobs.close()
        self._session.close()


def _place(box: str, vial: str, store: Store, who: Actor, command: UUID) -> object:
    return placing.place(store, who, box, vial, "", command)


def _take_out(vial: str, store: Store, who: Actor, command: UUID) -> None:
    placing.take_out(store, who, vial, "used up", command)


def _weaken(session: Session, synchronous: str) -> None:
    """Let SQLite force less to the disk than the program asks for."""
    with closing(session.store.engine.raw_connection()) as borrowed:
        assert borrowed.driver_connection is not None
        borrowed.driver_connection.execute(f"PRAGMA synchronous={synchronous}")


def _say(word: str, command: UUID) -> None:
    os.write(sys.stdout.fileno(), f"{word} {command}\n".encode())


def _fail(*said: Any) -> None:
    print("refused:", *said, file=sys.stderr, flush=True)
    os._exit(1)


def main(database: str, folder: str, donor: str, box: str, tubes: str, synchronous: str = "") -> None:
    """Work through so many tubes."""
    application = QApplication.instance() or QApplication(["bench"])
    morning = Morning(settings(database, Path(folder)), synchronous)
    for _ in range(int(tubes)):
        morning.tube(donor, box)
    morning.end()
    application.processEvents()


if __name__ == "__main__":
    main(*sys.argv[1:])
