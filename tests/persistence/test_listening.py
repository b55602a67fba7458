"""What is stored at one bench is heard at the others: at once, once, and also what a cut line swallowed."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from queue import Empty, Queue
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.listening import REST_SECONDS
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.words import Word, of_command, of_seal, understood
from biobank_desktop.services.lab import set_setting
from tests.support.databases import ANNA, found, name_of, open_store
from tests.support.proxy import Proxy
from tests.support.rows import enter_family

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases
    from tests.support.postgres import PostgresServer

SOON_SECONDS = 20.0
SILENCE_SECONDS = 0.5
NEWS = Word(changed=True)


class Ear:
    """What a listening store has been told."""

    def __init__(self, store: Store) -> None:
        self._told: Queue[Word] = Queue()
        store.listen(self._told.put)

    def next(self) -> Word:
        """The next word, waited for."""
        return self._told.get(timeout=SOON_SECONDS)

    def rest(self) -> list[Word]:
        """Everything told until nobody says anything any more."""
        said = []
        while True:
            try:
                said.append(self._told.get(timeout=SILENCE_SECONDS))
            except Empty:
                return said


@pytest.fixture
def address(postgresql_databases: Databases) -> Iterator[str]:
    made = postgresql_databases.lab()
    yield made
    postgresql_databases.remove(made)


@pytest.fixture
def bench(address: str) -> Iterator[Store]:
    """The bench that listens."""
    with closing(open_store(address)) as store:
        yield store


@pytest.fixture
def other(address: str) -> Iterator[Store]:
    """Another one."""
    with closing(open_store(address)) as store:
        yield store


def listeners() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "listener"]


def change(store: Store) -> None:
    set_setting(store, ANNA, "lab-number-label", f"Number {uuid4().hex[:6]}")


def test_what_words_mean() -> None:
    own, theirs = of_command("a"), of_command("b")
    assert understood([], "a") == Word(changed=False)
    assert understood([own, of_seal(3), own, of_seal(7)], "a") == Word(changed=False, sealed=7)
    assert understood([own, theirs, own], "a") == Word(changed=True)
    assert understood(["sealed off", of_seal(1)], "a") == Word(changed=True, sealed=1)


def test_a_command_is_heard_at_once_and_its_seal_afterwards(bench: Store, other: Store) -> None:
    ear = Ear(bench)
    assert ear.next() == NEWS
    assert ear.rest() == []
    change(other)
    assert ear.next() == NEWS
    assert ear.rest() == []
    newest = seal(other)
    assert ear.next() == Word(changed=False, sealed=newest.size)


def test_own_commands_are_no_news_and_own_seals_are_told(bench: Store) -> None:
    ear = Ear(bench)
    assert ear.next() == NEWS
    change(bench)
    assert ear.rest() == []
    newest = seal(bench)
    assert ear.next() == Word(changed=False, sealed=newest.size)


def test_what_is_refused_or_only_asked_is_not_told(bench: Store, other: Store) -> None:
    ear = Ear(bench)
    assert ear.next() == NEWS
    with pytest.raises(Rejected, match="derivation-not-allowed"):
        enter_family(other, material="CSF")  # refused at the COMMIT, which has its word with it
    other.stored(uuid4())
    assert ear.rest() == []


def test_a_storm_is_told_a_few_times_and_its_last_command_always(bench: Store, other: Store) -> None:
    ear = Ear(bench)
    assert ear.next() == NEWS
    begin = time.monotonic()
    for _ in range(80):
        change(other)
    lasted = time.monotonic() - begin
    told = [ear.next(), *ear.rest()]
    assert len(told) <= lasted / REST_SECONDS + 2
    change(other)
    assert ear.next() == NEWS
    assert ear.rest() == []


@pytest.fixture
def proxy(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Proxy]:
    made = Proxy(postgres_server.folder, tmp_path)
    yield made
    made.down()


def test_what_happened_while_the_line_was_cut_is_heard_of(address: str, other: Store, proxy: Proxy) -> None:
    with closing(open_store(proxy.url(name_of(address)))) as bench:
        ear = Ear(bench)
        assert ear.next() == NEWS
        proxy.down()
        change(other)
        assert ear.rest() == []
        proxy.up()
        assert ear.next() == NEWS
        assert ear.rest() == []
        change(other)
        assert ear.next() == NEWS


def test_a_server_that_hangs_up_is_called_again_with_patience(bench: Store, other: Store) -> None:
    ear = Ear(bench)
    for _ in range(3):
        assert ear.next() == NEWS
        _hang_up(other)
    assert ear.next() == NEWS
    change(other)
    assert ear.next() == NEWS


def _hang_up(store: Store) -> None:
    """End every connection that listens."""
    with store.read() as connection:
        ended = connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
        ).scalar_one()
    assert ended == 1


@pytest.fixture
def two_labs(
    postgres_server: PostgresServer, postgresql_databases: Databases
) -> Iterator[tuple[Store, Store]]:
    """Two labs in two schemas of one database, each with a role of its own."""
    address = postgresql_databases.empty()
    schemas = ("Lab One", "lab_two")
    stores = []
    with psycopg.connect(address, autocommit=True) as connection:
        for name in schemas:
            for line in (
                "CREATE ROLE {0} LOGIN",
                "CREATE SCHEMA {0} AUTHORIZATION {0}",
                "ALTER ROLE {0} SET search_path = {0}",
            ):
                connection.execute(sql.SQL(line).format(sql.Identifier(name)))
    for name in schemas:
        mine = address.replace("postgres@", f"{quote(name)}@")
        found(mine)
        stores.append(open_store(mine))
    yield stores[0], stores[1]
    for store in stores:
        store.close()
    postgresql_databases.remove(address)
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        for name in schemas:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_labs_in_two_schemas_do_not_hear_each_other(two_labs: tuple[Store, Store]) -> None:
    one, two = two_labs
    ear = Ear(one)
    assert ear.next() == NEWS
    change(two)
    seal(two)
    assert ear.rest() == []
    with closing(open_store(one.engine.url.render_as_string())) as other:
        change(other)
    assert ear.next() == NEWS


def test_nothing_is_told_after_hush(bench: Store, other: Store) -> None:
    ear = Ear(bench)
    assert ear.next() == NEWS
    bench.hush()
    change(other)
    assert ear.rest() == []


@pytest.mark.parametrize("state", ["hearing", "resting", "calling in vain"])
def test_closing_ends_the_thread_whatever_it_does(
    address: str, other: Store, proxy: Proxy, state: str
) -> None:
    bench = open_store(proxy.url(name_of(address)))
    ear = Ear(bench)
    assert ear.next() == NEWS
    if state == "resting":
        change(other)
        assert ear.next() == NEWS
    elif state == "calling in vain":
        proxy.down()
        assert ear.rest() == []
    bench.close()
    assert listeners() == []


def test_a_local_file_has_no_listener(sqlite_store: Store) -> None:
    ear = Ear(sqlite_store)
    assert listeners() == []
    change(sqlite_store)
    assert ear.rest() == []
