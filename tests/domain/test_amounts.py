from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.amounts import (
    MOST_CELLS,
    MOST_UL,
    VolumeUnit,
    format_amount,
    format_cells,
    format_volume,
    parse_cells,
    parse_volume,
    parse_whole,
)
from biobank_desktop.domain.problems import Problem


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        (" 12 ", 12),
        ("007", 7),
        ("999999999", 999_999_999),
        ("0000000001", None),
        ("1000000000", None),
        ("", None),
        ("x", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        ("1.0", None),
        ("1 0", None),
        ("\u0661", None),
        ("\u00b2", None),
    ],
)
def test_whole_numbers_people_type(text: str, number: int | None) -> None:
    assert parse_whole(text) == number


def test_an_amount_in_sixty_characters_is_read_and_a_longer_one_is_not() -> None:
    for parse, shortest, amount in ((parse_volume, "500 uL", 500), (parse_cells, "1000", 1000)):
        assert parse(shortest.rjust(60, "0")) == amount
        longer = parse(shortest.rjust(61, "0"))
        assert isinstance(longer, Problem)
        assert (longer.code, longer.values) == ("amount-unreadable", {"text": shortest.rjust(61, "0")[:60]})


@pytest.mark.parametrize(
    ("text", "volume_ul"),
    [
        ("3,2 mL", 3200),
        ("3.2", 3200),
        ("3", 3000),
        ("3.2ml", 3200),
        ("500 µL", 500),
        ("500 ul", 500),
        ("500 μL", 500),
        (" 0,25 ", 250),
        ("0.500 mL", 500),
        ("12 500 µL", 12_500),
        ("1000 mL", 1_000_000),
        ("99.9", 99_900),
        ("1000000 µL", 1_000_000),
    ],
)
def test_volumes_people_type(text: str, volume_ul: int) -> None:
    assert parse_volume(text) == volume_ul


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("10e6", 10_000_000),
        ("10E6", 10_000_000),
        ("10 x 10^6", 10_000_000),
        ("10 × 10⁶ cells", 10_000_000),
        ("10*10^6", 10_000_000),
        ("1,2e7", 12_000_000),
        ("1.25e7 cellen", 12_500_000),
        ("12 000 000", 12_000_000),
        ("12.000.000", 12_000_000),
        ("12,000,000", 12_000_000),
        ("52000", 52_000),
        ("1,250e6", 1_250_000),
        ("12 000e3", 12_000_000),
        ("10 x 10⁰⁴", 100_000),
        ("1000", 1000),
        ("100e9", 100_000_000_000),
    ],
)
def test_cells_people_type(text: str, cells: int) -> None:
    assert parse_cells(text) == cells


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,000", "amount-ambiguous"),
        ("1.000 mL", "amount-ambiguous"),
        ("500", "amount-unit-unclear"),
        ("100", "amount-unit-unclear"),
        ("3 mL 200 µL", "amount-units-mixed"),
        ("10e6 cells", "amount-wrong-unit"),
        ("-3 mL", "amount-negative"),
        ("−3", "amount-negative"),
        ("1001 mL", "amount-absurd"),
        ("0", "amount-zero"),
        ("0.0005 mL", "amount-too-fine"),
        ("0.5 µL", "amount-too-fine"),
        ("", "amount-unreadable"),
        ("a lot", "amount-unreadable"),
        ("1,234.5", "amount-unreadable"),
        ("1 00", "amount-unreadable"),
        ("3..2", "amount-unreadable"),
        ("3 mL?", "amount-unreadable"),
        ("5 µL?", "amount-unreadable"),
        ("5 μL?", "amount-unreadable"),
        ("5 uL?", "amount-unreadable"),
        ("1000001 µL", "amount-absurd"),
    ],
)
def test_volumes_that_are_asked_again(text: str, code: str) -> None:
    answer = parse_volume(text)
    assert isinstance(answer, Problem)
    assert (answer.field, answer.code, answer.values["text"]) == ("volume_ul", code, text.strip())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,000", "amount-ambiguous"),
        ("1", "amount-unit-unclear"),
        ("0.5", "amount-unit-unclear"),
        ("10", "amount-unit-unclear"),
        ("999", "amount-unit-unclear"),
        ("0", "amount-zero"),
        ("3 mL", "amount-wrong-unit"),
        ("3 cells?", "amount-unreadable"),
        ("3 cellen?", "amount-unreadable"),
        ("100000000001", "amount-absurd"),
        ("10e6 cells in 1 mL", "amount-units-mixed"),
        ("-10e6", "amount-negative"),
        ("10e12", "amount-absurd"),
        ("1E1", "amount-unit-unclear"),
        ("9" * 5_000, "amount-unreadable"),
        ("1" + " " * 30_000 + "x", "amount-unreadable"),
        ("\u0661\u0660e6", "amount-unreadable"),
        ("1.5e0", "amount-too-fine"),
        ("many", "amount-unreadable"),
        ("10e", "amount-unreadable"),
    ],
)
def test_cells_that_are_asked_again(text: str, code: str) -> None:
    for field, answer in (("filled", parse_cells(text, "filled")), ("cells", parse_cells(text))):
        assert isinstance(answer, Problem)
        assert (answer.field, answer.code, answer.values["text"]) == (field, code, text[:60])


