"""The tables, as SQLAlchemy Core; they never leave this package.

Three sorts. *Facts* say what is so; each row names the command that wrote it last (``command_id``) and the
stream of its history (``info["stream"]``: the column that holds it), and ``info["subjects"]`` names the
columns whose objects the row is about. Facts are rebuilt from the events, so only ``Work`` writes them.
*History* says what happened and is append-only. *Private* rows (ages, credentials) stand outside the history
because they must be erasable or secret.

Guards that no table definition can express (append-only, the consent gate, amounts) are triggers:
the migrations in ``db/versions``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from biobank_desktop.persistence.columns import Json, Moment

_LABELS = ("letters", "letters-without-i", "numbers", "numbers-padded", "running")
_CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
_WAITING = text("state = 'planned' OR state = 'refused'")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer, "sqlite")


def _command() -> Column[object]:
    return Column("command_id", Uuid, ForeignKey("command.id"), nullable=False)


def _stream() -> Column[int]:
    return Column("stream_id", Number, ForeignKey("stream.id"), nullable=False, index=True)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _at_least(least: int, column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IS NULL OR {column} >= {least}", name=column)


def _long(length: int, column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) = {length}", name=column)


def _bytes(column: str) -> CheckConstraint:
    """SQLite would keep text in a column of bytes as well."""
    condition = f"{column} IS NULL OR typeof({column}) = 'blob'"
    return CheckConstraint(condition, name=f"{column}_bytes").ddl_if(dialect="sqlite")


# History ---------------------------------------------------------------------------------------------

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
    _long(32, "payload_sha256"),
    _bytes("payload_sha256"),
)

stream = Table(
    "stream",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("head_seq", Integer, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    _one_of("kind", "lab", "person", "donor", "device"),
    CheckConstraint("head_seq >= 0", name="head_seq"),
    _long(32, "head_hash"),
    _bytes("head_hash"),
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
    _long(32, "hash"),
    _bytes("body"),
    _bytes("hash"),
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
    _long(32, "root"),
    _bytes("root"),
)

# Objects and their names -----------------------------------------------------------------------------

code = Table(
    "code",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    _command(),
    CheckConstraint("length(text) = 10", name="length"),
    CheckConstraint("substr(text, 1, 2) = kind", name="prefix"),
    _one_of("kind", "PM", "PB", "PD"),
)

alias = Table(
    "alias",
    metadata,
    Column("value", Text, primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("object_id", Number, ForeignKey("code.id"), nullable=False, index=True),
    _stream(),
    _command(),
    CheckConstraint("length(value) BETWEEN 1 AND 64", name="value"),
    info={"stream": "stream_id", "subjects": ("object_id",)},
)

# People ----------------------------------------------------------------------------------------------

person = Table(
    "person",
    metadata,
    Column("login", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("credential_sha256", Text, nullable=False),
    Column("stream_id", Number, ForeignKey("stream.id"), nullable=False, unique=True),
    _command(),
    CheckConstraint("length(login) BETWEEN 1 AND 32 AND login = lower(login)", name="login"),
    _one_of("role", "technician", "manager", "auditor", "administrator"),
    _long(64, "credential_sha256"),
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

# Donors and consent ----------------------------------------------------------------------------------

donor = Table(
    "donor",
    metadata,
    Column("id", Number, ForeignKey("code.id"), primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("sex", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("day1_on", Date),
    Column("consent_head", Integer, nullable=False),
    _command(),
    _one_of("role", "patient", "sibling-donor"),
    _one_of("sex", "male", "female", "unknown", "undifferentiated"),
    CheckConstraint("consent_head >= 0", name="consent_head"),
    info={"stream": "id", "subjects": ("id",)},
)

donor_age = Table(
    "donor_age",
    metadata,
    Column("donor_id", Number, ForeignKey("donor.id"), primary_key=True, autoincrement=False),
    Column("turns_12_on", Date, nullable=False),
    Column("turns_16_on", Date, nullable=False),
    Column("turns_18_on", Date, nullable=False),
    CheckConstraint("turns_12_on < turns_16_on AND turns_16_on < turns_18_on", name="ages"),
)

consent_line = Table(
    "consent_line",
    metadata,
    Column("donor_id", Number, ForeignKey("donor.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("signatory", Text, nullable=False),
    Column("sole_authority", Boolean, nullable=False),
    Column("form", Text, nullable=False),
    Column("form_version", Text, nullable=False),
    Column("answers", Json, nullable=False),
    Column("level", Text),
    Column("signed_on", Date, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("corrects", Integer),
    Column("note", Text, nullable=False),
    _command(),
    CheckConstraint("no >= 1", name="no"),
    _one_of(
        *("kind", "given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed"),
        *("recontact-sent", "no-answer", "age-threshold", "form-superseded", "deceased", "corrected"),
    ),
    _one_of("signatory", "mother", "father", "guardian", "child", "self"),
    _one_of("level", "W0", "W1", "W2", "W3", "W4"),
    CheckConstraint("signed_on <= received_on", name="received_on"),
    CheckConstraint("corrects IS NULL OR corrects BETWEEN 1 AND no - 1", name="corrects"),
    info={"stream": "donor_id", "subjects": ("donor_id",)},
)

form_version = Table(
    "form_version",
    metadata,
    Column("id", Text, primary_key=True),
    Column("form", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("approved_on", Date),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("items", Json, nullable=False),
    Column("document_name", Text, nullable=False),
    Column("document_sha256", Text),
    _stream(),
    _command(),
    _one_of("audience", "parents", "12-15", "16-and-over", "adult"),
    CheckConstraint("document_sha256 IS NULL OR length(document_sha256) = 64", name="document_sha256"),
    _long(2, "language"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_to"),
    UniqueConstraint("form", "version", "language", "audience"),
    info={"stream": "stream_id", "subjects": ()},
)
signing = Table(
    "signing",
    metadata,
    Column("donor_id", Number, primary_key=True, autoincrement=False),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("form_version_id", Text, ForeignKey("form_version.id")),
    Column("authority", Text),
    Column("obtained_by", Text, nullable=False),
    Column("interpreter", Boolean),
    Column("scan_sha256", Text),
    Column("pages", Integer),
    Column("original_at", Text, nullable=False),
    _command(),
    ForeignKeyConstraint(["donor_id", "line_no"], ["consent_line.donor_id", "consent_line.no"]),
    _one_of("authority", "parental", "guardianship", "court-order", "own"),
    _at_least(1, "pages"),
    CheckConstraint("scan_sha256 IS NULL OR length(scan_sha256) = 64", name="scan_sha256"),
    info={"stream": "donor_id", "subjects": ("donor_id",)},
)
signing_check = Table(
    "signing_check",
    metadata,
    Column("command_id", Uuid, ForeignKey("command.id"), primary_key=True),
    Column("donor_id", Number, primary_key=True, autoincrement=False),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("agrees", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    ForeignKeyConstraint(["donor_id", "line_no"], ["consent_line.donor_id", "consent_line.no"]),
    Index("ix_signing_check_donor_id", "donor_id"),
    info={"stream": "donor_id", "subjects": ("donor_id",)},
)
rule_set = Table(
    "rule_set",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("version", Text, nullable=False, unique=True),
    Column("valid_from", Date, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("content", Json, nullable=False),
    _stream(),
    _command(),
    CheckConstraint("no >= 1", name="no"),
    info={"stream": "stream_id", "subjects": ()},
)
decision = Table(
    "decision",
    metadata,
    Column("command_id", Uuid, ForeignKey("command.id"), primary_key=True),
    Column("donor_id", Number, ForeignKey("donor.id"), primary_key=True, autoincrement=False),
    Column("purpose", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("consent_head", Integer, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("known_on", Moment, nullable=False),
    Column("received_at", Moment),
    Column("first_received_at", Moment),
    Column("holds_until", Moment),
    _one_of("verdict", "permitted", "provisional", "refused"),
    _one_of(
        *("purpose", "receive", "store", "receive-extra", "use-a2g", "use-other", "use-data"),
        *("use-genetic", "share-eu", "share-outside-eu", "use-commercial", "use-animal", "cell-line"),
        *("tell-finding", "recontact"),
    ),
    CheckConstraint("consent_head >= 0", name="consent_head"),
    Index("ix_decision_donor_id", "donor_id"),
    info={"stream": "donor_id", "subjects": ("donor_id",)},
)

# Samples ---------------------------------------------------------------------------------------------

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
    _command(),
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
    _one_of("kind", "tube", "aliquot", "derivative"),
    _one_of("state", "received", "refused", "planned", "filled", "void"),
    CheckConstraint(
        "(kind = 'tube') = (parent_id IS NULL) AND (parent_id IS NULL) = (parent_material IS NULL)",
        name="family",
    ),
    CheckConstraint("(kind = 'tube') = (state IN ('received', 'refused'))", name="life"),
    _at_least(0, "volume_ul"),
    _at_least(0, "cells"),
    _at_least(0, "taken_ul"),
    _at_least(0, "taken_cells"),
    CheckConstraint(
        "viability_percent IS NULL OR viability_percent BETWEEN 0 AND 100", name="viability_percent"
    ),
    CheckConstraint("blasts_percent IS NULL OR blasts_percent BETWEEN 0 AND 100", name="blasts_percent"),
    CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent_id"),
    _at_least(1, "number"),
    _at_least(0, "planned_ul"),
    _at_least(0, "planned_cells"),
    CheckConstraint("(sprec IS NULL) = (sprec_version IS NULL)", name="sprec"),
    # Today asks for the few that wait among a million that do not.
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
    _stream(),
    _command(),
    _one_of("acceptance", "accepted", "accepted-with-deviation", "rejected"),
    _one_of("origin", "residual", "extra-tube", "extra-procedure"),
    _at_least(1, "pull_number"),
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
    _stream(),
    _command(),
    _one_of("kind", "spin", "density-gradient", "wash", "count", "freeze"),
    CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ended_at"),
    CheckConstraint("no >= 1", name="no"),
    _at_least(1, "speed_g"),
    _at_least(1, "minutes"),
    info={"stream": "stream_id", "subjects": ("sample_id",)},
)

# Storage ---------------------------------------------------------------------------------------------

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
    _stream(),
    _command(),
    UniqueConstraint("name", "rows", "columns"),
    CheckConstraint("rows >= 1 AND columns >= 1", name="grid"),
    _one_of("holds", "samples", "containers"),
    _one_of("level", "site", "room", "device", "shelf", "rack", "box", "goblet", "freezing-container"),
    _one_of("row_labels", *_LABELS),
    _one_of("column_labels", *_LABELS),
    _one_of(
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
    _stream(),
    _command(),
    UniqueConstraint("id", "rows", "columns"),
    ForeignKeyConstraint(
        ["kind", "rows", "columns"],
        ["container_kind.name", "container_kind.rows", "container_kind.columns"],
        name="fk_container_kind",
    ),
    CheckConstraint("length(name) BETWEEN 1 AND 40", name="name"),
    _one_of("temperature", "ln2", "-80", "overnight -80", "-20", "fridge", "room"),
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
    _stream(),
    _command(),
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

# Labels and settings ---------------------------------------------------------------------------------

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
    _stream(),
    _command(),
    _one_of("state", "queued", "sent", "failed", "cancelled", "verified"),
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
    _stream(),
    _command(),
    _one_of("way", "pdf", "sheet", "system"),
    CheckConstraint("dpi >= 1", name="dpi"),
    info={"stream": "stream_id", "subjects": ()},
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
    _stream(),
    _command(),
    info={"stream": "stream_id", "subjects": ()},
)

FACTS = tuple(table for table in metadata.sorted_tables if "stream" in table.info)
HISTORY = (command, event, event_subject, log, seal)
