"""The settings of a computer: kept and read back, or refused with what is wrong; never half believed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.cli.main import main
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.settings import read_settings
from tests.support.payloads import TEXTS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOBANK_HOME", str(tmp_path))
    monkeypatch.delenv("BIOBANK_DB", raising=False)
    (tmp_path / "state").mkdir()
    return tmp_path


def write(home: Path, text: str) -> None:
    (home / "state" / "settings.toml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("database", [("", "settings-unreadable")]),
        ('theme = "pink"', [("theme", "setting-wrong")]),
        (
            "theme = []\nvolume_percent = 101",
            [("theme", "setting-wrong"), ("volume_percent", "setting-wrong")],
        ),
        ("lock_after_minutes = true", [("lock_after_minutes", "setting-wrong")]),
        ('database = ""', [("database", "setting-wrong")]),
        ('database = "a\\u0000b"', [("database", "setting-wrong")]),
        ('bench = "bench\\u202e2"', [("bench", "setting-wrong")]),
        ("backup_folder = 3", [("backup_folder", "setting-wrong")]),
    ],
)
def test_what_is_wrong_is_named_all_at_once(home: Path, text: str, problems: list[tuple[str, str]]) -> None:
    write(home, text)
    with pytest.raises(Rejected) as refused:
        read_settings()
    assert [(one.field, one.code) for one in refused.value.problems] == problems


def test_no_file_moves_the_folders_and_a_newer_key_is_left_alone(home: Path) -> None:
    write(home, 'data_folder = "/elsewhere"\nnewer = 1\nbench = "bench 2"')
    read = read_settings()
    assert (read.data_folder, read.bench) == (home / "data", "bench 2")


@pytest.mark.parametrize("text", [text for text in TEXTS if text.isprintable()], ids=ascii)
def test_what_is_kept_reads_back(text: str) -> None:
    kept = replace(read_settings(), printer=text, database=text if text.strip() else "x")
    kept.save()
    assert read_settings() == kept


def test_the_command_line_says_what_is_wrong(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, "volume_percent = 'loud'")
    assert main(["status"]) == 1
    assert "volume_percent" in capsys.readouterr().err
