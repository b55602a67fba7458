"""Eight benches at one server behind a network of 2 ms, while a load of 20,000 samples runs.

Each bench and the load are processes of their own. The network is a sleep of 2 ms in every round trip, within
the connection: it costs no processor time, which the server needs. Raw is the same without the load, so that
the ratio is what the load costs the benches.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from psycopg.pq import TransactionStatus

from biobank_desktop.persistence.patience import PatientConnection
from biobank_desktop.services import labels, placing, processing
from biobank_desktop.services.bulk import fill_lab
from biobank_desktop.services.intake import receive
from tests.bench.timing import Row, quantiles
from tests.support.databases import ANNA, BO, open_store
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receipt, vials_of
from tests.support.processes import PROCESSES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier, Event

    from biobank_desktop.domain.intake import ReceiptForm
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received
    from tests.support.databases import Databases

BENCHES = 8
NETWORK_SECONDS = 0.002
LOAD_SAMPLES = 20_000
QUIET_SECONDS = 10.0


@dataclass(frozen=True)
class Place:
    """Where one bench works: its own donor and box."""

    address: str
    donor: str
    box: str


def _behind_a_network() -> None:
    at_once = PatientConnection.wait

    def distant(self: PatientConnection, asked: Any, *how: Any, **more: Any) -> Any:
        if is_a_walk(self, asked.__name__):
            time.sleep(NETWORK_SECONDS)
        return at_once(self, asked, *how, **more)

    PatientConnection.wait = distant  # type: ignore[method-assign, assignment]


def is_a_walk(connection: PatientConnection, doing: str) -> bool:
    """Whether the driver waits for the server in this; the rest never leaves this computer."""
    if doing in {"_enter_gen", "_set_autocommit_gen"}:
        return False
    if doing in {"_execute_gen", "_executemany_gen_pipeline"}:
        return connection.letters is None
    return doing != "_rollback_gen" or connection.pgconn.transaction_status != TransactionStatus.IDLE


def day(store: Store, place: Place) -> Iterator[partial[Any]]:
    """The commands of a day at the bench, each to be called once."""
    while True:
        form = receipt(place.donor, tube_code=f"C{uuid4().hex[:12].upper()}")
        received: list[Received] = []
        yield partial(_receive, store, form, received)
        tube = received[0]
        plasma = vials_of(tube, "PL1")
        for vial in tube.vials:
            yield partial(labels.verify, store, BO, vial.code)
        yield partial(fill_all, store, BO, tube)
        for code in plasma:
            yield partial(placing.place, store, BO, place.box, code)
        yield partial(processing.record_count, store, BO, tube.tube, 900_000_000, 90.0, 80.0)
        for code in plasma:
            yield partial(placing.take_out, store, BO, code, "used up")


def _receive(store: Store, form: ReceiptForm, into: list[Received]) -> None:
    into.append(receive(store, BO, form))


def _bench(place: Place, start: Barrier, stop: Event, out: Connection) -> None:
    _behind_a_network()
    store, times = open_store(place.address), []
    with store.read():
        pass
    gc.collect()
    gc.freeze()  # as the window does: no full collection goes through what every program has
    start.wait(timeout=120)
    for command in day(store, place):
        begin = time.perf_counter()
        command()
        times.append(time.perf_counter() - begin)
        if stop.is_set():
            break
    out.send(times)
    store.close()


def _load(address: str, start: Barrier, stop: Event) -> None:
    _behind_a_network()
    store = open_store(address)
    start.wait(timeout=120)
    for progress in fill_lab(store, ANNA, LOAD_SAMPLES, 77):
        del progress
    store.close()
    stop.set()


def rows(databases: Databases) -> Iterator[Row]:
    """Commands a second, and how long one takes, with the load and without."""
    address = databases.lab()
    places = list(places_in(address))
    quiet, quiet_seconds = _measure(address, places, load=False)
    times, seconds = _measure(address, places, load=True)
    databases.remove(address)
    p50, p95 = quantiles(times)
    calm, _p95 = quantiles(quiet)
    note = f"worst {max(times) * 1000:,.0f} ms; raw: without the load"
    yield Row("8 benches under load", "postgresql", LOAD_SAMPLES, p50, p95, calm, note=note)
    rate, calm_rate = len(times) / seconds, len(quiet) / quiet_seconds
    yield Row("8 benches under load", "postgresql", LOAD_SAMPLES, rate, rate, calm_rate, "/s", note)


def places_in(address: str) -> Iterator[Place]:
    store = open_store(address)
    boxes = [add_boxes(store, ANNA, prefix=f"{number}-").plasma for number in range(BENCHES)]
    for box in boxes:
        donor = add_donor(store, BO)
        consent_of_both(store, BO, donor)
        yield Place(address, donor, box)
    store.close()


def _measure(address: str, places: list[Place], *, load: bool) -> tuple[list[float], float]:
    start, stop = PROCESSES.Barrier(len(places) + 1 + load), PROCESSES.Event()
    running, ends = [], []
    for place in places:
        mine, theirs = PROCESSES.Pipe(duplex=False)
        running.append(PROCESSES.Process(target=_bench, args=(place, start, stop, theirs)))
        ends.append(mine)
    if load:
        running.append(PROCESSES.Process(target=_load, args=(address, start, stop)))
    for process in running:
        process.start()
    start.wait(timeout=120)
    begin = time.perf_counter()
    if load:
        stop.wait()
    else:
        time.sleep(QUIET_SECONDS)
        stop.set()
    seconds = time.perf_counter() - begin
    times = [one for end in ends for one in end.recv()]
    for process in running:
        process.join()
    return times, seconds
