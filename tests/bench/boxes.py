"""How long a box in colours takes: opened from nothing, and coloured anew, until it is painted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from biobank_desktop import language
from biobank_desktop.domain.codes import from_number
from biobank_desktop.domain.colouring import COLOURINGS
from biobank_desktop.gui import theme
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.storage.plan import TOP
from biobank_desktop.gui.storage.screen import StorageScreen
from tests.bench.timing import Row, quantiles
from tests.support.colourful import Household, fill_box
from tests.support.databases import ANNA, open_store
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.rows import enter_box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Databases

GRIDS = ((9, 9), (14, 14), (20, 20))
TURNS = 6
VIALS_OF_ONE = 8


def rows(databases: Databases) -> Iterator[Row]:
    """Measured in a process of its own: a window needs the first thread."""
    address = databases.lab()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.boxes", address],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "PYTHONPATH": "."},
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    for line in done.stdout.splitlines():
        name, wells, p50, p95 = line.split("|")
        yield Row(name, "sqlite", int(wells), float(p50), float(p95), None, note="wells, all taken")
    databases.remove(address)


def measure(address: str, folder: Path) -> Iterator[str]:
    """The lines that ``rows`` reads."""
    app = QApplication([])
    theme.apply(app, theme.Scheme.LIGHT)
    language.choose("en")
    store = open_store(address)
    desk = open_desk(store, folder, Sounds(enabled=False))
    use_screen(desk, "storage", StorageScreen)
    desk.frame.resize(1366, 768)
    desk.frame.show()
    desk.frame.show_screen("storage")
    screen = desk.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    for grid in GRIDS:
        wells = grid[0] * grid[1]
        box = enter_box(store, *grid)
        said = ("yes", "yes", "no", "")
        fill_box(
            store,
            ANNA,
            from_number(box),
            grid,
            [Household(VIALS_OF_ONE, 3 + 29 * no, said[no % 4]) for no in range(-(-wells // VIALS_OF_ONE))],
        )
        opened, coloured = [], []
        for colouring in COLOURINGS * TURNS:
            screen.open(TOP)
            begin = time.perf_counter()
            screen.open(box)
            QCoreApplication.processEvents()
            opened.append(time.perf_counter() - begin)
            assert screen.box.side.colouring == colouring
            begin = time.perf_counter()
            screen.box.next_colouring()
            QCoreApplication.processEvents()
            coloured.append(time.perf_counter() - begin)
        yield _line("box in colours, opened", wells, opened)
        yield _line("box, the next colouring", wells, coloured)
    close_desk(desk)
    store.close()


def _line(name: str, wells: int, times: list[float]) -> str:
    p50, p95 = quantiles(times)
    return f"{name}|{wells}|{p50}|{p95}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as home:
        for told in measure(sys.argv[1], Path(home)):
            print(told, flush=True)
