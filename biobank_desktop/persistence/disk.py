"""Files that are whole or not there: written beside, forced to the disk, then renamed."""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PIECE_BYTES = 1 << 20


def settle(part: Path, final: Path) -> None:
    """Force ``part`` to the disk and give it its final name in the same folder. Raises ``OSError``."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(final)
    sync_folder(final.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, their names forced to the disk. Raises ``OSError``."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk; Windows does it by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, as hex."""
    hashed = sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            hashed.update(piece)
    return hashed.hexdigest()
