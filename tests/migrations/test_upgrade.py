"""Labs of every earlier schema, as they were stored then: upgraded, refused, restored, worked in."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import inspect, select, text

from biobank_desktop.domain.problems import IntegrityBroken, Unavailable
from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import placing
from biobank_desktop.services.backup import restore
from biobank_desktop.session import open_session
from biobank_desktop.settings import Settings
from tests.support.catalogue import Constraint, read_catalogue
from tests.support.constraint_attacks import BYTES, REFUSED, VOCABULARIES, strangers, vocabulary
from tests.support.databases import BENCH, BO, PASSWORD, Databases, open_store
from tests.support.repertoire import REPERTOIRE
from tests.support.stored import (
    REVISIONS,
    all_rows,
    as_before,
    rows_at,
    stored_archive,
    stored_lab,
    stored_stage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Row, Select, Table

    from biobank_desktop.persistence.store import Store

OLDER = tuple(revision for revision in REVISIONS if revision != schema.NEWEST)
LEFT_TO_DO = (
    *("vials-added", "made-void", "placing-undone", "label-reprinted", "reattributed"),
    *("consent-recorded", "password-set"),
)
CHECKS_SINCE = {
    "0001": {"sqlite": 34 + len(BYTES), "postgresql": 34},
    "0002": {"sqlite": 0, "postgresql": 0},
    "0003": {"sqlite": 0, "postgresql": 0},
    "0004": {"sqlite": 0, "postgresql": 0},
    "0005": {"sqlite": 0, "postgresql": 0},
    "0006": {"sqlite": 0, "postgresql": 0},
}
"""How many checks more the tables of a revision have now."""
COUNTED = {
    "sqlite": {"tables": 51, "indexes": 55, "checks": 126, "foreign keys": 119, "triggers": 146},
    "postgresql": {"tables": 51, "indexes": 55, "checks": 121, "foreign keys": 119, "triggers": 150},
}


@pytest.fixture(params=OLDER)
def revision(request: pytest.FixtureRequest) -> str:
    """Each released revision before the newest."""
    return str(request.param)


@pytest.fixture
def old(databases: Databases, revision: str) -> Iterator[Store]:
    """The stored lab of that revision."""
    address = stored_lab(databases, revision)
    store = open_store(address)
    yield store
    store.close()
    databases.remove(address)


def _fingerprint(engine: Engine) -> str:
    with engine.connect() as connection:
        return schema.fingerprint(connection)


def _work_on(store: Store, revision: str) -> None:
    stage = stored_stage(revision)
    for kind in LEFT_TO_DO:
        REPERTOIRE[kind](store, stage, uuid4())
        if kind == "placing-undone":
            placing.place(store, BO, stage.box, stage.stored)
    seal(store)
    assert Verification(store).run() == []


def test_every_released_revision_is_stored() -> None:
    assert {*REVISIONS, schema.NEWEST} == schema.KNOWN


def test_an_upgrade_keeps_every_row_and_makes_the_newest_schema(
    old: Store, empty_address: str, revision: str
) -> None:
    with old.read() as connection:
        assert schema.current(connection) == revision
        before = all_rows(connection)
    schema.upgrade(old.engine)
    with closing(open_store(empty_address)) as fresh, old.read() as connection:
        schema.upgrade(fresh.engine)
        assert schema.current(connection) == schema.NEWEST
        assert schema.fingerprint(connection) == _fingerprint(fresh.engine)
        here = all_rows(connection)
    assert as_before(here, before) == before
    assert sum(map(len, before.values())) > 300
    assert min(len(rows) for name, rows in before.items() if name != "unsealed") > 0
    assert Verification(old).run() == []


def test_everything_that_refuses_is_counted(old: Store) -> None:
    """A fresh database has lost what an upgraded one has lost: so it is held against numbers, too."""
    schema.upgrade(old.engine)
    with old.read() as connection:
        catalogue, inspector = read_catalogue(connection), inspect(connection)
        dialect = connection.dialect.name
        indexes = [
            index["name"]
            for table in inspector.get_table_names()
            for index in inspector.get_indexes(table)
            if not index.get("duplicates_constraint")
        ]
    sorts = [one.sort for one in catalogue.constraints]
    assert COUNTED[dialect] == {
        "tables": len({one.table for one in catalogue.constraints}),
        "indexes": len(indexes),
        "checks": sorts.count("check"),
        "foreign keys": sorts.count("foreign key"),
        "triggers": len(catalogue.triggers),
    }


def test_the_work_goes_on_in_it(old: Store, revision: str) -> None:
    schema.upgrade(old.engine)
    _work_on(old, revision)


def test_it_is_refused_until_it_is_upgraded(old: Store, tmp_path: Path, revision: str) -> None:
    """By what opens a database for the window and for the command line."""
    address = old.engine.url.render_as_string(hide_password=False)
    address = str(old.engine.url.database) if old.is_sqlite else address
    old.close()
    settings = Settings(address, BENCH, tmp_path, tmp_path, tmp_path)
    with pytest.raises(Unavailable) as refused:
        open_session(settings)
    assert refused.value.problem.code == "database-older"
    assert refused.value.problem.values == {"revision": revision, "program": schema.NEWEST}
    schema.upgrade(old.engine)
    old.close()
    open_session(settings).close()


BREAKING: dict[str, dict[str, str]] = {
    "ck_consent_line_received_on": {"signed_on": "'2999-01-01'"},
    "ck_consent_line_corrects": {"corrects": "no"},
    "ck_sample_parent_id": {"parent_id": "id", "parent_material": "material"},
}
"""Where the attack on the newest schema is a whole new row."""


BREAKABLE = {"ck_sample_parent_id": "parent_id IS NOT NULL", "ck_sample_sprec": "sprec IS NULL"}
"""Which row can break it."""


def _breaking(check: str) -> dict[str, str]:
    """What an old row may hold that this check of the new schema refuses."""
    if check in BREAKING:
        return BREAKING[check]
    if check in VOCABULARIES:
        return {VOCABULARIES[check]: f"'{strangers(vocabulary(check))[1]}'"}
    return {BYTES[check]: f"'{'x' * 32}'"} if check in BYTES else dict(REFUSED[check][0])


def _update(connection: Connection, table: Table, row: Row[Any], **values: Any) -> None:
    same = (column == row._mapping[column.name] for column in table.primary_key.columns)
    with schema.without_guards(connection):
        connection.execute(table.update().where(*same).values(values))


@contextmanager
def _broken(engine: Engine, check: str, table: Table) -> Iterator[None]:
    """One row of the table breaks the rule, for as long as this lasts."""
    with engine.begin() as connection:
        there = _asked(connection, table)
        rows = connection.execute(there).all()
        row = connection.execute(there.where(text(BREAKABLE.get(check, "1 = 1"))).limit(1)).one()
        broken = {column: text(f"({value})") for column, value in _breaking(check).items()}
        _update(connection, table, row, **broken)
    yield
    with engine.begin() as connection:
        (now,) = [one for one in connection.execute(_asked(connection, table)).all() if one not in rows]
        _update(connection, table, now, **{column: row._mapping[column] for column in broken})


def _asked(connection: Connection, table: Table) -> Select[Any]:
    """The rows of a table, without the columns that the old schema does not have."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    return select(*(column for column in table.columns if column.name in there))


