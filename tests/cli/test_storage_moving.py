"""Moving by the command line: what goes where, what is in the way, and how each is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Biobank, Ran


class Freezer:
    """A box with vials and an empty one beside it, and ``biobank storage`` for them."""

    def __init__(self, biobank: Biobank, database: str, folder: Path) -> None:
        self._biobank, self._database, self._folder = biobank, database, folder
        jobs.boxes(biobank, database)
        donor = jobs.consented_donor(biobank, database)
        received = biobank(database, "receive", biobank.file(jobs.receipt(donor))).result
        biobank(database, "fill", biobank.file(jobs.filling(received["vials"])))
        self.donor = donor
        self.vials = [one["code"] for one in received["vials"] if one["material"] == "CEL"]
        self.box = biobank(database, "container", "show", "B1").result["container"]
        self.around = self.box["path"].split(" / ")
        other = {"kind": "Box 9 × 9", "name": "B9", "inside": self.around[-2]}
        made = biobank(database, "container", "add", biobank.file(other), login="anna")
        self.other = made.result["container"]
        assert biobank(database, "place", self.box["code"], *self.vials).exit == 0

    def __call__(self, *words: str, login: str = "bo") -> Ran:
        return self._biobank(self._database, "storage", *words, login=login)

    def file(self, content: object) -> str:
        """An input file."""
        return self._biobank.file(content)

    def list(self, text: str) -> str:
        """A list of codes and places."""
        path = self._folder / "list.csv"
        path.write_text(text, "utf-8")
        return str(path)

    def lying(self, code: str) -> dict[str, str]:
        """What lies where in a container."""
        shown = self._biobank(self._database, "container", "show", code).result["container"]
        return {one["position"]: one["code"] for one in shown["contents"]}


@pytest.fixture
def freezer(biobank: Biobank, lab_address: str, tmp_path: Path) -> Freezer:
    return Freezer(biobank, lab_address, tmp_path)


def test_a_move_is_told_and_taken_back(freezer: Freezer) -> None:
    before = freezer.lying("B1")
    moved = freezer("move", *freezer.vials[:2], "--to", "B9", "--at", "C4").result
    assert [place["label"] for place in moved["places"]] == ["C4", "A1"]
    assert freezer.lying("B9") == {"C4": freezer.vials[0], "A1": freezer.vials[1]}
    back = freezer("undo", moved["command"]).result
    assert {place["container"] for place in back["places"]} == {freezer.box["code"]}
    assert freezer.lying("B1") == before
    again = freezer("undo", moved["command"])
    assert (again.exit, set(again.problems)) == (1, {("", "happened-since")})


def test_the_same_command_again_moves_nothing_twice(freezer: Freezer) -> None:
    words = ("move", freezer.vials[0], "--to", "B9", "--command", "7f1f1d6e-3c61-4b0e-9f0a-0f6f2a6f5f99")
    assert freezer(*words).result == freezer(*words).result


def test_a_box_moves_and_two_things_change_places(freezer: Freezer) -> None:
    outer = freezer.around[-3] if len(freezer.around) > 2 else freezer.around[0]
    was = freezer.lying(freezer.around[-2])
    assert freezer("swap", "B1", "B9").exit == 0
    now = freezer.lying(freezer.around[-2])
    assert sorted(now.values()) == sorted(was.values())
    assert now != was
    refused = freezer("move", "B1", "--to", outer, "--out-at", "2026-13-01T00:00:00+01:00")
    assert refused.exit == 1


def test_every_bad_line_of_a_list_is_named_and_nothing_is_written(freezer: Freezer) -> None:
    one, two, *_more = freezer.vials
    bad = freezer.list(f"code;place\n{one};B9 / A1\nPM2600000Z;B9 / A2\n\n{two};B9 / Z9\n{one};B9 / A3\n")
    refused = freezer("load", bad)
    assert refused.exit == 1
    assert refused.problems == [
        ("line 3", "thing-unknown"),
        ("line 5", "position-unknown"),
        ("line 6", "listed-twice"),
    ]
    assert freezer.lying("B9") == {}
    good = freezer.list(f"{one}\tA1\n{two}\tB2\n")
    loaded = freezer("load", good, "--box", "B9").result
    assert freezer.lying("B9") == {"A1": one, "B2": two}
    assert freezer("undo", loaded["command"]).exit == 0
    assert freezer.lying("B9") == {}
    (freezer._folder / "list.csv").write_bytes(b"\xff\xfe\x00")
    assert freezer("load", good, "--box", "B9").problems == [("file", "input-not-utf8")]


def test_labels_that_nobody_has_scanned_are_said_of_lists_and_of_placing(
    biobank: Biobank, lab_address: str, tmp_path: Path
) -> None:
    jobs.boxes(biobank, lab_address)
    donor = jobs.consented_donor(biobank, lab_address)
    received = biobank(lab_address, "receive", biobank.file(jobs.receipt(donor))).result
    biobank(lab_address, "fill", biobank.file(jobs.filling(received["vials"])))
    one, two = [vial["code"] for vial in received["vials"] if vial["material"] == "CEL"][:2]
    assert biobank(lab_address, "labels", "unchecked", "warn", login="anna").exit == 0
    listed = tmp_path / "list.csv"
    listed.write_text(f"{one}\tA1\n", "utf-8")
    loaded = biobank(lab_address, "storage", "load", str(listed), "--box", "B1").result
    assert loaded["unchecked"] == [one]
    box = biobank(lab_address, "container", "show", "B1").result["container"]["code"]
    assert biobank(lab_address, "place", box, two).result["unchecked"] == [two]
    listed.write_text(f"{one}\tA5\n", "utf-8")
    assert biobank(lab_address, "storage", "load", str(listed), "--box", "B1").result["unchecked"] == []


def test_room_is_found_reserved_and_given_back(freezer: Freezer) -> None:
    found = freezer("find-space", "--material", "CEL", "--count", "3", "--inside", freezer.around[0]).result
    (space,) = found["space"]
    assert len(space["positions"]) == 3
    assert freezer("reserve", "B9", "A1", "A2", "--what", "tomorrow").result == {"positions": ["A1", "A2"]}
    taken = freezer("move", freezer.vials[0], "--to", "B9", "--at", "A1", login="anna")
    assert taken.problems == [("position", "position-reserved-by")]
    assert freezer("give-back", "B9").exit == 0
    assert freezer("give-back", "B9").problems == [("positions", "nothing-reserved")]


def test_a_container_is_emptied_by_a_plan(freezer: Freezer) -> None:
    plan = freezer("empty", "B1", "--into", "B9").result
    assert next(line["to"].rsplit(" / ", 1)[1] for line in plan["lines"]) == "A1"
    assert freezer.lying("B9") == {}
    done = freezer("empty", "B1", "--into", "B9", "--do", "--why", "cracked").result
    assert freezer.lying("B1") == {}
    assert freezer("undo", done["command"]).exit == 0
    assert freezer.lying("B9") == {}


def test_a_spilled_box_is_put_in_order(freezer: Freezer) -> None:
    assert freezer("spill", "B1", "--why", "fell").exit == 0
    assert freezer("tidy", "B1").problems == [("box", "not-scanned-yet")] * len(freezer.vials)
    for vial in reversed(freezer.vials):
        found = freezer("rescan", "B1", vial).result
    assert found["left"] == 0
    assert freezer("tidy", "B1").exit == 0
    assert list(freezer.lying("B1").values()) == freezer.vials[::-1]


def test_a_device_goes_out_of_service_and_comes_back(freezer: Freezer) -> None:
    device = freezer.around[0]
    assert freezer("down", device, "--why", "alarm").exit == 0
    refused = freezer("move", freezer.vials[0], "--to", "B9")
    assert refused.problems == [("to", "out-of-service")]
    assert freezer("up", device).exit == 0
    assert freezer("move", freezer.vials[0], "--to", "B9").exit == 0


def test_rules_and_kinds(freezer: Freezer) -> None:
    refused = freezer("rule", freezer.around[0], "--materials", "CSF", login="anna")
    assert refused.problems == [("materials", "rule-forbids-content")]
    assert freezer("rule", "B9", "--materials", "CSF", "SER", login="anna").exit == 0
    assert freezer("move", freezer.vials[0], "--to", "B9").problems == [("to", "material-not-allowed")]
    assert freezer("rule", "B9", "--all", login="anna").exit == 0
    kind: dict[str, Any] = {
        "name": "Box 6 × 6", "level": "box", "rows": 6, "columns": 6, "row_labels": "letters",
        "column_labels": "numbers", "fill_order": "columns-from-top-left", "holds": "samples",
    }  # fmt: skip
    assert freezer("add-kind", freezer.file(kind), login="anna").exit == 0
    changed = {**kind, "rows": 7, "materials": ["CEL"]}
    done = freezer("change-kind", freezer.file(changed), "--why", "measured again", login="anna")
    assert done.exit == 0
    assert next(one for one in freezer("kinds").result["kinds"] if one["name"] == "Box 6 × 6")["rows"] == 7
