"""kill -9 in the middle of a very large move, of the program or of the server: all of it, or nothing."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import moving
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases, server, workplace
from tests.support.databases import BO, ENGINES, open_store
from tests.support.processes import PROCESSES
from tests.support.stocked import add_wells, lying, stock

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from tests.support.databases import EngineName

VIALS = 50_000
KILLS_A_ROUND = 10


Wells = list[tuple[str, str]]


class Bench:
    """A lab with very many vials, two sets of boxes for all of them, and one set they lie in."""

    def __init__(self, address: str, vials: int, seed: int) -> None:
        self.address = address
        self.said = Path(tempfile.mkdtemp(dir=workplace())) / "said"
        with closing(open_store(address)) as store:
            self.vials = stock(store, vials, seed)
            self._sides = [add_wells(store, name, vials, 40, 400) for name in ("left", "right")]
        self._at = 0
        self.seconds = self._timed()

    @property
    def wells(self) -> Wells:
        """Where everything is to go next."""
        return self._sides[self._at]

    def _timed(self) -> float:
        begin = time.monotonic()
        _move(self.address, self.vials, self.wells, self.said)
        self._at = 1 - self._at
        return time.monotonic() - begin

    def start(self) -> BaseProcess:
        """A program that moves everything to the other side."""
        self.said.unlink(missing_ok=True)
        process: BaseProcess = PROCESSES.Process(
            target=_move, args=(self.address, self.vials, self.wells, self.said)
        )
        process.start()
        while process.is_alive() and not self.said.exists():
            time.sleep(0.002)
        return process

    def look(self) -> tuple[str, list[str]]:
        """Whether everything lies on the other side now, and what is wrong."""
        with closing(open_store(self.address)) as store:
            now = lying(store)
        there = dict(zip(self.vials, self.wells, strict=True))
        moved = sum(now.get(codes.number(vial)) == _spot(*well) for vial, well in there.items())
        back = dict(zip(self.vials, self._sides[1 - self._at], strict=True))
        stayed = sum(now.get(codes.number(vial)) == _spot(*well) for vial, well in back.items())
        told = self.said.read_text("utf-8") == "done"
        wrong = [] if {moved, stayed} == {0, len(self.vials)} else [f"{moved} moved and {stayed} stayed"]
        wrong += ["told that it is done, and it is not"] if told and not moved else []
        if moved:
            self._at = 1 - self._at
        return "moved" if moved else "stayed", wrong

    def verified(self) -> list[str]:
        """What the history does not explain."""
        with closing(open_store(self.address)) as store:
            seal(store)
            return [str(problem) for problem in Verification(store).run()]


def _spot(box: str, label: str) -> tuple[int, int, int]:
    row, _dash, column = label.partition("-")
    return codes.number(box), int(row), int(column)


def _move(address: str, vials: list[str], wells: Wells, said: Path) -> None:
    with closing(open_store(address)) as store:
        form = MoveForm(tuple(Move(vial, *well) for vial, well in zip(vials, wells, strict=True)))
        said.write_text("begun", "utf-8")
        moving.move(store, BO, form)
        said.write_text("done", "utf-8")


def round_of_kills(engine: EngineName, seed: int, vials: int = VIALS, kills: int = KILLS_A_ROUND) -> Outcome:
    """The program that moves is killed at any moment from its first statement to some time after its last."""

    def kill(process: BaseProcess) -> list[str]:
        process.kill()
        process.join()
        return [] if process.exitcode in {-SIGKILL, 0} else [f"the program ended with {process.exitcode}"]

    return _round(engine, seed, vials, kills, kill)


def round_of_stops(seed: int, vials: int = VIALS, kills: int = KILLS_A_ROUND) -> Outcome:
    """The server is stopped as a power cut stops it and started again; the program may try once more."""

    def stop(process: BaseProcess) -> list[str]:
        server().stop(immediately=True)
        server().start()
        process.join()
        return []

    return _round("postgresql", seed, vials, kills, stop)


def _round(
    engine: EngineName, seed: int, vials: int, kills: int, end: Callable[[BaseProcess], list[str]]
) -> Outcome:
    random, address = Random(seed), databases(engine).lab()
    bench = Bench(address, vials, seed)
    broken, cells = [], Counter[str]()
    for number in range(kills):
        process = bench.start()
        process.join(random.uniform(0, 1.1) * bench.seconds)
        wrong = end(process)
        came, more = bench.look()
        cells[came] += 1
        broken += [f"kill {number}: {why}" for why in (*wrong, *more)]
    broken += bench.verified()
    databases(engine).remove(address)
    return Outcome(kills, tuple(broken), cells)


CAMPAIGNS = (
    *(
        Campaign(f"kills of a move of 50,000, {engine}", "kills", 40, partial(round_of_kills, engine))
        for engine in ENGINES
    ),
    Campaign("server stopped in a move of 50,000", "stops", 20, round_of_stops),
)
