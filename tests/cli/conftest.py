"""The command line in this process, on a home folder of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.cli.main import main
from tests.support.databases import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    exit: int
    out: str
    err: str

    @property
    def said(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        said: dict[str, Any] = json.loads(self.out)
        assert said["ok"] is (self.exit == 0)
        return said

    @property
    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = self.said["result"]
        return result

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(field, code) of every problem, each with its sentence."""
        for problem in self.said["problems"]:
            assert problem["message"]
            assert not problem["message"].startswith("problem.")
        return [(problem["field"], problem["code"]) for problem in self.said["problems"]]


class Biobank:
    """``biobank`` as somebody types it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        self._files = 0

    def text(self, *words: str) -> Ran:
        """Run the words as they stand."""
        self._capsys.readouterr()
        code = main(words)
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)

    def __call__(self, database: str, *words: str, login: str = "bo") -> Ran:
        return self.text("--db", database, "--as", login, "--json", *words)

    def file(self, content: object) -> str:
        """The path of an input file."""
        self._files += 1
        path = self._folder / f"input{self._files}.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)


@pytest.fixture
def biobank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Biobank:
    """The command line for Bo, in English."""
    monkeypatch.setenv("BIOBANK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIOBANK_LANGUAGE", "en")
    monkeypatch.setenv("BIOBANK_PASSWORD", PASSWORD)
    monkeypatch.delenv("BIOBANK_DB", raising=False)
    return Biobank(tmp_path, capsys)
