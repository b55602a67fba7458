"""Fixtures for every layer: real databases of both engines with a founded lab in them."""

from __future__ import annotations

import gettext
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from biobank_desktop import language
from biobank_desktop.services import people
from tests.support.databases import (
    ANNA,
    BO,
    CAS,
    DEE,
    ENGINES,
    Databases,
    PostgresDatabases,
    SqliteDatabases,
    open_store,
)
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that chooses a language chooses it for itself only; without one, codes stand for sentences."""
    monkeypatch.setattr(language, "_catalogue", gettext.NullTranslations())
    monkeypatch.setattr(language, "_chosen", "en")


@pytest.fixture(scope="session", autouse=True)
def shipped_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords outside of the tests, a sixth of a second a try; here it is done at once."""
    shipped = people._HASHER
    people._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    yield shipped
    people._HASHER = shipped


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process; what must outlive a power cut is tested on others."""
    server = PostgresServer(fsync="off", full_page_writes="off")
    yield server
    server.remove()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Makes SQLite databases."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases(postgres_server: PostgresServer) -> Databases:
    """Makes PostgreSQL databases."""
    return PostgresDatabases(postgres_server)


@pytest.fixture(params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Makes databases: the test runs once with each engine."""
    made: Databases = request.getfixturevalue(f"{request.param}_databases")
    return made


def _store(databases: Databases) -> Iterator[Store]:
    address = databases.lab()
    store = open_store(address)
    yield store
    store.close()
    databases.remove(address)


@pytest.fixture
def store(databases: Databases) -> Iterator[Store]:
    """A founded lab of one's own; the test runs once with each engine."""
    yield from _store(databases)


@pytest.fixture
def sqlite_store(sqlite_databases: Databases) -> Iterator[Store]:
    """A founded lab of one's own in a SQLite file."""
    yield from _store(sqlite_databases)


@pytest.fixture
def postgres_store(postgresql_databases: Databases) -> Iterator[Store]:
    """A founded lab of one's own in a PostgreSQL database."""
    yield from _store(postgresql_databases)


@pytest.fixture
def lab_address(databases: Databases) -> Iterator[str]:
    """The address of a founded lab that nothing has opened; once with each engine."""
    address = databases.lab()
    yield address
    databases.remove(address)


@pytest.fixture
def empty_address(databases: Databases) -> Iterator[str]:
    """The address of a database without any table; once with each engine."""
    address = databases.empty()
    yield address
    databases.remove(address)


@pytest.fixture
def administrator() -> Actor:
    """Anna, who may do everything."""
    return ANNA


@pytest.fixture
def actor() -> Actor:
    """Bo, a technician."""
    return BO


@pytest.fixture
def manager() -> Actor:
    """Cas, who manages boxes, settings and backups."""
    return CAS


@pytest.fixture
def auditor() -> Actor:
    """Dee, who may look at everything."""
    return DEE
