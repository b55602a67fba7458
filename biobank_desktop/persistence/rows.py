"""Many rows at once, in the driver's own words: each table's statement and columns are worked out once.

``connection.execute(insert(table), rows)`` asks every row again which columns it has; for a thousand rows
that costs more than the database does. Types bind their values here as they do there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orjson import JSONDecodeError
from sqlalchemy import Boolean, Date, Uuid

from biobank_desktop.persistence.canonical import as_json, loads, rows_text
from biobank_desktop.persistence.columns import Json, Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table
    from sqlalchemy.types import TypeEngine


@dataclass(frozen=True)
class Shape:
    """What ``Work`` needs to know of a table of facts; ``key`` leaves out a key's own ``command_id``."""

    empty: Mapping[str, None]
    key: tuple[str, ...]
    stream: str
    subjects: tuple[str, ...]


@cache
def shape(table: Table) -> Shape:
    """The shape of a table of facts."""
    return Shape(
        empty=dict.fromkeys(table.c.keys()),
        key=tuple(column.name for column in table.primary_key.columns if column.name != "command_id"),
        stream=table.info["stream"],
        subjects=table.info["subjects"],
    )


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the first one's columns."""
    statement = _statement(table, tuple(rows[0]), _Known(connection.dialect))
    connection.exec_driver_sql(statement.text, statement.bound(rows))


def rows_as_json(
    connection: Connection, table: Table, names: tuple[str, ...], streams: tuple[int, int]
) -> list[tuple[Any, ...]]:
    """These columns of the rows of a table of facts that belong to streams (first, last), as JSON says them.

    What is kept in another notation than the program writes stays as it is, so that it differs.
    """
    reading = _reading(table, names, _Known(connection.dialect))
    rows = connection.exec_driver_sql(reading.text, streams).fetchall()
    if not rows:
        return []
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, read in reading.readers:
        meant = {value: read(value) for value in set(columns[place]) if value is not None}
        columns[place] = map(meant.get, columns[place])
    return list(zip(*columns, strict=True))


@dataclass(frozen=True)
class _Reading:
    """A query as the driver wants it, and how its columns' values become JSON's."""

    text: str
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]


@dataclass(frozen=True)
class _Known:
    """A dialect as a key of the cache: one of each engine is as good as another."""

    dialect: Dialect

    def __hash__(self) -> int:
        return hash(self.dialect.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.dialect.name == self.dialect.name


@dataclass(frozen=True)
class _Statement:
    """An insert as the driver wants it, and how its columns' values are bound.

    SQLite takes row by row. To PostgreSQL the rows go as one JSON text: a message for each row, or an array
    for each column, costs the driver more than the server needs to store them.
    """

    text: str
    names: tuple[str, ...]
    binders: tuple[tuple[int, Callable[[Any], Any]], ...]
    as_json: bool

    def bound(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The rows as the driver takes them; bound column by column, because most columns repeat a value."""
        if self.as_json:
            return (rows_text(rows),)
        columns: list[Any] = [[row[name] for row in rows] for name in self.names]
        for place, bind in self.binders:
            columns[place] = _bound_column(bind, columns[place])
        return list(zip(*columns, strict=True))


def _bound_column(bind: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    bound = []
    last = said = object()
    for value in values:
        if value is not last:
            last, said = value, bind(value)
        bound.append(said)
    return bound


@cache
def _statement(table: Table, names: tuple[str, ...], known: _Known) -> _Statement:
    dialect = known.dialect
    quote = dialect.identifier_preparer.quote
    target, listed = quote(table.name), ", ".join(map(quote, names))
    if dialect.name == "postgresql":
        # A JSON column that holds nothing holds JSON's null; json_populate_recordset would make it SQL's.
        read = ", ".join(
            f"coalesce({quote(name)}, 'null')" if isinstance(table.c[name].type, Json) else quote(name)
            for name in names
        )
        source = f"SELECT {read} FROM json_populate_recordset(NULL::{target}, %s::json)"
        return _Statement(f"INSERT INTO {target} ({listed}) {source}", names, (), as_json=True)
    binders = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    bound = tuple((place, bind) for place, bind in enumerate(binders) if bind)
    source = f"VALUES ({', '.join('?' * len(names))})"
    return _Statement(f"INSERT INTO {target} ({listed}) {source}", names, bound, as_json=False)


@cache
def _reading(table: Table, names: tuple[str, ...], known: _Known) -> _Reading:
    quote = known.dialect.identifier_preparer.quote
    mark = "?" if known.dialect.name == "sqlite" else "%s"
    listed, stream = ", ".join(map(quote, names)), quote(table.info["stream"])
    asked = f"SELECT {listed} FROM {quote(table.name)} WHERE {stream} BETWEEN {mark} AND {mark}"
    readers = [_reader(table.c[name].type, known.dialect.name) for name in names]
    return _Reading(asked, tuple((place, read) for place, read in enumerate(readers) if read))


def _reader(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    """How a column's value becomes JSON's, each different value once; None: it is JSON's already."""
    if isinstance(kind, Uuid):
        return _uuid_text
    if dialect == "sqlite":
        return {Boolean: _truth, Json: _json}.get(type(kind))
    return as_json if isinstance(kind, (Moment, Date)) else None


def _uuid_text(value: Any) -> str:
    try:
        return str(UUID(value) if isinstance(value, str) else value)
    except ValueError:
        return str(value)


def _truth(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


def _json(value: Any) -> Any:
    try:
        return loads(value)
    except JSONDecodeError:
        return value
