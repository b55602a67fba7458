"""What a receipt and a donor's registration must hold, and what is implausible in them, all at once.

Unknown is an answer (None, "unknown", XXX); an answer not given is ``ABSENT`` and a problem. A form with
absent answers can be checked at any time: what is there is checked, what is not is named.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import born_at_earliest, local_day, turns
from biobank_desktop.domain.materials import DERIVATIONS, known, material
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.protocols import PlannedVials, Protocol, window_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Temperature = Literal["room", "2-10", "frozen", "unknown"]
Acceptance = Literal["accepted", "accepted-with-deviation", "rejected"]
Origin = Literal["residual", "extra-tube", "extra-procedure"]
Sex = Literal["male", "female", "unknown", "undifferentiated"]
DonorRole = Literal["patient", "sibling-donor"]

TEMPERATURES: tuple[str, ...] = get_args(Temperature)
ACCEPTANCES: tuple[str, ...] = get_args(Acceptance)
ORIGINS: tuple[str, ...] = get_args(Origin)
SEXES: tuple[str, ...] = get_args(Sex)
DONOR_ROLES: tuple[str, ...] = get_args(DonorRole)
CONDITIONS: tuple[str, ...] = (
    "clot", "haemolysed", "lipaemic", "leak", "underfilled", "wrong-tube", "expired", "bloody", "other",
)  # fmt: skip
"""What inspection may find; an empty tuple on the form says that none was seen."""

CLOCK_SLACK = timedelta(minutes=5)
"""How far two clocks in one hospital may differ before a moment counts as future."""
LARGE_UL, ABSURD_UL = 50_000, 500_000
_LARGE_OF = {"CSF": 10_000}  # a child's whole puncture is 1-3 mL
_LONG_UNDERWAY = timedelta(days=7)
_MOST_VIALS = 50


class _Absent:
    """Stands for an answer that was not given."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final[Any] = _Absent()

_Answers = Any
"""A form in which any answer may be None."""


@dataclass(frozen=True)
class ReceiptForm:
    """A tube as received. None is "unknown" (``drawn_at``, ``volume_ul``) or "not yet" (``released_at``)."""

    tube_code: str = ABSENT
    donor: str = ABSENT
    material: str = ABSENT
    container: str = ABSENT
    time_point: str = ABSENT
    drawn_at: datetime | None = ABSENT
    received_at: datetime = ABSENT
    volume_ul: int | None = ABSENT
    temperature: str = ABSENT
    conditions: tuple[str, ...] = ABSENT
    acceptance: str = ABSENT
    origin: str = ABSENT
    pull_number: int | None = None
    released_at: datetime | None = ABSENT
    released_by: str = ""
    note: str = ""
    plan: tuple[PlannedVials, ...] = ()


@dataclass(frozen=True)
class DonorForm:
    """A donor as registered; ``day1_on`` None is "not known yet". ``lab_numbers``: (issuer, value)."""

    sex: str = ABSENT
    born_on: date = ABSENT
    day1_on: date | None = ABSENT
    role: str = ABSENT
    lab_numbers: tuple[tuple[str, str], ...] = ()
    protocol: str = ABSENT


@dataclass(frozen=True)
class EarlierReceipt:
    """The receipt a tube code already has."""

    code: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ReceiptFacts:
    """What is known already: the donor, the protocol, what the donor has, whether the tube came before.

    ``taken`` are the (time point, material) pairs the donor has; ``containers`` the SPREC codes; ``carrier``
    is a vial that carries the tube's code, "" as it should be.
    """

    protocol: Protocol
    containers: frozenset[str]
    turns_12_on: date | None = None
    role: str = "patient"
    day1_on: date | None = None
    taken: frozenset[tuple[str, str]] = frozenset()
    earlier: EarlierReceipt | None = None
    carrier: str = ""


