"""Many rows at once, in the driver's own words: each table's statement and columns are worked out once.

``connection.execute(insert(table), rows)`` asks every row again which columns it has; for a thousand rows
that costs more than the database does. Types bind their values here as they do there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table


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
    """An insert as the driver wants it, positional, and how its columns' values are bound."""

    text: str
    names: tuple[str, ...]
    binders: tuple[tuple[int, Callable[[Any], Any]], ...]

    def bound(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them; bound column by column, because most columns repeat a value."""
        if len(self.names) == 1:
            columns: list[Any] = [[row[self.names[0]] for row in rows]]
        else:
            columns = list(zip(*map(itemgetter(*self.names), rows), strict=True))
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
def _statement(table: Table, columns: tuple[str, ...], known: _Known) -> _Statement:
    compiled: Any = insert(table).compile(dialect=known.dialect, column_keys=list(columns))
    if compiled.positional:
        text, names = compiled.string, tuple(compiled.positiontup)
    else:
        text, names = _NAMED.sub("%s", compiled.string), tuple(_NAMED.findall(compiled.string))
    bind = {
        name: table.c[name].type.dialect_impl(known.dialect).bind_processor(known.dialect) for name in names
    }
    return _Statement(text, names, tuple((names.index(name), one) for name, one in bind.items() if one))


_NAMED = re.compile(r"%\((\w+)\)s")
