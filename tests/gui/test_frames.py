"""Frames in every form a camera sends, read in a thread: the newest one only."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError, reason="QtMultimedia cannot be loaded here")

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.gui import frames
from biobank_desktop.gui.cameras import best_format, cost
from biobank_desktop.gui.frames import FrameReader, Look, grey, readable
from biobank_desktop.gui.sightings import Sightings
from biobank_desktop.labels.pyramid import find_all
from tests.support.cameras import video_frame
from tests.support.frames import Held, frame

if TYPE_CHECKING:
    from collections.abc import Iterator

Pixels = QVideoFrameFormat.PixelFormat
(CODE,) = codes.run(CodeKind.SAMPLE, 2026, 4711, 1)
SIZE = (700, 400)


def picture() -> Image.Image:
    return frame(Held(CODE, angle=20), size=SIZE, noise=0)


def planar(pixels: QVideoFrameFormat.PixelFormat, planes: list[bytes], size: tuple[int, int]) -> QVideoFrame:
    """A frame of this kind whose rows have what room Qt gives them."""
    made = QVideoFrame(QVideoFrameFormat(QSize(*size), pixels))
    assert made.map(QVideoFrame.MapMode.WriteOnly)
    for plane, content in enumerate(planes):
        row, stride = len(content) // size[1], made.bytesPerLine(plane)
        target = memoryview(made.bits(plane))
        for y in range(size[1]):
            target[y * stride : y * stride + row] = content[y * row : (y + 1) * row]
    made.unmap()
    return made


@pytest.mark.parametrize("pixels", sorted(frames._GREY_FIRST, key=str))
@pytest.mark.parametrize("width", [700, 643])
def test_the_plane_in_grey_is_the_picture(pixels: QVideoFrameFormat.PixelFormat, width: int) -> None:
    shown = picture().crop((0, 0, width, SIZE[1]))
    read = grey(planar(pixels, [shown.tobytes()], shown.size))
    assert read is not None
    assert (read.mode, read.size, read.tobytes()) == ("L", shown.size, shown.tobytes())


@pytest.mark.parametrize(("pixels", "first"), [(Pixels.Format_YUYV, True), (Pixels.Format_UYVY, False)])
def test_grey_between_colours_is_picked_out(pixels: QVideoFrameFormat.PixelFormat, first: bool) -> None:
    shown, colour = picture(), Image.new("L", SIZE, 90)
    pairs = Image.merge("LA", (shown, colour) if first else (colour, shown))
    read = grey(planar(pixels, [pairs.tobytes()], SIZE))
    assert read is not None
    assert read.tobytes() == shown.tobytes()


@pytest.mark.parametrize(
    "kind", [QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32, QImage.Format.Format_RGBA8888]
)
def test_a_picture_in_colour_is_read(kind: QImage.Format) -> None:
    content = picture().tobytes()
    image = QImage(content, *SIZE, SIZE[0], QImage.Format.Format_Grayscale8).convertToFormat(kind)
    read = grey(QVideoFrame(image))
    assert read is not None
    assert [symbol.text for symbol in find_all(read)] == [CODE]


def jpeg(content: bytes) -> QVideoFrame:
    made = QVideoFrame(QVideoFrameFormat(QSize(*SIZE), Pixels.Format_Jpeg))
    assert made.map(QVideoFrame.MapMode.WriteOnly)
    room = memoryview(made.bits(0))
    room[:] = content + bytes(len(room) - len(content))
    made.unmap()
    return made


def test_a_jpeg_is_read_and_a_damaged_one_is_none() -> None:
    file = io.BytesIO()
    picture().convert("RGB").save(file, "JPEG", quality=80)
    read = grey(jpeg(file.getvalue()))
    assert read is not None
    assert [symbol.text for symbol in find_all(read)] == [CODE]
    assert grey(jpeg(file.getvalue()[:100])) is None
    assert grey(jpeg(b"no picture at all")) is None


def test_an_empty_frame_and_one_of_another_kind_are_none() -> None:
    assert grey(QVideoFrame()) is None
    assert not readable(Pixels.Format_P010)
    assert grey(QVideoFrame(QVideoFrameFormat(QSize(*SIZE), Pixels.Format_P010))) is None


def test_without_a_size_that_can_be_read_there_is_none() -> None:
    assert best_format([]) is None


@pytest.mark.parametrize(
    ("offered", "best"),
    [
        ([(640, 480, 30), (1280, 720, 10), (1280, 720, 30), (1920, 1080, 60)], (1280, 720, 30)),
        ([(640, 480, 30), (1280, 720, 30), (1280, 720, 60)], (1280, 720, 30)),
        ([(800, 600, 30), (1920, 1080, 30), (3840, 2160, 30)], (1920, 1080, 30)),
        ([(320, 240, 30), (640, 480, 15)], (640, 480, 15)),
    ],
)
def test_the_size_is_what_reading_needs(
    offered: list[tuple[int, int, float]], best: tuple[int, int, float]
) -> None:
    assert min(offered, key=lambda each: cost(*each)) == best


class Reading:
    """A reader whose thread is held at each frame until it is let go."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self.errors: list[Exception] = []
        self.at_one, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.reader = FrameReader(self._looked, self.errors.append, Sightings())

    def _looked(self, look: Look) -> None:
        self.looks.append(look)
        self.at_one.release()
        self.go_on.acquire()


