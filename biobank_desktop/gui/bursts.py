"""What a run of fast keys is: a scan, a person's typing, or nothing that a person does (decision 28)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

GAP_MS = 50
SHORTEST = 6
SURE = 10
STEADY = 0.7
SWIFT_MS = 20


class Meaning(Enum):
    """What becomes of the keys: read as a scan, given to the field, given without the Enter, or refused."""

    SCAN = auto()
    TYPING = auto()
    NO_ENTER = auto()
    CUT = auto()


@dataclass(frozen=True)
class Run:
    """Keys of which each came soon after the one before.

    ``gaps_ms`` has the pause before the Enter or Tab too when that came in time (``ended``). ``in_text`` says
    whether the keyboard is in a field for text.
    """

    keys: int
    gaps_ms: tuple[int, ...]
    ended: bool
    in_text: bool


def meaning(run: Run, limit_ms: int = GAP_MS) -> Meaning:
    """What a run is, where two keys of one are at most ``limit_ms`` apart.

    Fewer than ten keys are a scan only at a steady pace; fewer than six are never one. Where no text is
    asked for, a person presses one key at a time.
    """
    long_enough = run.ended and run.keys >= SHORTEST
    if long_enough and (run.keys >= SURE or not run.in_text or _steady(run.gaps_ms, limit_ms)):
        return Meaning.SCAN
    if not run.in_text:
        return Meaning.CUT if run.gaps_ms else Meaning.TYPING
    if long_enough or (run.ended and max(run.gaps_ms) <= SWIFT_MS):
        return Meaning.NO_ENTER
    return Meaning.TYPING


def _steady(gaps_ms: tuple[int, ...], limit_ms: int) -> bool:
    return sum(gaps_ms) <= STEADY * limit_ms * len(gaps_ms)
