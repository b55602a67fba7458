"""The facts as the events tell them, and whether the tables say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import dumps, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table

_FACTS = {table.name: table for table in tables.FACTS}

Place = tuple[int, str, tuple[Any, ...]]


class Replay:
    """The facts of some streams, rebuilt from their events.

    A place is (stream, table, key): a row that moves to another donor's history leaves the one stream and
    enters the other, in whichever order the two are read.
    """

    def __init__(self) -> None:
        self._rows: dict[Place, tuple[int, dict[str, Any]]] = {}

    def apply(self, body: dict[str, Any]) -> Iterator[str]:
        """Take in one event; yields what cannot be."""
        stream, seq, command = body["stream"], body["seq"], body["command"]
        for table_name, key, old, new in body["changes"]:
            table = _FACTS.get(table_name)
            if table is None:
                yield f"it speaks of a table {table_name} that does not exist"
                continue
            own_command = "command_id" in table.primary_key.columns
            place = (stream, table_name, (*key, command) if own_command else tuple(key))
            known = self._rows.get(place)
            if (old is None) == (known is not None):
                yield f"{table_name} {key} was{'' if known else ' not'} there before it"
            if new is None:
                self._rows.pop(place, None)
                continue
            row = {**known[1]["row"], **new} if known and old is not None else new
            bare = {name: value for name, value in row.items() if value is not None}
            self._rows[place] = (seq, {"command": command, "row": bare})

    def compare(self, connection: Connection, first: int, last: int) -> Iterator[tuple[int, int | None, str]]:
        """(stream, seq, why) of each fact in streams ``first`` to ``last`` that is not what they say."""
        for table in tables.FACTS:
            stream = table.c[table.info["stream"]]
            rows = connection.execute(select(table).where(stream.between(first, last))).mappings()
            for row in rows:
                yield from self._contradiction(table, row)
        for (stream_id, table_name, key), (seq, _row) in self._rows.items():
            yield stream_id, seq, f"{table_name} {list(key)} is missing from the tables"

    def _contradiction(self, table: Table, row: Any) -> Iterator[tuple[int, int | None, str]]:
        stream, command = row[table.info["stream"]], str(row["command_id"])
        key = [row[column.name] for column in table.primary_key.columns if column.name != "command_id"]
        own_command = "command_id" in table.primary_key.columns
        place = (stream, table.name, (*key, command) if own_command else tuple(key))
        known = self._rows.pop(place, None)
        if known is None:
            yield stream, None, f"{table.name} {key} stands in no event"
            return
        seq, expected = known
        actual = {"command": command, "row": plain(row, without=("command_id", "stream_id"))}
        if dumps(expected) != dumps(actual):
            yield stream, seq, f"{table.name} {key} is not what its events say"
