"""Schemas weakened in every way, one by one: some attack that must be refused has to go through.

A weakened schema in which every attack is still refused would be a hole in the attacks: nobody would notice
that the wall is gone. It is reported by name. And verification must name what was weakened.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from biobank_desktop.persistence import blueprint
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases
from tests.soak.weakenings import Change, Weak, weakenings
from tests.support.catalogue import lines, read_catalogue
from tests.support.constraint_attacks import constraint_attacks
from tests.support.databases import ENGINES, Databases, EngineName, open_store
from tests.support.every_attack import EVERY
from tests.support.overtaking import overtake
from tests.support.overtakings import OVERTAKINGS
from tests.support.scene import Scene, furnish, make

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from tests.support.attacks import Attack

COUNTS: dict[EngineName, int] = {"sqlite": 1931, "postgresql": 2081}
"""How many there are (a test counts); two rounds make them all."""

SHARDS = 2
ATTACKS = (*EVERY, *constraint_attacks())


class Wall:
    """A furnished lab of one engine, and everything its schema can be weakened in."""

    def __init__(self, engine: EngineName, made: Databases) -> None:
        self.engine = engine
        self._databases = made
        self._address = made.lab()
        store = open_store(self._address)
        self._names = furnish(store)
        with store.read() as connection:
            self.catalogue = read_catalogue(connection)
        store.close()
        self.weak = weakenings(self.catalogue, engine)

    def remove(self) -> None:
        """Remove the lab."""
        self._databases.remove(self._address)

    def survivors(self, weak: Iterable[Weak]) -> list[str]:
        """The names of those that no attack gets through."""
        if self.engine == "sqlite":
            return [one.name for one in weak if not self._killed_in_file(one)]
        with self._copy() as scene:
            return [
                one.name
                for one in weak
                if not (self._killed_together(one) if one.together else killed_in_passing(scene, one))
            ]

    def unseen(self, weak: Iterable[Weak]) -> list[str]:
        """The names of those that a verification does not name."""
        if self.engine == "sqlite":
            return [one.name for one in weak if not self._seen_in_file(one)]
        with self._copy() as scene:
            return [one.name for one in weak if not seen_in_passing(scene, one)]

    def _seen_in_file(self, weak: Weak) -> bool:
        address = self._databases.empty()
        rebuild(self._address, address, weak.changes)
        with self._opened(address) as scene, scene.store.read() as connection:
            return any(True for _ in blueprint.contradictions(connection))

    def _killed_in_file(self, weak: Weak) -> bool:
        address = self._databases.empty()
        rebuild(self._address, address, weak.changes)
        with self._opened(address) as scene:
            return any(not scene.refusal(attack) for attack in attacks_on(weak, "sqlite"))

    def _killed_together(self, weak: Weak) -> bool:
        for case in OVERTAKINGS:
            with self._copy() as scene:
                with scene.store.engine.begin() as connection:
                    alter(connection, weak.changes)
                if overtake(scene, case)[1]:
                    return True
        return False

    def _copy(self) -> AbstractContextManager[Scene]:
        return self._opened(self._databases.copy(self._address))

    @contextmanager
    def _opened(self, address: str) -> Iterator[Scene]:
        store = open_store(address)
        try:
            yield Scene(store, self._names)
        finally:
            store.close()
            self._databases.remove(address)


def attacks_on(weak: Weak, engine: EngineName) -> Iterator[Attack]:
    """Those that the weakened guard alone refuses."""
    return (attack for attack in ATTACKS if attack.refused_by(engine) & weak.guards)


def seen_in_passing(scene: Scene, weak: Weak) -> bool:
    """Whether what verification asks the catalogue names it, in a transaction that leaves nothing behind."""
    with scene.rolled_back() as connection:
        alter(connection, weak.changes)
        return any(True for _ in blueprint.contradictions(connection))


def killed_in_passing(scene: Scene, weak: Weak) -> bool:
    """Whether an attack goes through, in one transaction of PostgreSQL that leaves nothing behind."""
    with scene.rolled_back() as connection:
        alter(connection, weak.changes)
        for attack in attacks_on(weak, "postgresql"):
            savepoint = connection.begin_nested()
            make(connection, scene.names, attack.statements[:-1])
            try:
                make(connection, scene.names, (attack.statements[-1], "SET CONSTRAINTS ALL IMMEDIATE"))
            except DBAPIError:
                savepoint.rollback()
            else:
                return True
    return False


def rebuild(old: str, new: str, changes: Iterable[Change]) -> None:
    """Write a SQLite file with the rows of another one and a changed schema."""
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("ATTACH ? AS old", (old,))
        parts = connection.execute(
            "SELECT type, name, sql FROM old.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
        ).fetchall()
        connection.execute("BEGIN")
        for sort, name, sql in parts:
            if sort == "table":
                connection.execute(_table(sql, [one for one in changes if one.table == name]))
                connection.execute(f"INSERT INTO main.{name} SELECT * FROM old.{name}")
        made = {change.name: change.made for change in changes if change.part in {"index", "trigger"}}
        for statement in ({name: sql for sort, name, sql in parts if sort != "table"} | made).values():
            if statement is not None:
                connection.execute(statement)
        connection.execute("COMMIT")


def _table(create: str, changes: list[Change]) -> str:
    """The CREATE TABLE with parts changed where they stand, and everything else as it was written."""
    written = {line.split()[line.startswith("CONSTRAINT")].strip('"'): line for line in lines(create)}
    for change in (one for one in changes if one.part in {"filled", "constraint"}):
        was = written[change.name]
        if change.part == "filled":
            create = create.replace(f"\t{was}", f"\t{was.removesuffix(' NOT NULL')}", 1)
        elif change.made is not None:
            create = create.replace(was, f"CONSTRAINT {change.name} {change.made}", 1)
        else:
            between = f", \n\t{was}" if f"\t{was}" in create else f" {was}"
            create = create.replace(between, "", 1)
    return create if "PRIMARY KEY" in create else create.replace(" WITHOUT ROWID", "")


def alter(connection: Connection, changes: Iterable[Change]) -> None:
    """Change the schema of a PostgreSQL database."""
    for change in changes:
        for statement in _altering(change):
            connection.exec_driver_sql(statement)


def _altering(change: Change) -> Iterator[str]:
    table = f'ALTER TABLE "{change.table}"'
    if change.part == "constraint":
        yield f"{table} DROP CONSTRAINT {change.name}"
        if change.made is not None:
            yield f"{table} ADD CONSTRAINT {change.name} {change.made}"
    elif change.part == "filled":
        yield f'{table} ALTER "{change.name}" DROP NOT NULL'
    elif change.part == "disabled":
        yield f"{table} DISABLE TRIGGER {change.name}"
    else:
        if change.part == "trigger":
            yield f'DROP TRIGGER {change.name} ON "{change.table}"'
        elif change.part == "index":
            yield f"DROP INDEX IF EXISTS {change.name}"
        if change.made is not None:
            yield change.made


@cache
def wall(engine: EngineName) -> Wall:
    """The one of this process."""
    return Wall(engine, databases(engine))


def attacked(engine: EngineName, seed: int) -> Outcome:
    """One shard of the weakened schemas of an engine: some attack goes through each."""
    weak = wall(engine).weak[seed::SHARDS]
    return Outcome(len(weak), tuple(wall(engine).survivors(weak)))


def verified(engine: EngineName, seed: int) -> Outcome:
    """The same shard: verification names each."""
    weak = wall(engine).weak[seed::SHARDS]
    return Outcome(len(weak), tuple(wall(engine).unseen(weak)))


CAMPAIGNS = tuple(
    Campaign(f"{what}, {name}", "weakened schemas", COUNTS[engine], partial(a_round, engine), rounds=SHARDS)
    for what, a_round in (("weak schemas", attacked), ("weak schemas verified", verified))
    for name, engine in zip(("SQLite", "PostgreSQL"), ENGINES, strict=True)
)
