"""The bench's own memory of what it asked the database: it survives a crash of the program.

Before a command is sent, a line with its id is forced to the disk; once the person was told the answer, a
second line closes it. A line left open means that nobody was told: at the next start the database is asked,
and the person learns per tube "stored" or "not stored, scan again". Each running program writes a file of its
own, held by a lock, so that a second program never takes the first one's open lines for lost ones.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import IO, TYPE_CHECKING
from uuid import UUID, uuid4

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.persistence.canonical import dumps, loads
from biobank_desktop.persistence.disk import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from biobank_desktop.domain.commands import Command

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@dataclass(frozen=True)
class OpenEntry:
    """A command that was sent and whose answer nobody saw."""

    id: UUID
    kind: str
    login: str
    title: str
    at: datetime


class Journal:
    """The journal of this program for one database, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._path = folder / f"{uuid4()}.jsonl"
        self._file = self._path.open("ab", buffering=0)
        self._turn = Lock()
        self._answered: list[UUID] = []
        self._begun: dict[UUID, OpenEntry] = {}
        self._aside: set[UUID] = set()
        _lock(self._file)
        sync_folder(folder)

    def begin(self, command: Command) -> None:
        """Force a line to the disk that says what is about to be asked. Raises ``Unavailable``."""
        at = datetime.now(UTC)
        entry = {
            "id": str(command.id),
            "kind": command.kind,
            "login": command.login,
            "title": command.title,
            "at": at.isoformat(),
        }
        try:
            self._write(entry)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Unavailable(Problem("", "journal-cannot-be-written", {"said": str(error)})) from error
        with self._turn:
            self._begun[command.id] = OpenEntry(command.id, command.kind, command.login, command.title, at)

    def answered(self, command: Command) -> None:
        """The database has answered; the person knows nothing of it yet."""
        self._answered.append(command.id)

    def take_answered(self) -> list[UUID]:
        """The commands answered since this was last asked, for whoever tells the person."""
        taken, self._answered = self._answered, []
        return taken

    def told(self, commands: Iterable[UUID]) -> None:
        """Close the lines of commands whose answer the person was told; from any thread.

        Not forced to the disk, and no error when the disk is full: to ask once too often does no harm, but
        to tell the person that a stored tube failed would.
        """
        for command in commands:
            with self._turn:
                self._begun.pop(command, None)
                self._aside.discard(command)
            with suppress(OSError):
                self._write({"end": str(command)})

    def put_aside(self, commands: Iterable[UUID]) -> None:
        """The answer to these could not be told: nobody knows it, or who asked is not at the bench."""
        with self._turn:
            self._aside |= set(commands) & self._begun.keys()

    def aside(self, login: str) -> list[OpenEntry]:
        """What this person asked this program for, was put aside and not told since; oldest first."""
        with self._turn:
            return [
                entry for entry in self._begun.values() if entry.id in self._aside and entry.login == login
            ]

    def _write(self, record: dict[str, str]) -> None:
        line = dumps(record) + b"\n"
        with self._turn:
            if self._file.closed:
                return  # the program is closing: the line stays open, the next start tells
            size = os.fstat(self._file.fileno()).st_size
            if self._file.write(line) != len(line):
                self._file.truncate(size)  # half a line would spoil the next one
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def left_open(self) -> list[OpenEntry]:
        """What earlier programs sent and got no answer to, oldest first."""
        entries = [entry for path in self._orphans() for entry in _open_entries(path)]
        return sorted(entries, key=lambda entry: entry.at)

    def forget(self) -> None:
        """Remove the files of earlier programs: a person has seen what became of their open lines."""
        for path in self._orphans():
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """End this program's file; one in which nothing is open is removed."""
        if self._file.closed:
            return
        nothing_open = not _open_entries(self._path)
        self._file.close()
        if nothing_open:
            self._path.unlink(missing_ok=True)

    def _orphans(self) -> list[Path]:
        orphans = []
        for path in sorted(self._folder.glob("*.jsonl")):
            if path == self._path:
                continue
            with path.open("ab") as file:
                if _lock(file):
                    orphans.append(path)
        return orphans


def _open_entries(path: Path) -> list[OpenEntry]:
    entries: dict[UUID, OpenEntry] = {}
    for line in path.read_bytes().split(b"\n")[:-1]:  # a last line without its end was never sent
        try:
            record = loads(line)
            if "end" in record:
                entries.pop(UUID(record["end"]), None)
            else:
                entry = _entry(**record)
                entries[entry.id] = entry
        except (ValueError, TypeError, AttributeError, OverflowError):
            continue  # a damaged disk must not keep the program, and the other lines, from being read
    return list(entries.values())


def _entry(id: str, kind: str, login: str, title: str, at: str) -> OpenEntry:  # noqa: A002 - the key
    texts = (kind, login, title)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"not texts: {texts}")
    return OpenEntry(UUID(id), *texts, datetime.fromisoformat(at).astimezone(UTC))


def _lock(file: IO[bytes]) -> bool:
    """Hold the file for the life of this process; False when another process holds it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
