"""Cuts: the connection to PostgreSQL broken at every sort of message, in four ways, in every command.

What the bench is told is the history: *ok*, *failed*, or *unknown*. Every ok must be stored once, each failed
one not at all, and an unknown one must be resolved as soon as the network is back. Now and then the network
stays away for longer than the bench's patience.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import func, select

from biobank_desktop.domain.problems import BiobankError
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.store import OutcomeUnknown
from biobank_desktop.persistence.verify import Verification
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import server, workplace
from tests.support.databases import PostgresDatabases, name_of, open_store
from tests.support.proxy import MESSAGES, SIMPLE, WAYS, Cut, Proxy
from tests.support.repertoire import REPERTOIRE, Stage, set_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.persistence.store import Store

SEALING = "seal"
DAYS = (
    (
        "tube-received", "labels-sending", "step-started", "step-ended", "step-corrected", "counted",
        "filled", "vials-added", "label-verified", "labels-given-up", "label-decided", "placed", "taken-out",
        "roll-added", "codes-bound", "label-reprinted", "released-by-diagnostics",
        "donor-corrected", "donor-registered", "container-added", "kind-added", "printer-set",
        "printer-tested", "template-saved", "setting-changed", "forms-entered", "form-ended", "rules-entered",
        "line-checked",
        "person-added", SEALING, "password-set", "person-changed",
    ),
    (
        "labels-reported", "placing-undone", "made-void", "corrected", "reattributed", "consent-recorded",
        "printer-retired", "template-retired",
    ),
    (
        "release-opened", "release-changed", "vials-chosen", "used", "derived", "release-issued", "turned-up",
        "checked-in", "nonconformity-reported", "quarantine-decided", "nonconformity-closed",
        "disposal-done", "disposal-witnessed", "disposal-closed",
    ),
    (
        "checked-out", "vials-dropped", "use-undone", "quarantine-extended", "disposal-undone",
        "disposal-line-dropped", "release-cancelled", "disposal-opened", "reported-lost",
    ),
    ("reported-broken",),
    (
        "reserved", "moved", "swapped", "move-undone", "outage-ended", "box-rescanned", "spill-ended",
        "container-rule-set", "kind-changed", "reservation-ended", "emptied", "box-spilled", "outage-begun",
    ),
    ("list-loaded",),
)  # fmt: skip
"""Every command, in some orders in which each of them can be done."""
STAYS_AWAY = 0.15
"""How often the network stays away for longer than the bench waits."""


def _cases(kind: str) -> list[tuple[str, str]]:
    messages = (*MESSAGES, SIMPLE) if kind == SEALING else MESSAGES
    return [(message, way) for message in messages for way in WAYS]


@dataclass(frozen=True)
class Scene:
    """A furnished lab to copy, and a network to it."""

    databases: PostgresDatabases
    template: str
    stage: Stage
    proxy: Proxy


@cache
def _scene() -> Scene:
    real = server(fsync="off", full_page_writes="off")
    made = PostgresDatabases(real)
    address = made.lab()
    store = open_store(address)
    stage = set_stage(store, later=True)
    store.close()
    folder = Path(tempfile.mkdtemp(dir=workplace()))
    return Scene(made, address, stage, Proxy(real.folder, folder))


def round_of_cuts(seed: int, *, naive: bool = False) -> Outcome:
    """Every command once, each with one cut; seeds in a row make every case of every command.

    A ``naive`` bench takes an outcome that nobody knows for a failure.
    """
    scene, random = _scene(), Random(seed)
    cells: Counter[str] = Counter()
    broken: list[str] = []
    for day in DAYS:
        address = scene.databases.copy(scene.template)
        store = open_store(scene.proxy.url(name_of(address)))
        told: dict[UUID, str] = {}
        for place, kind in enumerate(day):
            cases = _cases(kind)
            message, way = cases[(seed + 5 * place) % len(cases)]
            bench = _Bench(scene, store, kind, Cut(message, way, _nth(kind, message, random)), naive=naive)
            cells[f"{kind}: {message} {way}"] += 1
            stays_away = random.random() < STAYS_AWAY
            broken += [f"{kind}, {bench.cut}: {why}" for why in bench.work(told, stays_away=stays_away)]
        broken += [f"{day[0]} …: {why}" for why in _judge(store, told)]
        store.close()
        scene.databases.remove(address)
    return Outcome(sum(cells.values()), tuple(broken), cells)


@cache
def _sent() -> dict[str, Counter[str]]:
    """How many messages of each sort every command takes."""
    scene, counted = _scene(), {}
    for day in DAYS:
        address = scene.databases.copy(scene.template)
        store = open_store(scene.proxy.url(name_of(address)))
        for kind in day:
            store.engine.dispose()
            scene.proxy.sent.clear()
            _do(store, kind, scene.stage, uuid4())
            counted[kind] = Counter(scene.proxy.sent)
        store.close()
        scene.databases.remove(address)
    return counted


def _nth(kind: str, message: str, random: Random) -> int:
    """One of them, each second time the last: of a command's, that is with its COMMIT."""
    most = _sent()[kind][message]
    return most if random.random() < 0.5 else random.randint(1, most)


