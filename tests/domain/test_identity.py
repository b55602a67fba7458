"""Who a donor is: what may be wrong with it, what is looked for, which reasons would give it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from biobank_desktop.domain.dates import turns
from biobank_desktop.domain.identity import (
    COLUMNS,
    PASSPHRASE_LENGTH,
    IdentityForm,
    as_texts,
    check_identity,
    check_passphrase,
    sought,
    tells,
)
from biobank_desktop.domain.intake import ABSENT
from biobank_desktop.domain.names import folded, wanted
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import text_problem

BORN = date(2018, 5, 4)
AGES = {age: turns(BORN, age) for age in (12, 16, 18)}
EMMA = IdentityForm("PD26000010", "Berg", BORN, "0712.345-A", "van der", " Emma ", "Noor Müller")


def wrong(form: IdentityForm, ages: dict[int, Any] | None = None) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in check_identity(form, ages or AGES)]


def test_what_nobody_says_is_empty() -> None:
    least = IdentityForm("PD26000010", "Berg", BORN, None)
    assert (least.surname_prefix, least.given_names) == ("", "")
    assert (least.mother_name, least.father_name, least.guardian_name) == ("", "", "")
    assert EMMA.surname not in repr(EMMA)


def test_a_whole_identity_is_right() -> None:
    assert check_identity(EMMA, AGES) == []
    assert wrong(replace(EMMA, hospital_number=None)) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"surname": ""}, ("surname", "surname-missing")),
        ({"surname": "-"}, ("surname", "surname-missing")),
        ({"hospital_number": ABSENT}, ("hospital_number", "answer-missing")),
        ({"hospital_number": "./-"}, ("hospital_number", "hospital-number-empty")),
        ({"born_on": ABSENT}, ("born_on", "answer-missing")),
        ({"born_on": date(2018, 5, 5)}, ("born_on", "birthday-disagrees")),
    ],
)
def test_each_wrong_answer_stands_beside_its_field(changes: dict[str, Any], problem: tuple[str, str]) -> None:
    assert wrong(replace(EMMA, **changes)) == [problem]


def test_everything_wrong_is_said_at_once() -> None:
    form = replace(EMMA, surname="", hospital_number=ABSENT, born_on=ABSENT)
    assert wrong(form) == [
        ("surname", "surname-missing"),
        ("hospital_number", "answer-missing"),
        ("born_on", "answer-missing"),
    ]


def test_one_day_that_disagrees_is_enough() -> None:
    for age in AGES:
        assert wrong(EMMA, {**AGES, age: date(2050, 1, 1)}) == [("born_on", "birthday-disagrees")]


def test_a_donor_whose_ages_are_erased_has_no_identity_any_more() -> None:
    assert wrong(EMMA, dict.fromkeys(AGES)) == [("donor", "identity-was-erased")]
    assert wrong(replace(EMMA, born_on=ABSENT), {**AGES, 18: None}) == [("donor", "identity-was-erased")]


def test_only_the_length_of_a_passphrase_is_asked() -> None:
    short = [Problem("passphrase", "passphrase-short", {"length": 15})]
    assert PASSPHRASE_LENGTH == 15
    assert check_passphrase("x" * 14) == short
    assert check_passphrase("") == short
    assert check_passphrase("x" * 15) == []


def test_what_is_not_known_is_not_kept() -> None:
    assert as_texts(EMMA) == {
        "surname": "Berg",
        "hospital_number": "0712.345-A",
        "surname_prefix": "van der",
        "given_names": "Emma",
        "mother_name": "Noor Müller",
        "born_on": "2018-05-04",
    }
    assert "hospital_number" not in as_texts(replace(EMMA, hospital_number=None))
    assert set(COLUMNS) >= as_texts(EMMA).keys()
    assert "donor" not in COLUMNS


def test_it_is_found_by_surname_birthday_and_hospital_number() -> None:
    assert sought(as_texts(EMMA)) == {
        ("surname", "berg"),
        ("born-on", "2018-05-04"),
        ("hospital-number", "0712345a"),
    }
    assert sought(as_texts(replace(EMMA, hospital_number=None, surname="Vos-Berg"))) == {
        ("surname", "vosberg"),
        ("surname", "vos"),
        ("surname", "berg"),
        ("born-on", "2018-05-04"),
    }


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("call from Mrs Berg", True),
        ("asked for the child of 4-5-2018", True),
        ("number 0712.345-A", True),
        ("letter at twelve", False),
        ("call of 5-5-2018", False),
        ("number 0712", False),
    ],
)
def test_a_reason_that_names_the_donor_is_seen(reason: str, told: bool) -> None:
    assert tells(reason, as_texts(EMMA)) is told


def test_a_short_hospital_number_stands_in_many_a_sentence() -> None:
    texts = as_texts(replace(EMMA, hospital_number="123"))
    assert not tells("box 123", texts)
    assert tells("box 1234", texts | {"hospital_number": "1234"})
    assert not tells("box 1234", as_texts(replace(EMMA, hospital_number=None)))


def test_letters_that_unicode_does_not_take_apart() -> None:
    assert folded("øæœłđðþıŋß") == "oaeoelddthinss"


def test_a_text_of_signs_means_no_surname() -> None:
    assert wanted("--").surnames == frozenset()
    assert wanted("'").hospital_number == ""


@pytest.mark.parametrize(
    ("field", "most"),
    [
        *((name, 100) for name in ("surname", "surname_prefix", "given_names")),
        *((name, 100) for name in ("mother_name", "father_name", "guardian_name")),
        ("hospital_number", 64),
    ],
)
def test_how_long_a_name_may_be(field: str, most: int) -> None:
    assert text_problem("x" * most, field) is None
    assert text_problem("x" * (most + 1), field) == Problem(field, "text-too-long", {"most": most})
    hidden = text_problem("a\u200bb", field)
    assert hidden is not None
    assert hidden.code == "text-has-invisible-characters"
