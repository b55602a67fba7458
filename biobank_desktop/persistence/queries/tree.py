"""The tree of containers, many at once: what is around each, what is inside, and what holds it up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, literal, select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_box, _at, _kind = tables.container.c, tables.placement.c, tables.container_kind.c
_sample = tables.sample.c


@dataclass(frozen=True)
class Rules:
    """What may lie in a container: by its own rule, by that of its kind, and after all rules around it."""

    id: int
    name: str
    level: str
    kind: str
    own: str | None
    of_kind: str | None
    takes: str | None
    materials: str | None


@dataclass(frozen=True)
class Outage:
    """A container out of service, since when and why."""

    container_id: int
    name: str
    since: datetime
    why: str


@dataclass(frozen=True)
class Lying:
    """A sample in a container."""

    sample_id: int
    container_id: int
    material: str
    donor_id: int


def _chain(*, inwards: bool) -> Select[Any]:
    """From each container asked about, step by step, (asked, id, depth); it is its own first step."""
    start = (
        select(_box.id.label("asked"), _box.id, literal(0).label("depth"))
        .where(_box.id.in_(bindparam("ids", expanding=True)))
        .cte("chain", recursive=True)
    )
    if inwards:
        step = (
            select(start.c.asked, _at.item_id, start.c.depth + 1)
            .select_from(start)
            .join(tables.placement, _at.container_id == start.c.id)
            .join(tables.container, _box.id == _at.item_id)
        )
    else:
        step = (
            select(start.c.asked, _at.container_id, start.c.depth + 1)
            .select_from(start)
            .join(tables.placement, _at.item_id == start.c.id)
        )
    whole = start.union_all(step)
    return select(whole.c.asked, whole.c.id).order_by(whole.c.asked, whole.c.depth, whole.c.id)


_AROUND, _INSIDE = _chain(inwards=False), _chain(inwards=True)


def around(connection: Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    """Each of these containers with everything that it stands in, from itself outwards."""
    return _chains(connection, _AROUND, ids)


def inside(connection: Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    """Each of these containers with every container in it, itself first, the outer ones before the inner."""
    return _chains(connection, _INSIDE, ids)


def _chains(connection: Connection, asked: Select[Any], ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for part in in_parts(ids):
        for row in connection.execute(asked, {"ids": part}):
            found[row.asked].append(row.id)
    return dict(found)


_RULES = (
    select(
        _box.id,
        _box.name.label("container_name"),
        _kind.level,
        _box.kind,
        _box.own_materials,
        _kind.materials.label("of_kind"),
        _kind.takes,
        _box.materials,
    )
    .join(tables.container_kind, _kind.name == _box.kind)
    .where(_box.id.in_(bindparam("ids", expanding=True)))
)


def rules(connection: Connection, ids: Iterable[int]) -> dict[int, Rules]:
    """The rules of these containers."""
    rows = (row for part in in_parts(ids) for row in connection.execute(_RULES, {"ids": part}))
    return {row.id: Rules(*row) for row in rows}


_LYING = (
    select(_sample.id, _at.container_id, _sample.material, _sample.donor_id)
    .join(tables.placement, _at.item_id == _sample.id)
    .where(_at.container_id.in_(bindparam("ids", expanding=True)))
    .order_by(_at.container_id, _at.row_no, _at.column_no)
)


def lying_in(connection: Connection, ids: Iterable[int]) -> list[Lying]:
    """The samples that lie directly in these containers."""
    return [Lying(*row) for part in in_parts(ids) for row in connection.execute(_LYING, {"ids": part})]


@dataclass(frozen=True)
class Standing:
    """A container that stands directly in another one."""

    id: int
    name: str
    kind: str
    outer_id: int
    outer: str


_outer = tables.container.alias("outer")
_STANDING = (
    select(_box.id, _box.name, _box.kind, _outer.c.id.label("outer_id"), _outer.c.name.label("outer"))
    .join(tables.placement, _at.item_id == _box.id)
    .join(_outer, _outer.c.id == _at.container_id)
    .where(_outer.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_outer.c.name, _at.row_no, _at.column_no)
)


def standing_in(connection: Connection, ids: Iterable[int]) -> list[Standing]:
    """The containers that stand directly in these."""
    return [Standing(*row) for part in in_parts(ids) for row in connection.execute(_STANDING, {"ids": part})]


_outage, _spill = tables.outage.c, tables.spill.c
_OUTAGES = (
    select(_outage.container_id, _box.name, _outage.since, _outage.why)
    .join(tables.container, _box.id == _outage.container_id)
    .where(_outage.ended_at.is_(None))
    .order_by(_outage.since)
)
_SPILLS = select(_spill.container_id, _spill.since).where(_spill.ended_at.is_(None)).order_by(_spill.since)


@Question
def outages(connection: Connection) -> Answer[dict[int, Outage]]:
    """The containers that are out of service now."""
    rows = connection.execute(_OUTAGES)
    return lambda: {row.container_id: Outage(*row) for row in rows}


def spills(connection: Connection) -> dict[int, datetime]:
    """The boxes that were spilled and are not in order yet, and since when."""
    return {row.container_id: row.since for row in connection.execute(_SPILLS)}


def of_kind(connection: Connection, kind: str) -> list[int]:
    """The containers of a kind, by name."""
    return list(connection.execute(select(_box.id).where(_box.kind == kind).order_by(_box.name)).scalars())


def counts_of_kinds(connection: Connection) -> dict[str, int]:
    """How many containers of each kind there are."""
    rows = connection.execute(select(_box.kind, func.count()).group_by(_box.kind))
    return {row[0]: row[1] for row in rows}
