"""The layouts of labels in the settings: listed, typed with a live preview, tried, kept, out of use."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.routes import Routes
from biobank_desktop.gui.settings.layout_card import PAUSE_MS
from biobank_desktop.gui.settings.layouts import LayoutsPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.gui.widgets.scrolling import area_of
from biobank_desktop.gui.widgets.vial_picture import VialPicture, Wrapped
from biobank_desktop.labels.catalogue import names, template
from biobank_desktop.labels.writing import write_template
from biobank_desktop.services import templates
from tests.support.databases import ANNA, BO, CAS
from tests.support.lab import add_donor
from tests.support.own_templates import own_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.settings.layout_card import LayoutCard
    from biobank_desktop.labels.catalogue import Versioned
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.templates import NewTemplate

SCREEN = ("settings", SettingsScreen)


def layouts(desk: Desk, actor: Actor = CAS) -> LayoutsPart:
    assert desk.session is not None
    desk.session.actor = actor
    desk.frame.show_screen("settings", section="layouts")
    screen = desk.frame.shown_screen()
    assert isinstance(screen, SettingsScreen)
    assert isinstance(screen.part, LayoutsPart)
    return screen.part


def point(shown: LayoutsPart, name: str) -> None:
    shown.table.selectRow([row.template.name for row in shown.rows].index(name))


def press(desk: Desk, key: Qt.Key) -> None:
    screen = desk.frame.shown_screen()
    assert screen is not None
    QTest.keyClick(screen, key)


def press_enter(desk: Desk) -> None:
    screen = desk.frame.shown_screen()
    assert screen is not None
    assert screen.press_primary()


def rest(qtbot: QtBot, card: LayoutCard) -> None:
    """Until the pause after typing is over and what is typed was drawn."""
    with qtbot.waitSignal(card.paused):
        pass


def entry(store: Store, name: str) -> Versioned:
    with store.read() as connection:
        return templates.catalogue(connection).entry(name)


class SlowTrial:
    """The trial of a layout lasts until it is let go, and may refuse it."""

    def __init__(self, checked: Callable[[NewTemplate], Template]) -> None:
        self.begun, self._gate = threading.Event(), threading.Event()
        self.refusal: Rejected | None = None
        self._checked = checked

    def __call__(self, new: NewTemplate) -> Template:
        self.begun.set()
        self._gate.wait(10)
        if self.refusal is not None:
            raise self.refusal
        return self._checked(new)

    def let_go(self, desk: Desk, qtbot: QtBot) -> None:
        self._gate.set()
        qtbot.waitUntil(lambda: not desk.jobs.busy)


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowTrial]:
    slow = SlowTrial(templates.checked)
    monkeypatch.setattr(templates, "checked", slow)
    yield slow
    slow._gate.set()


def typed(desk: Desk, title: str = "Mine") -> LayoutsPart:
    """A layout of one's own is typed; what is done from now on is done aside."""
    shown = layouts(desk)
    point(shown, "box-51x25")
    press(desk, Qt.Key.Key_N)
    shown.card.name_field.set_text("mine")
    shown.card.title_field.set_text(title)
    return shown


def tried(desk: Desk, qtbot: QtBot, trial: SlowTrial) -> LayoutsPart:
    """The trial of what was typed is under way."""
    shown = typed(desk)
    desk.jobs = Jobs()
    press_enter(desk)
    qtbot.waitUntil(trial.begun.is_set)
    return shown


def come(desk: Desk, actor: Actor | None) -> None:
    """Somebody signs in; without anybody the bench is locked."""
    assert desk.session is not None
    desk.session.actor = actor
    desk.person_changed.emit()


def kept(store: Store) -> bool:
    with store.read() as connection:
        return "mine" in templates.catalogue(connection).entries


def test_what_ships_is_listed_with_its_stock(desk: Desk) -> None:
    shown = layouts(desk)
    assert [row.template.name for row in shown.rows] == list(names())
    press(desk, Qt.Key.Key_X)
    assert shown.problems.isVisible()
    for button in (layouts(desk, BO).new, shown.change, shown.remove, shown.take):
        assert not button.isVisible()


