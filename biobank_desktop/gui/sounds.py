"""Four short sounds, so that eyes can stay on the tube."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.resources import folder

if TYPE_CHECKING:
    import tempfile

Player = Callable[[Path], None]


class Sound(Enum):
    """What there is to hear; the value is the file's name."""

    ACCEPTED = "accepted"
    DONE = "done"
    WARNING = "warning"
    STOP = "stop"


class Sounds:
    """Plays a sound at a volume (0 to 1); silent when ``enabled`` is off."""

    def __init__(self, *, enabled: bool = True, volume: float = 0.8, player: Player | None = None) -> None:
        self.enabled = enabled
        self._volume = volume
        self._player = player
        self._ready: dict[Sound, Path] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def volume(self) -> float:
        """How loud, 0 to 1."""
        return self._volume

    def set_volume(self, volume: float) -> None:
        """Change how loud. Raises ``ValueError`` outside 0 to 1."""
        if not 0 <= volume <= 1:
            raise ValueError(f"a volume lies between 0 and 1, not {volume}")
        self._volume = volume
        self._ready.clear()

    def play(self, sound: Sound) -> None:
        """Start the sound and come back at once."""
        if not self.enabled or self._volume == 0:
            return
        if self._player is None:
            self._player = find_player()
        if sound not in self._ready:
            self._ready[sound] = self._at_volume(sound)
        self._player(self._ready[sound])

    def close(self) -> None:
        """Remove the copies made at another volume."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
            self._ready.clear()

    def _at_volume(self, sound: Sound) -> Path:
        """A copy of the file at this volume: neither winsound nor aplay can turn it down."""
        import array  # noqa: PLC0415  not needed for the first paint
        import tempfile  # noqa: PLC0415  not needed for the first paint
        import wave  # noqa: PLC0415  not needed for the first paint

        source = folder("sounds") / f"{sound.value}.wav"
        if self._volume == 1:
            return source
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="biobank-sounds-")
        target = Path(self._folder.name) / f"{sound.value}-{round(self._volume * 100)}.wav"
        with wave.open(str(source), "rb") as heard, wave.open(str(target), "wb") as copy:
            copy.setparams(heard.getparams())
            samples = array.array("h", heard.readframes(heard.getnframes()))
            copy.writeframes(array.array("h", (round(each * self._volume) for each in samples)).tobytes())
        return target


def find_player() -> Player:
    """What this machine plays a WAV file with: winsound, paplay, aplay, afplay, else a beep."""
    if sys.platform == "win32":
        import winsound  # noqa: PLC0415  only where it is used

        return lambda path: winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC)
    import shutil  # noqa: PLC0415  not needed for the first paint

    for program in ("paplay", "aplay", "afplay"):
        found = shutil.which(program)
        if found is not None:
            return _starting(found)
    return _beep


def _starting(program: str) -> Player:
    def start(path: Path) -> None:
        from PySide6.QtCore import QProcess  # noqa: PLC0415  only where it is used

        process = QProcess()
        process.setProgram(program)
        process.setArguments([str(path)])
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.startDetached()

    return start


def _beep(_path: Path) -> None:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415  only where it is used

    QApplication.beep()
