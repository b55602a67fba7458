"""Containers: the tree from device to box, what lies where, and what is free."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, literal, select
from sqlalchemy.orm import aliased

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class KindRow:
    """A kind of container."""

    name: str
    level: str
    rows: int
    columns: int
    row_labels: str
    column_labels: str
    fill_order: str
    holds: str
    materials: str | None = None
    takes: str | None = None
    temperature: str | None = None


@dataclass(frozen=True)
class ContainerRow:
    """A container with its kind, the container it stands in, and how many things lie in it."""

    id: int
    code: str
    name: str
    kind: KindRow
    temperature: str | None
    retired: bool
    inside_id: int | None
    row_no: int | None
    column_no: int | None
    used: int
    materials: str | None = None
    own_materials: str | None = None

    @property
    def capacity(self) -> int:
        """How many things it holds."""
        return self.kind.rows * self.kind.columns


@dataclass(frozen=True)
class Place:
    """Where something lies: the container, and the position in it (both from 1)."""

    container_id: int
    row_no: int
    column_no: int
    since: datetime


@dataclass(frozen=True)
class Content:
    """What lies at a position of a container: a sample or a smaller container.

    ``out_at``: since when it is out of its place, which is kept for it.
    """

    row_no: int
    column_no: int
    item_id: int
    code: str
    since: datetime
    by: str
    name: str | None = None
    donor_id: int | None = None
    material: str | None = None
    time_point: str | None = None
    state: str | None = None
    out_at: datetime | None = None


def kinds(connection: Connection) -> list[KindRow]:
    """Every kind of container, by name."""
    rows = connection.execute(select(*_KIND_COLUMNS).order_by(tables.container_kind.c.name))
    return [KindRow(*row) for row in rows]


def kind(connection: Connection, name: str) -> KindRow | None:
    """The kind of a name."""
    row = connection.execute(select(*_KIND_COLUMNS).where(tables.container_kind.c.name == name)).first()
    return KindRow(*row) if row else None


_k = tables.container_kind.c
_KIND_COLUMNS = (
    _k.name, _k.level, _k.rows, _k.columns, _k.row_labels, _k.column_labels, _k.fill_order, _k.holds,
    _k.materials, _k.takes, _k.temperature,
)  # fmt: skip
_inner = aliased(tables.placement)
_used = (
    select(func.count())
    .select_from(_inner)
    .where(_inner.c.container_id == tables.container.c.id)
    .scalar_subquery()
)
_CONTAINER = (
    select(
        tables.container.c.id,
        tables.container.c.name.label("container_name"),
        tables.container.c.temperature.label("own_temperature"),
        tables.container.c.retired,
        tables.container.c.materials.label("allowed"),
        tables.container.c.own_materials,
        tables.placement.c.container_id.label("inside_id"),
        tables.placement.c.row_no,
        tables.placement.c.column_no,
        _used.label("used"),
        *_KIND_COLUMNS,
    )
    .join(tables.container_kind, tables.container_kind.c.name == tables.container.c.kind)
    .outerjoin(tables.placement, tables.placement.c.item_id == tables.container.c.id)
)


_ONE = _CONTAINER.where(tables.container.c.id == bindparam("container"))


@Question
def container(connection: Connection, container_id: int) -> Answer[ContainerRow | None]:
    """The container of a number."""
    rows = connection.execute(_ONE, {"container": container_id})
    return lambda: next(map(_row, rows), None)


def by_name(connection: Connection, name: str) -> ContainerRow | None:
    """The container of a name."""
    row = connection.execute(_CONTAINER.where(tables.container.c.name == name)).first()
    return _row(row) if row else None


def inside(connection: Connection, container_id: int | None) -> list[ContainerRow]:
    """The containers that stand in one, in the order of their positions; None: those that stand nowhere."""
    place = tables.placement.c
    where = place.container_id.is_(None) if container_id is None else place.container_id == container_id
    order = (place.row_no, place.column_no, tables.container.c.name)
    return [_row(row) for row in connection.execute(_CONTAINER.where(where).order_by(*order))]


def everything(connection: Connection, *, holds: str | None = None) -> list[ContainerRow]:
    """Every container in use, by name; ``holds`` "samples" gives the boxes only."""
    statement = _CONTAINER.where(tables.container.c.retired.is_(False))
    if holds:
        statement = statement.where(tables.container_kind.c.holds == holds)
    return [_row(row) for row in connection.execute(statement.order_by(tables.container.c.name))]


def place(connection: Connection, item_id: int) -> Place | None:
    """Where something lies, None when nowhere."""
    return places(connection, [item_id]).get(item_id)


_at = tables.placement.c
_PLACES = select(_at.item_id, _at.container_id, _at.row_no, _at.column_no, _at.since).where(
    _at.item_id.in_(bindparam("items", expanding=True))
)


@Question
def places(connection: Connection, item_ids: Iterable[int]) -> Answer[dict[int, Place]]:
    """Where these things lie."""
    parts = [connection.execute(_PLACES, {"items": part}) for part in in_parts(item_ids)]
    return lambda: {row.item_id: Place(*row[1:]) for rows in parts for row in rows}


def _path_statement() -> Select[Any]:
    at = tables.placement
    start = select(
        bindparam("container", type_=tables.container.c.id.type).label("id"), literal(0).label("depth")
    )
    around = start.cte("chain", recursive=True)
    around = around.union_all(
        select(at.c.container_id, around.c.depth + 1).join(around, at.c.item_id == around.c.id)
    )
    return _CONTAINER.join(around, around.c.id == tables.container.c.id).order_by(around.c.depth.desc())


_PATH = _path_statement()


def path(connection: Connection, container_id: int) -> list[ContainerRow]:
    """The containers from the outermost down to this one."""
    return [_row(row) for row in connection.execute(_PATH, {"container": container_id})]


_one, _box, _x = tables.sample.c, tables.container.c, tables.excursion.c
_CONTENTS: Select[Any] = (
    select(
        _at.row_no, _at.column_no, _at.item_id, _at.since, tables.command.c.login, _box.name, _one.donor_id,
        _one.material, _one.time_point, _one.state, _x.out_at,
    )
    .join(tables.command, tables.command.c.id == _at.command_id)
    .outerjoin(tables.sample, _one.id == _at.item_id)
    .outerjoin(tables.excursion, and_(_x.sample_id == _at.item_id, _x.back_at.is_(None)))
    .outerjoin(tables.container, _box.id == _at.item_id)
    .where(_at.container_id == bindparam("container"))
    .order_by(_at.row_no, _at.column_no)
)  # fmt: skip


def contents(connection: Connection, container_id: int) -> list[Content]:
    """Everything that lies directly in a container, by position."""
    return [_content(row) for row in connection.execute(_CONTENTS, {"container": container_id})]


def _content(row: Any) -> Content:
    return Content(
        row_no=row.row_no,
        column_no=row.column_no,
        item_id=row.item_id,
        code=codes.from_number(row.item_id),
        since=row.since,
        by=row.login,
        name=row.name,
        donor_id=row.donor_id,
        material=row.material,
        time_point=row.time_point,
        state=row.state,
        out_at=row.out_at,
    )


_OCCUPIED = select(_at.row_no, _at.column_no).where(_at.container_id == bindparam("container"))


@Question
def occupied(connection: Connection, container_id: int) -> Answer[set[tuple[int, int]]]:
    """The taken positions of a container as (row, column)."""
    rows = connection.execute(_OCCUPIED, {"container": container_id})
    return lambda: {(row.row_no, row.column_no) for row in rows}


def _temperature_statement() -> Select[Any]:
    box, at = tables.container.c, tables.placement.c
    start = (
        select(box.id.label("asked"), box.id, box.temperature, literal(0).label("depth"))
        .where(box.id.in_(bindparam("boxes", expanding=True)))
        .cte("around", recursive=True)
    )
    outer = tables.container.alias("outer")
    around = start.union_all(
        select(start.c.asked, outer.c.id, outer.c.temperature, start.c.depth + 1)
        .select_from(start)
        .join(tables.placement, at.item_id == start.c.id)
        .join(outer, outer.c.id == at.container_id)
        .where(start.c.temperature.is_(None))
    )
    return (
        select(around.c.asked, around.c.temperature)
        .join(tables.container, box.id == around.c.asked)
        .join(tables.container_kind, _k.name == box.kind)
        .where(around.c.temperature.is_not(None))
    )


_TEMPERATURES = _temperature_statement()


@Question
def temperatures(connection: Connection, ids: Iterable[int]) -> Answer[dict[int, str]]:
    """The temperature class of each container: its own, or that of the nearest one around it."""
    parts = [connection.execute(_TEMPERATURES, {"boxes": part}) for part in in_parts(ids)]
    return lambda: {row.asked: row.temperature for rows in parts for row in rows}


_CLASSES = _TEMPERATURES.add_columns(_k.level)


@Question
def storage_classes(connection: Connection, ids: Iterable[int]) -> Answer[dict[int, tuple[str, str]]]:
    """The temperature class of each container that has one, and its level."""
    parts = [connection.execute(_CLASSES, {"boxes": part}) for part in in_parts(ids)]
    return lambda: {row.asked: (row.temperature, row.level) for rows in parts for row in rows}


@dataclass(frozen=True)
class ClassChange:
    """A box that came to another temperature class with all that was in it."""

    at: datetime
    was: str
    became: str


_change = tables.temperature_change.c
_CHANGES = (
    select(_change.container_id, _change.at, _change.was, _change.became, tables.command.c.kind)
    .join(tables.command, tables.command.c.id == _change.command_id)
    .where(_change.container_id.in_(bindparam("boxes", expanding=True)))
    .order_by(_change.container_id, _change.no)
)


@Question
def class_changes(connection: Connection, ids: Iterable[int]) -> Answer[dict[int, list[ClassChange]]]:
    """When these boxes came to other temperature classes, in order; a move that was taken back is none."""
    parts = [connection.execute(_CHANGES, {"boxes": part}) for part in in_parts(ids)]

    def read() -> dict[int, list[ClassChange]]:
        found: dict[int, list[ClassChange]] = {}
        for row in chain.from_iterable(parts):
            of_box = found.setdefault(row.container_id, [])
            if row.kind == "move-undone" and of_box:
                of_box.pop()
            else:
                of_box.append(ClassChange(row.at, row.was, row.became))
        return found

    return read


def fillings(connection: Connection, ids: Iterable[int]) -> dict[int, dict[tuple[int, int], str]]:
    """What lies in each of these boxes: the material at each taken position (row, column)."""
    at = tables.placement.c
    rows = connection.execute(
        select(at.container_id, at.row_no, at.column_no, tables.sample.c.material)
        .join(tables.sample, tables.sample.c.id == at.item_id)
        .where(at.container_id.in_(list(ids)))
    )
    found: dict[int, dict[tuple[int, int], str]] = {}
    for row in rows:
        found.setdefault(row.container_id, {})[row.row_no, row.column_no] = row.material
    return found


def placed_by(connection: Connection, item_id: int) -> str:
    """The name of the person who put something where it lies."""
    at, asked = tables.placement.c, tables.command.c
    name: str = connection.execute(
        select(func.coalesce(tables.person.c.name, asked.login))
        .select_from(tables.placement)
        .join(tables.command, asked.id == at.command_id)
        .outerjoin(tables.person, tables.person.c.login == asked.login)
        .where(at.item_id == item_id)
    ).scalar_one()
    return name


_n = tables.label.c
_NEWEST_LABEL = (
    select(_n.no, _n.state).where(_n.object_id == bindparam("object")).order_by(_n.no.desc()).limit(1)
)


def newest_label(connection: Connection, object_id: int) -> tuple[int, str] | None:
    """The number and the state of a thing's newest label."""
    row = connection.execute(_NEWEST_LABEL, {"object": object_id}).first()
    return (row.no, row.state) if row else None


