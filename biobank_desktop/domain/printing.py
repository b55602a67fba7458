"""What becomes of a label on its way through a printer: the states, and what may follow which.

``queued`` waits; ``sending`` was taken by one sender before its first byte left; ``sent`` is with a spooler,
which says no more; ``held`` is in a printer that waits for somebody (paper, ribbon, head); ``confirmed`` came
out, as the printer's own counter, a finished file or a person says; ``verified`` was scanned. ``unknown`` may
or may not have come out: only a person says which. ``failed`` did not: another one is asked for, with the
reason, and is a label of its own. No state leads back to ``queued``: no machine ever prints a second copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal[
    "queued", "sending", "sent", "confirmed", "held", "unknown", "failed", "cancelled", "verified"
]

FOLLOWS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "queued": frozenset({"sending", "failed", "cancelled", "verified"}),
        "sending": frozenset({"sent", "confirmed", "held", "unknown", "failed", "verified"}),
        "sent": frozenset({"unknown", "confirmed", "failed", "verified"}),
        "held": frozenset({"confirmed", "unknown", "failed", "verified"}),
        "unknown": frozenset({"confirmed", "failed", "verified"}),
        "confirmed": frozenset({"verified"}),
        "failed": frozenset({"verified"}),
        "cancelled": frozenset(),
        "verified": frozenset(),
    }
)
"""What a label may become; the database refuses everything else (the guard ``label_follows``)."""

HANDED_OVER = frozenset({"sent", "confirmed", "verified"})
"""Nobody has to do anything about these."""
UNDER_WAY = frozenset({"sending", "held"})
"""One sender has these; a program that is gone leaves them behind."""
LEFT = frozenset({"sending", "sent", "confirmed", "held", "unknown", "verified"})
"""Of these a label may lie somewhere: a scan may be of them."""
TO_BE_DECIDED = frozenset({"sent", "unknown"})
"""Of these a person may say whether they came out."""

NOT_OUT = Problem("", "label-not-out")
"""The fault of a label of which a person said that it did not come out."""


@dataclass(frozen=True, order=True)
class LabelKey:
    """One label of a thing: the thing's number, and which of its labels, from 1."""

    object_id: int
    no: int


@dataclass(frozen=True)
class Came:
    """What became of a label that was taken; ``place`` is the printer or file that has it.

    ``fault`` says why it is held, unknown or failed.
    """

    key: LabelKey
    state: State
    place: str
    fault: Problem | None = None


def held_by(place: str, fault: str) -> Problem | None:
    """A printer's fault ("paper-out") as a problem to be said: what to do about it."""
    return Problem("printer", f"fault-{fault}", {"printer": place}) if fault else None
