"""The window's tests run offscreen, dressed as the program is, silent."""

from __future__ import annotations

import gc
import os
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from biobank_desktop.gui import theme
from biobank_desktop.gui.frame import Frame
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.persistence.identity.vault import beside, open_vault
from biobank_desktop.services.identity.keeping import authorise, create_store, unlock
from tests.support.databases import CAS, open_store
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.identities import OTHER_PASSPHRASE, PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def collected_here() -> Iterator[None]:
    """Widgets are collected on the window's thread only, as in the program: never by a worker."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, theme.Scheme.LIGHT)
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect(1)


@pytest.fixture
def heard() -> list[str]:
    """The sounds played, by name."""
    return []


@pytest.fixture
def sounds(heard: list[str]) -> Iterator[Sounds]:
    made = Sounds(volume=1, player=lambda path: heard.append(path.stem))
    yield made
    made.close()


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def frame(qtbot: QtBot, sounds: Sounds) -> Frame:
    made = Frame(sounds, lambda: NOON)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def desk(
    request: pytest.FixtureRequest, qtbot: QtBot, sqlite_store: Store, tmp_path: Path, sounds: Sounds
) -> Iterator[Desk]:
    """A desk on a lab of one's own with the screen that the module names: ``SCREEN = (name, class)``."""
    made = open_desk(sqlite_store, tmp_path, sounds)
    qtbot.addWidget(made.frame)
    use_screen(made, *request.module.SCREEN)
    made.frame.show()
    yield made
    close_desk(made)


@pytest.fixture(scope="module")
def made(sqlite_databases: Databases) -> Path:
    """An identity store that Cas made and Bo and Dee may open; every copy of the lab can be its own."""
    address = sqlite_databases.lab()
    store, rows = open_store(address), open_vault(address)
    create_store(store, rows, CAS, PASSPHRASE)
    identities = unlock(store, rows, CAS, PASSPHRASE)
    for login in ("bo", "dee"):
        authorise(store, identities, CAS, login, OTHER_PASSPHRASE)
    identities.close()
    store.close()
    return beside(address)


@pytest.fixture
def vault(desk: Desk, made: Path) -> Desk:
    """A desk with that store, Bo before it."""
    assert desk.session is not None
    shutil.copyfile(made, beside(desk.session.settings.database))
    return desk
