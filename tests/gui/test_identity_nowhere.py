"""A planted name, birthday and hospital number in the real window: after the lock they stand nowhere."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QTableView, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.settings.identity import IdentityPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from tests.support import canaries
from tests.support.databases import ANNA, open_store
from tests.support.form_scans import line_with, pdf
from tests.support.identities import CANARIES, IDENTITY, PASSPHRASE
from tests.support.lab import add_donor
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Databases

WHY = "letter at twelve"


@pytest.fixture
def lab(databases: Databases) -> Iterator[tuple[str, str]]:
    """The address of a lab on each engine, and a donor in it."""
    address = databases.lab()
    store = open_store(address)
    donor = add_donor(store, ANNA)
    store.close()
    yield address, donor
    databases.remove(address)


@pytest.fixture
def window(lab: tuple[str, str], tmp_path: Path) -> Iterator[Window]:
    """Anna at the window, with an identity store that she has opened."""
    made = Window(bench_settings(lab[0], tmp_path)).start("anna")
    part = settings_part(made)
    part.begin_new()
    part.make_form.new.passphrase.set_text(PASSPHRASE)
    part.make_form.new.again.set_text(PASSPHRASE)
    part.make_form.primary.click()
    made.settle()
    part.recovery.written.emit()
    part.begin_unlock()
    part.unlock_form.passphrase.set_text(PASSPHRASE)
    part.unlock_form.primary.click()
    made.settle()
    yield made
    made.program.close()
    made.program.frame.deleteLater()
    made.program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def settings_part(window: Window) -> IdentityPart:
    window.program.frame.show_screen("settings", section="identity")
    window.settle()
    screen = window.program.frame.shown_screen()
    assert isinstance(screen, SettingsScreen)
    assert isinstance(screen.part, IdentityPart)
    return screen.part


def donors(window: Window, code: str = "") -> DonorsScreen:
    window.program.frame.show_screen("donors", **({"donor": codes.number(code)} if code else {}))
    window.settle()
    screen = window.program.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    return screen


def fill(screen: DonorsScreen) -> None:
    """The identity of the planted child, into its form."""
    entry = screen.record.entry
    for name in (
        *("given_names", "surname_prefix", "surname", "born_on", "hospital_number"),
        *("mother_name", "father_name", "guardian_name"),
    ):
        getattr(entry, name).set_text(IDENTITY[name])


def keep(window: Window, donor: str) -> None:
    screen = donors(window, donor)
    screen.record.begin_entry()
    fill(screen)
    screen.record.entry.primary.click()
    window.settle()
    assert screen.record.entry.isHidden()


def ask(screen: DonorsScreen) -> None:
    """Type the reason and press the button, and do not wait."""
    screen.record.begin_who()
    screen.record.who.why.set_text(WHY)
    screen.record.who.primary.click()


def said(window: Window) -> dict[str, bytes]:
    """All that the window and the desktop around it say, in sight or not."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    frame = window.program.frame
    texts = [frame.windowTitle(), QGuiApplication.clipboard().text(), *frame.notices.texts(), *window.seen]
    for one in frame.findChildren(QWidget):
        texts += [one.accessibleName(), one.accessibleDescription(), one.toolTip()]
        if isinstance(one, (QLabel, QLineEdit, QAbstractButton)):
            texts.append(one.text())
        if isinstance(one, QTableView):
            model = one.model()
            cells = [(row, at) for row in range(model.rowCount()) for at in range(model.columnCount())]
            texts += [str(model.index(*cell).data()) for cell in cells]
    return {"the window": "\n".join(texts).encode()}


def found(places: dict[str, bytes]) -> dict[str, set[str]]:
    hunted = {name: canaries.hunt(content, CANARIES) for name, content in places.items()}
    return {name: what for name, what in hunted.items() if what}


def test_after_the_lock_the_child_stands_nowhere(
    window: Window, lab: tuple[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address, donor = lab
    keep(window, donor)
    screen = donors(window, donor)
    ask(screen)
    window.settle()
    assert found(said(window)), "the hunter sees what is shown"
    screen.record.who.want_entry()
    screen.record.entry.mother_name.set_text("Xandra Roodborst")
    donors(window)
    screen.begin_search()
    screen.search.text.set_text("Zwartekoekoek")
    screen.search.why.set_text("request form without a code")
    screen.search.form.primary.click()
    window.settle()
    assert screen.search.table.rows.rowCount() == 1
    window.wait(50)
    window.settle()
    assert found(said(window))
    screen = donors(window, donor)
    screen.record.begin_entry()
    fill(screen)
    window.program.lock()
    window.settle()
    assert found(said(window)) == {}
    window.sign_in("anna")
    assert found(said(window)) == {}
    assert not window.program.desk.identities.opened
    window.program.close()
    places = canaries.database(address) | canaries.files(tmp_path) | {"log": caplog.text.encode()}
    names = " ".join(places)
    assert "identity" in names
    assert "pins" in names
    assert found(places) == {}


def test_what_stands_on_a_scan_stands_nowhere_else(
    window: Window,
    lab: tuple[str, str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kept and seen page by page: it is in no file of the program's, nor in the folder for passing ones."""
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    scan = pdf(*(f"{name}: {value}" for name, value in IDENTITY.items()))
    assert canaries.hunt(scan, CANARIES), "the hunter reads a scan"
    file = tmp_path_factory.mktemp("given") / "scan.pdf"
    file.write_bytes(scan)
    address, donor = lab
    line = line_with(window.store, donor, scan)
    record = donors(window, donor).record
    record.lines.keep_wanted.emit(line)
    record.keeping.take_file(file)
    window.settle()
    record.keeping.primary.click()
    window.settle()
    assert record.keeping.isHidden()
    record.lines.scan_wanted.emit(line)
    record.showing.why.set_text(WHY)
    record.showing.primary.click()
    for page in range(len(IDENTITY)):
        window.until(lambda page=page: record.showing.view._page == page)  # type: ignore[misc]
        window.settle()
        assert not record.showing.view._picture.pixmap().isNull()
        record.showing.view.turn(1)
    window.settle()
    window.program.lock()
    window.settle()
    assert not record.showing.view.shows
    assert record.showing.view._picture.pixmap().isNull()
    assert window.stored()["scan-read"] == 1
    window.program.close()
    places = canaries.database(address) | canaries.files(tmp_path) | {"log": caplog.text.encode()}
    assert "identity" in " ".join(places)
    assert found(places | said(window)) == {}
    assert [name for name, content in places.items() if scan[-200:] in content] == []


def test_a_look_under_way_when_the_bench_is_locked_shows_nothing(
    window: Window, lab: tuple[str, str]
) -> None:
    keep(window, lab[1])
    screen = donors(window, lab[1])
    with window.busy_database():
        ask(screen)
        window.program.lock()
    window.settle()
    assert found(said(window)) == {}
    window.sign_in("anna")
    assert found(said(window)) == {}
    assert screen.record.who.isHidden()
    assert window.stored()["identity-read"] == 1


def test_the_store_is_let_go_of_when_the_window_closes(
    window: Window, lab: tuple[str, str], tmp_path: Path
) -> None:
    keep(window, lab[1])
    session = window.program.desk.session
    assert session is not None
    window.program.close()
    assert session.keyring._identities is None
    again = Window(bench_settings(lab[0], tmp_path)).start("anna")
    assert not again.program.desk.identities.opened
    assert settings_part(again).facts.facts()["At this bench"] == "Locked"
    again.program.close()
