"""Printers in the window: each way asks for its own, a Zebra is asked, test labels are scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from biobank_desktop.domain import codes
from biobank_desktop.gui.settings.printers import PrintersPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.labels.calibration import code_of
from biobank_desktop.persistence.queries import printers, worklists
from biobank_desktop.services.printers import PrinterForm, set_printer
from tests.support.databases import ANNA, BO, CAS
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.zebra import FakeZebra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.label_printing import Outcome
    from biobank_desktop.persistence.store import Store

SCREEN = ("settings", SettingsScreen)


@pytest.fixture
def zebra(sqlite_store: Store) -> Iterator[FakeZebra]:
    """A Zebra that the lab has set up."""
    with FakeZebra() as fake:
        typed = {"host": fake.host, "port": str(fake.port)}
        set_printer(sqlite_store, ANNA, PrinterForm("Zebra 2", "zpl", 300, "vial-33x13", typed))
        yield fake


def part(desk: Desk, actor: Actor = BO) -> PrintersPart:
    """The part of the printers, the cursor on the last of them."""
    assert desk.session is not None
    desk.session.actor = actor
    desk.frame.show_screen("settings", section="printers")
    shown = screen(desk).part
    assert isinstance(shown, PrintersPart)
    shown.table.selectRow(len(shown.rows) - 1)
    return shown


def screen(desk: Desk) -> SettingsScreen:
    shown = desk.frame.shown_screen()
    assert isinstance(shown, SettingsScreen)
    return shown


def press(desk: Desk, key: Qt.Key) -> None:
    QTest.keyClick(screen(desk), key)


@pytest.mark.parametrize(
    ("letter", "asked"),
    [
        ("P", {"folder"}),
        ("S", {"folder"}),
        ("C", {"options"}),
        ("Z", {"host", "port", "offset_x_mm", "offset_y_mm", "darkness"}),
        ("Q", {"queue", "server"}),
    ],
)
def test_each_way_asks_for_its_own(desk: Desk, letter: str, asked: set[str]) -> None:
    shown = part(desk, CAS)
    press(desk, Qt.Key.Key_N)
    card = shown.card
    card.way.row.take_letter(letter)
    always = {"name", "dpi", "template", "way"}
    assert {name for name, field in card._fields.items() if not field.isHidden()} == always | asked


def test_a_zebra_is_set_up_with_all_that_is_wrong_said_at_once(desk: Desk, sqlite_store: Store) -> None:
    shown = part(desk, CAS)
    press(desk, Qt.Key.Key_N)
    card = shown.card
    card.name.set_text("Zebra 3")
    card.template.set_value("vial-33x13")
    card.way.row.take_letter("Z")
    card.port.set_text("many")
    card.offset_x.set_text("1 cm")
    card.darkness.set_text("99")
    screen(desk).press_primary()
    assert card.host.problem_text() == "problem.printer-host"
    assert card.port.problem_text() == "problem.printer-port"
    assert card.offset_x.problem_text() == "problem.printer-offset-mm"
    assert card.darkness.problem_text() == "problem.printer-darkness"
    assert card.port.text() == "many"
    card.host.set_text("zebra-3")
    card.port.set_text("")
    card.offset_x.set_text("0,5")
    card.darkness.set_text("")
    screen(desk).press_primary()
    with sqlite_store.read() as connection:
        (row,) = printers.printers(connection)
    assert (row.way, row.options) == ("zpl", {"host": "zebra-3", "offset_x_mm": "0,5"})
    shown.table.selectRow(1)
    press(desk, Qt.Key.Key_C)
    assert (card.host.text(), card.offset_x.text(), card.port.text()) == ("zebra-3", "0,5", "")


def test_a_zebra_says_how_it_stands(desk: Desk, zebra: FakeZebra) -> None:
    shown = part(desk)
    press(desk, Qt.Key.Key_A)
    assert shown.facts.facts()["State"] == "Ready."
    zebra.faults |= {"head-open", "paper-out"}
    press(desk, Qt.Key.Key_A)
    assert shown.facts.facts()["State"] == "Problem.fault-paper-out; problem.fault-head-open"
    zebra.switch_off()
    press(desk, Qt.Key.Key_A)
    assert shown.facts.facts()["State"] == "problem.printer-unreachable"
    shown.table.selectRow(0)
    assert shown.facts.facts() == {}
    assert not any(button.isEnabled() for button in (shown.ask, shown.test, shown.change, shown.remove))


def test_a_test_label_is_printed_scanned_and_stored(
    desk: Desk, sqlite_store: Store, zebra: FakeZebra
) -> None:
    shown = part(desk)
    assert shown.facts.facts()["Newest test"] == "None"
    press(desk, Qt.Key.Key_T)
    assert shown.test_card.symbols.shown == (2, 3, 4, 5)
    assert zebra.printed == []
    press(desk, Qt.Key.Key_T)
    assert len(zebra.printed) == 1
    bus = desk.frame.bus
    bus.take(f"]d1{code_of(3)}")
    bus.take(code_of(5))
    assert shown.test_card.symbols.read == {3, 5}
    assert not desk.frame.notices.stopped
    screen(desk).press_primary()
    assert shown.test_card.ribbon.problem_text() == "problem.ribbon-missing"
    shown.test_card.ribbon.set_text("resin")
    screen(desk).press_primary()
    assert shown.test_card.isHidden()
    with sqlite_store.read() as connection:
        kept = printers.newest_tests(connection)["Zebra 2"]
    assert (kept.no, kept.ribbon, kept.stock, kept.read_dots) == (1, "resin", "vial-33x13", (3, 5))
    assert shown.facts.facts()["Newest test"] == "3 5 dots read"
    assert [problem.code for problem in shown._listed.doubts["Zebra 2"]] == ["printer-module-unread"]
    bus.take(code_of(3))
    assert desk.frame.notices.stopped, "outside the test its symbols are unreadable, as they always were"


def test_other_scans_lead_nowhere_while_a_test_label_is_scanned(desk: Desk, zebra: FakeZebra) -> None:
    shown = part(desk)
    press(desk, Qt.Key.Key_T)
    (vial,) = codes.run(codes.CodeKind.SAMPLE, 2026, 4711, 1)
    desk.frame.bus.take(vial)
    assert any(vial in text for text in desk.frame.notices.texts())
    desk.frame.bus.take("PM26000000")
    assert desk.frame.notices.stopped
    desk.frame.bus.take(code_of(2))
    assert shown.test_card.symbols.read == frozenset(), "a stop is answered first"
    desk.frame.notices.clear_stop()
    desk.frame.bus.take(code_of(2))
    assert shown.test_card.symbols.read == {2}
    assert zebra.printed == []


def test_a_printer_that_cannot_print_its_test_label_says_why(desk: Desk, zebra: FakeZebra) -> None:
    zebra.faults.add("paper-out")
    shown = part(desk)
    press(desk, Qt.Key.Key_T)
    press(desk, Qt.Key.Key_T)
    assert "problem.printer-paper-out" in _words(shown)
    assert shown.test_card.print.isEnabled()


def _words(shown: PrintersPart) -> list[str]:
    return [label.text() for label in shown.test_card.findChildren(QLabel) if not label.isHidden()]


def test_what_the_zebra_holds_comes_out_once_and_is_known_then(
    desk: Desk, sqlite_store: Store, zebra: FakeZebra
) -> None:
    donor = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, donor)
    receive(sqlite_store, BO, donor)
    part(desk).use_here()
    zebra.labels_left = 2
    outcomes: list[Outcome] = []
    desk.printing.print_for(None, outcomes.append)
    (outcome,) = outcomes
    assert (outcome.count, outcome.failed) == (2, "")
    assert _states(sqlite_store) == {"confirmed": 2, "held": 4}
    assert any("problem.fault-paper-out" in text for text in desk.frame.notices.texts())
    zebra.reload()
    desk.printing._ask_again()
    assert _states(sqlite_store) == {"confirmed": 6}
    assert len(zebra.printed) == 6


def _states(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return worklists.label_counts(connection)
