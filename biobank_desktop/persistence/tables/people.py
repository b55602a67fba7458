"""Who works here."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, Table, Text

from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.tables.base import Number, command_column, length_is, metadata, one_of

person = Table(
    "person",
    metadata,
    Column("login", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("credential_sha256", Text, nullable=False),
    Column("stream_id", Number, ForeignKey("stream.id"), nullable=False, unique=True),
    command_column(),
    CheckConstraint("length(login) BETWEEN 1 AND 32 AND login = lower(login)", name="login"),
    one_of("role", "technician", "manager", "auditor", "administrator"),
    length_is(64, "credential_sha256"),
    info={"stream": "stream_id", "subjects": ()},
)

credential = Table(
    "credential",
    metadata,
    Column("login", Text, ForeignKey("person.login"), primary_key=True),
    Column("argon2id", Text, nullable=False),
    Column("recovery_argon2id", Text),
    Column("failed", Integer, nullable=False),
    Column("last_failed_at", Moment),
    CheckConstraint("failed >= 0", name="failed"),
)
