from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import delete

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.domain.scans import Command, Scan, command_code, read
from biobank_desktop.gui.findings import Finding, Give
from biobank_desktop.gui.frame import Entry, Frame
from biobank_desktop.gui.widgets.actions import PrimaryButton
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.signin import Reason, SignInPanel
from biobank_desktop.gui.widgets.status_line import Light

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SAMPLE, OTHER = codes.run(CodeKind.SAMPLE, 2026, 4711, 2)


class Bench(Screen):
    """A screen with a field, choices, a primary action and one step to go back."""

    title = "Bench"
    help_text = "Scan the tube."

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Any] = []
        self.steps = 1
        self.takes_scans = True
        self.stores = False
        column = QVBoxLayout(self)
        self.line = QLineEdit(self)
        self.material = ChoiceRow([Choice("BM", "Bone marrow", "B"), Choice("PB", "Blood", "P")])
        self.arrival = ChoiceRow([Choice("R", "Room", "R"), Choice("B", "On ice", "B")])
        self.button = PrimaryButton("Register")
        for widget in (self.line, self.material, self.arrival, self.button):
            column.addWidget(widget)
        self.set_primary(self.button)
        self.button.clicked.connect(lambda: self.log.append("registered"))
        self.bind("X", lambda: self.log.append("x"))

    def arrive(self, **arguments: Any) -> None:
        self.log.append(arguments)

    def leave(self) -> None:
        self.log.append("left")

    def decides(self, scan: Scan) -> bool:
        return self.stores

    def take_scan(self, scan: Scan) -> bool:
        self.log.append(scan.code)
        return self.takes_scans

    def step_back(self) -> bool:
        self.steps -= 1
        return self.steps >= 0


@pytest.fixture
def shown(qtbot: QtBot, frame: Frame) -> Frame:
    frame.register(Entry("today", Screen, "Today", "today"))
    frame.register(Entry("intake", Bench, "Intake", "intake"))
    frame.register(Entry("sample", Screen, rail="today"))
    with qtbot.waitActive(frame):
        frame.show()
        frame.activateWindow()
    frame.show_screen("today")
    return frame


def bench(frame: Frame, **arguments: Any) -> Bench:
    screen = frame.show_screen("intake", **arguments)
    assert isinstance(screen, Bench)
    return screen


def press(
    frame: Frame, key: Qt.Key, chord: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, text: str = ""
) -> None:
    """A key as it arrives from the keyboard when nothing has the focus but the window."""
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, chord, text)
    frame.keyPressEvent(event)


def scan(raw: str) -> Scan:
    made = read(raw)
    assert made is not None
    return made


def test_a_screen_is_made_on_its_first_visit_and_kept(shown: Frame) -> None:
    assert list(shown._screens) == ["today"]
    first = bench(shown, code="HX1")
    shown.show_screen("today")
    assert bench(shown) is first
    assert first.log == [{"code": "HX1"}, "left", {}]


