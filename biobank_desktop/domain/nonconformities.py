"""Nonconforming work (ISO 20387, 7.11): what was found, what it may have touched, and what is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from biobank_desktop.domain.intake import CLOCK_SLACK
from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from datetime import datetime

Kind = Literal["sample", "lot", "device", "alarm", "person", "document", "other"]
Judgement = Literal["accept", "destroy"]
KINDS: tuple[Kind, ...] = get_args(Kind)
JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)


@dataclass(frozen=True)
class Cause:
    """Where to look for what was touched: each that is given narrows it down; ``until`` is not included.

    ``lot`` and ``device`` are those of processing steps, ``container`` a code (all that lay in it or below),
    ``person`` a login (all that this person worked on).
    """

    donor: str = ""
    lot: str = ""
    device: str = ""
    container: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether it names nothing: then it touches everything, which is no answer."""
        return not any((self.donor, self.lot, self.device, self.container, self.person))


@dataclass(frozen=True)
class NonconformityForm:
    """What was found; ``samples`` are the codes of what is held back until somebody decides."""

    kind: str
    what: str
    found_at: datetime
    cause: Cause
    samples: tuple[str, ...]


def check_nonconformity(form: NonconformityForm, now: datetime) -> list[Problem]:
    """Everything that is wrong with what was found."""
    problems = []
    if form.kind not in KINDS:
        problems.append(Problem("kind", "not-a-choice", {"value": form.kind, "choices": KINDS}))
    if not form.what.strip():
        problems.append(Problem("what", "answer-missing"))
    if form.found_at > now + CLOCK_SLACK:
        problems.append(Problem("found_at", "in-the-future"))
    if not form.samples:
        problems.append(Problem("samples", "samples-missing"))
    return problems + check_span(form.cause)


def check_span(cause: Cause) -> list[Problem]:
    """Whether a span of time ends before it begins."""
    if cause.since is not None and cause.until is not None and cause.until <= cause.since:
        return [Problem("until", "ends-before-it-begins")]
    return []