def test_a_layout_is_changed_tried_and_kept(desk: Desk, sqlite_store: Store, qtbot: QtBot) -> None:
    shown = layouts(desk)
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_C)
    card = shown.card
    assert card.name_field.editor.isReadOnly()
    assert card.preview.trial.text() == "60 of 60 bad prints read at 300 dpi"
    before = card.preview.usual.image().copy()
    card.title_field.set_text("Ours")
    card.elements.table.selectRow(4)
    value = card.elements.fields["value"]
    assert isinstance(value, PickField)
    value.set_value("{date}")
    rest(qtbot, card)
    assert card.preview.usual.image() != before
    press_enter(desk)
    kept = entry(sqlite_store, "vial-33x13")
    assert (kept.template.title, kept.version) == ("Ours", 1)
    assert [one.value for one in kept.template.elements if hasattr(one, "value")].count("{date}") == 2
    assert card.isHidden()
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_X)
    assert entry(sqlite_store, "vial-33x13").version == 0


def test_everything_wrong_is_said_beside_its_field_and_nothing_is_lost(desk: Desk, qtbot: QtBot) -> None:
    shown = layouts(desk)
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_N)
    card, fields = shown.card, shown.card.elements.fields
    picture = card.preview.usual.image().copy()
    card.sizes["safe_mm"].set_text("much")
    card.elements.table.selectRow(1)
    fields["size_mm"].set_text("0,1")
    card.elements.table.selectRow(2)
    fields["value"].set_text("the name of the child")
    rest(qtbot, card)
    assert card.sizes["safe_mm"].problem_text() == "problem.length-unreadable"
    assert fields["value"].problem_text() == "problem.answer-unreadable"
    card.elements.table.selectRow(1)
    assert (fields["size_mm"].text(), fields["size_mm"].problem_text()) == (
        "0,1",
        "problem.length-unreadable",
    )
    assert fields["value"].problem_text() == ""
    columns = card.elements.table.rows
    assert columns.data(columns.index(1, 3)) == "2 things"
    assert columns.data(columns.index(0, 3)) == ""
    assert card.preview.usual.image() == picture
    press_enter(desk)
    assert card.isVisible()
    assert card.sizes["safe_mm"].text() == "much"
    card.elements.table.selectRow(2)
    assert fields["value"].text() == "the name of the child"


def test_what_does_not_read_on_bad_prints_is_not_kept(desk: Desk, sqlite_store: Store) -> None:
    shown = layouts(desk)
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_N)
    card = shown.card
    card.name_field.set_text("our-vial")
    card.elements.table.selectRow(0)
    card.elements.fields["smallest_mm"].set_text("0.16")
    card.elements.fields["module_mm"].set_text("0.17")
    press_enter(desk)
    assert "template-trial-failed" in card.elements.fields["x_mm"].problem_text()
    with sqlite_store.read() as connection:
        assert "our-vial" not in templates.catalogue(connection).entries


def test_who_was_slower_is_told_and_keeps_what_was_typed(desk: Desk, sqlite_store: Store) -> None:
    shown = layouts(desk)
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_C)
    templates.save_template(sqlite_store, ANNA, own_template("vial-33x13", "Faster"))
    shown.card.title_field.set_text("Slower")
    press_enter(desk)
    assert shown.card.isVisible()
    assert shown.card.title_field.text() == "Slower"
    assert entry(sqlite_store, "vial-33x13").template.title == "Faster"


def test_elements_come_go_and_change_places(desk: Desk) -> None:
    shown = layouts(desk)
    point(shown, "box-51x25")
    press(desk, Qt.Key.Key_N)
    editor = shown.card.elements
    count = editor.table.rows.rowCount()
    editor.add["line"].click()
    assert editor.table.current_id() == count
    assert editor.fields["thickness_mm"].isVisible()
    assert not editor.fields["value"].isVisible()
    editor.up.click()
    assert editor.table.current_id() == count - 1
    assert editor.fields["thickness_mm"].isVisible()
    editor.down.click()
    assert editor.table.current_id() == count
    editor.remove.click()
    assert editor.table.rows.rowCount() == count


