"""The frames of a camera, read in a thread of their own: always the newest one, the others are dropped."""

from __future__ import annotations

import atexit
import io
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PIL import Image, UnidentifiedImageError
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from biobank_desktop.labels.pyramid import find_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.gui.sightings import Crowd, Seen, Sightings
    from biobank_desktop.labels.pyramid import Symbol

T = TypeVar("T")

PICTURE_PX = 640
"""How wide the picture is that people are shown."""
_GIVEN_UP_AFTER_S = 3.0

_Pixels = QVideoFrameFormat.PixelFormat
_GREY_FIRST = frozenset(
    {
        *(_Pixels.Format_Y8, _Pixels.Format_NV12, _Pixels.Format_NV21),
        *(_Pixels.Format_YUV420P, _Pixels.Format_YUV422P, _Pixels.Format_YV12),
    }
)
"""Their first plane is the picture in grey."""
_GREY_BETWEEN = {_Pixels.Format_YUYV: 0, _Pixels.Format_UYVY: 1}
"""Every second byte is grey, beginning with this one."""


@dataclass(frozen=True)
class Look:
    """A frame that was read: its symbols, what came of them, and the picture, smaller, for people."""

    symbols: tuple[Symbol, ...]
    came: Seen | Crowd | None
    size: tuple[int, int]
    picture: QImage


class FrameReader:
    """The thread. ``offer`` never waits for it: a frame that was not yet read gives way to the next one."""

    def __init__(
        self, looked: Callable[[Look], None], broke: Callable[[Exception], None], sightings: Sightings
    ) -> None:
        self._looked, self._broke = looked, broke
        self._sightings = sightings
        self._newest: tuple[QVideoFrame, int] | None = None
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._turn, name="camera", daemon=True)
        self._thread.start()
        atexit.register(self._leave)

    def offer(self, frame: QVideoFrame) -> None:
        """A frame has come, now."""
        at_ms = time.monotonic_ns() // 1_000_000
        with self._changed:
            self._newest = (frame, at_ms)
            self._changed.notify()

    def end(self) -> None:
        """Read no more; nothing is told after this."""
        self._stop()
        self._thread.join(_GIVEN_UP_AFTER_S)
        if not self._thread.is_alive():
            atexit.unregister(self._leave)

    def _leave(self) -> None:
        """The process ends after the frame in hand: a thread that is cut off in zxing-cpp aborts it."""
        self._stop()
        self._thread.join()

    def _stop(self) -> None:
        with self._changed:
            self._ending = True
            self._newest = None
            self._changed.notify()

    def _turn(self) -> None:
        while (taken := self._next()) is not None:
            try:
                look = self._read(*taken)
            except Exception as error:  # whatever it is, it belongs on the window, not in a dead thread
                self._tell(self._broke, error)
                return
            if look is not None:
                self._tell(self._looked, look)
            del taken, look

    def _tell(self, told: Callable[[T], None], what: T) -> None:
        """Tell it, unless nobody hears it any more: then the reading ends."""
        if self._ending:
            return
        try:
            told(what)
        except RuntimeError:  # the camera was deleted, and its signals with it
            self._ending = True

    def _next(self) -> tuple[QVideoFrame, int] | None:
        """The newest frame, once there is one; None at the end."""
        with self._changed:
            while self._newest is None and not self._ending:
                self._changed.wait()
            taken, self._newest = self._newest, None
            return taken

    def _read(self, frame: QVideoFrame, at_ms: int) -> Look | None:
        image = grey(frame)
        if image is None:
            return None
        symbols = find_all(image)
        return Look(tuple(symbols), self._sightings.look(symbols, at_ms), image.size, _small(image))


def readable(pixels: QVideoFrameFormat.PixelFormat) -> bool:
    """Whether frames of this kind can be read."""
    return (
        pixels in _GREY_FIRST
        or pixels in _GREY_BETWEEN
        or pixels == _Pixels.Format_Jpeg
        or QVideoFrameFormat.imageFormatFromPixelFormat(pixels) != QImage.Format.Format_Invalid
    )


def grey(frame: QVideoFrame) -> Image.Image | None:
    """The frame in mode "L"; None for one that is empty, damaged or of a kind that is not ``readable``."""
    if not frame.map(QVideoFrame.MapMode.ReadOnly):
        return None
    try:
        return _grey(frame)
    finally:
        frame.unmap()


def _grey(frame: QVideoFrame) -> Image.Image | None:
    pixels, size = frame.pixelFormat(), (frame.width(), frame.height())
    content, stride = bytes(frame.bits(0)), frame.bytesPerLine(0)
    if pixels in _GREY_FIRST:
        return Image.frombytes("L", size, content, "raw", "L", stride)
    if pixels in _GREY_BETWEEN:
        pairs = Image.frombytes("LA", size, content, "raw", "LA", stride)
        return pairs.getchannel(_GREY_BETWEEN[pixels])
    if pixels == _Pixels.Format_Jpeg:
        return _jpeg(content)
    kind = QVideoFrameFormat.imageFormatFromPixelFormat(pixels)
    if kind == QImage.Format.Format_Invalid:
        return None
    image = QImage(content, *size, stride, kind).convertToFormat(QImage.Format.Format_Grayscale8)
    return Image.frombytes("L", size, bytes(image.constBits()), "raw", "L", image.bytesPerLine())


def _jpeg(content: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as opened:
            return opened.convert("L")
    except (UnidentifiedImageError, OSError):  # a frame that was cut on the wire; the next one comes
        return None


def _small(image: Image.Image) -> QImage:
    """The picture for people, and its bytes its own."""
    step = max(1, -(-image.width // PICTURE_PX))
    small = image.reduce(step)
    made = QImage(small.tobytes(), small.width, small.height, small.width, QImage.Format.Format_Grayscale8)
    return made.copy()
