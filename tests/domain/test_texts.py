"""Texts at the border: what hides or looks like another is refused, everything else is taken as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import MOST_CHARACTERS, field_name, identifier, printable, text_problem
from tests.support.payloads import DECOMPOSED, FORMULAS, HIDDEN, LOOK_ALIKES, MARKUP, SQL


def code(text: str, field: str) -> str:
    problem = text_problem(text, field)
    return problem.code if isinstance(problem, Problem) else ""


@pytest.mark.parametrize("text", LOOK_ALIKES, ids=ascii)
@pytest.mark.parametrize("field", ["tube_code", "name", "lab_numbers[0][1]", "login", "bench"])
def test_look_alikes_are_refused_in_what_things_are_known_by(text: str, field: str) -> None:
    assert code(text, field) == "text-has-look-alikes"


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_what_cannot_be_seen_is_refused_there_too(text: str) -> None:
    assert code(text, "tube_code") == "text-has-invisible-characters"


def test_the_person_is_told_which_character_it_is() -> None:
    problem = text_problem("B\u0425001", "name")
    assert problem is not None
    assert problem.values["characters"] == "\u0425 (CYRILLIC CAPITAL LETTER HA)"


def test_at_most_five_characters_are_named_each_once_and_one_without_a_name_by_its_number() -> None:
    problem = text_problem("\u0391\u0410\u0410\u0392\u0412\U00017000\u0415", "name")
    assert problem == Problem(
        "name",
        "text-has-look-alikes",
        {
            "characters": "\u0391 (GREEK CAPITAL LETTER ALPHA), \u0410 (CYRILLIC CAPITAL LETTER A), "
            "\u0392 (GREEK CAPITAL LETTER BETA), \u0412 (CYRILLIC CAPITAL LETTER VE), \U00017000 (17000)"
        },
    )


@pytest.mark.parametrize(
    "name",
    [
        "Freezer −80",
        "Box 9 × 9",
        "Renée ’t Hooft",
        "Işık Yıldız",
        "Nguyễn",
        "Łukasz",
        "50 µL",
        "β-cells",
        "O'Brien",
    ],
)
def test_names_of_a_dutch_hospital_are_names(name: str) -> None:
    assert code(name, "name") == ""


@pytest.mark.parametrize(
    "text", [*MARKUP, *SQL, *FORMULAS[:5], *DECOMPOSED, "👩‍🔬 漢字 شمال", "a\nb\tc"], ids=ascii
)
def test_a_note_may_say_anything_that_can_be_seen(text: str) -> None:
    assert code(text, "note") == ""


@pytest.mark.parametrize("text", ["\x9b2J", "\x85", "\x7f", "a\x00", "\r"], ids=ascii)
def test_a_note_commands_no_terminal(text: str) -> None:
    assert code(text, "note") == "text-has-control-characters"


@pytest.mark.parametrize("text", ["\u202e", "\u2066", "\u200f"], ids=ascii)
def test_a_note_does_not_turn_the_line_it_stands_in(text: str) -> None:
    assert code(text, "note") == "text-has-invisible-characters"


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("tube_code", 64),
        ("lab_numbers", 64),
        ("lab_number", 64),
        ("login", 32),
        ("name", 100),
        ("bench", 64),
        ("note", 4_000),
        ("value", 1_048_576),
    ],
)
def test_a_text_is_so_long_at_most(field: str, most: int) -> None:
    assert text_problem("x" * most, field) is None
    assert text_problem("x" * (most + 1), field) == Problem(field, "text-too-long", {"most": most})


def test_spaces_around_what_something_is_known_by_are_not_counted_up_to_the_length_of_a_note() -> None:
    assert code("x" * 64 + " ", "tube_code") == ""
    assert code(" " * 3_936 + "x" * 64, "tube_code") == ""
    assert code(" " * 3_937 + "x" * 64, "tube_code") == "text-too-long"
    assert MOST_CHARACTERS == 4_000


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("tube_code", "text-has-look-alikes"),
        ("login", "text-has-look-alikes"),
        ("lab_numbers", ""),
        ("lab_number", ""),
        ("name", ""),
        ("bench", ""),
        ("note", ""),
    ],
)
def test_a_tube_code_and_a_login_are_plain(field: str, expected: str) -> None:
    assert code("Ren\u00e9e", field) == expected


@pytest.mark.parametrize("field", ["tube_code", "lab_numbers", "lab_number", "login", "name", "bench"])
@pytest.mark.parametrize("hidden", ["\t", "\n", "\u200b", "\u0378", "\ue000", "\u2028", "\u2029"], ids=ascii)
def test_nothing_hides_in_what_something_is_known_by_but_it_may_in_a_note(field: str, hidden: str) -> None:
    assert text_problem(f"a{hidden}b", field) == Problem(field, "text-has-invisible-characters")
    assert text_problem(f"a{hidden}b", "note") is None


@pytest.mark.parametrize("number", [0xD800, 0xDFFF, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF], ids=hex)
@pytest.mark.parametrize("field", ["note", "name"])
def test_half_characters_are_no_text(number: int, field: str) -> None:
    assert text_problem(f"a{chr(number)}", field) == Problem(field, "text-not-unicode")


def test_what_something_is_known_by_has_one_spelling() -> None:
    assert identifier(" Zoe\u0308 \n") == "Zo\u00eb"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("lpd: no printer", "lpd: no printer"),
        (" a\n\tb \x1b[2J\u200bc\r\n", "a b [2J c"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 400),
        ("", ""),
    ],
    ids=range(5),
)
def test_what_another_program_said_is_one_line(text: str, line: str) -> None:
    assert printable(text) == line


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("note", "note"),
        ("lab_numbers[0][12]", "lab_numbers"),
        ("samples[3].tube_code", "tube_code"),
        ("donor.people[1].login[2]", "login"),
    ],
)
def test_the_name_of_a_field_is_the_last_in_its_path(field: str, name: str) -> None:
    assert field_name(field) == name


def test_spaces_without_end_are_too_long_as_well() -> None:
    assert code("1" + " " * 4_000, "note") == "text-too-long"
    assert code("1" + " " * 4_000, "tube_code") == "text-too-long"
    assert code(" HX1 ", "tube_code") == ""


@given(st.text(max_size=40))
def test_two_names_that_are_taken_and_look_alike_are_the_same(text: str) -> None:
    if not text_problem(text, "name"):
        other = unicodedata.normalize("NFD", text)
        assert text_problem(other, "name") is None
        assert identifier(other) == identifier(text)
