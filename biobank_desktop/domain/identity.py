"""Who a donor is: the form, what may be wrong with it, and what of it is looked for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date  # noqa: TC003 - input files are read by the types of the form
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import turns
from biobank_desktop.domain.intake import ABSENT
from biobank_desktop.domain.names import hospital_number_form, surname_forms, wanted
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, repr=False)
class IdentityForm:
    """Who a donor is, as it is entered; ``hospital_number`` None is "not known", as "" is elsewhere.

    ``donor`` is the code. The parents' and guardian's names are for letters only. It shows nothing of itself
    in an error's text.
    """

    donor: str
    surname: str
    born_on: date
    hospital_number: str | None
    surname_prefix: str = ""
    given_names: str = ""
    mother_name: str = ""
    father_name: str = ""
    guardian_name: str = ""


COLUMNS = tuple(field.name for field in fields(IdentityForm) if field.name != "donor")
"""What the identity store keeps of a donor, each sealed by itself."""

BY_HOSPITAL_NUMBER, BY_SURNAME, BY_BIRTH = "hospital-number", "surname", "born-on"

PASSPHRASE_LENGTH = 15
"""The fewest characters of a passphrase that is the only lock (NIST SP 800-63B-4, 3.1.1.2)."""


_LONG_NUMBER = 4
"""A shorter one stands in many a sentence by chance."""


def check_identity(form: IdentityForm, ages: Mapping[int, date | None]) -> list[Problem]:
    """Everything that is wrong with an identity; ``ages`` maps 12, 16, 18 to the day the donor turns it.

    Birthday and hospital number may be ``ABSENT``, which is a problem. The three days are kept apart from the
    identity, so a birthday of somebody else does not agree.
    """
    problems = []
    if not surname_forms(form.surname):
        problems.append(Problem("surname", "surname-missing"))
    if form.hospital_number is ABSENT:
        problems.append(Problem("hospital_number", "answer-missing"))
    elif form.hospital_number is not None and not hospital_number_form(form.hospital_number):
        problems.append(Problem("hospital_number", "hospital-number-empty"))
    if None in ages.values():
        problems.append(Problem("donor", "identity-was-erased"))
    elif form.born_on is ABSENT:
        problems.append(Problem("born_on", "answer-missing"))
    elif any(turns(form.born_on, years) != day for years, day in ages.items()):
        problems.append(Problem("born_on", "birthday-disagrees"))
    return problems


def check_passphrase(passphrase: str) -> list[Problem]:
    """What is wrong with a new passphrase: only its length is asked."""
    if len(passphrase) < PASSPHRASE_LENGTH:
        return [Problem("passphrase", "passphrase-short", {"length": PASSPHRASE_LENGTH})]
    return []


def as_texts(form: IdentityForm) -> dict[str, str]:
    """What is kept of a form, as texts; what is not known is not kept."""
    texts = {name: getattr(form, name) or "" for name in COLUMNS if name != "born_on"}
    texts = {name: identifier(text) for name, text in texts.items()}
    return {name: text for name, text in texts.items() if text} | {"born_on": form.born_on.isoformat()}


def sought(texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """What an identity is found by: (kind, normal form)."""
    found = {(BY_SURNAME, form) for form in surname_forms(texts["surname"])}
    found.add((BY_BIRTH, texts["born_on"]))
    if "hospital_number" in texts:
        found.add((BY_HOSPITAL_NUMBER, hospital_number_form(texts["hospital_number"])))
    return frozenset(found)


def tells(text: str, texts: Mapping[str, str]) -> bool:
    """Whether a reason that is kept for good names the donor: surname, birthday or hospital number."""
    known = wanted(text)
    if surname_forms(text) & surname_forms(texts["surname"]) or texts["born_on"] == str(known.born_on):
        return True
    number = hospital_number_form(texts.get("hospital_number", ""))
    return len(number) >= _LONG_NUMBER and number in known.hospital_number
