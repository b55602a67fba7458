"""Who gave material in the demonstration lab: sixty donors of every age, with consents of every kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import turns
from biobank_desktop.domain.intake import DonorForm
from biobank_desktop.services.consent import ConsentForm

if TYPE_CHECKING:
    from random import Random

_ITEMS = (
    "STORE", "USE_A2G", "USE_OTHER", "DATA", "GENETIC", "SHARE_EU", "SHARE_NONEU", "COMMERCIAL", "ANIMAL",
    "CELLLINE", "INCIDENTAL", "RECONTACT", "EXTRA",
)  # fmt: skip
_ALL = dict.fromkeys(_ITEMS, "yes")
_SOME = _ALL | {"COMMERCIAL": "no", "SHARE_NONEU": "no", "GENETIC": "not-answered", "ANIMAL": "not-asked"}
_FORM = "ALLTogether1 biobank"


@dataclass(frozen=True)
class Role:
    """A donor to be: the age in years on day 1, how long ago day 1 was, and how consent went."""

    age: int
    days_ago: int
    consent: str = "complete"
    role: str = "patient"
    turns_16_in_days: int | None = None


# What is worth showing stands here one by one; the others are ordinary.
_SPECIAL = (
    Role(15, 240, turns_16_in_days=30),
    Role(15, 300, "complete", turns_16_in_days=-60),
    Role(5, 9, "second-parent-missing"),
    Role(3, 12, "second-parent-missing"),
    Role(9, 5, "nothing-yet"),
    Role(7, 20, "refused"),
    Role(13, 16, "refused"),
    Role(4, 400, "withdrawn-W1"),
    Role(10, 350, "withdrawn-W2"),
    Role(14, 280, "child-objects"),
    Role(2, 200, "sole-authority"),
    Role(6, 330, "guardian"),
    Role(8, 310, "corrected"),
    Role(11, 260, "partly"),
    Role(17, 150, "partly"),
    Role(12, 420, "deceased"),
    Role(18, 90, "complete"),
    Role(16, 60, "complete"),
    Role(13, 25, "child-missing"),
    Role(1, 45, "complete"),
    Role(0, 500, "complete"),
    Role(14, 180, "complete", role="sibling-donor"),
)
COUNT = 60


def roles(random: Random) -> list[Role]:
    """All sixty."""
    ordinary = [
        Role(
            random.randint(0, 18), random.randint(40, 540), random.choice(("complete", "complete", "partly"))
        )
        for _ in range(COUNT - len(_SPECIAL))
    ]
    return [*_SPECIAL, *ordinary]


def born_on(role: Role, day1_on: date, today: date, random: Random) -> date:
    """A date of birth that fits the role."""
    if role.turns_16_in_days is not None:
        birthday = today + timedelta(days=role.turns_16_in_days)
        return date(birthday.year - 16, birthday.month, min(birthday.day, 28))
    return day1_on - timedelta(days=role.age * 365 + role.age // 4 + random.randint(30, 300))


def registration(role: Role, born: date, day1_on: date | None, number: int, random: Random) -> DonorForm:
    """The donor as registered, with the number of the diagnostic laboratory."""
    return DonorForm(
        sex=random.choice(("female", "male")),
        born_on=born,
        day1_on=day1_on,
        role=role.role,
        lab_numbers=(("diagnostics", f"HX{number:06d}"),),
        protocol="ALLTogether1",
    )


def first_lines(role: Role, donor: str, born: date, signed: date) -> list[ConsentForm]:
    """What came in around diagnosis: the lines in the order they are entered."""
    if role.consent == "nothing-yet":
        return []
    answers = _SOME if role.consent == "partly" else _ALL
    line = ConsentForm(
        donor, "partly-given" if answers is _SOME else "given", "mother", signed, signed + timedelta(days=1),
        answers, form=_FORM, form_version="3.1",
    )  # fmt: skip
    own = replace(line, signatory="self" if signed >= turns(born, 16) else "child")
    if role.consent == "refused":
        refused = replace(line, kind="refused", answers={"STORE": "no"})
        return [replace(refused, signatory="father")]
    if signed >= turns(born, 16):
        return [own]
    parents = _parents(role.consent, line)
    grown = signed >= turns(born, 12) and role.consent != "child-missing"
    return [*parents, own] if grown else parents


def _parents(consent: str, line: ConsentForm) -> list[ConsentForm]:
    alone = {
        "second-parent-missing": [line],
        "sole-authority": [replace(line, sole_authority=True)],
        "guardian": [replace(line, signatory="guardian")],
    }
    return alone.get(consent, [line, replace(line, signatory="father")])


def later_lines(role: Role, donor: str, today: date) -> list[ConsentForm]:
    """What came in after the material: withdrawals, an objection, a death."""
    on = today - timedelta(days=min(role.days_ago // 2, 60))
    line = ConsentForm(donor, "withdrawn", "mother", on, on + timedelta(days=1))
    lines = {
        "withdrawn-W1": replace(line, level="W1", note="No new material; what is here may be used."),
        "withdrawn-W2": replace(
            line, level="W2", note="By telephone to the coordinator, confirmed by letter."
        ),
        "child-objects": replace(line, kind="objected", signatory="child", note="Told the research nurse."),
        "deceased": replace(line, kind="deceased", note="Known from the hospital."),
    }
    return [lines[role.consent]] if role.consent in lines else []
