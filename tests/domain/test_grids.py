from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.grids import FILL_ORDERS, Grid, Position, free_positions, longest_run, names

SCHEMES = [
    ("letters", "numbers"),
    ("letters-without-i", "numbers-padded"),
    ("numbers", "letters"),
    ("numbers", "numbers"),
    ("numbers-padded", "numbers-padded"),
    ("running", "running"),
]


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    rows, columns = draw(st.integers(1, 30)), draw(st.integers(1, 14))
    return Grid(rows, columns, *draw(st.sampled_from(SCHEMES)), draw(st.sampled_from(sorted(FILL_ORDERS))))


@st.composite
def boxes(draw: st.DrawFn) -> tuple[Grid, set[Position]]:
    grid = draw(grids())
    return grid, draw(st.sets(st.sampled_from(list(grid.order()))))


@pytest.mark.parametrize(
    ("grid", "position", "label"),
    [
        (Grid(9, 9), (1, 1), "A1"),
        (Grid(9, 9), (9, 9), "I9"),
        (Grid(9, 9, "letters-without-i"), (9, 1), "J1"),
        (Grid(9, 9, "letters", "numbers-padded"), (1, 1), "A01"),
        (Grid(8, 12, "letters", "numbers-padded"), (8, 12), "H12"),
        (Grid(9, 9, "running", "running"), (9, 9), "81"),
        (Grid(9, 9, "running", "running"), (2, 1), "10"),
        (Grid(2, 3, "running", "running"), (1, 3), "3"),
        (Grid(5, 5, "numbers", "numbers"), (3, 4), "3-4"),
        (Grid(5, 5, "numbers", "letters"), (3, 4), "3D"),
        (Grid(30, 2), (27, 1), "AA1"),
        (Grid(120, 1, "numbers-padded", "letters"), (7, 1), "007A"),
    ],
)
def test_labels(grid: Grid, position: Position, label: str) -> None:
    assert grid.label(position) == label
    assert grid.parse(label) == position


@pytest.mark.parametrize("text", ["A1", "a1", "a01", " A 1 ", "A-1", "a/01", "A001", "A\u00a01"])
def test_what_a_person_may_type_for_a1(text: str) -> None:
    assert Grid(9, 9).parse(text) == (1, 1)
    assert Grid(9, 9, "letters", "numbers-padded").parse(text) == (1, 1)


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "A10", "J1", "1A", "A1B", "Ä1", "A٣", "??"])
def test_what_is_no_position_of_a_nine_by_nine(text: str) -> None:
    assert Grid(9, 9).parse(text) is None


@pytest.mark.parametrize("text", ["0", "82", "A1", "", "-1", "12345678", "٣", "1" * 5000])
def test_what_is_no_position_of_a_running_box(text: str) -> None:
    assert Grid(9, 9, "running", "running").parse(text) is None


def test_a_position_is_typed_in_twenty_characters_at_most() -> None:
    for grid, first, last in ((Grid(9, 9), "A", "2"), (Grid(9, 9, "running", "running"), "0", "2")):
        assert grid.parse(first + last.rjust(19, "0")) == (1, 2)
        assert grid.parse(first + last.rjust(20, "0")) is None


def test_two_numbers_need_something_between_them() -> None:
    assert Grid(12, 12, "numbers", "numbers").parse("112") is None
    assert Grid(12, 12, "numbers", "numbers").parse("11-2") == (11, 2)


def test_a_box_that_skips_i_has_none() -> None:
    grid = Grid(9, 9, "letters-without-i")
    assert grid.row_names() == ("A", "B", "C", "D", "E", "F", "G", "H", "J")
    assert grid.column_names() == tuple("123456789")
    assert grid.parse("I1") is None
    assert names("letters-without-i", 26)[-2:] == ("Z", "AA")


def test_every_letter_of_the_alphabet_names_a_row_before_they_double() -> None:
    alphabet = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    grid = Grid(28, 1)
    assert grid.row_names() == (*alphabet, "AA", "AB")
    assert [grid.parse(f"{name}1") for name in grid.row_names()] == [(row, 1) for row in range(1, 29)]


def test_a_running_box_still_names_its_edges() -> None:
    grid = Grid(2, 3, "running", "running")
    assert (grid.row_names(), grid.column_names()) == (("1", "2"), ("1", "2", "3"))


