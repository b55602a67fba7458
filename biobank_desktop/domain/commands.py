"""A command: one gesture of one person, with an id that makes a repetition harmless."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.domain.people import Permission


@dataclass(frozen=True)
class Command:
    """What is asked, by whom, on which bench.

    ``payload`` is hashed with the command: the same id with another payload is refused, the same id with the
    same payload is answered with the stored result. ``title`` is what the person recognises it by after a
    crash (a tube's code; never anything identifying). ``why`` is the reason given, kept in the history.
    ``permission`` is what the person's role must allow; None for what is no matter of roles (signing in).
    ``typed`` are codes that were typed instead of scanned: the history says so, and they prove no label.
    """

    kind: str
    login: str
    bench: str
    payload: Mapping[str, object]
    title: str = ""
    why: str = ""
    permission: Permission | None = None
    typed: frozenset[str] = frozenset()
    id: UUID = field(default_factory=uuid4)
