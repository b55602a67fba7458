"""What a scanned or typed code is: one of ours, a command barcode, a foreign code, or unreadable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

_AIM = re.compile(r"\](?P<symbology>[A-Za-z][0-9A-Za-z])")
_COMMAND_YEAR = 2026


class Command(Enum):
    """The command barcodes of the bench card, in the order of their serials; new ones go at the end."""

    SAVE = auto()
    UNDO = auto()
    BACK = auto()
    NEXT_BOX = auto()
    PRINT = auto()
    VOID = auto()
    FILL = auto()
    LOCK = auto()


class ScanKind(Enum):
    """Where a code comes from."""

    OWN = auto()
    COMMAND = auto()
    FOREIGN = auto()


@dataclass(frozen=True)
class ForeignPattern:
    """Codes of somebody else that this lab reads: the name of their maker and what they look like.

    ``expression`` must match the whole code; its digits and letters are those of ASCII, as in a barcode.
    Raises ``re.error`` when it is no regular expression.
    """

    name: str
    expression: str

    def __post_init__(self) -> None:
        re.compile(self.expression, re.ASCII)

    def fits(self, code: str) -> bool:
        """Whether the whole code looks like one of theirs."""
        return re.fullmatch(self.expression, code, re.ASCII) is not None


TUBE_ISSUER = "tube"
"""Whose codes the tubes of a diagnostic laboratory carry."""
TUBE_PATTERN = ForeignPattern(TUBE_ISSUER, r"[0-9A-Z][0-9A-Z ./+-]{4,23}")
"""What a diagnostic laboratory's code looks like until the lab says it more exactly in Settings."""


@dataclass(frozen=True)
class Scan:
    """A code that was read. ``symbology`` is the AIM identifier without its bracket ("d1"), "" if unsent.

    ``carried`` is the maker's code that was read in place of our own, "" when ours was.
    """

    code: str
    kind: ScanKind
    typed: bool = False
    symbology: str = ""
    pattern: str = ""
    command: Command | None = None
    carried: str = ""


def read(raw: str, patterns: Sequence[ForeignPattern] = (), *, typed: bool = False) -> Scan | None:
    """What was scanned or typed, or None when it is unreadable.

    The AIM prefix is taken off; our own codes need the right check character, and whatever looks like one
    of ours and has a wrong one is unreadable even when a foreign pattern would take it.
    """
    symbology, text = strip_aim(raw.strip())
    own = codes.parse(text)
    if own is not None and codes.kind_of(own) is CodeKind.COMMAND:
        command = commands().get(own)
        return Scan(own, ScanKind.COMMAND, typed, symbology, command=command) if command else None
    if own is not None:
        return Scan(own, ScanKind.OWN, typed, symbology)
    if _looks_like_ours(text):
        return None
    for pattern in patterns:
        if pattern.fits(text):
            return Scan(text, ScanKind.FOREIGN, typed, symbology, pattern.name)
    return None


def strip_aim(raw: str) -> tuple[str, str]:
    """The AIM identifier (ISO/IEC 15424: ``]``, code character, modifier) and the code without it."""
    match = _AIM.match(raw)
    return (match["symbology"], raw[match.end() :]) if match else ("", raw)


@cache
def commands() -> dict[str, Command]:
    """The code of each command barcode."""
    run = codes.run(CodeKind.COMMAND, _COMMAND_YEAR, 1, len(Command))
    return dict(zip(run, Command, strict=True))


def command_code(command: Command) -> str:
    """What is printed on the bench card for the command."""
    return next(code for code, each in commands().items() if each is command)


def _looks_like_ours(text: str) -> bool:
    """Whether it is one of ours gone wrong: mistyped, cut off, or two codes glued together."""
    code = codes.normalise(text)
    if len(code) > codes.LENGTH:
        return any(codes.parse(part) for part in (code[: codes.LENGTH], code[-codes.LENGTH :]))
    begun = code[:2] in {kind.value for kind in CodeKind} and code[2:4].isdecimal()
    return begun and len(code) > 4 and all(character in codes.ALPHABET for character in code)
