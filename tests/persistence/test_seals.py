"""The seal covers every committed event exactly once, however the commits come in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from biobank_desktop.domain.problems import Problem
from biobank_desktop.persistence import seals, tables
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.seals import extend, last_seal, seal, seal_at
from biobank_desktop.persistence.store import Store
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.persistence.work import LAB_STREAM, NO_HASH
from biobank_desktop.services.lab import set_setting
from tests.support.databases import CAS
from tests.support.rows import do, enter_donor

if TYPE_CHECKING:
    import pytest

    from biobank_desktop.persistence.work import Work


def sealed_and_waiting(store: Store) -> tuple[list[int], list[int], list[int]]:
    """Events in the log in its order, events waiting, all events."""
    with store.read() as connection:
        logged = connection.execute(select(tables.log.c.event_id).order_by(tables.log.c.pos)).scalars()
        waiting = connection.execute(select(tables.unsealed.c.event_id)).scalars()
        events = connection.execute(select(tables.event.c.id).order_by(tables.event.c.id)).scalars()
        return list(logged), list(waiting), list(events)


def test_every_event_is_sealed_once(store: Store) -> None:
    for number in range(3):
        set_setting(store, CAS, f"{number}", number)
    newest = seal(store)
    logged, waiting, events = sealed_and_waiting(store)
    assert (sorted(logged), waiting) == (events, [])
    assert newest.size == len(events)
    assert seal(store) == newest


def test_the_root_is_the_chain_over_the_log(store: Store) -> None:
    set_setting(store, CAS, "x", value=1)
    newest = seal(store)
    with store.read() as connection:
        hashes = connection.execute(
            text("SELECT hash FROM log JOIN event ON event.id = event_id ORDER BY pos")
        ).scalars()
        assert extend(NO_HASH, (bytes(one) for one in hashes)) == newest.root
        assert seal_at(connection, newest.size) == last_seal(connection) == newest
        assert seal_at(connection, 10**9) is None


def test_more_than_one_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH", 4)
    for number in range(10):
        set_setting(store, CAS, f"{number}", number)
    seal(store)
    logged, waiting, events = sealed_and_waiting(store)
    assert (sorted(logged), waiting) == (events, [])
    assert Verification(store).run() == []


def test_a_database_behind_its_pin_is_not_sealed(store: Store) -> None:
    set_setting(store, CAS, "x", value=1)
    before = sealed_and_waiting(store)
    store.read_only = Problem("database", "pin-behind")
    seal(store)
    assert sealed_and_waiting(store) == before


def test_commits_that_come_in_out_of_order_are_all_sealed(postgres_store: Store) -> None:
    """An event with a lower number that commits later must not be passed over."""
    other = Store(make_engine(_address(postgres_store)))
    numbered, sealed = threading.Event(), threading.Event()

    def slow(work: Work) -> None:
        enter_donor(work)
        work.about(LAB_STREAM)
        work.connection.execute(text("SELECT nextval(pg_get_serial_sequence('event', 'id'))"))
        heads = work._heads

        def held(streams: list[int]) -> list[tuple[int, int, int, bytes]]:
            known = heads(streams)
            numbered.set()
            assert sealed.wait(timeout=60)
            return known

        work._heads = held  # type: ignore[method-assign]

    with ThreadPoolExecutor(1) as thread:
        late = thread.submit(do, other, slow)
        assert numbered.wait(timeout=60)
        do(postgres_store, lambda work: {"donor": enter_donor(work)})
        early = seal(postgres_store)
        sealed.set()
        late.result()
    assert seal(postgres_store).size > early.size
    logged, waiting, events = sealed_and_waiting(postgres_store)
    assert waiting == []
    assert sorted(logged) == events != logged
    assert Verification(postgres_store).run() == []
    other.close()


def test_benches_that_seal_at_the_same_time(postgres_store: Store) -> None:
    stores = [Store(make_engine(_address(postgres_store))) for _ in range(4)]

    def bench(store: Store) -> None:
        for _ in range(25):
            do(store, lambda work: {"donor": enter_donor(work)})
            seal(store)

    with ThreadPoolExecutor(len(stores)) as threads:
        list(threads.map(bench, stores))
    for store in stores:
        store.close()
    seal(postgres_store)
    logged, waiting, events = sealed_and_waiting(postgres_store)
    assert (sorted(logged), waiting) == (events, [])
    assert Verification(postgres_store).run() == []


def _address(store: Store) -> str:
    return store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
