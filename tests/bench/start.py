"""From the start of the process to the first painted window, and to one that can be used."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from tests.bench.timing import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = 7

_BARE = """
import time; begin = time.perf_counter()
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.perf_counter() - begin, flush=True)
        app.exit()
window = Window()
window.resize(1366, 768)
window.show()
app.exec()
"""

_OURS = """
import time; begin = time.perf_counter()
import sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
app = QApplication([])
from biobank_desktop.app import Program, choose_language
from biobank_desktop.gui import theme
from biobank_desktop.settings import read_settings
settings = read_settings()
choose_language(settings)
theme.apply(app, theme.Scheme.LIGHT)
program = Program(settings)
class Watch(QObject):
    painted = False
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.painted:
            self.painted = True
            QTimer.singleShot(0, lambda: print(time.perf_counter() - begin, flush=True))
        return False
watch = Watch()
program.frame.centralWidget().installEventFilter(watch)
program.start()
def usable():
    if program.desk.session is not None:
        print(time.perf_counter() - begin, flush=True)
        program.close()
        app.exit()
poll = QTimer()
poll.timeout.connect(usable)
poll.start(2)
app.exec()
"""


def rows(database: str) -> Iterator[Row]:
    """The median of seven starts each, alternating."""
    bare, painted, usable = [], [], []
    with tempfile.TemporaryDirectory() as home:
        environment = _as_installed(home) | {"BIOBANK_HOME": home, "BIOBANK_DB": database}
        _seconds(_OURS, environment)  # the first start compiles
        for _ in range(RUNS):
            bare.append(_seconds(_BARE, environment)[0])
            first, last = _seconds(_OURS, environment)
            painted.append(first)
            usable.append(last)
    limit = statistics.median(bare) * 1000
    for name, times in (("start to first paint", painted), ("start to sign-in", usable)):
        p50, p95 = statistics.median(times) * 1000, max(times) * 1000
        yield Row(name, "sqlite", 0, p50, p95, limit, note="raw: an empty QMainWindow")


def _as_installed(folder: str) -> dict[str, str]:
    """The environment, with compiled modules kept in the folder: a machine that tests may forbid that."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": f"{folder}/compiled"}


def _seconds(program: str, environment: dict[str, str]) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [float(line) for line in done.stdout.split()]
