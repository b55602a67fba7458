"""What this computer knows before a database is open: which one, which bench, where files lie."""

from __future__ import annotations

import os
import socket
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import platformdirs

_APP = "biobank-desktop"
LANGUAGES = ("system", "en", "nl")
THEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Settings:
    """What this computer knows before it has opened a database.

    ``database`` is a path or a ``postgresql://`` address; ``data_folder`` holds a local database,
    ``state_folder`` what must survive a crash (pins, journal, drafts); ``backup_folder`` is the second place.
    ``printer`` is the name of this bench's label printer, "" for PDF files in the data folder.
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


_KEPT = (
    "database",
    "bench",
    "backup_folder",
    "language",
    "theme",
    "sounds",
    "volume_percent",
    "lock_after_minutes",
    "printer",
)


def read_settings(database: str | None = None) -> Settings:
    """The settings of this computer; ``database`` or BIOBANK_DB override the kept one.

    BIOBANK_HOME puts every folder under one place, for a portable installation and for trying things out.
    """
    home = os.environ.get("BIOBANK_HOME")
    data = Path(home, "data") if home else platformdirs.user_data_path(_APP, appauthor=False)
    state = Path(home, "state") if home else platformdirs.user_state_path(_APP, appauthor=False)
    settings = Settings(
        database=os.fspath(data / "biobank.sqlite"),
        bench=socket.gethostname().split(".")[0] or "bench",
        data_folder=data,
        state_folder=state,
        backup_folder=data / "backups",
    )
    if settings.file.exists():
        kept = tomllib.loads(settings.file.read_text("utf-8"))
        known = {field.name for field in fields(Settings)}
        settings = replace(settings, **{key: value for key, value in kept.items() if key in known})
        settings = replace(settings, backup_folder=Path(settings.backup_folder))
    override = database or os.environ.get("BIOBANK_DB")
    return replace(settings, database=override) if override else settings


def _toml_line(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if isinstance(value, bool):
        return f"{name} = {str(value).lower()}\n"
    if isinstance(value, int):
        return f"{name} = {value}\n"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'{name} = "{text}"\n'
