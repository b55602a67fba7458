"""What a database's own catalogue says it refuses: constraints, columns that cannot be empty, triggers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

Sort = Literal["primary key", "unique", "check", "foreign key", "unique index"]
ALEMBIC = "alembic_version"  # Alembic's own table, one row that the program compares at every start

_SORTS: dict[str, Sort] = {"p": "primary key", "u": "unique", "c": "check", "f": "foreign key"}


@dataclass(frozen=True)
class Constraint:
    """A named constraint and its text, as it would stand in CREATE TABLE."""

    table: str
    name: str
    sort: Sort
    definition: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a key, or those that a foreign key points from."""
        return _listed(self.definition, 0)

    @property
    def target(self) -> tuple[str, tuple[str, ...]]:
        """The table and the columns that a foreign key points to."""
        table = re.search(r"REFERENCES (\w+)", self.definition)
        assert table is not None
        return table[1], _listed(self.definition, 1)


@dataclass(frozen=True)
class Trigger:
    """A trigger, its CREATE TRIGGER, and on PostgreSQL the function it asks."""

    table: str
    name: str
    definition: str
    function: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Everything of one database that refuses; of the indexes those that are unique and no constraint."""

    constraints: tuple[Constraint, ...]
    indexes: tuple[Constraint, ...]
    not_null: tuple[tuple[str, str], ...]
    triggers: tuple[Trigger, ...]
    functions: dict[str, str]

    def keys(self, table: str) -> list[Constraint]:
        """The primary and unique keys of a table."""
        return [one for one in self.constraints if one.table == table and one.sort in _KEYS]

    def implied(self, key: Constraint) -> bool:
        """Whether another key of the table has fewer columns and so refuses every double of this one.

        Such a key is there for the foreign keys that point to all its columns.
        """
        keys = self.keys(key.table)
        return key in keys and any(set(other.columns) < set(key.columns) for other in keys)

    def pointing_to(self, key: Constraint) -> list[Constraint]:
        """The foreign keys that need this key."""
        keys = [one for one in self.constraints if one.sort == "foreign key"]
        return [one for one in keys if one.target == (key.table, key.columns)]


_KEYS = ("primary key", "unique")


def _listed(definition: str, place: int) -> tuple[str, ...]:
    return tuple(name.strip(' "') for name in re.findall(r"\(([^()]*)\)", definition)[place].split(","))


def read_catalogue(connection: Connection) -> Catalogue:
    """Read it."""
    found = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    return Catalogue(*found)


Constraints = tuple[Constraint, ...]
Found = tuple[Constraints, Constraints, tuple[tuple[str, str], ...], tuple[Trigger, ...], dict[str, str]]


def _sqlite(connection: Connection) -> Found:
    made = connection.execute(
        text("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
    ).all()
    creates = {row.name: row.sql for row in made if row.type == "table" and row.name != ALEMBIC}
    constraints = [one for table, sql in creates.items() for one in _sqlite_constraints(table, sql)]
    # An INTEGER PRIMARY KEY is the number of the row itself and never empty, whatever the table says; a table
    # without row numbers never has an empty key.
    never = {(table, column) for table, sql in creates.items() for column in _never_empty(table, sql)}
    not_null = [
        (table, column)
        for table, sql in creates.items()
        for column in _must_be_filled(sql)
        if (table, column) not in never
    ]
    triggers = [Trigger(row.tbl_name, row.name, row.sql) for row in made if row.type == "trigger"]
    indexes = [
        Constraint(row.tbl_name, row.name, "unique index", row.sql)
        for row in made
        if row.type == "index" and (row.sql or "").startswith("CREATE UNIQUE")
    ]
    return tuple(constraints), tuple(indexes), tuple(not_null), tuple(triggers), {}


_ADDED = re.compile(r", (?=\w+ TEXT\b)| (?=CONSTRAINT \w)")


def lines(create: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE, one to a line.

    As Alembic writes it; SQLite enters an added column, and its constraint, in the line of the last column.
    """
    written = [line.strip().rstrip(",") for line in create.splitlines()[1:] if line.startswith("\t")]
    return [part for line in written for part in _ADDED.split(line)]


def _must_be_filled(create: str) -> Iterator[str]:
    return (line.split()[0].strip('"') for line in lines(create) if line.endswith("NOT NULL"))


def _sqlite_constraints(table: str, create: str) -> Iterator[Constraint]:
    for line in lines(create):
        if line.startswith("CONSTRAINT"):
            _, name, definition = line.split(" ", 2)
            (sort,) = (sort for sort in _SORTS.values() if definition.startswith(sort.upper()))
            yield Constraint(table, name, sort, definition)


def _never_empty(table: str, create: str) -> tuple[str, ...]:
    (key,) = (one.columns for one in _sqlite_constraints(table, create) if one.sort == "primary key")
    alone = len(key) == 1 and f"{key[0]} INTEGER NOT NULL" in lines(create)
    return key if alone or "WITHOUT ROWID" in create else ()


def _postgresql(connection: Connection) -> Found:
    constraints = [
        Constraint(row.name, row.conname, _SORTS[row.contype], row.definition)
        for row in connection.execute(
            text(
                "SELECT conrelid::regclass::text AS name, conname, contype::text,"
                " pg_get_constraintdef(oid) AS definition FROM pg_constraint"
                " WHERE connamespace = current_schema()::regnamespace AND contype IN ('p', 'u', 'c', 'f')"
                " ORDER BY conname"
            )
        )
        if row.name != ALEMBIC
    ]
    keys = {(one.table, column) for one in constraints if one.sort == "primary key" for column in one.columns}
    inspector = inspect(connection)
    not_null = [  # of a primary key PostgreSQL itself refuses to let a column be empty
        (table, column["name"])
        for table in sorted(inspector.get_table_names())
        for column in inspector.get_columns(table)
        if not column["nullable"] and (table, column["name"]) not in keys and table != ALEMBIC
    ]
    triggers = [
        Trigger(*row)
        for row in connection.execute(
            text(
                "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid), p.proname"
                " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal ORDER BY tgname"
            )
        )
    ]
    indexes = [
        Constraint(row.tablename, row.indexname, "unique index", row.indexdef)
        for row in connection.execute(
            text(
                "SELECT tablename, indexname, indexdef FROM pg_indexes"
                " WHERE schemaname = current_schema() AND indexdef LIKE 'CREATE UNIQUE%'"
                " AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname"
            )
        )
    ]
    functions = connection.execute(
        text("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace")
    )
    return (
        tuple(constraints),
        tuple(indexes),
        tuple(not_null),
        tuple(triggers),
        {row.proname: row.prosrc for row in functions},
    )
