"""What a process does that is killed in the middle of it: intakes, one after the other."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.journal import Journal
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.store import Store
from biobank_desktop.services.intake import receive
from tests.support.databases import BO
from tests.support.lab import receipt

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

# Each victim is forked from a process that has everything imported, and its end is seen at once.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.support.killed", "tests.support.struck"])


@dataclass(frozen=True)
class Said:
    """What the victim told before it died: intakes begun and intakes acknowledged, by command."""

    begun: dict[UUID, str]
    acknowledged: dict[UUID, str]


def intakes(address: str, journal_folder: Path, donor: str, first: int, out: Connection) -> None:
    """Receive tubes until killed, telling before and after each; a seal after every third."""
    store = Store(make_engine(address), Journal(journal_folder))
    out.send("ready")
    for number in range(first, first + 100_000):
        command_id, tube_code = uuid4(), f"HX{number:08d}"
        out.send(("begun", command_id, tube_code))
        receive(store, BO, receipt(donor, tube_code=tube_code), command_id)
        assert store.journal
        out.send(("acknowledged", command_id, tube_code))
        store.journal.told(store.journal.take_answered())
        if number % 3 == 0:
            seal(store)


def kill_during_intakes(address: str, folder: Path, donor: str, first: int, after_seconds: float) -> Said:
    """Run that process and kill it so long after it was ready."""
    mine, theirs = PROCESSES.Pipe(duplex=False)
    victim = PROCESSES.Process(target=intakes, args=(address, folder, donor, first, theirs))
    victim.start()
    theirs.close()
    told = {"begun": dict[UUID, str](), "acknowledged": dict[UUID, str]()}
    with suppress(EOFError):
        assert mine.recv() == "ready"
        victim.join(after_seconds)
        victim.kill()
        while True:
            what, command_id, tube_code = mine.recv()
            told[what][command_id] = tube_code
    victim.join()
    assert victim.exitcode == -9
    victim.close()
    mine.close()
    return Said(**told)
