"""The real window as a program of its own, told what to do line by line, for those who fill its disk.

``python -m tests.soak.bench_window DATABASE FOLDER`` reads a gesture a line and answers each with what the
window says: ``{"notices": […], "bugs": […], "commands": {kind: count}}``. ``Told`` is the other side.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from biobank_desktop import language
from biobank_desktop.gui import theme
from biobank_desktop.gui.intake.screen import IntakeScreen
from biobank_desktop.persistence.verify import Verification
from tests.soak import recorder
from tests.support.forms import FORMS, answer_receipt, show
from tests.support.printed import NOTHING
from tests.support.repertoire import Stage
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from tests.soak.recorder import World


class Gestures:
    """What the window can be told to do."""

    def __init__(self, window: Window, stage: Stage) -> None:
        self._window, self._stage = window, stage

    def start(self, login: str) -> None:
        """Open it and sign in."""
        self._window.start(login)

    def form(self, name: str) -> None:
        """Fill a form in."""
        FORMS[name](self._window, self._stage)

    def enter(self) -> None:
        """Press Enter and wait for what comes of it."""
        self._window.strike(1)
        self._window.settle()

    def receipt(self, tube: str) -> None:
        """Fill in the receipt of a tube."""
        answer_receipt(self._window, self._stage, tube)

    def note(self, text: str) -> None:
        """Type a note into the receipt, and wait until a draft should have been kept."""
        screen = show(self._window, IntakeScreen, "intake")
        screen.receiving.sheet.note.set_text(text)
        self._window.wait(500)
        self._window.settle()

    def wait(self, milliseconds: str) -> None:
        """Let time pass."""
        self._window.wait(int(milliseconds))
        self._window.settle()

    def seal(self) -> None:
        """Seal and pin now."""
        self._window.program.desk.seal()
        self._window.settle()

    def back_up(self) -> None:
        """Back up now."""
        self._window.program.backups.back_up()
        self._window.settle()

    def lock(self, login: str, password: str) -> None:
        """Lock, and sign in again."""
        self._window.program.lock()
        self._window.sign_in(login, password)

    def verify(self) -> None:
        """Verify everything; what is found is said as a bug."""
        self.seal()
        found = Verification(self._window.store).run()
        if found:
            raise AssertionError(found)

    def close(self) -> None:
        """Close the window."""
        self._window.program.frame.close()


def answer(window: Window) -> dict[str, Any]:
    """What the window says now."""
    session = window.program.desk.session
    closed = session is None or window.program._closed
    return {
        "notices": window.program.frame.notices.texts(),
        "bugs": window.bugs(),
        "commands": {} if closed else dict(window.stored()),
        "covered": window.program.frame.covered,
    }


def main(database: str, folder: str) -> None:
    """Do what is asked, a line at a time."""
    application = QApplication.instance() or QApplication(["bench"])
    assert isinstance(application, QApplication)
    theme.apply(application, theme.Scheme.LIGHT)
    language.choose("en")
    window = Window(bench_settings(database, Path(folder)))
    errors: list[str] = []
    sys.excepthook = lambda kind, error, _trace: errors.append(f"{kind.__name__}: {error}")
    gestures = Gestures(window, read_stage(Path(folder)))
    for line in sys.stdin:
        name, *words = json.loads(line)
        getattr(gestures, name)(*words)
        said = answer(window)
        said["bugs"] += errors
        print(json.dumps(said), flush=True)


def write_stage(stage: Stage, folder: Path) -> None:
    """Keep what is on the stage where the window finds it."""
    kept = asdict(replace(stage, waiting=NOTHING, under_way=NOTHING)) | {
        "received_at": stage.received_at.isoformat()
    }
    (folder / "stage.json").write_text(json.dumps(kept), "utf-8")


def read_stage(folder: Path) -> Stage:
    """What ``write_stage`` kept; no label waits."""
    kept = json.loads((folder / "stage.json").read_text("utf-8"))
    empty = {"waiting": NOTHING, "under_way": NOTHING}
    return Stage(**kept | empty | {"received_at": datetime.fromisoformat(kept["received_at"])})


@dataclass(frozen=True)
class Said:
    """What the window said after a gesture."""

    notices: list[str]
    bugs: list[str]
    commands: dict[str, int]
    covered: bool

    def says(self, words: str) -> bool:
        """Whether one of its notices holds these words."""
        return any(words in notice for notice in self.notices)


class Bench:
    """A window in a process of its own, in a world whose disk and clock can be changed."""

    def __init__(self, database: Path, folder: Path, world: World) -> None:
        environment = recorder.environment(folder, world=world) | {"QT_QPA_PLATFORM": "offscreen"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.bench_window", str(database), str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, name: str, *words: str) -> Said:
        """Tell it to do something."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *words]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the window is gone"
        return Said(**json.loads(line))

    def end(self) -> None:
        """Close it and wait until it is gone."""
        if self._process.poll() is None:
            self.do("close")
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
