"""Rules on what may lie where: of kinds and of containers, inherited downwards, checked both ways."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import contents, kinds, moving, placing
from biobank_desktop.services.kinds import SHIPPED_KINDS, KindForm
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.lab import ANNA, Boxes, add_boxes
from tests.support.leaving import kept

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

NINE = next(kind for kind in SHIPPED_KINDS if kind.name == "Box 9 × 9")
SHELF = next(kind for kind in SHIPPED_KINDS if kind.name == "Freezer shelf")


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


def _allowed(store: Store, name: str) -> str | None:
    with store.read() as connection:
        row = containers.by_name(connection, name)
    assert row is not None
    return row.materials


def _refused(store: Store, kind: KindForm) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        kinds.change_kind(store, ANNA, kind, "tidier")
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_rule_reaches_everything_inside_and_what_is_made_there_later(store: Store, boxes: Boxes) -> None:
    contents.set_rule(store, ANNA, "F80-01", ["PL1", "SER"])
    assert _allowed(store, "F80-01 S1") == "PL1\nSER"
    assert _allowed(store, "BX001") == "PL1\nSER"
    contents.set_rule(store, ANNA, "BX001", ["PL1", "CSF"])
    assert _allowed(store, "BX001") == "PL1"
    add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX555", None, "F80-01 S1"))
    assert _allowed(store, "BX555") == "PL1\nSER"
    contents.set_rule(store, ANNA, "F80-01", None)
    assert _allowed(store, "BX001") == "CSF\nPL1"
    assert _allowed(store, "BX555") is None
    assert Verification(store).run() == []


def test_a_rule_names_the_first_thing_inside_that_it_would_forbid(
    store: Store, actor: Actor, boxes: Boxes
) -> None:
    vial = kept(store, actor, boxes.plasma).vials[0]
    with pytest.raises(Rejected) as refused:
        contents.set_rule(store, ANNA, "F80-01", ["CSF"])
    (problem,) = refused.value.problems
    assert problem.code == "rule-forbids-content"
    assert problem.values["code"] == codes.group(vial)
    assert problem.values["path"] == "F80-01 / F80-01 S1 / BX001"
    for wrong in ([], ["XXX"]):
        with pytest.raises(Rejected):
            contents.set_rule(store, ANNA, "F80-01", wrong)
    assert _allowed(store, "BX001") is None


def test_what_is_forbidden_is_neither_placed_nor_moved_there(
    store: Store, actor: Actor, boxes: Boxes
) -> None:
    vial = kept(store, actor, boxes.plasma).vials[0]
    other = add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX777", None, "F80-01 S1"))
    contents.set_rule(store, ANNA, "BX777", ["CSF"])
    with pytest.raises(Rejected) as refused:
        moving.move(store, actor, MoveForm((Move(vial, other),)))
    assert [problem.code for problem in refused.value.problems] == ["material-not-allowed"]
    placing.take_out(store, actor, vial, "tidying")
    with pytest.raises(Rejected) as refused:
        placing.place(store, actor, other, vial)
    assert [problem.code for problem in refused.value.problems] == ["material-not-allowed"]


def test_a_box_takes_over_the_rules_of_where_it_comes_to_stand(
    store: Store, actor: Actor, boxes: Boxes
) -> None:
    device = add_container(store, ANNA, ContainerForm("Freezer −80", "F80-02", "-80"))
    shelf = add_container(store, ANNA, ContainerForm("Freezer shelf", "F80-02 S1", None, device))
    contents.set_rule(store, ANNA, "F80-02", ["PL1"])
    contents.set_rule(store, ANNA, "F80-01", ["PL1", "CSF"])
    moved = moving.move(store, actor, MoveForm((Move("BX001", shelf),)))
    assert _allowed(store, "BX001") == "PL1"
    moving.undo(store, actor, moved.command)
    assert _allowed(store, "BX001") == "CSF\nPL1"
    contents.set_rule(store, ANNA, "BX001", ["CSF"])
    with pytest.raises(Rejected) as refused:
        moving.move(store, actor, MoveForm((Move("BX001", shelf),)))
    assert [problem.code for problem in refused.value.problems] == ["rules-leave-nothing"]
    assert Verification(store).run() == []


def test_a_kind_is_changed_with_all_of_its_containers(store: Store, actor: Actor, boxes: Boxes) -> None:
    kept(store, actor, boxes.plasma)
    assert _refused(store, replace(NINE, materials=("CSF",))) == [("materials", "rule-forbids-content")]
    kinds.change_kind(store, ANNA, replace(NINE, materials=("CEL", "PL1")), "plasma and cells only")
    assert _allowed(store, "BX001") == "CEL\nPL1"
    assert _refused(store, replace(NINE, rows=8, level="goblet")) == [
        ("level", "kind-is-used"),
        ("rows", "kind-is-used"),
    ]
    kinds.change_kind(store, ANNA, replace(NINE, row_labels="letters"), "the boxes have an I")
    with store.read() as connection:
        kind = containers.kind(connection, "Box 9 × 9")
    assert kind is not None
    assert (kind.row_labels, kind.materials) == ("letters", None)
    assert _allowed(store, "BX001") is None
    assert Verification(store).run() == []


def test_a_kind_says_which_kinds_stand_in_it(store: Store, boxes: Boxes) -> None:
    assert _refused(store, replace(SHELF, takes=("Box 9 × 9",))) == [("takes", "rule-forbids-container")]
    assert _refused(store, replace(SHELF, takes=("Nothing",))) == [
        ("takes", "kind-unknown"),
        ("takes", "rule-forbids-container"),
    ]
    fitting = ("Box 9 × 9", "Overnight freezing container")
    kinds.change_kind(store, ANNA, replace(SHELF, takes=fitting), "they are not deep enough")
    with pytest.raises(Rejected) as refused:
        add_container(store, ANNA, ContainerForm("Box 10 × 10", "BX100", None, "F80-01 S1"))
    assert [problem.code for problem in refused.value.problems] == ["kind-not-taken"]


def test_a_kind_says_how_cold_its_containers_are(store: Store, boxes: Boxes) -> None:
    freezer = next(kind for kind in SHIPPED_KINDS if kind.name == "Freezer −80")
    assert _refused(store, replace(freezer, temperature="-20")) == [
        ("temperature", "rule-forbids-temperature")
    ]
    kinds.change_kind(store, ANNA, replace(freezer, temperature="-80"), "they all are")
    with pytest.raises(Rejected) as refused:
        add_container(store, ANNA, ContainerForm("Freezer −80", "F80-03", "-20"))
    assert [problem.code for problem in refused.value.problems] == ["temperature-of-kind"]
    add_container(store, ANNA, ContainerForm("Freezer −80", "F80-03"))
    with store.read() as connection:
        assert (
            connection.execute(text("SELECT temperature FROM container WHERE name = 'F80-03'")).scalar()
            == "-80"
        )
