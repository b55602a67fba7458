"""Papers in a folder that get their names together: whoever finds the last one finds all."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.persistence.disk import make_folder, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class PaperFiles:
    """Papers that are being written; their files have no names yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[Path, Path] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order in which they were added."""
        return tuple(self._parts)

    def add(self, name: str, content: bytes) -> None:
        """Write one more. Raises ``OSError``."""
        self.begin(name).write_bytes(content)

    def begin(self, name: str) -> Path:
        """Where to write one more that comes page by page."""
        part = self._folder / f".{name}.{os.getpid()}.part"
        self._parts[self._folder / name] = part
        return part

    def settle(self) -> None:
        """Give them all their names. Raises ``OSError``, and then none of them is there."""
        named: list[Path] = []
        try:
            for path, part in self._parts.items():
                settle(part, path)
                named.append(path)
        except OSError:
            for path in named:
                path.unlink(missing_ok=True)
            raise

    def forget(self) -> None:
        """Remove what has no name yet, where the disk still lets us."""
        for part in self._parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def written_together(folder: Path) -> Iterator[PaperFiles]:
    """Papers for a folder, which is made; they get their names at the end, and none when it is not reached.

    One that was there under the same name is replaced. Raises ``Unavailable`` when they cannot be written.
    """
    files = PaperFiles(folder)
    try:
        make_folder(folder)
        yield files
        files.settle()
    except OSError as error:
        values = {"path": str(folder), "reason": error.strerror or str(error)}
        raise Unavailable(Problem("to", "file-not-written", values)) from error
    finally:
        files.forget()
