"""Containers of all sizes, what may lie in them, what lies where, and how it was laid elsewhere."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.tables.base import Number, command_column, metadata, one_of, stream_column

_LABELS = ("letters", "letters-without-i", "numbers", "numbers-padded", "running")
_CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
_TEMPERATURES = ("ln2", "-80", "overnight -80", "-20", "fridge", "room")
_OPEN = text("ended_at IS NULL")


def _of_container() -> tuple[Column[int], Column[int]]:
    """The key of what happens to a container more than once."""
    return (
        Column("container_id", Number, ForeignKey("container.id"), primary_key=True, autoincrement=False),
        Column("no", Integer, primary_key=True, autoincrement=False),
    )


container_kind = Table(
    "container_kind",
    metadata,
    Column("name", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("row_labels", Text, nullable=False),
    Column("column_labels", Text, nullable=False),
    Column("fill_order", Text, nullable=False),
    Column("holds", Text, nullable=False),
    Column("materials", Text),
    Column("takes", Text),
    Column("temperature", Text),
    stream_column(),
    command_column(),
    UniqueConstraint("name", "rows", "columns"),
    CheckConstraint("rows >= 1 AND columns >= 1", name="grid"),
    one_of("temperature", *_TEMPERATURES),
    one_of("holds", "samples", "containers"),
    one_of("level", "site", "room", "device", "shelf", "rack", "box", "goblet", "freezing-container"),
    one_of("row_labels", *_LABELS),
    one_of("column_labels", *_LABELS),
    one_of(
        "fill_order",
        *(f"{lines}-from-{corner}" for lines in ("rows", "columns") for corner in _CORNERS),
    ),
    info={"stream": "stream_id", "subjects": ()},
)

container = Table(
    "container",
    metadata,
    Column("id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False, index=True),
    Column("name", Text, nullable=False, unique=True),
    Column("rows", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("temperature", Text),
    Column("retired", Boolean, nullable=False),
    Column("own_materials", Text),
    Column("materials", Text),
    stream_column(),
    command_column(),
    UniqueConstraint("id", "rows", "columns"),
    ForeignKeyConstraint(
        ["kind", "rows", "columns"],
        ["container_kind.name", "container_kind.rows", "container_kind.columns"],
        name="fk_container_kind",
    ),
    CheckConstraint("length(name) BETWEEN 1 AND 40", name="name"),
    one_of("temperature", *_TEMPERATURES),
    info={"stream": "stream_id", "subjects": ("id",)},
)

placement = Table(
    "placement",
    metadata,
    Column("item_id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("container_id", Number, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("column_no", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    stream_column(),
    command_column(),
    UniqueConstraint("container_id", "row_no", "column_no"),
    ForeignKeyConstraint(
        ["container_id", "rows", "columns"],
        ["container.id", "container.rows", "container.columns"],
        name="fk_placement_grid",
    ),
    CheckConstraint("row_no BETWEEN 1 AND rows AND column_no BETWEEN 1 AND columns", name="grid"),
    CheckConstraint("item_id <> container_id", name="inside_itself"),
    info={"stream": "stream_id", "subjects": ("item_id", "container_id")},
)

relocation = Table(
    "relocation",
    metadata,
    Column("item_id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("from_id", Number, ForeignKey("container.id"), nullable=False),
    Column("from_row", Integer, nullable=False),
    Column("from_column", Integer, nullable=False),
    Column("out_at", Moment),
    Column("at", Moment, nullable=False),
    stream_column(),
    Column("command_id", Uuid, ForeignKey("command.id"), primary_key=True),
    CheckConstraint("out_at IS NULL OR out_at <= at", name="out_at"),
    info={"stream": "stream_id", "subjects": ("item_id", "from_id")},
)
"""Where a thing lay until a command laid it elsewhere, and since when it had been out of the cold."""

temperature_change = Table(
    "temperature_change",
    metadata,
    *_of_container(),
    Column("at", Moment, nullable=False),
    Column("was", Text, nullable=False),
    Column("became", Text, nullable=False),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    one_of("was", *_TEMPERATURES),
    one_of("became", *_TEMPERATURES),
    info={"stream": "stream_id", "subjects": ("container_id",)},
)
"""A box that came to another temperature class with everything in it."""

reservation = Table(
    "reservation",
    metadata,
    Column("container_id", Number, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("column_no", Integer, primary_key=True, autoincrement=False),
    Column("login", Text, ForeignKey("person.login"), nullable=False),
    Column("what", Text, nullable=False),
    Column("until", Moment, nullable=False),
    stream_column(),
    command_column(),
    ForeignKeyConstraint(
        ["container_id", "rows", "columns"],
        ["container.id", "container.rows", "container.columns"],
        name="fk_reservation_grid",
    ),
    CheckConstraint("row_no BETWEEN 1 AND rows AND column_no BETWEEN 1 AND columns", name="grid"),
    info={"stream": "stream_id", "subjects": ("container_id",)},
)


def _spell(name: str) -> Table:
    """What a container goes through now and then: since when, why, and until when; one at a time."""
    return Table(
        name,
        metadata,
        *_of_container(),
        Column("since", Moment, nullable=False),
        Column("why", Text, nullable=False),
        Column("ended_at", Moment),
        stream_column(),
        command_column(),
        CheckConstraint("no >= 1", name="no"),
        CheckConstraint("ended_at IS NULL OR ended_at >= since", name="ended_at"),
        Index(f"uq_{name}_open", "container_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        info={"stream": "stream_id", "subjects": ("container_id",)},
    )


spill = _spell("spill")
"""A box whose things lie in it somewhere, until each is scanned at its place again."""

outage = _spell("outage")
"""A container out of service: nothing new is put into it."""
