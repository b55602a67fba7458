"""Releases: what consent is asked for follows from the recipient and the uses; all problems at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biobank_desktop.domain import releases
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.releases import ReleaseForm, check_release, number, purposes_of
from biobank_desktop.language import countries

FORM = ReleaseForm(
    study="PEG-asparaginase",
    recipient="Dr. Berg",
    institution="Karolinska",
    country="SE",
    recipient_kind="academic",
    bdac="BDAC-1",
    uses=("study",),
    transport="dry-ice",
)
COUNTRIES = countries("en")


def test_what_a_release_is_asked_about_is_named_as_the_protocol_names_it() -> None:
    assert releases.TRANSPORTS == ("by-hand", "ambient", "cooled", "dry-ice", "dry-shipper")
    assert releases.RECIPIENT_KINDS == ("own-institute", "academic", "company")
    assert releases.USES == ("study", "other-research", "data", "genetic", "animal", "cell-line")


@pytest.mark.parametrize(
    ("changes", "purposes"),
    [
        ({}, ("use-a2g", "share-eu")),
        ({"country": "NO"}, ("use-a2g", "share-eu")),
        ({"country": "NL"}, ("use-a2g", "share-eu")),
        ({"country": "GB"}, ("use-a2g", "share-outside-eu")),
        ({"country": "CH"}, ("use-a2g", "share-outside-eu")),
        ({"country": "NL", "recipient_kind": "own-institute"}, ("use-a2g",)),
        ({"recipient_kind": "company"}, ("use-a2g", "share-eu", "use-commercial")),
        (
            {"recipient_kind": "company", "country": "US"},
            ("use-a2g", "share-outside-eu", "use-commercial"),
        ),
        (
            {"uses": ("cell-line", "animal", "genetic", "data", "other-research", "study")},
            ("use-a2g", "use-other", "use-data", "use-genetic", "use-animal", "cell-line", "share-eu"),
        ),
    ],
)
def test_purposes_follow_from_what_was_agreed(changes: dict[str, object], purposes: tuple[str, ...]) -> None:
    assert purposes_of(replace(FORM, **changes)) == purposes  # type: ignore[arg-type]


def test_the_economic_area_is_that_of_2026() -> None:
    assert len(releases.EEA) == 30
    assert COUNTRIES.keys() >= releases.EEA
    assert releases.EEA.isdisjoint({"GB", "CH", "TR", "UA", "RS"})


def test_a_right_form_has_no_problem() -> None:
    assert check_release(FORM, COUNTRIES) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"study": " "}, Problem("study", "answer-missing")),
        ({"recipient": ""}, Problem("recipient", "answer-missing")),
        ({"institution": "\t"}, Problem("institution", "answer-missing")),
        ({"bdac": ""}, Problem("bdac", "answer-missing")),
        ({"country": "XX"}, Problem("country", "country-unknown", {"country": "XX"})),
        (
            {"recipient_kind": "friend"},
            Problem(
                "recipient_kind", "not-a-choice", {"value": "friend", "choices": releases.RECIPIENT_KINDS}
            ),
        ),
        (
            {"transport": "pigeon"},
            Problem("transport", "not-a-choice", {"value": "pigeon", "choices": releases.TRANSPORTS}),
        ),
        (
            {"uses": ("study", "sale")},
            Problem("uses", "not-a-choice", {"value": "sale", "choices": releases.USES}),
        ),
        ({"uses": ()}, Problem("uses", "release-for-nothing")),
        ({"uses": ("genetic",)}, Problem("uses", "release-for-nothing")),
        ({"recipient_kind": "own-institute"}, Problem("country", "own-institute-abroad")),
    ],
)
def test_each_thing_that_is_wrong_is_named(changes: dict[str, object], problem: Problem) -> None:
    assert check_release(replace(FORM, **changes), COUNTRIES) == [problem]  # type: ignore[arg-type]


def test_other_research_is_a_reason_too() -> None:
    assert check_release(replace(FORM, uses=("other-research",)), COUNTRIES) == []
    own = replace(FORM, recipient_kind="own-institute", country="NL")
    assert check_release(own, COUNTRIES) == []


def test_numbers_of_releases() -> None:
    assert number(7, 2026) == "R-2026-0007"
    assert number(12345, 2027) == "R-2027-12345"


def test_countries_are_named_in_the_language_that_is_asked() -> None:
    assert countries("nl")["DE"] == "Duitsland"
    assert countries("en")["DE"] == "Germany"
    assert {"EU", "UN", "ZZ"}.isdisjoint(COUNTRIES)
    assert list(COUNTRIES.values()) == sorted(COUNTRIES.values(), key=str.casefold)
