"""Races: every pair of commands on PostgreSQL, in every order of their statements that can matter.

What two benches come to must be what they would have come to one after the other: the same answers and the
same facts. A bench that was overtaken may also be told so, and then has changed nothing. Nobody is told
that the database is not there, nothing is a bug, and the history is whole.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text

from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.people import Signed
from biobank_desktop.domain.preprinted import Binding
from biobank_desktop.domain.problems import BiobankError
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import (
    contents,
    lab,
    labels,
    moving,
    people,
    placing,
    preprinted,
    restore_gap,
    spills,
    storage,
)
from biobank_desktop.services.storage import ContainerForm
from tests.soak.campaign import Campaign, Outcome
from tests.soak.schedules import Actor, Trace, play
from tests.soak.servers import server
from tests.support.databases import ANNA, BO, PostgresDatabases, open_store
from tests.support.repertoire import GIL, MAKERS_CODE, REPERTOIRE, Gesture, Stage, set_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from biobank_desktop.persistence.store import Store
    from tests.support.freezer import Freezer

SEALING = "seal"
COMMANDS: dict[str, Gesture] = {**REPERTOIRE, SEALING: lambda store, _stage, _command: seal(store)}
CLOSER: dict[str, Gesture] = {
    "placed anywhere": lambda store, stage, command: placing.place(
        store, BO, stage.box, stage.filled, "", command
    ),
    "another placed anywhere": lambda store, stage, command: placing.place(
        store, BO, stage.box, stage.other_filled, "", command
    ),
    "placed where another lies": lambda store, stage, command: placing.place(
        store, BO, stage.box, stage.other_filled, "A1", command
    ),
    "planned reprinted": lambda store, stage, command: labels.reprint(
        store, BO, stage.planned, "lost", "", command
    ),
    "bound to another": lambda store, stage, command: preprinted.bind(
        store, BO, preprinted.BindForm((Binding(stage.filled, MAKERS_CODE),)), command
    ),
    "under way verified": lambda store, stage, command: labels.verify(
        store, BO, stage.under_way.drawn[0].queued.label.code, command
    ),
    "box added": lambda store, stage, command: storage.add_container(
        store, ANNA, ContainerForm("Box 9 × 9", "BX006", None, _freezer(stage).shelf), command
    ),
    "shelf ruled": lambda store, stage, command: contents.set_rule(
        store, ANNA, _freezer(stage).shelf, ["PL1", "CEL"], "plasma and cells", command
    ),
    "box moved": lambda store, stage, command: moving.move(
        store, BO, MoveForm((Move(_freezer(stage).second, "F80-01", "5"),)), command
    ),
    "boxes swapped": lambda store, stage, command: moving.swap(
        store, BO, stage.box, _freezer(stage).second, command
    ),
    "anna has left": lambda store, _stage, command: people.change_person(
        store, GIL, "anna", why="left", active=False, command_id=command
    ),
    "gil has left": lambda store, _stage, command: people.change_person(
        store, ANNA, "gil", why="left", active=False, command_id=command
    ),
}
"""More that two benches may do at once, where a lock alone keeps them apart."""
RESTORED: dict[str, Gesture] = {
    "gap signed": lambda store, _stage, command: restore_gap.sign_gap(
        store, Signed(ANNA), "compared with the post book", command
    ),
    "issued in the gap": REPERTOIRE["release-issued"],
}
"""What may be done at once in a lab that was restored, and for whose gap one person has signed."""
SPILLED: dict[str, Gesture] = {
    "found where another lay": lambda store, stage, command: spills.rescan(
        store, BO, _freezer(stage).second, stage.filled, "A3", command
    ),
    "the other found": lambda store, stage, command: spills.rescan(
        store, BO, _freezer(stage).second, _freezer(stage).loose, "A3", command
    ),
    "the other taken out": lambda store, stage, command: placing.take_out(
        store, BO, _freezer(stage).loose, "found on the floor", command
    ),
    "the other moved": lambda store, stage, command: moving.move(
        store, BO, MoveForm((Move(_freezer(stage).loose, stage.box, "A2"),)), command
    ),
}
"""What may be done at once with a box that was spilled with vials in it."""
PAIRS = (
    *combinations_with_replacement(COMMANDS, 2),
    *combinations_with_replacement(SPILLED, 2),
    ("placed where another lies", "taken-out"),
    ("under way verified", "labels-given-up"),
    ("under way verified", "labels-reported"),
    ("codes-bound", "bound to another"),
    ("box added", "shelf ruled"),
    ("box added", "kind-changed"),
    ("box moved", "shelf ruled"),
    ("boxes swapped", "box moved"),
)
"""Everything that is raced."""
MOST_SCHEDULES = 4_000

Facts = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Came:
    """What two commands came to: what each bench was told, and the facts then."""

    told: tuple[str, str]
    facts: Facts


GAP = {
    "archive": "biobank.zip",
    "archive_sha256": "5" * 64,
    "made_at": "2026-11-21T18:00:00.000Z",
    "size": 40,
    "erased": 0,
}
"""What a restore says of itself."""


@dataclass(frozen=True)
class Scene:
    """A furnished lab to copy, on a server that finds deadlocks at once."""

    databases: PostgresDatabases
    template: str
    stage: Stage
    watching: psycopg.Connection[Any]


@cache
def _databases() -> tuple[PostgresDatabases, psycopg.Connection[Any]]:
    real = server(fsync="off", full_page_writes="off", deadlock_timeout="20ms")
    return PostgresDatabases(real), psycopg.connect(real.url(), autocommit=True)


@cache
def _scene(*, restored: bool = False, spilled: bool = False) -> Scene:
    made, watching = _databases()
    address = made.lab()
    store = open_store(address)
    stage = set_stage(store, later=True)
    if restored:
        lab.set_setting(store, ANNA, restore_gap.RESTORE_GAP, GAP)
        restore_gap.sign_gap(store, Signed(GIL), "compared with the freezer log")
    if spilled:
        spills.spill(store, BO, _freezer(stage).second, "fell")
    store.close()
    return Scene(made, address, stage, watching)


def _freezer(stage: Stage) -> Freezer:
    assert stage.freezer is not None
    return stage.freezer


def round_of_races(seed: int) -> Outcome:
    """One pair of commands, in all its schedules."""
    pair = PAIRS[seed]
    broken: list[str] = []
    schedules = 0
    for schedule, wrong in explore(pair):
        schedules += 1
        broken += [f"{' and '.join(pair)}, {schedule}: {why}" for why in wrong]
    if schedules >= MOST_SCHEDULES:
        broken.append(f"{' and '.join(pair)}: not every schedule was run")
    return Outcome(schedules, tuple(broken))


def explore(
    pair: tuple[str, str], rewrite: Callable[[str], str] = str, *, both: bool = False
) -> Iterator[tuple[str, list[str]]]:
    """Every schedule of the pair, as a row of turns, and what was wrong with it.

    With ``both``, nobody may be turned away who would have been served one after the other.
    """
    fair = _fair(pair, ((0, 1), (1, 0)) if both else ((0, 1), (1, 0), (0,), (1,)))
    waiting: list[tuple[int, ...]] = [(), (1,)]
    asked, come = set(waiting), set()
    for _ in range(MOST_SCHEDULES):
        if not waiting:
            return
        trace, wrong = _race(pair, waiting.pop(), fair, rewrite)
        if trace.orders() not in come:
            come.add(trace.orders())
            new = set(trace.reversals()) - asked
            asked |= new
            waiting += sorted(new)
        yield "".join("AB"[actor] for actor, _footprint in trace.turns), wrong


def _scene_of(pair: tuple[str, str]) -> Scene:
    return _scene(restored=not RESTORED.keys().isdisjoint(pair), spilled=not SPILLED.keys().isdisjoint(pair))


def _race(
    pair: tuple[str, str], beginning: tuple[int, ...], fair: set[Came], rewrite: Callable[[str], str]
) -> tuple[Trace, list[str]]:
    scene = _scene_of(pair)
    address = scene.databases.copy(scene.template)
    stores = (open_store(address), open_store(address))
    actors = (
        Actor(stores[0], _gesture(pair[0], scene.stage), rewrite),
        Actor(stores[1], _gesture(pair[1], scene.stage), rewrite),
    )
    trace = play(actors, beginning, scene.watching)
    for store in stores:
        store.close()
    told = (str(actors[0].outcome), str(actors[1].outcome))
    wrong = [f"a bench was told {one}" for one in told if one.startswith(("BUG", "Unavailable", "Outcome"))]
    with closing(open_store(address)) as store:
        if Came(_words(told), facts(store)) not in fair:
            wrong.append(f"{told} is not what one after the other comes to")
        seal(store)
        wrong += map(str, Verification(store).run())
    scene.databases.remove(address)
    return trace, wrong


def _gesture(kind: str, stage: Stage) -> Callable[[Store], object]:
    return partial(_act, {**COMMANDS, **CLOSER, **RESTORED, **SPILLED}[kind], stage, uuid4())


def _act(gesture: Gesture, stage: Stage, command: UUID, store: Store) -> object:
    return gesture(store, stage, command)


def _words(told: tuple[str, str]) -> tuple[str, str]:
    """Only whether it was done: a bench that lost learns why in other words than one that came later."""
    first, second = ("ok" if one == "ok" else "refused" for one in told)
    return first, second


@cache
def _fair(pair: tuple[str, str], orders: tuple[tuple[int, ...], ...]) -> set[Came]:
    """What the pair comes to in these orders; one that is not in an order is turned away."""
    fair = set()
    scene = _scene_of(pair)
    for order in orders:
        address = scene.databases.copy(scene.template)
        told = ["refused", "refused"]
        with closing(open_store(address)) as store:
            for actor in order:
                told[actor] = _alone(store, pair[actor], scene.stage)
            fair.add(Came((told[0], told[1]), facts(store)))
        scene.databases.remove(address)
    return fair


def _alone(store: Store, kind: str, stage: Stage) -> str:
    try:
        _gesture(kind, stage)(store)
    except BiobankError:
        return "refused"
    return "ok"


_FACTS = (
    "SELECT kind, state, material, donor_id, count(*), sum(taken_ul) FROM sample GROUP BY 1, 2, 3, 4",
    "SELECT container_id, row_no, column_no FROM placement",
    "SELECT state, reason, count(*) FROM label GROUP BY 1, 2",
    "SELECT donor_id, count(*) FROM consent_line GROUP BY 1",
    "SELECT id, consent_head, day1_on FROM donor WHERE consent_head > 0",
    "SELECT kind, device, speed_g, ended_at IS NULL, count(*) FROM step GROUP BY 1, 2, 3, 4",
    "SELECT kind, name FROM container",
    "SELECT name FROM container_kind",
    "SELECT login, role, active FROM person",
    "SELECT name, dpi, active FROM printer",
    "SELECT printer, no, dpi, ribbon, read_dots FROM printer_test",
    "SELECT key, value FROM setting",
    "SELECT issuer, material, number FROM alias LEFT JOIN sample ON id = object_id",
    "SELECT acceptance, released_at IS NULL, count(*) FROM receipt GROUP BY 1, 2",
    "SELECT sample_id, no, back_at IS NULL, thawed FROM excursion",
    "SELECT sample_id, purpose, count(*), sum(ul) FROM consumption GROUP BY 1, 2",
    "SELECT sample_id, kind FROM disposition",
    "SELECT kind, state, count(*) FROM nonconformity GROUP BY 1, 2",
    "SELECT sample_id, decision, count(*) FROM quarantine GROUP BY 1, 2",
    "SELECT state, country, count(*) FROM release GROUP BY 1, 2",
    "SELECT release_no, sample_id, state FROM release_line",
    "SELECT reason, state, count(*) FROM disposal GROUP BY 1, 2",
    "SELECT sample_id, action, state, done_by, witnessed_by FROM disposal_line",
    "SELECT login FROM gap_signature",
    "SELECT item_id, from_id, from_row, from_column FROM relocation",
    "SELECT container_id, row_no, column_no, login FROM reservation",
    "SELECT container_id, ended_at IS NULL FROM spill",
    "SELECT container_id, ended_at IS NULL FROM outage",
    "SELECT container_id, was, became FROM temperature_change",
    "SELECT name, materials FROM container WHERE materials IS NOT NULL",
    "SELECT name, materials, takes FROM container_kind WHERE materials IS NOT NULL",
)


def facts(store: Store) -> Facts:
    """What is true in the lab, without the codes and moments that each run makes anew."""
    with store.read() as connection:
        return tuple(
            (number, *map(str, row))
            for number, asked in enumerate(_FACTS)
            for row in sorted(connection.execute(text(asked)).fetchall(), key=str)
        )


CAMPAIGNS = (
    Campaign(
        "races, PostgreSQL",
        "schedules",
        len(PAIRS),
        round_of_races,
        rounds=len(PAIRS),
    ),
)
