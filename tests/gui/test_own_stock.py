"""Stock of the lab's own, described from nothing in the window: its parts, its sheet, and printed on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.gui.settings.layouts import LayoutsPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.services import templates
from biobank_desktop.services.labels import queued
from biobank_desktop.services.printers import PrinterForm, set_printer
from tests.support.databases import ANNA, BO, CAS
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.label_printing import Outcome
    from biobank_desktop.gui.settings.layout_card import LayoutCard
    from biobank_desktop.gui.widgets.entries import EntriesEditor
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.persistence.store import Store

SCREEN = ("settings", SettingsScreen)


def fill(fields: Mapping[str, FieldBox], **answers: str) -> None:
    for key, text in answers.items():
        field = fields[key]
        if isinstance(field, PickField):
            field.set_value(text)
        else:
            field.set_text(text)


def fill_entry(editor: EntriesEditor, number: int, **answers: str) -> None:
    editor.table.selectRow(number)
    fill(editor.fields, **answers)


def settings(desk: Desk) -> SettingsScreen:
    screen = desk.frame.shown_screen()
    assert isinstance(screen, SettingsScreen)
    return screen


def press(desk: Desk, key: Qt.Key) -> None:
    QTest.keyClick(settings(desk), key)


def blank(desk: Desk, name: str, title: str) -> LayoutCard:
    """The form of a layout from nothing, opened by its letter."""
    assert desk.session is not None
    desk.session.actor = CAS
    desk.frame.show_screen("settings", section="layouts")
    part = settings(desk).part
    assert isinstance(part, LayoutsPart)
    press(desk, Qt.Key.Key_L)
    card = part.card
    assert card.isVisible()
    card.name_field.set_text(name)
    card.title_field.set_text(title)
    card.label_field.set_value("vial")
    return card


def rest(qtbot: QtBot, card: LayoutCard) -> None:
    with qtbot.waitSignal(card.paused):
        pass


def keep(desk: Desk, store: Store, card: LayoutCard, name: str) -> Template:
    assert settings(desk).press_primary()
    assert card.isHidden(), [label.problem_text() for label in card.elements.fields.values()]
    with store.read() as connection:
        return templates.catalogue(connection).entry(name).template


def printed(desk: Desk, store: Store, folder: Path, way: str, template: str) -> list[str]:
    """What an ordinary reader finds in the one PDF that everything that waits was written into."""
    folder.mkdir()
    set_printer(store, ANNA, PrinterForm(template, way, 300, template, {"folder": str(folder)}))
    assert desk.session is not None
    desk.session.actor = BO
    desk.session.settings = replace(desk.session.settings, printer=template)
    told: list[Outcome] = []
    desk.printing.print_for(None, told.append)
    (outcome,) = told
    assert not outcome.failed
    (file,) = folder.glob("*.pdf")
    return codes_in_pdf(file.read_bytes())


@pytest.fixture
def waiting(sqlite_store: Store) -> list[str]:
    """The codes of vials whose labels wait."""
    donor = add_donor(sqlite_store, BO)
    consent_of_both(sqlite_store, BO, donor)
    receive(sqlite_store, BO, donor)
    with sqlite_store.read() as connection:
        return [one.label.code for one in queued(connection)]


def test_a_wrap_with_a_dot_for_the_cap_is_made_from_nothing_and_printed(
    desk: Desk, sqlite_store: Store, tmp_path: Path, waiting: list[str]
) -> None:
    card = blank(desk, "our-cap", "38 × 25 mm with a cap dot of 9.5 mm")
    fill(card.sizes, width_mm="49.1", height_mm="25", safe_mm="0.6", tube_mm="12.5")
    QTest.keyClick(card.parts.add["cap"], Qt.Key.Key_K)
    assert [part["kind"] for part in card.parts.entries()] == ["side", "cap"]
    fill_entry(card.parts, 0, width_mm="38")
    fill_entry(card.parts, 1, x_mm="39.6", y_mm="7,75")
    fill_entry(card.elements, 1, width_mm="28")
    QTest.keyClick(card.elements.table, Qt.Key.Key_M)
    fill_entry(card.elements, 2, x_mm="40.9", y_mm="9.1", module_mm="0.339", smallest_mm="0.25")
    made = keep(desk, sqlite_store, card, "our-cap")
    assert [(part.kind, part.shape, part.area.width_mm) for part in made.stock.parts] == [
        ("side", "rectangle", 38.0),
        ("cap", "circle", 9.5),
    ]
    read = Counter(printed(desk, sqlite_store, tmp_path / "caps", "pdf", "our-cap"))
    assert read == dict.fromkeys(waiting, 2)


def test_a_sheet_of_24_is_made_from_nothing_shown_whole_and_printed(
    desk: Desk, sqlite_store: Store, tmp_path: Path, waiting: list[str], qtbot: QtBot
) -> None:
    card = blank(desk, "our-sheet", "A4 sheet of 24, 70 × 37 mm")
    fill(card.sizes, width_mm="70", height_mm="37", safe_mm="2")
    fill_entry(card.elements, 0, x_mm="4", y_mm="4")
    fill_entry(card.elements, 1, x_mm="12", y_mm="5")
    press(desk, Qt.Key.Key_H)
    asked = ("columns", "rows", "left_mm", "top_mm", "pitch_x_mm", "pitch_y_mm")
    assert [card.sheet.fields[key].text() for key in asked] == ["3", "8", "0", "0.5", "70", "37"]
    fill(card.sheet.fields, pitch_x_mm="wide", pitch_y_mm="")
    rest(qtbot, card)
    assert card.sheet.fields["pitch_x_mm"].problem_text() == "problem.length-unreadable"
    assert card.sheet.fields["pitch_y_mm"].problem_text() == "problem.answer-missing"
    fill(card.sheet.fields, rows="9", pitch_x_mm="70", pitch_y_mm="37")
    rest(qtbot, card)
    assert card.sheet.way.problem_text() == "problem.template-sheet-too-small"
    fill(card.sheet.fields, rows="many")
    rest(qtbot, card)
    assert card.sheet.fields["rows"].problem_text() == "problem.sheet-count-wrong"
    fill(card.sheet.fields, rows="8")
    rest(qtbot, card)
    assert card.sheet.picture.accessibleName() == "24 labels on 210 × 297 mm"
    seen = card.sheet.picture.grab().toImage()
    dark = sum(seen.pixelColor(x, y).lightness() < 90 for x in range(seen.width()) for y in range(20, 220))
    assert dark > 24 * 5
    made = keep(desk, sqlite_store, card, "our-sheet")
    assert made.stock.sheet is not None
    assert made.stock.sheet.count == 24
    assert sorted(printed(desk, sqlite_store, tmp_path / "sheets", "sheet", "our-sheet")) == sorted(waiting)


def test_what_is_wrong_with_a_part_stands_with_it_and_nothing_is_lost(desk: Desk, qtbot: QtBot) -> None:
    card = blank(desk, "our-cap", "Ours")
    card.parts.add["cap"].click()
    assert [part["width_mm"] for part in card.parts.entries()] == ["40.5", "9.5"]
    card.parts.fields["x_mm"].set_text("40")
    rest(qtbot, card)
    assert card.parts.fields["x_mm"].problem_text() == "problem.template-parts-overlap"
    card.parts.fields["shape"].set_text("star")
    card.parts.fields["width_mm"].set_text("wide")
    rest(qtbot, card)
    assert card.parts.fields["shape"].problem_text() == "problem.answer-unreadable"
    assert card.parts.fields["width_mm"].problem_text() == "problem.length-unreadable"
    QTest.keyClick(card.parts.table, Qt.Key.Key_V)
    QTest.keyClick(card.parts.table, Qt.Key.Key_V)
    assert card.parts.entries() == ()
    rest(qtbot, card)
    assert not card.parts.fields["shape"].isVisible()
    assert "60 of 60" in card.preview.trial.text()


def test_a_roll_again_asks_for_no_sheet_and_keeps_what_was_typed(desk: Desk) -> None:
    card = blank(desk, "our-roll", "Ours")
    press(desk, Qt.Key.Key_H)
    card.sheet.fields["columns"].set_text("3")
    press(desk, Qt.Key.Key_Y)
    assert not card.sheet.fields["columns"].isVisible()
    assert card.sheet.answers() is None
    press(desk, Qt.Key.Key_H)
    assert card.sheet.fields["columns"].text() == "3"


def test_what_a_layout_is_for_offers_other_fields_and_stays_when_it_changes(desk: Desk) -> None:
    card = blank(desk, "our-box", "Ours")
    card.elements.table.selectRow(1)
    value = card.elements.fields["value"]
    assert isinstance(value, PickField)
    assert value.offers("{material}")
    card.label_field.set_value("container")
    assert value.offers("{path}")
    assert not value.offers("{material}")
    desk.frame.step_back()
    press(desk, Qt.Key.Key_C)
    assert not card.label_field.isEnabled()
