from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from biobank_desktop.gui.widgets.table import KEPT_PAGES, PAGE_ROWS, Column, PagedTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.jobs import Jobs

MILLION = array("q", range(10_000_000, 11_000_000))


class Shelf:
    """Rows on demand; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def fetch(self, ids: Sequence[int]) -> list[tuple[int, str]]:
        self.asked.append((ids[0], len(ids)))
        return [(each, f"row {each}") for each in ids]


@pytest.fixture
def table(qtbot: QtBot, jobs: Jobs) -> PagedTable:
    made = PagedTable([Column("Id", lambda row: str(row[0]), 120), Column("Words", lambda row: row[1])], jobs)
    qtbot.addWidget(made)
    made.resize(600, 440)
    made.show()
    return made


def text(table: PagedTable, row: int, column: int = 1) -> object:
    return table.rows.data(table.rows.index(row, column))


def test_only_what_is_looked_at_is_fetched(qtbot: QtBot, table: PagedTable) -> None:
    shelf = Shelf()
    table.show_ids(MILLION, shelf.fetch)
    assert table.rows.rowCount() == 1_000_000
    assert text(table, 0) == "…"
    qtbot.waitUntil(lambda: text(table, 0) == "row 10000000")
    assert shelf.asked == [(10_000_000, PAGE_ROWS)]
    assert table.current_id() == 10_000_000


def test_the_far_end_is_one_page_away(qtbot: QtBot, table: PagedTable) -> None:
    shelf = Shelf()
    table.show_ids(MILLION, shelf.fetch)
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: text(table, 999_999) == "row 10999999")
    assert sum(count for _first, count in shelf.asked) <= 4 * PAGE_ROWS


def test_the_cache_stays_small_and_pages_come_back(qtbot: QtBot, table: PagedTable) -> None:
    shelf = Shelf()
    table.show_ids(MILLION, shelf.fetch)
    for page in range(KEPT_PAGES + 10):
        row = page * PAGE_ROWS
        table.rows.want(row, row)
        qtbot.waitUntil(lambda row=row: text(table, row) != "…")  # type: ignore[misc]
    assert len(table.rows._pages) == KEPT_PAGES
    assert text(table, 5 * PAGE_ROWS) == "…"
    table.rows.want(5 * PAGE_ROWS, 5 * PAGE_ROWS)
    qtbot.waitUntil(lambda: text(table, 5 * PAGE_ROWS) != "…")


def test_an_answer_for_the_list_before_is_dropped(qtbot: QtBot, table: PagedTable, jobs: Jobs) -> None:
    old, new = Shelf(), Shelf()
    table.rows.show_ids(MILLION, old.fetch)
    table.rows.want(0, 1)
    table.rows.show_ids(array("q", [5, 6]), new.fetch)
    table.rows.want(0, 1)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert [text(table, 0), text(table, 1)] == ["row 5", "row 6"]


def test_rows_that_may_have_changed_are_fetched_again(qtbot: QtBot, table: PagedTable, jobs: Jobs) -> None:
    shelf = Shelf()
    table.show_ids(array("q", [5, 6]), shelf.fetch)
    qtbot.waitUntil(lambda: text(table, 0) == "row 5")
    table.rows.forget_rows()
    assert text(table, 0) == "…"
    qtbot.waitUntil(lambda: text(table, 0) == "row 5")
    assert len(shelf.asked) == 2


def test_enter_opens_the_row_under_the_cursor(qtbot: QtBot, table: PagedTable) -> None:
    table.show_ids(array("q", [2**41, 2**41 + 7]), Shelf().fetch)
    pointed: list[object] = []
    table.pointed.connect(pointed.append)
    QTest.keyClick(table, Qt.Key.Key_Down)
    with qtbot.waitSignal(table.opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [2**41 + 7]
    assert pointed == [2**41 + 7]


def test_nothing_is_nothing(qtbot: QtBot, table: PagedTable) -> None:
    table.show_ids(array("q"), Shelf().fetch)
    opened: list[object] = []
    table.opened.connect(opened.append)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert (table.rows.rowCount(), table.current_id(), opened) == (0, None, [])


def test_the_model_keeps_qts_rules(qtbot: QtBot, table: PagedTable, jobs: Jobs) -> None:
    model: QAbstractItemModel = table.rows
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    table.show_ids(array("q", range(300)), Shelf().fetch)
    qtbot.waitUntil(lambda: not jobs.busy and text(table, 0) == "row 0")
    table.show_ids(array("q", range(5)), Shelf().fetch)
    qtbot.waitUntil(lambda: text(table, 4) == "row 4")
    assert tester.model() is model
