"""What this computer knows before a database is open: which one, which bench, where files lie."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.texts import identifier, text_problem
from biobank_desktop.domain.toml import NotTomlError, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_APP = "biobank-desktop"
LANGUAGES = ("system", "en", "nl")
THEMES = ("system", "light", "dark")
SCANNER_SPEEDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


@dataclass(frozen=True)
class Settings:
    """What this computer knows before it has opened a database.

    ``database`` is a path or a ``postgresql://`` address; ``data_folder`` holds a local database,
    ``state_folder`` what must survive a crash (pins, journal, drafts); ``backup_folder`` is the second place.
    ``printer`` is the name of this bench's label printer, "" for PDF files in the data folder.
    ``identity_file`` is where the identity store of a local database lies, "" for beside it.
    ``scanner_port`` is the port of a serial scanner, "" for none, ``scanner_speed`` its bits per second.
    ``camera`` is what the system calls the camera that scans, "" for none, ``camera_name`` what people do.
    """

    database: str
    bench: str
    data_folder: Path
    state_folder: Path
    backup_folder: Path
    language: str = "system"
    theme: str = "system"
    sounds: bool = True
    volume_percent: int = 80
    lock_after_minutes: int = 15
    printer: str = ""
    identity_file: str = ""
    scanner_port: str = ""
    scanner_speed: int = 9600
    camera: str = ""
    camera_name: str = ""

    @property
    def file(self) -> Path:
        """Where these settings are kept."""
        return self.state_folder / "settings.toml"

    @property
    def is_local(self) -> bool:
        """Whether the database is a file on this computer."""
        return "://" not in self.database

    def save(self) -> None:
        """Keep the settings for the next start."""
        self.state_folder.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text("".join(_toml_line(self, name) for name in _KEPT), encoding="utf-8")
        temporary.replace(self.file)


def read_settings(database: str | None = None) -> Settings:
    """The settings of this computer; ``database`` or BIOBANK_DB override the kept one.

    BIOBANK_HOME puts every folder under one place, for a portable installation and for trying things out.
    Raises ``Rejected`` with every problem when the kept settings cannot be read: to go on without them could
    open another database than the lab's.
    """
    settings = default_settings()
    if settings.file.exists():
        settings = replace(settings, **_kept(settings.file))
    override = database or os.environ.get("BIOBANK_DB")
    return replace(settings, database=override) if override else settings


def default_settings() -> Settings:
    """The settings of a computer that has kept none."""
    home = os.environ.get("BIOBANK_HOME")
    data = Path(home, "data") if home else platformdirs.user_data_path(_APP, appauthor=False)
    state = Path(home, "state") if home else platformdirs.user_state_path(_APP, appauthor=False)
    host = identifier(socket.gethostname().split(".")[0])
    return Settings(
        database=os.fspath(data / "biobank.sqlite"),
        bench=host if _is_bench(host) else "bench",
        data_folder=data,
        state_folder=state,
        backup_folder=data / "backups",
    )


def _kept(file: Path) -> Mapping[str, Any]:
    """What a file of settings holds; keys of a newer program are left alone."""
    try:
        entries = read_toml(file.read_bytes())
    except (OSError, NotTomlError) as error:
        values = {"path": str(file), "reason": str(error)}
        raise Rejected(Problem("", "settings-unreadable", values)) from error
    known: dict[str, Any] = {name: value for name, value in entries.items() if name in _KEPT}
    refuse(
        [
            Problem(name, "setting-wrong", {"name": name, "path": str(file)})
            for name, value in known.items()
            if not _KEPT[name](value)
        ]
    )
    if "backup_folder" in known:
        known["backup_folder"] = Path(known["backup_folder"])
    return known


def _is_line(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST


def _is_some_line(value: object) -> bool:
    return _is_line(value) and bool(str(value).strip())


def _is_bench(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and text_problem(value, "bench") is None


def _among(first: int, last: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and first <= value <= last


_LONGEST = 4096
_KEPT: Mapping[str, Callable[[object], bool]] = {
    "database": _is_some_line,
    "bench": _is_bench,
    "backup_folder": _is_some_line,
    "language": lambda value: value in LANGUAGES,
    "theme": lambda value: value in THEMES,
    "sounds": lambda value: isinstance(value, bool),
    "volume_percent": _among(0, 100),
    "lock_after_minutes": _among(1, 24 * 60),
    "printer": _is_line,
    "identity_file": _is_line,
    "scanner_port": _is_line,
    "scanner_speed": lambda value: type(value) is int and value in SCANNER_SPEEDS,
    "camera": _is_line,
    "camera_name": _is_line,
}
"""What is kept, and what each may be."""


def _toml_line(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if isinstance(value, bool):
        return f"{name} = {str(value).lower()}\n"
    if isinstance(value, int):
        return f"{name} = {value}\n"
    return f'{name} = "{"".join(map(_escaped, str(value)))}"\n'


def _escaped(character: str) -> str:
    if character in {"\\", '"'}:
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
