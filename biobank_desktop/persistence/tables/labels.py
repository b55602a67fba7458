"""Labels and their templates, printers and tests of them, rolls of codes printed before, settings."""

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
    Column("bench", Text),
    Column("template_version", Integer),
    Column("dpi", Integer),
    Column("bits_sha256", Text),
    Column("sender", Text),
    Column("fault", Json),
    Column("sending_at", Moment),
    Column("confirmed_at", Moment),
    one_of(
        "state",
        *("queued", "sending", "sent", "confirmed", "held", "unknown", "failed", "cancelled", "verified"),
    ),
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
    one_of("way", "pdf", "sheet", "system", "zpl", "cups"),
    CheckConstraint("dpi >= 1", name="dpi"),
    info={"stream": "stream_id", "subjects": ()},
)

label_template = Table(
    "label_template",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("toml", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    stream_column(),
    command_column(),
    CheckConstraint("version >= 1", name="version"),
    info={"stream": "stream_id", "subjects": ()},
)

printer_test = Table(
    "printer_test",
    metadata,
    Column("printer", Text, ForeignKey("printer.name"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("dpi", Integer, nullable=False),
    Column("stock", Text, nullable=False),
    Column("ribbon", Text, nullable=False),
    Column("read_dots", Text, nullable=False),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    info={"stream": "stream_id", "subjects": ()},
)

preprinted = Table(
    "preprinted",
    metadata,
    Column("value", Text, primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("roll", Text, nullable=False),
    Column("bench", Text, nullable=False),
    stream_column(),
    command_column(),
    CheckConstraint("length(value) BETWEEN 1 AND 64", name="value"),
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
