"""The seventh schema: what became of every label, templates of the lab's own, tests of printers, rolls.

It adds three tables and columns of ``label``, lets a label be in more states and a printer be reached in more
ways, and guards both. It changes no row. A released migration never changes. It imports nothing from the
program.
"""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")

APPEND_ONLY = ("label_template", "printer_test")
KEPT = ("preprinted",)

WIDER = {
    "label": (
        "state",
        ("queued", "sent", "failed", "cancelled", "verified"),
        ("queued", "sending", "sent", "confirmed", "held", "unknown", "failed", "cancelled", "verified"),
    ),
    "printer": ("way", ("pdf", "sheet", "system"), ("pdf", "sheet", "system", "zpl", "cups")),
}
"""Columns with a list of words: what they might say before, and what they may say now."""

COLUMNS = {
    "bench": "TEXT",
    "template_version": "INTEGER",
    "dpi": "INTEGER",
    "bits_sha256": "TEXT",
    "sender": "TEXT",
    "fault": "{json}",
    "sending_at": "{moment}",
    "confirmed_at": "{moment}",
}
"""Columns of ``label``; empty in every row there is."""

FOLLOWS = {
    "queued": ("sending", "failed", "cancelled", "verified"),
    "sending": ("sent", "confirmed", "held", "unknown", "failed", "verified"),
    "sent": ("unknown", "confirmed", "failed", "verified"),
    "held": ("confirmed", "unknown", "failed", "verified"),
    "unknown": ("confirmed", "failed", "verified"),
    "confirmed": ("verified",),
    "failed": ("verified",),
}
"""What a label may become; the rest are ends. ``services.printing`` says why."""

IN_A_PRINTER = "('sending', 'held')"

PAIRS = ", ".join(f"'{before} {after}'" for before, words in FOLLOWS.items() for after in words)
GOES_BACK = f"NEW.state <> OLD.state AND OLD.state || ' ' || NEW.state NOT IN ({PAIRS})"
SENT_BY_NOBODY = f"NEW.state IN {IN_A_PRINTER} AND (NEW.printer IS NULL OR NEW.sender IS NULL)"
SENT_BY_ANOTHER = """NEW.state = 'sending' AND EXISTS (
          SELECT 1 FROM label o
           WHERE o.printer = NEW.printer AND o.state = 'sending' AND o.sender <> NEW.sender)"""

# What PostgreSQL holds until the commit; SQLite has one writer at a time.
PRINTER = "PERFORM 1 FROM printer WHERE name = NEW.printer FOR NO KEY UPDATE;"

RULES = (
    # the guard, what change of a label it refuses, what is said, what PostgreSQL holds meanwhile
    ("label_follows", GOES_BACK, "label-state-not-allowed", ""),
    ("label_sender", SENT_BY_NOBODY, "label-without-sender", ""),
    ("label_one_sender", SENT_BY_ANOTHER, "label-two-senders", PRINTER),
)


def upgrade():
    connection = op.get_bind()
    _create_tables()
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in _on_sqlite(connection) if on_sqlite else _on_postgresql():
        connection.exec_driver_sql(statement)


def _columns(moment, json):
    for name, kind in COLUMNS.items():
        yield f"ALTER TABLE label ADD COLUMN {name} {kind.format(moment=moment, json=json)}"


def _among(column, words):
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


# SQLite ------------------------------------------------------------------------------------------------


def _on_sqlite(connection):
    """Statements, each read from the catalogue as the ones before have left it."""
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("foreign keys must be off while tables are made anew")
    triggers = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid"
    ).fetchall()
    # A trigger that names a table which is not there for a moment would stop the renaming.
    for name, _sql in triggers:
        yield f"DROP TRIGGER {name}"
    yield from _columns("TEXT", "TEXT")
    for table, (column, before, after) in WIDER.items():
        yield from _made_anew(connection, table, _among(column, before), _among(column, after))
    for _name, sql in triggers:
        yield sql
    for table in APPEND_ONLY:
        yield _sqlite_refuse(table, "UPDATE")
    for table in (*APPEND_ONLY, *KEPT):
        yield _sqlite_refuse(table, "DELETE")
    for name, refused, said, _held_rows in RULES:
        yield (
            f"CREATE TRIGGER {name} BEFORE UPDATE ON label WHEN {refused}"
            f" BEGIN SELECT RAISE(ABORT, 'biobank:{said}'); END"
        )


def _made_anew(connection, table, before, after):
    catalogue = "SELECT sql FROM sqlite_schema WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL"
    create = connection.exec_driver_sql(catalogue, ("table", table)).scalar_one()
    indexes = connection.exec_driver_sql(catalogue + " ORDER BY name", ("index", table)).scalars().all()
    if create.count(before) != 1:
        raise RuntimeError(f"the table {table} is not the one of the sixth schema")
    create = re.sub(rf'^CREATE TABLE "?{table}"? ', f"CREATE TABLE new_{table} ", create)
    yield create.replace(before, after)
    yield f"INSERT INTO new_{table} SELECT * FROM {table}"
    yield f"DROP TABLE {table}"
    yield f"ALTER TABLE new_{table} RENAME TO {table}"
    yield from indexes


def _sqlite_refuse(table, operation):
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
    )


# PostgreSQL --------------------------------------------------------------------------------------------


def _on_postgresql():
    yield from _columns("TIMESTAMP WITH TIME ZONE", "JSONB")
    for table, (column, _before, after) in WIDER.items():
        yield f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}"
        yield f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column} CHECK ({_among(column, after)})"
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
    for name, refused, said, held_rows in RULES:
        yield f"""CREATE FUNCTION biobank_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
        {held_rows}
        IF {refused} THEN
          RAISE EXCEPTION 'biobank:{said}';
        END IF;
        RETURN NEW;
        END $$"""
        yield (f"CREATE TRIGGER {name} BEFORE UPDATE ON label FOR EACH ROW EXECUTE FUNCTION biobank_{name}()")


# Tables ------------------------------------------------------------------------------------------------


def _own(table):
    return (
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f(f"fk_{table}_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f(f"fk_{table}_stream_id")),
    )


def _create_tables():
    op.create_table(
        "label_template",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *_own("label_template"),
        sa.CheckConstraint("version >= 1", name=op.f("ck_label_template_version")),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_label_template")),
    )
    op.create_table(
        "printer_test",
        sa.Column("printer", sa.Text(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Text(), nullable=False),
        sa.Column("ribbon", sa.Text(), nullable=False),
        sa.Column("read_dots", sa.Text(), nullable=False),
        *_own("printer_test"),
        sa.CheckConstraint("no >= 1", name=op.f("ck_printer_test_no")),
        sa.ForeignKeyConstraint(["printer"], ["printer.name"], name=op.f("fk_printer_test_printer")),
        sa.PrimaryKeyConstraint("printer", "no", name=op.f("pk_printer_test")),
    )
    op.create_table(
        "preprinted",
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("roll", sa.Text(), nullable=False),
        sa.Column("bench", sa.Text(), nullable=False),
        *_own("preprinted"),
        sa.CheckConstraint("length(value) BETWEEN 1 AND 64", name=op.f("ck_preprinted_value")),
        sa.PrimaryKeyConstraint("value", "issuer", name=op.f("pk_preprinted")),
    )
    for table in (*APPEND_ONLY, *KEPT):
        op.create_index(op.f(f"ix_{table}_stream_id"), table, ["stream_id"])
