from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.moments import MomentField, parse_moment

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def now() -> datetime:
    return NOW


def test_a_field_tells_nothing_unknown_and_given_apart(qtbot: QtBot) -> None:
    field = FieldBox("Condition", may_be_unknown=True, letters=False)
    qtbot.addWidget(field)
    answers = [field.answer()]
    QTest.keyClicks(field.editor, "u")
    answers.append(field.answer())
    field.set_text("clot")
    answers.append(field.answer())
    field.clear()
    answers.append(field.answer())
    assert answers == [Answer.NONE, Answer.UNKNOWN, Answer.GIVEN, Answer.NONE]


def test_unknown_is_not_a_text(qtbot: QtBot) -> None:
    field = FieldBox("Condition", may_be_unknown=True)
    qtbot.addWidget(field)
    field.set_unknown()
    assert field.text() == ""
    assert field.editor.text() == "Unknown"


def test_u_is_a_letter_where_letters_are_typed_and_ctrl_u_is_unknown(qtbot: QtBot) -> None:
    field = FieldBox("Remark", may_be_unknown=True)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "u")
    assert field.text() == "u"
    QTest.keyClick(field.editor, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    assert field.answer() is Answer.UNKNOWN


def test_unknown_is_refused_where_it_is_no_answer(qtbot: QtBot) -> None:
    field = FieldBox("Material", letters=False)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "u")
    assert field.text() == "u"
    with pytest.raises(ValueError, match="Material"):
        field.set_unknown()


def test_typing_over_unknown_is_an_answer(qtbot: QtBot) -> None:
    field = AmountField("Volume", may_be_unknown=True)
    qtbot.addWidget(field)
    field.show()
    QTest.keyClicks(field.editor, "u")
    field.editor.selectAll()
    QTest.keyClicks(field.editor, "3")
    assert (field.answer(), field.amount()) == (Answer.GIVEN, 3000)


def test_problems_stand_below_stops_first_and_go_again(qtbot: QtBot) -> None:
    field = FieldBox("Drawn", name="drawn")
    qtbot.addWidget(field)
    field.set_problems([Problem("drawn", "late", warning=True), Problem("drawn", "after-received")])
    assert field.problem_text() == "problem.after-received\nproblem.late"
    assert field._problem.property("role") == "refused"
    assert field.editor.accessibleDescription() == field.problem_text()
    field.set_problems([Problem("drawn", "late", warning=True)])
    assert field._problem.property("role") == "provisional"
    field.set_problems([])
    assert field._problem.isHidden()
    assert field._frame.property("problem") is False


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("22-11 9:40", datetime(2026, 11, 22, 9, 40)),
        ("22/11/2026 09.40", datetime(2026, 11, 22, 9, 40)),
        ("22.11 9h05", datetime(2026, 11, 22, 9, 5)),
        ("9:40", datetime(2026, 11, 22, 9, 40)),
        ("940", datetime(2026, 11, 22, 9, 40)),
        ("0005", datetime(2026, 11, 22, 0, 5)),
        ("3 mrt 14:05", datetime(2026, 3, 3, 14, 5)),
        ("3 mei 2025 14:05", datetime(2025, 5, 3, 14, 5)),
        ("22 November, 9:40", datetime(2026, 11, 22, 9, 40)),
        ("2026-11-22T09:40", datetime(2026, 11, 22, 9, 40)),
        ("31-12 23:59", datetime(2025, 12, 31, 23, 59)),
        ("22-11-26 9:40", datetime(2026, 11, 22, 9, 40)),
    ],
)
def test_moments_are_typed_fast(typed: str, expected: datetime) -> None:
    assert parse_moment(typed, TODAY) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "22-11",
        "24:00",
        "9:60",
        "31-2 9:40",
        "32-1 9:00",
        "0-1 9:00",
        "1 foo 9:00",
        "noon",
        "9",
        "29-2 1:00",
    ],
)
def test_what_is_no_moment_is_not_guessed(typed: str) -> None:
    assert parse_moment(typed, TODAY) is None


def test_n_is_now_and_u_is_unknown(qtbot: QtBot) -> None:
    field = MomentField("Drawn", now)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "n")
    assert field.moment() == NOW
    field.clear()
    QTest.keyClicks(field.editor, "u")
    assert (field.answer(), field.moment()) == (Answer.UNKNOWN, None)


