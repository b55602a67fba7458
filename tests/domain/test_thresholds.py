"""The birthdays ahead, with what the rules do on them."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta

from biobank_desktop.domain.consent_record import ConsentRecord
from biobank_desktop.domain.consent_rules import AgePolicy, ConsentRules
from biobank_desktop.domain.thresholds import Threshold, ahead, threshold
from biobank_desktop.resources import folder

RULES = ConsentRules.from_mapping(tomllib.loads((folder("consent") / "rules-nl-1.toml").read_text("utf-8")))
TWELVE, SIXTEEN, EIGHTEEN = date(2030, 5, 4), date(2034, 5, 4), date(2036, 5, 4)
EMMA = ConsentRecord(TWELVE, SIXTEEN, EIGHTEEN, None, 0, ())
GRACE = timedelta(days=183)


def test_the_grace_ends_so_many_days_later() -> None:
    assert threshold(16, SIXTEEN, AgePolicy("hold", 30)) == Threshold(
        16, SIXTEEN, "hold", SIXTEEN + timedelta(days=30)
    )


def test_the_next_birthday_comes_first() -> None:
    assert ahead(EMMA, RULES, date(2026, 11, 22)) == (
        Threshold(12, TWELVE, "recontact", TWELVE),
        Threshold(16, SIXTEEN, "hold", SIXTEEN + GRACE),
        Threshold(18, EIGHTEEN, "inform", EIGHTEEN),
    )


def test_a_birthday_is_ahead_until_it_has_come() -> None:
    assert [one.age for one in ahead(EMMA, RULES, TWELVE - timedelta(days=1))] == [12, 16, 18]
    assert [one.age for one in ahead(EMMA, RULES, TWELVE)] == [16, 18]
    assert ahead(EMMA, RULES, EIGHTEEN) == ()


def test_of_erased_ages_nothing_is_known() -> None:
    assert ahead(ConsentRecord(None, None, None, None, 0, ()), RULES, date(2026, 11, 22)) == ()