def waiting_labels(connection: Connection, object_id: int) -> list[int]:
    """The numbers of a thing's labels that no printer has yet."""
    one = tables.label.c
    rows = connection.execute(
        select(one.no).where(one.object_id == object_id, one.state == "queued").order_by(one.no)
    )
    return list(rows.scalars())


def boxes_of_donor(connection: Connection, donor_id: int) -> dict[int, int]:
    """How many of a donor's vials lie in each box."""
    at = tables.placement.c
    rows = connection.execute(
        select(at.container_id, func.count())
        .join(tables.sample, tables.sample.c.id == at.item_id)
        .where(tables.sample.c.donor_id == donor_id)
        .group_by(at.container_id)
    )
    return {row[0]: row[1] for row in rows}


def boxes_with_room(connection: Connection, limit: int) -> list[ContainerRow]:
    """Boxes in use with a free position, the last names first: that is where a lab is filling."""
    box = tables.container.c
    statement = (
        _CONTAINER.where(box.retired.is_(False), _k.holds == "samples", box.rows * box.columns > _used)
        .order_by(box.name.desc())
        .limit(limit)
    )
    return [_row(row) for row in connection.execute(statement)]


def of_level(connection: Connection, level: str) -> list[ContainerRow]:
    """The containers in use of one level."""
    statement = _CONTAINER.where(tables.container.c.retired.is_(False), _k.level == level)
    return [_row(row) for row in connection.execute(statement.order_by(tables.container.c.name))]


def some(connection: Connection, ids: Iterable[int]) -> list[ContainerRow]:
    """The containers of these numbers."""
    asked = _CONTAINER.where(tables.container.c.id.in_(bindparam("ids", expanding=True)))
    return [_row(row) for part in in_parts(ids) for row in connection.execute(asked, {"ids": part})]


def named(connection: Connection, names: Collection[str]) -> dict[str, ContainerRow]:
    """The containers of these names, by name."""
    asked = _CONTAINER.where(tables.container.c.name.in_(list(names)))
    return {row.container_name: _row(row) for row in connection.execute(asked)} if names else {}


def _row(row: Any) -> ContainerRow:
    return ContainerRow(
        id=row.id,
        code=codes.from_number(row.id),
        name=row.container_name,
        kind=KindRow(
            row.name,
            row.level,
            row.rows,
            row.columns,
            row.row_labels,
            row.column_labels,
            row.fill_order,
            row.holds,
            row.materials,
            row.takes,
            row.temperature,
        ),
        temperature=row.own_temperature,
        retired=row.retired,
        inside_id=row.inside_id,
        row_no=row.row_no,
        column_no=row.column_no,
        used=row.used,
        materials=row.allowed,
        own_materials=row.own_materials,
    )
