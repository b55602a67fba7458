"""Half-filled forms that survive a crash and a change of person; never with anything that identifies."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Drafts:
    """The drafts of everybody at this bench for one database, one file per person and form.

    The caller leaves out what may not be kept (a date of birth). Values are those of JSON.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, login: str, form: str, values: dict[str, Any]) -> None:
        """Keep a draft; forced to the disk, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(login, form)
        temporary = path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(values, file)  # in ASCII: a field may hold half a character
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def load(self, login: str, form: str) -> dict[str, Any] | None:
        """The draft of a person, None when there is none; one that cannot be read is put aside."""
        path = self._path(login, form)
        try:
            values = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            return values
        path.replace(path.with_suffix(".broken"))
        return None

    def remove(self, login: str, form: str) -> None:
        """The form was saved or given up."""
        self._path(login, form).unlink(missing_ok=True)

    def waiting(self, login: str) -> list[str]:
        """The names of a person's forms that wait to be finished."""
        return sorted(path.name.split(".")[1] for path in self._folder.glob(f"{login}.*.json"))

    def _path(self, login: str, form: str) -> Path:
        return self._folder / f"{login}.{form}.json"
