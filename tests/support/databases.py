"""Real databases for the tests: a lab founded once per engine, then copied for every test.

Founding costs five Argon2 hashes and a migration; a copy costs milliseconds (a file, or PostgreSQL's
``CREATE DATABASE … TEMPLATE``).
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import psycopg
from psycopg import sql

from biobank_desktop.domain.people import Actor
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.identity.vault import beside
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.store import Store
from biobank_desktop.services.lab import found_lab
from biobank_desktop.services.people import PersonForm, add_person

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer

EngineName = Literal["sqlite", "postgresql"]
ENGINES: tuple[EngineName, ...] = ("sqlite", "postgresql")
PASSWORD = "right-horse"
BENCH = "bench-1"

ANNA = Actor("anna", "Anna de Wit", "administrator", BENCH)
BO = Actor("bo", "Bo Jansen", "technician", BENCH)
CAS = Actor("cas", "Cas Visser", "manager", BENCH)
DEE = Actor("dee", "Dee Bakker", "auditor", BENCH)


class Databases(Protocol):
    """Makes databases of one engine, empty or with the founded lab in it, and removes them."""

    def empty(self) -> str:
        """The address of a new database without any table."""

    def lab(self) -> str:
        """The address of a new copy of the founded lab."""

    def copy(self, address: str) -> str:
        """The address of a copy of a database that nothing is connected to."""

    def remove(self, address: str) -> None:
        """Remove a database that nothing is connected to."""


class SqliteDatabases:
    """SQLite files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._template = folder / "template.sqlite"

    def empty(self) -> str:
        return str(self._folder / f"{next(self._numbers)}.sqlite")

    def lab(self) -> str:
        if not self._template.exists():
            found(str(self._template))
        address = self.empty()
        shutil.copyfile(self._template, address)
        return address

    def copy(self, address: str) -> str:
        made = self.empty()
        shutil.copyfile(address, made)
        return made

    def remove(self, address: str) -> None:
        for path in (
            *self._folder.glob(f"{Path(address).name}*"),
            *self._folder.glob(f"{beside(address).name}*"),
        ):
            path.unlink()


class PostgresDatabases:
    """Databases of one server of our own."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = count()
        self._template: str | None = None

    def empty(self) -> str:
        return self._create(f"test_{next(self._numbers)}", "template1")

    def lab(self) -> str:
        if self._template is None:
            address = self._create("lab_template", "template1")
            found(address)
            self._template = "lab_template"
        return self._create(f"test_{next(self._numbers)}", self._template)

    def copy(self, address: str) -> str:
        return self._create(f"test_{next(self._numbers)}", name_of(address))

    def remove(self, address: str) -> None:
        name = name_of(address)
        self._do(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, name: str, template: str) -> str:
        names = sql.Identifier(name), sql.Identifier(template)
        self._do(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self._server.url(name)

    def _do(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(statement)


def name_of(address: str) -> str:
    """The name of the database at an address of ``PostgresDatabases``."""
    return address.partition("@/")[2].partition("?")[0]


def open_store(address: str) -> Store:
    """A store on a database of this address, without a journal."""
    return Store(make_engine(address))


def found(address: str) -> None:
    """Found the lab of the tests: administrator anna, technician bo, manager cas, auditor dee."""
    store = open_store(address)
    try:
        form = PersonForm(ANNA.login, ANNA.name, ANNA.role)
        actor = found_lab(store, form, PASSWORD, BENCH).actor
        for person in (BO, CAS, DEE):
            add_person(store, actor, PersonForm(person.login, person.name, person.role), PASSWORD)
        seal(store)
    finally:
        store.close()
