"""The maps above the box: where everything is drawn, the walk to the well, the way to what is found."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui import theme
from biobank_desktop.gui.storage import heat, plan_layout, reading
from biobank_desktop.gui.storage.making import NewContainer
from biobank_desktop.gui.storage.plan import EMPTY, FULL, HEAT_STEPS, fold, slots, step_of
from biobank_desktop.gui.storage.plan_map import PlanMap
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.persistence.queries import containers, occupancy
from biobank_desktop.persistence.queries.occupancy import Standing
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services.bulk import fill_lab
from biobank_desktop.services.demo.storage import Storage as DemoStorage
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.databases import ANNA, BO, CAS, open_store
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of
from tests.support.plans import KINDS, plan, site
from tests.support.window import Window, bench_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.plan import Node
    from biobank_desktop.gui.storage.plan_layout import Box
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases
    from tests.support.lab import Boxes

SCREEN = ("storage", StorageScreen)
PAGE = (10.0, 10.0, 900.0, 430.0)
KINDS_OF_PAGE = [(10.0, 10.0, 900.0, 430.0), (0.0, 0.0, 300.0, 900.0), (0.0, 0.0, 4000.0, 2500.0)]


@pytest.fixture(scope="module")
def large() -> Node:
    return plan(site(3, 3)).top


@pytest.fixture
def boxes(desk: Desk) -> Boxes:
    assert desk.session is not None
    return add_boxes(desk.session.store, ANNA)


@pytest.fixture
def vial(desk: Desk, boxes: Boxes) -> str:
    """A vial of plasma that lies in BX001, at A1."""
    assert desk.session is not None
    store = desk.session.store
    donor = add_donor(store, ANNA)
    consent_of_both(store, ANNA, donor)
    received = receive(store, BO, donor)
    fill_all(store, BO, received)
    screen = show(desk, boxes.plasma)
    screen.begin("place")
    scan(desk, vials_of(received, "PL1")[0])
    screen.placing.end()
    return vials_of(received, "PL1")[0]


def show(desk: Desk, code: str = "") -> StorageScreen:
    desk.frame.show_screen("storage", container=codes.number(code) if code else 0)
    screen = desk.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    return screen


def scan(desk: Desk, code: str) -> None:
    read = read_scan(code)
    assert read is not None
    desk.frame.take_scan(read)


def press(widget: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)


def every_box(node: Node, box: Box) -> list[tuple[Node, Box]]:
    inner = plan_layout._inner(node, box)
    found = [(node, box)]
    if inner is not None:
        for child, place in plan_layout._children(node, inner):
            found += every_box(child, place)
    return found


# The tree -------------------------------------------------------------------------------------------------


def test_the_share_of_a_rack_counts_its_empty_places_and_that_of_a_site_does_not() -> None:
    rows = [
        Standing(1, "F", "Freezer −80", "-80", None, 0, 0, 1),
        Standing(2, "S", "Freezer shelf", None, 1, 1, 1, 1),
        Standing(3, "R", "Freezer rack 4 × 5", None, 2, 1, 1, 2),
        Standing(4, "A", "Box 9 × 9", None, 3, 1, 1, 81),
        Standing(5, "B", "Box 9 × 9", None, 3, 2, 1, 0),
        Standing(6, "X", "Box 5 × 5", None, None, 0, 0, 25),
    ]
    top = plan(rows).top
    freezer, loose = top.children
    rack = freezer.children[0].children[0]
    assert rack.share == pytest.approx(1 / 20)
    assert freezer.share == pytest.approx(1 / 20 / 8 / 6)
    assert (freezer.taken, freezer.wells) == (81, 162)
    assert (loose.step, rack.children[1].step) == (FULL, EMPTY)
    assert top.share == pytest.approx((freezer.share + 1) / 2)
    assert freezer.percent == 1


@pytest.mark.parametrize(
    ("share", "step"), [(0, EMPTY), (1 / 2000, 1), (0.5, 5), (0.999, HEAT_STEPS), (1, FULL)]
)
def test_empty_and_full_are_steps_of_their_own(share: float, step: int) -> None:
    assert step_of(share) == step


def test_a_room_shows_what_stands_there_upright_and_where_the_next_may_stand() -> None:
    kinds = dict(KINDS)
    kinds["Hall"] = replace(KINDS["Freezer −80"], name="Hall", level="room", columns=40)
    kinds["Grid"] = replace(kinds["Hall"], name="Grid", rows=2, columns=3, column_labels="numbers")
    kinds["Grid"] = replace(kinds["Grid"], row_labels="letters")
    rows = [
        Standing(1, "Hall", "Hall", None, None, 0, 0, 2),
        Standing(2, "F1", "Freezer −80", "-80", 1, 1, 4, 0),
        Standing(3, "T1", "LN2 vapour tank", "ln2", 1, 1, 7, 0),
        Standing(4, "Grid", "Grid", None, None, 0, 0, 1),
        Standing(5, "F2", "Freezer −80", "-80", 4, 2, 3, 0),
    ]
    grid, hall = complete(fold(rows, kinds)).top.children
    assert [(slot.label, slot.node and slot.node.name) for slot in slots(hall)] == [
        ("1", None), ("4", "F1"), ("7", "T1"),
    ]  # fmt: skip
    assert [slot.label for slot in slots(grid)] == ["A1", "A2", "A3", "B1", "B2", "B3"]
    for shown, place in ((plan_layout.cells(hall, PAGE), 1), (plan_layout.cells(grid, PAGE), 5)):
        _left, top, wide, high = shown[place].box
        assert wide < high
        assert top + high == pytest.approx(PAGE[1] + PAGE[3])


# Where everything is drawn --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", KINDS_OF_PAGE)
@pytest.mark.parametrize("way", [(), (0,), (0, 2), (0, 2, 1), (4,), (4, 7)])
def test_what_stands_in_something_is_drawn_within_it_and_beside_the_others(
    large: Node, page: Box, way: tuple[int, ...]
) -> None:
    node = large
    for step in way:
        node = node.children[step]
    shown = plan_layout.cells(node, page)
    assert [cell.slot for cell in shown] == slots(node)
    for one, cell in enumerate(shown):
        assert _within(cell.box, page)
        assert not any(plan_layout.overlap(cell.box, other.box) for other in shown[:one])
        if cell.slot.node is not None:
            for _node, box in every_box(cell.slot.node, cell.box):
                assert _within(box, cell.box)


def test_every_box_is_painted_once_where_there_is_room(large: Node) -> None:
    wide = (0.0, 0.0, 12_000.0, 8_000.0)
    scene = plan_layout.scene(plan_layout.cells(large, wide), wide)
    assert sum(map(len, scene.fills)) == sum(1 for node, _ in every_box(large, wide) if not node.children)


def test_only_what_is_seen_is_painted(large: Node) -> None:
    page = (0.0, 0.0, 6_000.0, 4_000.0)
    shown = plan_layout.cells(large, page)
    corner = (0.0, 0.0, 300.0, 300.0)
    whole, part = plan_layout.scene(shown, page), plan_layout.scene(shown, corner)
    assert 0 < sum(map(len, part.fills)) < sum(map(len, whole.fills)) / 4
    assert all(plan_layout.overlap(box, corner) for boxes in part.fills for box in boxes)


@given(count=st.integers(1, 120))
def test_towers_stand_within_the_circle_of_their_tank(count: int) -> None:
    places = plan_layout._in_circle(count)
    assert len(places) == count
    for x, y, wide in places:
        for corner_x, corner_y in ((x, y), (x + wide, y), (x, y + wide), (x + wide, y + wide)):
            assert (corner_x - 0.5) ** 2 + (corner_y - 0.5) ** 2 <= 0.2501


def test_arrows_reach_every_position_of_a_round_tank(large: Node) -> None:
    shown = plan_layout.cells(large.children[3], PAGE)
    reached, edge = {0}, [0]
    while edge:
        here = edge.pop()
        for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            there = plan_layout.neighbour(shown, here, right, down)
            if there not in reached:
                reached.add(there)
                edge.append(there)
    assert reached == set(range(20))


def _within(box: Box, outer: Box) -> bool:
    return (
        box[0] >= outer[0] - 0.01
        and box[1] >= outer[1] - 0.01
        and box[0] + box[2] <= outer[0] + outer[2] + 0.01
        and box[1] + box[3] <= outer[1] + outer[3] + 0.01
    )


# Colours --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [heat.LIGHT, heat.DARK])
def test_the_palette_is_perceptually_even(palette: tuple[str, ...]) -> None:
    steps = [later - earlier for earlier, later in pairwise(map(_lightness, palette))]
    assert len({step > 0 for step in steps}) == 1
    assert max(map(abs, steps)) - min(map(abs, steps)) < 0.02


@pytest.mark.parametrize("scheme", [theme.Scheme.LIGHT, theme.Scheme.DARK])
def test_words_are_read_on_every_step(qapp: QApplication, scheme: theme.Scheme) -> None:
    theme.apply(qapp, scheme)
    for step in range(1, FULL + 1):
        assert _contrast(heat.colour(step), heat.ink(step)) >= 4.5


def _linear(colour: QColor) -> tuple[float, float, float]:
    def of(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    return of(colour.redF()), of(colour.greenF()), of(colour.blueF())


def _lightness(name: str) -> float:
    """L of OKLab."""
    red, green, blue = _linear(QColor(name))
    long = 0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue
    middle = 0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue
    short = 0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue
    return float(
        0.2104542553 * long ** (1 / 3) + 0.7936177850 * middle ** (1 / 3) - 0.0040720468 * short ** (1 / 3)
    )


def _contrast(one: QColor, other: QColor) -> float:
    parts = [_linear(one), _linear(other)]
    bright = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in parts]
    return (max(bright) + 0.05) / (min(bright) + 0.05)


# The database ---------------------------------------------------------------------------------------------


def test_the_plan_counts_what_the_containers_say(store: Store) -> None:
    complete(fill_lab(store, ANNA, 1_500))
    add_boxes(store, ANNA)
    whole = complete(reading.plan(store))
    with store.read() as connection:
        everything = containers.everything(connection)
    assert len(whole) == len(everything) > 10
    for row in everything:
        node = whole.node(row.id)
        assert node is not None
        assert (node.name, node.used, node.capacity) == (row.name, row.used, row.capacity)
        outer = whole.top if row.inside_id is None else whole.node(row.inside_id)
        assert outer is not None
        assert node in outer.children


def test_a_plan_longer_than_a_step_is_read_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_boxes(store, ANNA)
    whole = complete(reading.plan(store))
    monkeypatch.setattr(occupancy, "_CONTAINERS", occupancy._CONTAINERS.limit(2))
    monkeypatch.setattr(occupancy, "STEP", 2)
    assert complete(reading.plan(store)) == whole


# The screen -----------------------------------------------------------------------------------------------


def test_from_the_site_to_the_well_and_back_by_key(desk: Desk, boxes: Boxes) -> None:
    screen = show(desk)
    chart = screen.plan.map
    chart.setFocus()
    press(chart, Qt.Key.Key_Plus)
    assert screen.heading.name_text() == "F80-01"
    press(chart, Qt.Key.Key_Return)
    assert screen.heading.name_text() == "F80-01 S1"
    press(chart, Qt.Key.Key_Return)
    assert screen.heading.name_text() == "BX001"
    assert screen.box.map.hasFocus()
    press(screen.box.map, Qt.Key.Key_Right)
    assert screen.box.map.cursor_place() == (0, 1)
    press(screen.box.map, Qt.Key.Key_Backspace)
    assert screen.heading.name_text() == "F80-01 S1"
    slot = chart.cursor_slot()
    assert slot is not None
    assert slot.node is not None
    assert slot.node.name == "BX001"
    assert chart.hasFocus()
    press(chart, Qt.Key.Key_Minus)
    press(chart, Qt.Key.Key_Minus)
    assert screen.heading.name_text() == "Storage"
    press(chart, Qt.Key.Key_Minus)
    assert screen.heading.name_text() == "Storage"


def test_the_cursor_is_said_below_the_map_and_to_the_screen_reader(desk: Desk, boxes: Boxes) -> None:
    screen = show(desk)
    chart = screen.plan.map
    press(chart, Qt.Key.Key_End)
    assert screen.plan.words().startswith("LN2-01 · LN2 vapour tank · 1 of 20 places taken")
    assert chart.accessibleDescription() == screen.plan.words()
    press(chart, Qt.Key.Key_Home)
    assert screen.plan.words().startswith("F80-01")
    press(chart, Qt.Key.Key_Return)
    press(chart, Qt.Key.Key_Down)
    assert screen.plan.words() == "2 · free"


def test_a_free_place_is_taken_by_key_and_by_click(desk: Desk, boxes: Boxes) -> None:
    assert desk.session is not None
    desk.session.actor = CAS
    with desk.session.store.read() as connection:
        freezer = containers.by_name(connection, "F80-01")
    assert freezer is not None
    screen = show(desk, freezer.code)
    chart = screen.plan.map
    press(chart, Qt.Key.Key_Down)
    press(chart, Qt.Key.Key_Return)
    assert isinstance(screen.form(), NewContainer)
    screen.close_form()
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.cell_box(3).center().toPoint())
    form = screen.form()
    assert isinstance(form, NewContainer)


def test_letters_stay_the_screens(desk: Desk, boxes: Boxes) -> None:
    screen = show(desk)
    screen.plan.map.setFocus()
    press(screen.plan.map, Qt.Key.Key_F)
    assert screen.finder.editor.hasFocus()
    QTest.keyClicks(screen.finder.editor, "bx-+")
    press(screen.finder.editor, Qt.Key.Key_Backspace)
    assert screen.finder.text() == "bx-"
    assert screen.heading.name_text() == "Storage"


def test_a_vial_is_found_by_its_code_and_the_way_to_it_is_lit(desk: Desk, boxes: Boxes, vial: str) -> None:
    screen = show(desk)
    screen.finder.set_text(codes.group(vial))
    press(screen.finder.editor, Qt.Key.Key_Return)
    assert screen.heading.name_text() == "BX001"
    assert screen.box.map._selected == {(0, 0)}
    assert codes.group(vial) in screen.box.well_text()
    for outer in ("F80-01 S1", "F80-01", "Storage"):
        screen.go_out()
        assert screen.heading.name_text() == outer
        way = screen.plan.map.lit()
        assert len([slot for slot in screen.plan.map.slots() if slot.node and slot.node.id in way]) == 1
    model = screen.tree.model()
    assert model.index(0, 0).data(Qt.ItemDataRole.ForegroundRole) == theme.color("accent")
    assert model.index(1, 0).data(Qt.ItemDataRole.ForegroundRole) is None
    desk.frame.step_back()
    assert screen.plan.map.lit() == frozenset()
    assert screen.finder.text() == ""


def test_a_container_is_found_by_its_name_and_what_is_unknown_is_said_beside_the_field(
    desk: Desk, boxes: Boxes, vial: str
) -> None:
    screen = show(desk)
    screen.seek("BX002")
    assert screen.heading.name_text() == "BX002"
    screen.finder.set_text("BX 9")
    press(screen.finder.editor, Qt.Key.Key_Return)
    assert "nothing-called-so" in screen.finder.problem_text()
    assert screen.finder.text() == "BX 9"
    assert screen.heading.name_text() == "BX002"
    QTest.keyClicks(screen.finder.editor, "9")
    assert screen.finder.problem_text() == ""


def test_a_vial_that_lies_nowhere_is_said_to(desk: Desk, boxes: Boxes) -> None:
    assert desk.session is not None
    store = desk.session.store
    donor = add_donor(store, ANNA)
    consent_of_both(store, ANNA, donor)
    loose = vials_of(receive(store, BO, donor), "PL1")[0]
    screen = show(desk)
    screen.seek(loose)
    assert "not-stored" in screen.finder.problem_text()


def test_a_vial_scanned_into_the_field_is_found(desk: Desk, boxes: Boxes, vial: str) -> None:
    screen = show(desk)
    press(screen.tree, Qt.Key.Key_F)
    scan(desk, vial)
    assert screen.heading.name_text() == "BX001"
    assert screen.box.map._selected == {(0, 0)}


def test_the_record_opens_the_box_with_its_well_ringed(desk: Desk, boxes: Boxes, vial: str) -> None:
    desk.frame.show_screen("storage", container=codes.number(boxes.plasma), vial=codes.number(vial))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    assert screen.box.map._selected == {(0, 0)}
    assert codes.number(boxes.plasma) in screen.plan.map.lit()


def test_what_another_gesture_changes_is_on_the_map(desk: Desk, boxes: Boxes) -> None:
    screen = show(desk)
    assert desk.session is not None
    add_container(desk.session.store, ANNA, ContainerForm("Freezer −80", "F80-02", "-80"))
    desk.changed.emit(frozenset({"storage"}))
    names = [slot.node.name for slot in screen.plan.map.slots() if slot.node]
    assert names == ["F80-01", "F80-02", "LN2-01"]


def test_a_box_that_stands_free_is_on_the_map_of_the_whole_storage(desk: Desk) -> None:
    assert desk.session is not None
    add_container(desk.session.store, ANNA, ContainerForm("Box 5 × 5", "Loose", "-80"))
    screen = show(desk)
    screen.plan.map.choose(0)
    assert screen.heading.name_text() == "Loose"


def test_the_storage_of_the_demonstration_lab_is_shown_at_every_level(desk: Desk) -> None:
    assert desk.session is not None
    DemoStorage(desk.session.store, ANNA)
    screen = show(desk)
    assert len(screen.plan.map.slots()) >= 4
    with desk.session.store.read() as connection:
        holders = [row for row in containers.everything(connection) if row.kind.holds == "containers"]
    for row in holders:
        show(desk, row.code)
        assert screen.heading.name_text() == row.name
        assert len(screen.plan.map.slots()) == row.capacity
        there = [slot.node for slot in screen.plan.map.slots() if slot.node]
        assert len(there) == row.used


# The map by itself ----------------------------------------------------------------------------------------


@pytest.fixture
def chart(qtbot: QtBot, large: Node) -> PlanMap:
    made = PlanMap()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show_node(large)
    made.show()
    qtbot.waitExposed(made)
    return made


def wheel(chart: PlanMap, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(chart, event)


def test_the_wheel_zooms_about_the_pointer_and_a_drag_moves(chart: PlanMap) -> None:
    at = chart.cell_box(4).center()
    wheel(chart, at, 2)
    assert chart.zoom() > 1.5
    assert (chart.cell_box(4).center() - at).manhattanLength() < 60
    before = chart.cell_box(4).topLeft()
    opened: list[int] = []
    chart.opened.connect(opened.append)
    begin = QPoint(450, 250)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(chart, begin - QPoint(40, 30))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=begin - QPoint(40, 30))
    assert chart.cell_box(4).topLeft() == before - QPointF(40, 30)
    assert not opened
    chart.pan(QPointF(-1e6, -1e6))
    assert chart.cell_box(0).left() >= 0


def test_the_wheel_goes_into_what_fills_the_view_and_out_of_the_whole(chart: PlanMap, large: Node) -> None:
    opened: list[int] = []
    left: list[bool] = []
    chart.opened.connect(opened.append)
    chart.left.connect(lambda: left.append(True))
    for _ in range(16):
        if not opened:
            wheel(chart, chart.cell_box(3).center(), 1)
    assert opened == [large.children[3].id]
    while chart.zoom() > 1:
        wheel(chart, QPointF(450, 250), -1)
    assert not left
    wheel(chart, QPointF(450, 250), -1)
    assert left == [True]


def test_the_way_to_another_level_is_shown_in_less_than_150_ms_or_not_at_all(
    chart: PlanMap, large: Node, qtbot: QtBot
) -> None:
    chart.show_node(large.children[0])
    assert chart.is_moving()
    assert chart._motion.duration() <= 150
    qtbot.waitUntil(lambda: not chart.is_moving())
    chart.show_node(large)
    assert chart.is_moving()
    slot = chart.cursor_slot()
    assert slot is not None
    assert slot.node is large.children[0]
    qtbot.waitUntil(lambda: not chart.is_moving())
    chart.setStyleSheet("* { widget-animation-duration: 0 }")
    chart.show_node(large.children[1])
    assert not chart.is_moving()


def test_the_tooltip_names_the_smallest_thing_that_is_drawn(chart: PlanMap, large: Node) -> None:
    freezer = large.children[0]
    chart.show_node(freezer)
    cell = plan_layout.cells(freezer, chart._page())[0]
    shelf = cell.slot.node
    assert shelf is not None
    smallest = shelf.children[0].children[0]
    left, top, wide, high = next(box for node, box in every_box(shelf, cell.box) if node is smallest)
    assert chart.tip_at(QPoint(round(left + wide / 2), round(top + high / 2))).startswith(smallest.name)


# The program with its threads -----------------------------------------------------------------------------


def test_changes_that_come_while_it_is_read_are_read_once_more_and_a_scan_goes_before(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    address = sqlite_databases.lab()
    with closing(open_store(address)) as store:
        boxes = add_boxes(store, ANNA)
    window = Window(bench_settings(address, tmp_path / "bench")).start("anna")
    program = window.program
    program.frame.show_screen("storage")
    window.settle()
    screen = program.frame.shown_screen()
    assert isinstance(screen, StorageScreen)
    came: list[int] = []
    screen.keeper.came.connect(lambda: came.append(len(screen.keeper.plan or ())))
    with window.busy_database():
        for _ in range(5):
            program.desk.changed.emit(frozenset({"storage"}))
            window.wait(5)
        program.frame.bus.take(boxes.nitrogen)
    window.settle()
    assert screen.heading.name_text() == "BX002"
    screen.go_out()
    window.settle()
    assert 1 <= len(came) <= 3
    slot = screen.plan.map.cursor_slot()
    assert slot is not None
    assert slot.node is not None
    assert slot.node.name == "BX002"
    program.close()
    program.frame.deleteLater()
    program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    sqlite_databases.remove(address)
