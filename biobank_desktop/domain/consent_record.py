"""A donor's consent record: its lines, which of them count, and what each signatory said last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from biobank_desktop.domain.consent_forms import FormVersion

LineKind = Literal[
    "given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed", "recontact-sent",
    "no-answer", "age-threshold", "form-superseded", "deceased", "corrected",
]  # fmt: skip
Signatory = Literal["mother", "father", "guardian", "child", "self"]
Answer = Literal["yes", "no", "not-asked", "not-answered"]
Level = Literal["W0", "W1", "W2", "W3", "W4"]

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
    known = sorted((line for line in lines if line.known_at <= known_on), key=lambda line: -line.no)
    struck: set[int] = set()
    for line in known:  # the newest first: a struck correction strikes nothing
        if line.corrects is not None and line.corrects < line.no not in struck:
            struck.add(line.corrects)
    standing = [line for line in known if line.no not in struck and line.signed_on <= on]
    return tuple(sorted(standing, key=lambda line: (line.signed_on, line.no)))


@dataclass(frozen=True)
class LastWord:
    """The latest word of a signatory about an item, and the line that says it."""

    answer: Answer
    line: ConsentLine


def last_word(
    lines: tuple[ConsentLine, ...],
    who: Iterable[str],
    item: str,
    since: date = date.min,
    before: date = date.max,
) -> LastWord | None:
    """The latest word of ``who`` about an item, None without one; a reconfirmation renews the one before."""
    word: LastWord | None = None
    for line in lines:
        if line.signatory not in who or not line.signed_on < before:
            continue
        said: Answer | None = "no" if line.kind in {"refused", "objected"} else None
        if line.kind in GIVING:
            said = line.answers.get(item, "not-asked")
            if said == "not-asked":
                said = word.answer if word and line.kind == "reconfirmed" else None
        if said is not None:
            word = LastWord(said, line)
    return word if word and word.line.signed_on >= since else None


def lifted(record: ConsentRecord, lines: tuple[ConsentLine, ...], withdrawal: ConsentLine) -> bool:
    """Whether whoever withdrew, or the donor grown to 16, gave consent again; never from W3 on."""
    if withdrawal.level in {"W3", "W4"}:
        return False
    later = lines[lines.index(withdrawal) :]
    return any(_may_lift(record, line, withdrawal) for line in later if line.kind in GIVING)


def _may_lift(record: ConsentRecord, line: ConsentLine, withdrawal: ConsentLine) -> bool:
    if line.signatory in OWN:
        grown = record.turns_16_on is not None and line.signed_on >= record.turns_16_on
        return grown or withdrawal.signatory in OWN
    return line.signatory == withdrawal.signatory
