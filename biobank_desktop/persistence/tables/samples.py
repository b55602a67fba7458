"""Tubes and what was made of them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
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

_LATER = text("origin_id IS NOT NULL")
_WAITING = text("state = 'planned' OR state = 'refused'")

derivation = Table(
    "derivation",
    metadata,
    Column("parent_material", Text, primary_key=True),
    Column("material", Text, primary_key=True),
)

sample = Table(
    "sample",
    metadata,
    Column("id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("donor_id", Number, ForeignKey("donor.id"), nullable=False, index=True),
    Column("material", Text, nullable=False),
    Column("parent_id", Number, index=True),
    Column("parent_material", Text),
    Column("state", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("time_point", Text, nullable=False),
    Column("drawn_at", Moment),
    Column("container", Text, nullable=False),
    Column("number", Integer),
    Column("planned_ul", Integer),
    Column("planned_cells", Number),
    Column("medium", Text),
    Column("volume_ul", Integer),
    Column("cells", Number),
    Column("viability_percent", Double),
    Column("blasts_percent", Double),
    Column("taken_ul", Integer),
    Column("taken_cells", Number),
    Column("filled_at", Moment),
    Column("sprec", Text),
    Column("sprec_version", Text),
    Column("note", Text, nullable=False),
    # The tube, of what was made later of a vial; of all else the parent is the tube.
    Column("origin_id", Number, ForeignKey("sample.id")),
    command_column(),
    UniqueConstraint("id", "material", "donor_id"),
    ForeignKeyConstraint(
        ["parent_id", "parent_material", "donor_id"],
        ["sample.id", "sample.material", "sample.donor_id"],
        deferrable=True,
        initially="DEFERRED",
        name="fk_sample_family",
    ),
    ForeignKeyConstraint(
        ["parent_material", "material"],
        ["derivation.parent_material", "derivation.material"],
        deferrable=True,
        initially="DEFERRED",
        name="fk_sample_derivation",
    ),
    one_of("kind", "tube", "aliquot", "derivative"),
    one_of("state", "received", "refused", "planned", "filled", "void"),
    CheckConstraint(
        "(kind = 'tube') = (parent_id IS NULL) AND (parent_id IS NULL) = (parent_material IS NULL)",
        name="family",
    ),
    CheckConstraint("(kind = 'tube') = (state IN ('received', 'refused'))", name="life"),
    at_least(0, "volume_ul"),
    at_least(0, "cells"),
    at_least(0, "taken_ul"),
    at_least(0, "taken_cells"),
    CheckConstraint(
        "viability_percent IS NULL OR viability_percent BETWEEN 0 AND 100", name="viability_percent"
    ),
    CheckConstraint("blasts_percent IS NULL OR blasts_percent BETWEEN 0 AND 100", name="blasts_percent"),
    CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent_id"),
    at_least(1, "number"),
    at_least(0, "planned_ul"),
    at_least(0, "planned_cells"),
    CheckConstraint("(sprec IS NULL) = (sprec_version IS NULL)", name="sprec"),
    # Today asks for the few that wait among a million that do not.
    Index("ix_sample_origin_id", "origin_id", sqlite_where=_LATER, postgresql_where=_LATER),
    Index("ix_sample_state", "state", sqlite_where=_WAITING, postgresql_where=_WAITING),
    info={"stream": "donor_id", "subjects": ("id", "parent_id")},
)

receipt = Table(
    "receipt",
    metadata,
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False),
    Column("received_at", Moment, nullable=False, index=True),
    Column("temperature", Text, nullable=False),
    Column("conditions", Json, nullable=False),
    Column("acceptance", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("pull_number", Integer),
    Column("released_at", Moment),
    Column("released_by", Text),
    stream_column(),
    command_column(),
    one_of("acceptance", "accepted", "accepted-with-deviation", "rejected"),
    one_of("origin", "residual", "extra-tube", "extra-procedure"),
    at_least(1, "pull_number"),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)

step = Table(
    "step",
    metadata,
    Column("sample_id", Number, ForeignKey("sample.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("speed_g", Integer),
    Column("minutes", Integer),
    Column("temperature", Text),
    Column("brake", Boolean),
    Column("device", Text),
    Column("lot", Text),
    stream_column(),
    command_column(),
    one_of("kind", "spin", "density-gradient", "wash", "count", "freeze"),
    CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ended_at"),
    CheckConstraint("no >= 1", name="no"),
    at_least(1, "speed_g"),
    at_least(1, "minutes"),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)
