"""Who gave material in the demonstration lab: sixty donors of every age, with consents of every kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import turns
from biobank_desktop.domain.intake import DonorForm
from biobank_desktop.services.consent import ConsentForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from biobank_desktop.domain.consent_forms import FormVersion

_SOME = {"COMMERCIAL": "no", "SHARE_NONEU": "no", "GENETIC": "not-answered"}
_AUTHORITY = {"guardian": "guardianship", "child": "own", "self": "own"}


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
    Role(5, 230, "withdrawn-W3"),
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


def first_lines(
    role: Role, donor: str, born: date, signed: date, papers: Sequence[FormVersion]
) -> list[ConsentForm]:
    """What came in around diagnosis: the lines in the order they are entered, each form of its own."""
    if role.consent == "nothing-yet":
        return []
    line = ConsentForm(
        donor, "given", "mother", signed, signed + timedelta(days=1),
        obtained_by="research nurse M. Kok", original_at=f"archive box {signed:%Y}-{signed.month}",
    )  # fmt: skip
    if role.consent == "refused":
        return [
            replace(line, kind="refused", signatory="father", answers={"STORE": "no"}, authority="parental")
        ]
    if signed >= turns(born, 16):
        audience = "adult" if signed >= turns(born, 18) else "16-and-over"
        return _on_paper(replace(line, signatory="self"), role, papers, audience)
    parents = [
        one for parent in _parents(role.consent, line) for one in _on_paper(parent, role, papers, "parents")
    ]
    grown = signed >= turns(born, 12) and role.consent != "child-missing"
    return parents + (_on_paper(replace(line, signatory="child"), role, papers, "12-15") if grown else [])


def _parents(consent: str, line: ConsentForm) -> list[ConsentForm]:
    alone = {
        "second-parent-missing": [line],
        "sole-authority": [replace(line, sole_authority=True)],
        "guardian": [replace(line, signatory="guardian")],
    }
    return alone.get(consent, [line, replace(line, signatory="father")])


def _on_paper(
    line: ConsentForm, role: Role, papers: Sequence[FormVersion], audience: str
) -> list[ConsentForm]:
    """The study's form and the biobank's, both in Dutch; families sign them together."""
    some = _SOME if role.consent == "partly" else {}
    signed = []
    for paper in papers:
        if paper.audience == audience and paper.language == "nl":
            answers = {item.code: some.get(item.code, "yes") for item in paper.items}
            kind = "given" if set(answers.values()) == {"yes"} else "partly-given"
            authority = _AUTHORITY.get(line.signatory, "parental")
            signed.append(replace(line, kind=kind, answers=answers, paper=paper.id, authority=authority))
    return signed


def later_lines(role: Role, donor: str, today: date) -> list[ConsentForm]:
    """What came in after the material: withdrawals, an objection, a death."""
    on = today - timedelta(days=min(role.days_ago // 2, 60))
    line = ConsentForm(donor, "withdrawn", "mother", on, on + timedelta(days=1))
    lines = {
        "withdrawn-W1": replace(line, level="W1", note="No new material; what is here may be used."),
        "withdrawn-W2": replace(
            line, level="W2", note="By telephone to the coordinator, confirmed by letter."
        ),
        "withdrawn-W3": replace(line, level="W3", note="Letter of both parents."),
        "child-objects": replace(line, kind="objected", signatory="child", note="Told the research nurse."),
        "deceased": replace(line, kind="deceased", note="Known from the hospital."),
    }
    return [lines[role.consent]] if role.consent in lines else []
