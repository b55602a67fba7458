"""What a person waits for in the real window: from a scan or a letter to what is painted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain import codes
from biobank_desktop.gui import theme
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.persistence import tables
from biobank_desktop.settings import read_settings
from tests.bench.timing import Row, quantiles
from tests.support.databases import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bench.database import Lab

SCANS, BOXES, DONORS, SEARCHES = 120, 40, 60, 15
_PATIENCE_SECONDS = 60


def rows(lab: Lab) -> Iterator[Row]:
    """Measured in a process of its own, so that its memory can be read too."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-home-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.window", lab.address],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
            env={**os.environ, "BIOBANK_HOME": home, "PYTHONPATH": "."},
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    for line in done.stdout.splitlines():
        name, p50, p95, unit = line.split("|")
        yield Row(name, lab.engine, lab.samples, float(p50), float(p95), None, unit)


class Window:
    """The program at work on a lab, and a stopwatch beside it."""

    def __init__(self, address: str) -> None:
        self.program = Program(read_settings(address), sounds=Sounds(enabled=False))
        self.longest = 0.0
        self.program.start()
        self._rest(lambda: self.program.desk.session is not None)
        self.program.sign_in("bo", PASSWORD)
        self._rest(lambda: self.program.desk.actor is not None)

    def some(self, of: Sequence[int], count: int) -> list[str]:
        """Codes drawn from all over."""
        return [codes.from_number(number) for number in Random(3).sample(of, min(count, len(of)))]

    def numbers(self) -> tuple[list[int], list[int], list[int]]:
        """Samples, boxes and donors of the lab."""
        session = self.program.desk.session
        assert session is not None
        box = tables.placement.c.container_id
        with session.store.read() as connection:
            samples = connection.execute(select(tables.sample.c.id).limit(200_000)).scalars().all()
            boxes = connection.execute(select(box).distinct().limit(500)).scalars().all()
            donors = connection.execute(select(tables.donor.c.id)).scalars().all()
        return list(samples), list(boxes), list(donors)

    def scan(self, code: str) -> float:
        """Seconds from the scan to everything painted."""
        begin = time.perf_counter()
        self.program.frame.bus.take(code)
        self._rest()
        return time.perf_counter() - begin

    def open(self, code: str) -> float:
        """Seconds from opening a record to everything painted."""
        begin = time.perf_counter()
        self.program.desk.show_record(codes.number(code))
        self._rest()
        return time.perf_counter() - begin

    def search(self, typed: str) -> float:
        """Seconds from the letter to the painted hits."""
        begin = time.perf_counter()
        self.program.frame.show_screen("samples", code=typed)
        self._rest()
        return time.perf_counter() - begin

    def _rest(self, condition: Callable[[], bool] = lambda: True) -> None:
        """Until nothing is under way, everything is painted and the condition holds."""
        begin = time.perf_counter()
        while True:
            turn = time.perf_counter()
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)
            self.longest = max(self.longest, time.perf_counter() - turn)
            if not self.program.jobs.busy and condition():
                QCoreApplication.processEvents()
                return
            if time.perf_counter() - begin > _PATIENCE_SECONDS:
                raise TimeoutError


def measure(address: str) -> Iterator[str]:
    """The lines that ``rows`` reads."""
    app = QApplication([])
    theme.apply(app, theme.Scheme.LIGHT)
    language.choose("en")
    window = Window(address)
    samples, boxes, donors = window.numbers()
    chosen = window.some(samples, SCANS)
    for code in chosen[:10]:
        window.scan(code)  # screens are made on their first visit
    window.longest = 0.0
    yield _line("scan to painted record", [window.scan(code) for code in chosen[10:]])
    yield _line("longest turn meanwhile", [window.longest])
    yield _line("scan to painted box", [window.scan(code) for code in window.some(boxes, BOXES)])
    opened = window.some(donors, DONORS + 1)
    window.open(opened[0])
    yield _line("donor page painted", [window.open(code) for code in opened[1:]])
    window.search("")
    typed = [code[4 : 4 + length] for code in chosen[:SEARCHES] for length in range(1, 5)]
    yield _line("search as you type, painted", [window.search(piece) for piece in typed])
    window.search("")
    window.program.close()
    peak = _peak_memory_mb()
    yield f"peak memory of the window|{peak}|{peak}|MB"


def _peak_memory_mb() -> float:
    """Of this process alone: what ``getrusage`` says includes the parent that started it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _line(name: str, times: list[float]) -> str:
    p50, p95 = quantiles(times)
    return f"{name}|{p50}|{p95}|ms"


if __name__ == "__main__":
    for told in measure(sys.argv[1]):
        print(told, flush=True)
