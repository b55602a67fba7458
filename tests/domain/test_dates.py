from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.dates import born_at_earliest, local_day, midnight, turns


@pytest.mark.parametrize(
    ("born_on", "years", "day"),
    [
        (date(2014, 11, 22), 12, date(2026, 11, 22)),
        (date(2012, 2, 29), 12, date(2024, 2, 29)),
        (date(2012, 2, 29), 16, date(2028, 2, 29)),
        (date(2012, 2, 29), 18, date(2030, 3, 1)),
    ],
)
def test_turns(born_on: date, years: int, day: date) -> None:
    assert turns(born_on, years) == day


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 99))
def test_the_day_of_birth_is_never_before_the_earliest_possible_one(born_on: date, years: int) -> None:
    earliest = born_at_earliest(turns(born_on, years), years)
    assert timedelta(0) <= born_on - earliest <= timedelta(days=1)
    assert turns(earliest, years) == turns(born_on, years)


@pytest.mark.parametrize(
    ("turns_on", "years", "born_on"),
    [
        (date(2026, 3, 1), 18, date(2008, 2, 29)),
        (date(2026, 3, 1), 17, date(2009, 3, 1)),
        (date(2024, 3, 1), 12, date(2012, 3, 1)),
        (date(2024, 2, 29), 12, date(2012, 2, 29)),
    ],
)
def test_birthdays_around_a_leap_day(turns_on: date, years: int, born_on: date) -> None:
    assert born_at_earliest(turns_on, years) == born_on


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2026, 11, 22), datetime(2026, 11, 21, 23, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_midnight_in_amsterdam(day: date, moment: datetime) -> None:
    assert midnight(day) == moment
    assert local_day(moment) == day
    assert local_day(moment - timedelta(microseconds=1)) == day - timedelta(days=1)
