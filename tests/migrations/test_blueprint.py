"""What a schema must read like: written down for every engine, and every weakened part is named by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from biobank_desktop.persistence import blueprint
from biobank_desktop.persistence.verify import Verification
from tests.migrations.blueprints import fresh_digests
from tests.support.databases import PostgresDatabases
from tests.support.postgres import INSTALLS, PostgresServer

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases


def _said(store: Store) -> list[str]:
    return [finding.why for finding in Verification(store).run() if finding.kind == "structure"]


def _do(store: Store, *statements: str) -> None:
    with store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_what_is_written_down_is_what_the_migrations_make(databases: Databases, store: Store) -> None:
    """Else: ``python -m tests.migrations.blueprints``."""
    dialect = store.engine.dialect.name
    assert fresh_digests(databases) == blueprint.shipped(dialect)
    assert _said(store) == []


@pytest.mark.parametrize("install", INSTALLS)
def test_every_postgresql_that_was_tried_says_it_in_the_same_words(install: str) -> None:
    server = PostgresServer(install)
    try:
        databases = PostgresDatabases(server)
        assert fresh_digests(databases) == blueprint.shipped("postgresql")
    finally:
        server.remove()


def test_a_postgresql_that_was_not_tried_is_asked_for_its_functions_only(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blueprint, "TRIED", frozenset[int]())
    assert _said(postgres_store) == []
    _do(postgres_store, "DROP TRIGGER stream_head ON stream", "DROP FUNCTION biobank_head CASCADE")
    assert _said(postgres_store) == [
        "the guard donor_head is missing or switched off",
        "the guard stream_head is missing or switched off",
        "the function biobank_head is missing",
    ]


_WEAK_TRIGGER = """
CREATE TRIGGER stream_head BEFORE UPDATE ON stream WHEN 1 = 0
BEGIN SELECT RAISE(ABORT, 'biobank:head-goes-back'); END
"""
_WEAK_FUNCTION = """
CREATE OR REPLACE FUNCTION biobank_refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RETURN coalesce(NEW, OLD); END $$
"""


def test_a_guard_that_was_weakened_is_named(store: Store) -> None:
    if store.is_sqlite:
        _do(store, "DROP TRIGGER stream_head", _WEAK_TRIGGER)
        assert _said(store) == ["the trigger stream_head is not as this program makes it"]
    else:
        _do(store, _WEAK_FUNCTION)
        assert _said(store) == ["the function biobank_refuse is not as this program makes it"]


def test_a_trigger_that_is_not_ours_is_named(store: Store) -> None:
    made = "CREATE TRIGGER quiet BEFORE UPDATE ON sample"
    body = " BEGIN SELECT 1; END" if store.is_sqlite else " EXECUTE FUNCTION biobank_refuse()"
    _do(store, made + body)
    assert _said(store) == ["the trigger quiet is not of this program"]


def test_a_check_that_is_gone_names_its_table(postgres_store: Store) -> None:
    _do(postgres_store, "ALTER TABLE sample DROP CONSTRAINT ck_sample_cells")
    assert _said(postgres_store) == ["the table sample is not as this program makes it"]


def test_an_index_less_is_named_and_one_more_is_not(store: Store) -> None:
    _do(store, "CREATE INDEX mine ON sample (note)", "DROP INDEX ix_receipt_received_at")
    assert _said(store) == ["the index ix_receipt_received_at is missing"]


def test_what_the_planner_keeps_about_a_file_is_no_part_of_the_schema(sqlite_store: Store) -> None:
    with sqlite_store.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    assert _said(sqlite_store) == []
