"""``biobank upgrade`` on labs of every earlier schema, and what it refuses."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from biobank_desktop.persistence import schema
from tests.support.databases import Databases, open_store
from tests.support.stored import REVISIONS, as_before, rows_at, stored_lab

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank


@pytest.mark.parametrize("revision", [one for one in REVISIONS if one != schema.NEWEST])
def test_an_older_database_is_refused_then_copied_and_upgraded(
    biobank: Biobank, databases: Databases, revision: str
) -> None:
    address = stored_lab(databases, revision)
    before = rows_at(address)
    ran = biobank(address, "status")
    assert (ran.exit, ran.problems) == (3, [("database", "database-older")])
    assert rows_at(address) == before
    upgraded = biobank(address, "upgrade").result
    assert (upgraded["before"], upgraded["after"]) == (revision, schema.NEWEST)
    assert as_before(rows_at(address), before) == before
    if "://" in address:
        assert upgraded["copy"] is None
    else:
        assert rows_at(upgraded["copy"]) == before
        with closing(open_store(upgraded["copy"])) as copy, copy.read() as connection:
            assert schema.current(connection) == revision
        assert Path(upgraded["copy"]).name.endswith(".before-upgrade.sqlite")
    assert biobank(address, "verify").exit == 0
    databases.remove(address)


@pytest.mark.parametrize("word", ["status", "upgrade", "verify", "backup"])
def test_a_newer_database_is_refused_and_stays_as_it_is(
    biobank: Biobank, lab_address: str, word: str
) -> None:
    with closing(open_store(lab_address)) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = rows_at(lab_address)
    ran = biobank(lab_address, word)
    assert (ran.exit, ran.problems) == (3, [("database", "database-newer")])
    assert rows_at(lab_address) == before


def test_an_upgrade_that_a_row_forbids_says_which_rule(biobank: Biobank, databases: Databases) -> None:
    address = stored_lab(databases, REVISIONS[0])
    with closing(open_store(address)) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE printer SET dpi = 0"))
    before = rows_at(address)
    ran = biobank(address, "upgrade")
    assert (ran.exit, ran.problems) == (4, [("", "rows-break-a-rule")])
    assert "printer" in ran.said["problems"][0]["message"]
    assert rows_at(address) == before
    databases.remove(address)
