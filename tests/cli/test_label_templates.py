"""Layouts of labels and the rules that choose them, by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from biobank_desktop.labels.catalogue import names, template
from biobank_desktop.labels.writing import write_template
from tests.cli import jobs
from tests.support.own_templates import own_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Biobank

    Do = Callable[..., dict[str, Any]]


@pytest.fixture
def do(biobank: Biobank, lab_address: str) -> Do:
    def doing(*words: str, login: str = "anna", exits: int = 0) -> dict[str, Any]:
        ran = biobank(lab_address, "labels", *words, login=login)
        assert ran.exit == exits, ran.out + ran.err
        return ran.said

    return doing


@pytest.fixture
def ours(tmp_path: Path) -> str:
    path = tmp_path / "our-vial.toml"
    path.write_text(own_template("our-vial").toml, "utf-8")
    return str(path)


def problems(said: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in said["problems"]]


def test_what_ships_is_listed_and_written_out(do: Do) -> None:
    listed = do("templates", login="bo")["result"]["templates"]
    assert [(one["name"], one["version"]) for one in listed] == [(name, 0) for name in names()]
    one = do("template", "tube-38x19", login="bo")["result"]
    assert one["toml"] == write_template(template("tube-38x19"))
    assert (one["label"], one["width_mm"], one["sheet"]) == ("vial", 38.0, False)
    assert problems(do("template", "gone", exits=1)) == [("template", "template-unknown")]


def test_a_layout_is_kept_and_taken_out_of_use(do: Do, ours: str) -> None:
    command = str(uuid4())
    for _again in range(2):
        kept = do("add-template", ours, "--command", command)
        assert kept["result"] == {"name": "our-vial", "version": 1}
    late = do("add-template", ours, "--version", "7", exits=1)
    assert problems(late) == [("", "template-changed-meanwhile")]
    assert do("add-template", ours, "--version", "1")["result"]["version"] == 2
    assert do("template", "our-vial")["result"]["title"] == "Ours"
    assert problems(do("retire-template", "our-vial", login="bo", exits=1)) == [("", "not-permitted")]
    assert do("retire-template", "our-vial")["result"] == {"name": "our-vial", "version": 3}
    assert problems(do("template", "our-vial", exits=1)) == [("template", "template-unknown")]


def test_a_file_that_is_wrong_is_refused_with_everything(do: Do, ours: str, tmp_path: Path) -> None:
    text = Path(ours).read_text("utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        text.replace("width_mm = 33.0", "width_mm = 0.0").replace("{code|grouped}", "{name}"), "utf-8"
    )
    assert len(problems(do("add-template", str(wrong), exits=1))) > 1
    wrong.write_bytes(b"\xff")
    assert problems(do("add-template", str(wrong), exits=1)) == [("file", "input-not-utf8")]
    assert do("add-template", str(tmp_path / "none.toml"), exits=3)["ok"] is False
    wrong.write_text(own_template("caps", of="vial-33x13-cap").toml, "utf-8")
    assert problems(do("add-template", str(wrong), "--dpi", "203", exits=1))
    assert do("add-template", str(wrong), "--name", "caps")["result"] == {"name": "caps", "version": 1}


def test_rules_choose_what_is_printed(
    do: Do, biobank: Biobank, lab_address: str, ours: str, tmp_path: Path
) -> None:
    do("add-template", ours)
    assert do("rules")["result"] == {"rules": []}
    rules = [{"template": "our-vial"}]
    whole = [{"template": "our-vial", "material": "", "kind": "", "bench": "", "printer": ""}]
    assert do("set-rules", biobank.file({"rules": rules}))["result"] == {"rules": whole}
    assert do("rules", login="bo")["result"] == {"rules": whole}
    wrong = do("set-rules", biobank.file({"rules": [{"template": "gone"}]}), exits=1)
    assert problems(wrong) == [("rules[0].template", "not-a-choice")]
    donor = jobs.consented_donor(biobank, lab_address)
    received = biobank(lab_address, "receive", biobank.file(jobs.receipt(donor))).result
    codes = [vial["code"] for vial in received["vials"]]
    printed = do("pdf", str(tmp_path / "labels.pdf"), *codes, login="bo")["result"]
    assert sorted(printed["labels"]) == sorted(codes)


def test_what_becomes_of_unchecked_labels_is_said_and_set(do: Do) -> None:
    assert do("unchecked")["result"] == {"unchecked": "accept"}
    assert do("unchecked", "block")["result"] == {"unchecked": "block"}
    assert do("unchecked", login="bo")["result"] == {"unchecked": "block"}
    assert problems(do("unchecked", "perhaps", exits=1)) == [("rule", "not-a-choice")]