def check_receipt(form: ReceiptForm, facts: ReceiptFacts, now: datetime) -> tuple[Problem, ...]:
    """Everything wrong or implausible in a receipt, in the order of its fields."""
    problems = [*_absent(form, may_be_unknown={"drawn_at", "volume_ul", "released_at", "pull_number"})]
    answers = _answers(form)
    for check in (_tube, _choices, _moments, _time_point, _amount, _inspection, _release, _plan):
        problems += check(answers, facts, now)
    order = [field.name for field in dataclasses.fields(form)]
    return tuple(sorted(problems, key=lambda problem: order.index(problem.field)))


def check_donor(form: DonorForm, protocol: Protocol, today: date) -> tuple[Problem, ...]:
    """Everything wrong or implausible in a donor's registration."""
    problems = [*_absent(form, may_be_unknown={"day1_on"})]
    answers = _answers(form)
    problems += _unlisted("sex", answers.sex, SEXES)
    problems += _unlisted("role", answers.role, DONOR_ROLES)
    problems += _birth(answers, protocol, today)
    numbers = [(issuer.strip(), value.strip()) for issuer, value in answers.lab_numbers or ()]
    if any(not issuer or not value for issuer, value in numbers):
        problems.append(Problem("lab_numbers", "lab-number-incomplete"))
    if len(set(numbers)) < len(numbers):
        problems.append(Problem("lab_numbers", "lab-number-twice"))
    return tuple(problems)


def agrees(
    turns_12_on: date | None, known_sex: str, known_numbers: Collection[str], *,
    born_year: int | None = None, sex: str | None = None, lab_number: str | None = None,
) -> tuple[Problem, ...]:  # fmt: skip
    """Whether a second identifier fits the donor: a laboratory number, or birth year and sex together.

    The rule of two identifiers (AACC safety: tube, request form and registry must say the same). The
    problems say that something differs, never what the registry holds.
    """
    if lab_number:
        return () if lab_number.strip() in known_numbers else (Problem("lab_number", "lab-number-differs"),)
    if born_year is None or not sex:
        return (Problem("", "second-identifier-missing"),)
    problems = []
    if turns_12_on is None or turns_12_on.year - 12 != born_year:
        problems.append(Problem("born_year", "birth-year-differs"))
    if sex != known_sex:
        problems.append(Problem("sex", "sex-differs"))
    return tuple(problems)


def _absent(form: ReceiptForm | DonorForm, *, may_be_unknown: set[str]) -> Iterator[Problem]:
    """The answers not given, and the unknowns where unknown is no answer."""
    for field in dataclasses.fields(form):
        value = getattr(form, field.name)
        if value is ABSENT:
            yield Problem(field.name, "answer-missing")
        elif value is None and field.name not in may_be_unknown:
            yield Problem(field.name, "unknown-not-allowed")


def _answers(form: ReceiptForm | DonorForm) -> _Answers:
    """The form with None for what is absent, so that the checks need to know only one of the two."""
    absent: dict[str, Any] = {
        f.name: None for f in dataclasses.fields(form) if getattr(form, f.name) is ABSENT
    }
    return dataclasses.replace(form, **absent)


def _unlisted(field: str, value: str | None, choices: Collection[str]) -> list[Problem]:
    if value is None or value in choices:
        return []
    return [Problem(field, "unknown-choice", {"choice": value})]


def _tube(form: _Answers, facts: ReceiptFacts, _now: datetime) -> Iterator[Problem]:
    if form.tube_code is not None:
        if not form.tube_code.strip():
            yield Problem("tube_code", "answer-missing")
        elif codes.parse(form.tube_code):
            yield Problem("tube_code", "tube-code-is-own", {"code": form.tube_code})
    if form.donor is not None and not _is_donor(form.donor):
        yield Problem("donor", "not-a-donor-code", {"code": form.donor})
    if facts.earlier is not None:
        values = {"code": facts.earlier.code, "by": facts.earlier.by, "at": facts.earlier.at}
        yield Problem("tube_code", "tube-received-before", values)
    if facts.carrier:
        values = {"code": form.tube_code, "carrier": codes.group(facts.carrier)}
        yield Problem("tube_code", "code-on-something", values)