@pytest.mark.parametrize("position", [(0, 1), (1, 0), (10, 1), (1, 10)])
def test_off_the_grid_has_no_label(position: Position) -> None:
    with pytest.raises(IndexError):
        Grid(9, 9).label(position)


@pytest.mark.parametrize(
    "arguments",
    [
        (0, 9),
        (9, 0),
        (9, 9, "roman"),
        (9, 9, "letters", "roman"),
        (9, 9, "letters", "letters-without-i"),
        (9, 9, "running", "numbers"),
        (9, 9, "letters", "running"),
        (9, 9, "letters", "numbers", "spiral"),
    ],
)
def test_grids_that_cannot_be(arguments: tuple[int, int, str]) -> None:
    with pytest.raises(ValueError, match=r"grid|scheme|letters|running"):
        Grid(*arguments)


@pytest.mark.parametrize(
    ("order", "first", "second", "last"),
    [
        ("rows-from-top-left", (1, 1), (1, 2), (2, 3)),
        ("rows-from-top-right", (1, 3), (1, 2), (2, 1)),
        ("rows-from-bottom-left", (2, 1), (2, 2), (1, 3)),
        ("rows-from-bottom-right", (2, 3), (2, 2), (1, 1)),
        ("columns-from-top-left", (1, 1), (2, 1), (2, 3)),
        ("columns-from-top-right", (1, 3), (2, 3), (2, 1)),
        ("columns-from-bottom-left", (2, 1), (1, 1), (1, 3)),
        ("columns-from-bottom-right", (2, 3), (1, 3), (1, 1)),
    ],
)
def test_the_eight_orders(order: str, first: Position, second: Position, last: Position) -> None:
    positions = list(Grid(2, 3, fill_order=order).order())
    assert (positions[0], positions[1], positions[-1]) == (first, second, last)


@given(grids())
def test_every_order_visits_every_position_once_and_every_label_reads_back(grid: Grid) -> None:
    positions = list(grid.order())
    assert len(positions) == len(set(positions)) == grid.capacity
    assert len({grid.label(position) for position in positions}) == grid.capacity
    for position in positions:
        assert grid.parse(grid.label(position).lower()) == position


def test_vials_stay_together_where_they_can() -> None:
    grid = Grid(2, 5)
    taken = {(1, 2), (1, 5)}
    assert free_positions(grid, taken, 1) == ((1, 1),)
    assert free_positions(grid, taken, 2) == ((1, 3), (1, 4))
    assert free_positions(grid, taken, 5) == ((2, 1), (2, 2), (2, 3), (2, 4), (2, 5))
    assert free_positions(grid, taken, 7) == ((1, 1), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (2, 4))
    assert longest_run(grid, taken) == 5


def test_a_start_is_where_filling_begins() -> None:
    grid = Grid(2, 5)
    assert free_positions(grid, (), 2, (1, 4)) == ((1, 4), (1, 5))
    assert free_positions(grid, (), 3, (2, 4)) == ((1, 1), (1, 2), (1, 3))
    assert free_positions(grid, (), 1, (9, 9)) == ((1, 1),)
    assert free_positions(grid, {(2, 4), (2, 5)}, 9, (2, 3))[:2] == ((2, 3), (1, 1))
    assert free_positions(Grid(2, 2), (), 9, (1, 2)) == ((1, 2), (2, 1), (2, 2), (1, 1))


def test_a_full_box_has_no_room() -> None:
    grid = Grid(2, 2)
    assert free_positions(grid, set(grid.order()), 1) == ()
    assert longest_run(grid, set(grid.order())) == 0


@given(boxes(), st.integers(1, 12), st.data())
def test_proposals_are_free_together_and_as_many_as_fit(
    box: tuple[Grid, set[Position]], wanted: int, data: st.DataObject
) -> None:
    grid, taken = box
    start = data.draw(st.none() | st.sampled_from(list(grid.order())))
    found = free_positions(grid, taken, wanted, start)
    assert len(found) == len(set(found)) == min(wanted, grid.capacity - len(taken))
    assert not set(found) & taken
    if start is None and wanted <= longest_run(grid, taken):
        places = [list(grid.order()).index(position) for position in found]
        assert places == list(range(places[0], places[0] + wanted))


