"""What a Zebra says about itself: the three strings of ``~HS`` and the odometer.

The strings are those of "~HS Host Status Return" in Zebra's ZPL II programming guide. The odometer is
``odometer.total_label_count`` of its part "SGD Printer Commands": the labels printed over the life of the
printer, without form feeds and calibration labels. Nobody can set it back (``odometer.user_label_count`` can
be set by anyone, and ends at 65,000).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ASK_STATE = b"~HS\n"
ASK_ODOMETER = b'! U1 getvar "odometer.total_label_count"\r\n'
ASK_RESOLUTION = b'! U1 getvar "head.resolution.in_dpi"\r\n'
_STRING = re.compile(rb"\x02([0-9, ]*)\x03")
_STRINGS = 3
_FIRST, _SECOND = 12, 11
"""Fields of the first and the second string; the third (password, memory) tells us nothing."""


class Unreadable(Exception):
    """An answer that no Zebra gives."""


@dataclass(frozen=True)
class State:
    """The printer at one moment. ``faults`` stand in the order a person has to put them right.

    ``waiting`` is the formats in its buffer that are not printed, ``counted`` its odometer.
    ``label_waits`` says that it holds out a label which somebody must take off (peel-off).
    """

    faults: tuple[str, ...]
    waiting: int
    working: bool
    label_waits: bool
    counted: int

    @property
    def fault(self) -> str:
        """The fault to put right first, "" when there is none."""
        return self.faults[0] if self.faults else ""

    @property
    def idle(self) -> bool:
        """Whether it is ready, with nothing left to print."""
        return not self.faults and not self.working


FAULTS = (
    "memory-lost",
    "diagnostics",
    "paper-out",
    "ribbon-out",
    "head-open",
    "too-hot",
    "too-cold",
    "paused",
)
"""Every fault, in the order to put them right: new labels and ribbon go in while the head is open, it is
closed after that, and only then the pause is ended. A printer that lost its memory, or spells out what it is
sent, must be seen to before anything else."""


def whole_state(answer: bytes) -> bool:
    """Whether all three strings of ``~HS`` are there (their length is not said beforehand)."""
    return answer.count(b"\x03") >= _STRINGS


def whole_variable(answer: bytes) -> bool:
    """Whether the answer to a question for a variable is there: it stands in quotation marks."""
    return answer.count(b'"') >= 2


def read_state(strings: bytes, odometer: bytes) -> State:
    """The state of two answers. Raises ``Unreadable``."""
    found = _STRING.findall(strings)
    first, second = (_numbers(text) for text in found[:2]) if len(found) == _STRINGS else ([], [])
    if len(first) < _FIRST or len(second) < _SECOND:
        raise Unreadable(repr(strings))
    raised = {
        "memory-lost": first[9],
        "diagnostics": first[6],
        "paper-out": first[1],
        "ribbon-out": second[3],
        "head-open": second[2],
        "too-hot": first[11],
        "too-cold": first[10],
        "paused": first[2],
    }
    formats, full, partial, remaining = first[4], first[5], first[7], second[8]
    return State(
        faults=tuple(fault for fault in FAULTS if raised[fault]),
        waiting=formats,
        working=any((formats, full, partial, remaining)),
        label_waits=bool(second[7]),
        counted=_number(odometer),
    )


def read_resolution(answer: bytes) -> int | None:
    """The dots an inch of its head; ``None`` when it does not know the question. Raises ``Unreadable``."""
    return None if b'"?"' in answer else _number(answer)


def _numbers(text: bytes) -> list[int]:
    """The fields of a string. Raises ``Unreadable``."""
    try:
        return [int(field) for field in text.split(b",")]
    except ValueError as error:
        raise Unreadable(repr(text)) from error


def _number(answer: bytes) -> int:
    """The number in an answer. Raises ``Unreadable``; what a printer does not know is a question mark."""
    match = re.search(rb'"(\d{1,12})"', answer)
    if match is None:
        raise Unreadable(repr(answer))
    return int(match[1])
