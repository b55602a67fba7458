"""Birthdays, local days and moments: the lab's calendar is Europe/Amsterdam, its clock is UTC."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LAB_ZONE = ZoneInfo("Europe/Amsterdam")


def turns(born_on: date, years: int) -> date:
    """The day on which somebody turns ``years``; born on 29 February, that is 1 March in other years.

    Dutch law counts the year as full only when the day of birth has passed (art. 1:233 BW with the general
    rule of terms), so the later of the two days is the safe one.
    """
    year = born_on.year + years
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def born_at_earliest(turns_on: date, years: int) -> date:
    """The earliest possible day of birth of somebody who ``turns`` that many years on that day."""
    year = turns_on.year - years
    if (turns_on.month, turns_on.day) == (3, 1) and not isleap(turns_on.year) and isleap(year):
        return date(year, 2, 29)
    return turns_on.replace(year=year)


def midnight(day: date, zone: ZoneInfo = LAB_ZONE) -> datetime:
    """The moment in UTC at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo = LAB_ZONE) -> date:
    """The local day of a moment with offset."""
    return moment.astimezone(zone).date()
