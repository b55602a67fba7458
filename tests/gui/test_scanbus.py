"""The wedge by timestamps: keys as a scanner sends them, no clock but the events' own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.scans import ForeignPattern, Scan
from biobank_desktop.gui.bursts import GAP_MS
from biobank_desktop.gui.scanbus import GIVE_BACK_MS, ScanBus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytestqt.qtbot import QtBot

SAMPLE = codes.run(CodeKind.SAMPLE, 2026, 4711, 1)[0]
HOSPITAL = ForeignPattern("diagnostic laboratory", r"HX\d{8}")
NO_CHORD = Qt.KeyboardModifier.NoModifier


@dataclass
class Bench:
    """A window with a field and a button, and a scanner that types into it."""

    qtbot: QtBot
    window: QWidget
    line: QLineEdit
    button: QPushButton
    bus: ScanBus
    scans: list[Scan] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    now_ms: int = 10_000

    def key(
        self, key: int, text: str, *, gap_ms: int = 10, modifiers: Qt.KeyboardModifier = NO_CHORD
    ) -> None:
        """Press and release a key, ``gap_ms`` after the one before."""
        self.now_ms += gap_ms
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self.now_ms)
            QCoreApplication.sendEvent(self.window.windowHandle(), event)

    def type(self, text: str, *, gap_ms: int = 10, first_gap_ms: int = 500) -> None:
        """Keys of ``text``, evenly spaced, after a pause."""
        for index, letter in enumerate(text):
            gap = first_gap_ms if index == 0 else gap_ms
            if letter.isupper():
                self.key(Qt.Key.Key_Shift, "", gap_ms=0, modifiers=Qt.KeyboardModifier.ShiftModifier)
            shift = Qt.KeyboardModifier.ShiftModifier if letter.isupper() else NO_CHORD
            self.key(ord(letter.upper()), letter, gap_ms=gap, modifiers=shift)

    def end(self, key: Qt.Key = Qt.Key.Key_Return, *, gap_ms: int = 10) -> None:
        """Enter or Tab."""
        self.key(key, "\t" if key == Qt.Key.Key_Tab else "\r", gap_ms=gap_ms)

    def wait_for_text(self, text: str) -> None:
        """Until the field has this text."""
        self.qtbot.waitUntil(lambda: self.line.text() == text)


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    window = QWidget()
    qtbot.addWidget(window)
    line, button = QLineEdit(window), QPushButton("Delete", window)
    layout = QVBoxLayout(window)
    layout.addWidget(line)
    layout.addWidget(button)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    line.setFocus()
    bus = ScanBus([HOSPITAL], window)
    bus.watch(window.windowHandle())
    made = Bench(qtbot, window, line, button, bus)
    bus.scanned.connect(made.scans.append)
    bus.unreadable.connect(made.unreadable.append)
    return made


def read_codes(scans: Sequence[Scan]) -> list[str]:
    return [scan.code for scan in scans]


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
def test_a_burst_is_a_scan_and_never_reaches_the_field(bench: Bench, end: Qt.Key) -> None:
    returned: list[bool] = []
    bench.line.returnPressed.connect(lambda: returned.append(True))
    bench.type(f"]d1{SAMPLE}")
    bench.end(end)
    assert read_codes(bench.scans) == [SAMPLE]
    assert bench.scans[0].symbology == "d1"
    assert not bench.scans[0].typed
    assert bench.line.text() == ""
    assert bench.line.hasFocus()
    assert returned == []


def test_gaps_of_exactly_the_limit_still_make_a_burst(bench: Bench) -> None:
    bench.type(SAMPLE, gap_ms=GAP_MS)
    bench.end(gap_ms=GAP_MS)
    assert read_codes(bench.scans) == [SAMPLE]


def test_one_gap_over_the_limit_makes_it_typing(bench: Bench) -> None:
    bench.type(SAMPLE[:5])
    bench.type(SAMPLE[5:], first_gap_ms=GAP_MS + 1)
    bench.line.clear()
    bench.end(gap_ms=GAP_MS + 1)
    assert bench.scans == []
    assert bench.unreadable == []
    assert bench.line.text() == SAMPLE[5:]


def test_an_end_that_comes_too_late_is_no_end(bench: Bench) -> None:
    bench.type(SAMPLE)
    bench.end(gap_ms=GAP_MS + 1)
    assert bench.scans == []
    assert bench.line.text() == SAMPLE


def test_six_keys_are_a_burst_and_five_are_not(bench: Bench) -> None:
    bench.type("abcdef")
    bench.end()
    assert bench.unreadable == ["abcdef"]
    assert bench.line.text() == ""
    bench.type("abcde")
    bench.end()
    assert bench.unreadable == ["abcdef"]
    assert bench.line.text() == "abcde"


def test_slow_typing_is_given_back_in_order(bench: Bench) -> None:
    bench.type("tube 7, left", gap_ms=120)
    bench.wait_for_text("tube 7, left")
    assert bench.scans == []


def test_a_fast_beginning_without_an_end_is_given_back_after_a_moment(bench: Bench) -> None:
    bench.type("fast words")
    assert bench.line.text() == ""
    bench.wait_for_text("fast words")
    assert GIVE_BACK_MS > GAP_MS


def test_a_burst_does_not_take_the_slow_letter_before_it(bench: Bench) -> None:
    bench.type("x")
    bench.type(SAMPLE, first_gap_ms=GAP_MS + 1)
    bench.end()
    assert read_codes(bench.scans) == [SAMPLE]
    assert bench.line.text() == "x"


def test_a_space_in_a_scan_does_not_press_the_button(bench: Bench) -> None:
    clicks: list[bool] = []
    bench.button.clicked.connect(lambda: clicks.append(True))
    bench.button.setFocus()
    bench.type("ab cd ef")
    bench.end()
    assert clicks == []
    assert bench.unreadable == ["ab cd ef"]
    assert not bench.button.isDown()


def test_a_space_of_a_person_does_press_the_button(bench: Bench) -> None:
    clicks: list[bool] = []
    bench.button.clicked.connect(lambda: clicks.append(True))
    bench.button.setFocus()
    bench.type(" ")
    bench.qtbot.waitUntil(lambda: clicks == [True])
    assert not bench.button.isDown()


def test_a_wrong_check_character_is_unreadable_and_reaches_nothing(bench: Bench) -> None:
    wrong = SAMPLE[:7] + SAMPLE[8] + SAMPLE[7] + SAMPLE[9:]
    assert codes.parse(wrong) is None
    bench.type(wrong)
    bench.end()
    assert bench.unreadable == [wrong]
    assert bench.scans == []
    assert bench.line.text() == ""


def test_a_foreign_code_needs_a_configured_pattern(bench: Bench) -> None:
    bench.type("HX26110042")
    bench.end()
    bench.bus.set_patterns([])
    bench.type("HX26110042")
    bench.end()
    assert [scan.pattern for scan in bench.scans] == ["diagnostic laboratory"]
    assert bench.unreadable == ["HX26110042"]


def test_two_bursts_in_a_row_are_two_scans(bench: Bench) -> None:
    other = codes.run(CodeKind.SAMPLE, 2026, 5000, 1)[0]
    for code in (SAMPLE, other):
        bench.type(code, first_gap_ms=5)
        bench.end()
    assert read_codes(bench.scans) == [SAMPLE, other]


def test_enter_alone_is_enter(bench: Bench) -> None:
    returned: list[bool] = []
    bench.line.returnPressed.connect(lambda: returned.append(True))
    bench.end(gap_ms=500)
    assert returned == [True]


def test_a_chord_gives_back_what_was_held_first(bench: Bench) -> None:
    bench.type("ab")
    bench.key(Qt.Key.Key_A, "\x01", modifiers=Qt.KeyboardModifier.ControlModifier)
    assert bench.line.text() == "ab"
    assert bench.line.selectedText() == "ab"


def test_a_key_held_down_is_no_scan(bench: Bench) -> None:
    for _turn in range(8):
        bench.now_ms += 30
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_X, NO_CHORD, "x", True)
        event.setTimestamp(bench.now_ms)
        QCoreApplication.sendEvent(bench.window.windowHandle(), event)
    bench.end()
    assert bench.unreadable == []
    assert bench.line.text() == "x" * 8


def test_a_burst_that_arrives_late_is_still_a_burst(bench: Bench) -> None:
    """The window was busy: its timer ran out in mid-burst, the rest is still in the queue."""
    bench.type(SAMPLE[:4])
    bench.bus._patience_ended()
    bench.type(SAMPLE[4:], first_gap_ms=10)
    bench.end()
    assert read_codes(bench.scans) == [SAMPLE]


def test_typed_entry_takes_the_same_bus_marked_typed(bench: Bench) -> None:
    words: list[str] = []
    bench.bus.sought.connect(words.append)
    bench.bus.type(codes.group(SAMPLE).lower())
    bench.bus.type("  jansen plasma ")
    bench.bus.type("   ")
    assert [(scan.code, scan.typed) for scan in bench.scans] == [(SAMPLE, True)]
    assert words == ["jansen plasma"]
    assert bench.unreadable == []


def test_any_input_ends_idleness(bench: Bench) -> None:
    bench.qtbot.waitUntil(lambda: bench.bus.idle_ms() >= 30)
    before = bench.bus.idle_ms()
    bench.type("x")
    assert bench.bus.idle_ms() < before


def test_a_slower_scanner_can_be_allowed_for(bench: Bench) -> None:
    bench.bus.gap_ms = 80
    bench.type(SAMPLE, gap_ms=80)
    bench.end(gap_ms=80)
    assert read_codes(bench.scans) == [SAMPLE]


def test_an_enter_at_a_scanners_pace_sends_no_form(bench: Bench) -> None:
    returned: list[bool] = []
    bench.line.returnPressed.connect(lambda: returned.append(True))
    bench.type("PM260")
    bench.end(gap_ms=10)
    assert bench.line.text() == "PM260"
    assert returned == []
    bench.end(gap_ms=400)
    assert returned == [True]


def test_a_persons_enter_after_a_fast_word_does(bench: Bench) -> None:
    returned: list[bool] = []
    bench.line.returnPressed.connect(lambda: returned.append(True))
    bench.type("12")
    bench.end(gap_ms=21)
    assert bench.line.text() == "12"
    assert returned == [True]


def test_a_late_end_of_a_scan_sends_no_form(bench: Bench) -> None:
    returned: list[bool] = []
    bench.line.returnPressed.connect(lambda: returned.append(True))
    bench.type(SAMPLE)
    bench.end(gap_ms=200)
    assert bench.line.text() == SAMPLE
    assert returned == []


def test_a_scan_without_its_end_reaches_no_button(bench: Bench) -> None:
    bench.button.setFocus()
    bench.type("ab cd")
    bench.qtbot.waitUntil(lambda: bench.unreadable == ["ab cd"])
    assert not bench.button.isDown()


def test_few_ragged_keys_are_typing(bench: Bench) -> None:
    bench.type("200 ml", gap_ms=45)
    bench.end(gap_ms=45)
    assert bench.unreadable == []
    assert bench.line.text() == "200 ml"


def test_what_a_stall_left_over_of_a_code_is_nobody_elses(bench: Bench) -> None:
    bench.bus.set_patterns([ForeignPattern("maker", "[0-9A-Z]{8}")])
    bench.type(SAMPLE[:2])
    bench.type(SAMPLE[2:], first_gap_ms=120)
    bench.end()
    bench.type(SAMPLE[2:])
    bench.end()
    assert bench.unreadable == [SAMPLE[2:]]
    assert [scan.pattern for scan in bench.scans] == ["maker"]