def _is_donor(text: str) -> bool:
    code = codes.parse(text)
    return code is not None and codes.kind_of(code) is CodeKind.DONOR


def _choices(form: _Answers, facts: ReceiptFacts, _now: datetime) -> Iterator[Problem]:
    if form.material is not None and not known(form.material):
        yield Problem("material", "unknown-material", {"material": form.material})
    yield from _unlisted("container", form.container, facts.containers)
    yield from _unlisted("temperature", form.temperature, TEMPERATURES)
    yield from _unlisted("acceptance", form.acceptance, ACCEPTANCES)
    yield from _unlisted("origin", form.origin, ORIGINS)
    for condition in form.conditions or ():
        yield from _unlisted("conditions", condition, CONDITIONS)


def _moments(form: _Answers, facts: ReceiptFacts, now: datetime) -> Iterator[Problem]:
    drawn, received = form.drawn_at, form.received_at
    naive = [name for name in ("drawn_at", "received_at", "released_at") if _naive(getattr(form, name))]
    if naive:
        yield from (Problem(name, "moment-without-offset") for name in naive)
        return
    if received is not None and received > now + CLOCK_SLACK:
        yield Problem("received_at", "received-in-future", {"at": received})
    if drawn is None:
        return
    if drawn > (received or now) + (timedelta() if received else CLOCK_SLACK):
        yield Problem("drawn_at", "drawn-after-received", {"drawn": drawn, "received": received or now})
    elif received is not None and received - drawn > _LONG_UNDERWAY:
        yield Problem("drawn_at", "drawn-long-before", {"days": (received - drawn).days}, warning=True)
    if facts.turns_12_on is not None:
        yield from _age(facts, local_day(drawn), facts.turns_12_on)


def _age(facts: ReceiptFacts, drawn_on: date, turns_12_on: date) -> Iterator[Problem]:
    born_on = born_at_earliest(turns_12_on, 12)
    limit = facts.protocol.age_limit_years
    if drawn_on < born_on:
        yield Problem("drawn_at", "drawn-before-birth")
    elif facts.role == "patient" and drawn_on >= turns(born_on, limit):
        yield Problem("drawn_at", "age-over-limit", {"limit": limit}, warning=True)


def _naive(moment: datetime | None) -> bool:
    return moment is not None and moment.tzinfo is None


def _time_point(form: _Answers, facts: ReceiptFacts, _now: datetime) -> Iterator[Problem]:
    if form.time_point is None:
        return
    point = facts.protocol.time_point(form.time_point)
    if point is None:
        yield Problem("time_point", "unknown-time-point", {"time_point": form.time_point})
        return
    drawn_on = None if form.drawn_at is None or _naive(form.drawn_at) else local_day(form.drawn_at)
    outside = window_problem(point, facts.day1_on, drawn_on)
    if outside:
        yield outside
    if (form.time_point, form.material) in facts.taken and not point.repeatable:
        values = {"time_point": form.time_point, "material": form.material}
        yield Problem("time_point", "time-point-has-material", values, warning=True)


def _amount(form: _Answers, facts: ReceiptFacts, _now: datetime) -> Iterator[Problem]:
    volume = form.volume_ul
    if volume is not None:
        if volume <= 0:
            yield Problem("volume_ul", "volume-not-positive")
        elif volume > ABSURD_UL:
            yield Problem("volume_ul", "volume-absurd", {"volume_ul": volume})
        elif volume > _LARGE_OF.get(form.material, LARGE_UL):
            yield Problem("volume_ul", "volume-large", {"volume_ul": volume}, warning=True)
    if form.container in {"XXX", "ZZZ"} or not known(form.material) or form.container not in facts.containers:
        return
    usual = material(form.material).containers
    if usual and form.container not in usual:
        values = {"container": form.container, "material": form.material}
        yield Problem("container", "container-unlikely", values, warning=True)


