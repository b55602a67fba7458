"""What a camera's pictures come to, picture by picture with the times they were taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.gui.sightings import ALONE_MS, CROWDED_MS, GONE_MS, STEP_MS, Crowd, Seen, Sightings
from biobank_desktop.labels.pyramid import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY_MS = 50
PAST = "]d1"


def symbol(text: str, *, whole: bool = True) -> Symbol:
    return Symbol(text, PAST, ((0, 0), (1, 0), (1, 1), (0, 1)), whole)


class Film:
    """Pictures of the symbols with these letters, one every 50 ms."""

    def __init__(self) -> None:
        self.sightings = Sightings()
        self.at_ms = 1_000

    def run(self, pictures: Iterable[str]) -> list[Seen | Crowd]:
        came = []
        for letters in pictures:
            self.at_ms += EVERY_MS
            one = self.sightings.look([symbol(letter) for letter in letters], self.at_ms)
            if one is not None:
                came.append(one)
        return came


@pytest.fixture
def film() -> Film:
    return Film()


def times(picture: str, milliseconds: int) -> list[str]:
    """The same picture for a little longer than so long."""
    return [picture] * (milliseconds // EVERY_MS + 2)


def test_a_code_counts_when_two_pictures_agree(film: Film) -> None:
    assert film.run(["A"]) == []
    assert film.run(["A"]) == [Seen("]d1A")]


@pytest.mark.parametrize("pictures", [["A", "", "A", ""], ["A", "B", "C", "D", "E"], [""] * 50])
def test_pictures_that_do_not_agree_say_nothing(film: Film, pictures: list[str]) -> None:
    assert film.run(pictures) == []


def test_a_code_that_stays_counts_once(film: Film) -> None:
    assert film.run(times("A", 20_000)) == [Seen("]d1A")]


def test_a_code_that_flickers_counts_once(film: Film) -> None:
    flicker = ["A", "A", *times("", GONE_MS - 200)] * 20
    assert film.run(flicker) == [Seen("]d1A")]


def test_a_code_that_had_left_counts_again(film: Film) -> None:
    film.run(["A", "A"])
    assert film.run([*times("", GONE_MS), "A", "A"]) == [Seen("]d1A")]


def test_a_stalled_camera_saw_nothing_leave(film: Film) -> None:
    film.run(["A", "A"])
    film.at_ms += 60_000
    assert film.run(times("A", GONE_MS)) == []
    assert STEP_MS * 5 <= GONE_MS  # so that five pictures at least are without it


def test_one_vial_after_the_other_counts_each(film: Film) -> None:
    row = [picture for letter in "ABCDE" for picture in times(letter, ALONE_MS + 100)]
    assert film.run(row) == [Seen(f"]d1{letter}") for letter in "ABCDE"]


def test_what_passes_by_is_no_stop_and_does_not_count(film: Film) -> None:
    assert film.run(["A", "A", "AB", "AB", "B", "B", "", *times("", ALONE_MS)]) == [Seen("]d1A")]


def test_two_codes_in_view_are_refused_once(film: Film) -> None:
    assert film.run(times("AB", 10 * CROWDED_MS)) == [Crowd(("A", "B"))]


def test_two_codes_that_are_read_in_turn_are_refused_too(film: Film) -> None:
    assert film.run(["A", "B"] * 20) == [Crowd(("A", "B"))]


def test_a_second_code_beside_one_that_counted_is_refused(film: Film) -> None:
    film.run(times("A", 2_000))
    assert film.run(times("AB", CROWDED_MS)) == [Crowd(("A", "B"))]


def test_after_a_refusal_what_stays_in_view_does_not_count(film: Film) -> None:
    film.run(times("AB", CROWDED_MS))
    assert film.run(times("A", 10_000)) == []
    assert film.run([*times("", GONE_MS), "A", "A"]) == [Seen("]d1A")]


def test_the_same_code_on_two_labels_is_one(film: Film) -> None:
    assert film.run(times("AA", 2_000)) == [Seen("]d1A")]


def test_a_wrong_read_beside_the_right_one_only_delays_it(film: Film) -> None:
    assert film.run(["AX", *times("A", ALONE_MS)]) == [Seen("]d1A")]


def test_a_code_at_the_edge_is_told_as_one(film: Film) -> None:
    for at_ms in (1_050, 1_100):
        came = film.sightings.look([symbol("A", whole=False)], at_ms)
    assert came == Seen("]d1A", whole=False)


def test_a_clock_that_goes_back_does_no_harm(film: Film) -> None:
    film.run(["A", "A"])
    film.at_ms = 0
    assert film.run([*times("", GONE_MS), "B", "B"]) == [Seen("]d1B")]
