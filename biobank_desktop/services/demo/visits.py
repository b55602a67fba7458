"""When the donors of the demonstration lab came, and what was drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.services.demo.bench import Visit

if TYPE_CHECKING:
    from random import Random

    from biobank_desktop.services.demo.bench import Stage
    from biobank_desktop.services.demo.cast import Role

# (protocol day, time point, materials): what this lab gets of what the protocol expects.
_PLAN: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, "DX", ("BMA", "BLD", "CSF")),
    (15, "D15", ("BMA", "CSF")),
    (29, "TP1", ("BMA", "PL1")),
    (44, "ASP7", ("SER",)),
    (71, "TP2", ("BMA", "CSF")),
    (110, "REM", ("BLD",)),
    (160, "DI", ("CSF",)),
)
_RELAPSE_DAY = 300
_COMES = 0.62
"""How many of the expected tubes leave something for the biobank after diagnostics."""


def visits(role: Role, donor: str, day1_on: date, now: datetime, random: Random) -> list[Visit]:
    """The tubes of a donor up to now, the oldest first; those of the last days are still being worked on."""
    today = now.astimezone(LAB_ZONE).date()
    planned = list(_PLAN)
    if role.days_ago > _RELAPSE_DAY and role.age % 5 == 0:
        planned.append((_RELAPSE_DAY, "REL", ("BMA", "BLD")))
    if role.role == "sibling-donor":
        planned = [(1, "UNSCH", ("BLD",))]
    found = []
    for day, time_point, materials in planned:
        on = day1_on + timedelta(days=day - 1 + random.randint(-1, 1))
        if on > today - timedelta(days=2):
            break
        drawn_at = _in_the_morning(on, random)
        stage = _stage((today - on).days)
        came = [one for one in materials if time_point == "DX" or random.random() < _COMES]
        found += [Visit(donor, material, time_point, drawn_at, stage) for material in came]
    return found


def _stage(days_ago: int) -> Stage:
    return "filled" if days_ago < 4 else "stored"


def _in_the_morning(on: date, random: Random) -> datetime:
    """A moment between half past eight and eleven on the lab's clock."""
    local = datetime.combine(on, time(8, 30), LAB_ZONE) + timedelta(minutes=random.randint(0, 150))
    return local.astimezone(UTC)
