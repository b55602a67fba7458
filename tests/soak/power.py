"""Power loss: the real command line and the real window's database layer, recorded and replayed.

A round records one run, builds images of what the disk may hold had the power failed at some moment, and
opens each with the program. In every one the database opens and is not behind its pin, every acknowledged
command is there, whoever never saw an answer is told it, and ``verify`` is clean.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biobank_desktop.persistence.verify import Verification
from tests.cli.jobs import DONOR, consent
from tests.cli.jobs import receipt as receipt_file
from tests.soak import recorder
from tests.soak.aftermath import Found, Told, next_start
from tests.soak.bench_day import settings
from tests.soak.campaign import Campaign, Outcome
from tests.soak.crash import Disk, Image
from tests.soak.servers import databases, workplace
from tests.support.databases import BO, PASSWORD, open_store
from tests.support.lab import add_boxes, add_donor, consent_of_both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from biobank_desktop.persistence.store import Store

IMAGES = 2000
TUBES = 5

Recording = tuple[dict[str, bytes], list[recorder.Done]]


def _place() -> Path:
    return workplace() / "bench"


def _database() -> Path:
    return _place() / "data" / "biobank.sqlite"


def _clean() -> Path:
    shutil.rmtree(_place(), ignore_errors=True)
    _place().mkdir()
    trace = workplace() / "trace"
    trace.unlink(missing_ok=True)
    return trace


def record_window(synchronous: str = "") -> Recording:
    """A morning of the window on a furnished lab."""
    trace = _clean()
    _database().parent.mkdir()
    shutil.copyfile(databases("sqlite").lab(), _database())
    store = open_store(str(_database()))
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    box = add_boxes(store).plasma
    store.close()
    before = {str(_database()): _database().read_bytes()}
    words = [str(_database()), str(_place()), donor, box, str(TUBES), synchronous]
    _run([sys.executable, "-m", "tests.soak.bench_day", *filter(None, words)], trace)
    return before, list(recorder.read(trace))


def record_command_line() -> Recording:
    """A lab founded, furnished and used by the command line, one process a command."""
    trace = _clean()
    biobank = _CommandLine(trace)
    biobank(None, "init", "--admin", "bo", "--name", "Bo")
    donor = biobank(dict(DONOR), "donor", "add")["donor"]
    for parent in ("mother", "father"):
        biobank(consent(donor, parent), "donor", "consent")
    tank = biobank({"kind": "LN2 vapour tank", "name": "T1", "temperature": "ln2"}, "container", "add")
    tower = {"kind": "LN2 tower", "name": "T1-1", "inside": tank["container"]}
    biobank({"kind": "Box 9 × 9", "name": "B1", "inside": biobank(tower, "container", "add")["container"]},
            "container", "add")  # fmt: skip
    tube = biobank(receipt_file(donor), "receive")
    cells = next(one["code"] for one in tube["vials"] if one["material"] == "CEL")
    filling = {"code": cells, "volume_ul": 1000, "cells": 8_000_000, "viability_percent": 95}
    biobank({"vials": [filling]}, "fill")
    biobank(None, "place", "B1", cells)
    return {}, list(recorder.read(trace))


class _CommandLine:
    """``biobank`` under the recorder; each command with an id of its own, told to the trace first."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace
        self._input = workplace() / "input.json"

    def __call__(self, given: Mapping[str, object] | None, *words: str) -> dict[str, Any]:
        command = uuid4()
        if words[0] != "init":
            recorder.say(self._trace, f"begun {command}\n".encode())
        asked = [sys.executable, "-m", "biobank_desktop.cli", "--json", "--as", "bo", *words]
        if given is not None:
            self._input.write_text(json.dumps({**given, "command": str(command)}), "utf-8")
            asked.append(str(self._input))
        elif words[0] != "init":
            asked += ["--command", str(command)]
        answer: dict[str, Any] = json.loads(_run(asked, self._trace))["result"]
        return answer


def _run(words: Sequence[str], trace: Path) -> bytes:
    environment = recorder.environment(_place(), trace) | {
        "QT_QPA_PLATFORM": "offscreen",
        "BIOBANK_HOME": str(_place()),
        "BIOBANK_DB": str(_database()),
        "BIOBANK_PASSWORD": PASSWORD,
    }
    return subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=True).stdout


class Judge:
    """Opens images with the program. What it found in the very same bytes it remembers."""

    def __init__(self) -> None:
        self._found: dict[bytes, Found] = {}
        self._verified: dict[bytes, tuple[str, ...]] = {}

    def __call__(self, image: Image, told: Told) -> Iterator[str]:
        """What is wrong with an image."""
        key = sha256()
        for path in sorted(image):
            key.update(f"{path}\0".encode() + sha256(image[path] or b"").digest())
        if key.digest() not in self._found:
            self._found[key.digest()] = self._open(image)
        return self._found[key.digest()].contradictions(told)

    def _open(self, image: Image) -> Found:
        shutil.rmtree(_place(), ignore_errors=True)
        _place().mkdir()
        for path, content in image.items():
            if content is None:
                Path(path).mkdir(parents=True, exist_ok=True)
            else:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_bytes(content)
        return next_start(settings(str(_database()), _place()), self._verify)

    def _verify(self, store: Store) -> tuple[str, ...]:
        content = sha256(_database().read_bytes()).digest()
        if content not in self._verified:
            self._verified[content] = tuple(map(str, Verification(store).run()))
        return self._verified[content]


def replay(recording: Recording, random: Random, images: int, *, lies: bool = False) -> Outcome:
    """Crash at as many moments of the recording."""
    before, trace = recording
    disk, told, judge = Disk(before, lies=lies), Told(), Judge()
    moments = sorted(random.choices(range(len(trace)), k=images))
    broken = []
    for place, done in enumerate(trace):
        disk.do(done)
        if done.operation == recorder.SAID:
            told.hear(done.data)
        while moments and moments[0] == place:
            moments.pop(0)
            broken += [f"after step {place}: {why}" for why in judge(disk.crash(random), told)]
    return Outcome(images, tuple(broken))


def _round(
    record: Callable[[], Recording], seed: int, images: int = IMAGES, *, lies: bool = False
) -> Outcome:
    return replay(record(), Random(seed), images, lies=lies)


WINDOW = partial(_round, record_window)
COMMAND_LINE = partial(_round, record_command_line)
CONTROLS = {
    "synchronous OFF": partial(_round, partial(record_window, "OFF")),
    "WAL with NORMAL": partial(_round, partial(record_window, "NORMAL")),
    "a disk that lies": partial(_round, record_window, lies=True),
}
CAMPAIGNS = (
    Campaign("power loss, window", "crash states", 150_000, WINDOW),
    Campaign("power loss, command line", "crash states", 50_000, COMMAND_LINE),
    *(
        Campaign(f"power loss, control: {name}", "crash states", 4_000, weak, must_break=True)
        for name, weak in CONTROLS.items()
    ),
)
