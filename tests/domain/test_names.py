"""However a name is written, it is found; and what a text may mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.identity import tells
from biobank_desktop.domain.names import folded, hospital_number_form, surname_forms, wanted


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("van der Berg", "Berg"),
        ("Berg", "van der Berg"),
        ("Berg", "v.d. Berg"),
        ("Berg", "Emma van der Berg"),
        ("van den Berg", "BERG, Emma van den"),
        ("Müller", "muller"),
        ("Muller", "MÜLLER"),
        ("Mu\u0308ller", "Müller"),
        ("Dijkstra", "Dykstra"),
        ("D\u0133kstra", "Dijkstra"),
        ("Jansen-de Vries", "Jansen de Vries"),
        ("Jansen-de Vries", "Vries-Jansen"),
        ("Jansen - de Vries", "de Vries"),
        ("Jansen de Vries", "Jansen–de Vries"),
        ("Yılmaz", "yilmaz"),
        ("Łukasz", "lukasz"),
        ("Strauß", "Strauss"),
        ("Sørensen", "Sorensen"),
        ("'t Hart", "Hart"),
        ("in ’t Veld", "In 't Veld"),
        ("d'Angelo", "D’Angelo"),
        ("O'Brien", "OBrien"),
        ("O'Brien", "O’Brien"),
        ("de la", "De La"),
        ("El-Haddad", "el haddad"),
        ("García López", "Lopez"),
    ],
)
def test_a_surname_is_found_however_it_is_written(kept: str, typed: str) -> None:
    assert wanted(typed).surnames & surname_forms(kept)


@pytest.mark.parametrize(
    ("kept", "typed"),
    [("van der Berg", "van der Burg"), ("Jansen", "Janssen"), ("van Dijk", "van der"), ("Vos", "Emma Vis")],
)
def test_another_surname_is_not(kept: str, typed: str) -> None:
    assert not wanted(typed).surnames & surname_forms(kept)


@pytest.mark.parametrize(
    "typed", ["2018-05-04", "4-5-2018", "04-05-2018", "4/5/2018", "04.05.2018", "20180504", "Vos 4-5-2018"]
)
def test_a_day_of_birth_is_understood(typed: str) -> None:
    assert wanted(typed).born_on == date(2018, 5, 4)


def test_what_is_no_day_is_none() -> None:
    assert wanted("31-2-2018").born_on is None
    assert wanted("1234567890").born_on is None
    assert wanted("1234567890").surnames == frozenset()


def test_a_hospital_number_is_compared_without_its_signs() -> None:
    assert hospital_number_form(" 0712.345-6") == wanted("07123456").hospital_number == "07123456"
    assert hospital_number_form("7123456") != hospital_number_form("07123456")


@given(st.text())
def test_any_text_is_folded_once_and_for_all(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert isinstance(wanted(text).surnames, frozenset)


TEXTS = {"surname": "Vos", "born_on": "2018-05-04", "hospital_number": "0712345"}


@pytest.mark.parametrize(
    "why",
    ["phone call about Vos", "child VÓS", "born 4-5-2018", "hospital number 0712345", "nr. 07.12.345 asked"],
)
def test_a_reason_that_names_the_donor_is_seen(why: str) -> None:
    assert tells(why, TEXTS)


@pytest.mark.parametrize("why", ["letter at sixteen", "wrong tube, asked the ward", "3-5-2018", "0712"])
def test_a_reason_that_names_nobody_is_taken(why: str) -> None:
    assert not tells(why, TEXTS)


@pytest.mark.parametrize(
    ("surname", "forms"),
    [
        ("van der Berg", {"berg"}),
        ("Jansen de Vries", {"jansenvries", "jansen", "vries"}),
        ("de la", {"dela"}),
        ("O'Brien", {"obrien", "brien"}),
        ("Li-Vos", {"livos", "li", "vos"}),
        ("", set()),
    ],
)
def test_the_normal_forms_of_a_surname(surname: str, forms: set[str]) -> None:
    assert surname_forms(surname) == forms


def test_digits_alone_are_no_surname_and_beside_a_name_they_are_none_either() -> None:
    assert wanted("12345").surnames == frozenset()
    assert wanted("Vos 3").surnames == {"vos3"}


@pytest.mark.parametrize("typed", ["Vos 4-5-2018", "4-5-2018 Vos", "2018-05-04, Vos"])
def test_a_birthday_beside_a_surname_leaves_the_surname(typed: str) -> None:
    found = wanted(typed)
    assert found.born_on == date(2018, 5, 4)
    assert found.surnames <= {"vos"}


def test_nothing_of_the_text_around_a_birthday_is_lost() -> None:
    assert wanted("van der Vos 4-5-2018").surnames == {"vos"}
    assert wanted("4-5-2018 Vos").surnames == {"vos"}


@pytest.mark.parametrize("word", ["aan", "van", "zur"])
def test_a_small_word_before_a_surname_is_not_part_of_it(word: str) -> None:
    assert surname_forms(f"{word} Vos") == {"vos"}
