"""The schema: what a migration makes is what the program expects, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from biobank_desktop.domain.materials import DERIVATIONS
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from biobank_desktop.persistence.store import Store


@pytest.fixture
def empty(empty_address: str) -> Iterator[Engine]:
    """An engine on a database without any table."""
    engine = make_engine(empty_address)
    yield engine
    engine.dispose()


def test_the_newest_revision_is_the_head_of_the_scripts() -> None:
    script = ScriptDirectory.from_config(schema._config())
    assert script.get_current_head() == schema.NEWEST
    assert {revision.revision for revision in script.walk_revisions()} == schema.KNOWN


def test_an_empty_database_has_no_revision(empty: Engine) -> None:
    with empty.connect() as connection:
        assert schema.current(connection) is None
        with pytest.raises(Unavailable, match="database-empty"):
            schema.require_current(connection)


def test_an_upgraded_database_is_current(empty: Engine) -> None:
    schema.upgrade(empty)
    with empty.connect() as connection:
        schema.require_current(connection)


def test_the_tables_are_those_of_the_migrations(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_a_fresh_database_has_the_fingerprint_of_the_founded_one(empty: Engine, store: Store) -> None:
    schema.upgrade(empty)
    with empty.connect() as fresh, store.read() as founded:
        assert schema.fingerprint(fresh) == schema.fingerprint(founded)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE setting ADD COLUMN colour text",
        "DROP INDEX ix_receipt_received_at",
        "CREATE TABLE extra (id integer)",
        "DROP TRIGGER sample_void{on}",
    ],
)
def test_the_fingerprint_sees_every_sort_of_change(store: Store, statement: str) -> None:
    with store.read() as connection:
        before = schema.fingerprint(connection)
    with store.engine.begin() as connection:
        connection.execute(text(statement.format(on="" if store.is_sqlite else " ON sample")))
    with store.read() as connection:
        assert schema.fingerprint(connection) != before


def test_the_guards_are_exactly_the_expected_ones(store: Store) -> None:
    with store.read() as connection:
        dialect = connection.dialect.name
        here = set(connection.execute(text(schema._TRIGGERS[dialect])).scalars())
        assert here == schema.guards(dialect)
        assert schema.missing_guards(connection) == []


def test_without_guards_puts_every_guard_back(store: Store) -> None:
    with store.read() as connection:
        before = schema.fingerprint(connection)
    with store.engine.begin() as connection:
        with schema.without_guards(connection):
            assert schema.missing_guards(connection) == sorted(schema.guards(connection.dialect.name))
        assert schema.missing_guards(connection) == []
    with store.read() as connection:
        assert schema.fingerprint(connection) == before


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with store.read() as connection, pytest.raises(Unavailable) as refused:
        schema.require_current(connection)
    assert refused.value.problem.code == "database-newer"
    assert refused.value.problem.values["revision"] == "9999"


def test_an_older_database_asks_for_an_upgrade(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "NEWEST", "9999")
    with store.read() as connection, pytest.raises(Unavailable, match="database-older"):
        schema.require_current(connection)


def test_what_may_derive_from_what_is_the_domain_table(store: Store) -> None:
    columns = tables.derivation.c
    with store.read() as connection:
        rows = connection.execute(select(columns.parent_material, columns.material))
        here = {tuple(row) for row in rows}
    assert here == DERIVATIONS


def test_no_key_cascades(store: Store) -> None:
    """A rebuilt parent table would empty its children on SQLite."""
    with store.read() as connection:
        inspector = inspect(connection)
        for table in inspector.get_table_names():
            for key in inspector.get_foreign_keys(table):
                assert key["options"].get("ondelete", "NO ACTION") == "NO ACTION", (table, key["name"])


def test_every_constraint_has_a_name(store: Store) -> None:
    """An unnamed one cannot be kept when a later migration rebuilds its table."""
    with store.read() as connection:
        inspector = inspect(connection)
        for table in tables.metadata.tables:
            found = [
                *inspector.get_check_constraints(table),
                *inspector.get_foreign_keys(table),
                *inspector.get_unique_constraints(table),
                inspector.get_pk_constraint(table),
            ]
            assert [one for one in found if not one["name"]] == []


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE sample (id integer)"))  # the migration trips over it half way
    with pytest.raises(Exception, match="already exists"):
        schema.upgrade(empty)
    with empty.connect() as connection:
        assert inspect(connection).get_table_names() == ["sample"]
