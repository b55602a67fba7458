"""The register of erased donors, kept outside the database so that no restore brings a donor back.

A file ``erasures.jsonl`` beside the backups, one JSON object a line::

    {"donor": "PD26ABCDE1", "erased_at": "2026-03-01T09:30:00.000Z"}

It names nobody: after an erasure the code leads to no person. Lines are only ever added.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import IntegrityBroken, Problem
from biobank_desktop.persistence.canonical import dumps, loads, to_moment_text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

REGISTER = "erasures.jsonl"


def note_erasure(folder: Path, donor_code: str, erased_at: datetime) -> None:
    """Add a donor to the register of a backup folder; forced to the disk. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    line = dumps({"donor": donor_code, "erased_at": to_moment_text(erased_at)})
    with (folder / REGISTER).open("ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _donor(line: bytes) -> int:
    """The donor of a line. Raises ``ValueError``, ``LookupError`` or ``TypeError`` when it names none."""
    told = loads(line)["donor"]
    code = codes.parse(told) if isinstance(told, str) else None
    if code is None or codes.kind_of(code) is not CodeKind.DONOR:
        raise ValueError(f"no donor: {told!r}")
    return codes.number(code)


def erased_donors(folder: Path) -> frozenset[int]:
    """The numbers of the donors in the register. Raises ``IntegrityBroken`` when it cannot be read whole."""
    path = folder / REGISTER
    if not path.exists():
        return frozenset()
    try:
        return frozenset(_donor(line) for line in path.read_bytes().split(b"\n") if line.strip())
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise IntegrityBroken(Problem("archive", "erasures-damaged", {"path": str(path)})) from error
