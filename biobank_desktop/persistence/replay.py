"""The facts as the events tell them, and whether the tables say the same."""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.rows import rows_as_json, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table

_FACTS = {table.name: table for table in tables.FACTS}
_NOT_TOLD = frozenset({"command_id", "stream_id"})

Told = tuple[int, str, dict[str, Any]]
"""What events say of a fact: the newest one's number in its stream, its command, the row."""


class _Kind:
    """How a table of facts is read back: its stream, its command, then the columns events tell."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.own_command = "command_id" in table.primary_key.columns
        self.names = tuple(column.name for column in table.columns if column.name not in _NOT_TOLD)
        self.told = frozenset(self.names)
        self.columns = (shape(table).stream, "command_id", *self.names)
        key = [self.columns.index(name, 2) for name in shape(table).key]
        self.key: Callable[[Any], list[Any]] = lambda row: [row[place] for place in key]
        self.place: Callable[[Any], Any] = itemgetter(0, *key, *([1] if self.own_command else []))


@cache
def _kind(name: str) -> _Kind | None:
    return _Kind(_FACTS[name]) if name in _FACTS else None


class Replay:
    """The facts of some streams, rebuilt from their events.

    A place is (stream, key): a row that moves to another donor's history leaves the one stream and enters the
    other, in whichever order the two are read.
    """

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], Told]] = {name: {} for name in _FACTS}

    def apply(self, body: dict[str, Any]) -> Iterator[str]:
        """Take in one event; yields what cannot be."""
        stream, seq, command = body["stream"], body["seq"], body["command"]
        for table_name, key, old, new in body["changes"]:
            kind = _kind(table_name)
            if kind is None:
                yield f"it speaks of a table {table_name} that does not exist"
                continue
            rows = self._rows[table_name]
            place = (stream, *key, command) if kind.own_command else (stream, *key)
            known = rows.get(place)
            if (old is None) == (known is not None):
                yield f"{table_name} {key} was{'' if known else ' not'} there before it"
            if new is None:
                rows.pop(place, None)
                continue
            if not new.keys() <= kind.told:
                yield f"it speaks of columns of {table_name} that do not exist"
            rows[place] = (seq, command, {**known[2], **new} if known and old is not None else new)

    def compare(self, connection: Connection, first: int, last: int) -> Iterator[tuple[int, int | None, str]]:
        """(stream, seq, why) of each fact in streams ``first`` to ``last`` that is not what they say."""
        for name, told in self._rows.items():
            kind = _kind(name)
            assert kind is not None
            kept = rows_as_json(connection, kind.table, kind.columns, (first, last))
            yield from _contradictions(kind, told, kept)
            for place, (seq, _command, _row) in told.items():
                yield place[0], seq, f"{name} {list(place[1:])} is missing from the tables"


def _contradictions(
    kind: _Kind, told: dict[tuple[Any, ...], Told], kept: list[tuple[Any, ...]]
) -> Iterator[tuple[int, int | None, str]]:
    """What kept rows say against told ones, which are taken out; only where they differ one by one."""
    pairs = []
    for row in kept:
        known = told.pop(kind.place(row), None)
        if known is None:
            yield row[0], None, f"{kind.table.name} {kind.key(row)} stands in no event"
        else:
            pairs.append((known, row))
    names = kind.names
    expected = [(row[0], command, *map(said.get, names)) for (_seq, command, said), row in pairs]
    if _notation(expected) == _notation([row for _known, row in pairs]):
        return
    for ((seq, _command, _said), row), one in zip(pairs, expected, strict=True):
        if _notation(one) != _notation(row):
            yield row[0], seq, f"{kind.table.name} {kind.key(row)} is not what its events say"


def _notation(value: object) -> bytes:
    """The canonical bytes, also of what no event can hold: raw SQL can put bytes where text belongs."""
    return orjson.dumps(value, default=repr, option=orjson.OPT_SORT_KEYS)
