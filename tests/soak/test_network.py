"""A slow network, a server that goes away, a bench that is unplugged: the window stays alive and right."""

from __future__ import annotations

import gc
import os
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from sqlalchemy import event, text

from biobank_desktop import language
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.gui import theme
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import placing
from tests.support.databases import BO, PostgresDatabases, name_of, open_store
from tests.support.forms import FORMS
from tests.support.postgres import PostgresServer
from tests.support.proxy import AFTER, Cut, Proxy
from tests.support.repertoire import Stage, set_stage
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.persistence.store import Store

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SECONDS_ONE_WAY = 0.15


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of our own: it is stopped here."""
    made = PostgresServer(fsync="off")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def furnished(server: PostgresServer) -> tuple[PostgresDatabases, str, Stage]:
    """A furnished lab to copy."""
    databases = PostgresDatabases(server)
    address = databases.lab()
    with closing(open_store(address)) as store:
        return databases, address, set_stage(store)


@pytest.fixture
def address(furnished: tuple[PostgresDatabases, str, Stage]) -> str:
    databases, template, _stage = furnished
    return databases.copy(template)


@pytest.fixture
def stage(furnished: tuple[PostgresDatabases, str, Stage]) -> Stage:
    return furnished[2]


@pytest.fixture
def proxy(server: PostgresServer, tmp_path: Path) -> Iterator[Proxy]:
    """The network between the benches and the server."""
    made = Proxy(server.folder, tmp_path)
    yield made
    made.delay_seconds = 0.0
    made.swallowing.clear()
    made.down()


@pytest.fixture(autouse=True)
def _english(_language: None) -> None:
    language.choose("en")


@pytest.fixture
def window(qapp: QApplication, address: str, proxy: Proxy, tmp_path: Path) -> Iterator[Window]:
    """An administrator at the window, behind the network."""
    theme.apply(qapp, theme.Scheme.LIGHT)
    gc.collect()
    gc.disable()  # as the program does: no other thread may collect a widget
    made = Window(bench_settings(proxy.url(name_of(address)), tmp_path / "bench")).start("anna")
    yield made
    proxy.delay_seconds = 0.0
    made.program.close()
    made.program.frame.deleteLater()
    made.program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.enable()


def test_the_window_lives_while_a_slow_network_answers(window: Window, proxy: Proxy, stage: Stage) -> None:
    FORMS["donor-registered"](window, stage)
    frame = window.program.frame
    proxy.delay_seconds = SECONDS_ONE_WAY
    pulse, heart = window.pulse()
    window.strike(3)
    window.until(lambda: "Saving" in frame.top.waiting())
    window.burst(stage.box)
    window.program.lock()
    assert frame.covered
    assert window.program.desk.waiting.saving == 1
    window.until(lambda: window.program.desk.waiting.saving == 0)
    heart.stop()
    assert pulse.beats > 10
    proxy.delay_seconds = 0.0
    window.settle()
    assert window.untold() == 1
    window.sign_in("anna")
    window.look()
    assert any("is registered" in told for told in window.seen)
    assert window.stored()["donor-registered"] == 3
    assert frame.top.waiting() == ""
    assert window.untold() == 0
    assert window.bugs() == []


def test_a_server_that_crashes_and_comes_back_is_said_once(
    window: Window, server: PostgresServer, stage: Stage
) -> None:
    notices = window.program.frame.notices
    FORMS["consent-recorded"](window, stage)
    server.stop(immediately=True)
    window.until(lambda: bool(notices.texts()))
    window.wait(1500)
    assert len(notices.texts()) == 1
    window.strike(1)
    window.wait(300)
    server.start()
    window.until(lambda: window.stored()["consent-recorded"] == 6 if not window.program.jobs.busy else False)
    window.until(lambda: not any("database" in said.lower() for said in notices.texts()))
    assert window.untold() == 0
    assert window.bugs() == []
    window.program.desk.seal()
    window.settle()
    assert Verification(window.store).run() == []


def test_an_outcome_nobody_knows_is_told_when_the_network_is_back(
    window: Window, proxy: Proxy, stage: Stage
) -> None:
    FORMS["donor-registered"](window, stage)
    desk = window.program.desk
    desk._seal_timer.stop()  # signing in has stored that labels of a program before are in doubt
    desk.news.timer.stop()
    window.settle()
    window.store.patience_seconds = 0.3
    proxy.sent.clear()
    proxy.plan, proxy.down_after_cut = Cut("S", AFTER, after=b"COMMIT"), True
    window.strike(1)
    window.until(lambda: desk.waiting.saving == 0)
    window.look()
    assert any("Whether this was stored is not known yet" in said for said in window.seen)
    proxy.plan, proxy.down_after_cut = None, False
    proxy.up()
    window.store.patience_seconds = 20.0
    desk.news.timer.start()
    window.until(lambda: window.untold() == 0)
    window.look()
    assert any("The answer came late. Stored: " in said for said in window.seen)
    assert window.bugs() == []


def test_a_bench_unplugged_amid_a_command_holds_nobody_up_and_learns_the_truth(
    address: str, proxy: Proxy, stage: Stage
) -> None:
    unplugged, other = open_store(proxy.url(name_of(address))), open_store(address)
    command = uuid4()
    with closing(unplugged), closing(other):
        said = _unplug_amid_placing(unplugged, proxy, stage, command)
        done = placing.place(other, BO, stage.box, stage.filled, "C2")
        assert done.label == "C2"
        proxy.swallowing.clear()
        said.join()
        assert unplugged.stored(command) is False
        with other.read() as connection:
            asked = text(
                "SELECT count(*) FROM placement WHERE item_id = (SELECT id FROM code WHERE text = :c)"
            )
            assert connection.execute(asked, {"c": stage.filled}).scalar_one() == 1
        seal(other)
        assert Verification(other).run() == []


def _unplug_amid_placing(store: Store, proxy: Proxy, stage: Stage, command: UUID) -> threading.Thread:
    """Place the same vial from another bench whose cable is pulled when it holds its rows."""
    holding = threading.Event()
    store.patience_seconds = 1.0

    @event.listens_for(store.engine, "before_cursor_execute")
    def _pull(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "INSERT INTO placement" in statement:
            proxy.swallowing.set()
            holding.set()

    def work() -> None:
        with suppress(Unavailable):
            placing.place(store, BO, stage.box, stage.filled, "C1", command)

    thread = threading.Thread(target=work)
    thread.start()
    while not holding.wait(0.05):
        assert thread.is_alive(), "it ended before it held anything"
    return thread