@pytest.fixture
def reading() -> Iterator[Reading]:
    made = Reading()
    yield made
    made.go_on.release(1_000)
    made.reader.end()


def test_the_newest_frame_is_read_and_the_others_are_dropped(reading: Reading) -> None:
    empty = video_frame(Image.new("L", (320, 240), 130))
    reading.reader.offer(empty)
    reading.at_one.acquire()
    for _ in range(500):
        reading.reader.offer(empty)  # comes back each time, though nobody reads
    reading.reader.offer(video_frame(picture()))
    reading.go_on.release()
    reading.at_one.acquire()
    assert len(reading.looks) == 2
    assert [symbol.text for symbol in reading.looks[1].symbols] == [CODE]


def test_frames_that_are_none_are_left_out(reading: Reading) -> None:
    reading.reader.offer(video_frame(picture()))
    reading.at_one.acquire()
    reading.reader.offer(QVideoFrame())
    reading.go_on.release()
    reading.reader.offer(video_frame(picture()))
    reading.at_one.acquire()
    assert [len(look.symbols) for look in reading.looks] == [1, 1]
    assert not reading.errors


def test_the_picture_for_people_is_small_and_says_how_large_the_frame_was(reading: Reading) -> None:
    reading.reader.offer(video_frame(frame(Held(CODE), size=(1920, 1080))))
    reading.at_one.acquire()
    (look,) = reading.looks
    assert look.size == (1920, 1080)
    assert (look.picture.width(), look.picture.height()) == (640, 360)


LEAVING = """
import sys
import threading
import time
from PIL import Image
from biobank_desktop.gui import frames
from biobank_desktop.gui.sightings import Sightings
from biobank_desktop.labels import pyramid
from tests.support.cameras import video_frame

class Slow:
    def __del__(self, sleep=time.sleep):  # while the interpreter is taken down
        sleep(1)

sys.modules["slow"] = Slow()
reading, read = threading.Event(), pyramid._read
pyramid._read = lambda level: reading.set() or read(level)
frames._GIVEN_UP_AFTER_S = 0.001
reader = frames.FrameReader(print, print, Sightings())
reader.offer(video_frame(Image.effect_noise((4000, 3000), 40)))
reading.wait()
time.sleep(0.1)  # it is in zxing-cpp now, and will be for longer
{last}
assert reader._thread.is_alive()
"""


@pytest.mark.parametrize("last", ["", "reader.end()"])
def test_a_process_ends_quietly_while_a_frame_is_read(last: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAVING.format(last=last)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
