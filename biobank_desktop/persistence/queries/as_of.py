"""The storage as it was: today's facts with the events since a moment taken back, the newest first.

The events about a container say what came into it and what left it, so nothing else is read: no table keeps
the past, and none has to. What moves leaves its place and enters another one as a whole row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, history
from biobank_desktop.persistence.queries.containers import Content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.queries.history import Change, EventRow

Row = dict[str, Any]
"""A fact as events tell it: a column that holds nothing may be left out."""
Key = tuple[Any, ...]

_at, _one, _out = tables.placement.c, tables.sample.c, tables.excursion.c
_PLACED = select(
    _at.item_id, _at.container_id, _at.row_no, _at.column_no, _at.since, tables.command.c.login
).join(tables.command, tables.command.c.id == _at.command_id)
_PLACED_IN = _PLACED.where(_at.container_id.in_(bindparam("containers", expanding=True)))
_PLACED_ITEMS = _PLACED.where(_at.item_id.in_(bindparam("items", expanding=True)))
_SAMPLES = select(_one.id, _one.donor_id, _one.material, _one.time_point, _one.state).where(
    _one.id.in_(bindparam("items", expanding=True))
)
_EXCURSIONS = select(_out.sample_id, _out.no, _out.out_at, _out.back_at).where(
    _out.sample_id.in_(bindparam("items", expanding=True))
)
_PLACED_SINCE = (
    select(_at.item_id)
    .join(tables.container, tables.container.c.id == _at.item_id)
    .where(_at.since > bindparam("moment"))
)


_SHOWN = ("donor_id", "material", "time_point", "state")


@dataclass(frozen=True)
class Step:
    """One thing that came into a container or left it: where it lay before, and where after; None: not in it.

    ``name`` is the person's.
    """

    item_id: int
    was: Position | None
    became: Position | None
    kind: str
    at: datetime
    by: str
    name: str


def taken_back(now: Mapping[Key, Row], events: Sequence[EventRow], table: str) -> dict[Key, Row]:
    """The facts of a table as they were before these events, oldest first, about whose rows ``now`` tells.

    A fact whose last change was a whole row (it came or went) need not be in ``now``.
    """
    before = dict(now)
    for key, change in reversed(_changes(events, table)):
        if change.old is None:
            before.pop(key, None)
        elif change.new is None:
            before[key] = change.old
        elif key in before:
            before[key] = {**before[key], **change.old}
    return before


def _changes(events: Sequence[EventRow], table: str) -> list[tuple[Key, Change]]:
    """The changes of a table in the order in which they can have happened.

    A command has one event in each stream: a row that moved leaves the one and enters the other, whichever
    was written first.
    """
    parts: dict[tuple[str, Key], list[list[Change]]] = {}
    for event in events:
        mine: dict[Key, list[Change]] = {}
        for change in event.changes:
            if change.table == table:
                mine.setdefault(change.key, []).append(change)
        for key, changes in mine.items():
            parts.setdefault((event.command, key), []).append(changes)
    return [
        (key, change)
        for (_command, key), some in parts.items()
        for changes in sorted(some, key=lambda one: (one[-1].new is not None, one[0].old is None))
        for change in changes
    ]


class Past:
    """The storage at a moment. Asks the connection it was made with."""

    def __init__(self, connection: Connection, moment: datetime) -> None:
        self._connection = connection
        self.moment = moment
        self._after = history.last_before(connection, moment)

    def containers(self, ids: Iterable[int]) -> dict[int, ContainerRow]:
        """These containers as they were; one that was made later is not there."""
        rows = {row.id: row for row in containers.some(self._connection, ids)}
        events = self._since(rows)
        told = {(row.id,): {"name": row.name, "temperature": row.temperature, "retired": row.retired,
                            "kind": row.kind.name} for row in rows.values()}  # fmt: skip
        facts = taken_back(told, events, "container")
        placed = self._placed(rows, events)
        stands = taken_back(self._standing(rows), events, "placement")
        used: dict[int, int] = {}
        for place in placed.values():
            used[place["container_id"]] = used.get(place["container_id"], 0) + 1
        return {
            number: self._row(rows[number], facts[number,], stands.get((number,)), used.get(number, 0))
            for number in rows
            if (number,) in facts
        }

    def _row(self, row: ContainerRow, fact: Row, stands: Row | None, used: int) -> ContainerRow:
        kind = row.kind
        if fact["kind"] != kind.name:
            was = containers.kind(self._connection, fact["kind"])
            assert was is not None
            kind = was
        return replace(
            row,
            name=fact["name"],
            temperature=fact.get("temperature"),
            retired=fact["retired"],
            kind=kind,
            inside_id=stands["container_id"] if stands else None,
            row_no=stands["row_no"] if stands else None,
            column_no=stands["column_no"] if stands else None,
            used=used,
        )

    def path(self, container_id: int) -> list[ContainerRow]:
        """The containers from the outermost down to this one; empty when it was not there yet."""
        found: list[ContainerRow] = []
        wanted: int | None = container_id
        while wanted is not None:
            row = self.containers([wanted]).get(wanted)
            if row is None:
                return []
            found.insert(0, row)
            wanted = row.inside_id
        return found

    def inside(self, container_id: int | None) -> list[ContainerRow]:
        """The containers that stood in one, in the order of their positions; None: that stood nowhere."""
        if container_id is None:
            here = {row.id for row in containers.inside(self._connection, None)}
            here.update(self._connection.execute(_PLACED_SINCE, {"moment": self.moment}).scalars())
        else:
            here = set(self._placed_in(container_id))
        found = [row for row in self.containers(here).values() if row.inside_id == container_id]
        return sorted(found, key=lambda row: (row.row_no or 0, row.column_no or 0, row.name))

    def contents(self, container_id: int) -> list[Content]:
        """Everything that lay directly in a container, by position."""
        placed = self._placed_in(container_id)
        events = self._since(placed)
        samples = self._samples(placed, events)
        names = {number: row.name for number, row in self.containers(set(placed) - set(samples)).items()}
        out = self._out(samples, events)
        by = self._placers(container_id, placed)
        found = [
            Content(
                row_no=place["row_no"],
                column_no=place["column_no"],
                item_id=number,
                code=codes.from_number(number),
                since=_moment(place["since"]),
                by=by[number],
                name=names.get(number),
                out_at=out.get(number),
                **{name: samples.get(number, {}).get(name) for name in _SHOWN},
            )
            for number, place in placed.items()
        ]
        return sorted(found, key=lambda one: (one.row_no, one.column_no))

    def _placers(self, container_id: int, placed: Mapping[int, Row]) -> dict[int, str]:
        """Who had put each thing there: known of what has not moved since, else told by older events."""
        known = {number: row["login"] for number, row in placed.items() if "login" in row}
        if len(known) == len(placed):
            return known
        for event in history.of_objects(self._connection, [container_id], until=self._after):
            for key, change in _changes([event], "placement"):
                number = key[0]
                if number in placed and "login" not in placed[number] and change.new is not None:
                    known[number] = event.by
        return known

    def steps(self, container_id: int) -> list[Step]:
        """What came into a container and left it since, oldest first; a move within it is one step."""
        found = []
        for event in self._since([container_id]):
            before: dict[int, Position] = {}
            after: dict[int, Position] = {}
            for change in event.changes:
                for said, places in ((change.old, before), (change.new, after)):
                    if change.table == "placement" and said and said["container_id"] == container_id:
                        places[said["item_id"]] = (said["row_no"], said["column_no"])
            found += [
                Step(item, before.get(item), after.get(item), event.kind, event.at, event.by, event.name)
                for item in {**before, **after}
                if before.get(item) != after.get(item)
            ]
        return found

    def since(self, object_id: int) -> list[EventRow]:
        """The events about a thing after the moment, oldest first."""
        return self._since([object_id])

    def _since(self, objects: Collection[int]) -> list[EventRow]:
        return history.of_objects(self._connection, objects, after=self._after) if objects else []

    def _placed_in(self, container_id: int) -> dict[int, Row]:
        placed = self._placed([container_id], self._since([container_id]))
        return {row["item_id"]: row for row in placed.values()}

    def _placed(self, boxes: Collection[int], events: Sequence[EventRow]) -> dict[Key, Row]:
        """What lay in these containers, told by the events about them."""
        rows = self._connection.execute(_PLACED_IN, {"containers": list(boxes)})
        before = taken_back({(row.item_id,): row._asdict() for row in rows}, events, "placement")
        return {key: row for key, row in before.items() if row["container_id"] in boxes}

    def _standing(self, ids: Iterable[int]) -> dict[Key, Row]:
        rows = self._connection.execute(_PLACED_ITEMS, {"items": list(ids)})
        return {(row.item_id,): row._asdict() for row in rows}

    def _samples(self, items: Iterable[int], events: Sequence[EventRow]) -> dict[int, Row]:
        rows = self._connection.execute(_SAMPLES, {"items": list(items)})
        told = taken_back({(row.id,): row._asdict() for row in rows}, events, "sample")
        return {row["id"]: row for row in told.values()}

    def _out(self, items: Iterable[int], events: Sequence[EventRow]) -> dict[int, datetime]:
        """Since when each was out of its place at the moment."""
        rows = self._connection.execute(_EXCURSIONS, {"items": list(items)})
        now: dict[Key, Row] = {(row.sample_id, row.no): row._asdict() for row in rows}
        told = taken_back(now, events, "excursion").values()
        return {row["sample_id"]: _moment(row["out_at"]) for row in told if row.get("back_at") is None}


def _moment(said: datetime | str) -> datetime:
    return said if isinstance(said, datetime) else datetime.fromisoformat(said)
