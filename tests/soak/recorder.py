"""The recorder (``recorder.c``): a program run under it leaves a trace of what it did to its files."""

from __future__ import annotations

import os
import struct
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.servers import workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = struct.Struct("<cHQI")
_WORLD = struct.Struct("<qq")

CREATED, WRITTEN, TRUNCATED, FORCED, RENAMED, REMOVED, FOLDER_MADE, FOLDER_FORCED, SAID = "CWTSRUMDA"


@dataclass(frozen=True)
class Done:
    """One thing that a program did: see ``recorder.c`` for the operations."""

    operation: str
    path: str
    offset: int
    data: bytes


@cache
def library() -> Path:
    """The recorder, compiled."""
    made = workplace() / "recorder.so"
    source = Path(__file__).with_name("recorder.c")
    subprocess.run(
        [
            "cc",
            "-O2",
            "-Wall",
            "-Werror",
            "-shared",
            "-fPIC",
            "-o",
            str(made),
            str(source),
            "-ldl",
            "-lpthread",
        ],
        check=True,
    )
    return made


class World:
    """How much room the recorded program's disk has, and how wrong its clock is; may change while it runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(_WORLD.pack(-1, 0))

    def set(self, *, room_bytes: int = -1, clock_ahead_seconds: int = 0) -> None:
        """Change it; room below 0 is no limit."""
        with self.path.open("rb+") as file:
            file.write(_WORLD.pack(room_bytes, clock_ahead_seconds))


def environment(under: Path, trace: Path | None = None, world: World | None = None) -> dict[str, str]:
    """What a program must be started with to be recorded."""
    named = {"LD_PRELOAD": library(), "BIOBANK_UNDER": under, "BIOBANK_RECORD": trace}
    named["BIOBANK_WORLD"] = world.path if world else None
    return {**os.environ, **{name: str(path) for name, path in named.items() if path is not None}}


def say(trace: Path, words: bytes) -> None:
    """Add to the trace what was said by whoever runs the program, between two of its runs."""
    with trace.open("ab") as file:
        file.write(_HEAD.pack(SAID.encode(), 0, 0, len(words)) + words)


def read(trace: Path) -> Iterator[Done]:
    """What was done, in order."""
    raw, at = trace.read_bytes(), 0
    while at < len(raw):
        operation, named, offset, length = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        path, data = raw[at : at + named], raw[at + named : at + named + length]
        at += named + length
        yield Done(operation.decode(), path.decode(), offset, data)
