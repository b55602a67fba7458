"""Upgrades, foundings and restores in a process that is killed at every single statement.

Afterwards the database is what it was before, and the same once more succeeds; or it is whole. A restore may
also leave rows that nobody has declared: then it is never opened as a lab.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.persistence import schema
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.session import open_session
from biobank_desktop.settings import Settings
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases, workplace
from tests.support.databases import BENCH, ENGINES, Databases, EngineName, open_store
from tests.support.stored import REVISIONS, all_rows, stored_lab
from tests.support.struck import (
    Blow,
    found,
    restore_oldest,
    statements_of,
    strike,
    upgrade,
    upgrade_in_pieces,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SHARDS = 8


@dataclass(frozen=True)
class State:
    """Everything that is in a database: its revision, its schema, its rows."""

    revision: str | None
    fingerprint: str
    rows: str


def state(address: str) -> State:
    """That of a database; of a file every page is read."""
    with closing(open_store(address)) as store, store.read() as connection:
        if store.is_sqlite:
            schema.require_sound(connection)
        rows = all_rows(connection)
        here = schema.current(connection)
        return State(here, schema.fingerprint(connection), sha256(repr(rows).encode()).hexdigest())


class Ground:
    """What the work begins with on one engine, and what it may end in."""

    def __init__(self, made: Databases) -> None:
        self.databases = made
        self.empty = made.empty()
        self.old = stored_lab(made, REVISIONS[0])
        self.before = state(self.old)
        self.nothing = state(self.empty)
        self.whole = self._after(upgrade, self.old)
        self.fresh = self._after(upgrade, self.empty)

    def _after(self, work: Callable[[str], None], address: str) -> State:
        copy = self.databases.copy(address)
        work(copy)
        here = state(copy)
        self.databases.remove(copy)
        return here

    def remove(self) -> None:
        """Remove what it keeps."""
        for address in (self.empty, self.old):
            self.databases.remove(address)


@dataclass(frozen=True)
class Work:
    """Work that is killed: on which database, and who judges what is left.

    The judge says how it ended, or raises ``AssertionError``.
    """

    name: str
    do: Callable[[str], None]
    judge: Callable[[Ground, str, Blow], str]
    on_old: bool = False

    def begin(self, ground: Ground) -> str:
        """A copy of the database that it begins with."""
        return ground.databases.copy(ground.old if self.on_old else ground.empty)

    def blows(self, ground: Ground) -> list[Blow]:
        """Before and after each of its statements."""
        address = self.begin(ground)
        count = statements_of(self.do, address)
        ground.databases.remove(address)
        return [Blow(number, after) for number in range(1, count + 1) for after in (False, True)]

    def killed(self, ground: Ground, blows: Iterable[Blow]) -> Iterator[tuple[Blow, str, str]]:
        """Each blow with how it ended, or what is wrong."""
        for blow in blows:
            address = self.begin(ground)
            if not strike(self.do, address, blow):
                yield blow, "", "it came to its end before"
            else:
                _until_alone(address)
                try:
                    yield blow, self.judge(ground, address, blow), ""
                except Exception as error:
                    yield blow, "", f"{type(error).__name__} {error}"
            ground.databases.remove(address)


def _until_alone(address: str) -> None:
    """A server notices after a moment that its client is gone."""
    if "://" not in address:
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(address, autocommit=True) as connection:
        while connection.execute(f"{others} AND pid <> pg_backend_pid()").fetchone() != (0,):
            connection.execute("SELECT pg_sleep(0.002)")


def _require(what: bool, why: str) -> None:
    if not what:
        raise AssertionError(why)


def judge_upgrade(ground: Ground, address: str, _blow: Blow) -> str:
    """As before, or upgraded."""
    here = state(address)
    if here == ground.whole:
        return "whole"
    _require(here == ground.before, f"half upgraded: revision {here.revision}")
    upgrade(address)
    _require(state(address) == ground.whole, "the upgrade again made something else")
    return "as before"


def judge_founding(ground: Ground, address: str, blow: Blow) -> str:
    """Nothing, or only tables, or a whole lab."""
    here, ended = state(address), "whole"
    if here in (ground.nothing, ground.fresh):
        ended = "nothing" if here == ground.nothing else "tables only"
        if not blow.after:  # two passwords long, and the state is that of the blow before
            return ended
        found(address)
    with closing(open_store(address)) as store:
        with store.read() as connection:
            _require(lab.is_founded(connection), f"half founded: {ended}")
            _require(schema.fingerprint(connection) == ground.fresh.fingerprint, "another schema")
        _require(Verification(store).run() == [], "its history contradicts it")
    return ended


def judge_restore(ground: Ground, address: str, blow: Blow) -> str:
    """Empty still, or rows that nobody declared and nobody can open, or a declared restore."""
    with closing(open_store(address)) as store, store.read() as connection:
        empty = lab.is_empty(connection)
    if empty:
        if blow.statement % 10 == 0 and blow.after:  # a second long
            restore_oldest(address)
            _require(_opened(address) == "", "restored once more, it does not open")
        return "empty"
    refused = _opened(address)
    if refused:
        _require(refused in {"database-older", "database-unfinished"}, f"refused as {refused}")
        return "undeclared"
    with closing(open_store(address)) as store:
        with store.read() as connection:
            declared = connection.execute(text("SELECT kind FROM command")).scalars().all()
        _require("database-restored" in declared, "opened without having been declared")
        _require(Verification(store).run() == [], "its history contradicts it")
    return "declared"


def _opened(address: str) -> str:
    """Why it does not open as a lab; empty when it does."""
    folder = Path(workplace())
    try:
        open_session(Settings(address, BENCH, folder, folder, folder), journal=False).close()
    except Unavailable as error:
        return error.problem.code
    return ""


WORKS = (
    Work("upgrade", upgrade, judge_upgrade, on_old=True),
    Work("founding", found, judge_founding),
    Work("restore", restore_oldest, judge_restore),
)
IN_PIECES = Work("upgrade in pieces", upgrade_in_pieces, judge_upgrade, on_old=True)


@cache
def _ground(engine: EngineName) -> Ground:
    return Ground(databases(engine))


@cache
def _blows(engine: EngineName, work: Work) -> list[Blow]:
    return work.blows(_ground(engine))


def round_of_kills(engine: EngineName, work: Work, seed: int) -> Outcome:
    """One shard of every kill there is."""
    blows = _blows(engine, work)[seed::SHARDS]
    cells: dict[str, int] = {}
    broken = []
    for blow, ended, wrong in work.killed(_ground(engine), blows):
        if wrong:
            broken.append(f"killed {blow}: {wrong}")
        else:
            cells[ended] = cells.get(ended, 0) + 1
    return Outcome(len(blows), tuple(broken), cells)


CAMPAIGNS = tuple(
    Campaign(
        f"killed {work.name}, {'SQLite' if engine == 'sqlite' else 'PostgreSQL'}",
        "kills",
        0,
        partial(round_of_kills, engine, work),
        must_break=work is IN_PIECES,
        rounds=SHARDS,
    )
    for engine in ENGINES
    for work in (*WORKS, IN_PIECES)
)
