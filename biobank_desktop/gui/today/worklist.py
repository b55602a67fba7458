"""A list of Today: its heading, what to do about it, and lines that say where the work is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.gui.theme import Meaning


@dataclass(frozen=True)
class Line:
    """One thing that waits: its code, what it is, the words at the right and where Enter goes."""

    code: str
    text: str
    right: str
    screen: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    meaning: Meaning | None = None


@dataclass(frozen=True)
class Gather:
    """A manager puts all that a list names on a list to leave with one key; ``reason`` "" is asked there."""

    letter: str
    reason: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class WorkList:
    """A list of Today: its heading, what to do about it, and its lines."""

    name: str
    title: str
    advice: str
    icon: str
    lines: tuple[Line, ...]
    gather: Gather | None = None
