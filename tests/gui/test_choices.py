from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.texts import CodeLabel, Text

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

MATERIALS = [Choice("BM", "Bone marrow", "B"), Choice("PB", "Blood", "P"), Choice("CSF", "Spinal fluid", "C")]


@pytest.fixture
def row(qtbot: QtBot) -> ChoiceRow:
    made = ChoiceRow(MATERIALS, name="Material")
    qtbot.addWidget(made)
    made.show()
    return made


def test_nothing_is_chosen_until_somebody_chooses(row: ChoiceRow) -> None:
    assert (row.value(), row.answered()) == (None, False)


def test_a_letter_chooses_in_either_case_and_says_so(row: ChoiceRow) -> None:
    said: list[object] = []
    row.chosen.connect(said.append)
    assert row.take_letter("p")
    assert row.take_letter("C")
    assert not row.take_letter("z")
    assert said == ["PB", "CSF"]
    assert row.value() == "CSF"


def test_one_choice_at_a_time(row: ChoiceRow) -> None:
    row.take_letter("B")
    row.take_letter("P")
    assert [button.isChecked() for button in row._group.buttons()] == [False, True, False]


def test_a_value_set_from_outside_is_shown_and_not_said(row: ChoiceRow) -> None:
    said: list[object] = []
    row.chosen.connect(said.append)
    row.set_value("PB")
    assert row.value() == "PB"
    row.set_value(None)
    assert row.value() is None
    assert said == []


def test_a_letter_is_given_once(qtbot: QtBot) -> None:
    with pytest.raises(ValueError, match="twice"):
        ChoiceRow([Choice(1, "Blood", "B"), Choice(2, "Bone marrow", "b")])


def test_other_choices_replace_the_old_ones(row: ChoiceRow) -> None:
    row.take_letter("B")
    row.set_choices([Choice(1, "Yes", "Y"), Choice(2, "No", "N")])
    assert row.value() is None
    assert not row.take_letter("B")
    assert row.take_letter("N")


def test_choices_are_big_enough_for_gloves(row: ChoiceRow) -> None:
    assert all(button.height() >= 48 for button in row._group.buttons())
    assert PrimaryButton("Register").sizeHint().height() >= 48
    assert ActionButton("Correct").sizeHint().height() >= 40


def test_space_chooses_what_has_the_focus(qtbot: QtBot, row: ChoiceRow) -> None:
    QTest.keyClick(row._group.button(1), Qt.Key.Key_Space)
    assert row.value() == "PB"


def test_a_button_shows_its_key_and_says_it(qtbot: QtBot) -> None:
    button = ActionButton("Register", Look.PRIMARY, hint="ENTER")
    qtbot.addWidget(button)
    assert (button.accessibleName(), button.accessibleDescription()) == ("Register", "ENTER")
    assert button.sizeHint().width() > ActionButton("Register", Look.PRIMARY).sizeHint().width()
    button.set_text("Register and print 6 labels")
    assert button.accessibleName() == "Register and print 6 labels"


def test_words_of_people_are_never_markup(qtbot: QtBot) -> None:
    text = Text("<b>5 < 6</b>")
    qtbot.addWidget(text)
    assert text.textFormat() == Qt.TextFormat.PlainText


def test_a_code_is_grouped_for_the_eye_and_copied_whole(qtbot: QtBot) -> None:
    code = codes.run(CodeKind.SAMPLE, 2026, 4711, 1)[0]
    label = CodeLabel(code)
    qtbot.addWidget(label)
    assert label.text() == codes.group(code)
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == code
    label.set_code("HX26110042")
    assert label.text() == "HX26110042"
