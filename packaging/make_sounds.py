"""Make the four sounds of resources/sounds: sums of sines with a soft beginning and end, nothing sampled.

accepted: one short high note; done: a rising third and fifth; warning: two equal middle notes;
stop: a low falling pair with a rough edge, heard across a room and never taken for the others.
"""

from __future__ import annotations

import array
import math
import wave
from dataclasses import dataclass
from pathlib import Path

RATE_HZ = 44_100
FOLDER = Path(__file__).resolve().parent.parent / "resources" / "sounds"


@dataclass(frozen=True)
class Note:
    """A tone: hertz, length in ms, loudness 0 to 1, share of odd overtones, silence after it in ms."""

    hertz: float
    length_ms: int
    loudness: float = 0.55
    edge: float = 0.0
    pause_ms: int = 0


SOUNDS = {
    "accepted": (Note(1318.5, 90, 0.45),),
    "done": (Note(784.0, 100, 0.5), Note(987.8, 100, 0.5), Note(1174.7, 220, 0.5)),
    "warning": (Note(587.3, 130, 0.6, 0.15, 60), Note(587.3, 170, 0.6, 0.15)),
    "stop": (Note(311.1, 220, 0.8, 0.5, 30), Note(207.7, 420, 0.8, 0.5)),
}


def samples(note: Note) -> array.array[int]:
    """The note as 16-bit samples, 6 ms of attack and an exponential end, so that nothing clicks."""
    count = RATE_HZ * note.length_ms // 1000
    attack = RATE_HZ * 6 // 1000
    drawn = array.array("h")
    for index in range(count):
        phase = 2 * math.pi * note.hertz * index / RATE_HZ
        tone = math.sin(phase) + note.edge * (math.sin(3 * phase) / 3 + math.sin(5 * phase) / 5)
        envelope = min(1.0, index / attack, (count - index) / attack) * math.exp(-2.2 * index / count)
        drawn.append(round(32_000 * note.loudness * envelope * tone / (1 + note.edge / 2)))
    drawn.extend([0] * (RATE_HZ * note.pause_ms // 1000))
    return drawn


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, notes in SOUNDS.items():
        with wave.open(str(FOLDER / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            for note in notes:
                file.writeframes(samples(note).tobytes())


if __name__ == "__main__":
    main()
