"""Rolls of codes: a series from its ends, and which codes a lab can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.preprinted import MOST_CODES, RollForm, code_problems, roll_problems, series
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
    made, problems = series(first, last)
    assert made == []
    assert [(one.field, one.code) for one in problems] == [("last", problem)]


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
    assert [one.code for one in code_problems(code, [MICRONIC])] == ([problem] if problem else [])


def test_a_pattern_that_takes_everything_takes_no_look_alikes() -> None:
    everything = ForeignPattern("anything", r".+")
    assert code_problems("x" * 64, [everything]) == []
    assert [one.code for one in code_problems("x" * 65, [everything])] == ["code-fits-no-pattern"]
    assert [one.code for one in code_problems("1234Х", [everything])] == ["code-fits-no-pattern"]


def test_everything_wrong_with_a_roll_is_said_at_once() -> None:
    form = RollForm(" ", "TUBE", "", ("MX-1", "MX-1", OURS, "é"))
    assert [(one.field, one.code, one.values.get("code")) for one in roll_problems(form, [TUBE_PATTERN])] == [
        ("roll", "answer-missing", None),
        ("maker", "maker-is-no-maker", None),
        ("codes", "code-twice", "MX-1"),
        ("codes", "code-fits-no-pattern", "MX-1"),
        ("codes", "code-fits-no-pattern", "MX-1"),
        ("codes", "code-is-our-own", OURS),
        ("codes", "code-fits-no-pattern", "é"),
    ]
    assert [one.code for one in roll_problems(RollForm("r", "m", "", ()), [])] == ["answer-missing"]
    many = RollForm("r", "m", "", tuple(f"{one:010}" for one in range(MOST_CODES + 1)))
    assert [one.code for one in roll_problems(many, [MICRONIC])] == ["roll-too-long"]
    assert roll_problems(RollForm("r", "m", "b", ("1234567890",)), [MICRONIC]) == []
