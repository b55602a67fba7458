"""Rolls of codes printed before, and which vials carry one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

_p, _a, _s = tables.preprinted.c, tables.alias.c, tables.sample.c


@dataclass(frozen=True)
class RollRow:
    """A roll, how many codes it has, and how many of them are on a vial."""

    roll: str
    maker: str
    bench: str
    count: int
    used: int


@dataclass(frozen=True)
class RollCode:
    """A code that lies ready, and on which roll."""

    value: str
    maker: str
    roll: str
    bench: str


@dataclass(frozen=True)
class Carrier:
    """What carries a code of others: its number, and whose code it is."""

    object_id: int
    issuer: str


_ROLLS = (
    select(_p.roll, _p.issuer, _p.bench, func.count(_p.value), func.count(_a.value))
    .outerjoin(tables.alias, and_(_a.value == _p.value, _a.issuer == _p.issuer))
    .group_by(_p.roll, _p.issuer, _p.bench)
    .order_by(_p.roll, _p.issuer)
)
_ON_ROLLS = select(_p.value, _p.issuer, _p.roll, _p.bench).where(
    _p.value.in_(bindparam("values", expanding=True))
)
_CARRIERS = select(_a.value, _a.object_id, _a.issuer).where(_a.value.in_(bindparam("values", expanding=True)))
_ON_VIALS = (
    select(_a.object_id, _a.value, _a.issuer)
    .join(tables.sample, and_(_s.id == _a.object_id, _s.kind != "tube"))
    .where(_a.object_id.in_(bindparam("objects", expanding=True)))
    .order_by(_a.issuer, _a.value)
)


def rolls(connection: Connection) -> list[RollRow]:
    """Every roll, by name."""
    return [RollRow(*row) for row in connection.execute(_ROLLS)]


def has_roll(connection: Connection, roll: str) -> bool:
    """Whether there is a roll of this name."""
    return connection.execute(select(_p.value).where(_p.roll == roll).limit(1)).first() is not None


def on_rolls(connection: Connection, values: Collection[str]) -> dict[str, list[RollCode]]:
    """The rolls that these codes are on; a code that is on none is left out."""
    found: dict[str, list[RollCode]] = {}
    for part in in_parts(values):
        for row in connection.execute(_ON_ROLLS, {"values": part}):
            found.setdefault(row.value, []).append(RollCode(*row))
    return found


@Question
def carriers(connection: Connection, values: Collection[str]) -> Answer[dict[str, list[Carrier]]]:
    """What carries each of these codes; more than one thing when makers use the same numbers."""
    parts = [connection.execute(_CARRIERS, {"values": part}) for part in in_parts(values)]

    def read() -> dict[str, list[Carrier]]:
        found: dict[str, list[Carrier]] = {}
        for value, object_id, issuer in (row for rows in parts for row in rows):
            found.setdefault(value, []).append(Carrier(object_id, issuer))
        return found

    return read


def codes_on(connection: Connection, object_ids: Iterable[int]) -> dict[int, list[str]]:
    """The codes that were put on each of these vials; a tube's code of its laboratory is none of them."""
    found: dict[int, list[str]] = {}
    for part in in_parts(object_ids):
        for object_id, value, _issuer in connection.execute(_ON_VIALS, {"objects": part}):
            found.setdefault(object_id, []).append(value)
    return found
