"""The schema of a database: which one it has, bringing it up to this program's, and its fingerprint."""

from __future__ import annotations

import re
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Unavailable
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.engine import without_limits
from biobank_desktop.resources import migrations_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config

NEWEST = "0007"
"""The revision that this program works with: the newest of db/versions (a test compares)."""

KNOWN = frozenset({"0001", "0002", "0003", "0004", "0005", "0006", NEWEST})
"""Every released revision up to the newest."""

_MIGRATION_LOCK = 7_204_307_576


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - 80 ms that only an upgrade should cost

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def current(connection: Connection) -> str | None:
    """The revision of the database, None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def require_current(connection: Connection) -> None:
    """Refuse a database of another schema than this program's.

    Raises ``Unavailable``: ``database-empty``, ``database-newer`` (nothing may be written by an older
    program) or ``database-older`` (an administrator upgrades it first).
    """
    here = current(connection)
    if here == NEWEST:
        return
    if here is None:
        raise Unavailable(Problem("database", "database-empty"))
    code = "database-older" if here in KNOWN else "database-newer"
    raise Unavailable(Problem("database", code, {"revision": here, "program": NEWEST}))


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to ``revision`` in one transaction: whole or not at all.

    On SQLite foreign keys are off meanwhile (a rebuilt table is dropped first) and checked at the end.
    Raises ``IntegrityBroken`` when rows break a rule of the new schema, or point nowhere afterwards.
    """
    from alembic import command  # noqa: PLC0415

    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            _foreign_keys(connection, on=False)
        try:
            with connection.begin(), without_limits(connection):
                if not sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
                config = _config()
                config.attributes["connection"] = connection
                with _rules_of_the_new_schema():
                    command.upgrade(config, revision)
                if sqlite:
                    _check_foreign_keys(connection)
        finally:
            if sqlite:
                _foreign_keys(connection, on=True)


@contextmanager
def _rules_of_the_new_schema() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        name = (
            diagnosis.constraint_name if diagnosis is not None else str(error.orig).partition("failed: ")[2]
        )
        for table in tables.metadata.sorted_tables:
            if name in {constraint.name for constraint in table.constraints}:
                values = {"table": table.name, "constraint": name}
                raise IntegrityBroken(Problem("", "rows-break-a-rule", values)) from error
        raise


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    # Through the driver: SQLAlchemy would begin a transaction first, inside which the pragma does nothing.
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _check_foreign_keys(connection: Connection) -> None:
    lost = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if lost:
        raise IntegrityBroken(Problem("", "rows-point-nowhere", {"count": len(lost), "table": lost[0][0]}))


def require_sound(connection: Connection) -> None:
    """Raise ``IntegrityBroken`` unless SQLite reads every page and every key of the file."""
    said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    if list(said) != ["ok"]:
        values = {"count": len(said), "why": str(said[0]), "path": str(connection.engine.url.database)}
        raise IntegrityBroken(Problem("backup", "backup-not-verified", values))
    _check_foreign_keys(connection)


_CATALOGUE = {
    "sqlite": (
        (
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema"
            " WHERE name NOT LIKE 'sqlite_stat%'"
        ),
    ),
    "postgresql": (
        (
            "SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type::text"
            " || ' ' || is_nullable::text || ' ' || coalesce(column_default, '')"
            " FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
        ),
        (
            "SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' '"
            " || translate(pg_get_constraintdef(oid), '()', '')"  # a dump writes other brackets
            " FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'"
        ),
        "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema()",
        (
            "SELECT 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal"
        ),
        (
            "SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
        ),
    ),
}


_APPEND_ONLY = (
    *("command", "event", "event_subject", "log", "seal", "code", "consent_line", "decision"),
    *("derivation", "meta", "rule_set", "signing", "signing_check", "gap_signature", "erasure"),
    *("proof_secret", "relocation", "temperature_change", "label_template", "printer_test"),
)
_KEPT = (
    *("stream", "person", "donor", "alias", "sample", "receipt", "step", "container_kind", "container"),
    *("label", "printer", "setting", "form_version", "nonconformity", "quarantine", "release"),
    *("release_line", "disposal", "disposal_line", "proof_key", "spill", "outage", "preprinted"),
)
_ONCE = (
    *("sample_amounts_insert", "sample_amounts_update", "sample_void", "sample_in_place"),
    *("donor_head", "stream_head", "signing_check_other", "excursion_gone", "excursion_held"),
    *("quarantine_opened", "quarantine_decided", "quarantine_person"),
    *(
        "disposition_placed",
        "disposition_chosen",
        "disposition_filled",
        "disposition_released",
        "disposition_held",
    ),
    *("disposition_gap", "disposition_permitted", "disposition_used", "disposition_listed"),
    *("disposition_changed", "disposition_final", "release_opened", "release_closed"),
    *("release_line_closed", "disposal_closed", "disposal_done", "disposal_line_opened"),
    *("disposal_line_closed", "disposal_line_done_by"),
    *("disposal_line_witness", "disposal_line_taken", "gap_signature_person", "erasure_whole"),
    *("relocation_lying", "container_allowed", "container_around", "container_inside", "container_fixed"),
    *("container_kind_fixed", "container_kind_takes", "sample_allowed"),
    *("label_follows", "label_sender", "label_one_sender"),
)
"""Guards of one trigger on either engine."""
_TWICE = (
    *("placement_gate", "placement_gone", "placement_held", "consumption_gone", "consumption_held"),
    *("consumption_permitted", "consumption_amounts", "release_line_chosen", "release_line_issued"),
    *("consumption_filled", "disposal_line_listed", "donor_age_erased", "sample_origin"),
    *("placement_allowed", "placement_filled", "placement_level", "placement_taken", "placement_within"),
)
"""Guards of what is entered and of what is changed: SQLite has a trigger for each."""


def guards(dialect: str) -> frozenset[str]:
    """The names of the triggers that a database of the newest revision has (a test compares)."""
    own = {*_ONCE, *(f"{table}_no_delete" for table in _KEPT)}
    if dialect == "sqlite":
        own |= {f"{name}_{when}" for name in _TWICE for when in ("insert", "update")}
        own.add("sample_amounts_shrink")
        refused = ("no_update", "no_delete")
    else:
        own |= {*_TWICE, *(f"{table}_no_truncate" for table in _KEPT)}
        refused = ("append_only", "no_truncate")
    return frozenset(own | {f"{table}_{word}" for table in _APPEND_ONLY for word in refused})


_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal"
    " AND t.tgenabled IN ('O', 'A')",
}


def missing_guards(connection: Connection) -> list[str]:
    """The triggers that should be in force and are not, by name."""
    dialect = connection.dialect.name
    here = set(connection.execute(text(_TRIGGERS[dialect])).scalars())
    return sorted(guards(dialect) - here)


@contextmanager
def without_guards(connection: Connection) -> Iterator[None]:
    """Switch the triggers off for as long as old rows are put back, within one transaction.

    Only a restore may: the consent gate judges today, and what was stored years ago was judged then.
    """
    if connection.dialect.name == "sqlite":
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        ).fetchall()
        for trigger in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{trigger.name}"')
        yield
        for trigger in triggers:
            connection.exec_driver_sql(trigger.sql)
        return
    names = inspect(connection).get_table_names()
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # else their checks hold the tables
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')


def fingerprint(connection: Connection) -> str:
    """SHA-256 over every table, constraint, index, trigger and function, white space folded."""
    lines = [
        re.sub(r"\s+", " ", row[0]).strip()
        for query in _CATALOGUE[connection.dialect.name]
        for row in connection.execute(text(query))
    ]
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()
