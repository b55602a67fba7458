from __future__ import annotations

import pytest

from biobank_desktop.labels.text import ELLIPSIS, capital_height, extent, fitted, shortened


@pytest.mark.parametrize("width", range(30, 400, 7))
def test_a_fitted_text_is_never_wider_than_its_room(width: int) -> None:
    line = fitted("PM26 0A1B2 7", "bold", 36, 8, width)
    if line is not None:
        assert line.left >= 0
        assert line.left + line.width <= width
        assert 8 <= line.size <= 36
    else:
        assert width < fitted_width(8)


def fitted_width(size: int) -> int:
    line = fitted("PM26 0A1B2 7", "bold", size, size, 10_000)
    assert line is not None
    return line.left + line.width + 2


def test_a_text_with_room_has_the_size_wished_for() -> None:
    line = fitted("MNC", "regular", 24, 12, 500)
    assert line is not None
    assert (line.size, line.shown, line.missing) == (24, "MNC", "")


def test_the_longest_beginning_that_fits_is_kept() -> None:
    line = shortened("Bone marrow at diagnosis", "regular", 20, 120)
    assert line is not None
    beginning = line.shown.removesuffix(ELLIPSIS)
    assert "Bone marrow at diagnosis".startswith(beginning)
    longer = "Bone marrow at diagnosis"[: len(beginning) + 2].rstrip() + ELLIPSIS
    assert fitted(longer, "regular", 20, 20, 120) is None


def test_nothing_is_left_where_no_character_fits() -> None:
    assert shortened("Bone marrow", "regular", 20, 10) is None


@pytest.mark.parametrize("size", range(10, 60, 5))
@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_a_line_stays_within_its_fonts_extent(weight: str, size: int) -> None:
    above, below = extent(weight, size)
    for text in ("PM26 0A1B2 7", "Qgjpqy", "10/16", "Box (µL)"):
        line = fitted(text, weight, size, size, 10_000)
        assert line is not None
        assert -line.top <= above
        assert line.top + line.height <= below
    assert 0.6 * size < capital_height(weight, size) <= above


def test_an_unknown_character_is_drawn_as_a_question_mark_and_named() -> None:
    line = fitted("A北B", "bold", 20, 10, 500)
    assert line is not None
    assert (line.shown, line.missing) == ("A?B", "北")
