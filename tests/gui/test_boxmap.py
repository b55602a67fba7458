from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from biobank_desktop import language
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.gui.widgets.legend import Legend

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ROWS, COLUMNS = "ABCDEFGHJ", [str(number) for number in range(1, 10)]


@pytest.fixture
def box(qtbot: QtBot) -> BoxMap:
    made = BoxMap()
    qtbot.addWidget(made)
    made.set_grid(ROWS, COLUMNS)
    made.resize(320, 320)
    made.show()
    return made


def well_image(box: BoxMap, place: tuple[int, int]) -> QImage:
    return box.grab(box.cell(place).toRect()).toImage()


def test_the_labels_are_the_boxs_own(box: BoxMap) -> None:
    assert box.name_of((8, 0)) == "J1"


def test_every_well_is_hit_in_its_middle_and_its_corners(box: BoxMap) -> None:
    for row in range(9):
        for column in range(9):
            cell = box.cell((row, column))
            for point in (cell.center(), cell.topLeft() + QPoint(1, 1), cell.bottomRight() - QPoint(1, 1)):
                assert box.place_at(point) == (row, column)


def test_labels_and_beside_the_grid_are_no_wells(box: BoxMap) -> None:
    assert box.place_at(QPoint(5, 100)) is None
    assert box.place_at(QPoint(100, 5)) is None
    assert box.place_at(QPoint(319, 319)) is None


def test_a_click_chooses_a_well(qtbot: QtBot, box: BoxMap) -> None:
    with qtbot.waitSignal(box.chosen) as chosen:
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.cell((2, 3)).center().toPoint())
    assert chosen.args == [2, 3]
    assert box.cursor_place() == (2, 3)


def test_arrows_walk_and_stop_at_the_edge_and_space_chooses(qtbot: QtBot, box: BoxMap) -> None:
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(box, key)
    assert box.cursor_place() == (1, 2)
    QTest.keyClick(box, Qt.Key.Key_End)
    QTest.keyClick(box, Qt.Key.Key_Right)
    assert box.cursor_place() == (1, 8)
    with qtbot.waitSignal(box.chosen) as chosen:
        QTest.keyClick(box, Qt.Key.Key_Space)
    assert chosen.args == [1, 8]


def test_the_cursor_is_said_with_place_state_and_content(qtbot: QtBot, box: BoxMap) -> None:
    box.set_wells({(0, 1): Well(WellState.FOREIGN, "PM26 0A1B2 7")})
    assert box.accessibleDescription() == "A1 · free"
    QTest.keyClick(box, Qt.Key.Key_Right)
    assert box.accessibleDescription() == "A2 · does not belong here · PM26 0A1B2 7"


def test_a_place_off_the_grid_is_refused(box: BoxMap) -> None:
    with pytest.raises(ValueError, match="not in this box"):
        box.set_wells({(9, 0): Well(WellState.TAKEN)})


@pytest.mark.parametrize("pitch", [16, 42])
def test_states_differ_in_shape_not_in_colour_alone(qtbot: QtBot, pitch: int) -> None:
    box = BoxMap(widest_px=42)
    qtbot.addWidget(box)
    columns = [str(number) for number in range(1, len(WellState) + 1)]
    box.set_grid("A", columns)
    box.resize(20 + pitch * len(columns), 20 + pitch)
    box.set_wells({(0, column): Well(state) for column, state in enumerate(WellState)})
    shapes = set()
    for column in range(len(WellState)):
        grey = well_image(box, (0, column)).convertToFormat(QImage.Format.Format_Grayscale8).scaled(16, 16)
        shapes.add(bytes(grey.constBits()))
    assert len(shapes) == len(WellState)


@pytest.mark.parametrize("state", list(WellState))
def test_every_state_has_a_word_in_both_languages(state: WellState) -> None:
    language.choose("en")
    english = state.word()
    language.choose("nl")
    dutch = state.word()
    language.choose("en")
    assert english
    assert dutch
    assert english != dutch


def test_a_flash_shows_where_it_landed_and_ends(qtbot: QtBot, box: BoxMap) -> None:
    before = well_image(box, (4, 4))
    box.flash((4, 4))
    assert box.is_flashing()
    assert well_image(box, (4, 4)) != before
    qtbot.waitUntil(lambda: not box.is_flashing())
    assert well_image(box, (4, 4)) == before


def test_a_flash_lasts_less_than_150_ms(box: BoxMap) -> None:
    assert box._flash.duration() < 150


def test_a_selected_well_is_ringed(box: BoxMap) -> None:
    before = well_image(box, (2, 2))
    box.set_selected([(2, 2)])
    assert well_image(box, (2, 2)) != before
    box.set_grid(ROWS, COLUMNS)
    assert well_image(box, (2, 2)) == before


def test_wells_stay_round_and_fourteen_fit_the_panel(qtbot: QtBot) -> None:
    box = BoxMap()
    qtbot.addWidget(box)
    box.set_grid("ABCDEFGHJKLMNP", [str(number) for number in range(1, 15)])
    box.resize(315, box.heightForWidth(315))
    cell = box.cell((13, 13))
    assert cell.width() == cell.height() >= 16
    assert cell.right() <= 315
    assert cell.bottom() <= box.height() + 0.5


def test_no_box_is_no_error(qtbot: QtBot) -> None:
    box = BoxMap()
    qtbot.addWidget(box)
    box.show()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Space):
        QTest.keyClick(box, key)
    assert box.place_at(QPoint(50, 50)) is None


def test_the_legend_counts_and_stays_as_it_is_while_nothing_changes(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    lines = [(Well(WellState.FREE), "free", 3), (Well(WellState.TAKEN), "taken", 78)]
    legend.show_lines(lines)
    drawn = legend.findChildren(QLabel)
    assert legend.lines() == {"free": 3, "taken": 78}
    assert [label.text() for label in drawn] == ["free", "3", "taken", "78"]
    legend.show_lines(list(lines))
    assert legend.findChildren(QLabel) == drawn
