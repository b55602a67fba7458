"""What a camera's pictures come to: a code that counts once, or several that nobody can choose from.

The rules are those of docs/decisions (31).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biobank_desktop.labels.pyramid import Symbol

ALONE_MS = 300
"""So long no other code was in view before one counts."""
CROWDED_MS = 500
"""Two codes may pass each other; so long in view together, they are a stop."""
GONE_MS = 1_000
"""A code has left when it was not in any picture for so long."""
STEP_MS = 200
"""Two pictures are never further apart than this: what a stalled camera does not see has not left."""


@dataclass(frozen=True)
class Seen:
    """A code that counts, with the symbol's AIM identifier; not ``whole`` at the edge of the picture."""

    raw: str
    whole: bool = True


@dataclass(frozen=True)
class Crowd:
    """Different codes that were in view together."""

    texts: tuple[str, ...]


class Sightings:
    """Follows the pictures one by one; the same code that stays in view counts once."""

    def __init__(self) -> None:
        self._at_ms: int | None = None
        self._now_ms = 0
        self._last: dict[str, int] = {}
        self._told: set[str] = set()
        self._before: frozenset[str] = frozenset()
        self._crowded_since: int | None = None

    def look(self, symbols: Iterable[Symbol], at_ms: int) -> Seen | Crowd | None:
        """What the picture taken ``at_ms`` adds to those before; None when nothing counts now."""
        self._pass(at_ms)
        by_text = {symbol.text: symbol for symbol in symbols}
        texts, before = frozenset(by_text), self._before
        self._before = texts
        self._last |= dict.fromkeys(texts, self._now_ms)
        together = frozenset(text for text, last in self._last.items() if self._now_ms - last <= ALONE_MS)
        if len(together) > 1:
            return self._crowd(together)
        self._crowded_since = None
        if len(texts) != 1 or texts != before or texts <= self._told:
            return None
        self._told |= texts
        (symbol,) = by_text.values()
        return Seen(symbol.aim + symbol.text, symbol.whole)

    def _pass(self, at_ms: int) -> None:
        """Let the time between two pictures pass, and forget what has left."""
        if self._at_ms is not None:
            self._now_ms += max(0, min(at_ms - self._at_ms, STEP_MS))
        self._at_ms = at_ms
        self._last = {text: last for text, last in self._last.items() if self._now_ms - last <= GONE_MS}
        self._told.intersection_update(self._last)

    def _crowd(self, together: frozenset[str]) -> Crowd | None:
        """None while they may only be passing, and once it was told."""
        if self._crowded_since is None:
            self._crowded_since = self._now_ms
        if self._now_ms - self._crowded_since < CROWDED_MS or together <= self._told:
            return None
        self._told |= together
        return Crowd(tuple(sorted(together)))
