"""The cameras of this computer, by QtMultimedia.

QtMultimedia is an optional part and needs libraries of its own: it is imported when a camera is wanted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt, Signal

from biobank_desktop.domain.problems import Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtMultimedia import QCameraDevice, QCameraFormat, QVideoSink

_BEST_PIXELS = 1280 * 720
"""A Data Matrix wants 4 pixels a module; more pixels than these only cost time."""
_ENOUGH_FRAMES = 30


@dataclass(frozen=True)
class Device:
    """A camera: what the system calls it, and what people do."""

    id: str
    name: str


NONE = Device("", "")


class Cameras(QObject):
    """Which there are, and the one that is open. Raises ``Unavailable`` when QtMultimedia does not load."""

    changed = Signal()
    """a camera was plugged in or out"""
    broke = Signal(str)
    """the open camera gives no frames, in the words of its driver"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        load()
        from PySide6.QtMultimedia import QMediaCaptureSession, QMediaDevices  # noqa: PLC0415

        self._system = QMediaDevices(self)
        self._system.videoInputsChanged.connect(self.changed)
        self._session = QMediaCaptureSession(self)

    def listed(self) -> list[Device]:
        """The cameras that are there now."""
        return [_named(one) for one in self._system.videoInputs()]

    def start(self, device: Device, sink: QVideoSink) -> None:
        """Let this camera's frames come into the sink."""
        from PySide6.QtMultimedia import QCamera  # noqa: PLC0415

        found = next(one for one in self._system.videoInputs() if _named(one) == device)
        camera = QCamera(found, self)
        chosen = best_format(found.videoFormats())
        if chosen is not None:
            camera.setCameraFormat(chosen)
        if camera.isFocusModeSupported(QCamera.FocusMode.FocusModeAutoNear):
            camera.setFocusMode(QCamera.FocusMode.FocusModeAutoNear)
        camera.errorOccurred.connect(lambda _error, said: self.broke.emit(said))
        self._session.setVideoSink(sink)
        self._session.setCamera(camera)
        camera.start()
        if camera.error() != QCamera.Error.NoError:
            self.broke.emit(camera.errorString())

    def stop(self) -> None:
        """Let go of the camera."""
        camera = self._session.camera()
        if camera is not None:
            camera.stop()
            self._session.setCamera(None)  # type: ignore[arg-type]
            camera.deleteLater()


def load() -> None:
    """Load QtMultimedia. Raises ``Unavailable`` when the part or a library that it needs is missing."""
    try:
        import_module("PySide6.QtMultimedia")
    except ModuleNotFoundError as error:
        raise Unavailable(Problem("camera", "camera-part-missing")) from error
    except ImportError as error:
        raise Unavailable(Problem("camera", "camera-library-missing", {"said": str(error)})) from error


def why_none(there: Sequence[Device], wanted: Device = NONE, files: Path = Path("/dev")) -> Problem:
    """Why the camera ``wanted`` is not seen through, or any at all; ``files`` is where Linux keeps them."""
    if not there and _refused(files):
        return Problem("camera", "camera-refused")
    if wanted != NONE:
        return Problem("camera", "camera-gone", {"name": wanted.name})
    return Problem("camera", "camera-none")


def best_format(offered: Sequence[QCameraFormat]) -> QCameraFormat | None:
    """The cheapest of those that can be read; None when there is none."""
    from biobank_desktop.gui.frames import readable  # noqa: PLC0415

    usable = [one for one in offered if readable(one.pixelFormat()) and not one.resolution().isEmpty()]
    return min(
        usable,
        key=lambda one: cost(one.resolution().width(), one.resolution().height(), one.maxFrameRate()),
        default=None,
    )


def cost(width: int, height: int, frames: float) -> tuple[float, float]:
    """How far a size is from what reading needs, then how few frames it gives.

    Too many pixels cost time; too few cost reads, which is worse.
    """
    ratio = width * height / _BEST_PIXELS
    return (ratio if ratio >= 1 else 2 / ratio), -min(frames, _ENOUGH_FRAMES)


def _named(device: QCameraDevice) -> Device:
    return Device(bytes(device.id().data()).decode("utf-8", "replace"), device.description())


def _refused(files: Path) -> bool:
    """Whether the system keeps the cameras from this person; Linux says so by the rights of their files."""
    app = QCoreApplication.instance()
    assert app is not None
    if app.checkPermission(QCameraPermission()) == Qt.PermissionStatus.Denied:
        return True
    return any(not os.access(path, os.R_OK | os.W_OK) for path in files.glob("video[0-9]*"))
