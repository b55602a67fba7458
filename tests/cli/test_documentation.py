"""docs/cli.md: its example is run, word for word but for the codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli import jobs

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def block(heading: str) -> str:
    """The only fenced block that begins with this heading."""
    (found,) = re.findall(rf"^```{heading}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_example_is_true(biobank: Biobank, lab_address: str) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    words = block("sh").replace(
        "tube.json", biobank.file(block("json input").replace("{donor}", donor).encode())
    )
    ran = biobank.text("--db", lab_address, *words.split()[1:])
    assert ran.exit == 0, ran.out
    assert ran.err == ""
    said = ran.said
    codes = [said["result"]["tube"], *(vial["code"] for vial in said["result"]["vials"])]
    expected = block("json answer").replace("{donor}", donor).replace("{tube}", codes[0])
    for place, code in enumerate(codes[1:], start=1):
        expected = expected.replace(f"{{vial{place}}}", code)
    assert said == json.loads(expected)


WORDS = (
    *("init", "receive", "fill", "place", "show", "history", "find", "donor", "container", "storage"),
    "identity",
    *("labels", "printers", "queue", "verify", "backup", "restore", "upgrade", "status", "consent"),
    *("use", "quarantine", "release", "withdraw", "destroy", "erase", "gap"),
    "verify-proof",
)
_ACTION = re.compile(r"^    ([a-z][a-z0-9-]*)(?:\s|$)", re.MULTILINE)


def test_every_command_is_on_the_page(biobank: Biobank, capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text("utf-8")
    with pytest.raises(SystemExit):
        biobank.text("--help")
    assert set(_ACTION.findall(capsys.readouterr().out)) == set(WORDS)
    for word in WORDS:
        assert f"`{word} " in page or f"`{word}`" in page
        with pytest.raises(SystemExit) as ended:
            biobank.text(word, "--help")
        assert ended.value.code == 0
        actions = _ACTION.findall(capsys.readouterr().out)
        assert [one for one in actions if f"`{word} {one}" not in page] == []
