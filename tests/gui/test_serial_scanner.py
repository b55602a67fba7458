"""A serial scanner on a pseudo-terminal: lines, cut lines, noise, unplugged and back."""

from __future__ import annotations

import os
import sys
import tty
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.scans import Command, ForeignPattern, command_code
from biobank_desktop.gui.scan_lines import LONGEST, Line, ScanLines
from biobank_desktop.gui.scanbus import ScanBus
from biobank_desktop.gui.serial_scanner import SerialScanner
from biobank_desktop.gui.settings.screen import SettingsScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk

SCREEN = ("settings", SettingsScreen)
ONE, OTHER = codes.run(CodeKind.SAMPLE, 2026, 4711, 2)


def test_a_line_ends_with_cr_lf_or_both() -> None:
    lines = ScanLines()
    assert list(lines.feed(b"one\r\ntwo\rthree\nfo")) == [Line("one"), Line("two"), Line("three")]
    assert list(lines.feed(b"ur\r")) == [Line("four")]
    assert list(lines.rest()) == []


def test_what_has_no_end_is_not_whole_and_joins_nothing() -> None:
    lines = ScanLines()
    assert list(lines.feed(ONE[:6].encode())) == []
    assert list(lines.rest()) == [Line(ONE[:6], whole=False)]
    assert list(lines.feed(f"{OTHER}\r".encode())) == [Line(OTHER)]


def test_noise_is_shown_as_noise_and_a_frame_is_taken_off() -> None:
    assert list(ScanLines().feed(b"\x02PM26\x03\rA\xff\x00B\r")) == [Line("PM26"), Line("A\ufffd\ufffdB")]


def test_a_line_without_an_end_is_cut_at_the_longest() -> None:
    lines = ScanLines()
    assert list(lines.feed(b"7" * (LONGEST + 5))) == [Line("7" * LONGEST, whole=False)]
    assert list(lines.feed(b"\r")) == [Line("7" * 5)]


pseudo_terminals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


@dataclass
class Cable:
    """A scanner that is plugged in and out: its port is a name that stays."""

    port: Path
    master: int = -1
    slave: int = -1

    def plug(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.port.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        self.port.unlink()
        os.close(self.master)
        os.close(self.slave)
        self.master = -1

    def send(self, sent: bytes) -> None:
        os.write(self.master, sent)


@dataclass
class Bench:
    """A scanner, its bus, and what came of it."""

    qtbot: QtBot
    cable: Cable
    scanner: SerialScanner
    bus: ScanBus = field(default_factory=lambda: ScanBus([ForeignPattern("maker", "[0-9A-Z]{8}")]))
    scans: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    seen: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scanner.came.connect(self.bus.hear)
        self.scanner.connected.connect(lambda _port, there: self.seen.append(there))
        self.bus.scanned.connect(lambda scan: self.scans.append(scan.code))
        self.bus.unreadable.connect(self.unreadable.append)

    def listen(self) -> None:
        self.scanner.use(str(self.cable.port), 9600)

    def until(self, *seen: bool) -> None:
        self.qtbot.waitUntil(lambda: self.seen == list(seen))


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, Cable(tmp_path / "scanner"), SerialScanner())
    yield made
    made.scanner.close()
    if made.cable.master >= 0:
        made.cable.unplug()


@pseudo_terminals
def test_every_line_is_a_scan_and_nothing_else_is(bench: Bench) -> None:
    bench.cable.plug()
    bench.listen()
    bench.until(False, True)
    bench.cable.send(f"]d1{ONE}\r\n{OTHER}\r{ONE[:6]}\r".encode())
    bench.cable.send(b"\xf0\x00\xff\r")
    bench.qtbot.waitUntil(lambda: len(bench.unreadable) == 2)
    assert bench.scans == [ONE, OTHER]
    assert bench.unreadable == [ONE[:6], "\ufffd\ufffd\ufffd"]


@pseudo_terminals
def test_a_line_that_falls_silent_is_unreadable_and_the_next_one_is_read(bench: Bench) -> None:
    bench.cable.plug()
    bench.listen()
    bench.until(False, True)
    bench.cable.send(ONE[2:].encode())  # eight signs that fit the pattern of a maker
    bench.qtbot.waitUntil(lambda: bench.unreadable == [ONE[2:]])
    bench.cable.send(f"{OTHER}\r".encode())
    bench.qtbot.waitUntil(lambda: bench.scans == [OTHER])


@pseudo_terminals
def test_an_unplugged_scanner_is_told_and_found_again(bench: Bench) -> None:
    bench.listen()
    bench.until(False)
    bench.cable.plug()
    bench.until(False, True)
    bench.cable.send(ONE[:4].encode())
    bench.cable.unplug()
    bench.until(False, True, False)
    bench.cable.plug()
    bench.until(False, True, False, True)
    bench.cable.send(f"{ONE}\r".encode())
    bench.qtbot.waitUntil(lambda: bench.scans == [ONE])


@pseudo_terminals
def test_no_port_and_another_port_let_go_of_the_first(bench: Bench, tmp_path: Path) -> None:
    bench.cable.plug()
    bench.listen()
    bench.until(False, True)
    bench.scanner.use("", 9600)
    second = Bench(bench.qtbot, bench.cable, SerialScanner())
    second.listen()  # the port is one scanner's alone: it opens only when the first has let go
    second.until(False, True)
    second.scanner.close()
    bench.scanner.use(str(tmp_path / "nothing\0there"), 9600)
    bench.until(False, True, False)


def test_a_save_by_a_serial_scanner_is_meant_once_there_was_a_pause(bench: Bench) -> None:
    save = Line(command_code(Command.SAVE))
    bench.bus.hear(save)
    assert bench.bus.save_is_meant()
    bench.bus.hammering.stored()
    bench.bus.hear(save)
    assert not bench.bus.save_is_meant()
    bench.qtbot.wait(1_050)
    bench.bus.hear(save)
    assert bench.bus.save_is_meant()


@pseudo_terminals
def test_the_status_line_says_where_the_scanner_is(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    assert desk.session is not None
    cable = Cable(tmp_path / "ttyACM7")
    desk.session.settings = replace(desk.session.settings, scanner_port=str(cable.port))
    desk.use_scanner()
    qtbot.waitUntil(lambda: "Scanner ttyACM7 is not connected" in desk.frame.status.texts())
    cable.plug()
    qtbot.waitUntil(lambda: "Scanner ttyACM7" in desk.frame.status.texts())
    desk.session.settings = replace(desk.session.settings, scanner_port="")
    desk.use_scanner()
    assert not any("Scanner" in text for text in desk.frame.status.texts())
    cable.unplug()
