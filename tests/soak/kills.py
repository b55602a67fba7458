"""kill -9 of the window and of the command line, and the server stopped as a power cut stops it.

After each kill the next start finds every acknowledged command, nothing half, and says of the one whose
answer nobody saw whether it is stored.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select

from biobank_desktop.cli.main import main
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.problems import BiobankError
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.store import OutcomeUnknown
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import intake, placing, processing
from biobank_desktop.session import open_session
from tests.cli.jobs import receipt as receipt_file
from tests.soak import bench_day
from tests.soak.aftermath import Told, next_start
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases, server, workplace
from tests.support.databases import BO, ENGINES, PASSWORD, open_store
from tests.support.lab import add_boxes, add_donor, consent_of_both, receipt, vials_of
from tests.support.processes import PROCESSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.databases import EngineName

KILLS_A_ROUND = 10
LONGEST_SECONDS = 0.5
SAID = "said"
BOY = {"born_year": 2018, "sex": "male"}
WRITERS = 8
CRASHES_A_ROUND = 5


T = TypeVar("T")

PROCESSES.set_forkserver_preload(["tests.soak.kills"])


@dataclass(frozen=True)
class Furnished:
    """A lab to work in: its address, a donor, a box, and a folder for the bench's own files."""

    address: str
    donor: str
    box: str
    folder: Path


def _furnished(engine: EngineName) -> Furnished:
    address = databases(engine).lab()
    store = open_store(address)
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    box = add_boxes(store).plasma
    store.close()
    return Furnished(address, donor, box, Path(tempfile.mkdtemp(dir=workplace())))


# What is killed --------------------------------------------------------------------------------------


def _window(lab: Furnished) -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _speak_into(lab.folder / SAID)
    bench_day.main(lab.address, str(lab.folder), lab.donor, lab.box, "1000")


def _command_line(lab: Furnished) -> None:
    _speak_into(lab.folder / SAID)
    os.environ |= {"BIOBANK_HOME": str(lab.folder), "BIOBANK_DB": lab.address, "BIOBANK_PASSWORD": PASSWORD}
    given = lab.folder / "input.json"
    while True:
        command = uuid4()
        tube = receipt_file(lab.donor, tube_code=f"HX{command.hex[:12].upper()}", second_identifier=BOY)
        given.write_text(json.dumps({**tube, "command": str(command)}), "utf-8")
        os.write(1, f"begun {command}\n".encode())
        main(["--json", "--as", "bo", "receive", str(given)])


def _speak_into(path: Path) -> None:
    kept = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(kept, 1)


def _kill(victim: Callable[[Furnished], None], lab: Furnished, random: Random) -> Told:
    """Run it and kill it some time after its first word, now and then before; what it had said."""
    said = lab.folder / SAID
    said.unlink(missing_ok=True)
    process = PROCESSES.Process(target=victim, args=(lab,))
    process.start()
    early = random.random() < 0.1
    while not early and process.is_alive() and not (said.exists() and said.stat().st_size):
        time.sleep(0.002)
    process.join(random.uniform(0, LONGEST_SECONDS))
    process.kill()
    process.join()
    code = process.exitcode
    process.close()
    if code != -SIGKILL:
        raise RuntimeError(f"the victim ended by itself, with {code}")
    told = Told()
    told.hear(said.read_bytes() if said.exists() else b"")
    return told


def _round(engine: EngineName, victim: Callable[[Furnished], None], seed: int) -> Outcome:
    random, lab = Random(seed), _furnished(engine)
    bench = replace(bench_day.settings(lab.address, lab.folder), database=lab.address)
    broken = []
    for kill in range(KILLS_A_ROUND):
        told = _kill(victim, lab, random)
        broken += [f"kill {kill}: {why}" for why in next_start(bench).contradictions(told)]
        with closing(open_session(bench)) as session:
            session.answers_seen()
    databases(engine).remove(lab.address)
    shutil.rmtree(lab.folder)
    return Outcome(KILLS_A_ROUND, tuple(broken))


# The server --------------------------------------------------------------------------------------------


class _Writer(threading.Thread):
    """A bench that receives tubes, fills and stores plasma, until told to stop; it keeps what it was told."""

    def __init__(self, lab: Furnished, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._lab, self._stop_now = lab, stop
        self._store = open_store(lab.address)
        self.ok: set[UUID] = set()
        self.failed: set[UUID] = set()
        self.unknown: set[UUID] = set()
        self.bug: str | None = None

    def run(self) -> None:
        try:
            while not self._stop_now.is_set():
                with suppress(BiobankError):
                    self._tube()
        except Exception as error:
            self.bug = f"{type(error).__name__}: {error}".splitlines()[0]
        finally:
            self._store.close()

    def _tube(self) -> None:
        form = receipt(self._lab.donor, tube_code=f"HX{uuid4().hex[:12].upper()}")
        received = self._do(lambda command: intake.receive(self._store, BO, form, command))
        plasma = vials_of(received, "PL1")
        fills = [FillForm(code, volume_ul=100) for code in plasma]
        self._do(lambda command: processing.fill(self._store, BO, fills, command))
        self._do(lambda command: placing.place(self._store, BO, self._lab.box, plasma[0], "", command))
        self._do(lambda command: placing.take_out(self._store, BO, plasma[0], "used up", command))

    def _do(self, gesture: Callable[[UUID], T]) -> T:
        command = uuid4()
        try:
            made = gesture(command)
        except OutcomeUnknown:
            self.unknown.add(command)
            raise
        except BiobankError:
            self.failed.add(command)
            raise
        self.ok.add(command)
        return made


def round_of_crashes(seed: int) -> Outcome:
    """Eight benches at work while their server is stopped at once, again and again, and started."""
    random, real = Random(seed), server()
    lab = _furnished("postgresql")
    stop = threading.Event()
    writers = [_Writer(lab, stop) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(CRASHES_A_ROUND):
        time.sleep(random.uniform(0.2, 1.0))
        real.stop(immediately=True)
        time.sleep(random.uniform(0, 0.3))
        real.start()
    time.sleep(0.5)
    stop.set()
    for writer in writers:
        writer.join()
    broken = list(_judge(lab, writers))
    databases("postgresql").remove(lab.address)
    return Outcome(CRASHES_A_ROUND, tuple(broken), {"commands told ok": sum(len(one.ok) for one in writers)})


def _judge(lab: Furnished, writers: list[_Writer]) -> Iterator[str]:
    yield from (f"a bug: {writer.bug}" for writer in writers if writer.bug)
    with closing(open_store(lab.address)) as store:
        with store.read() as connection:
            stored = set(connection.execute(select(tables.command.c.id)).scalars())
        for writer in writers:
            if writer.ok - stored:
                yield f"{len(writer.ok - stored)} commands told ok are not there"
            if writer.failed & stored:
                yield f"{len(writer.failed & stored)} commands told failed are stored"
            if not writer.ok:
                yield "a bench did nothing"
        seal(store)
        yield from map(str, Verification(store).run())


CAMPAIGNS = (
    *(
        Campaign(f"kills of the {name}, {engine}", "kills", 500, partial(_round, engine, victim))
        for name, victim in (("window", _window), ("command line", _command_line))
        for engine in ENGINES
    ),
    Campaign("server crashes under 8 benches", "crashes", 100, round_of_crashes),
)
