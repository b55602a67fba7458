"""Rolls of codes: a series from its ends, and which codes a lab can read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.preprinted import (
    MOST_CODES,
    Binding,
    RollForm,
    code_problems,
    read_bindings,
    read_codes,
    roll_problems,
    series,
)
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import TUBE_PATTERN, ForeignPattern

MICRONIC = ForeignPattern("Micronic", r"\d{10}")
OURS = "PM2600001J"


@pytest.mark.parametrize(
    ("first", "last", "middle"),
    [
        ("MX0098", "MX0101", ["MX0099", "MX0100"]),
        ("0000000009", "0000000012", ["0000000010", "0000000011"]),
        ("A12-7", "A14-7", ["A13-7"]),
        ("A1B2", "A1B4", ["A1B3"]),
        ("7", "7", []),
        ("MX-A", "MX-A", []),
    ],
)
def test_a_series_counts_in_its_digits(first: str, last: str, middle: list[str]) -> None:
    made, problems = series(first, last)
    assert problems == []
    assert made == [*dict.fromkeys([first, *middle, last])]


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("MX12", "MY13", "roll-not-a-series"),
        ("MX12", "MX013", "roll-not-a-series"),
        ("A1B1", "A2B2", "roll-not-a-series"),
        ("ABC", "ABD", "roll-not-a-series"),
        ("", "", "roll-not-a-series"),
        ("MX13", "MX12", "roll-runs-backwards"),
        ("X00001", f"X{MOST_CODES + 1:05}", "roll-too-long"),
    ],
)
def test_what_is_no_series_is_said(first: str, last: str, problem: str) -> None:
    values = {"most": MOST_CODES} if problem == "roll-too-long" else {"first": first, "last": last}
    assert series(first, last) == ([], [Problem("last", problem, values)])


def test_the_longest_roll_is_one_of_ten_thousand() -> None:
    made, problems = series("X00001", f"X{MOST_CODES:05}")
    assert (len(made), problems) == (MOST_CODES, [])


@given(
    st.from_regex(r"[A-Z]{0,3}", fullmatch=True),
    st.integers(0, 99_000),
    st.integers(0, 50),
    st.sampled_from(["", "-A", "X"]),
)
def test_every_code_of_a_series_is_there_once(head: str, begin: int, more: int, tail: str) -> None:
    first, last = f"{head}{begin:06}{tail}", f"{head}{begin + more:06}{tail}"
    made, problems = series(first, last)
    assert problems == []
    assert (len(made), len(set(made)), made[0], made[-1]) == (more + 1, more + 1, first, last)
    assert {len(one) for one in made} == {len(first)}
    assert made == sorted(made)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("1234567890", None),
        (OURS, "code-is-our-own"),
        ("PM26 00001 J", "code-is-our-own"),
        ("PM2600001H", "code-fits-no-pattern"),
        ("123456789", "code-fits-no-pattern"),
        ("]d11234567890", "code-fits-no-pattern"),
        (" 1234567890", "code-fits-no-pattern"),
        ("", "code-fits-no-pattern"),
        ("١٢٣٤٥٦٧٨٩٠", "code-fits-no-pattern"),
    ],
)
def test_only_what_a_scanner_reads_as_a_makers_code_can_be_put_on_a_vial(
    code: str, problem: str | None
) -> None:
    told = [Problem("codes", problem, {"code": code})] if problem else []
    assert code_problems(code, [MICRONIC]) == told
    assert code_problems(code, [MICRONIC], "x") == [replace(one, field="x") for one in told]


def test_a_pattern_that_takes_everything_takes_no_look_alikes() -> None:
    everything = ForeignPattern("anything", r".+")
    assert code_problems("x" * 64, [everything]) == []
    assert [one.code for one in code_problems("x" * 65, [everything])] == ["code-fits-no-pattern"]
    assert [one.code for one in code_problems("1234Х", [everything])] == ["code-fits-no-pattern"]


def test_everything_wrong_with_a_roll_is_said_at_once() -> None:
    form = RollForm(" ", "TUBE", "", ("MX-1", "MX-1", OURS, "é"))
    assert roll_problems(form, [TUBE_PATTERN]) == [
        Problem("roll", "answer-missing"),
        Problem("maker", "maker-is-no-maker", {"maker": "TUBE"}),
        Problem("codes", "code-twice", {"code": "MX-1"}),
        Problem("codes", "code-fits-no-pattern", {"code": "MX-1"}),
        Problem("codes", "code-fits-no-pattern", {"code": "MX-1"}),
        Problem("codes", "code-is-our-own", {"code": OURS}),
        Problem("codes", "code-fits-no-pattern", {"code": "é"}),
    ]
    assert roll_problems(RollForm("r", " ", "", ()), []) == [
        Problem("maker", "answer-missing"),
        Problem("codes", "answer-missing"),
    ]
    assert roll_problems(RollForm("r", "m", "b", ("1234567890",)), [MICRONIC]) == []


def test_a_roll_has_ten_thousand_codes_at_most() -> None:
    many = tuple(f"{one:010}" for one in range(MOST_CODES + 1))
    told = [Problem("codes", "roll-too-long", {"most": MOST_CODES})]
    assert roll_problems(RollForm("r", "m", "", many), [MICRONIC]) == told
    assert roll_problems(RollForm("r", "m", "", many[1:]), [MICRONIC]) == []


def test_a_list_of_vials_and_codes_is_read_or_said_to_be_none() -> None:
    assert read_bindings("Vial;Code\nPM26 1;A1\n;;\n PM26 2 ; A2 ;") == (
        [Binding("PM26 1", "A1"), Binding("PM26 2", "A2")],
        [],
    )
    assert read_bindings("PM26 1;A1\nPM26 2\n;A3\nPM26 4;A4;x") == (
        [Binding("PM26 1", "A1")],
        [
            Problem("line 2", "list-not-two-columns", {"count": 1}),
            Problem("line 3", "list-not-two-columns", {"count": 2}),
            Problem("line 4", "list-not-two-columns", {"count": 3}),
        ],
    )
    assert read_bindings("vial;code\n \n") == ([], [Problem("rows", "list-empty")])


def test_a_list_of_codes_is_its_first_column() -> None:
    assert read_codes("Barcode;Lot\r\n0001;x\r\n\r\n0002;y\r\n") == ["0001", "0002"]
    assert read_codes("0001\n0002") == ["0001", "0002"]
    assert read_codes("") == []
