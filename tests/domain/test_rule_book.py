"""Which set of rules counts on which day, by what was known when."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.consent_rules import ConsentRules
from biobank_desktop.domain.rule_book import RuleBook, RuleSet
from biobank_desktop.resources import folder

SHIPPED = ConsentRules.from_mapping(tomllib.loads((folder("consent") / "rules-nl-1.toml").read_text("utf-8")))
MARCH, MAY, JUNE = date(2027, 3, 1), date(2027, 5, 1), date(2027, 6, 1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def book(*entered: tuple[date, date]) -> RuleBook:
    """The shipped rules and those with (first day, day of entry), named 1, 2, ..."""
    sets = (
        RuleSet(replace(SHIPPED, version=str(no)), valid_from, noon(known))
        for no, (valid_from, known) in enumerate(entered, 1)
    )
    return RuleBook((RuleSet(SHIPPED), *sets))


def test_until_a_lab_has_entered_rules_the_shipped_ones_count() -> None:
    assert book().on(date(1999, 1, 1)) is SHIPPED
    assert book().next_change(MARCH) is None


def test_rules_count_from_their_first_day() -> None:
    asked = book((MAY, MARCH))
    assert asked.on(MAY - timedelta(days=1)) is SHIPPED
    assert asked.on(MAY).version == "1"
    assert asked.next_change(MARCH) == MAY
    assert asked.next_change(MAY) is None


def test_what_was_not_known_yet_does_not_count() -> None:
    asked = book((MARCH, MARCH))
    assert asked.on(JUNE, noon(MARCH) - timedelta(seconds=1)) is SHIPPED
    assert asked.on(JUNE, noon(MARCH)).version == "1"


def test_the_last_one_entered_takes_the_place_of_all_that_were_to_begin_later() -> None:
    asked = book((JUNE, MARCH), (MAY, MARCH))
    assert [asked.on(day).version for day in (MARCH, MAY, JUNE)] == ["nl-1", "2", "2"]
    assert asked.next_change(MARCH) == MAY
    assert asked.next_change(MAY) is None


def test_a_set_may_be_replaced_on_its_first_day() -> None:
    assert book((MAY, MARCH), (MAY, MAY)).on(MAY).version == "2"
    assert book((MAY, MARCH), (MAY, MAY)).on(MAY, noon(MARCH)).version == "1"


def test_every_item_that_some_set_asks_about() -> None:
    purposes = {**SHIPPED.purposes, "use-data": replace(SHIPPED.purposes["use-data"], items=("REGISTRY",))}
    other = RuleSet(replace(SHIPPED, version="2", purposes=purposes), MAY, noon(MARCH))
    asked = RuleBook((RuleSet(SHIPPED), other))
    assert asked.items == (*SHIPPED.items, "REGISTRY")
    assert SHIPPED.items[:3] == ("STORE", "EXTRA", "USE_A2G")
    assert RuleSet(SHIPPED) == RuleSet(SHIPPED, None, None, "", "", "")


def test_a_version_is_found_by_its_name() -> None:
    assert book((MAY, MARCH)).version("nl-1") is SHIPPED
    assert book((MAY, MARCH)).version("1") == replace(SHIPPED, version="1")
    assert book().version("1") is None


days = st.dates(date(2027, 1, 1), date(2027, 1, 20))


@given(st.lists(st.tuples(days, days), max_size=6), days)
def test_the_next_change_is_the_first_day_with_other_rules(
    entered: list[tuple[date, date]], day: date
) -> None:
    asked = book(*entered)
    later = (day + timedelta(days=ahead) for ahead in range(1, 40))
    assert asked.next_change(day) == next((on for on in later if asked.on(on) is not asked.on(day)), None)
