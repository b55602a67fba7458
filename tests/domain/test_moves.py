from __future__ import annotations

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.moves import Move, line_of, read_in_parts, read_list
from biobank_desktop.domain.problems import Problem

ONE, TWO = codes.run(CodeKind.SAMPLE, 2026, 4_711, 2)
PLACED = [Move(ONE, "BX1", "A1", 1), Move(TWO, "BX1", "A2", 2)]


def _told(text: str, box: str = "") -> list[tuple[str, str]]:
    moves, problems = read_list(text, box)
    assert moves == []
    return [(problem.field, problem.code) for problem in problems]


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE};BX1;A1\n{TWO};BX1;A2\n",
        f"{ONE},BX1,A1\n{TWO},BX1,A2",
        f"{ONE}\tBX1\tA1\r\n{TWO}\tBX1\tA2\r\n",
        f"{ONE};BX1 / A1\n{TWO};BX1 / A2\n",
        f"{ONE};F80-01 / S1 / BX1 / A1\n{TWO};F80-01 / S1 / BX1  /  A2\n",
        f"\ufeff{ONE};BX1;A1\n{TWO};BX1;A2\n",
        f"{ONE};BX1;A1\n{TWO};BX1;A2\n\n;;\n \n",
        f" {ONE} ; BX1 ; A1 \n{TWO};BX1;A2;;\n",
        f'"{ONE}";"BX1";"A1"\n{TWO};BX1;A2\n',
    ],
    ids=[
        "semicolons", "commas", "tabs", "whole places", "all that is around", "a mark of bytes",
        "empty last rows", "blanks and empty cells", "quoted",
    ],
)  # fmt: skip
def test_the_ways_to_write_a_list(text: str) -> None:
    assert read_list(text) == (PLACED, [])


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_a_list_for_one_box(separator: str) -> None:
    text = f"{ONE}{separator}A1\n{TWO}{separator}A2\n"
    assert read_list(text, "BX1") == (PLACED, [])
    assert _told(text) == [("line 1", "list-box-missing"), ("line 2", "list-box-missing")]


@pytest.mark.parametrize("heading", ["code;place", "Barcode;Position", "BUIS;Positie", "monster;plaats;x"])
def test_headings_are_no_row_and_count_as_a_line(heading: str) -> None:
    moves, problems = read_list(f"{heading}\n{ONE};BX1;A1\n\n{TWO};BX1;A2\n")
    assert [(move.item, move.line) for move in moves] == [(ONE, 2), (TWO, 4)]
    assert problems == []


def test_headings_stand_in_the_first_row_only() -> None:
    assert read_list(f"{ONE};BX1;A1\ncode;BX1;A2\n")[0][1] == Move("code", "BX1", "A2", 2)


def test_an_empty_list_says_so() -> None:
    assert _told("") == _told("\ufeff\n\n") == _told("code;place\n") == [("rows", "list-empty")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ONE, "list-columns"),
        (f"{ONE};BX1;A1;more", "list-columns"),
        (";BX1;A1", "list-code-missing"),
        (f"{ONE};A1", "list-box-missing"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(row: str, code: str) -> None:
    moves, problems = read_list(f"{TWO};BX1;A2\n{row}\n")
    assert moves == [Move(TWO, "BX1", "A2", 1)]
    assert [(problem.field, problem.code) for problem in problems] == [("line 2", code)]


def test_a_code_listed_twice_names_the_line_before_however_it_is_written() -> None:
    again = codes.group(ONE).lower()
    moves, problems = read_list(f"{ONE};BX1;A1\n{again};BX1;A3\nBX9;T1;1\nBX9;T1;2\n")
    assert [move.line for move in moves] == [1, 3]
    assert problems == [
        Problem("line 2", "listed-twice", {"code": codes.group(ONE), "line": 1}),
        Problem("line 4", "listed-twice", {"code": "BX9", "line": 3}),
    ]


def test_what_excel_makes_of_a_position_is_not_repaired() -> None:
    for damaged in ("1-Mar", "1.00E+05", "#REF!", "45717"):
        assert read_list(f"{ONE};BX1;{damaged}\n") == ([Move(ONE, "BX1", damaged, 1)], [])


def test_a_list_that_is_too_long_ends() -> None:
    rows = "".join(f"X{number};BX1;\n" for number in range(100_002))
    moves, problems = read_list(rows.replace(";\n", ";A1\n"))
    assert len(moves) == 100_000
    assert [(problem.field, problem.code) for problem in problems] == [("line 100001", "list-too-long")]


def test_the_line_of_a_problem() -> None:
    assert line_of(Problem("line 17", "list-columns")) == 17
    assert line_of(Problem("why", "reason-missing")) == line_of(Problem("line", "x")) == 0


def test_a_position_without_a_box_lies_nowhere_also_when_it_is_read_in_parts() -> None:
    with pytest.raises(StopIteration) as whole:
        next(read_in_parts(f"{ONE};A1"))
    assert whole.value.value == ([], [Problem("line 1", "list-box-missing", {"place": "A1"})])
