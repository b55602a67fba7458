"""A monkey at the real window: keys, texts, scans, storms of Enter, locks, closing during saves.

A round is a process: a seeded monkey works at a furnished lab, closes the window at any moment and starts it
again. The program must make no mistake (no bug reported, no exception, no warning of Qt), the next start must
tell whatever nobody was told, and the history must verify.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from biobank_desktop import language
from biobank_desktop.domain.scans import commands
from biobank_desktop.gui import theme
from tests.soak.aftermath import Told, next_start
from tests.soak.bench_window import read_stage, write_stage
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases, workplace
from tests.support.databases import ENGINES, PASSWORD, open_store
from tests.support.forms import FORMS
from tests.support.repertoire import set_stage
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QMessageLogContext

    from tests.support.databases import EngineName
    from tests.support.repertoire import Stage

GESTURES = 400
PAYLOADS = (
    "",
    " ",
    "2018m",
    "-1",
    "1e309",
    "3,2",
    "NaN",
    "31-2",
    "1 jan 940",
    "É😀ß",
    "A" * 600,
    "'; DROP TABLE sample; --",
    "<b>bold</b>&amp;",
    "%s%n{0}{why}",
    "\u202eabc\u200b",
    "=1+1",
    "99999999999999999999",
    "../../etc",
)
KEYS = (
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left,
    Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Backspace,
    Qt.Key.Key_Delete, Qt.Key.Key_F1, Qt.Key.Key_Space, Qt.Key.Key_Return,
)  # fmt: skip
CHORDS = tuple("ZKFBANCV")
SCREENS = (
    *("today", "intake", "samples", "storage", "donors", "releases", "quarantine"),
    *("labels", "disposals", "history", "settings"),
)
CONTROL = "break a job"
_QUIET = ("propagateSizeHints", "raise()", "This plugin does not support")


class Monkey:
    """Seeded hands without a plan."""

    def __init__(self, database: str, folder: Path, stage: Stage, random: Random) -> None:
        self._settings = bench_settings(database, folder)
        self._stage = stage
        self._random = random
        names = ("donor", "other_donor", "tube", "planned", "filled", "stored", "box", "tank")
        self._codes = [getattr(stage, name) for name in names]
        self.broken: list[str] = []
        self.done: Counter[str] = Counter()
        self.window = Window(self._settings)
        self._acts: list[tuple[int, Callable[[], None]]] = [
            (20, self._key), (12, self._letter), (8, self._text), (12, self._scan), (4, self._storm),
            (6, self._chord), (8, self._go), (8, self._form), (2, self._lock), (1, self._close),
            (6, self._focus), (6, self._rest),
        ]  # fmt: skip

    def work(self, gestures: int) -> None:
        """Open the window and play."""
        self.window.start("anna")
        for _ in range(gestures):
            ((_weight, act),) = self._random.choices(self._acts, [weight for weight, _act in self._acts])
            self.done[act.__name__.strip("_")] += 1
            act()
            QCoreApplication.processEvents()
            self._look()
            self._come_back()
        self.window.settle()
        self._look()
        self.window.program.close()

    def break_a_job(self) -> None:
        """For the control: something of the program raises."""
        self.window.start("anna")
        self.window.program.jobs.run(self.window.program, lambda: 1 // 0)
        self.window.settle()
        self._look()

    def _look(self) -> None:
        self.broken += self.window.bugs()

    def _come_back(self) -> None:
        """Sign in again when the bench is locked, as one of two people."""
        program = self.window.program
        if program.frame.covered and program.desk.session is not None and self._random.random() < 0.3:
            self.window.settle()
            if program.frame.covered:
                self.window.sign_in(self._random.choice(("anna", "anna", "bo")))

    # Gestures ------------------------------------------------------------------------------------------

    def _send(self, key: Qt.Key, text: str = "", modifiers: Qt.KeyboardModifier | None = None) -> None:
        none = Qt.KeyboardModifier.NoModifier
        self.window._send(key, text, modifiers or none, self._random.choice((8, 60, 180, 400)))

    def _key(self) -> None:
        key = self._random.choice(KEYS)
        self._send(key, "\r" if key == Qt.Key.Key_Return else "")

    def _letter(self) -> None:
        letter = self._random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=,.-")
        self._send(Qt.Key(ord(letter)), letter)

    def _text(self) -> None:
        """A text into whatever has the focus, as an input method or a very fast typist gives it."""
        target: QObject | None = QApplication.focusObject()
        for letter in self._random.choice(PAYLOADS):
            if target is None:
                break
            QCoreApplication.postEvent(
                target,
                QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, letter),
            )

    def _scan(self) -> None:
        random = self._random
        code = random.choice([*self._codes, *commands(), f"HX2611{random.randrange(40):04d}"])
        how = random.randrange(6)
        if how == 0:
            code = code[: random.randrange(1, len(code))]
        elif how == 1:
            code += random.choice(self._codes)
        elif how == 2:
            code = code.swapcase()
        elif how == 3:
            place = random.randrange(len(code))
            code = code[:place] + random.choice("0X7Q") + code[place + 1 :]
        self.window.burst(code, ends=random.choice((1, 1, 2)))

    def _storm(self) -> None:
        self.window.strike(self._random.randrange(2, 15), rest_ms=self._random.choice((0, 1000)))

    def _chord(self) -> None:
        self._send(Qt.Key(ord(self._random.choice(CHORDS))), "", Qt.KeyboardModifier.ControlModifier)

    def _go(self) -> None:
        digit = Qt.Key(ord(str(self._random.randrange(1, 9))))
        self._send(digit, "", Qt.KeyboardModifier.AltModifier)

    def _form(self) -> None:
        """A form filled in well, so that something is saved."""
        frame = self.window.program.frame
        if frame.covered or frame.notices.stopped or self.window.program.desk.actor is None:
            return
        if self.window.program.desk.actor.login != "anna":
            return
        self.window.settle()
        try:
            FORMS[self._random.choice(list(FORMS))](self.window, self._stage)
        except (AssertionError, IndexError, KeyError):
            return  # the monkey has been here before: it is filled, void, or taken out
        if self._random.random() < 0.8:
            self.window.strike(1)

    def _lock(self) -> None:
        self._send(Qt.Key.Key_L, "", Qt.KeyboardModifier.ControlModifier)

    def _focus(self) -> None:
        frame = self.window.program.frame
        if self._random.random() < 0.5:
            frame.setFocus()
        else:
            frame.clearFocus()
        QCoreApplication.sendEvent(frame, QEvent(QEvent.Type.WindowDeactivate))
        QCoreApplication.sendEvent(frame, QEvent(QEvent.Type.WindowActivate))

    def _rest(self) -> None:
        self.window.wait(self._random.choice((1, 20, 80)))

    def _close(self) -> None:
        """Close during whatever is under way, and start again."""
        program = self.window.program
        program.frame.close()
        if self._random.random() < 0.5:
            program.frame.close()
        self.window.until(lambda: program._closed or bool(program.frame.notices.texts()))
        program.close()
        program.frame.deleteLater()
        program.deleteLater()
        QCoreApplication.processEvents()
        self.window = Window(self._settings)
        self.window.start("anna")


def main(database: str, folder: str, seed: str, gestures: str) -> None:
    """Play in this process; what went wrong is printed at the end, a line of JSON."""
    broken: list[str] = []

    def warned(kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(quiet in words for quiet in _QUIET):
            broken.append(f"Qt: {words}")

    qInstallMessageHandler(warned)
    application = QApplication.instance() or QApplication(["monkey"])
    assert isinstance(application, QApplication)
    theme.apply(application, theme.Scheme.LIGHT)
    language.choose("en")
    sys.excepthook = lambda kind, error, trace: broken.append(f"{kind.__name__}: {error} {_where(trace)}")
    monkey = Monkey(database, Path(folder), read_stage(Path(folder)), Random(int(seed)))
    if gestures == CONTROL:
        monkey.break_a_job()
    else:
        monkey.work(int(gestures))
    said = [[*broken, *dict.fromkeys(monkey.broken)], monkey.done]
    sys.stdout.write("\n" + json.dumps(said) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _where(trace: object) -> str:
    import traceback  # noqa: PLC0415

    return " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in reversed(traceback.extract_tb(trace)[-4:])  # type: ignore[arg-type]
    )


@cache
def _furnished(engine: EngineName) -> tuple[str, Stage]:
    address = databases(engine).lab()
    store = open_store(address)
    stage = set_stage(store)
    store.close()
    return address, stage


def play(engine: EngineName, seed: int, gestures: int | str = GESTURES) -> Outcome:
    """A round: a process with a monkey, then what the next start finds."""
    template, stage = _furnished(engine)
    address = databases(engine).copy(template)
    folder = Path(tempfile.mkdtemp(dir=workplace()))
    write_stage(stage, folder)
    process = subprocess.run(
        [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "tests.soak.monkey",
            address,
            str(folder),
            str(seed),
            str(gestures),
        ],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "BIOBANK_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = process.stdout.strip().splitlines()
    done: dict[str, int] = {}
    if process.returncode or not lines:
        broken = [f"it ended with {process.returncode}: {process.stderr[-1800:]}"]
    else:
        broken, done = json.loads(lines[-1])
    found = next_start(bench_settings(address, folder))
    broken += found.contradictions(Told(founded=True))
    databases(engine).remove(address)
    shutil.rmtree(folder)
    cells = {f"{engine}: {name}": count for name, count in done.items()}
    return Outcome(sum(cells.values()), tuple(f"seed {seed}: {why}" for why in broken), cells)


CAMPAIGNS = tuple(
    Campaign(f"monkey at the window, {engine}", "gestures", 25_000, partial(play, engine))
    for engine in ENGINES
)

if __name__ == "__main__":
    main(*sys.argv[1:])
