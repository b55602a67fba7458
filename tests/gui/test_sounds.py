from __future__ import annotations

import array
import wave
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.gui.sounds import Sound, Sounds, find_player
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    from pathlib import Path


def loudest(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        return max(abs(each) for each in array.array("h", file.readframes(file.getnframes())))


@pytest.mark.parametrize("sound", list(Sound))
def test_every_sound_is_short_and_audible_and_ends_in_silence(sound: Sound) -> None:
    path = folder("sounds") / f"{sound.value}.wav"
    with wave.open(str(path), "rb") as file:
        assert file.getnchannels() == 1
        assert 0.05 < file.getnframes() / file.getframerate() < 1
        samples = array.array("h", file.readframes(file.getnframes()))
    assert max(map(abs, samples)) > 8000
    assert max(map(abs, samples[-20:])) < 600


def test_the_four_sounds_differ() -> None:
    assert len({(folder("sounds") / f"{sound.value}.wav").read_bytes() for sound in Sound}) == len(Sound)


def test_full_volume_plays_the_file_itself() -> None:
    played: list[Path] = []
    Sounds(volume=1, player=played.append).play(Sound.DONE)
    assert played == [folder("sounds") / "done.wav"]


def test_half_volume_plays_a_copy_half_as_loud_and_cleans_it_up() -> None:
    played: list[Path] = []
    sounds = Sounds(volume=0.5, player=played.append)
    sounds.play(Sound.STOP)
    sounds.play(Sound.STOP)
    assert played[0] == played[1]
    original = loudest(folder("sounds") / "stop.wav")
    assert loudest(played[0]) == pytest.approx(original / 2, abs=1)
    sounds.close()
    assert not played[0].exists()


def test_off_and_zero_are_silent() -> None:
    played: list[Path] = []
    Sounds(enabled=False, player=played.append).play(Sound.STOP)
    Sounds(volume=0, player=played.append).play(Sound.STOP)
    assert played == []


def test_a_volume_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Sounds(player=lambda _path: None).set_volume(1.1)


def test_this_machine_has_some_way_to_be_heard() -> None:
    assert callable(find_player())
