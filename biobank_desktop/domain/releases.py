"""A release of material to a study: what is said of it, and which purposes consent is asked for.

The purposes follow from what was agreed upon with the recipient, never from what consent happens to allow.
Each release needs the number under which the Biobank and Data Access Committee (BDAC) approved it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

RecipientKind = Literal["own-institute", "academic", "company"]
Transport = Literal["by-hand", "ambient", "cooled", "dry-ice", "dry-shipper"]
Use = Literal["study", "other-research", "data", "genetic", "animal", "cell-line"]

RECIPIENT_KINDS: tuple[RecipientKind, ...] = get_args(RecipientKind)
TRANSPORTS: tuple[Transport, ...] = get_args(Transport)
USES: tuple[Use, ...] = get_args(Use)
"""What the recipient will do: a study of the protocol or other research, and what that includes."""

EEA = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
"""The European Economic Area by ISO 3166-1: the 27 of the Union, Iceland, Liechtenstein and Norway."""

PURPOSE_OF_USE: dict[Use, str] = {
    "study": "use-a2g",
    "other-research": "use-other",
    "data": "use-data",
    "genetic": "use-genetic",
    "animal": "use-animal",
    "cell-line": "cell-line",
}
MOST_VIALS = 2000
MOST_IN_A_LINE = 200
"""What is said of a release stands on its papers."""


@dataclass(frozen=True)
class ReleaseForm:
    """To whom material goes, for what, and how.

    ``country`` is an ISO 3166-1 alpha-2 code, ``address`` has a line per line, ``uses`` are of ``USES``.
    """

    study: str
    recipient: str
    institution: str
    country: str
    recipient_kind: str
    bdac: str
    uses: tuple[str, ...]
    transport: str
    address: str = ""
    note: str = ""


class Terms(Protocol):
    """What the purposes of a release follow from."""

    @property
    def country(self) -> str:
        """An ISO 3166-1 alpha-2 code."""

    @property
    def recipient_kind(self) -> str:
        """Of ``RECIPIENT_KINDS``."""

    @property
    def uses(self) -> tuple[str, ...]:
        """Of ``USES``."""


def check_release(form: ReleaseForm, countries: Iterable[str]) -> list[Problem]:
    """Everything that is wrong with a release; ``countries`` are the codes there are."""
    problems = [
        Problem(name, "answer-missing")
        for name in ("study", "recipient", "institution", "bdac")
        if not getattr(form, name).strip()
    ]
    problems += [
        Problem(name, "text-too-long", {"most": MOST_IN_A_LINE})
        for name in ("study", "recipient", "institution", "bdac")
        if len(getattr(form, name)) > MOST_IN_A_LINE
    ]
    choices = (
        ("recipient_kind", form.recipient_kind, RECIPIENT_KINDS),
        ("transport", form.transport, TRANSPORTS),
        *(("uses", use, USES) for use in form.uses),
    )
    problems += [
        Problem(name, "not-a-choice", {"value": value, "choices": allowed})
        for name, value, allowed in choices
        if value not in allowed
    ]
    if form.country not in set(countries):
        problems.append(Problem("country", "country-unknown", {"country": form.country}))
    if {"study", "other-research"}.isdisjoint(form.uses):
        problems.append(Problem("uses", "release-for-nothing"))
    if form.recipient_kind == "own-institute" and form.country != "NL":
        problems.append(Problem("country", "own-institute-abroad"))
    return problems


def purposes_of(form: Terms) -> tuple[str, ...]:
    """What consent must permit for every vial that leaves on these terms, in the order of ``USES``.

    Material that stays in the own institute is not shared; to a company or out of the EEA needs more.
    """
    purposes = [PURPOSE_OF_USE[use] for use in USES if use in form.uses]
    if form.recipient_kind != "own-institute":
        purposes.append("share-eu" if form.country in EEA else "share-outside-eu")
    if form.recipient_kind == "company":
        purposes.append("use-commercial")
    return tuple(purposes)


def number(no: int, year: int) -> str:
    """The number of a release as papers show it, ``R-2026-0007``."""
    return f"R-{year}-{no:04}"
