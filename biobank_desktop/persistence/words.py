"""What commits say of themselves on PostgreSQL, so that other benches need not ask (docs/decisions/0019).

A command says which program stored it and nothing else; a seal says how long the log now is. The server hands
words on in the order of the commits: who has heard of a seal has heard of every command that it covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CHANNEL = "'biobank_' || 'stream'::regclass::oid"
"""SQL: where a lab is heard. Labs in different schemas of one database have different tables of streams."""
_SEALED = "sealed "


@dataclass(frozen=True)
class Word:
    """What was heard: whether another program stored something, and the size of the newest seal (0: none)."""

    changed: bool
    sealed: int = 0


def of_command(program: str) -> str:
    """What a command of this program says."""
    return f"stored {program}"


def of_seal(size: int) -> str:
    """What a seal of this size says."""
    return f"{_SEALED}{size}"


def understood(said: Iterable[str], program: str) -> Word:
    """What words heard together mean to this program; its own commands are no news."""
    changed, sealed = False, 0
    for word in said:
        size = word.removeprefix(_SEALED)
        if size != word and size.isdecimal():
            sealed = int(size)
        else:
            changed = changed or word != of_command(program)
    return Word(changed, sealed)
