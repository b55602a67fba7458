"""A study protocol as the bench uses it: time points, windows, phases and aliquot plans, all data.

Protocol days: day 1 is the first day of induction; the day before it is day 0. They are known only once
day 1 is, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from biobank_desktop.domain.amounts import MOST_CELLS, MOST_UL
from biobank_desktop.domain.materials import DERIVATIONS, known, material
from biobank_desktop.domain.problems import Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

_Row = TypeVar("_Row")

_MOST_CHARACTERS = 500
_MOST_DAYS = 36_500
"""A century: more is a slip, and no calendar reaches it."""
_MOST_VIALS = 50
_MOST_YEARS = 120


@dataclass(frozen=True)
class TimePoint:
    """A planned moment of sampling; ``day`` None has no nominal day, and so no window."""

    code: str
    label: str
    day: int | None
    days_before: int
    days_after: int
    repeatable: bool
    expects: tuple[str, ...]


@dataclass(frozen=True)
class PlannedVials:
    """Equal vials planned together: ``volume_ul`` each, or ``cells`` each, the other is None."""

    material: str
    count: int
    volume_ul: int | None = None
    cells: int | None = None
    medium: str = ""


@dataclass(frozen=True)
class AliquotPlan:
    """What is made of a material; ``time_point`` None is the plan for every other time point."""

    material: str
    time_point: str | None
    vials: tuple[PlannedVials, ...]


@dataclass(frozen=True)
class Phase:
    """A phase of treatment, both days included."""

    code: str
    label: str
    first_day: int
    last_day: int


@dataclass(frozen=True)
class Protocol:
    """One version of one protocol."""

    id: str
    version: str
    name: str
    age_limit_years: int
    source: str
    phases: tuple[Phase, ...]
    time_points: tuple[TimePoint, ...]
    plans: tuple[AliquotPlan, ...]

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Protocol:
        """The protocol in a parsed TOML file. Raises ``Rejected`` with every problem, each at its path."""
        return _Reader().protocol(mapping)

    def time_point(self, code: str) -> TimePoint | None:
        """The time point of a code, or None."""
        return next((point for point in self.time_points if point.code == code), None)

    def plan(self, material_code: str, time_point: str) -> tuple[PlannedVials, ...]:
        """The vials proposed for a material at a time point; none when the protocol has no plan."""
        plans = {plan.time_point: plan.vials for plan in self.plans if plan.material == material_code}
        return plans.get(time_point, plans.get(None, ()))

    def phase(self, day: int) -> Phase | None:
        """The phase of a protocol day, or None outside all of them."""
        return next((phase for phase in self.phases if phase.first_day <= day <= phase.last_day), None)


def protocol_day(day1_on: date | None, on: date) -> int | None:
    """The protocol day of a date: 1 on the first day of induction, 0 and less before it; None unknown."""
    return None if day1_on is None else (on - day1_on).days + 1


def window(point: TimePoint) -> tuple[int, int] | None:
    """First and last protocol day of a time point, or None when it has no nominal day."""
    if point.day is None:
        return None
    return point.day - point.days_before, point.day + point.days_after


def proposed_time_point(
    protocol: Protocol, day1_on: date | None, drawn_on: date | None, taken: Collection[str]
) -> TimePoint | None:
    """The time point a tube most likely belongs to, or None when that would be a guess.

    Before day 1 is known, a donor without any time point is at the first one (diagnosis). Otherwise the
    point not yet ``taken`` whose window holds the day drawn, the nearest nominal day first.
    """
    if day1_on is None or drawn_on is None:
        return None if taken else protocol.time_points[0]
    free = [point for point in protocol.time_points if point.repeatable or point.code not in taken]
    day = (drawn_on - day1_on).days + 1
    near = [
        (abs(day - point.day), point.day, point)
        for point in free
        if point.day is not None and -point.days_before <= day - point.day <= point.days_after
    ]
    return min(near, key=lambda entry: entry[:2])[2] if near else None


def window_problem(point: TimePoint, day1_on: date | None, drawn_on: date | None) -> Problem | None:
    """A warning when the day drawn lies outside the time point's window; None when in it or not known."""
    days = window(point)
    if days is None or day1_on is None or drawn_on is None:
        return None
    day = (drawn_on - day1_on).days + 1
    if days[0] <= day <= days[1]:
        return None
    values = {"time_point": point.code, "day": day, "first": days[0], "last": days[1]}
    return Problem("time_point", "outside-window", values, warning=True)


