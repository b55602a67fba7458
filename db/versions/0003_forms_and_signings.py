"""The third schema: versions of consent forms, how each line was signed, and who checked it against the scan.

It adds three tables and changes no row. A released migration never changes. It imports nothing from the
program.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = ("signing", "signing_check")
KEPT = ("form_version",)


def upgrade():
    _create_tables()
    connection = op.get_bind()
    statements = _on_sqlite() if connection.dialect.name == "sqlite" else _on_postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)


def _create_tables():
    op.create_table(
        "form_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("items", JSON, nullable=False),
        sa.Column("document_name", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.Text(), nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('parents', '12-15', '16-and-over', 'adult')", name=op.f("ck_form_version_audience")
        ),
        sa.CheckConstraint(
            "document_sha256 IS NULL OR length(document_sha256) = 64",
            name=op.f("ck_form_version_document_sha256"),
        ),
        sa.CheckConstraint("length(language) = 2", name=op.f("ck_form_version_language")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_form_version_valid_to")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_form_version_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_form_version_stream_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint(
            *("form", "version", "language", "audience"),
            name=op.f("uq_form_version_form_version_language_audience"),
        ),
    )
    op.create_index("ix_form_version_stream_id", "form_version", ["stream_id"])
    op.create_table(
        "signing",
        sa.Column("donor_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_version_id", sa.Text(), nullable=True),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("obtained_by", sa.Text(), nullable=False),
        sa.Column("interpreter", sa.Boolean(), nullable=True),
        sa.Column("scan_sha256", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("original_at", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "authority IN ('parental', 'guardianship', 'court-order', 'own')",
            name=op.f("ck_signing_authority"),
        ),
        sa.CheckConstraint("pages IS NULL OR pages >= 1", name=op.f("ck_signing_pages")),
        sa.CheckConstraint(
            "scan_sha256 IS NULL OR length(scan_sha256) = 64", name=op.f("ck_signing_scan_sha256")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_signing_command_id")),
        sa.ForeignKeyConstraint(
            ["donor_id", "line_no"],
            ["consent_line.donor_id", "consent_line.no"],
            name=op.f("fk_signing_donor_id_line_no"),
        ),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_version.id"], name=op.f("fk_signing_form_version_id")
        ),
        sa.PrimaryKeyConstraint("donor_id", "line_no", name=op.f("pk_signing")),
    )
    op.create_table(
        "signing_check",
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("donor_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_signing_check_command_id")),
        sa.ForeignKeyConstraint(
            ["donor_id", "line_no"],
            ["consent_line.donor_id", "consent_line.no"],
            name=op.f("fk_signing_check_donor_id_line_no"),
        ),
        sa.PrimaryKeyConstraint("command_id", "donor_id", "line_no", name=op.f("pk_signing_check")),
    )
    op.create_index("ix_signing_check_donor_id", "signing_check", ["donor_id"])


SAME_PERSON = """
    SELECT 1 FROM consent_line l JOIN command entered ON entered.id = l.command_id
      JOIN command checked ON checked.id = NEW.command_id
     WHERE l.donor_id = NEW.donor_id AND l.no = NEW.line_no AND entered.login = checked.login
"""


def _on_sqlite():
    for table in APPEND_ONLY:
        yield _sqlite_refuse(table, "UPDATE")
        yield _sqlite_refuse(table, "DELETE")
    for table in KEPT:
        yield _sqlite_refuse(table, "DELETE")
    yield (
        "CREATE TRIGGER signing_check_other BEFORE INSERT ON signing_check BEGIN"
        f" SELECT RAISE(ABORT, 'biobank:same-person') WHERE EXISTS ({SAME_PERSON}); END"
    )


def _sqlite_refuse(table, operation):
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
    )


def _on_postgresql():
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        )
    for table in KEPT:
        yield (
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        )
    for table in (*APPEND_ONLY, *KEPT):
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION biobank_refuse()"
        )
    yield f"""CREATE FUNCTION biobank_other_person() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS ({SAME_PERSON}) THEN
            RAISE EXCEPTION 'biobank:same-person';
          END IF;
          RETURN NEW;
        END $$"""
    yield """CREATE TRIGGER signing_check_other BEFORE INSERT ON signing_check
        FOR EACH ROW EXECUTE FUNCTION biobank_other_person()"""
