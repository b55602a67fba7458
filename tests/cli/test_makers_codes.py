"""Makers' codes by the command line: rolls, one code, a rack's list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.services.lab import set_setting
from tests.support.databases import ANNA, BO, open_store
from tests.support.lab import add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Biobank

    Do = Callable[..., dict[str, Any]]

PATTERNS = [{"name": "tube", "expression": r"HX\d{8}"}, {"name": "Micronic", "expression": r"\d{10}"}]


@pytest.fixture
def vials(lab_address: str) -> list[str]:
    """The vials of a tube."""
    store = open_store(lab_address)
    set_setting(store, ANNA, "patterns", PATTERNS)
    donor = add_donor(store, ANNA)
    consent_of_both(store, ANNA, donor)
    received = receive(store, BO, donor)
    fill_all(store, BO, received)
    store.close()
    return vials_of(received, "PL1")


@pytest.fixture
def do(biobank: Biobank, lab_address: str) -> Do:
    def doing(*words: str, exits: int = 0) -> dict[str, Any]:
        ran = biobank(lab_address, *words, login="bo")
        assert ran.exit == exits, ran.out + ran.err
        return ran.said

    return doing


def problems(said: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in said["problems"]]


def test_a_series_and_a_list_are_laid_ready_and_used(do: Do, vials: list[str], tmp_path: Path) -> None:
    series = ("--first", "1000000001", "--last", "1000000096")
    kept = do("labels", "add-roll", "Rack 7", "--maker", "Micronic", *series)["result"]
    assert kept == {"roll": "Rack 7", "count": 96}
    listed = tmp_path / "roll.txt"
    listed.write_text("Barcode\r\n2000000005\r\n2000000001\r\n\r\n", "utf-8")
    do("labels", "add-roll", "Roll 1", "--maker", "Micronic", "--bench", "upstairs", "--list", str(listed))
    bound = do("labels", "bind", vials[0], "1000000002")["result"]["bound"]
    assert bound == [{"sample": vials[0], "code": "1000000002"}]
    assert do("labels", "rolls")["result"]["rolls"] == [
        {"roll": "Rack 7", "maker": "Micronic", "bench": "", "count": 96, "used": 1},
        {"roll": "Roll 1", "maker": "Micronic", "bench": "upstairs", "count": 2, "used": 0},
    ]
    assert do("show", "1000000002")["result"]["sample"]["code"] == vials[0]
    do("labels", "reprint", "1000000002", "--reason", "relabel")
    said = do("labels", "verify", "1000000002", exits=1)
    assert problems(said) == [("code", "code-unknown")], "it proves no label of ours"
    said = do("labels", "bind", vials[1], "2000000001", exits=1)
    assert problems(said) == [("bindings[0].code", "code-of-another-bench")]


def test_a_rack_is_put_on_vials_by_its_list_all_or_none(do: Do, vials: list[str], tmp_path: Path) -> None:
    rack = tmp_path / "rack.csv"
    rack.write_text(f"vial;code\n{vials[0]};1000000001\n{codes.group(vials[1])};1000000001\n", "utf-8")
    said = do("labels", "bind", "--list", str(rack), exits=1)
    assert problems(said) == [("bindings[1].code", "code-twice")]
    rack.write_text(f"vial;code\n{vials[0]};1000000001\n{codes.group(vials[1])};1000000002\n", "utf-8")
    assert len(do("labels", "bind", "--list", str(rack), "--keep-labels")["result"]["bound"]) == 2
    moved = do("labels", "bind", vials[0], "1000000002", exits=1)
    assert [code for _field, code in problems(moved)] == ["code-on-something", "vial-has-a-code"]
    do("labels", "bind", vials[0], "1000000002", "--why", "the rack was turned")
    assert do("show", "1000000002")["result"]["sample"]["code"] == vials[0]


def test_what_cannot_be_read_or_is_said_twice_is_told(do: Do, vials: list[str], tmp_path: Path) -> None:
    rack = tmp_path / "rack.csv"
    rack.write_text(f"{vials[0]};1000000001;A1\n{vials[1]};\n", "utf-8")
    said = do("labels", "bind", vials[0], "--list", str(rack), exits=1)
    assert problems(said) == [
        ("line 1", "list-not-two-columns"), ("line 2", "list-not-two-columns"), ("list", "vials-said-twice"),
    ]  # fmt: skip
    rack.write_text("", "utf-8")
    assert problems(do("labels", "bind", "--list", str(rack), exits=1)) == [("rows", "list-empty")]
    both = ("--first", "1000000001", "--list", str(rack))
    said = do("labels", "add-roll", "Roll 1", "--maker", "Micronic", *both, exits=1)
    assert problems(said) == [("list", "roll-said-twice")]
    ends = ("--first", "1000000009", "--last", "1000000001")
    said = do("labels", "add-roll", "Roll 1", "--maker", "Micronic", *ends, exits=1)
    assert problems(said) == [("last", "roll-runs-backwards")]
    assert problems(do("labels", "bind", exits=1)) == [("bindings[0].sample", "sample-unknown")]