_KEYS = frozenset({"id", "version", "name", "age_limit_years", "source", "phase", "time_point", "plan"})
_PHASE_KEYS = frozenset({"code", "label", "first_day", "last_day"})
_POINT_KEYS = frozenset({"code", "label", "day", "before", "after", "repeatable", "expects"})
_PLAN_KEYS = frozenset({"material", "time_point", "vials"})
_VIALS_KEYS = frozenset({"material", "count", "volume_ul", "cells", "medium"})


class _Reader:
    """Reads one file and collects every problem with the path of its entry."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def protocol(self, mapping: Mapping[str, object]) -> Protocol:
        self.only(mapping, "", _KEYS)
        protocol = Protocol(
            id=self.text(mapping, "id"),
            version=self.text(mapping, "version"),
            name=self.text(mapping, "name"),
            age_limit_years=self.required(mapping, "age_limit_years", least=1, most=_MOST_YEARS),
            source=self.text(mapping, "source"),
            phases=self.tables(mapping, "phase", self.phase),
            time_points=self.tables(mapping, "time_point", self.point),
            plans=self.tables(mapping, "plan", self.plan),
        )
        if not protocol.time_points:
            self.wrong("time_point", "protocol-entry-missing")
        self.check_unique("time_point", [point.code for point in protocol.time_points])
        self.check_unique("phase", [phase.code for phase in protocol.phases])
        self.check_unique(
            "plan", [f"{plan.material} {plan.time_point or ''}".strip() for plan in protocol.plans]
        )
        self.check_plans(protocol)
        if self.problems:
            raise Rejected(*self.problems)
        return protocol

    def phase(self, table: Mapping[str, object], path: str) -> Phase:
        self.only(table, path, _PHASE_KEYS)
        first = self.required(table, "first_day", path)
        last = self.required(table, "last_day", path)
        if last < first:
            self.wrong(f"{path}last_day", "protocol-phase-backwards")
        return Phase(self.text(table, "code", path), self.text(table, "label", path), first, last)

    def point(self, table: Mapping[str, object], path: str) -> TimePoint:
        self.only(table, path, _POINT_KEYS)
        return TimePoint(
            code=self.text(table, "code", path),
            label=self.text(table, "label", path),
            day=self.whole(table, "day", path),
            days_before=self.whole(table, "before", path, least=0) or 0,
            days_after=self.whole(table, "after", path, least=0) or 0,
            repeatable=self.yes_no(table, "repeatable", path),
            expects=self.materials(table, "expects", path),
        )

    def plan(self, table: Mapping[str, object], path: str) -> AliquotPlan:
        self.only(table, path, _PLAN_KEYS)
        point = self.text(table, "time_point", path) if "time_point" in table else None
        return AliquotPlan(
            self.text(table, "material", path), point, self.tables(table, "vials", self.vials, path)
        )

    def vials(self, table: Mapping[str, object], path: str) -> PlannedVials:
        self.only(table, path, _VIALS_KEYS)
        vials = PlannedVials(
            material=self.text(table, "material", path),
            count=self.required(table, "count", path, least=1, most=_MOST_VIALS),
            volume_ul=self.whole(table, "volume_ul", path, least=1, most=MOST_UL),
            cells=self.whole(table, "cells", path, least=1, most=MOST_CELLS),
            medium=self.text(table, "medium", path) if "medium" in table else "",
        )
        if known(vials.material):
            counted_in = material(vials.material).counted_in
            right, other = (
                (vials.volume_ul, vials.cells) if counted_in == "ul" else (vials.cells, vials.volume_ul)
            )
            if right is None or other is not None:
                self.wrong(
                    path.removesuffix("."),
                    "protocol-amount-unit",
                    unit="µL" if counted_in == "ul" else "cells",
                )
        return vials

    def check_plans(self, protocol: Protocol) -> None:
        """Plans name materials and time points that exist, and make only what may be made."""
        for index, plan in enumerate(protocol.plans):
            path = f"plan[{index}]"
            if plan.time_point is not None and protocol.time_point(plan.time_point) is None:
                self.wrong(f"{path}.time_point", "protocol-unknown-time-point", time_point=plan.time_point)
            for number, vials in enumerate(plan.vials):
                if (plan.material, vials.material) not in DERIVATIONS:
                    values = {"parent": plan.material, "child": vials.material}
                    self.wrong(f"{path}.vials[{number}].material", "not-derivable", **values)

    def check_unique(self, path: str, names: list[str]) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong(path, "protocol-entry-twice", name=name)

    def materials(self, table: Mapping[str, object], name: str, path: str) -> tuple[str, ...]:
        codes = table.get(name)
        if not isinstance(codes, list):
            self.wrong(f"{path}{name}", "protocol-entry-missing")
            codes = []
        for code in codes:
            if not isinstance(code, str) or not known(code):
                self.wrong(f"{path}{name}", "unknown-material", material=code)
        return tuple(codes)

    def tables(
        self,
        mapping: Mapping[str, object],
        name: str,
        read: Callable[[Mapping[str, object], str], _Row],
        path: str = "",
    ) -> tuple[_Row, ...]:
        """Every table of a list, read with the path of its entry."""
        value = mapping.get(name)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.wrong(f"{path}{name}", "protocol-entry-missing")
            return ()
        return tuple(read(entry, f"{path}{name}[{index}].") for index, entry in enumerate(value))

    def only(self, table: Mapping[str, object], path: str, known_keys: Collection[str]) -> None:
        """Complain about every entry that nobody will read: a slip in a name would pass for its absence."""
        for name in sorted(table.keys() - known_keys):
            self.wrong(f"{path}{name}", "protocol-entry-unknown")

    def yes_no(self, table: Mapping[str, object], name: str, path: str) -> bool:
        value = table.get(name, False)
        if not isinstance(value, bool):
            self.wrong(f"{path}{name}", "protocol-entry-not-true-or-false")
        return value is True

    def text(self, mapping: Mapping[str, object], name: str, path: str = "") -> str:
        """A line of printable text."""
        value = mapping.get(name)
        if (
            isinstance(value, str)
            and value.strip()
            and value.isprintable()
            and len(value) <= _MOST_CHARACTERS
        ):
            return value
        self.wrong(f"{path}{name}", "protocol-entry-missing")
        return ""

    def required(
        self,
        mapping: Mapping[str, object],
        name: str,
        path: str = "",
        *,
        least: int = -_MOST_DAYS,
        most: int = _MOST_DAYS,
    ) -> int:
        if name not in mapping:
            self.wrong(f"{path}{name}", "protocol-entry-missing")
        return self.whole(mapping, name, path, least=least, most=most) or 0

    def whole(
        self,
        mapping: Mapping[str, object],
        name: str,
        path: str,
        *,
        least: int = -_MOST_DAYS,
        most: int = _MOST_DAYS,
    ) -> int | None:
        """A whole number from ``least`` to ``most``; None when the entry is absent."""
        value = mapping.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(f"{path}{name}", "protocol-entry-not-a-number")
            return None
        return value

    def wrong(self, path: str, code: str, **values: object) -> None:
        self.problems.append(Problem(path, code, {"path": path, **values}))
