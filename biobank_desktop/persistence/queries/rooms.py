"""Which boxes have room, for whom: positions that are neither taken nor reserved by somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, literal, null, select

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.parts import in_parts
from biobank_desktop.persistence.queries import tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_box, _kind, _at = tables.container.c, tables.container_kind.c, tables.placement.c
_kept, _sample = tables.reservation.c, tables.sample.c


@dataclass(frozen=True)
class RoomRow:
    """A box with free positions; ``siblings`` of the donor asked about lie in it.

    ``last_at`` is when something was placed there last, where that was asked.
    """

    box_id: int
    name: str
    level: str
    materials: str | None
    free: int
    siblings: int
    last_at: datetime | None


def with_room(
    connection: Connection,
    inside: int | None,
    donor_id: int | None,
    login: str,
    at: datetime,
    *,
    newest: bool = False,
) -> list[RoomRow]:
    """The boxes in use with room for this person, by name; ``inside`` a container, else everywhere."""
    last_at = (func.max(_at.since) if newest else null()).label("last_at")
    used = select(_at.container_id, func.count().label("used"), last_at).group_by(_at.container_id).subquery()
    kept = _reserved_by_others(login, at).group_by(_kept.container_id).subquery()
    statement = (
        select(
            _box.id,
            _box.name,
            _kind.level,
            _box.materials,
            (_box.rows * _box.columns - func.coalesce(used.c.used, 0) - func.coalesce(kept.c.kept, 0)).label(
                "free"
            ),
            used.c.last_at,
        )
        .join(tables.container_kind, _kind.name == _box.kind)
        .outerjoin(used, used.c.container_id == _box.id)
        .outerjoin(kept, kept.c.container_id == _box.id)
        .where(
            _box.retired.is_(False),
            _kind.holds == "samples",
            _box.rows * _box.columns > func.coalesce(used.c.used, 0) + func.coalesce(kept.c.kept, 0),
        )
        .order_by(_box.name)
    )
    within = None if inside is None else set(tree.inside(connection, [inside])[inside])
    siblings = _siblings(connection, donor_id)
    return [
        RoomRow(row.id, row.name, row.level, row.materials, row.free, siblings.get(row.id, 0), row.last_at)
        for row in connection.execute(statement)
        if within is None or row.id in within
    ]


def _reserved_by_others(login: str, at: datetime) -> Select[Any]:
    return select(_kept.container_id, func.count().label("kept")).where(
        and_(_kept.login != login, _kept.until > at)
    )


def _siblings(connection: Connection, donor_id: int | None) -> dict[int, int]:
    if donor_id is None:
        return {}
    asked = (
        select(_at.container_id, func.count())
        .join(tables.sample, _sample.id == _at.item_id)
        .where(_sample.donor_id == donor_id)
        .group_by(_at.container_id)
    )
    return {row[0]: row[1] for row in connection.execute(asked)}


def paths(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Where each of these containers is: ``LN2-02 / T07 / BX00123``."""
    chains = tree.around(connection, ids)
    wanted = {one for chain in chains.values() for one in chain}
    names: dict[int, str] = {}
    for part in in_parts(wanted):
        rows = connection.execute(select(_box.id, _box.name).where(_box.id.in_(part)))
        names |= {row.id: row.name for row in rows}
    return {one: " / ".join(names[each] for each in reversed(chain)) for one, chain in chains.items()}


def nearly_full(connection: Connection, share: float) -> list[tuple[int, str, int, int]]:
    """Boxes in use of which at least this share is taken and something is free: number, name, used, size."""
    used = (
        select(_at.container_id, func.count().label("used"))
        .group_by(_at.container_id)
        .having(func.count() > literal(0))
        .subquery()
    )
    size = _box.rows * _box.columns
    asked = (
        select(_box.id, _box.name, used.c.used, size.label("size"))
        .join(used, used.c.container_id == _box.id)
        .join(tables.container_kind, _kind.name == _box.kind)
        .where(
            _kind.holds == "samples", _box.retired.is_(False), used.c.used < size, used.c.used >= size * share
        )
        .order_by(_box.name)
    )
    return [(row.id, row.name, row.used, row.size) for row in connection.execute(asked)]
