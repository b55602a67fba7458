"""Labels, printers and settings."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from biobank_desktop.persistence.columns import Json, Moment
from biobank_desktop.persistence.tables.base import Number, command_column, metadata, one_of, stream_column

label = Table(
    "label",
    metadata,
    Column("object_id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("fields", Json, nullable=False),
    Column("printer", Text),
    Column("reason", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("verified_at", Moment),
    stream_column(),
    command_column(),
    one_of("state", "queued", "sent", "failed", "cancelled", "verified"),
    CheckConstraint("no >= 1", name="no"),
    Index("ix_label_state", "state", "requested_at"),
    info={"stream": "stream_id", "subjects": ("object_id",)},
)

printer = Table(
    "printer",
    metadata,
    Column("name", Text, primary_key=True),
    Column("way", Text, nullable=False),
    Column("dpi", Integer, nullable=False),
    Column("template", Text, nullable=False),
    Column("options", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    stream_column(),
    command_column(),
    one_of("way", "pdf", "sheet", "system"),
    CheckConstraint("dpi >= 1", name="dpi"),
    info={"stream": "stream_id", "subjects": ()},
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
    stream_column(),
    command_column(),
    info={"stream": "stream_id", "subjects": ()},
)
