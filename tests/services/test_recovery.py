"""The recovery kit and walk lists from real databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import placing, storage, use
from biobank_desktop.services.recovery import kit_of, write_kit
from biobank_desktop.services.walking import WalkRow, walk_list
from tests.papers.test_letters import pages
from tests.support.databases import ANNA
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.papers.walk_list import WalkList
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def vials(store: Store, actor: Actor, boxes: Boxes) -> list[str]:
    """Plasma; two of it in the box, at A1 and C4, the first of them out."""
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    found = []
    for place in range(2):
        made = receive(store, actor, donor, tube_code=f"HX2611004{place}")
        fill_all(store, actor, made)
        found += vials_of(made, "PL1")
    placing.place_all(store, actor, boxes.plasma, [(found[0], "A1"), (found[1], "C4")])
    use.check_out(store, actor, [found[0]], "to be measured")
    return found


def test_a_kit_holds_what_lies_in_the_device_and_nothing_of_the_donor(
    store: Store, boxes: Boxes, vials: list[str], tmp_path: Path
) -> None:
    kit = complete(kit_of(store, "F80-01", "Anna"))
    assert [(box.name, box.path) for box in kit.boxes] == [
        ("BX001", ("F80-01", "F80-01 S1")),
        ("CoolCell 1", ("F80-01", "F80-01 S1")),
    ]
    box = kit.boxes[0]
    assert list(box.items) == [codes.number(vials[0]), codes.number(vials[1])]
    assert [box.label(place) for place in box.places] == ["A1", "C4"]
    assert box.out == {0}
    assert [holder.path for holder in kit.holders] == [("F80-01",), ("F80-01", "F80-01 S1")]
    assert [(one.name, one.used) for one in kit.holders[1].standing] == [("BX001", 2), ("CoolCell 1", 0)]
    (path,) = complete(write_kit(store, kit.code, "Anna", tmp_path))
    assert path.name == f"recovery-{kit.code}.pdf"
    whole = " ".join(pages(path.read_bytes()))
    assert codes.group(vials[1]) in whole
    assert "PD26" not in whole


def test_what_is_done_while_the_kit_is_read_stands_in_it(
    store: Store, actor: Actor, boxes: Boxes, vials: list[str]
) -> None:
    steps = kit_of(store, "F80-01", "Anna")
    for progress in steps:
        if progress.total == 2 and progress.done == 0:
            placing.place(store, actor, boxes.plasma, vials[2])
            break
    kit = complete(steps)
    assert codes.number(vials[2]) in kit.boxes[0].items


def test_a_box_made_while_the_kit_is_read_stands_in_it(store: Store, boxes: Boxes) -> None:
    steps = kit_of(store, "F80-01", "Anna")
    next(steps)
    next(steps)
    storage.add_container(store, ANNA, storage.ContainerForm("Box 9 × 9", "BX009", None, "F80-01 S1"))
    assert [box.name for box in complete(steps).boxes] == ["BX001", "CoolCell 1", "BX009"]


def test_a_kit_that_is_given_up_leaves_no_file(store: Store, vials: list[str], tmp_path: Path) -> None:
    steps = write_kit(store, "F80-01", "Anna", tmp_path)
    assert any(progress.total == 5 and progress.done == 2 for progress in steps)  # pages are being drawn
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_only_a_device_has_a_kit(store: Store, boxes: Boxes) -> None:
    with pytest.raises(Rejected) as refused:
        complete(kit_of(store, boxes.plasma, "Anna"))
    assert [(one.field, one.code) for one in refused.value.problems] == [("device", "not-a-device")]
    with pytest.raises(NotFound):
        complete(kit_of(store, "F80-99", "Anna"))


def _walk(store: Store, *rows: WalkRow) -> WalkList:
    with store.read() as connection:
        return walk_list(connection, "Picks", rows, "Anna", datetime.now(UTC))


def test_a_walk_list_says_where_the_vials_lie_now(store: Store, boxes: Boxes, vials: list[str]) -> None:
    paper = _walk(store, WalkRow(vials[1], "F80-02 / A1"), WalkRow(vials[0]))
    assert [(line.code, line.path, line.position, line.target) for line in paper.lines] == [
        (vials[1], ("F80-01", "F80-01 S1", "BX001"), "C4", "F80-02 / A1"),
        (vials[0], ("F80-01", "F80-01 S1", "BX001"), "A1", ""),
    ]
    assert {line.box for line in paper.lines} == {boxes.plasma}


def test_a_walk_list_refuses_everything_wrong_at_once(store: Store, vials: list[str]) -> None:
    with pytest.raises(Rejected) as refused:
        _walk(store, *map(WalkRow, (vials[0], vials[0], vials[3], "nonsense")))
    assert [one.code for one in refused.value.problems] == ["scanned-twice", "not-stored", "sample-unknown"]
