"""Cameras that are plugged in and out, and whose frames a test puts into the real sink."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoSink

from biobank_desktop.gui.cameras import Cameras, Device
from biobank_desktop.gui.sightings import STEP_MS

if TYPE_CHECKING:
    from PIL import Image
    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.camera import Camera

WEBCAM = Device("/dev/video7", "Webcam HD")
OTHER = Device("/dev/video8", "Document camera")


class Plugged(Cameras):
    """The cameras that a test has plugged in; QtMultimedia is the real one."""

    plugged: tuple[Device, ...] = (WEBCAM,)
    open: Device | None = None

    def listed(self) -> list[Device]:
        """The cameras that are plugged in."""
        return list(self.plugged)

    def start(self, device: Device, sink: QVideoSink) -> None:
        """Its frames come from the test."""
        self.open = device

    def stop(self) -> None:
        """No frames any more."""
        self.open = None

    def plug(self, *devices: Device) -> None:
        """These are connected now, and no others."""
        self.plugged = devices
        self.changed.emit()


def plugged(camera: Camera) -> Plugged:
    """What the camera looks for its devices in."""
    cameras = camera._all()
    assert isinstance(cameras, Plugged)
    return cameras


def video_frame(picture: Image.Image) -> QVideoFrame:
    """The picture as a camera hands it over."""
    bytes_ = picture.tobytes()
    image = QImage(bytes_, picture.width, picture.height, picture.width, QImage.Format.Format_Grayscale8)
    return QVideoFrame(image.copy())


class Eye:
    """Shows pictures to a camera one by one, each once the one before was read."""

    def __init__(self, qtbot: QtBot, camera: Camera) -> None:
        self._qtbot, self._camera = qtbot, camera
        self.looks = 0
        camera.looked.connect(self._looked)

    def _looked(self) -> None:
        self.looks += 1

    def show(self, *pictures: Image.Image) -> None:
        """These pictures, in this order."""
        for picture in pictures:
            wanted = self.looks + 1
            assert self._camera.sink is not None
            self._camera.sink.setVideoFrame(video_frame(picture))
            self.wait(wanted)

    def wait(self, times: int) -> None:
        """Until it has looked so often."""
        self._qtbot.waitUntil(lambda: self.looks >= times)

    def stare(self, picture: Image.Image, milliseconds: int) -> None:
        """The same picture for so long, as the camera counts time: slow reading makes it longer."""
        until, least = time.monotonic() + milliseconds / 1000, self.looks + milliseconds // STEP_MS + 1
        while time.monotonic() < until or self.looks < least:
            self.show(picture)
