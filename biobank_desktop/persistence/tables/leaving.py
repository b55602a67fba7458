"""How material leaves: releases to a study, lists to destroy or give back, and proofs."""

from __future__ import annotations

from sqlalchemy import (
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
    command_column,
    length_is,
    metadata,
    one_of,
    stream_column,
)

_CHOSEN = text("state = 'chosen'")
_OPEN = text("state = 'open' OR state = 'done'")

release = Table(
    "release",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("study", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("institution", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("recipient_kind", Text, nullable=False),
    Column("bdac", Text, nullable=False),
    Column("uses", Json, nullable=False),
    Column("purposes", Json, nullable=False),
    Column("transport", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("opened_at", Moment, nullable=False),
    Column("issued_at", Moment),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    length_is(2, "country"),
    one_of("recipient_kind", "own-institute", "academic", "company"),
    one_of("transport", "by-hand", "ambient", "cooled", "dry-ice", "dry-shipper"),
    one_of("state", "open", "issued", "cancelled"),
    CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name="issued_at"),
    info={"stream": "stream_id", "subjects": ()},
)

release_line = Table(
    "release_line",
    metadata,
    Column("release_no", Integer, ForeignKey("release.no"), primary_key=True, autoincrement=False),
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False, index=True),
    Column("state", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    stream_column(),
    command_column(),
    one_of("state", "chosen", "refused", "removed", "issued"),
    Index("uq_release_line_chosen", "sample_id", unique=True, sqlite_where=_CHOSEN, postgresql_where=_CHOSEN),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)

disposal = Table(
    "disposal",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("donor_id", Number, ForeignKey("donor.id"), index=True),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    stream_column(),
    command_column(),
    CheckConstraint("no >= 1", name="no"),
    one_of("reason", "withdrawal", "refused", "overdue", "nonconformity", "expired", "other"),
    one_of("state", "open", "closed"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
    info={"stream": "stream_id", "subjects": ("donor_id",)},
)

disposal_line = Table(
    "disposal_line",
    metadata,
    Column("disposal_no", Integer, ForeignKey("disposal.no"), primary_key=True, autoincrement=False),
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False, index=True),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("done_by", Text),
    Column("done_at", Moment),
    Column("witnessed_by", Text),
    Column("witnessed_at", Moment),
    Column("note", Text, nullable=False),
    stream_column(),
    command_column(),
    one_of("action", "destroy", "return", "notify"),
    one_of("state", "open", "done", "witnessed", "dropped"),
    CheckConstraint("(state IN ('done', 'witnessed')) = (done_by IS NOT NULL)", name="done_by"),
    CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name="done_at"),
    CheckConstraint("(state = 'witnessed') = (witnessed_by IS NOT NULL)", name="witnessed_by"),
    CheckConstraint("(witnessed_by IS NULL) = (witnessed_at IS NULL)", name="witnessed_at"),
    CheckConstraint("witnessed_by IS NULL OR witnessed_by <> done_by", name="two_persons"),
    Index("uq_disposal_line_open", "sample_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)

gap_signature = Table(
    "gap_signature",
    metadata,
    Column("archive_sha256", Text, primary_key=True),
    Column("login", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    stream_column(),
    command_column(),
    length_is(64, "archive_sha256"),
    info={"stream": "stream_id", "subjects": ()},
)

erasure = Table(
    "erasure",
    metadata,
    Column("donor_id", Number, ForeignKey("donor.id"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    command_column(),
    info={"stream": "donor_id", "subjects": ("donor_id",)},
)

proof_key = Table(
    "proof_key",
    metadata,
    Column("public", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    stream_column(),
    command_column(),
    length_is(64, "public"),
    info={"stream": "stream_id", "subjects": ()},
)

proof_secret = Table(
    "proof_secret",
    metadata,
    Column("public", Text, ForeignKey("proof_key.public"), primary_key=True),
    Column("private", Text, nullable=False),
    length_is(64, "private"),
)
