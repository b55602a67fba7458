"""A camera as a scanner: opened, watched for being unplugged, its frames read in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.gui.cameras import NONE, Cameras, Device, why_none
from biobank_desktop.gui.sightings import Seen, Sightings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtMultimedia import QVideoSink

    from biobank_desktop.gui.frames import FrameReader, Look


class Camera(QObject):
    """The camera of this bench, if it has one. ``sink`` is where its frames come in."""

    came = Signal(object)
    """a ``Seen``: a code that counts"""
    crowded = Signal(object)
    """the texts of different codes that were in view together"""
    looked = Signal(object)
    """a ``Look``: a frame that was read"""
    told = Signal(object)
    """the ``Problem`` that keeps it from seeing, or None: it sees"""
    found = Signal()
    """other cameras are there than before"""
    failed = Signal(object)
    """the program made a mistake in reading"""

    def __init__(self, parent: QObject | None = None, find: Callable[[QObject], Cameras] = Cameras) -> None:
        super().__init__(parent)
        self._find = find
        self._cameras: Cameras | None = None
        self._device = NONE
        self._started = False
        self._reader: FrameReader | None = None
        self._sightings = Sightings()
        self.sink: QVideoSink | None = None
        self.problem: Problem | None = None
        self.looked.connect(self._follow, Qt.ConnectionType.QueuedConnection)
        self.failed.connect(self._stop_reading, Qt.ConnectionType.QueuedConnection)

    @property
    def device(self) -> Device:
        """The camera that is used, ``NONE`` while there is none."""
        return self._device

    def devices(self) -> Sequence[Device]:
        """The cameras of this computer. Raises ``Unavailable`` when none can be asked for."""
        return self._all().listed()

    def use(self, device: Device) -> None:
        """See through this camera from now on, ``NONE`` for none; one that is not there is waited for."""
        if device == self._device:
            return
        self.close()
        self._device = device
        if device != NONE:
            self._begin()

    def close(self) -> None:
        """Let go of the camera; nothing is told after this."""
        self._end_reading()
        self._let_go()
        self._device, self.problem = NONE, None

    def _begin(self) -> None:
        try:
            self._all()
        except Unavailable as error:
            self._tell(error.problem)
            return
        from PySide6.QtMultimedia import QVideoSink  # noqa: PLC0415

        from biobank_desktop.gui.frames import FrameReader  # noqa: PLC0415

        self._reader = FrameReader(self.looked.emit, self.failed.emit, self._sightings)
        if self.sink is None:
            self.sink = QVideoSink(self)
            self.sink.videoFrameChanged.connect(self._offer)
        self.look_around()

    def look_around(self) -> None:
        """Begin to see, or stop, as the camera is there or not."""
        if self._reader is None:
            return
        assert self.sink is not None
        there = self._all().listed()
        if self._device in there:
            if not self._started:
                self._started = True
                self._tell(None)
                self._all().start(self._device, self.sink)
            return
        self._let_go()
        self._tell(why_none(there, self._device))

    def _end_reading(self) -> None:
        if self._reader is not None:
            self._reader.end()
            self._reader = None

    def _let_go(self) -> None:
        if self._started:
            self._started = False
            self._all().stop()

    def _all(self) -> Cameras:
        """The cameras of this computer. Raises ``Unavailable``."""
        if self._cameras is None:
            self._cameras = self._find(self)
            self._cameras.changed.connect(self.look_around)
            self._cameras.changed.connect(self.found)
            self._cameras.broke.connect(self._broke)
        return self._cameras

    def _broke(self, said: str) -> None:
        if self._started:
            self._let_go()
            self._tell(Problem("camera", "camera-broke", {"name": self._device.name, "said": said}))

    def _stop_reading(self, error: Exception) -> None:
        self._broke(type(error).__name__)
        self._end_reading()

    def _offer(self) -> None:
        if self._reader is not None and self.sink is not None:
            self._reader.offer(self.sink.videoFrame())

    def _follow(self, look: Look) -> None:
        if self._reader is None or look.came is None:
            return
        if isinstance(look.came, Seen):
            self.came.emit(look.came)
        else:
            self.crowded.emit(look.came.texts)

    def _tell(self, problem: Problem | None) -> None:
        self.problem = problem
        self.told.emit(problem)
