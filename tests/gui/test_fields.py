from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.widgets.amounts import CELLS, VOLUMES, AmountField, parse_amount, say_amount
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.moments import MomentField, parse_moment

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MILLI, MICRO = VOLUMES


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
    assert moment.astimezone().replace(tzinfo=None) == datetime(2026, 11, 21, 9, 40)


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
    ("typed", "expected"),
    [
        ("3,2", (3200, MILLI)),
        ("3.2", (3200, MILLI)),
        ("500 ul", (500, MICRO)),
        ("500µL", (500, MICRO)),
        ("0,001 ml", (1, MILLI)),
        ("12", (12_000, MILLI)),
    ],
)
def test_amounts_take_comma_point_and_another_unit(typed: str, expected: tuple[int, object]) -> None:
    assert parse_amount(typed, VOLUMES, MILLI) == expected


@pytest.mark.parametrize("typed", ["", "x", "0,5 ul", "0,0001", "3 cells", "-1", "1.2.3", "1,"])
def test_an_amount_that_cannot_be_kept_whole_is_unreadable(typed: str) -> None:
    assert parse_amount(typed, VOLUMES, MILLI) is None


def test_cells_are_counted_in_millions_or_one_by_one() -> None:
    assert parse_amount("10", CELLS, CELLS[0]) == (10_000_000, CELLS[0])
    assert parse_amount("2500 cells", CELLS, CELLS[0]) == (2500, CELLS[1])
    assert say_amount(10_000_000, CELLS[0]) == "10"


def test_the_unit_that_was_typed_becomes_the_fields_unit(qtbot: QtBot) -> None:
    field = AmountField("Volume")
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "500 ul")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    assert (field.text(), field.unit, field.amount()) == ("500", MICRO, 500)
    field.set_amount(3200, MILLI)
    assert (field.text(), field.amount()) == ("3.2", 3200)
