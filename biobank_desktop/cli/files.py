"""Files that a command reads, and writes whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from biobank_desktop.cli.forms import readable
from biobank_desktop.domain.problems import Problem, Rejected, Unavailable

_MOST_BYTES = 16 << 20


def read_at_most(name: str, most: int) -> bytes:
    """The bytes of a file, one more than ``most`` when it has more. Raises ``Unavailable``."""
    with readable("file", name), Path(name).open("rb") as file:
        return file.read(most + 1)


def read_text(name: str) -> str:
    """The text of a list. Raises ``Rejected`` when it is too large or no text, and ``Unavailable``."""
    raw = read_at_most(name, _MOST_BYTES)
    if len(raw) > _MOST_BYTES:
        raise Rejected(Problem("file", "input-too-large", {"most": _MOST_BYTES // 1024}))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(Problem("file", "input-not-utf8", {"at": error.start})) from error


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
