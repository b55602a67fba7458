"""Labels through a printer that fails in every way, by programs that are killed: none twice, none lost.

A person stands beside the printer: puts in new rolls, looks at what came out, says so of labels in doubt, and
asks for another one of what failed. Whatever the program says of a label meanwhile must be true of the labels
that lie in the printer's tray, which are read from the very dots that it received.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from uuid import uuid4

from biobank_desktop.labels.symbols import Symbology, read
from biobank_desktop.labels.zebra import ZebraPrinter
from biobank_desktop.persistence.queries import worklists
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import labels, print_runs, printing
from biobank_desktop.services.printers import PrinterForm
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases
from tests.support.databases import ANNA, BENCH, BO, ENGINES, open_store
from tests.support.lab import add_boxes
from tests.support.leaving import kept
from tests.support.processes import PROCESSES
from tests.support.zebra import FakeZebra

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.printers import Told
    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import EngineName

LABELS = 40
TURNS = 200
LONGEST_SECONDS = 0.4
FAULTS = ("paper-out", "ribbon-out", "head-open", "paused")
MISFORTUNES = ("mute", "reset", *FAULTS)
FORM = PrinterForm("Zebra", "zpl", 300, "vial-33x13")
IN_DOUBT = frozenset({"sending", "sent", "held", "unknown"})
CELLS = frozenset({"killed", "held", "failed", "in doubt and out", "in doubt and not"})

PROCESSES.set_forkserver_preload(["tests.soak.print_queue"])


def _zebra(port: int, made: type[ZebraPrinter] = ZebraPrinter) -> ZebraPrinter:
    return made(
        FORM.name, FakeZebra.host, FORM.dpi, port,
        connect_s=0.5, answer_s=0.3, stall_s=0.5, poll_s=0.005, patience_s=0.3,
    )  # fmt: skip


class StubbornZebra(ZebraPrinter):
    """The negative control: it prints again what it knows nothing of."""

    def print(self, pages: Sequence[Page], title: str) -> Told:
        """Once, and once more where nobody knows."""
        told = super().print(pages, title)
        return super().print(pages, title) if told.rest == "unknown" else told


def _bench(address: str, port: int, made: type[ZebraPrinter]) -> None:
    """What the program does from its start on: it looks back, then prints until somebody must look."""
    sender = printing.sender_at(BENCH, uuid4().hex[:8])
    device = _zebra(port, made)
    with closing(open_store(address)) as store:
        _look_back(store, sender)
        while True:
            with store.read() as connection:
                wanted = print_runs.wish(connection, FORM, BENCH, datetime.now(UTC))
            if not wanted.labels:
                return
            watched: list[print_runs.Held] = []
            steps = print_runs.steps(wanted, lambda _title: device, sender, watched.append)
            printed = print_runs.do_all(store, BO, steps)
            while watched:
                time.sleep(0.01)
                held = watched.pop()
                now = print_runs.settled(held)
                if now.news_since(held):
                    print_runs.reporting(now.came)(store, BO)
                if now.told.rest == "held":
                    watched.append(now)
            if any(one.state in {"failed", "unknown"} for one in printed.came):
                return


def _look_back(store: Store, sender: str) -> None:
    with store.read() as connection:
        left = printing.left_behind(connection, BENCH, sender)
    if left:
        printing.give_up(store, BO, left)


@dataclass
class _Room:
    """The printer, its tray, and the person beside it."""

    address: str
    zebra: FakeZebra
    random: Random
    seen: Counter[str]

    def run(self, made: type[ZebraPrinter]) -> None:
        """Let the program print while things happen to the printer; now and then it is killed."""
        self._provoke()
        process = PROCESSES.Process(target=_bench, args=(self.address, self.zebra.port, made))
        process.start()
        while process.is_alive() and not self.zebra.busy:
            process.join(0.002)
        ends = time.monotonic() + self.random.uniform(0, LONGEST_SECONDS)
        dies = self.random.random() < 0.4
        while process.is_alive() and time.monotonic() < ends:
            process.join(self.random.uniform(0, 0.02))
            self._happen()
        if dies and process.is_alive():
            process.kill()
            self.seen["killed"] += 1
        while process.is_alive():
            self._put_right()
            process.join(0.02)
        self._put_right()
        while self.zebra.busy:
            time.sleep(0.002)
        self.zebra.labels_a_question = None
        self.zebra.repair()

    def _provoke(self) -> None:
        zebra, random = self.zebra, self.random
        zebra.labels_left = random.choice((2, 5, 13, 10_000))
        zebra.labels_a_question = random.choice((None, 1, 1, 2))
        if random.random() < 0.7:
            zebra.then = random.choice(MISFORTUNES)
            zebra.after_bytes = random.randrange(12_000)

    def _happen(self) -> None:
        chance = self.random.random()
        if chance < 0.25:
            self.zebra.faults.add(self.random.choice(FAULTS))
        elif chance < 0.28:
            self.zebra.switch_off()
            time.sleep(0.01)
            self.zebra.switch_on()
        elif chance < 0.5:
            self._put_right()

    def _put_right(self) -> None:
        self.zebra.after_bytes = None
        self.zebra.listen_again()
        self.zebra.reload()
        self.zebra.repair(*FAULTS)

    def tray(self) -> Counter[str]:
        """How many labels of each code came out, as a scanner reads them."""
        found: Counter[str] = Counter()
        for label in self.zebra.printed:
            (code,) = read(Symbology.DATA_MATRIX, label.image.convert("L"))
            found[code] += 1
        return found


def _rows(store: Store) -> dict[str, list[LabelRow]]:
    """The labels of each code that this campaign asked for."""
    with store.read() as connection:
        rows = [row for row in worklists.labels(connection) if row.no > 1]
    return {code: [row for row in rows if row.code == code] for code in {row.code for row in rows}}


def _lies(rows: dict[str, list[LabelRow]], tray: Counter[str]) -> list[str]:
    """What the record says that is not so: what came out must lie there, what failed or waits must not."""
    broken = []
    for code, some in rows.items():
        states = Counter(row.state for row in some)
        doubted = sum(states[state] for state in IN_DOUBT)
        if not states["confirmed"] <= tray[code] <= states["confirmed"] + doubted:
            broken.append(f"{code} lies there {tray[code]} times and is {dict(states)}")
    return broken


def _attend(store: Store, tray: Counter[str], seen: Counter[str]) -> bool:
    """The person says of every label in doubt what came out, and asks anew for what did not; done?"""
    _look_back(store, printing.sender_at(BENCH, "person"))
    waits = False
    for code, rows in _rows(store).items():
        out = tray[code] - sum(row.state == "confirmed" for row in rows)
        for row in rows:
            if row.state == "unknown":
                came_out, out = out > 0, out - 1
                printing.decide(store, BO, code, row.no, came_out=came_out)
                seen["in doubt and out" if came_out else "in doubt and not"] += 1
        newest = max(_rows(store)[code], key=lambda row: row.no)
        if newest.state == "failed":
            labels.reprint(store, BO, code, "printer-fault")
            seen["failed"] += 1
        waits = waits or newest.state != "confirmed"
    return not waits


def round_of_printing(
    seed: int, engine: EngineName, made: type[ZebraPrinter] = ZebraPrinter, count: int = LABELS
) -> Outcome:
    """So many labels, until each lies there and the record says so."""
    address = databases(engine).lab()
    seen: Counter[str] = Counter()
    broken: list[str] = []
    with closing(open_store(address)) as store:
        _furnish(store, count)
    with FakeZebra() as zebra:
        room = _Room(address, zebra, Random(seed), seen)
        for _turn in range(TURNS):
            room.run(made)
            tray = room.tray()
            with closing(open_store(address)) as store:
                rows = _rows(store)
                seen.update(row.state for some in rows.values() for row in some)
                broken += _lies(rows, tray)
                if broken or _attend(store, tray, seen):
                    break
        else:
            broken.append("it never ended")
        tray = room.tray()
    with closing(open_store(address)) as store:
        rows = _rows(store)
        broken += _lies(rows, tray)
        if not broken:
            broken += [f"{code} has no label" for code in rows if not tray[code]]
        seal(store)
        broken += map(str, Verification(store).run())
    databases(engine).remove(address)
    return Outcome(count, tuple(broken), seen)


def _furnish(store: Store, count: int) -> None:
    """Vials whose labels are asked for anew; their first ones never waited."""
    box = add_boxes(store, ANNA).plasma
    for code in kept(store, BO, box, count).vials:
        labels.reprint(store, BO, code, "relabel")


def _round(engine: EngineName, made: type[ZebraPrinter]) -> Callable[[int], Outcome]:
    return partial(round_of_printing, engine=engine, made=made)


CAMPAIGNS = (
    *(
        Campaign(
            f"labels through a failing printer, {engine}",
            "labels",
            2_000,
            _round(engine, ZebraPrinter),
            cells=CELLS,
            least_per_cell=20,
        )
        for engine in ENGINES
    ),
    Campaign(
        "labels through a failing printer, control: what is in doubt is sent again",
        "labels",
        400,
        _round("sqlite", StubbornZebra),
        must_break=True,
    ),
)
