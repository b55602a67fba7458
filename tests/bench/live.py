"""How soon what one bench stores is painted at another, and what telling it costs eight benches.

The window shows the box that the other bench places a vial into and takes it out of, at moments of its own.
Times run from the moment the COMMIT is sent, on the one clock of the computer; raw is a bare connection that
listens for the same words.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from functools import partial
from itertools import repeat
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from sqlalchemy import event, text

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.gui import theme
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.persistence import work
from biobank_desktop.persistence.words import CHANNEL
from biobank_desktop.services import placing
from tests.bench.crowd import BENCHES, day, places_in
from tests.bench.timing import Row, quantiles
from tests.support.databases import BO, open_store
from tests.support.lab import fill_all, receive, vials_of
from tests.support.processes import PROCESSES
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier, Event

    from biobank_desktop.gui.widgets.boxmap import BoxMap
    from biobank_desktop.persistence.store import Store
    from tests.bench.crowd import Place
    from tests.support.databases import Databases

CHANGES = 400
PAUSE_SECONDS = 0.4
"""The other bench rests up to so long between two changes."""
WRITING_SECONDS = 6.0
TURNS = 4
"""How often writers that tell and writers that do not are measured, in turns."""
_WELL = "A1"


class _Painted(QObject):
    """Reports when a well was painted in another state than before."""

    def __init__(self, drawn: BoxMap, out: Connection) -> None:
        super().__init__(drawn)
        self._map, self._out = drawn, out
        self._state = drawn.well((0, 0)).state
        drawn.installEventFilter(self)

    def eventFilter(self, watched: QObject, happening: QEvent) -> bool:  # noqa: N802
        if happening.type() == QEvent.Type.Paint and self._map.well((0, 0)).state != self._state:
            self._state = self._map.well((0, 0)).state
            QTimer.singleShot(0, lambda: self._out.send(time.monotonic()))
        return super().eventFilter(watched, happening)


def _window(place: Place, out: Connection) -> None:
    """A bench that looks at the box until it is told to go."""
    app = QApplication([])
    theme.apply(app, theme.Scheme.LIGHT)
    language.choose("en")
    with tempfile.TemporaryDirectory(prefix="biobank-bench-home-") as home:
        window = Window(bench_settings(place.address, Path(home))).start("anna")
        window.program.frame.show_screen("storage", container=codes.number(place.box))
        window.settle()
        screen = window.program.frame.shown_screen()
        assert isinstance(screen, StorageScreen)
        watch = _Painted(screen.box.map, out)
        out.send(0.0)
        while not out.poll():
            window.wait(100)
        watch.deleteLater()
        window.program.close()


def _bare(place: Place, out: Connection) -> None:
    """A bare connection that listens."""
    with psycopg.connect(place.address, autocommit=True) as line:
        (channel,) = line.execute(f"SELECT {CHANNEL}").fetchall()[0]
        line.execute(f"LISTEN {channel}")
        out.send(0.0)
        while not out.poll():
            for _word in line.notifies(timeout=0.1, stop_after=1):
                out.send(time.monotonic())


def _changes(store: Store, place: Place, vial: str, ends: Connection) -> list[float]:
    """Seconds from each COMMIT to what the other end reports."""
    sent: list[float] = []
    event.listen(store.engine, "commit", lambda _connection: sent.append(time.monotonic()))
    rests, times = Random(5), []
    ends.recv()
    for number in range(CHANGES):
        if number % 2:
            placing.take_out(store, BO, vial, "used up")
        else:
            placing.place(store, BO, place.box, vial, _WELL)
        times.append(ends.recv() - sent[-1])
        time.sleep(rests.uniform(0, PAUSE_SECONDS))
    ends.send("go")
    return times


def _seen(address: str, place: Place, vial: str, watching: Any) -> list[float]:
    mine, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=watching, args=(place, theirs))
    process.start()
    store = open_store(address)
    times = _changes(store, place, vial, mine)
    store.close()
    process.join()
    return times


def _writer(place: Place, start: Barrier, stop: Event, out: Connection, *, told: bool) -> None:
    """A bench at work, as fast as it can."""
    if not told:
        work._APPEND_POSTGRESQL = work._APPEND_POSTGRESQL.replace(f"pg_notify({CHANNEL}, %s)", "%s::text")
    store = open_store(place.address)
    with store.read() as connection:
        connection.execute(text("SELECT 1"))
    _until_stopped(day(store, place), start, stop, out)
    store.close()


def _bare_writer(place: Place, start: Barrier, stop: Event, out: Connection, *, told: bool) -> None:
    """A bare connection that commits one row after the other."""
    with psycopg.connect(place.address, autocommit=True) as line:
        said = f"pg_notify({CHANNEL}, word)" if told else "word"
        insert = f"INSERT INTO told VALUES (%s) RETURNING {said}"
        _until_stopped(repeat(partial(line.execute, insert, ["stored"])), start, stop, out)


def _until_stopped(
    commands: Iterable[Callable[[], object]], start: Barrier, stop: Event, out: Connection
) -> None:
    done = 0
    start.wait(timeout=120)
    for command in commands:
        command()
        done += 1
        if stop.is_set():
            break
    out.send(done)


def _rate(places: list[Place], writer: Callable[..., None], *, told: bool) -> float:
    """Commands a second of all benches together."""
    start, stop = PROCESSES.Barrier(len(places) + 1), PROCESSES.Event()
    running, ends = [], []
    for place in places:
        mine, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=writer, args=(place, start, stop, theirs), kwargs={"told": told})
        process.start()
        running.append(process)
        ends.append(mine)
    start.wait(timeout=120)
    begin = time.perf_counter()
    time.sleep(WRITING_SECONDS)
    stop.set()
    done: int = sum(end.recv() for end in ends)
    seconds = time.perf_counter() - begin
    for process in running:
        process.join()
    return done / seconds


def _beside_silence(places: list[Place], name: str, writer: Callable[..., None]) -> Row:
    """Writers that tell beside the same that do not, in turns: what else the machine does weighs on both."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        told = turn % 4 in {0, 3}  # the lab grows: neither is always the later one
        rates[told].append(_rate(places, writer, told=told))
    rate, raw = (statistics.median(rates[told]) for told in (True, False))
    return Row(name, "postgresql", 0, rate, rate, raw, "/s", "raw: without a word")


def rows(databases: Databases) -> Iterator[Row]:
    """From commit to paint, and what eight benches that tell do beside eight that do not."""
    address = databases.lab()
    places = list(places_in(address))
    here = places[0]
    store = open_store(address)
    received = receive(store, BO, here.donor)
    fill_all(store, BO, received)
    vial = vials_of(received, "PL1")[0]
    store.close()
    bare = _seen(address, here, vial, _bare)
    painted = _seen(address, here, vial, _window)
    p50, p95 = quantiles(painted)
    p99, worst = sorted(painted)[int(len(painted) * 0.99)] * 1000, max(painted) * 1000
    note = f"p99 {p99:,.0f} ms, worst {worst:,.0f} ms of {CHANGES}; raw: a bare connection that listens"
    yield Row("commit to painted elsewhere", "postgresql", 0, p50, p95, quantiles(bare)[0], note=note)
    yield _beside_silence(places, f"{BENCHES} benches that tell", _writer)
    with psycopg.connect(address, autocommit=True) as line:
        line.execute("CREATE TABLE told (word text)")
    yield _beside_silence(places, f"{BENCHES} bare writers that tell", _bare_writer)
    databases.remove(address)
