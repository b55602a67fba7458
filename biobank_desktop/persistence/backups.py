"""The folder of backups: their names, which are kept, and putting a copy on another disk.

``biobank-<moment in UTC>.zip`` is a portable archive, ``biobank-<moment>.sqlite`` a plain snapshot. A file
gets its name only after it was verified; ``….unverified.zip`` contradicts its own history and is kept for
whoever has to find out why.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from biobank_desktop.persistence.disk import file_sha256, settle, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NAME = re.compile(r"biobank-(\d{8}T\d{6}\.\d{3}Z)\.(zip|sqlite)")
_STAMP = "%Y%m%dT%H%M%S.%fZ"

EVERY_ONE = timedelta(hours=24)
ONE_A_DAY = timedelta(days=14)
ONE_A_WEEK = timedelta(weeks=12)


@dataclass(frozen=True)
class Backup:
    """A verified backup; ``sort`` is its file's ending: "zip" (portable archive) or "sqlite" (snapshot)."""

    path: Path
    made_at: datetime
    sort: str
    size_bytes: int


def name(made_at: datetime, ending: str) -> str:
    """The file name of a backup made at a moment."""
    moment = made_at.astimezone(UTC)
    return f"biobank-{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z.{ending}"


def listed(folder: Path) -> list[Backup]:
    """The verified backups of a folder, newest first; none when the folder is not there."""
    found = []
    for path in folder.glob("biobank-*") if folder.is_dir() else ():
        named = _NAME.fullmatch(path.name)
        if named:
            made_at = datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC)
            found.append(Backup(path, made_at, named[2], path.stat().st_size))
    return sorted(found, key=lambda backup: (backup.made_at, backup.sort), reverse=True)


def age(folder: Path, now: datetime) -> timedelta | None:
    """How old the newest verified backup is; None when there is none."""
    newest = next(iter(listed(folder)), None)
    return now - newest.made_at if newest else None


def kept(moments: Iterable[datetime], now: datetime) -> set[datetime]:
    """Which backups stay: all of a day, then the newest of each day, of each week, of each month for good."""
    newest: dict[tuple[object, ...], datetime] = {}
    for moment in sorted(moments):
        past = now - moment
        if past <= EVERY_ONE:
            place: tuple[object, ...] = (moment,)
        elif past <= ONE_A_DAY:
            place = ("day", moment.date())
        elif past <= ONE_A_WEEK:
            place = ("week", *moment.isocalendar()[:2])
        else:
            place = ("month", moment.year, moment.month)
        newest[place] = moment
    return set(newest.values())


def thin(folder: Path, now: datetime) -> list[Path]:
    """Remove the backups that need not stay; returns what was removed. Raises ``OSError``."""
    removed = []
    backups = listed(folder)
    stays = kept({backup.made_at for backup in backups}, now)
    for backup in backups:
        if backup.made_at not in stays:
            backup.path.unlink()
            removed.append(backup.path)
    for left in folder.glob(".making-*"):  # of a program that was killed while it made one
        if datetime.fromtimestamp(left.stat().st_mtime, UTC) < now - EVERY_ONE:
            shutil.rmtree(left)
    return removed


def put(path: Path, folder: Path) -> Path:
    """Copy a backup into another folder and read it back. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{path.name}.part"
    try:
        shutil.copyfile(path, part)
        if file_sha256(part) != file_sha256(path):
            raise OSError(f"{part} does not read as it was written")
        settle(part, folder / path.name)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(folder)
    return folder / path.name
