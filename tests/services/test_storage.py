"""Containers and kinds, on real databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services import kinds, storage
from biobank_desktop.services.kinds import KindForm
from biobank_desktop.services.storage import ContainerForm
from tests.support.lab import add_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

BOX_15 = KindForm(
    "Box 15 × 15", "box", 15, 15, "letters-without-i", "numbers", "rows-from-top-left", "samples"
)


def _refused(act: Callable[[], object]) -> set[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        act()
    return {(problem.field, problem.code) for problem in refused.value.problems}


def test_a_new_grid_needs_no_programmer(store: Store, manager: Actor) -> None:
    kinds.add_kind(store, manager, BOX_15)
    box = storage.add_container(store, manager, ContainerForm("Box 15 × 15", "BX900"))
    with store.read() as connection:
        row = containers.container(connection, codes.number(box))
    assert row is not None
    assert row.capacity == 225
    assert kinds.grid_of(row.kind).label((9, 14)) == "J14"


def test_everything_wrong_with_a_kind(store: Store, manager: Actor) -> None:
    wrong = replace(BOX_15, name="", level="cupboard", rows=0, column_labels="letters", holds="containers")
    assert {field for field, _code in _refused(lambda: kinds.add_kind(store, manager, wrong))} == {
        "name", "level", "rows", "row_labels",
    }  # fmt: skip


def test_a_technician_does_not_build_freezers(store: Store, actor: Actor) -> None:
    form = ContainerForm("Box 9 × 9", "BX1")
    assert _refused(lambda: storage.add_container(store, actor, form)) == {("", "not-permitted")}


def test_the_path_and_the_temperature_come_from_around(store: Store) -> None:
    boxes = add_boxes(store)
    with store.read() as connection:
        number = codes.number(boxes.nitrogen)
        assert storage.path_text(connection, number) == "LN2-01 / LN2-01 T1 / BX002"
        assert storage.temperature_of(connection, number) == "ln2"
        assert [row.name for row in containers.inside(connection, None)] == ["F80-01", "LN2-01"]


def test_what_does_not_fit_is_refused_with_everything_wrong(store: Store, manager: Actor) -> None:
    boxes = add_boxes(store)
    form = ContainerForm("Freezer shelf", "BX001", "ln2", boxes.plasma)
    assert _refused(lambda: storage.add_container(store, manager, form)) == {
        ("name", "name-taken"), ("inside", "container-not-allowed-there"),
    }  # fmt: skip
    missing = ContainerForm("Freezer −80", "F99", None)
    assert _refused(lambda: storage.add_container(store, manager, missing)) == {
        ("temperature", "temperature-missing")
    }


def test_a_full_shelf_is_full(store: Store, manager: Actor) -> None:
    tank = storage.add_container(store, manager, ContainerForm("LN2 vapour tank", "LN9", "ln2"))
    kinds.add_kind(
        store,
        manager,
        KindForm("Pair", "rack", 1, 2, "running", "running", "rows-from-top-left", "containers"),
    )
    rack = storage.add_container(store, manager, ContainerForm("Pair", "R1", None, tank, "20"))
    for name in ("B1", "B2"):
        storage.add_container(store, manager, ContainerForm("Box 5 × 5", name, None, rack))
    third = ContainerForm("Box 5 × 5", "B3", None, rack)
    assert _refused(lambda: storage.add_container(store, manager, third)) == {("inside", "container-full")}
    taken = replace(third, position="1")
    assert _refused(lambda: storage.add_container(store, manager, taken)) == {("position", "position-taken")}
    nowhere = replace(third, position="9")
    assert _refused(lambda: storage.add_container(store, manager, nowhere)) == {
        ("position", "position-unknown")
    }
