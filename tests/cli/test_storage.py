"""The storage by the command line: what stands in what, as it was, on paper."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain import codes
from tests.cli import jobs
from tests.papers.test_letters import pages

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank


@pytest.fixture
def placed(biobank: Biobank, lab_address: str) -> dict[str, Any]:
    """A box with vials in its first wells: its code, theirs, and the moment after."""
    jobs.boxes(biobank, lab_address)
    donor = jobs.consented_donor(biobank, lab_address)
    received = biobank(lab_address, "receive", biobank.file(jobs.receipt(donor))).result
    biobank(lab_address, "fill", biobank.file(jobs.filling(received["vials"])))
    vials = [one["code"] for one in received["vials"] if one["material"] == "CEL"]
    box = biobank(lab_address, "container", "show", "B1").result["container"]["code"]
    assert biobank(lab_address, "place", box, *vials).exit == 0
    time.sleep(0.005)
    return {"box": box, "vials": vials, "at": datetime.now(UTC)}


def test_the_tree_says_how_full_each_is_as_deep_as_asked(
    biobank: Biobank, lab_address: str, placed: dict[str, Any]
) -> None:
    whole = biobank(lab_address, "storage", "tree").result["containers"]
    path = biobank(lab_address, "show", placed["box"]).result["container"]["path"].split(" / ")
    branch = next(one for one in whole if one["name"] == path[0])
    for name in path[1:]:
        branch = next(one for one in branch["inside"] if one["name"] == name)
    assert branch["code"] == placed["box"]
    assert branch["used"] == len(placed["vials"])
    flat = biobank(lab_address, "storage", "tree", "--depth", "1").result["containers"]
    assert [one["name"] for one in flat] == [one["name"] for one in whole]
    assert [one["inside"] for one in flat] == [[] for _one in flat]
    (two,) = biobank(lab_address, "storage", "tree", path[0], "--depth", "2").result["containers"]
    assert [one["name"] for one in two["inside"]]
    assert [one["inside"] for one in two["inside"]] == [[] for _one in two["inside"]]
    said = biobank.text("--db", lab_address, "--as", "bo", "storage", "tree").out
    used, capacity = branch["used"], branch["capacity"]
    assert f"{used}/{capacity}  {100 * used // capacity} %" in said.replace("   ", "  ")


def test_a_container_as_it_was_and_what_changed(
    biobank: Biobank, lab_address: str, placed: dict[str, Any]
) -> None:
    at = placed["at"].isoformat()
    same = biobank(lab_address, "storage", "as-of", at, placed["box"]).result
    assert same["since"] == []
    assert [one["code"] for one in same["container"]["contents"]] == placed["vials"]
    gone = placed["vials"][0]
    assert biobank(lab_address, "use", "broken", gone, "--why", "dropped").exit == 0
    was = biobank(lab_address, "storage", "as-of", at, placed["box"]).result
    assert was["container"] == same["container"]
    (since,) = was["since"]
    assert {name: since[name] for name in ("what", "code", "became", "event")} == {
        "what": "gone", "code": gone, "became": None, "event": "reported-broken",
    }  # fmt: skip
    whole = biobank(lab_address, "storage", "as-of", at).result
    assert whole["container"] is None
    assert whole["inside"]
    said = biobank.text("--db", lab_address, "--as", "bo", "storage", "as-of", at, placed["box"])
    assert codes.group(gone) in said.out
    early = biobank(lab_address, "storage", "as-of", "2020-01-01T00:00Z", placed["box"])
    assert early.problems == [("at", "container-made-later")]
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert biobank(lab_address, "storage", "as-of", ahead).problems == [("at", "moment-ahead")]
    assert biobank(lab_address, "storage", "as-of", "2020-01-01").problems == [
        ("at", "moment-without-offset")
    ]


def test_a_kit_and_a_walk_list_are_written(
    biobank: Biobank, lab_address: str, placed: dict[str, Any], tmp_path: Path
) -> None:
    path = biobank(lab_address, "show", placed["box"]).result["container"]["path"].split(" / ")
    kit = biobank(lab_address, "storage", "kit", path[0], "--to", str(tmp_path / "kit.pdf")).result
    assert codes.group(placed["vials"][0]) in " ".join(pages(Path(kit["file"]).read_bytes()))
    refused = biobank(lab_address, "storage", "kit", placed["box"], "--to", str(tmp_path / "no.pdf"))
    assert refused.problems == [("device", "not-a-device")]
    rows = biobank.file({"vials": [{"code": placed["vials"][1], "target": "F80-02"}]})
    words = ("storage", "walk", placed["vials"][0], "--file", rows, "--title", "Picks")
    walk = biobank(lab_address, *words, "--to", str(tmp_path / "walk.pdf")).result
    (opening,) = walk["openings"]
    (stop,) = opening["stops"]
    assert stop["box"] == placed["box"]
    assert [(line["code"], line["target"]) for line in stop["lines"]] == [
        (placed["vials"][0], ""),
        (placed["vials"][1], "F80-02"),
    ]
    assert "Picks" in pages(Path(walk["file"]).read_bytes())[0]
    assert biobank.text("--db", lab_address, "--as", "bo", *words).out.count("[ ]") == 2
    assert biobank(lab_address, "storage", "walk", "x").problems == [("code", "sample-unknown")]