def _do(store: Store, kind: str, stage: Stage, command: UUID) -> None:
    if kind == SEALING:
        seal(store)
    else:
        REPERTOIRE[kind](store, stage, command)


class _Bench:
    """One bench whose connection is cut once during one command."""

    def __init__(self, scene: Scene, store: Store, kind: str, cut: Cut, *, naive: bool) -> None:
        self._scene, self._store, self._kind, self._naive = scene, store, kind, naive
        self.cut = cut

    def work(self, told: dict[UUID, str], *, stays_away: bool) -> Iterator[str]:
        """Do the command and note what the bench was told; says what was wrong with that."""
        proxy, command = self._scene.proxy, uuid4()
        self._store.engine.dispose()
        proxy.sent.clear()
        proxy.plan, proxy.down_after_cut = self.cut, stays_away
        self._store.patience_seconds = 0.2 if stays_away else 20.0
        said = self._say(command)
        if proxy.plan is not None:
            yield "the cut was never reached"
        proxy.plan, proxy.down_after_cut = None, False
        proxy.down()
        proxy.up()
        self._store.patience_seconds = 20.0
        if said == "failed" and not stays_away and self._kind != SEALING:
            yield "it failed although the network was back at once"
        if self._kind == SEALING:
            seal(self._store)
            return
        stored = self._store.stored(command)
        if said != "unknown" and stored != (said == "ok"):
            yield f"the bench was told {said}, and it is {'' if stored else 'not '}stored"
        if said != "ok" and self._say(command) != "ok":
            yield "the same command again was refused"
        told[command] = self._kind

    def _say(self, command: UUID) -> str:
        try:
            _do(self._store, self._kind, self._scene.stage, command)
        except OutcomeUnknown:
            return "failed" if self._naive else "unknown"
        except BiobankError:
            return "failed"
        return "ok"


def _judge(store: Store, told: dict[UUID, str]) -> Iterator[str]:
    command, event = tables.command.c, tables.event.c
    with store.read() as connection:
        rows = connection.execute(
            select(command.id, command.kind, func.count(func.distinct(event.stream_id)), func.count())
            .join(tables.event, event.command_id == command.id)
            .where(command.id.in_(told))
            .group_by(command.id, command.kind)
        ).fetchall()
    if {row[0]: row[1] for row in rows} != told:
        yield "not every command that was told ok is there as such"
    for row in rows:
        if row[2] != row[3]:
            yield f"{row[1]} is there twice"
    seal(store)
    for finding in Verification(store).run():
        yield str(finding)


CAMPAIGNS = (
    Campaign(
        "cuts, PostgreSQL",
        "cuts",
        20_000,
        round_of_cuts,
        cells=frozenset(
            f"{kind}: {message} {way}" for day in DAYS for kind in day for message, way in _cases(kind)
        ),
        least_per_cell=50,
    ),
    Campaign(
        "cuts, control: an unknown outcome taken for a failure",
        "cuts",
        1_000,
        partial(round_of_cuts, naive=True),
        must_break=True,
    ),
)
