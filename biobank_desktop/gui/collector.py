"""Garbage is collected on the window's thread only, the long way only when nobody is waiting.

A collection on another thread can free widgets there and crash; a full one costs 30 to 90 ms. So: everything
made at start is frozen, the young generations go by a timer, a full collection waits for an idle moment.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_MS = 1000
FULL_EVERY = 120


class Collector(QObject):
    """Takes over from the automatic collector between ``start`` and ``stop``."""

    def __init__(self, idle: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._idle = idle
        self._since_full = 0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        """Turn automatic collection off, freeze what exists, begin the rhythm."""
        gc.disable()
        gc.collect()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def turn(self) -> int:
        """One beat: the generation that was collected (1, or 2 when it is time and nobody waits)."""
        self._since_full += 1
        if self._since_full >= FULL_EVERY and self._idle():
            self._since_full = 0
            gc.collect()
            return 2
        gc.collect(1)
        return 1
