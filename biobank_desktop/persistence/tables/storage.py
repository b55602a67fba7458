"""Containers of all sizes, and what lies where."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.tables.base import Number, command_column, metadata, one_of, stream_column

_LABELS = ("letters", "letters-without-i", "numbers", "numbers-padded", "running")
_CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")

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
    stream_column(),
    command_column(),
    UniqueConstraint("name", "rows", "columns"),
    CheckConstraint("rows >= 1 AND columns >= 1", name="grid"),
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
    stream_column(),
    command_column(),
    UniqueConstraint("id", "rows", "columns"),
    ForeignKeyConstraint(
        ["kind", "rows", "columns"],
        ["container_kind.name", "container_kind.rows", "container_kind.columns"],
        name="fk_container_kind",
    ),
    CheckConstraint("length(name) BETWEEN 1 AND 40", name="name"),
    one_of("temperature", "ln2", "-80", "overnight -80", "-20", "fridge", "room"),
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