def _inspection(form: _Answers, _facts: ReceiptFacts, _now: datetime) -> Iterator[Problem]:
    seen = form.conditions or ()
    if "bloody" in seen and form.material not in {"CSF", None}:
        yield Problem("conditions", "bloody-only-csf")
    if seen and form.acceptance == "accepted":
        yield Problem("acceptance", "condition-is-a-deviation", warning=True)
    if form.acceptance == "rejected" and not seen and not form.note:
        yield Problem("conditions", "rejection-without-reason")
    if "other" in seen and not form.note:
        yield Problem("note", "other-needs-a-note")
    if form.pull_number is None:
        return
    if form.material not in {"BMA", None}:
        yield Problem("pull_number", "pull-only-marrow")
    elif not 1 <= form.pull_number <= 20:
        yield Problem("pull_number", "pull-number-implausible", {"pull_number": form.pull_number})


def _release(form: _Answers, _facts: ReceiptFacts, now: datetime) -> Iterator[Problem]:
    """Released by diagnostics: who and when belong together; not before the tube was drawn."""
    released, drawn = form.released_at, form.drawn_at
    if released is None:
        if form.released_by:
            yield Problem("released_at", "released-at-missing")
        return
    if not form.released_by:
        yield Problem("released_by", "released-by-missing")
    if _naive(released) or _naive(drawn):
        return
    if drawn is not None and released < drawn:
        yield Problem("released_at", "released-before-drawn", {"released": released, "drawn": drawn})
    if released > now + CLOCK_SLACK:
        yield Problem("released_at", "released-in-future", {"at": released})


def _plan(form: _Answers, _facts: ReceiptFacts, _now: datetime) -> Iterator[Problem]:
    if form.plan and form.acceptance == "rejected":
        yield Problem("plan", "rejected-has-plan")
    for vials in form.plan or ():
        yield from _vials(form.material, vials)
    planned_ul = sum(vials.count * (vials.volume_ul or 0) for vials in form.plan or ())
    if form.volume_ul is not None and planned_ul > form.volume_ul > 0:
        values = {"planned_ul": planned_ul, "volume_ul": form.volume_ul}
        yield Problem("plan", "plan-exceeds-volume", values, warning=True)


def _vials(parent: str, vials: PlannedVials) -> Iterator[Problem]:
    if known(parent) and (parent, vials.material) not in DERIVATIONS:
        yield Problem("plan", "not-derivable", {"parent": parent, "child": vials.material})
    if not 1 <= vials.count <= _MOST_VIALS:
        yield Problem("plan", "vial-count-implausible", {"count": vials.count, "most": _MOST_VIALS})
    if known(vials.material):
        cells_counted = material(vials.material).counted_in == "cells"
        if (vials.volume_ul if cells_counted else vials.cells) is not None:
            yield Problem("plan", "plan-amount-unit", {"material": vials.material})
    if any(amount is not None and amount <= 0 for amount in (vials.volume_ul, vials.cells)):
        yield Problem("plan", "plan-amount-not-positive", {"material": vials.material})


def _birth(form: _Answers, protocol: Protocol, today: date) -> Iterator[Problem]:
    if form.born_on is None:
        return
    if form.born_on > today:
        yield Problem("born_on", "born-in-future")
    elif form.role == "patient" and turns(form.born_on, protocol.age_limit_years) <= today:
        yield Problem("born_on", "age-over-limit", {"limit": protocol.age_limit_years}, warning=True)
    if form.day1_on is None:
        return
    if form.day1_on < form.born_on:
        yield Problem("day1_on", "day1-before-birth")
    elif form.day1_on > today + timedelta(days=31):
        yield Problem("day1_on", "day1-far-in-future", {"day1_on": form.day1_on}, warning=True)
