"""Search over everything, by what people type: pieces of codes, foreign codes, words for facets.

No full-text index: a code's piece is a range of numbers (``codes.number_ranges``), a foreign code a range of
text, and materials and time points are indexed columns. So every query is a walk along one index, and a
million samples answer as fast as ten thousand.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

STEP = 20_000
"""How many numbers one step reads: some milliseconds."""
_s = tables.sample.c


@dataclass(frozen=True)
class Filter:
    """What a list of samples is narrowed to; empty fields narrow nothing.

    ``ended`` is how a sample ended (``domain.use.Ending``); a ``state`` is asked of those still here.
    """

    code: str = ""
    material: str = ""
    time_point: str = ""
    state: str = ""
    donor_id: int | None = None
    stored: bool | None = None
    ended: str = ""


@dataclass(frozen=True)
class Hit:
    """Something found: its number, what it is, and the foreign code it was found by."""

    id: int
    kind: str
    alias: str = ""


def find(connection: Connection, typed: str, *, limit: int = 20) -> list[Hit]:
    """The first things whose code, serial or foreign code begins with what was typed; exact ones first."""
    text = identifier(typed)
    if not text:
        return []
    hits = {hit.id: hit for hit in _by_alias(connection, text, limit)}
    for code_id, kind in _by_code(connection, text, limit):
        hits.setdefault(code_id, Hit(code_id, kind))
    exact = codes.parse(text)
    number = codes.number(exact) if exact else None
    return sorted(hits.values(), key=lambda hit: (hit.id != number, hit.alias != text))[:limit]


def _by_code(connection: Connection, typed: str, limit: int) -> list[tuple[int, str]]:
    ranges = list(codes.number_ranges(codes.normalise(typed), years(connection)))
    if not ranges:
        return []
    column = tables.code.c
    found: list[tuple[int, str]] = []
    for first, last in ranges:
        rows = connection.execute(
            select(column.id, column.kind)
            .where(column.id.between(first, last))
            .order_by(column.id)
            .limit(limit)
        )
        found += [(row.id, row.kind) for row in rows]
        if len(found) >= limit:
            break
    return found


def _by_alias(connection: Connection, typed: str, limit: int) -> list[Hit]:
    alias = tables.alias.c
    rows = connection.execute(
        select(alias.object_id, alias.value, tables.code.c.kind)
        .join(tables.code, tables.code.c.id == alias.object_id)
        .where(alias.value >= typed, alias.value < typed + "\U0010ffff")
        .order_by(alias.value)
        .limit(limit)
    )
    return [Hit(row.object_id, row.kind, row.value) for row in rows]


def exists(connection: Connection, number: int) -> bool:
    """Whether a code of this number was ever given."""
    return connection.execute(select(tables.code.c.id).where(tables.code.c.id == number)).first() is not None


def years(connection: Connection) -> range:
    """The years from the oldest code to the newest, read from the ends of the index."""
    column = tables.code.c.id
    first = connection.execute(select(column).order_by(column).limit(1)).scalar()
    last = connection.execute(select(column).order_by(column.desc()).limit(1)).scalar()
    if first is None or last is None:
        return range(0)
    found = [2000 + int(codes.from_number(value)[2:4]) for value in (first, last)]
    return range(min(found), max(found) + 1)


def sample_ids(connection: Connection, wanted: Filter) -> Iterator[array[int]]:
    """The numbers of all samples that fit, newest first, in steps: a list fills while it is read."""
    before: int | None = None
    while ids := sample_ids_before(connection, wanted, before):
        yield ids
        if len(ids) < STEP:
            return
        before = ids[-1]


def sample_ids_before(
    connection: Connection, wanted: Filter, before: int | None, limit: int | None = None
) -> array[int]:
    """The next step: the numbers that fit below ``before``, newest first, at most ``limit`` (``STEP``)."""
    limit = limit or STEP
    if not wanted.code:
        return array("q", _newest(connection, select(_s.id), wanted, before, limit))
    found: set[int] = set()
    for walk, order in _walks(connection, wanted.code):
        found.update(_newest(connection, walk, wanted, before, limit, order))
    return array("q", sorted(found, reverse=True)[:limit])


def _newest(
    connection: Connection,
    walk: Select[int],
    wanted: Filter,
    before: int | None,
    limit: int,
    order: ColumnElement[int] = _s.id,
) -> Sequence[int]:
    statement = _narrowed(walk, wanted)
    if before is not None:
        statement = statement.where(order < before)
    return connection.execute(statement.order_by(order.desc()).limit(limit)).scalars().all()


_MANY_DONORS = 5_000
"""More donors than these are so dense that their samples are found soonest from the newest on."""
_NOT_BY_ID: ColumnElement[int] = _s.id + 0
"""The order of the list without its index, so that a walk follows the donors' index instead."""


def _walks(connection: Connection, typed: str) -> Iterator[tuple[Select[int], ColumnElement[int]]]:
    """What was typed as walks along one index each: joined by OR they would be read from end to end."""
    ranges = list(codes.number_ranges(codes.normalise(typed), years(connection)))
    for first, last in ranges:
        if codes.kind_of_number(first) is CodeKind.SAMPLE:
            yield select(_s.id).where(_s.id.between(first, last)), _s.id
    donors = [each for each in ranges if codes.kind_of_number(each[0]) is CodeKind.DONOR]
    if donors:
        within = or_(*(_s.donor_id.between(first, last) for first, last in donors))
        yield select(_s.id).where(within), _s.id if _are_many(connection, donors) else _NOT_BY_ID
    aliases = [hit.id for hit in _by_alias(connection, identifier(typed), 200)]
    if aliases:
        yield select(_s.id).where(_s.id.in_(aliases)), _s.id
        yield select(_s.id).where(_s.donor_id.in_(aliases)), _NOT_BY_ID


def _are_many(connection: Connection, donors: Sequence[tuple[int, int]]) -> bool:
    column = tables.donor.c.id
    within = or_(*(column.between(first, last) for first, last in donors))
    found = connection.execute(select(column).where(within).limit(_MANY_DONORS + 1)).scalars().all()
    return len(found) > _MANY_DONORS


def _narrowed(statement: Select[int], wanted: Filter) -> Select[int]:
    for column, value in (
        (_s.material, wanted.material),
        (_s.time_point, wanted.time_point),
        (_s.state, wanted.state),
        (_s.donor_id, wanted.donor_id),
    ):
        if value:
            statement = statement.where(column == value)
    if wanted.stored is not None:
        stored = select(tables.placement.c.item_id).where(tables.placement.c.item_id == _s.id).exists()
        statement = statement.where(stored if wanted.stored else ~stored)
    over = tables.disposition.c
    if wanted.ended:
        statement = statement.where(_s.id.in_(select(over.sample_id).where(over.kind == wanted.ended)))
    elif wanted.state:
        statement = statement.where(~select(over.sample_id).where(over.sample_id == _s.id).exists())
    return statement