def test_alt_and_a_digit_go_along_the_rail(qtbot: QtBot, shown: Frame) -> None:
    QTest.keyClick(shown, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert shown.screen_name() == "intake"
    assert shown.rail.current() == "intake"
    QTest.keyClick(shown, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert shown.screen_name() == "today"


def test_eleven_places_have_room_in_the_lowest_window_and_the_tenth_has_the_key_of_0(
    qtbot: QtBot, frame: Frame
) -> None:
    for number in range(1, 12):
        frame.register(Entry(f"place {number}", Screen, f"Place {number}", "today"))
    frame.resize(frame.minimumSize())
    with qtbot.waitActive(frame):
        frame.show()
        frame.activateWindow()
    frame.show_screen("place 1")
    assert frame.height() == frame.minimumHeight() == 640
    items = frame.rail.findChildren(QAbstractButton)
    assert [item.geometry().bottom() < frame.rail.height() for item in items] == [True] * 11
    QTest.keyClick(frame, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    assert frame.screen_name() == "place 10"
    keys = [finding.detail for finding in frame.commands()[:11]]
    assert keys[8:] == ["Alt+9", "Alt+0", ""]


def test_what_was_said_on_one_screen_does_not_follow_to_the_next(qtbot: QtBot, shown: Frame) -> None:
    shown.notices.warn("The box is full.")
    shown.top.show_fact("HX26110042 scanned")
    QTest.keyClick(shown, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert shown.notices.texts() == []
    assert shown.top.fact() == ""


def test_a_record_marks_its_place_on_the_rail(shown: Frame) -> None:
    shown.show_screen("sample", code=SAMPLE)
    assert shown.rail.current() == "today"


def test_a_name_is_taken_once(shown: Frame) -> None:
    with pytest.raises(ValueError, match="today"):
        shown.register(Entry("today", Screen))


def test_an_unknown_screen_is_an_error_and_changes_nothing(shown: Frame) -> None:
    with pytest.raises(KeyError):
        shown.show_screen("nowhere")
    assert shown.screen_name() == "today"


def test_a_scan_goes_to_the_screen_else_out(shown: Frame) -> None:
    left: list[Scan] = []
    shown.scan_left.connect(left.append)
    screen = bench(shown)
    shown.take_scan(scan(SAMPLE))
    screen.takes_scans = False
    shown.take_scan(scan(SAMPLE))
    assert screen.log == [{}, SAMPLE, SAMPLE]
    assert [each.code for each in left] == [SAMPLE]


def test_typing_into_the_scan_field_is_a_typed_scan(qtbot: QtBot, shown: Frame) -> None:
    screen = bench(shown)
    words: list[str] = []
    shown.words_sought.connect(words.append)
    for text in (SAMPLE.lower(), "jansen"):
        QTest.keyClicks(shown.top.scan.line, text)
        QTest.keyClick(shown.top.scan.line, Qt.Key.Key_Return)
    assert screen.log == [{}, SAMPLE]
    assert words == ["jansen"]
    assert shown.top.scan.line.text() == ""


def test_a_typed_code_that_decides_is_typed_twice(shown: Frame) -> None:
    screen = bench(shown)
    screen.stores = True
    shown.bus.type(SAMPLE)
    assert screen.log == [{}]
    assert f"{codes.group(SAMPLE)} was typed" in shown.notices._line.text()
    shown.bus.type(codes.group(SAMPLE).lower())
    assert screen.log == [{}, SAMPLE]
    shown.bus.take(SAMPLE)
    assert screen.log == [{}, SAMPLE, SAMPLE]


def test_two_different_typed_codes_are_a_stop_and_neither_counts(shown: Frame) -> None:
    screen = bench(shown)
    screen.stores = True
    shown.bus.type(SAMPLE)
    shown.bus.type(OTHER)
    assert shown.notices.stopped
    shown.step_back()
    shown.bus.type(OTHER)
    assert screen.log == [{}]
    shown.bus.type(OTHER)
    assert screen.log == [{}, OTHER]


@pytest.mark.parametrize("meanwhile", ["scan", "elsewhere", "back"])
def test_what_was_typed_once_is_forgotten_when_something_else_is_done(shown: Frame, meanwhile: str) -> None:
    screen = bench(shown)
    screen.stores = True
    shown.bus.type(SAMPLE)
    if meanwhile == "scan":
        shown.bus.take(OTHER)
    elif meanwhile == "back":
        shown.step_back()
    else:
        shown.show_screen("today")
        bench(shown)
    before = list(screen.log)
    shown.bus.type(SAMPLE)
    assert screen.log == before


def test_enter_does_the_primary_action_from_a_field_and_from_the_window(qtbot: QtBot, shown: Frame) -> None:
    screen = bench(shown)
    QTest.keyClick(screen.line, Qt.Key.Key_Return)
    press(shown, Qt.Key.Key_Enter)
    assert screen.log == [{}, "registered", "registered"]
    screen.button.setEnabled(False)
    press(shown, Qt.Key.Key_Enter)
    assert screen.log == [{}, "registered", "registered"]


def test_enter_does_nothing_when_the_card_of_the_action_is_gone(qtbot: QtBot) -> None:
    """The monkey found it: a card was replaced, its button deleted, and Enter ended the program."""
    screen, card = Screen(), QWidget()
    qtbot.addWidget(screen)
    screen.set_primary(PrimaryButton("Save", parent=card))
    assert not screen.press_primary()
    delete(card)
    assert not screen.press_primary()


def test_a_letter_in_a_field_is_text_and_beside_it_a_choice(qtbot: QtBot, shown: Frame) -> None:
    screen = bench(shown)
    screen.line.setFocus()
    QTest.keyClicks(screen.line, "b")
    assert screen.line.text() == "b"
    assert screen.material.value() is None
    QTest.keyClicks(screen, "p")
    assert screen.material.value() == "PB"
    QTest.keyClicks(screen, "x")
    assert screen.log[-1] == "x"


def test_a_letter_two_rows_have_goes_to_the_row_that_is_not_answered(qtbot: QtBot, shown: Frame) -> None:
    screen = bench(shown)
    screen.setFocus()
    QTest.keyClicks(screen, "b")
    screen.setFocus()
    QTest.keyClicks(screen, "b")
    assert (screen.material.value(), screen.arrival.value()) == ("BM", "B")


def test_a_stop_stands_over_everything_until_esc(qtbot: QtBot, shown: Frame, heard: list[str]) -> None:
    screen = bench(shown)
    screen.line.setText("2017m")
    screen.line.setFocus()
    screen.line.selectAll()
    shown.notices.stop("Wrong vial")
    shown.take_scan(scan(SAMPLE))
    press(shown, Qt.Key.Key_Return)
    QTest.keyClick(shown, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(shown, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    undone: list[bool] = []
    shown.undo_wanted.connect(lambda: undone.append(True))
    QTest.keyClick(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert screen.log == [{}]
    assert undone == []
    assert shown.screen_name() == "intake"
    assert not shown.palette_panel.isVisible()
    assert not screen.isEnabled()
    assert heard == ["stop", "stop", "stop"]
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.notices.stopped
    assert screen.isEnabled()
    assert screen.line.hasFocus()
    assert screen.line.selectedText() == "2017m"
    assert screen.steps == 1


def test_the_stop_is_as_wide_as_the_work(shown: Frame) -> None:
    shown.notices.stop("Wrong vial", "It belongs to another donor.")
    assert shown.notices._stop.width() == shown.width() - shown.rail.width()


def test_an_unreadable_scan_is_a_stop(shown: Frame, heard: list[str]) -> None:
    shown.bus.take("PM26000000")
    assert shown.notices.texts() == ["Unreadable, scan again"]
    shown.bus.take("PM26000000")
    assert heard == ["stop", "stop"]


def test_command_barcodes_do_what_their_keys_do(shown: Frame, heard: list[str]) -> None:
    screen = bench(shown)
    undone: list[bool] = []
    locked: list[bool] = []
    shown.undo_wanted.connect(lambda: undone.append(True))
    shown.lock_wanted.connect(lambda: locked.append(True))
    for command in (Command.SAVE, Command.UNDO, Command.LOCK, Command.BACK, Command.FILL):
        shown.take_scan(scan(command_code(command)))
    assert screen.log == [{}, "registered", command_code(Command.FILL)]
    assert (undone, locked, screen.steps) == ([True], [True], 0)


def test_save_with_nothing_to_save_says_so(shown: Frame) -> None:
    shown.take_scan(scan(command_code(Command.SAVE)))
    assert shown.notices.texts() == ["There is nothing to save on this screen yet."]


def test_esc_goes_back_one_thing_at_a_time(qtbot: QtBot, shown: Frame) -> None:
    screen = bench(shown)
    shown.notices.warn("The box is full.")
    QTest.keyClick(shown, Qt.Key.Key_F1)
    assert shown.context.helps()
    press(shown, Qt.Key.Key_Escape)
    assert not shown.context.helps()
    press(shown, Qt.Key.Key_Escape)
    assert shown.notices.texts() == []
    press(shown, Qt.Key.Key_Escape)
    assert (screen.steps, shown.screen_name()) == (0, "intake")
    press(shown, Qt.Key.Key_Escape)
    assert shown.screen_name() == "today"
    press(shown, Qt.Key.Key_Escape)
    assert shown.screen_name() == "today"


def test_undo_is_asked_for_by_ctrl_z(qtbot: QtBot, shown: Frame) -> None:
    with qtbot.waitSignal(shown.undo_wanted):
        QTest.keyClick(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def test_the_context_panel_shows_what_a_screen_gives_it_and_closes_when_it_leaves(shown: Frame) -> None:
    bench(shown)
    panel, footer = QWidget(), PrimaryButton("Register")
    shown.context.show(panel, footer)
    assert shown.context.isVisible()
    assert footer.isVisible()
    shown.context.toggle()
    assert not shown.context.isVisible()
    shown.context.toggle()
    shown.show_screen("today")
    assert not shown.context.isVisible()
    assert not panel.isVisible()
    assert shown.context.shown() is None


def test_the_palette_finds_screens_commands_and_records(qtbot: QtBot, shown: Frame) -> None:
    ran: list[str] = []
    asked: list[str] = []
    doors: list[Give] = []
    shown.add_command(Finding("Make a backup", "", "backup", lambda: ran.append("backup")))

    def search(text: str, give: Give) -> None:
        asked.append(text)
        doors.append(give)

    shown.set_search(search)
    bench(shown).line.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    line = shown.palette_panel.line
    QTest.keyClicks(line, "back")
    assert shown.palette_panel.titles() == ["Make a backup"]
    assert asked[-1] == "back"
    doors[0]([Finding("late answer to an older question", "", "vial", lambda: None)])
    assert shown.palette_panel.titles() == ["Make a backup"]
    doors[-1]([Finding("BX00123 backing box", "", "box", lambda: ran.append("box"))])
    assert shown.palette_panel.titles() == ["BX00123 backing box", "Make a backup"]
    assert not shown.palette_panel.nothing.isVisible()
    QTest.keyClicks(line, "zz")
    assert shown.palette_panel.nothing.isVisible()
    line.setText("back")
    doors[-1]([Finding("BX00123 backing box", "", "box", lambda: ran.append("box"))])
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert ran == ["backup"]
    assert not shown.palette_panel.isVisible()


def test_the_palette_goes_to_a_screen_and_esc_gives_the_focus_back(qtbot: QtBot, shown: Frame) -> None:
    screen = bench(shown)
    screen.line.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(shown.palette_panel.line, Qt.Key.Key_Escape)
    assert screen.line.hasFocus()
    QTest.keyClick(shown, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(shown.palette_panel.line, "tod")
    QTest.keyClick(shown.palette_panel.line, Qt.Key.Key_Return)
    assert shown.screen_name() == "today"


def test_the_status_line_tells_only_what_it_knows(shown: Frame) -> None:
    assert shown.status.texts() == [shown.status._time.text()]
    shown.status.set_database("Shared database", Light.OK)
    shown.status.set_backup(None)
    assert shown.status.texts()[:2] == ["Shared database", "No verified backup"]
    shown.status.set_backup(NOON - timedelta(minutes=12))
    assert shown.status.texts()[1] == "Backup 12 minutes old"
    shown.status.set_backup(NOON - timedelta(days=3))
    assert shown.status.texts()[1] == "Backup 3 days old"


def test_the_clock_is_the_servers(shown: Frame) -> None:
    shown.status.set_server_ahead(timedelta(minutes=3))
    assert shown.status.texts()[-1].endswith(f"{(NOON + timedelta(minutes=3)).astimezone(LAB_ZONE):%H:%M}")


def test_the_window_never_needs_more_room_than_the_smallest_screen(qtbot: QtBot, shown: Frame) -> None:
    shown.context.show(QWidget())
    shown.notices.banner("lost", "The database cannot be reached. " * 4)
    shown.notices.stop("Wrong vial", "It belongs to another donor.", "Take it out.")
    assert shown.minimumSizeHint().width() <= 1366
    assert shown.minimumSizeHint().height() <= 768


def test_the_frame_imports_nothing_heavy() -> None:
    heavy = "sqlalchemy reportlab zxingcpp PIL psycopg orjson barcode PySide6.QtSvg PySide6.QtPrintSupport"
    code = f"import sys, biobank_desktop.gui.frame; print([m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_cover_hides_the_work_and_gives_it_back_as_it_was(
    qtbot: QtBot, shown: Frame, heard: list[str]
) -> None:
    screen = bench(shown)
    screen.line.setFocus()
    QTest.keyClicks(screen.line, "half a word")
    badges: list[Scan] = []
    shown.scan_under_cover.connect(badges.append)
    panel = SignInPanel()
    panel.ask(Reason.LOCKED, "jansen")
    shown.cover(panel)
    assert panel.password.editor.hasFocus()
    assert panel.mapTo(shown, panel.rect().center()).x() == pytest.approx(shown.width() / 2, abs=1)
    shown.take_scan(scan(SAMPLE))
    shown.bus.take("PM26000000")
    press(shown, Qt.Key.Key_Escape)
    press(shown, Qt.Key.Key_Return)
    for key, chord in (
        (Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(shown, key, chord)
    assert screen.log == [{}]
    assert [each.code for each in badges] == [SAMPLE]
    assert heard == ["warning"]
    assert (shown.screen_name(), shown.notices.stopped, shown.context.helps()) == ("intake", False, False)
    shown.resize(1500, 900)
    assert shown._cover.size() == shown.size()
    shown.uncover()
    assert not shown.covered
    assert screen.line.hasFocus()
    assert screen.line.text() == "half a word"
