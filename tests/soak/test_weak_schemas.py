"""A slice of the campaign against weakened schemas, and the campaign itself put to the test."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.soak.conditions import Reader, Weakener, sites
from tests.soak.weak_schemas import COUNTS, Wall
from tests.soak.weakenings import DIALECTS
from tests.support.constraint_attacks import IMPLIED, not_null
from tests.support.databases import ENGINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.weakenings import Weak

SLICE = 100


@pytest.fixture(scope="module", params=ENGINES)
def wall(request: pytest.FixtureRequest) -> Iterator[Wall]:
    """A furnished lab of each engine to weaken."""
    made = Wall(request.param, request.getfixturevalue(f"{request.param}_databases"))
    yield made
    made.remove()


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1])
def test_every_weakened_schema_lets_an_attack_through(wall: Wall, seed: int) -> None:
    chosen = random.Random(seed).sample(wall.weak, SLICE)
    assert wall.survivors(chosen) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2])
def test_verification_names_every_weakened_schema(wall: Wall, seed: int) -> None:
    chosen = random.Random(seed).sample(wall.weak, SLICE)
    assert wall.unseen(chosen) == []


def test_verification_does_not_name_a_schema_that_is_not_weaker(wall: Wall) -> None:
    same = replace(wall.weak[0], changes=())
    assert wall.unseen([same]) == [same.name]


def test_a_schema_that_is_not_weaker_survives(wall: Wall) -> None:
    """The negative control, for each sort of attack: by value, by trigger, by two benches at once."""
    sorts: dict[str, Weak] = {one.sort: replace(one, changes=()) for one in wall.weak}
    assert wall.survivors(sorts.values()) == [one.name for one in sorts.values()]


def test_a_guard_that_nobody_attacks_is_reported(wall: Wall) -> None:
    unattacked = replace(wall.weak[0], guards=frozenset({"ck_unheard_of"}))
    assert wall.survivors([unattacked]) == [unattacked.name]


def test_every_part_of_the_catalogue_is_weakened(wall: Wall) -> None:
    catalogue = wall.catalogue
    changed = {
        change.name
        for one in wall.weak
        for change in one.changes
        if change.part != "filled" and (change.made is None or change.part == "function")
    }
    assert {one.name for one in (*catalogue.constraints, *catalogue.indexes)} - IMPLIED <= changed
    assert {one.name for one in catalogue.triggers} | set(catalogue.functions) <= changed
    guards = {guard for one in wall.weak for guard in one.guards}
    assert {not_null(*column) for column in catalogue.not_null} - IMPLIED <= guards


def test_every_sort_of_weakening_is_made(wall: Wall) -> None:
    sorts = {
        *("check dropped", "check loosened", "key dropped", "key widened", "key dropped with what needs it"),
        *("foreign key dropped", "foreign key narrowed", "NOT NULL dropped"),
        *("index dropped", "index widened", "index on less"),
        *("trigger dropped", "trigger asks nothing", "trigger refuses less", "trigger on less"),
    }
    if wall.engine == "postgresql":
        sorts |= {"trigger disabled", "function asks nothing", "function refuses less", "lock weaker"}
    assert {one.sort for one in wall.weak} == sorts
    assert len({one.name for one in wall.weak}) == len(wall.weak) == COUNTS[wall.engine]


@pytest.mark.parametrize(
    ("check", "loosened"),
    [
        ("kind IN ('a', 'b')", ["kind IN ('a', 'b', 'A')", "kind IN ('a', 'b', 'x')"]),
        ("n IS NULL OR n >= 0", ["n IS NULL OR n >= (0) - 1"]),
        ("length(t) = 10", ["length(t) >= 10", "length(t) <= 10"]),
        ("n BETWEEN 1 AND m", ["n <= m", "n >= 1", "n BETWEEN (1) - 1 AND m", "n BETWEEN 1 AND (m) + 1"]),
        ("a = b AND c <> d", ["1 = 1 AND c <> d", "a = b AND 1 = 1", "((a = b) OR (c <> d))"]),
        ("a_at <= b", ["a_at <= strftime('%Y-%m-%dT%H:%M:%fZ', b, '1 seconds')"]),
        ("a_on < b_on", ["a_on <= b_on"]),
        ("a_on <= b_on", ["a_on <= date(b_on, '+1 day')"]),
        ("(a) = (b IS NULL)", ["(NOT (a) OR (b IS NULL))", "(NOT (b IS NULL) OR (a))"]),
    ],
)
def test_a_check_is_loosened_in_every_way(check: str, loosened: list[str]) -> None:
    weakener = Weakener(check, DIALECTS["sqlite"])
    assert [splice.on(check) for splice in weakener.more_often(Reader(check).condition())] == loosened


@pytest.mark.parametrize(
    ("trigger", "weaker"),
    [
        ("WHEN a > 0 OR b BEGIN", ["1 = 0 OR b", "a > 0 OR 1 = 0", "((a > 0) AND (b))", "a > (0) + 1 OR b"]),
        (
            "WHERE NOT EXISTS (SELECT 1 FROM t WHERE n >= 2);",
            ["NOT EXISTS (SELECT 1 FROM t WHERE n >= (2) - 1)"],
        ),
        ("IF a < (SELECT max(b) FROM t) THEN RAISE", ["a < ((SELECT max(b) FROM t)) - 1"]),
        ("IF a < 1 THEN RETURN", []),
        ("WHEN NEW.a IN ('x', 'y') BEGIN", ["NEW.a IN ('y')", "NEW.a IN ('x')"]),
    ],
)
def test_a_trigger_refuses_less_in_every_way(trigger: str, weaker: list[str]) -> None:
    weakener = Weakener(trigger, DIALECTS["sqlite"])
    made = [
        splice for site in sites(trigger, ("WHEN", "WHERE", "IF")) for splice in weakener.more_seldom(site)
    ]
    begin, end = trigger.index(" ") + 1, max(trigger.rfind(word) for word in (" BEGIN", ";", " THEN"))
    assert [splice.on(trigger)[begin : end - len(trigger)] for splice in made] == weaker