def test_a_month_may_begin_with_n_behind_a_day(qtbot: QtBot) -> None:
    field = MomentField("Drawn", now)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "21 nov 9:40")
    moment = field.moment()
    assert moment is not None
    assert moment.astimezone(LAB_ZONE).replace(tzinfo=None) == datetime(2026, 11, 21, 9, 40)


@pytest.mark.parametrize("year", [2024, 2026, 2027])
def test_what_a_moment_is_written_as_reads_back_the_same(qtbot: QtBot, year: int) -> None:
    field = MomentField("Drawn", now)
    qtbot.addWidget(field)
    moment = datetime(year, 6, 3, 14, 5, tzinfo=UTC)
    field.set_moment(moment)
    assert field.moment() == moment
    assert (str(year) in field.text()) == (year != 2026)


def test_a_moment_is_tidied_when_it_is_left_and_nonsense_is_kept(qtbot: QtBot) -> None:
    field = MomentField("Drawn", now)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "2111 x")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    assert (field.text(), field.answer()) == ("2111 x", Answer.UNREADABLE)
    field.clear()
    QTest.keyClicks(field.editor, "21-11 940")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    assert field.text() == "21 Nov 09:40"


@pytest.mark.parametrize(
    ("typed", "amount", "shown"),
    [
        ("3,2", 3200, "3.2 mL"),
        ("500 ul", 500, "500 µL"),
        ("500µL", 500, "500 µL"),
        ("0,05", 50, "50 µL"),
        ("120 ml", 120_000, "120 mL"),
        ("1234 ul", 1234, "1234 µL"),
    ],
)
def test_a_volume_is_read_tidied_and_reads_back_the_same(
    qtbot: QtBot, typed: str, amount: int, shown: str
) -> None:
    field = AmountField("Volume", name="volume_ul")
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, typed)
    assert field.amount() == amount
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    assert (field.text(), field.amount(), field.answer()) == (shown, amount, Answer.GIVEN)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("x", "amount-unreadable"),
        ("500", "amount-unit-unclear"),
        ("1.234", "amount-ambiguous"),
        ("0", "amount-zero"),
    ],
)
def test_what_is_no_amount_says_why_below_the_field(qtbot: QtBot, typed: str, code: str) -> None:
    field = AmountField("Volume", name="volume_ul")
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, typed)
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    problem = field.problem()
    assert problem is not None
    assert (problem.field, problem.code) == ("volume_ul", code)
    assert (field.answer(), field.amount(), field.text()) == (Answer.UNREADABLE, None, typed)
    assert field.problem_text() == f"problem.{code}"
    field.set_amount(3200)
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    assert field.problem_text() == ""


def test_the_unit_stands_at_the_right_until_it_is_typed(qtbot: QtBot) -> None:
    field = AmountField("Volume", unit="µL")
    qtbot.addWidget(field)
    assert field._hint.text() == "µL"
    QTest.keyClicks(field.editor, "500")
    assert (field._hint.text(), field.amount()) == ("µL", 500)
    QTest.keyClicks(field.editor, " ml")
    assert (field._hint.text(), field.amount()) == ("", 500_000)


def test_cells_are_counted_in_millions_or_one_by_one(qtbot: QtBot) -> None:
    field = AmountField("Cells", Quantity.CELLS, name="cells", may_be_unknown=True)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "10e6")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    assert (field.text(), field.amount()) == ("10 × 10⁶ cells", 10_000_000)
    field.set_amount(2500)
    assert (field.text(), field.amount()) == ("2500 cells", 2500)
    field.set_unknown()
    assert (field.answer(), field.amount(), field.problem()) == (Answer.UNKNOWN, None, None)


def test_undo_is_the_fields_only_while_there_is_typing_to_undo(qtbot: QtBot) -> None:
    field = FieldBox("Remark")
    qtbot.addWidget(field)
    undo = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, "\x1a")
    undo.ignore()
    QCoreApplication.sendEvent(field.editor, undo)
    assert not undo.isAccepted()
    QTest.keyClicks(field.editor, "typed")
    QCoreApplication.sendEvent(field.editor, undo)
    assert undo.isAccepted()
