"""Files that a command reads, and writes whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from biobank_desktop.cli.forms import readable
from biobank_desktop.domain.problems import Problem, Unavailable


def read_at_most(name: str, most: int) -> bytes:
    """The bytes of a file, one more than ``most`` when it has more. Raises ``Unavailable``."""
    with readable("file", name), Path(name).open("rb") as file:
        return file.read(most + 1)


def write_file(name: str, content: bytes, mode: int = 0o666) -> str:
    """Write a file whole or not at all, for whom ``mode`` says. Raises ``Unavailable`` when it cannot be."""
    path = Path(name)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.touch(mode)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        values = {"path": str(path), "reason": error.strerror or str(error)}
        raise Unavailable(Problem("to", "file-not-written", values)) from error
    return str(path)