def test_a_file_begins_a_layout_and_one_is_written(desk: Desk, tmp_path: Path) -> None:
    shown = layouts(desk)
    path = tmp_path / "our-vial.toml"
    path.write_text(own_template("our-vial", "From a file").toml, "utf-8")
    shown.take_file(path)
    assert (shown.card.name_field.text(), shown.card.title_field.text()) == ("our-vial", "From a file")
    assert not shown.card.name_field.editor.isReadOnly()
    shown.close_forms()
    path.write_text("title = 3", "utf-8")
    shown.take_file(path)
    assert shown.problems.isVisible()
    assert shown.card.isHidden()
    point(shown, "tube-38x19")
    shown.write_file(tmp_path / "out.toml")
    assert (tmp_path / "out.toml").read_text("utf-8") == write_template(template("tube-38x19"))


@pytest.mark.parametrize(
    ("width_mm", "free_mm", "words"),
    [(33.0, 6.3, "A window of 6.3 mm"), (42.0, -2.7, "overlap by 2.7 mm")],
)
def test_the_tube_says_what_stays_free(qtbot: QtBot, width_mm: float, free_mm: float, words: str) -> None:
    side = QImage(330, 130, QImage.Format.Format_RGB32)
    side.fill(Qt.GlobalColor.red)
    wrapped = Wrapped(side, width_mm, 13.0, 12.5)
    assert wrapped.window_mm == pytest.approx(free_mm, abs=0.05)
    picture = VialPicture()
    qtbot.addWidget(picture)
    picture.show_wrapped(wrapped)
    assert words in picture.accessibleName()
    seen = picture.grab().toImage()
    reds = [
        sum(seen.pixelColor(x, y).red() > 200 > seen.pixelColor(x, y).green() + 100 for x in columns)
        for y in [seen.height() // 2 - 10]
        for columns in (range(seen.width() // 2), range(seen.width() // 2, seen.width()))
    ]
    front, back = reds
    assert front > 40
    assert (back < front - 10) == (free_mm > 0)


def test_the_middle_of_the_label_is_seen_in_front_and_its_ends_behind() -> None:
    wrapped = Wrapped(QImage(), 33.0, 13.0, 12.5)
    assert wrapped.strip(0.0, 0.0) == pytest.approx(0.5)
    assert wrapped.strip(0.0, math.pi) is None
    right = wrapped.strip(1.0, 0.0)
    assert right == pytest.approx(0.5 + math.pi / 2 * 6.25 / 33)
    assert wrapped.strip(-1.0, math.pi) == pytest.approx(right)


def test_what_is_given_up_while_it_is_tried_is_not_kept(
    desk: Desk, sqlite_store: Store, qtbot: QtBot, trial: SlowTrial
) -> None:
    shown = tried(desk, qtbot, trial)
    shown.card.cancel.click()
    trial.let_go(desk, qtbot)
    assert not kept(sqlite_store)
    assert desk.frame.notices.texts() == []


@pytest.mark.parametrize("refused", [False, True])
def test_the_answer_to_a_form_that_was_given_up_is_nothing_to_the_next(
    desk: Desk, sqlite_store: Store, qtbot: QtBot, trial: SlowTrial, refused: bool
) -> None:
    if refused:
        trial.refusal = Rejected(Problem("name", "template-name-wrong"))
    shown = tried(desk, qtbot, trial)
    shown.card.cancel.click()
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_N)
    shown.card.title_field.set_text("Another")
    shown.card.title_field.attend()
    trial.let_go(desk, qtbot)
    assert shown.opened() is shown.card
    assert shown.card.title_field.editor.hasFocus()
    assert shown.card.title_field.text() == "Another"
    assert shown.card.name_field.problem_text() == ""
    assert not kept(sqlite_store)


def test_the_fields_rest_while_a_layout_is_tried(desk: Desk, qtbot: QtBot, trial: SlowTrial) -> None:
    trial.refusal = Rejected(Problem("title", "answer-missing"))
    shown = tried(desk, qtbot, trial)
    card = shown.card
    assert card.hasFocus()
    for field in (card.name_field, card.title_field, card.elements, card.sheet):
        assert not field.isEnabled()
    assert card.cancel.isEnabled()
    trial.let_go(desk, qtbot)
    for field in (card.name_field, card.title_field, card.elements, card.sheet):
        assert field.isEnabled()
    assert card.title_field.editor.hasFocus()


def test_what_was_typed_just_before_does_not_wipe_the_refusal(
    desk: Desk, qtbot: QtBot, trial: SlowTrial
) -> None:
    trial.refusal = Rejected(Problem("name", "template-name-wrong"))
    shown = tried(desk, qtbot, trial)
    trial.let_go(desk, qtbot)
    qtbot.wait(2 * PAUSE_MS)
    qtbot.waitUntil(lambda: not desk.jobs.busy)
    assert shown.card.name_field.problem_text() == "problem.template-name-wrong"


def test_a_trial_that_ends_while_nobody_is_there_keeps_nothing(
    desk: Desk, sqlite_store: Store, qtbot: QtBot, trial: SlowTrial
) -> None:
    shown = tried(desk, qtbot, trial)
    come(desk, None)
    trial.let_go(desk, qtbot)
    come(desk, CAS)
    qtbot.waitUntil(lambda: not desk.jobs.busy)
    assert not kept(sqlite_store)
    assert shown.card.primary.isEnabled()
    assert shown.card.title_field.isEnabled()


def test_a_scan_does_not_throw_away_what_is_typed(desk: Desk, sqlite_store: Store) -> None:
    Routes(desk, desk)
    donor = add_donor(sqlite_store, ANNA)
    shown = typed(desk)
    desk.frame.bus.take(donor)
    assert desk.frame.screen_name() == "settings"
    assert desk.frame.notices.texts() == ["Finish or cancel what is open first. The scan was not used."]
    shown.step_back()
    desk.frame.bus.take(donor)
    assert desk.frame.screen_name() == "donors"


def test_who_comes_back_finds_the_layout_half_typed_and_nobody_else_does(desk: Desk) -> None:
    shown = typed(desk, "An hour of work")
    desk.frame.show_screen("today")
    desk.frame.show_screen("settings")
    come(desk, None)
    come(desk, CAS)
    assert layouts(desk).opened() is shown.card
    assert shown.card.title_field.text() == "An hour of work"
    assert shown.card.hasFocus()
    press(desk, Qt.Key.Key_1)
    assert layouts(desk).opened() is shown.card
    come(desk, None)
    come(desk, ANNA)
    assert shown.opened() is None


def test_who_was_slower_sees_it_at_the_bottom_of_a_form_higher_than_the_window(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    desk.frame.resize(1366, 768)
    shown = layouts(desk)
    point(shown, "vial-33x13")
    press(desk, Qt.Key.Key_C)
    templates.save_template(sqlite_store, ANNA, own_template("vial-33x13", "Faster"))
    press_enter(desk)
    qtbot.wait(50)
    area = area_of(shown)
    assert area is not None
    said = [
        one for one in shown.card.findChildren(QLabel) if one.text() == "problem.template-changed-meanwhile"
    ]
    assert [one.isVisible() for one in said] == [True]
    assert 0 <= said[0].mapTo(area.viewport(), QPoint(0, 0)).y() < area.viewport().height()


def test_a_refusal_goes_to_an_element_below_the_fold(desk: Desk, qtbot: QtBot) -> None:
    desk.frame.resize(1366, 768)
    shown = typed(desk)
    shown.card.elements.table.selectRow(1)
    field = shown.card.elements.fields["size_mm"]
    field.set_text("much")
    field.attend()
    area = area_of(shown)
    assert area is not None
    qtbot.wait(2 * PAUSE_MS)
    area.verticalScrollBar().setValue(0)
    press_enter(desk)
    qtbot.waitUntil(lambda: bool(field.problem_text()))
    qtbot.wait(50)
    assert field.editor.hasFocus()
    top = field.mapTo(area.viewport(), QPoint(0, 0)).y()
    assert 0 <= top <= area.viewport().height() - field.height()
