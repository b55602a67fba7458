"""The camera as a scanner: frames of our own labels go into the real sink, scans come out of the bus."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError, reason="QtMultimedia cannot be loaded here")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shiboken6 import delete

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ForeignPattern
from biobank_desktop.gui.camera import Camera
from biobank_desktop.gui.cameras import NONE, Device, why_none
from biobank_desktop.gui.scanbus import ScanBus, Way
from biobank_desktop.gui.settings.scanner import ScannerPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.sightings import GONE_MS, Crowd, Seen, Sightings
from tests.support.cameras import OTHER, WEBCAM, Eye, Plugged, plugged, video_frame
from tests.support.frames import FULL_HD, HD, Held, frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.labels.pyramid import Symbol

SCREEN = ("settings", SettingsScreen)
ONE, TWO, THREE = codes.run(CodeKind.SAMPLE, 2026, 4711, 3)
EMPTY = frame()
LEFT, RIGHT = (0.28, 0.5), (0.72, 0.5)


@dataclass
class Bench:
    """A camera, its bus, and what came of it."""

    qtbot: QtBot
    camera: Camera
    bus: ScanBus = field(default_factory=lambda: ScanBus([ForeignPattern("maker", "[0-9A-Z]{8}")]))
    scans: list[Scan] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    crowds: list[tuple[str, ...]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.camera.came.connect(self.bus.see)
        self.camera.crowded.connect(self.bus.crowded)
        self.bus.scanned.connect(self.scans.append)
        self.bus.unreadable.connect(self.unreadable.append)
        self.bus.crowded.connect(self.crowds.append)
        self.camera.told.connect(self._told)
        self.eye = Eye(self.qtbot, self.camera)

    def _told(self, problem: Problem | None) -> None:
        self.told.append(problem.code if problem else "")

    @property
    def codes(self) -> list[str]:
        return [scan.code for scan in self.scans]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot, Camera(find=Plugged))
    made.camera.use(WEBCAM)
    assert made.told == [""]
    made.told.clear()
    yield made
    made.camera.close()


@pytest.mark.parametrize(
    ("held", "size", "noise"),
    [
        (Held(ONE), HD, 6),
        (Held(ONE, angle=37), HD, 6),
        (Held(ONE, LEFT, 90, 4), HD, 6),
        (Held(ONE, (0.6, 0.4), 211, 8), HD, 6),
        (Held(ONE, (0.4, 0.6), 300, 5), HD, 15),
        (Held(ONE, RIGHT, 12, 10), FULL_HD, 6),
    ],
)
def test_a_label_before_the_camera_is_scanned(
    bench: Bench, held: Held, size: tuple[int, int], noise: float
) -> None:
    bench.eye.show(*(frame(held, size=size, noise=noise) for _ in range(4)))
    assert bench.codes == [ONE]
    assert (bench.scans[0].symbology, bench.scans[0].typed) == ("d1", False)
    assert (bench.bus.last_way, bench.bus.last_run) == (Way.CAMERA, None)


def test_nothing_comes_from_pictures_without_a_symbol(bench: Bench) -> None:
    bench.eye.show(*(frame(noise=noise) for noise in (0, 6, 20, 40)))
    bench.eye.show(frame(Held(ONE, pixels=1)), frame(Held(ONE, (0.0, 0.5)), noise=0))
    assert (bench.scans, bench.unreadable, bench.crowds) == ([], [], [])


def test_a_label_that_stays_in_view_is_one_scan_until_it_had_left(bench: Bench) -> None:
    bench.eye.show(*(frame(Held(ONE)) for _ in range(8)))
    bench.eye.stare(EMPTY, GONE_MS + 500)
    assert bench.codes == [ONE]
    bench.eye.show(*(frame(Held(ONE, LEFT)) for _ in range(3)))
    assert bench.codes == [ONE, ONE]


def test_two_labels_in_view_are_refused(bench: Bench) -> None:
    bench.eye.stare(frame(Held(ONE, LEFT), Held(TWO, RIGHT)), 2_000)
    assert bench.codes == []
    assert bench.crowds == [tuple(sorted((ONE, TWO)))]


def test_two_labels_with_the_same_code_are_one_scan(bench: Bench) -> None:
    bench.eye.stare(frame(Held(ONE, LEFT), Held(ONE, RIGHT, 90)), 1_000)
    assert (bench.codes, bench.crowds) == ([ONE], [])


@pytest.mark.parametrize(("whole", "read"), [(True, ["AB12CD34"]), (False, [])])
def test_a_code_of_others_must_be_whole(bench: Bench, whole: bool, read: list[str]) -> None:
    bench.bus.see(Seen("]C0AB12CD34", whole=whole))
    assert bench.codes == read
    assert bench.unreadable == ([] if whole else ["]C0AB12CD34"])


def test_frames_that_pile_up_are_dropped_while_the_window_goes_on(bench: Bench) -> None:
    offered = 0
    empty = [video_frame(frame(noise=0)) for _ in range(2)]
    assert bench.camera.sink is not None
    while bench.eye.looks < 3:
        for one in empty * 50:
            bench.camera.sink.setVideoFrame(one)
            offered += 1  # the window's own thread is here again, whatever is being read
        bench.eye.wait(bench.eye.looks + 1)
    assert offered >= 100
    assert bench.eye.looks < offered / 10
    bench.eye.show(frame(Held(ONE)), frame(Held(ONE)), frame(Held(ONE)))
    assert bench.codes == [ONE]


def test_an_unplugged_camera_is_told_and_used_again(bench: Bench) -> None:
    cameras = plugged(bench.camera)
    open_ones = [cameras.open]
    cameras.plug(OTHER)
    open_ones.append(cameras.open)
    assert bench.camera.problem == Problem("camera", "camera-gone", {"name": "Webcam HD"})
    cameras.plug(OTHER, WEBCAM)
    open_ones.append(cameras.open)
    assert open_ones == [WEBCAM, None, WEBCAM]
    bench.eye.show(frame(Held(TWO)), frame(Held(TWO)))
    assert bench.codes == [TWO]
    assert bench.told == ["camera-gone", ""]


def test_a_camera_that_breaks_is_told_in_its_own_words(bench: Bench) -> None:
    cameras = plugged(bench.camera)
    cameras.broke.emit("Device or resource busy")
    assert bench.camera.problem is not None
    assert bench.camera.problem.values == {"name": "Webcam HD", "said": "Device or resource busy"}
    assert cameras.open is None
    bench.camera.use(NONE)
    bench.camera.use(WEBCAM)
    assert bench.told == ["camera-broke", ""]


class Mistaken(Sightings):
    """A mistake of the program in reading."""

    def look(self, symbols: Iterable[Symbol], at_ms: int) -> Seen | Crowd | None:
        raise ZeroDivisionError


def test_a_mistake_in_reading_is_told_and_the_camera_let_go(bench: Bench) -> None:
    bench.camera.close()
    bench.camera._sightings = Mistaken()
    errors: list[Exception] = []
    bench.camera.failed.connect(errors.append)
    bench.camera.use(WEBCAM)
    assert bench.camera.sink is not None
    bench.camera.sink.setVideoFrame(video_frame(EMPTY))
    bench.qtbot.waitUntil(lambda: bench.told == ["", "camera-broke"])
    assert [type(error) for error in errors] == [ZeroDivisionError]
    plugged(bench.camera).plug(WEBCAM, OTHER)  # it is not begun again with nobody to read
    assert plugged(bench.camera).open is None


def test_a_closed_camera_tells_nothing(bench: Bench) -> None:
    bench.eye.show(frame(Held(ONE)))
    bench.camera.close()
    assert bench.camera.sink is not None
    bench.camera.sink.setVideoFrame(video_frame(frame(Held(ONE))))
    bench.qtbot.wait(100)
    assert bench.codes == []
    assert plugged(bench.camera).open is None


@pytest.mark.parametrize("sightings", [Sightings, Mistaken])
def test_reading_for_a_camera_that_was_deleted_ends_quietly(
    qtbot: QtBot, sightings: type[Sightings], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    camera = Camera(find=Plugged)
    camera._sightings = sightings()
    camera.use(WEBCAM)
    reader = camera._reader
    assert reader is not None
    delete(camera)
    reader.offer(video_frame(EMPTY))
    reader._thread.join(10)
    assert (reader._thread.is_alive(), errors) == (False, [])


def test_the_cameras_of_this_computer_can_be_asked_for(qtbot: QtBot) -> None:
    camera = Camera()
    there = list(camera.devices())
    assert len({device.id for device in there}) == len(there)
    camera.use(WEBCAM)
    assert camera.problem == why_none(there, WEBCAM)
    camera.close()


def test_a_camera_whose_file_may_not_be_read_is_refused_and_not_missing(qtbot: QtBot, tmp_path: Path) -> None:
    assert why_none([], NONE, tmp_path).code == "camera-none"
    (tmp_path / "video0").symlink_to(tmp_path / "nothing that may be opened")
    assert why_none([], NONE, tmp_path).code == "camera-refused"
    assert why_none([], WEBCAM, tmp_path).code == "camera-refused"
    assert why_none([OTHER], WEBCAM, tmp_path).code == "camera-gone"


# The bench -----------------------------------------------------------------------------------------


@pytest.fixture
def seeing(desk: Desk) -> Iterator[Desk]:
    """A desk whose bench has chosen a camera, and that sees."""
    assert desk.session is not None
    desk.camera.camera._find = Plugged
    desk.session.settings = replace(desk.session.settings, camera=WEBCAM.id, camera_name=WEBCAM.name)
    desk.use_scanner()
    yield desk
    desk.camera.close()


def press(desk: Desk, key: Qt.Key) -> None:
    QTest.keyClick(desk.frame, key)


def test_it_is_seen_to_be_on_and_switched_by_its_key(seeing: Desk) -> None:
    button, cameras = seeing.frame.top.camera, plugged(seeing.camera.camera)
    assert (button.text(), button.isChecked(), button.isVisible()) == ("Camera on", True, True)
    press(seeing, Qt.Key.Key_F9)
    assert (button.text(), button.isChecked(), cameras.open) == ("Camera off", False, None)
    button.click()
    assert (button.text(), button.isChecked(), cameras.open) == ("Camera on", True, WEBCAM)


def test_a_bench_without_a_camera_shows_none(desk: Desk) -> None:
    desk.frame.show_screen("today")
    assert desk.frame.top.camera.isHidden()
    press(desk, Qt.Key.Key_F9)
    assert desk.frame.screen_name() == "settings"
    assert "This bench has no camera" in desk.frame.notices.texts()[0]


def test_it_is_off_while_nobody_is_signed_in(seeing: Desk) -> None:
    assert seeing.session is not None
    cameras, actor = plugged(seeing.camera.camera), seeing.session.actor
    seeing.session.actor = None
    seeing.person_changed.emit()
    assert cameras.open is None
    assert seeing.frame.top.camera.text() == "Camera off"
    seeing.session.actor = actor
    seeing.person_changed.emit()
    assert cameras.open == WEBCAM


def test_one_that_is_lost_in_the_middle_of_the_work_is_said(seeing: Desk) -> None:
    cameras, notices = plugged(seeing.camera.camera), seeing.frame.notices
    cameras.plug()
    assert notices.texts() == ["problem.camera-gone"]
    assert seeing.frame.top.camera.text() == "No picture"
    cameras.plug(WEBCAM)
    assert notices.texts() == ["The camera Webcam HD is back."]
    assert seeing.frame.top.camera.text() == "Camera on"


def test_two_labels_stop_the_work_until_it_is_acknowledged(seeing: Desk, qtbot: QtBot) -> None:
    eye = Eye(qtbot, seeing.camera.camera)
    seeing.frame.show_screen("today")
    eye.stare(frame(Held(ONE, LEFT), Held(TWO, RIGHT)), 1_500)
    assert seeing.frame.notices.texts() == ["More than one code in view"]
    press(seeing, Qt.Key.Key_F9)
    assert plugged(seeing.camera.camera).open == WEBCAM  # nothing but the stop answers
    eye.stare(EMPTY, GONE_MS + 500)
    eye.show(*(frame(Held(THREE)) for _ in range(3)))  # a scan during a stop is refused
    assert seeing.frame.notices.texts() == ["More than one code in view"]
    press(seeing, Qt.Key.Key_Escape)
    assert not seeing.frame.notices.stopped


def part(desk: Desk) -> ScannerPart:
    screen = desk.frame.show_screen("settings", section="scanner")
    assert isinstance(screen, SettingsScreen)
    shown = screen.parts["scanner"]
    assert isinstance(shown, ScannerPart)
    return shown


def test_a_camera_is_chosen_by_its_digit_after_what_it_sees_was_shown(desk: Desk, qtbot: QtBot) -> None:
    assert desk.session is not None
    desk.camera.camera._find = Plugged
    shown = part(desk)
    press(desk, Qt.Key.Key_C)
    cameras = plugged(desk.camera.camera)
    assert cameras.open == WEBCAM  # the only one
    cameras.plug(WEBCAM, OTHER)
    assert [choice.text for choice in shown.camera.question.row.choices] == [
        "No camera",
        "Webcam HD",
        "Document camera",
    ]
    assert shown.camera.question.row.take_letter("2")
    assert cameras.open == OTHER
    eye = Eye(qtbot, desk.camera.camera)
    eye.show(EMPTY)
    assert shown.camera.picture.words() == "Nothing to read in view."
    eye.show(*(frame(Held(ONE)) for _ in range(3)))
    assert shown.camera.picture.words() == f"Reads {codes.group(ONE)}"
    facts = shown.facts.facts()
    assert (facts["How it came"], facts["Symbol"]) == ("by the camera", "]d1")
    eye.show(frame(Held(ONE, LEFT), Held(TWO, RIGHT)))
    assert shown.camera.picture.words() == "More than one code in view: none of them counts."
    assert desk.session.settings.camera == ""
    QTest.keyClick(desk.frame, Qt.Key.Key_Return)
    kept = desk.session.settings
    assert (kept.camera, kept.camera_name) == (OTHER.id, OTHER.name)
    assert 'camera_name = "Document camera"' in kept.file.read_text()
    assert shown.camera.isHidden()
    assert cameras.open == OTHER
    desk.camera.close()


def test_what_was_only_tried_is_put_away_with_the_form(seeing: Desk) -> None:
    shown, cameras = part(seeing), plugged(seeing.camera.camera)
    button = seeing.frame.top.camera
    press(seeing, Qt.Key.Key_C)
    button.click()  # the choice says which is on
    assert (button.text(), button.isChecked(), cameras.open) == ("Camera on", True, WEBCAM)
    assert shown.camera.question.row.take_letter("0")
    press(seeing, Qt.Key.Key_F9)
    assert cameras.open is None
    press(seeing, Qt.Key.Key_Escape)
    assert cameras.open == WEBCAM


def test_one_that_is_kept_can_be_seen_to_be_away(seeing: Desk) -> None:
    plugged(seeing.camera.camera).plug(OTHER)
    shown = part(seeing)
    press(seeing, Qt.Key.Key_C)
    assert shown.camera.chosen == WEBCAM
    texts = [choice.text for choice in shown.camera.question.row.choices]
    assert texts == ["No camera", "Webcam HD (not connected)", "Document camera"]
    assert shown.camera.question.problem_text() == "problem.camera-gone"
    assert shown.camera.picture.words() == "No picture."


def test_a_camera_that_goes_while_a_frame_is_read_leaves_no_picture(seeing: Desk, qtbot: QtBot) -> None:
    shown, camera = part(seeing), seeing.camera.camera
    press(seeing, Qt.Key.Key_C)
    eye = Eye(qtbot, camera)
    eye.show(frame(Held(ONE)))
    assert camera.sink is not None
    camera.sink.setVideoFrame(video_frame(frame(Held(ONE))))
    plugged(camera).plug()
    eye.wait(2)
    assert shown.camera.picture.words() == "No picture."
    assert shown.camera.question.problem_text() == "problem.camera-gone"


def test_one_that_is_tried_stays_chosen_while_it_is_away(desk: Desk) -> None:
    assert desk.session is not None
    desk.camera.camera._find = Plugged
    shown, cameras = part(desk), plugged(desk.camera.camera)
    cameras.plug(WEBCAM, OTHER)
    press(desk, Qt.Key.Key_C)
    assert shown.camera.question.row.take_letter("1")
    cameras.plug(OTHER)
    assert (shown.camera.chosen, desk.camera.camera.device) == (WEBCAM, WEBCAM)
    assert shown.camera.question.problem_text() == "problem.camera-gone"
    cameras.plug(WEBCAM, OTHER)
    assert (shown.camera.chosen, cameras.open) == (WEBCAM, WEBCAM)
    cameras.plug(OTHER)
    press(desk, Qt.Key.Key_Escape)
    press(desk, Qt.Key.Key_C)  # what was tried the last time is not offered
    assert [choice.value for choice in shown.camera.question.row.choices] == [NONE, OTHER]
    cameras.plug(WEBCAM, OTHER)
    assert shown.camera.question.row.take_letter("1")
    cameras.plug(OTHER)
    press(desk, Qt.Key.Key_Return)
    assert (desk.session.settings.camera, desk.session.settings.camera_name) == (WEBCAM.id, WEBCAM.name)


def test_where_nothing_is_chosen_nothing_is_stored(seeing: Desk) -> None:
    assert seeing.session is not None
    shown, cameras = part(seeing), plugged(seeing.camera.camera)
    others = [Device(f"/dev/video{no}", f"Camera {no}") for no in range(10, 19)]
    cameras.plug(WEBCAM, *others[1:])
    press(seeing, Qt.Key.Key_C)
    assert shown.camera.question.row.take_letter("9")
    cameras.plug(WEBCAM, *others)  # more than there are digits
    assert shown.camera.question.value() is None
    press(seeing, Qt.Key.Key_Return)
    assert seeing.session.settings.camera == WEBCAM.id
    assert shown.camera.question.problem_text() == "problem.answer-missing"
    assert not shown.camera.isHidden()


# Without the part ----------------------------------------------------------------------------------

WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "PySide6.QtMultimedia":
            raise {error}
        return None

sys.meta_path.insert(0, Missing())

from PySide6.QtWidgets import QApplication
from biobank_desktop.app import Program
from biobank_desktop.gui.camera import Camera
from biobank_desktop.gui.cameras import Device
from biobank_desktop.settings import read_settings

app = QApplication([])
program = Program(read_settings())
camera = program.desk.camera.camera
camera.use(Device("/dev/video0", "Webcam"))
print(camera.problem.code, camera.problem.values.get("said", ""))
program.close()
"""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ('ModuleNotFoundError("No module named PySide6.QtMultimedia")', "camera-part-missing "),
        (
            'ImportError("libpulse.so.0: cannot open shared object file")',
            "camera-library-missing libpulse.so.0: cannot open shared object file",
        ),
    ],
)
def test_without_the_part_the_program_runs_and_says_what_is_missing(
    error: str, said: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOBANK_HOME", str(tmp_path_factory.mktemp("home")))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(error=error)], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip("\n") == said
