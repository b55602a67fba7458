"""Wells are selected with real clicks, drags and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from biobank_desktop.gui.widgets.boxmap import Place, Well, WellState
from biobank_desktop.gui.widgets.selecting import SelectingMap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NOTHING = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def box(qtbot: QtBot) -> SelectingMap:
    made = SelectingMap()
    qtbot.addWidget(made)
    made.set_grid("ABCDEFGHJ", [str(number) for number in range(1, 10)])
    made.resize(made.widest(), made.heightForWidth(made.widest()))
    made.show()
    return made


def middle(box: SelectingMap, place: Place) -> QPoint:
    return box.cell(place).center().toPoint()


def click(box: SelectingMap, place: Place, held: Qt.KeyboardModifier = NOTHING) -> None:
    QTest.mouseClick(box, LEFT, held, middle(box, place))


def drag(box: SelectingMap, begin: QPoint, *way: QPoint, held: Qt.KeyboardModifier = NOTHING) -> None:
    QTest.mousePress(box, LEFT, held, begin)
    for point in way:
        QTest.mouseMove(box, point)
    QTest.mouseRelease(box, LEFT, held, way[-1])


def row(number: int) -> set[Place]:
    return {(number, column) for column in range(9)}


def column(number: int) -> set[Place]:
    return {(line, number) for line in range(9)}


def block(first: Place, last: Place) -> set[Place]:
    return {(r, c) for r in range(first[0], last[0] + 1) for c in range(first[1], last[1] + 1)}


def test_a_click_selects_one_and_says_so_once(qtbot: QtBot, box: SelectingMap) -> None:
    said: list[frozenset[Place]] = []
    box.selection_changed.connect(lambda: said.append(box.selected()))
    click(box, (2, 3))
    click(box, (2, 3))
    click(box, (5, 5))
    assert said == [{(2, 3)}, {(5, 5)}]


def test_shift_goes_on_to_here_and_ctrl_adds_and_lets_go(box: SelectingMap) -> None:
    click(box, (4, 4))
    click(box, (2, 6), SHIFT)
    assert box.selected() == block((2, 4), (4, 6))
    click(box, (6, 3), SHIFT)
    assert box.selected() == block((4, 3), (6, 4))
    click(box, (0, 0), CTRL)
    click(box, (5, 4), CTRL)
    assert box.selected() == (block((4, 3), (6, 4)) | {(0, 0)}) - {(5, 4)}
    click(box, (5, 5), SHIFT | CTRL)
    assert box.selected() == (block((4, 3), (6, 4)) | {(0, 0)}) | {(5, 4), (5, 5)}


def test_dragging_draws_a_rectangle_also_backwards_and_beyond_the_edge(box: SelectingMap) -> None:
    drag(box, middle(box, (3, 3)), middle(box, (4, 4)), middle(box, (1, 5)))
    assert box.selected() == block((1, 3), (3, 5))
    drag(box, middle(box, (7, 7)), QPoint(5000, 5000))
    assert box.selected() == block((7, 7), (8, 8))
    drag(box, middle(box, (0, 0)), middle(box, (0, 2)), held=CTRL)
    assert box.selected() == block((7, 7), (8, 8)) | block((0, 0), (0, 2))


def test_a_hand_that_trembles_does_not_take_back_a_ctrl_click(box: SelectingMap) -> None:
    click(box, (3, 3))
    drag(box, middle(box, (3, 3)), middle(box, (3, 3)) + QPoint(2, 1), held=CTRL)
    assert box.selected() == set()


def test_the_names_of_rows_and_columns_select_the_whole_line(box: SelectingMap) -> None:
    name_of_c, name_of_f = QPoint(8, middle(box, (2, 0)).y()), QPoint(8, middle(box, (5, 0)).y())
    QTest.mouseClick(box, LEFT, NOTHING, name_of_c)
    assert box.selected() == row(2)
    QTest.mouseClick(box, LEFT, SHIFT, name_of_f)
    assert box.selected() == row(2) | row(3) | row(4) | row(5)
    name_of_7 = QPoint(middle(box, (0, 6)).x(), 8)
    QTest.mouseClick(box, LEFT, NOTHING, name_of_7)
    assert box.selected() == column(6)
    QTest.mouseClick(box, LEFT, CTRL, name_of_c)
    assert box.selected() == column(6) | row(2)
    QTest.mouseClick(box, LEFT, CTRL, name_of_c)
    assert box.selected() == column(6) - row(2)
    drag(box, name_of_c, middle(box, (3, 4)))
    assert box.selected() == row(2) | row(3)


def test_the_corner_and_beside_the_box_are_nothing(box: SelectingMap) -> None:
    click(box, (1, 1))
    box.resize(box.width() + 200, box.height())
    for point in (QPoint(5, 5), QPoint(box.width() - 5, 100), QPoint(box.width() - 5, 5)):
        QTest.mouseClick(box, LEFT, NOTHING, point)
    assert box.selected() == {(1, 1)}


def test_a_name_chooses_no_well_to_place_into_and_a_chord_neither(qtbot: QtBot, box: SelectingMap) -> None:
    chosen: list[Place] = []
    box.chosen.connect(lambda *place: chosen.append(place))
    QTest.mouseClick(box, LEFT, NOTHING, QPoint(8, middle(box, (2, 0)).y()))
    click(box, (4, 4), CTRL)
    click(box, (5, 5), SHIFT)
    assert chosen == []
    click(box, (6, 6))
    assert chosen == [(6, 6)]


def test_arrows_select_where_they_go_and_shift_all_on_the_way(box: SelectingMap) -> None:
    QTest.keyClick(box, Qt.Key.Key_Home)
    QTest.keyClick(box, Qt.Key.Key_Right)
    assert box.selected() == {(0, 1)}
    QTest.keyClick(box, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(box, Qt.Key.Key_Down, SHIFT)
    assert box.selected() == block((0, 1), (1, 2))
    QTest.keyClick(box, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(box, Qt.Key.Key_End, SHIFT)
    assert box.selected() == block((0, 1), (1, 8))


def test_ctrl_walks_without_selecting_and_its_space_adds(box: SelectingMap) -> None:
    QTest.keyClick(box, Qt.Key.Key_Home)
    QTest.keyClick(box, Qt.Key.Key_Down, CTRL)
    QTest.keyClick(box, Qt.Key.Key_Down, CTRL)
    assert box.cursor_place() == (2, 0)
    assert box.selected() == {(0, 0)}
    QTest.keyClick(box, Qt.Key.Key_Space, CTRL)
    assert box.selected() == {(0, 0), (2, 0)}
    QTest.keyClick(box, Qt.Key.Key_Space, CTRL)
    assert box.selected() == {(0, 0)}


def test_the_screen_reader_is_told_what_is_selected(box: SelectingMap) -> None:
    QTest.keyClick(box, Qt.Key.Key_Home)
    assert box.accessibleDescription() == "A1 · free · selected"
    QTest.keyClick(box, Qt.Key.Key_Right, CTRL)
    assert box.accessibleDescription() == "A2 · free"
    QTest.keyClick(box, Qt.Key.Key_Space, CTRL)
    assert box.accessibleDescription() == "A2 · free · selected"


def test_ctrl_a_selects_what_is_taken(box: SelectingMap) -> None:
    states = list(WellState)
    box.set_wells({(number // 9, number % 9): Well(state) for number, state in enumerate(states)})
    QTest.keyClick(box, Qt.Key.Key_A, CTRL)
    empty = {WellState.FREE, WellState.PROPOSED, WellState.RESERVED, WellState.GONE}
    assert box.selected() == {(n // 9, n % 9) for n, state in enumerate(states) if state not in empty}


def test_another_box_begins_with_nothing_also_for_shift(box: SelectingMap) -> None:
    click(box, (7, 7))
    box.set_grid("AB", ["1", "2"])
    assert box.selected() == set()
    QTest.mouseClick(box, LEFT, SHIFT, middle(box, (1, 1)))
    assert box.selected() == block((0, 0), (1, 1))


def test_no_box_is_no_error(qtbot: QtBot) -> None:
    box = SelectingMap()
    qtbot.addWidget(box)
    box.show()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Space):
        QTest.keyClick(box, key, SHIFT)
    QTest.keyClick(box, Qt.Key.Key_A, CTRL)
    QTest.mouseClick(box, LEFT, NOTHING, QPoint(10, 10))
    assert box.selected() == set()
