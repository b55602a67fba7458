from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.gui.widgets.codes_field import CodesField
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import PAGE_ROWS, Column

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.jobs import Jobs

VIALS = codes.run(CodeKind.SAMPLE, 2026, 4711, 3)


@pytest.fixture
def table(qtbot: QtBot, jobs: Jobs) -> RowTable:
    columns = [Column("Id", lambda row: str(row[0]), 120), Column("Words", lambda row: row[1])]
    made = RowTable(columns, lambda row: int(row[0]), jobs, several=True)
    qtbot.addWidget(made)
    made.resize(600, 440)
    made.show()
    return made


def shown(table: RowTable) -> list[object]:
    rows = table.rows
    return [rows.data(rows.index(row, 1)) for row in range(rows.rowCount())]


def test_rows_at_hand_are_there_at_once_however_many(table: RowTable) -> None:
    QAbstractItemModelTester(table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [(number, f"row {number}") for number in range(3 * PAGE_ROWS + 1)]
    table.show_rows(rows)
    assert shown(table) == [words for _number, words in rows]
    table.show_rows([])
    assert shown(table) == []
    assert (table.current(), table.selected()) == (None, [])


def test_what_was_selected_stays_selected_when_rows_come_and_go(table: RowTable) -> None:
    table.show_rows([(number, "") for number in range(6)])
    table.selectRow(2)
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [row[0] for row in table.selected()] == [2, 3]
    table.show_rows([(number, "again") for number in range(6)])
    assert [row[0] for row in table.selected()] == [2, 3]
    table.show_rows([(number, "") for number in (9, 3, 2, 7)])
    assert [row[0] for row in table.selected()] == [3, 2]
    assert table.current() == (3, "")
    table.show_rows([(8, ""), (7, "")])
    assert [row[0] for row in table.selected()] == [8]


@pytest.mark.parametrize(
    "typed",
    [
        ", ".join(VIALS),
        "\t".join(map(codes.group, VIALS)),
        " ".join(map(codes.group, VIALS)).lower(),
        ";".join(VIALS) + " ; ",
        "\u2028".join(VIALS),
    ],
)
def test_codes_are_read_however_people_write_them(qtbot: QtBot, typed: str) -> None:
    field = CodesField("Vials")
    qtbot.addWidget(field)
    field.set_text(typed)
    assert list(field.codes()) == VIALS


def test_what_is_no_code_stays_as_it_was_typed(qtbot: QtBot) -> None:
    field = CodesField("Vials")
    qtbot.addWidget(field)
    field.set_text(f"{VIALS[0]} and {VIALS[1]}, rubbish")
    assert field.codes() == (f"{VIALS[0]} and {VIALS[1]}", "rubbish")
    field.set_text(" ,, ")
    assert field.codes() == ()
