"""What the lab decides about labels, in the settings: rules that choose layouts, and unchecked labels."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from biobank_desktop.domain.label_rules import LabelRule
from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.settings.layouts import LayoutsPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.gui.widgets.scrolling import area_of
from biobank_desktop.labels.catalogue import template
from biobank_desktop.services import unchecked_labels
from biobank_desktop.services.label_rules import label_rules, set_label_rules
from biobank_desktop.services.printers import PrinterForm, set_printer
from biobank_desktop.services.unchecked_labels import set_unchecked_rule, unchecked_rule
from tests.support.databases import ANNA, BENCH, BO, CAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.settings.label_rules_card import LabelRulesCard
    from biobank_desktop.persistence.store import Store

SCREEN = ("settings", SettingsScreen)
CAP, WRAP, TUBE = (template(name).title for name in ("vial-33x13-cap", "vial-33x13", "tube-38x19"))


def layouts(desk: Desk, actor: Actor = CAS) -> LayoutsPart:
    assert desk.session is not None
    desk.session.actor = actor
    desk.frame.show_screen("settings", section="layouts")
    part = screen(desk).part
    assert isinstance(part, LayoutsPart)
    return part


def screen(desk: Desk) -> SettingsScreen:
    shown = desk.frame.shown_screen()
    assert isinstance(shown, SettingsScreen)
    return shown


def press(desk: Desk, key: Qt.Key) -> None:
    QTest.keyClick(screen(desk), key)


def begun(desk: Desk) -> LabelRulesCard:
    """The form of the rules, opened by its letter."""
    part = layouts(desk)
    press(desk, Qt.Key.Key_R)
    assert part.decisions.card.isVisible()
    return part.decisions.card


def answer(fields: Mapping[str, QWidget], **answers: str) -> None:
    for key, value in answers.items():
        field = fields[key]
        assert isinstance(field, PickField)
        field.set_value(value)


def kept(store: Store) -> tuple[LabelRule, ...]:
    with store.read() as connection:
        return label_rules(connection)


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def test_rules_are_added_ordered_answered_and_kept_by_key(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    card = begun(desk)
    rules = card.rules_list
    QTest.keyClick(rules.add["rule"], Qt.Key.Key_A)
    answer(rules.fields, kind="tube", template="tube-38x19")
    QTest.keyClick(rules.table, Qt.Key.Key_A)
    answer(rules.fields, material="PL1", bench="freezer bench", template="vial-33x13-cap")
    QTest.keyClick(rules.table, Qt.Key.Key_U)
    assert [rules.table.rows.data(rules.table.rows.index(row, 1)) for row in range(2)] == [
        "Plasma at freezer bench",
        "Tube",
    ]
    QTest.keyClick(rules.table, Qt.Key.Key_A)
    QTest.keyClick(rules.table, Qt.Key.Key_V)
    press(desk, Qt.Key.Key_Return)
    expected = (
        LabelRule("vial-33x13-cap", "PL1", bench="freezer bench"),
        LabelRule("tube-38x19", kind="tube"),
    )
    assert kept(sqlite_store) == expected
    assert card.isHidden()
    decisions = layouts(desk).decisions
    qtbot.waitUntil(lambda: "Plasma at freezer bench" in texts(decisions))
    said = texts(decisions)
    assert said[said.index("Plasma at freezer bench") + 1] == CAP


def test_what_a_label_would_get_follows_the_rules_as_they_are_typed(desk: Desk, sqlite_store: Store) -> None:
    set_printer(
        sqlite_store, ANNA, PrinterForm("Zebra 2", "zpl", 300, "vial-33x13-cap", {"host": "127.0.0.1"})
    )
    card = begun(desk)
    question = card.question
    assert question.fields["bench"].text() == BENCH
    answer(question.fields, material="PL1", printer="PDF")
    assert question.said.text() == f"{WRAP}: no rule fits, and it is the usual one."
    answer(question.fields, printer="Zebra 2")
    assert question.said.text() == f"{CAP}: no rule fits, and the printer is loaded with it."
    card.rules_list.add["rule"].click()
    answer(card.rules_list.fields, material="PL1", template="tube-38x19")
    assert question.said.text() == f"{TUBE}, by rule 1."
    assert question.refused.text() == "problem.label-stock-not-loaded"
    answer(question.fields, material="SER")
    assert question.said.text() == f"{CAP}: no rule fits, and the printer is loaded with it."
    assert not question.refused.isVisible()
    answer(question.fields, kind="Box 9 × 9")
    assert not question.fields["material"].isVisible()
    assert question.said.text().startswith(template("box-51x25").title)
    question.fields["printer"].set_text("nonsense")
    assert question.said.text() == ""
    assert question.fields["printer"].problem_text() == "problem.answer-unreadable"


def test_everything_wrong_is_said_at_once_and_nothing_is_kept(desk: Desk, sqlite_store: Store) -> None:
    card = begun(desk)
    rules = card.rules_list
    rules.add["rule"].click()
    rules.fields["material"].set_text("porridge")
    rules.fields["bench"].set_text("bench\u202e1")
    rules.add["rule"].click()
    press(desk, Qt.Key.Key_Return)
    assert [rules.table.rows.data(rules.table.rows.index(row, 3)) for row in range(2)] == [
        "3 things",
        "1 thing",
    ]
    assert rules.fields["material"].editor.hasFocus()
    assert rules.fields["material"].text() == "porridge"
    assert rules.fields["material"].problem_text() == "problem.answer-unreadable"
    assert rules.fields["template"].problem_text() == "problem.answer-missing"
    assert rules.fields["bench"].problem_text() == "problem.text-has-invisible-characters"
    assert kept(sqlite_store) == ()


def test_who_was_slower_is_refused_and_keeps_what_was_typed(
    desk: Desk, sqlite_store: Store, qtbot: QtBot
) -> None:
    set_label_rules(sqlite_store, ANNA, [LabelRule("vial-33x13")])
    card = begun(desk)
    set_label_rules(sqlite_store, ANNA, [LabelRule("tube-38x19")])
    answer(card.rules_list.fields, material="PL1")
    press(desk, Qt.Key.Key_Return)
    assert "problem.setting-changed-meanwhile" in texts(card)
    assert card.rules() == (LabelRule("vial-33x13", "PL1"),)
    assert kept(sqlite_store) == (LabelRule("tube-38x19"),)
    desk.frame.step_back()
    decisions = layouts(desk).decisions
    qtbot.waitUntil(lambda: TUBE in texts(decisions))


def test_a_form_that_is_open_is_not_given_up_for_another(desk: Desk) -> None:
    card = begun(desk)
    card.rules_list.add["rule"].click()
    for key in (Qt.Key.Key_N, Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_R):
        press(desk, key)
    assert card.isVisible()
    assert len(card.rules()) == 1


@pytest.mark.parametrize(
    ("key", "rule"), [(Qt.Key.Key_W, "warn"), (Qt.Key.Key_B, "block"), (Qt.Key.Key_S, "accept")]
)
def test_one_letter_decides_what_becomes_of_unchecked_labels(
    desk: Desk, sqlite_store: Store, key: Qt.Key, rule: str
) -> None:
    set_unchecked_rule(sqlite_store, ANNA, "block" if rule == "accept" else "accept")
    part = layouts(desk)
    before = part.decisions.unchecked.value()
    press(desk, key)
    assert part.decisions.unchecked.value() == before
    part.decisions.unchecked.setFocus()
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)
    with sqlite_store.read() as connection:
        assert unchecked_rule(connection) == rule
    assert part.decisions.unchecked.value() == rule


def test_what_could_not_be_kept_is_not_shown_as_kept(
    desk: Desk, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> None:
        raise Unavailable(Problem("", "database-away"))

    monkeypatch.setattr(unchecked_labels, "set_unchecked_rule", away)
    unchecked = layouts(desk).decisions.unchecked
    unchecked.row.take_letter("B")
    assert unchecked.value() == "accept"


def test_the_rules_rest_while_they_are_stored(desk: Desk, sqlite_store: Store, qtbot: QtBot) -> None:
    card = begun(desk)
    rules = card.rules_list
    rules.add["rule"].click()
    answer(rules.fields, template="vial-33x13")
    desk.jobs = Jobs()
    gate = threading.Event()
    desk.jobs.run(desk, lambda: gate.wait(5))
    press(desk, Qt.Key.Key_Return)
    rules.add["rule"].click()
    assert not rules.isEnabled()
    assert len(card.rules()) == 1
    gate.set()
    qtbot.waitUntil(lambda: not desk.jobs.busy)
    assert kept(sqlite_store) == (LabelRule("vial-33x13"),)
    assert card.isHidden()


def test_rules_that_are_stored_close_no_other_form(desk: Desk, sqlite_store: Store, qtbot: QtBot) -> None:
    card = begun(desk)
    card.rules_list.add["rule"].click()
    answer(card.rules_list.fields, template="vial-33x13")
    desk.jobs = Jobs()
    gate = threading.Event()
    desk.jobs.run(desk, lambda: gate.wait(5))
    press(desk, Qt.Key.Key_Return)
    card.cancel.click()
    press(desk, Qt.Key.Key_N)
    part = screen(desk).part
    assert isinstance(part, LayoutsPart)
    assert part.opened() is part.card
    gate.set()
    qtbot.waitUntil(lambda: not desk.jobs.busy)
    assert kept(sqlite_store) == (LabelRule("vial-33x13"),)
    assert part.opened() is part.card


def test_the_button_that_keeps_the_rules_is_seen_when_they_are_opened(desk: Desk, qtbot: QtBot) -> None:
    desk.frame.resize(1366, 768)
    card = begun(desk)
    card.rules_list.add["rule"].click()
    desk.frame.step_back()
    card = begun(desk)
    card.rules_list.add["rule"].click()
    area = area_of(card)
    assert area is not None
    qtbot.wait(50)
    assert card.mapTo(area.viewport(), QPoint(0, card.height())).y() <= area.viewport().height()


def test_who_may_not_manage_sees_what_is_decided_and_changes_nothing(desk: Desk, sqlite_store: Store) -> None:
    part = layouts(desk, BO)
    assert not part.decisions.change.isVisible()
    for key in (Qt.Key.Key_R, Qt.Key.Key_B):
        press(desk, key)
    assert part.decisions.card.isHidden()
    with sqlite_store.read() as connection:
        assert unchecked_rule(connection) == "accept"
