"""The first schema: commands, history, people, donors and consent, samples, storage, labels.

A released migration never changes. It imports nothing from the program, names every constraint and uses no
ON DELETE CASCADE (a rebuilt parent table would empty its children on SQLite).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = ("command", "event", "event_subject", "log", "seal", "code", "consent_line", "decision")
KEPT = (
    "stream",
    "person",
    "donor",
    "alias",
    "sample",
    "receipt",
    "step",
    "container_kind",
    "container",
    "label",
    "printer",
    "setting",
    "meta",
)


def upgrade() -> None:
    """Create the tables, what may derive from what, and the guards."""
    create_tables()
    op.bulk_insert(
        sa.table("derivation", sa.column("parent_material"), sa.column("material")),
        [
            {"parent_material": parent, "material": child}
            for parent, made in MADE_FROM.items()
            for child in made
        ],
    )
    guards = sqlite_guards() if op.get_bind().dialect.name == "sqlite" else postgresql_guards()
    for statement in guards:
        op.get_bind().exec_driver_sql(statement)


def sqlite_guards() -> list[str]:
    """Triggers: what no constraint can say, enforced against raw SQL as well."""
    statements = []
    for table in APPEND_ONLY:
        statements += [_sqlite_refuse(table, "UPDATE"), _sqlite_refuse(table, "DELETE")]
    statements += [_sqlite_refuse(table, "DELETE") for table in KEPT]
    gate = """
        SELECT RAISE(ABORT, 'biobank:sample-not-filled') FROM sample
         WHERE id = NEW.item_id AND state NOT IN ('received', 'filled');
        SELECT RAISE(ABORT, 'biobank:no-permitting-decision') FROM sample s JOIN donor d ON d.id = s.donor_id
         WHERE s.id = NEW.item_id AND NOT EXISTS (
           SELECT 1 FROM decision x
            WHERE x.command_id = NEW.command_id AND x.donor_id = s.donor_id AND x.purpose = 'store'
              AND x.verdict <> 'refused' AND x.consent_head = d.consent_head
              AND (x.holds_until IS NULL OR x.holds_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
    """
    amounts = """
        SELECT RAISE(ABORT, 'biobank:more-than-is-left') FROM sample p
         WHERE p.id = NEW.parent_id AND (
           p.volume_ul < (SELECT coalesce(sum(taken_ul), 0) FROM sample WHERE parent_id = p.id) OR
           p.cells < (SELECT coalesce(sum(taken_cells), 0) FROM sample WHERE parent_id = p.id));
    """
    shrink = """
        SELECT RAISE(ABORT, 'biobank:more-than-is-left') WHERE
           NEW.volume_ul < (SELECT coalesce(sum(taken_ul), 0) FROM sample WHERE parent_id = NEW.id) OR
           NEW.cells < (SELECT coalesce(sum(taken_cells), 0) FROM sample WHERE parent_id = NEW.id);
    """
    dead = "SELECT RAISE(ABORT, 'biobank:void-is-void');"
    return [
        *statements,
        f"CREATE TRIGGER placement_gate_insert BEFORE INSERT ON placement BEGIN {gate} END",
        f"CREATE TRIGGER placement_gate_update BEFORE UPDATE ON placement BEGIN {gate} END",
        (
            f"CREATE TRIGGER sample_amounts_insert AFTER INSERT ON sample"
            f" WHEN NEW.taken_ul > 0 OR NEW.taken_cells > 0 BEGIN {amounts} END"
        ),
        (
            f"CREATE TRIGGER sample_amounts_update AFTER UPDATE OF taken_ul, taken_cells, parent_id ON sample"
            f" WHEN NEW.taken_ul > 0 OR NEW.taken_cells > 0 BEGIN {amounts} END"
        ),
        f"CREATE TRIGGER sample_amounts_shrink AFTER UPDATE OF volume_ul, cells ON sample BEGIN {shrink} END",
        (
            f"CREATE TRIGGER sample_void BEFORE UPDATE ON sample"
            f" WHEN OLD.state = 'void' AND NEW.state <> 'void' BEGIN {dead} END"
        ),
    ]


def _sqlite_refuse(table: str, operation: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
    )


def postgresql_guards() -> list[str]:
    """The same guards for PostgreSQL; the consent gate holds the donor's row until the commit."""
    statements = [
        """CREATE FUNCTION biobank_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'biobank:append-only'; END $$""",
        """CREATE FUNCTION biobank_placement_gate() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE found_donor bigint; found_state text; head integer;
        BEGIN
          SELECT donor_id, state INTO found_donor, found_state FROM sample WHERE id = NEW.item_id FOR SHARE;
          IF NOT FOUND THEN RETURN NEW; END IF;
          IF found_state NOT IN ('received', 'filled') THEN
            RAISE EXCEPTION 'biobank:sample-not-filled';
          END IF;
          SELECT consent_head INTO head FROM donor WHERE id = found_donor FOR SHARE;
          IF NOT EXISTS (
            SELECT 1 FROM decision x
             WHERE x.command_id = NEW.command_id AND x.donor_id = found_donor AND x.purpose = 'store'
               AND x.verdict <> 'refused' AND x.consent_head = head
               AND (x.holds_until IS NULL OR x.holds_until > clock_timestamp())) THEN
            RAISE EXCEPTION 'biobank:no-permitting-decision';
          END IF;
          RETURN NEW;
        END $$""",
        """CREATE FUNCTION biobank_amounts() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE family bigint; volume integer; cell_count bigint; used_ul bigint; used_cells bigint;
        BEGIN
          FOREACH family IN ARRAY ARRAY[NEW.parent_id, NEW.id] LOOP
            SELECT volume_ul, cells INTO volume, cell_count FROM sample WHERE id = family FOR NO KEY UPDATE;
            SELECT coalesce(sum(taken_ul), 0), coalesce(sum(taken_cells), 0) INTO used_ul, used_cells
              FROM sample WHERE parent_id = family;
            IF used_ul > volume OR used_cells > cell_count THEN
              RAISE EXCEPTION 'biobank:more-than-is-left';
            END IF;
          END LOOP;
          RETURN NULL;
        END $$""",
        """CREATE FUNCTION biobank_void() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'biobank:void-is-void'; END $$""",
        """CREATE TRIGGER placement_gate BEFORE INSERT OR UPDATE ON placement
        FOR EACH ROW EXECUTE FUNCTION biobank_placement_gate()""",
        """CREATE TRIGGER sample_amounts_insert AFTER INSERT ON sample
        FOR EACH ROW WHEN (NEW.taken_ul > 0 OR NEW.taken_cells > 0)
        EXECUTE FUNCTION biobank_amounts()""",
        """CREATE TRIGGER sample_amounts_update
        AFTER UPDATE OF taken_ul, taken_cells, parent_id, volume_ul, cells ON sample
        FOR EACH ROW EXECUTE FUNCTION biobank_amounts()""",
        """CREATE TRIGGER sample_void BEFORE UPDATE ON sample
        FOR EACH ROW WHEN (OLD.state = 'void' AND NEW.state <> 'void') EXECUTE FUNCTION biobank_void()""",
    ]
    statements += [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        for table in APPEND_ONLY
    ]
    statements += [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        for table in KEPT
    ]
    statements += [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION biobank_refuse()"
        for table in (*APPEND_ONLY, *KEPT)
    ]
    return statements


MADE_FROM = {
    "BFF": (
        "BFF",
        "DNA",
        "RNA",
    ),
    "BLD": (
        "BFF",
        "BLD",
        "BUF",
        "CEL",
        "DNA",
        "PEL",
        "PL1",
        "PL2",
        "RNA",
        "SER",
    ),
    "BMA": (
        "BFF",
        "BMA",
        "BUF",
        "CEL",
        "DNA",
        "PEL",
        "PL1",
        "PL2",
        "RNA",
    ),
    "BUF": (
        "BFF",
        "BUF",
        "CEL",
        "DNA",
        "RNA",
    ),
    "CEL": (
        "CEL",
        "DNA",
        "PEL",
        "RNA",
    ),
    "CSF": (
        "CSF",
        "DNA",
        "PEN",
        "RNA",
    ),
    "DNA": ("DNA",),
    "PEL": (
        "DNA",
        "PEL",
        "RNA",
    ),
    "PEN": (
        "DNA",
        "PEN",
        "RNA",
    ),
    "PL1": (
        "DNA",
        "PL1",
        "PL2",
    ),
    "PL2": (
        "DNA",
        "PL2",
    ),
    "RNA": ("RNA",),
    "SER": (
        "DNA",
        "SER",
    ),
    "ZZZ": ("ZZZ",),
}


def create_tables() -> None:
    """Every table with its constraints and indexes."""
    op.create_table(
        "command",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("bench", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_table(
        "derivation",
        sa.Column("parent_material", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("parent_material", "material", name=op.f("pk_derivation")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "seal",
        sa.Column("size", NUMBER, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_seal")),
    )
    op.create_table(
        "stream",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('lab', 'person', 'donor', 'device')", name=op.f("ck_stream_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream")),
    )
    op.create_table(
        "code",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('PM', 'PB', 'PD')", name=op.f("ck_code_kind")),
        sa.CheckConstraint("length(text) = 10", name=op.f("ck_code_length")),
        sa.CheckConstraint("substr(text, 1, 2) = kind", name=op.f("ck_code_prefix")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_code_command_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.UniqueConstraint("text", name=op.f("uq_code_text")),
    )
    op.create_table(
        "container_kind",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("row_labels", sa.Text(), nullable=False),
        sa.Column("column_labels", sa.Text(), nullable=False),
        sa.Column("fill_order", sa.Text(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("holds IN ('samples', 'containers')", name=op.f("ck_container_kind_holds")),
        sa.CheckConstraint("rows >= 1 AND columns >= 1", name=op.f("ck_container_kind_grid")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_container_kind_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_container_kind_stream_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_container_kind")),
        sa.UniqueConstraint("name", "rows", "columns", name=op.f("uq_container_kind_name_rows_columns")),
    )
    op.create_index(op.f("ix_container_kind_stream_id"), "container_kind", ["stream_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_event_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_event_stream_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("stream_id", "seq", name=op.f("uq_event_stream_id_seq")),
    )
    op.create_index(op.f("ix_event_command_id"), "event", ["command_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("credential_sha256", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('technician', 'manager', 'auditor', 'administrator')", name=op.f("ck_person_role")
        ),
        sa.CheckConstraint(
            "length(login) BETWEEN 1 AND 32 AND login = lower(login)", name=op.f("ck_person_login")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_person_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_person_stream_id")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_person")),
        sa.UniqueConstraint("stream_id", name=op.f("uq_person_stream_id")),
    )
    op.create_table(
        "printer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("way IN ('pdf', 'sheet', 'system')", name=op.f("ck_printer_way")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_printer_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_printer_stream_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_printer")),
    )
    op.create_index(op.f("ix_printer_stream_id"), "printer", ["stream_id"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_setting_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_setting_stream_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_index(op.f("ix_setting_stream_id"), "setting", ["stream_id"], unique=False)
    op.create_table(
        "alias",
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("object_id", NUMBER, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(value) BETWEEN 1 AND 64", name=op.f("ck_alias_value")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_alias_command_id")),
        sa.ForeignKeyConstraint(["object_id"], ["code.id"], name=op.f("fk_alias_object_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_alias_stream_id")),
        sa.PrimaryKeyConstraint("value", "issuer", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_object_id"), "alias", ["object_id"], unique=False)
    op.create_index(op.f("ix_alias_stream_id"), "alias", ["stream_id"], unique=False)
    op.create_table(
        "container",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("temperature", sa.Text(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 40", name=op.f("ck_container_name")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_container_command_id")),
        sa.ForeignKeyConstraint(["id"], ["code.id"], name=op.f("fk_container_id")),
        sa.ForeignKeyConstraint(
            ["kind", "rows", "columns"],
            ["container_kind.name", "container_kind.rows", "container_kind.columns"],
            name="fk_container_kind",
        ),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_container_stream_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_container")),
        sa.UniqueConstraint("id", "rows", "columns", name=op.f("uq_container_id_rows_columns")),
        sa.UniqueConstraint("name", name=op.f("uq_container_name")),
    )
    op.create_index(op.f("ix_container_kind"), "container", ["kind"], unique=False)
    op.create_index(op.f("ix_container_stream_id"), "container", ["stream_id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("argon2id", sa.Text(), nullable=False),
        sa.Column("recovery_argon2id", sa.Text(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["login"], ["person.login"], name=op.f("fk_credential_login")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_credential")),
    )
    op.create_table(
        "donor",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("day1_on", sa.Date(), nullable=True),
        sa.Column("consent_head", sa.Integer(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("role IN ('patient', 'sibling-donor')", name=op.f("ck_donor_role")),
        sa.CheckConstraint(
            "sex IN ('male', 'female', 'unknown', 'undifferentiated')", name=op.f("ck_donor_sex")
        ),
        sa.CheckConstraint("consent_head >= 0", name=op.f("ck_donor_consent_head")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_donor_command_id")),
        sa.ForeignKeyConstraint(["id"], ["code.id"], name=op.f("fk_donor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
    )
    op.create_table(
        "event_subject",
        sa.Column("subject_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("event_id", NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_subject_event_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["code.id"], name=op.f("fk_event_subject_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "event_id", name=op.f("pk_event_subject")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label",
        sa.Column("object_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("printer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed', 'cancelled', 'verified')", name=op.f("ck_label_state")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_label_command_id")),
        sa.ForeignKeyConstraint(["object_id"], ["code.id"], name=op.f("fk_label_object_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_label_stream_id")),
        sa.PrimaryKeyConstraint("object_id", "no", name=op.f("pk_label")),
    )
    op.create_index("ix_label_state", "label", ["state", "requested_at"], unique=False)
    op.create_index(op.f("ix_label_stream_id"), "label", ["stream_id"], unique=False)
    op.create_table(
        "log",
        sa.Column("pos", NUMBER, autoincrement=False, nullable=False),
        sa.Column("event_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_log_event_id")),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_log")),
        sa.UniqueConstraint("event_id", name=op.f("uq_log_event_id")),
    )
    op.create_table(
        "unsealed",
        sa.Column("event_id", NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_unsealed_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_unsealed")),
    )
    op.create_table(
        "consent_line",
        sa.Column("donor_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("sole_authority", sa.Boolean(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("no >= 1", name=op.f("ck_consent_line_no")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_consent_line_command_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_consent_line_donor_id")),
        sa.PrimaryKeyConstraint("donor_id", "no", name=op.f("pk_consent_line")),
    )
    op.create_table(
        "decision",
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("donor_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("consent_head", sa.Integer(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("known_on", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.Column("first_received_at", MOMENT, nullable=True),
        sa.Column("holds_until", MOMENT, nullable=True),
        sa.CheckConstraint(
            "verdict IN ('permitted', 'provisional', 'refused')", name=op.f("ck_decision_verdict")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_decision_command_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_decision_donor_id")),
        sa.PrimaryKeyConstraint("command_id", "donor_id", "purpose", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_donor_id", "decision", ["donor_id"], unique=False)
    op.create_table(
        "donor_age",
        sa.Column("donor_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("turns_12_on", sa.Date(), nullable=False),
        sa.Column("turns_16_on", sa.Date(), nullable=False),
        sa.Column("turns_18_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_donor_age_donor_id")),
        sa.PrimaryKeyConstraint("donor_id", name=op.f("pk_donor_age")),
    )
    op.create_table(
        "placement",
        sa.Column("item_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("container_id", NUMBER, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("column_no", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("item_id <> container_id", name=op.f("ck_placement_inside_itself")),
        sa.CheckConstraint(
            "row_no BETWEEN 1 AND rows AND column_no BETWEEN 1 AND columns", name=op.f("ck_placement_grid")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_placement_command_id")),
        sa.ForeignKeyConstraint(
            ["container_id", "rows", "columns"],
            ["container.id", "container.rows", "container.columns"],
            name="fk_placement_grid",
        ),
        sa.ForeignKeyConstraint(["item_id"], ["code.id"], name=op.f("fk_placement_item_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_placement_stream_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_placement")),
        sa.UniqueConstraint(
            "container_id", "row_no", "column_no", name=op.f("uq_placement_container_id_row_no_column_no")
        ),
    )
    op.create_index(op.f("ix_placement_stream_id"), "placement", ["stream_id"], unique=False)
    op.create_table(
        "sample",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("donor_id", NUMBER, nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("parent_id", NUMBER, nullable=True),
        sa.Column("parent_material", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("time_point", sa.Text(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=True),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("planned_ul", sa.Integer(), nullable=True),
        sa.Column("planned_cells", NUMBER, nullable=True),
        sa.Column("medium", sa.Text(), nullable=True),
        sa.Column("volume_ul", sa.Integer(), nullable=True),
        sa.Column("cells", NUMBER, nullable=True),
        sa.Column("viability_percent", sa.Double(), nullable=True),
        sa.Column("blasts_percent", sa.Double(), nullable=True),
        sa.Column("taken_ul", sa.Integer(), nullable=True),
        sa.Column("taken_cells", NUMBER, nullable=True),
        sa.Column("filled_at", MOMENT, nullable=True),
        sa.Column("sprec", sa.Text(), nullable=True),
        sa.Column("sprec_version", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'tube') = (parent_id IS NULL) AND (parent_id IS NULL) = (parent_material IS NULL)",
            name=op.f("ck_sample_family"),
        ),
        sa.CheckConstraint(
            "(kind = 'tube') = (state IN ('received', 'refused'))", name=op.f("ck_sample_life")
        ),
        sa.CheckConstraint("kind IN ('tube', 'aliquot', 'derivative')", name=op.f("ck_sample_kind")),
        sa.CheckConstraint(
            "state IN ('received', 'refused', 'planned', 'filled', 'void')", name=op.f("ck_sample_state")
        ),
        sa.CheckConstraint(
            "blasts_percent IS NULL OR blasts_percent BETWEEN 0 AND 100",
            name=op.f("ck_sample_blasts_percent"),
        ),
        sa.CheckConstraint("cells IS NULL OR cells >= 0", name=op.f("ck_sample_cells")),
        sa.CheckConstraint("taken_cells IS NULL OR taken_cells >= 0", name=op.f("ck_sample_taken_cells")),
        sa.CheckConstraint("taken_ul IS NULL OR taken_ul >= 0", name=op.f("ck_sample_taken_ul")),
        sa.CheckConstraint(
            "viability_percent IS NULL OR viability_percent BETWEEN 0 AND 100",
            name=op.f("ck_sample_viability_percent"),
        ),
        sa.CheckConstraint("volume_ul IS NULL OR volume_ul >= 0", name=op.f("ck_sample_volume_ul")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_sample_command_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_sample_donor_id")),
        sa.ForeignKeyConstraint(["id"], ["code.id"], name=op.f("fk_sample_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_material", "donor_id"],
            ["sample.id", "sample.material", "sample.donor_id"],
            name="fk_sample_family",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["parent_material", "material"],
            ["derivation.parent_material", "derivation.material"],
            name="fk_sample_derivation",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
        sa.UniqueConstraint("id", "material", "donor_id", name=op.f("uq_sample_id_material_donor_id")),
    )
    op.create_index(op.f("ix_sample_donor_id"), "sample", ["donor_id"], unique=False)
    op.create_index(op.f("ix_sample_parent_id"), "sample", ["parent_id"], unique=False)
    waiting = sa.text("state = 'planned' OR state = 'refused'")
    op.create_index("ix_sample_state", "sample", ["state"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "receipt",
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("temperature", sa.Text(), nullable=False),
        sa.Column("conditions", JSON, nullable=False),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("pull_number", sa.Integer(), nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "acceptance IN ('accepted', 'accepted-with-deviation', 'rejected')",
            name=op.f("ck_receipt_acceptance"),
        ),
        sa.CheckConstraint(
            "origin IN ('residual', 'extra-tube', 'extra-procedure')", name=op.f("ck_receipt_origin")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_receipt_command_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_receipt_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_receipt_stream_id")),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_receipt")),
    )
    op.create_index(op.f("ix_receipt_received_at"), "receipt", ["received_at"], unique=False)
    op.create_index(op.f("ix_receipt_stream_id"), "receipt", ["stream_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("speed_g", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("temperature", sa.Text(), nullable=True),
        sa.Column("brake", sa.Boolean(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('spin', 'density-gradient', 'wash', 'count', 'freeze')", name=op.f("ck_step_kind")
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_step_ended_at")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_step_command_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_step_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_step_stream_id")),
        sa.PrimaryKeyConstraint("sample_id", "no", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_stream_id"), "step", ["stream_id"], unique=False)
