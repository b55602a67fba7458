"""The later life of a sample: out of its place and back, used in part, held back, and how it ended."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from biobank_desktop.persistence.columns import Json, Moment
from biobank_desktop.persistence.tables.base import (
    Number,
    at_least,
    command_column,
    metadata,
    one_of,
    stream_column,
)

_OUT = text("back_at IS NULL")
_UNDECIDED = text("decision IS NULL")

excursion = Table(
    "excursion",
    metadata,
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("out_at", Moment, nullable=False),
    Column("back_at", Moment),
    Column("thawed", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    CheckConstraint("back_at IS NULL OR back_at >= out_at", name="back_at"),
    Index("uq_excursion_out", "sample_id", unique=True, sqlite_where=_OUT, postgresql_where=_OUT),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)

consumption = Table(
    "consumption",
    metadata,
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("ul", Integer),
    Column("cells", BigInteger().with_variant(Integer, "sqlite")),
    Column("purpose", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("into_id", Number, ForeignKey("sample.id")),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    at_least(1, "ul"),
    at_least(1, "cells"),
    info={"stream": "stream_id", "subjects": ("sample_id", "into_id")},
)

nonconformity = Table(
    "nonconformity",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("cause", Json, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("conclusion", Text, nullable=False),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    one_of("kind", "sample", "lot", "device", "alarm", "person", "document", "other"),
    one_of("state", "open", "closed"),
    info={"stream": "stream_id", "subjects": ()},
)

quarantine = Table(
    "quarantine",
    metadata,
    Column(
        "nonconformity_no", Integer, ForeignKey("nonconformity.no"), primary_key=True, autoincrement=False
    ),
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False, index=True),
    Column("decision", Text),
    Column("decided_by", Text),
    Column("reason", Text, nullable=False),
    stream_column(),
    command_column(),
    one_of("decision", "accept", "destroy"),
    CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name="decided_by"),
    Index("ix_quarantine_waiting", "sample_id", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)

disposition = Table(
    "disposition",
    metadata,
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("release_no", Integer, ForeignKey("release.no"), index=True),
    Column("note", Text, nullable=False),
    stream_column(),
    command_column(),
    one_of("kind", "issued", "used-up", "destroyed", "returned", "lost", "broken"),
    CheckConstraint("release_no IS NULL OR kind = 'issued'", name="release_no"),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)
