"""The second schema: values that the program never writes are refused, and what is counted only goes on.

A released migration never changes. It imports nothing from the program. SQLite cannot add a constraint to a
table, so there each table is made anew, filled and put in the place of the old one; foreign keys must be off
meanwhile (``persistence.schema.upgrade`` sees to it), or dropping a table would empty it first.
"""

import re

from alembic import op

revision = "0002"
down_revision = "0001"


def _among(column, *words):
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _at_least(least, column):
    return f"{column} IS NULL OR {column} >= {least}"


def _bytes(column):
    return f"{column} IS NULL OR typeof({column}) = 'blob'"


CHECKS = {
    "command": {"payload_sha256": "length(payload_sha256) = 32"},
    "stream": {"head_seq": "head_seq >= 0", "head_hash": "length(head_hash) = 32"},
    "event": {"seq": "seq >= 1", "hash": "length(hash) = 32"},
    "log": {"pos": "pos >= 1"},
    "seal": {"size": "size >= 1", "root": "length(root) = 32"},
    "person": {"credential_sha256": "length(credential_sha256) = 64"},
    "credential": {"failed": "failed >= 0"},
    "donor_age": {"ages": "turns_12_on < turns_16_on AND turns_16_on < turns_18_on"},
    "consent_line": {
        "kind": _among(
            *("kind", "given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed"),
            *("recontact-sent", "no-answer", "age-threshold", "form-superseded", "deceased", "corrected"),
        ),
        "signatory": _among("signatory", "mother", "father", "guardian", "child", "self"),
        "level": _among("level", "W0", "W1", "W2", "W3", "W4"),
        "received_on": "signed_on <= received_on",
        "corrects": "corrects IS NULL OR corrects BETWEEN 1 AND no - 1",
    },
    "decision": {
        "purpose": _among(
            *("purpose", "receive", "store", "receive-extra", "use-a2g", "use-other", "use-data"),
            *("use-genetic", "share-eu", "share-outside-eu", "use-commercial", "use-animal", "cell-line"),
            *("tell-finding", "recontact"),
        ),
        "consent_head": "consent_head >= 0",
    },
    "sample": {
        "parent_id": "parent_id IS NULL OR parent_id <> id",
        "number": _at_least(1, "number"),
        "planned_ul": _at_least(0, "planned_ul"),
        "planned_cells": _at_least(0, "planned_cells"),
        "sprec": "(sprec IS NULL) = (sprec_version IS NULL)",
    },
    "receipt": {"pull_number": _at_least(1, "pull_number")},
    "step": {
        "no": "no >= 1",
        "speed_g": _at_least(1, "speed_g"),
        "minutes": _at_least(1, "minutes"),
    },
    "container_kind": {
        "level": _among(
            *("level", "site", "room", "device", "shelf", "rack", "box", "goblet", "freezing-container")
        ),
        "row_labels": _among(
            "row_labels", "letters", "letters-without-i", "numbers", "numbers-padded", "running"
        ),
        "column_labels": _among(
            "column_labels", "letters", "letters-without-i", "numbers", "numbers-padded", "running"
        ),
        "fill_order": _among(
            "fill_order",
            *(f"rows-from-{corner}" for corner in ("top-left", "top-right", "bottom-left", "bottom-right")),
            *(
                f"columns-from-{corner}"
                for corner in ("top-left", "top-right", "bottom-left", "bottom-right")
            ),
        ),
    },
    "container": {
        "temperature": _among("temperature", "ln2", "-80", "overnight -80", "-20", "fridge", "room")
    },
    "label": {"no": "no >= 1"},
    "printer": {"dpi": "dpi >= 1"},
}
"""The new checks of each table."""

BYTES = {
    "command": ("payload_sha256",),
    "stream": ("head_hash",),
    "event": ("body", "hash"),
    "seal": ("root",),
}
"""Columns of bytes: SQLite would keep text in them as well."""


def upgrade():
    connection = op.get_bind()
    statements = _on_sqlite(connection) if connection.dialect.name == "sqlite" else _on_postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)


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
    for table, checks in CHECKS.items():
        held = {f"{column}_bytes": _bytes(column) for column in BYTES.get(table, ())}
        constraints = [_constraint(table, *one) for one in (checks | held).items()]
        yield from _made_anew(connection, table, constraints)
    for _name, sql in triggers:
        yield sql
    yield from (_sqlite_refuse(*one) for one in (("derivation", "UPDATE"), ("derivation", "DELETE")))
    yield _sqlite_refuse("meta", "UPDATE")
    back = "SELECT RAISE(ABORT, 'biobank:head-goes-back');"
    yield (
        "CREATE TRIGGER donor_head BEFORE UPDATE ON donor"
        f" WHEN NEW.consent_head < OLD.consent_head BEGIN {back} END"
    )
    yield (
        "CREATE TRIGGER stream_head BEFORE UPDATE ON stream"
        f" WHEN NEW.head_seq < OLD.head_seq BEGIN {back} END"
    )
    yield (
        "CREATE TRIGGER sample_in_place BEFORE UPDATE ON sample WHEN NEW.state IN ('planned', 'void')"
        " BEGIN SELECT RAISE(ABORT, 'biobank:sample-in-place')"
        " WHERE EXISTS (SELECT 1 FROM placement WHERE item_id = NEW.id); END"
    )


def _made_anew(connection, table, constraints):
    catalogue = "SELECT sql FROM sqlite_schema WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL"
    create = connection.exec_driver_sql(catalogue, ("table", table)).scalar_one()
    indexes = connection.exec_driver_sql(catalogue + " ORDER BY name", ("index", table)).scalars().all()
    body, end = create[: create.rindex("\n)")], create[create.rindex("\n)") :]
    more = "".join(f", \n\t{one}" for one in constraints)
    yield re.sub(rf"^CREATE TABLE {table} ", f"CREATE TABLE new_{table} ", body) + more + end
    yield f"INSERT INTO new_{table} SELECT * FROM {table}"
    yield f"DROP TABLE {table}"
    yield f"ALTER TABLE new_{table} RENAME TO {table}"
    yield from indexes


def _constraint(table, name, condition):
    return f"CONSTRAINT ck_{table}_{name} CHECK ({condition})"


def _sqlite_refuse(table, operation):
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
    )


# PostgreSQL --------------------------------------------------------------------------------------------


def _on_postgresql():
    for table, checks in CHECKS.items():
        more = ", ".join(f"ADD {_constraint(table, *one)}" for one in checks.items())
        yield f"ALTER TABLE {table} {more}"
    yield "DROP TRIGGER meta_no_delete ON meta"
    for table in ("derivation", "meta"):
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        )
    yield (
        "CREATE TRIGGER derivation_no_truncate BEFORE TRUNCATE ON derivation"
        " FOR EACH STATEMENT EXECUTE FUNCTION biobank_refuse()"
    )
    yield """CREATE FUNCTION biobank_head() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'biobank:head-goes-back'; END $$"""
    yield """CREATE FUNCTION biobank_in_place() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM placement WHERE item_id = NEW.id) THEN
            RAISE EXCEPTION 'biobank:sample-in-place';
          END IF;
          RETURN NEW;
        END $$"""
    for table, column in (("donor", "consent_head"), ("stream", "head_seq")):
        yield (
            f"CREATE TRIGGER {table}_head BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN (NEW.{column} < OLD.{column}) EXECUTE FUNCTION biobank_head()"
        )
    yield """CREATE TRIGGER sample_in_place BEFORE UPDATE ON sample
        FOR EACH ROW WHEN (NEW.state IN ('planned', 'void')) EXECUTE FUNCTION biobank_in_place()"""
