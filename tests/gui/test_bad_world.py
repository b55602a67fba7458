"""A disk that is full and a clock that is wrong, under the real window in a process of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.soak.bench_window import Bench, write_stage
from tests.soak.recorder import World
from tests.support.databases import PASSWORD, open_store
from tests.support.repertoire import set_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.databases import Databases

FIVE_YEARS = 5 * 365 * 24 * 3600
A_LINE = 500
"""Room for a line of the journal and nothing more."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


@pytest.fixture
def open_bench(tmp_path: Path, world: World, sqlite_databases: Databases) -> Iterator[Callable[[], Bench]]:
    """Opens the window on a furnished lab, in this world; again on the same one."""
    folder = tmp_path / "bench"
    folder.mkdir()
    database = folder / "lab.sqlite"
    store = open_store(address := sqlite_databases.lab())
    write_stage(set_stage(store), folder)
    store.close()
    shutil.copyfile(address, database)
    opened: list[Bench] = []

    def make() -> Bench:
        opened.append(Bench(database, folder, world))
        return opened[-1]

    yield make
    for bench in opened:
        bench.end()


def test_a_full_disk_is_said_and_forgotten_when_there_is_room(
    open_bench: Callable[[], Bench], world: World
) -> None:
    bench = open_bench()
    before = bench.do("start", "anna").commands
    bench.do("form", "donor-registered")
    for room, words in ((0, "cannot keep its journal"), (A_LINE, "The disk is full. Nothing was changed")):
        world.set(room_bytes=room)
        said = bench.do("enter")
        assert said.says(words), said
        assert said.commands == before
        assert said.bugs == []
    world.set()
    said = bench.do("enter")
    assert said.commands == before | {"donor-registered": before["donor-registered"] + 1}
    said = bench.do("seal")
    assert not said.says("disk"), said
    world.set(room_bytes=0)
    bench.do("form", "taken-out")
    said = bench.do("enter")
    assert said.says("cannot keep its journal"), said
    world.set()
    said = bench.do("enter")
    assert said.commands["taken-out"] == 1, "its button must not stay at rest"
    world.set(room_bytes=0)
    said = bench.do("seal")
    assert said.says("The disk is full"), said
    world.set()
    assert not bench.do("seal").says("disk")
    assert bench.do("verify").bugs == []


def test_a_draft_and_a_backup_on_a_full_disk(open_bench: Callable[[], Bench], world: World) -> None:
    bench = open_bench()
    bench.do("start", "anna")
    bench.do("receipt", "HX26118888")
    world.set(room_bytes=0)
    said = bench.do("note", "half")
    assert said.says("The half-filled form cannot be kept on this computer"), said
    world.set()
    assert not bench.do("note", "half filled").says("The half-filled form")
    world.set(room_bytes=20_000)
    said = bench.do("back_up")
    assert said.says("The backup cannot be written"), said
    world.set()
    said = bench.do("back_up")
    assert not said.says("backup")
    assert bench.do("enter").commands["tube-received"] == 3
    said = bench.do("verify")
    assert said.bugs == []


def test_a_clock_that_jumps_ahead_and_back_changes_no_order_and_is_said(
    open_bench: Callable[[], Bench], world: World
) -> None:
    bench = open_bench()
    assert not bench.do("start", "anna").says("The clock of this computer")
    world.set(clock_ahead_seconds=FIVE_YEARS)
    bench.do("form", "container-added")
    assert bench.do("enter").bugs == []
    bench.do("back_up")
    assert not bench.do("seal").says("The clock of this computer")
    assert bench.do("lock", "anna", PASSWORD).covered is False
    world.set(clock_ahead_seconds=0)
    said = bench.do("seal")
    assert said.says("The clock of this computer says"), said
    bench.do("form", "kind-added")
    said = bench.do("enter")
    assert said.commands["kind-added"] == 1
    assert bench.do("wait", "700").says("The clock of this computer says")
    assert bench.do("lock", "anna", PASSWORD).covered is False
    assert bench.do("back_up").bugs == []
    assert bench.do("verify").bugs == []
    bench.end()
    again = open_bench()
    assert again.do("start", "anna").says("The clock of this computer says")


def test_who_is_locked_out_gets_in_again_after_the_clock_was_set_back(
    open_bench: Callable[[], Bench], world: World
) -> None:
    bench = open_bench()
    bench.do("start", "anna")
    world.set(clock_ahead_seconds=FIVE_YEARS)
    for _ in range(5):
        assert bench.do("lock", "bo", "wrong").covered
    assert bench.do("lock", "bo", PASSWORD).covered
    world.set(clock_ahead_seconds=-FIVE_YEARS)
    assert not bench.do("lock", "bo", PASSWORD).covered
    bench.do("form", "donor-registered")
    assert bench.do("enter").bugs == []
    assert bench.do("verify").bugs == []
