"""Lists as spreadsheets and rack scanners write them."""

from __future__ import annotations

import pytest

from biobank_desktop.domain.lists import rows


@pytest.mark.parametrize("heading", ["code", "Barcode", "VIAL", "sample", "item", "buis", "monster", "Vat"])
def test_a_heading_is_no_row_and_only_on_the_first_line(heading: str) -> None:
    assert list(rows(f"{heading};x\nA;1\n{heading};2")) == [(2, ["A", "1"]), (3, [heading, "2"])]


@pytest.mark.parametrize(("separator", "other"), [("\t", ";"), (";", ","), (",", "|")])
def test_the_first_line_says_what_separates(separator: str, other: str) -> None:
    text = f"A{separator}1\nB{separator}2{other}3{separator}{separator}"
    assert list(rows(text)) == [(1, ["A", "1"]), (2, ["B", f"2{other}3"])]


def test_a_list_of_one_column_has_one_cell_in_a_line() -> None:
    assert list(rows("A\n\n \nB ")) == [(1, ["A"]), (4, ["B"])]
    assert list(rows("X\nXX")) == [(1, ["X"]), (2, ["XX"])]
    assert list(rows("\ufeffA\r\nB")) == [(1, ["A"]), (2, ["B"])]
    assert list(rows("")) == list(rows(";;\n , ")) == []


def test_what_is_quoted_is_one_cell() -> None:
    assert list(rows('"A;1";2')) == [(1, ["A;1", "2"])]
