"""The tables of the identity store, as SQLAlchemy Core; a metadata of their own.

A *record* is one donor's identity as one command set it: a key of its own (``record_key``), its fields and
what it is found by; a *scan* is that of a signed form, with a key of its own. Nothing here is legible without
the store key but codes, moments, logins, and the digests of scans, which the history knows too.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)

from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.tables import Number

SCHEMA = "identity"
"""The schema on PostgreSQL; on SQLite the tables lie in a file of their own."""

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def _bytes(column: str, length: int | None = None) -> Column[bytes]:
    checks = [] if length is None else [CheckConstraint(f"length({column}) = {length}", name=column)]
    return Column(column, LargeBinary, *checks, nullable=False)


def _record() -> Column[object]:
    return Column("record_id", Uuid, ForeignKey("identity.donor_key.record_id"), primary_key=True)


meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

store_key = Table(
    "store_key",
    metadata,
    Column("holder", Text, primary_key=True),
    _bytes("salt", 16),
    Column("time_cost", Integer, nullable=False),
    Column("memory_kib", Integer, nullable=False),
    Column("parallelism", Integer, nullable=False),
    _bytes("nonce", 12),
    _bytes("wrapped", 48),
    Column("at", Moment, nullable=False),
)
"""The store key, wrapped for each authorised login and once for the recovery code (holder ``""``)."""

donor_key = Table(
    "donor_key",
    metadata,
    Column("record_id", Uuid, primary_key=True),  # the id of the command that set it
    Column("donor_id", Number, nullable=False, index=True),
    _bytes("nonce", 12),
    _bytes("wrapped", 48),
    Column("at", Moment, nullable=False),
)

identity_field = Table(
    "identity_field",
    metadata,
    _record(),
    Column("name", Text, primary_key=True),
    _bytes("nonce", 12),
    _bytes("ciphertext"),
)

blind_index = Table(
    "blind_index",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    _record(),
    CheckConstraint("length(digest) = 32", name="digest"),
)

scan = Table(
    "scan",
    metadata,
    Column("record_id", Uuid, primary_key=True),  # the id of the command that kept it
    Column("donor_id", Number, nullable=False, index=True),
    Column("sha256", Text, CheckConstraint("length(sha256) = 64", name="sha256"), nullable=False),
    Column("media_type", Text, nullable=False),
    _bytes("key_nonce", 12),
    _bytes("wrapped", 48),
    _bytes("nonce", 12),
    _bytes("ciphertext"),
    Column("at", Moment, nullable=False),
)
"""How long a scan is stands inside what is sealed: the ciphertext is filled up to whole blocks."""

erased = Table(
    "erased",
    metadata,
    Column("donor_id", Number, primary_key=True, autoincrement=False),
    Column("record_id", Uuid, nullable=False),  # the id of the command that erased it
    Column("at", Moment, nullable=False),
)
"""Donors whose identity was erased; it never comes back."""
