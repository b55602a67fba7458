"""Texts at the border: what hides or looks like another is refused, everything else is taken as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import identifier, text_problem
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
