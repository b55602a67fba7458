"""Objects and their names."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text

from biobank_desktop.persistence.tables.base import Number, command_column, metadata, one_of, stream_column

code = Table(
    "code",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    command_column(),
    CheckConstraint("length(text) = 10", name="length"),
    CheckConstraint("substr(text, 1, 2) = kind", name="prefix"),
    one_of("kind", "PM", "PB", "PD"),
)

alias = Table(
    "alias",
    metadata,
    Column("value", Text, primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("object_id", Number, ForeignKey("code.id"), nullable=False, index=True),
    stream_column(),
    command_column(),
    CheckConstraint("length(value) BETWEEN 1 AND 64", name="value"),
    info={"stream": "stream_id", "subjects": ("object_id",)},
)
