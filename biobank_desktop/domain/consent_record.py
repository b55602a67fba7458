"""A donor's consent record: its lines, and which of them count."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from biobank_desktop.domain.consent_forms import FormVersion

LineKind = Literal[
    "given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed", "recontact-sent",
    "no-answer", "age-threshold", "form-superseded", "deceased", "corrected",
]  # fmt: skip
Signatory = Literal["mother", "father", "guardian", "child", "self"]
Answer = Literal["yes", "no", "not-asked", "not-answered"]
Level = Literal["W0", "W1", "W2", "W3", "W4"]

_NUMBER = attrgetter("no")
_SIGNING = attrgetter("signed_on", "no")

GIVING = frozenset({"given", "partly-given", "reconfirmed"})
OWN = frozenset({"child", "self"})
PARENTS = ("mother", "father", "guardian")


@dataclass(frozen=True)
class ConsentLine:
    """One line of a donor's consent record; lines are only ever added.

    ``no`` counts from 1. A line that ``corrects`` an earlier one takes its place; of kind "corrected" it
    only strikes it out. For "deceased", ``signed_on`` is the day of death. ``paper`` is the version of the
    form that was answered, None when this lab has not registered it.
    """

    no: int
    kind: LineKind
    signatory: Signatory
    signed_on: date
    received_at: datetime
    known_at: datetime
    answers: Mapping[str, Answer] = field(default_factory=dict)
    sole_authority: bool = False
    form: str = ""
    form_version: str = ""
    level: Level | None = None
    corrects: int | None = None
    paper: FormVersion | None = None

    @property
    def void(self) -> bool:
        """Whether its version of the form was not in force on the day it was signed."""
        return self.paper is not None and not self.paper.in_force(self.signed_on)


@dataclass(frozen=True)
class ConsentRecord:
    """What decides about a donor's material. ``head`` is the number of lines the donor has now.

    ``material_received_at`` is the receipt of the material asked about, None when none is meant.
    """

    turns_12_on: date | None
    turns_16_on: date | None
    turns_18_on: date | None
    first_received_at: datetime | None
    head: int
    lines: tuple[ConsentLine, ...] = ()
    material_received_at: datetime | None = None


def age_band(record: ConsentRecord, on: date) -> Literal["under-12", "12-15", "16-and-over", "unknown"]:
    """Who decides on a day: parents, child and parents, or the donor alone."""
    if record.turns_12_on is None or record.turns_16_on is None or record.turns_18_on is None:
        return "unknown"
    if on < record.turns_12_on:
        return "under-12"
    return "12-15" if on < record.turns_16_on else "16-and-over"


def counted(lines: Iterable[ConsentLine], on: date, known_on: datetime) -> tuple[ConsentLine, ...]:
    """The lines known by then, signed by then and not struck out, in the order of signing."""
    known = [line for line in lines if line.known_at <= known_on]
    struck: set[int] = set()
    corrections = [line for line in known if line.corrects is not None]
    for line in sorted(corrections, key=_NUMBER, reverse=True):  # a struck correction strikes nothing
        if cast("int", line.corrects) < line.no not in struck:
            struck.add(cast("int", line.corrects))
    standing = [line for line in known if line.no not in struck and line.signed_on <= on]
    return tuple(sorted(standing, key=_SIGNING))
