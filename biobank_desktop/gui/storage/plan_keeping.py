"""Keeps the whole plan: read to the end before it is read again, and only while somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from biobank_desktop.gui.storage import reading

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.plan import Plan


class PlanKeeper(QObject):
    """``want`` asks for the plan as it is now; changes come faster than two million positions are counted."""

    came = Signal()
    """a newer plan is here"""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.plan: Plan | None = None
        self._stale = True
        self._reading = False

    def forget(self) -> None:
        """Something has changed since it was read."""
        self._stale = True

    def want(self) -> None:
        """Read it unless it is the newest, or being read."""
        session = self._desk.session
        if not self._stale or self._reading or session is None:
            return
        self._reading, self._stale, store = True, False, session.store
        self._desk.jobs.run_long(
            self, lambda: reading.plan(store), self._read, failed=self._failed, cancelled=self._cancelled
        )

    def _read(self, plan: Plan) -> None:
        self._reading, self.plan = False, plan
        self.came.emit()

    def _failed(self, error: Exception) -> None:
        self._cancelled()
        self._desk.tell(error)

    def _cancelled(self) -> None:
        self._reading, self._stale = False, True