def test_an_ambiguous_number_names_both_readings() -> None:
    answer = parse_volume("1,250")
    assert isinstance(answer, Problem)
    assert answer.values == {"text": "1,250", "small": "1.250", "large": "1250"}


@pytest.mark.parametrize(
    ("text", "unit", "expected"), [("500", "µL", 500), ("0.5", "µL", None), ("99", "mL", 99_000)]
)
def test_a_bare_number_has_the_unit_of_its_field(text: str, unit: VolumeUnit, expected: int | None) -> None:
    answer = parse_volume(text, unit=unit)
    if expected is None:
        assert isinstance(answer, Problem)
        assert answer.code == "amount-unit-unclear"
    else:
        assert answer == expected


def test_formats() -> None:
    assert format_volume(500) == "500 µL"
    assert format_volume(3200) == "3.2 mL"
    assert format_volume(3200, ",") == "3,2 mL"
    assert format_volume(3205) == "3205 µL"
    assert format_volume(10_000) == "10 mL"
    assert format_cells(10_000_000) == "10 × 10⁶ cells"
    assert format_cells(12_500_000, ",", "cellen") == "12,5 × 10⁶ cellen"
    assert format_volume(1000) == "1 mL"
    assert format_cells(99_999) == "99999 cells"
    assert format_cells(100_000) == "0.1 × 10⁶ cells"
    assert format_amount(None, 5_000_000) == "5 × 10⁶ cells"
    assert format_cells(123_456) == "0.123456 × 10⁶ cells"
    assert format_amount(500, None) == "500 µL"
    assert format_amount(3200, None) == "3.2 mL"
    assert format_amount(3200, 12_500_000, ",", "cellen") == "12,5 × 10⁶ cellen"
    assert format_amount(3200, None, ",") == "3,2 mL"
    assert format_amount(None, None) == ""


@given(st.integers(1, MOST_UL), st.sampled_from([".", ","]))
def test_a_shown_volume_reads_as_itself(volume_ul: int, decimal: str) -> None:
    assert parse_volume(format_volume(volume_ul, decimal)) == volume_ul


@given(st.integers(1000, MOST_CELLS), st.sampled_from([".", ","]))
def test_shown_cells_read_as_themselves(cells: int, decimal: str) -> None:
    assert parse_cells(format_cells(cells, decimal)) == cells


@given(st.text(max_size=12) | st.sampled_from(["9" * 5000, "9" * 5000 + "e6", "1." + "0" * 5000]))
def test_any_text_gives_an_amount_or_a_reason(text: str) -> None:
    for answer in (parse_volume(text), parse_cells(text)):
        assert isinstance(answer, Problem) or answer > 0
