"""Two benches at one PostgreSQL: what one stores is painted at the other, once, and nothing is missed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from biobank_desktop.gui.desk import EVERYTHING, SEAL_AFTER_MS
from biobank_desktop.gui.news import LOOK_EVERY_MS
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.today.screen import TodayScreen
from biobank_desktop.persistence.listening import REST_SECONDS
from biobank_desktop.persistence.seals import seal
from biobank_desktop.services.lab import set_setting
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.databases import ANNA, name_of, open_store
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.proxy import Proxy
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases
    from tests.support.postgres import PostgresServer


@pytest.fixture
def address(postgresql_databases: Databases) -> Iterator[str]:
    made = postgresql_databases.lab()
    yield made
    postgresql_databases.remove(made)


@pytest.fixture
def other(address: str) -> Iterator[Store]:
    """Another bench."""
    with closing(open_store(address)) as store:
        yield store


@pytest.fixture
def proxy(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Proxy]:
    made = Proxy(postgres_server.folder, tmp_path)
    yield made
    made.down()


@pytest.fixture
def window(address: str, proxy: Proxy, tmp_path: Path) -> Iterator[Window]:
    """An administrator before the storage, behind a network."""
    made = Window(bench_settings(proxy.url(name_of(address)), tmp_path / "bench")).start("anna")
    made.program.frame.show_screen("storage")
    made.settle()
    made.until(lambda: made.program.desk.news._shown is not None)
    yield made
    proxy.delay_seconds = 0.0
    made.program.close()
    made.program.frame.deleteLater()
    made.program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def store_elsewhere(store: Store) -> str:
    """Another bench sets up a freezer; its name."""
    name = f"Freezer {uuid4().hex[:8]}"
    add_container(store, ANNA, ContainerForm("Freezer −80", name, "-80"))
    return name


def painted(window: Window, name: str) -> bool:
    screen = window.program.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    return name in screen.tree.names()


@contextmanager
def deaf(window: Window) -> Iterator[None]:
    """The window hears no word; only the look at the seals is left."""
    window.store.hush()
    window.wait(200)
    yield


def refreshes(window: Window) -> Counter[str]:
    """Counts the refreshes of everything from now on."""
    seen: Counter[str] = Counter()
    window.program.desk.changed.connect(lambda what: seen.update(["all" if what == EVERYTHING else "some"]))
    return seen


def test_what_another_bench_stores_is_painted_before_any_seal_or_look(window: Window, other: Store) -> None:
    window.program.desk.news.timer.stop()
    name = store_elsewhere(other)
    window.until(lambda: painted(window, name))


def test_one_change_is_one_refresh_though_its_seal_comes_too(window: Window, other: Store) -> None:
    window.wait(LOOK_EVERY_MS)
    seen = refreshes(window)
    name = store_elsewhere(other)
    window.until(lambda: painted(window, name))
    seal(other)
    window.wait(2 * LOOK_EVERY_MS)
    assert seen == {"all": 1}


def test_own_commands_refresh_what_they_touch_and_nothing_again(window: Window) -> None:
    window.wait(LOOK_EVERY_MS)
    seen = refreshes(window)
    desk = window.program.desk
    desk.act(
        window.program,
        lambda store, who: set_setting(store, who, "colour", "blue"),
        print,
        topics=["settings"],
    )
    window.wait(SEAL_AFTER_MS + 2 * LOOK_EVERY_MS)
    window.settle()
    assert seen == {"some": 1}


def test_the_look_at_the_seals_finds_what_nobody_told(window: Window, other: Store) -> None:
    with deaf(window):
        name = store_elsewhere(other)
        seal(other)
        window.until(lambda: painted(window, name))


def test_the_look_finds_what_only_this_bench_has_sealed(window: Window, other: Store) -> None:
    with deaf(window):
        name = store_elsewhere(other)
        window.program.desk.seal()
        window.until(lambda: painted(window, name))


def test_what_happened_while_the_cable_was_out_is_painted_when_it_is_in_again(
    window: Window, other: Store, proxy: Proxy
) -> None:
    proxy.down()
    name = store_elsewhere(other)
    window.wait(300)
    proxy.up()
    window.until(lambda: painted(window, name))
    window.program.desk.news.timer.stop()
    again = store_elsewhere(other)
    window.until(lambda: painted(window, again))


@pytest.mark.parametrize("screen", ["storage", "today"])
def test_a_storm_elsewhere_is_painted_while_it_lasts_and_holds_up_no_scan(
    window: Window, other: Store, proxy: Proxy, screen: str
) -> None:
    """Behind a network so slow that words come faster than Today's lists."""
    donor = add_donor(other, ANNA)
    consent_of_both(other, ANNA, donor)
    tube = receive(other, ANNA, donor).tube
    window.program.frame.show_screen(screen)
    window.settle()
    proxy.delay_seconds = 0.02
    seen, stop, before, begin = refreshes(window), threading.Event(), _shown(window), time.monotonic()
    storm = threading.Thread(target=_storm, args=(other, donor, stop))
    storm.start()
    try:
        window.until(lambda: seen["all"] > 2 and _shown(window) > before)
        window.burst(tube)
        window.until(lambda: window.program.frame.screen_name() == "record")
    finally:
        stop.set()
        storm.join()
    lasted = time.monotonic() - begin
    window.settle()
    assert seen["all"] <= lasted / REST_SECONDS + lasted * 1000 / LOOK_EVERY_MS + 3
    assert window.bugs() == []


def _storm(store: Store, donor: str, stop: threading.Event) -> None:
    while not stop.wait(0.03):
        store_elsewhere(store)
        receive(store, ANNA, donor, tube_code=f"C{uuid4().hex[:12].upper()}")


def _shown(window: Window) -> int:
    """How many things the screen shows."""
    screen = window.program.frame.shown_screen()
    if isinstance(screen, StorageScreen):
        return len(screen.tree.names())
    assert isinstance(screen, TodayScreen)
    return sum(len(card.lines()) for card in screen.cards().values())


def test_the_end_of_the_program_leaves_no_thread(address: str, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    window = Window(bench_settings(address, tmp_path / "bench")).start("anna")
    assert {thread.name for thread in set(threading.enumerate()) - before} >= {"database", "listener"}
    window.program.close()
    assert {thread.name for thread in set(threading.enumerate()) - before} == set()
    window.program.frame.deleteLater()
    window.program.deleteLater()
