"""An Enter belongs to the form it was pressed in: hammering on it never reaches the form behind."""

from __future__ import annotations

ENTER_MS = 300
SAVE_MS = 1000
"""Faster than this nobody has read what stands on the screen now."""


class Hammering:
    """After a command was stored, Enter counts again once there was a pause without it."""

    def __init__(self) -> None:
        self._resting = False
        self._last_ms = -SAVE_MS

    def stored(self) -> None:
        """A command was stored: another form, or nothing, stands there now."""
        self._resting = True

    def passes(self, at_ms: int, pause_ms: int = ENTER_MS) -> bool:
        """Whether an Enter (or a scanned SAVE) at this moment is meant for what is shown."""
        soon = 0 <= at_ms - self._last_ms < pause_ms
        self._last_ms = at_ms
        if self._resting and soon:
            return False
        self._resting = False
        return True
