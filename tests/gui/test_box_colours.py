"""A box in the real window: its colours, its legend, and what is selected in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.colouring import COLOURINGS
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.widgets.wells import Palette, Sign, WellState, paint_tint
from biobank_desktop.services import placing
from tests.support.colourful import HOUSEHOLDS, fill_box
from tests.support.databases import ANNA, BO
from tests.support.lab import add_boxes
from tests.support.leaving import kept, withdraw

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.box_page import BoxPage
    from biobank_desktop.gui.widgets.wells import Tint
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes

SCREEN = ("storage", StorageScreen)
LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def boxes(desk: Desk, sqlite_store: Store) -> Boxes:
    return add_boxes(sqlite_store, ANNA)


@pytest.fixture
def full(sqlite_store: Store, boxes: Boxes) -> str:
    """A box in which everything occurs."""
    fill_box(sqlite_store, ANNA, boxes.plasma)
    return boxes.plasma


def show(desk: Desk, code: str) -> StorageScreen:
    desk.frame.show_screen("storage", container=codes.number(code))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    return screen


def type_letter(screen: StorageScreen, letter: str) -> None:
    QTest.keyClicks(screen.tree, letter)


def click(box: BoxPage, row: int, column: int, held: Qt.KeyboardModifier | None = None) -> None:
    place = box.map.cell((row, column)).center().toPoint()
    QTest.mouseClick(box.map, LEFT, held or Qt.KeyboardModifier.NoModifier, place)


def test_c_goes_through_the_colourings_and_every_legend_counts_every_vial(desk: Desk, full: str) -> None:
    screen = show(desk, full)
    box = screen.box
    assert box.side.colouring == "plain"
    assert box.side.legend.lines() == {"free": 0, "taken": 80, "out, place kept": 1}
    for colouring in COLOURINGS[1:]:
        type_letter(screen, "c")
        assert box.side.colouring == colouring
        counts = box.side.legend.lines()
        classes = {word: count for word, count in counts.items() if word not in {"free", "out, place kept"}}
        assert sum(classes.values()) == 81
        assert len(classes) >= 2
        tints = Counter(box.map.well(place).tint for place in box.map.places())
        assert None not in tints
        assert sorted(tints.values()) == sorted(classes.values())
    type_letter(screen, "c")
    assert box.side.colouring == "plain"
    assert {box.map.well(place).tint for place in box.map.places()} == {None}


def form_of(tint: Tint) -> QImage:
    """A class in a well of 16 pixels, robbed of its colours."""
    picture = QImage(16, 16, QImage.Format.Format_Grayscale8)
    picture.fill(255)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_tint(painter, QRectF(1.5, 1.5, 13, 13), replace(tint, palette=Palette.REST, step=0))
    painter.end()
    return picture


@pytest.mark.parametrize("colouring", COLOURINGS[1:])
def test_classes_differ_without_any_colour_in_the_smallest_well(
    desk: Desk, full: str, colouring: str
) -> None:
    box = show(desk, full).box
    box.side.colours.chosen.emit(colouring)
    tints = {box.map.well(place).tint for place in box.map.places()}
    forms = {tint: form_of(tint) for tint in tints if tint is not None}
    assert len(forms) >= 2
    for one, other in combinations(forms, 2):
        differing = sum(
            abs(forms[one].pixelColor(x, y).value() - forms[other].pixelColor(x, y).value()) > 40
            for x in range(16)
            for y in range(16)
        )
        assert differing >= 4, (one, other)


def test_the_verdict_is_in_the_colours_of_its_meaning_with_its_shape(desk: Desk, full: str) -> None:
    box = show(desk, full).box
    box.side.colours.chosen.emit("consent")
    counts = box.side.legend.lines()
    refused = sum(one.vials for one in HOUSEHOLDS if one.said == "no")
    assert counts["Refused"] == refused
    assert counts["Provisional"] == 81 - sum(one.vials for one in HOUSEHOLDS if one.said)
    first_refused = box.map.well((1, 5)).tint
    assert first_refused is not None
    assert (first_refused.palette.value, first_refused.sign) == ("refused", Sign.SLASH)
    assert "Refused" in box.map.describe((1, 5))


def test_a_withdrawal_recolours_the_box_that_is_open(desk: Desk, sqlite_store: Store, boxes: Boxes) -> None:
    family = kept(sqlite_store, BO, boxes.plasma, 3)
    box = show(desk, boxes.plasma).box
    box.side.colours.chosen.emit("consent")
    assert box.side.legend.lines()["Permitted"] == 3
    withdraw(sqlite_store, BO, family.donor)
    desk.changed.emit(frozenset({"donors"}))
    assert box.side.legend.lines()["Refused"] == 3


def test_the_family_follows_the_cursor(desk: Desk, full: str) -> None:
    box = show(desk, full).box
    box.side.colours.chosen.emit("family")
    assert next(iter(box.side.legend.lines().values())) == HOUSEHOLDS[0].vials
    click(box, 1, 6)
    assert next(iter(box.side.legend.lines().values())) == HOUSEHOLDS[1].vials
    lit = {place for place in box.map.places() if box.map.well(place).tint != box.map.well((0, 0)).tint}
    assert len(lit) == HOUSEHOLDS[1].vials


def test_the_colouring_stays_for_the_next_box(
    desk: Desk, sqlite_store: Store, boxes: Boxes, full: str
) -> None:
    screen = show(desk, full)
    type_letter(screen, "c")
    desk.frame.show_screen("today")
    screen = show(desk, boxes.nitrogen)
    assert screen.box.side.colouring == "material"
    assert screen.box.side.head.text() == "Material"
    assert screen.box.side.legend.lines() == {"free": 81, "taken": 0}


def test_the_chooser_shows_all_and_escape_closes_it(desk: Desk, full: str) -> None:
    screen = show(desk, full)
    side = screen.box.side
    QTest.mouseClick(side.head, LEFT)
    assert side.colours.isVisible()
    assert not side.legend.isVisible()
    assert side.colours.value() == "plain"
    desk.frame.step_back()
    assert side.legend.isVisible()
    QTest.mouseClick(side.head, LEFT)
    type_letter(screen, "7")
    assert side.colouring == "amount"
    assert side.legend.isVisible()


def test_what_is_selected_is_counted_and_told(desk: Desk, full: str) -> None:
    box = show(desk, full).box
    said: list[tuple[int, ...]] = []
    box.selection_changed.connect(said.append)
    click(box, 0, 4)
    assert "A5" in box.well_text()
    click(box, 1, 8, SHIFT)
    assert box.well_text() == "10 vials of 2 donors"
    items = box.selected_items()
    assert [(one.row_no, one.column_no) for one in items] == list(box.selected_positions())
    assert said[-1] == tuple(one.item_id for one in items)
    assert len(said) == 2


@pytest.mark.parametrize(
    ("letter", "told"),
    [
        ("r", {(1, column) for column in range(9)}),
        ("c", {(row, 6) for row in range(9)}),
        ("o", {(row, column) for row in range(9) for column in (0, 2, 4, 6, 8)}),
        ("e", {(row, column) for row in range(9) for column in (1, 3, 5, 7)}),
        ("d", {(row, column) for row in range(9) for column in range(9) if 14 <= row * 9 + column < 25}),
        ("a", {(row, column) for row in range(9) for column in range(9)}),
        ("i", {(row, column) for row in range(9) for column in range(9)} - {(1, 6)}),
        ("n", set()),
    ],
)
def test_x_selects_by_letter(desk: Desk, full: str, letter: str, told: set[tuple[int, int]]) -> None:
    screen = show(desk, full)
    click(screen.box, 1, 6)
    QTest.keyClicks(screen.box.map, "x")
    assert screen.box.side.picks.isVisible()
    QTest.keyClicks(screen.box.map, letter)
    assert screen.box.map.selected() == told
    assert screen.box.side.legend.isVisible()
    assert screen.box.side.colouring == "plain"


def test_the_others_are_free_wells_too_once_one_is_selected(
    desk: Desk, sqlite_store: Store, boxes: Boxes
) -> None:
    kept(sqlite_store, BO, boxes.plasma, 3)
    box = show(desk, boxes.plasma).box
    click(box, 0, 0)
    box.side.picks.chosen.emit("invert")
    assert box.map.selected() == {(0, 1), (0, 2)}
    click(box, 8, 8, CTRL)
    assert box.well_text() == "2 vials of 1 donor · 1 free well"
    box.side.picks.chosen.emit("invert")
    assert box.well_text() == "1 vial of 1 donor · 77 free wells"


def test_escape_closes_the_choices_before_it_ends_placing(desk: Desk, boxes: Boxes) -> None:
    screen = show(desk, boxes.plasma)
    type_letter(screen, "p")
    type_letter(screen, "x")
    desk.frame.step_back()
    assert screen.placing.on
    assert screen.box.side.legend.isVisible()
    desk.frame.step_back()
    assert not screen.placing.on


def test_a_selection_survives_a_refresh_by_vial_and_by_free_well(
    desk: Desk, sqlite_store: Store, boxes: Boxes
) -> None:
    first = kept(sqlite_store, BO, boxes.plasma, 3)
    screen = show(desk, boxes.plasma)
    box = screen.box
    said: list[tuple[int, ...]] = []
    click(box, 0, 1)
    for place in ((0, 2), (5, 5), (6, 6)):
        click(box, *place, CTRL)
    box.selection_changed.connect(said.append)
    placing.take_out(sqlite_store, ANNA, first.vials[2], "moved")
    placing.take_out(sqlite_store, ANNA, first.vials[1], "moved")
    placing.place(sqlite_store, ANNA, boxes.plasma, first.vials[1], "F6")
    desk.changed.emit(frozenset({"storage"}))
    moved = codes.number(first.vials[1])
    assert [one.item_id for one in box.selected_items()] == [moved]
    assert box.selected_positions() == ((6, 6), (7, 7))
    assert said == [(moved,)]
    assert box.well_text() == "1 vial of 1 donor · 1 free well"


def test_another_box_begins_with_nothing_selected(desk: Desk, sqlite_store: Store, boxes: Boxes) -> None:
    kept(sqlite_store, BO, boxes.plasma, 3)
    screen = show(desk, boxes.plasma)
    screen.box.side.picks.chosen.emit("all")
    said: list[tuple[int, ...]] = []
    screen.box.selection_changed.connect(said.append)
    show(desk, boxes.nitrogen)
    assert screen.box.selected_positions() == ()
    assert said == [()]
    assert screen.box.well_text() == "Click, drag or use the arrows to select wells."


def test_the_list_beside_the_box_points_but_not_when_it_comes_anew(
    desk: Desk, sqlite_store: Store, boxes: Boxes
) -> None:
    kept(sqlite_store, BO, boxes.plasma, 4)
    screen = show(desk, boxes.plasma)
    screen.box.side.picks.chosen.emit("all")
    kept(sqlite_store, BO, boxes.plasma, 1)
    desk.changed.emit(frozenset({"storage"}))
    assert len(screen.box.selected_items()) == 4
    screen.contents.table.selectRow(2)
    assert screen.box.selected_positions() == ((1, 3),)
    content = screen.box.content_here()
    assert content is not None
    assert (content.row_no, content.column_no) == (1, 3)


def test_placing_takes_the_free_well_that_is_clicked_but_no_chord(desk: Desk, boxes: Boxes) -> None:
    screen = show(desk, boxes.plasma)
    type_letter(screen, "p")
    click(screen.box, 3, 3)
    assert screen.box.next_position() == (4, 4)
    click(screen.box, 5, 5, CTRL)
    assert screen.box.next_position() == (4, 4)
    assert screen.box.map.well((3, 3)).state is WellState.PROPOSED