THREE_BY_FOUR = {
    "rows-from-top-left": "A1 A2 A3 A4 B1 B2 B3 B4 C1 C2 C3 C4",
    "rows-from-top-right": "A4 A3 A2 A1 B4 B3 B2 B1 C4 C3 C2 C1",
    "rows-from-bottom-left": "C1 C2 C3 C4 B1 B2 B3 B4 A1 A2 A3 A4",
    "rows-from-bottom-right": "C4 C3 C2 C1 B4 B3 B2 B1 A4 A3 A2 A1",
    "columns-from-top-left": "A1 B1 C1 A2 B2 C2 A3 B3 C3 A4 B4 C4",
    "columns-from-top-right": "A4 B4 C4 A3 B3 C3 A2 B2 C2 A1 B1 C1",
    "columns-from-bottom-left": "C1 B1 A1 C2 B2 A2 C3 B3 A3 C4 B4 A4",
    "columns-from-bottom-right": "C4 B4 A4 C3 B3 A3 C2 B2 A2 C1 B1 A1",
}
"""Every order of a box of three rows and four columns, as it is filled with the notch top left."""

NAMED = {
    ("letters", "numbers"): "A1 A2 A3 A4 B1 B2 B3 B4 C1 C2 C3 C4",
    ("letters-without-i", "numbers"): "A1 A2 A3 A4 B1 B2 B3 B4 C1 C2 C3 C4",
    ("letters", "numbers-padded"): "A01 A02 A03 A04 B01 B02 B03 B04 C01 C02 C03 C04",
    ("numbers", "letters"): "1A 1B 1C 1D 2A 2B 2C 2D 3A 3B 3C 3D",
    ("numbers", "numbers"): "1-1 1-2 1-3 1-4 2-1 2-2 2-3 2-4 3-1 3-2 3-3 3-4",
    ("numbers-padded", "numbers-padded"): (
        "01-01 01-02 01-03 01-04 02-01 02-02 02-03 02-04 03-01 03-02 03-03 03-04"
    ),
    ("running", "running"): "1 2 3 4 5 6 7 8 9 10 11 12",
}
"""Every position of the same box in reading order, by the names of its rows and columns."""

NINE_BY_NINE = """
A1 A2 A3 A4 A5 A6 A7 A8 A9
B1 B2 B3 B4 B5 B6 B7 B8 B9
C1 C2 C3 C4 C5 C6 C7 C8 C9
D1 D2 D3 D4 D5 D6 D7 D8 D9
E1 E2 E3 E4 E5 E6 E7 E8 E9
F1 F2 F3 F4 F5 F6 F7 F8 F9
G1 G2 G3 G4 G5 G6 G7 G8 G9
H1 H2 H3 H4 H5 H6 H7 H8 H9
J1 J2 J3 J4 J5 J6 J7 J8 J9
"""
RUNNING = """
 1  2  3  4  5  6  7  8  9
10 11 12 13 14 15 16 17 18
19 20 21 22 23 24 25 26 27
28 29 30 31 32 33 34 35 36
37 38 39 40 41 42 43 44 45
46 47 48 49 50 51 52 53 54
55 56 57 58 59 60 61 62 63
64 65 66 67 68 69 70 71 72
73 74 75 76 77 78 79 80 81
"""


@pytest.mark.parametrize("order", FILL_ORDERS)
def test_the_order_of_every_position(order: str) -> None:
    grid = Grid(3, 4, fill_order=order)
    assert " ".join(map(grid.label, grid.order())) == THREE_BY_FOUR[order]


@pytest.mark.parametrize("schemes", NAMED, ids=" ".join)
def test_the_name_of_every_position(schemes: tuple[str, str]) -> None:
    grid = Grid(3, 4, *schemes)
    assert " ".join(map(grid.label, grid.order())) == NAMED[schemes]


@pytest.mark.parametrize(
    ("schemes", "table"),
    [(("letters-without-i", "numbers"), NINE_BY_NINE), (("running", "running"), RUNNING)],
    ids=["without I", "running"],
)
def test_every_name_of_a_box_of_eighty_one(schemes: tuple[str, str], table: str) -> None:
    grid = Grid(9, 9, *schemes)
    for row, line in enumerate(table.strip().splitlines(), 1):
        for column, name in enumerate(line.split(), 1):
            assert (grid.label((row, column)), grid.parse(name)) == (name, (row, column))
