"""Search over everything, by what people type: pieces of codes, foreign codes, words for facets.

No full-text index: a code's piece is a range of numbers (``codes.number_ranges``), a foreign code a range of
text, and materials and time points are indexed columns. So every query is a walk along one index, and a
million samples answer as fast as ten thousand.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Select

STEP = 20_000
"""How many numbers one step reads: some milliseconds."""
_s = tables.sample.c


@dataclass(frozen=True)
class Filter:
    """What a list of samples is narrowed to; empty fields narrow nothing."""

    code: str = ""
    material: str = ""
    time_point: str = ""
    state: str = ""
    donor_id: int | None = None
    stored: bool | None = None


@dataclass(frozen=True)
class Hit:
    """Something found: its number, what it is, and the foreign code it was found by."""

    id: int
    kind: str
    alias: str = ""


def find(connection: Connection, typed: str, *, limit: int = 20) -> list[Hit]:
    """The first things whose code, serial or foreign code begins with what was typed; exact ones first."""
    text = typed.strip()
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


def sample_ids_before(connection: Connection, wanted: Filter, before: int | None) -> array[int]:
    """The next step: the numbers that fit below ``before``, newest first, at most ``STEP``."""
    statement = _filtered(connection, wanted)
    if statement is None:
        return array("q")
    if before is not None:
        statement = statement.where(_s.id < before)
    rows = connection.execute(statement.order_by(_s.id.desc()).limit(STEP))
    return array("q", rows.scalars())


def _filtered(connection: Connection, wanted: Filter) -> Select[int] | None:
    statement = select(_s.id)
    if wanted.code:
        ranges = list(codes.number_ranges(codes.normalise(wanted.code), years(connection)))
        aliases = [hit.id for hit in _by_alias(connection, wanted.code.strip(), 200)]
        if not ranges and not aliases:
            return None
        within = [and_(_s.id >= first, _s.id <= last) for first, last in ranges]
        donors = [and_(_s.donor_id >= first, _s.donor_id <= last) for first, last in ranges]
        statement = statement.where(or_(*within, *donors, _s.id.in_(aliases), _s.donor_id.in_(aliases)))
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
    return statement