def _columns(table: str) -> list[str]:
    return list(tables.metadata.tables[table].columns.keys())


def _checks(connection: Connection) -> list[Constraint]:
    return [one for one in read_catalogue(connection).constraints if one.sort == "check"]


def test_an_old_row_that_breaks_a_new_rule_stops_the_upgrade(
    old: Store, databases: Databases, revision: str
) -> None:
    with old.read() as connection:
        before, made = all_rows(connection), schema.fingerprint(connection)
        there = {one.name for one in _checks(connection)}
        columns = {
            f"ck_{table}_{column['name']}"
            for table in before
            for column in inspect(connection).get_columns(table)
        }
    newest = databases.lab()
    with closing(open_store(newest)) as store, store.read() as connection:
        now = [one for one in _checks(connection) if one.table in before]
    databases.remove(newest)
    of_new_columns = {f"ck_{table}_{column}" for table in before for column in _columns(table)} - columns
    new = [one for one in now if one.name not in there | of_new_columns]
    assert len(new) == CHECKS_SINCE[revision][old.engine.dialect.name]
    for check in new:
        with _broken(old.engine, check.name, tables.metadata.tables[check.table]):
            with pytest.raises(IntegrityBroken) as refused:
                schema.upgrade(old.engine)
            assert refused.value.problem.code == "rows-break-a-rule"
            assert refused.value.problem.values == {"table": check.table, "constraint": check.name}
            assert _fingerprint(old.engine) == made
    with old.read() as connection:
        assert schema.current(connection) == revision
        assert all_rows(connection) == before


def test_an_archive_of_it_restores_into_the_newest_schema(
    databases: Databases, empty_address: str, revision: str
) -> None:
    restored = complete(restore(stored_archive(revision), empty_address, "anna", PASSWORD, BENCH))
    assert restored.findings == ()
    old = stored_lab(databases, revision)
    with closing(open_store(empty_address)) as store:
        with store.read() as connection:
            assert schema.current(connection) == schema.NEWEST
            here = all_rows(connection)
        _work_on(store, revision)
    then = rows_at(old)
    declared = {"command", "event", "log", "meta", "seal", "setting", "stream", "unsealed"}
    kept = as_before(here, then)
    assert {name for name, rows in kept.items() if rows != then[name]} == declared
    databases.remove(old)


def test_a_newer_database_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with store.read() as connection:
        before: Any = all_rows(connection), schema.fingerprint(connection)
    with pytest.raises(Exception, match="9999"):
        schema.upgrade(store.engine)
    with store.read() as connection:
        assert (all_rows(connection), schema.fingerprint(connection)) == before
