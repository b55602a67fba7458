"""The fourth schema: the consent rules of a lab, set by set.

It adds one table and changes no row. A released migration never changes. It imports nothing from the
program.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade():
    op.create_table(
        "rule_set",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("no >= 1", name=op.f("ck_rule_set_no")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_rule_set_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_rule_set_stream_id")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_set_version")),
    )
    op.create_index("ix_rule_set_stream_id", "rule_set", ["stream_id"])
    connection = op.get_bind()
    for statement in _on_sqlite() if connection.dialect.name == "sqlite" else _on_postgresql():
        connection.exec_driver_sql(statement)


def _on_sqlite():
    for operation in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER rule_set_no_{operation.lower()} BEFORE {operation} ON rule_set"
            " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
        )


def _on_postgresql():
    yield (
        "CREATE TRIGGER rule_set_append_only BEFORE UPDATE OR DELETE ON rule_set"
        " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
    )
    yield (
        "CREATE TRIGGER rule_set_no_truncate BEFORE TRUNCATE ON rule_set"
        " FOR EACH STATEMENT EXECUTE FUNCTION biobank_refuse()"
    )
