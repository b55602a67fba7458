"""What happened: commands and their events, chained, logged and sealed; append-only."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.tables.base import Number, holds_bytes, length_is, metadata, one_of

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

command = Table(
    "command",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload_sha256", LargeBinary, nullable=False),
    Column("login", Text, nullable=False),  # no foreign key: a person row names its command in turn
    Column("bench", Text, nullable=False),
    Column("at", Moment, nullable=False),
    length_is(32, "payload_sha256"),
    holds_bytes("payload_sha256"),
)

stream = Table(
    "stream",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("head_seq", Integer, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    one_of("kind", "lab", "person", "donor", "device"),
    CheckConstraint("head_seq >= 0", name="head_seq"),
    length_is(32, "head_hash"),
    holds_bytes("head_hash"),
)

event = Table(
    "event",
    metadata,
    Column("id", Number, primary_key=True),
    Column("stream_id", Number, ForeignKey("stream.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("command_id", Uuid, ForeignKey("command.id"), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("stream_id", "seq"),
    CheckConstraint("seq >= 1", name="seq"),
    length_is(32, "hash"),
    holds_bytes("body"),
    holds_bytes("hash"),
)

event_subject = Table(
    "event_subject",
    metadata,
    Column("subject_id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("event_id", Number, ForeignKey("event.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

unsealed = Table(
    "unsealed",
    metadata,
    Column("event_id", Number, ForeignKey("event.id"), primary_key=True, autoincrement=False),
)

log = Table(
    "log",
    metadata,
    Column("pos", Number, primary_key=True, autoincrement=False),
    Column("event_id", Number, ForeignKey("event.id"), nullable=False, unique=True),
    CheckConstraint("pos >= 1", name="pos"),
)

seal = Table(
    "seal",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    CheckConstraint("size >= 1", name="size"),
    length_is(32, "root"),
    holds_bytes("root"),
)
