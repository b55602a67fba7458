"""What a disk may hold after the power failed: every image that the recorded writes allow.

What was forced to the disk is there. Of the rest any part may be: none, all, the first few, any few, and the
last of them torn at its sectors. Names (files made, renamed, removed) come in order within a folder, as a
journaling file system writes them, and are certain only when their folder was forced.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tests.soak.recorder import (
    CREATED,
    FOLDER_FORCED,
    FOLDER_MADE,
    FORCED,
    REMOVED,
    RENAMED,
    SAID,
    TRUNCATED,
    WRITTEN,
    Done,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

SECTOR_BYTES = 512
FOLDER = -1

Image = dict[str, bytes | None]
"""Path to content; None is a folder."""


@dataclass(frozen=True)
class _Put:
    """Bytes on their way to a file, or (``data`` None) a size."""

    file: int
    offset: int
    data: bytes | None

    def on(self, content: bytearray) -> None:
        if self.data is None:
            del content[self.offset :]
            content.extend(bytes(self.offset - len(content)))
            return
        content.extend(bytes(max(0, self.offset - len(content))))
        content[self.offset : self.offset + len(self.data)] = self.data

    def torn(self, random: Random) -> Iterator[_Put]:
        """Some of its sectors."""
        if self.data is None:
            return
        start = self.offset
        while start < self.offset + len(self.data):
            end = min((start // SECTOR_BYTES + 1) * SECTOR_BYTES, self.offset + len(self.data))
            if random.random() < 0.5:
                yield _Put(self.file, start, self.data[start - self.offset : end - self.offset])
            start = end


@dataclass(frozen=True)
class _Named:
    """A name that appears for a file (or ``FOLDER``), or goes (``file`` None), in one folder."""

    folder: str
    gone: str | None
    path: str | None
    file: int | None

    def on(self, names: dict[str, int]) -> None:
        if self.gone is not None:
            names.pop(self.gone, None)
        if self.path is not None and self.file is not None:
            names[self.path] = self.file


class Disk:
    """The files under one folder, as they were and as they are on their way to be.

    With ``lies`` the disk only says that something was forced.
    """

    def __init__(self, before: dict[str, bytes], *, lies: bool = False) -> None:
        self._lies = lies
        self._contents = dict(enumerate(map(bytearray, before.values())))
        self._names = {path: number for number, path in enumerate(before)}
        self._now = dict(self._names)
        self._puts: list[_Put] = []
        self._renames: list[_Named] = []

    def do(self, done: Done) -> None:
        """Take in what a program did."""
        path, file = done.path, self._now.get(done.path)
        if done.operation in {CREATED, FOLDER_MADE}:
            made = FOLDER if done.operation == FOLDER_MADE else len(self._contents)
            if made != FOLDER:
                self._contents[made] = bytearray()
            self._name(None, path, made)
        elif done.operation == RENAMED and file is not None:
            self._name(path, done.data.decode(), file)
        elif done.operation == REMOVED:
            self._name(path, None, None)
        elif done.operation == FOLDER_FORCED and not self._lies:
            self._settle_names(path)
        elif done.operation == SAID or file is None:
            return
        elif done.operation in {WRITTEN, TRUNCATED}:
            self._puts.append(_Put(file, done.offset, done.data if done.operation == WRITTEN else None))
        elif done.operation == FORCED and not self._lies:
            self._settle_file(file)

    def _name(self, gone: str | None, path: str | None, file: int | None) -> None:
        named = _Named(str(PurePosixPath(path or gone or "").parent), gone, path, file)
        named.on(self._now)
        self._renames.append(named)

    def _settle_names(self, folder: str) -> None:
        for named in self._renames:
            if named.folder == folder:
                named.on(self._names)
        self._renames = [named for named in self._renames if named.folder != folder]

    def _settle_file(self, file: int) -> None:
        for put in self._puts:
            if put.file == file:
                put.on(self._contents[file])
        self._puts = [put for put in self._puts if put.file != file]

    def crash(self, random: Random) -> Image:
        """What may be left if the power fails now."""
        names = dict(self._names)
        for named in _first_few(self._renames, random):
            named.on(names)
        contents: dict[int, bytearray] = {}
        for put in _some(self._puts, random):
            if put.file not in contents:
                contents[put.file] = bytearray(self._contents[put.file])
            put.on(contents[put.file])
        image: Image = {}
        for path, file in names.items():
            image[path] = None if file == FOLDER else bytes(contents.get(file, self._contents.get(file, b"")))
        return {path: content for path, content in image.items() if _reachable(path, names, self._now)}


def _first_few(renames: list[_Named], random: Random) -> Iterator[_Named]:
    """Of each folder's names as many as came first by chance."""
    for folder in {named.folder for named in renames}:
        own = [named for named in renames if named.folder == folder]
        yield from own[: random.randint(0, len(own))]


def _some(puts: list[_Put], random: Random) -> Iterable[_Put]:
    way = random.choice(("none", "all", "prefix", "subset", "torn"))
    if way == "none":
        return ()
    if way == "all":
        return puts
    if way == "prefix":
        return puts[: random.randint(0, len(puts))]
    share = random.random()
    chosen = [put for put in puts if random.random() < share]
    if way == "subset":
        return chosen
    return [part for put in chosen for part in (put.torn(random) if random.random() < 0.5 else (put,))]


def _reachable(path: str, names: dict[str, int], ever: dict[str, int]) -> bool:
    """Whether every folder above it, if it was made in this trace, has its name."""
    above = map(str, PurePosixPath(path).parents)
    return all(folder in names for folder in above if ever.get(folder) == FOLDER)
