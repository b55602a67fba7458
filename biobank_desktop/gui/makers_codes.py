"""A maker's code that stands on a vial is the vial's own code for every screen; scans keep their order."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from biobank_desktop.domain.scans import Scan, ScanKind
from biobank_desktop.gui.jobs import Priority
from biobank_desktop.language import ngettext

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk


class MakersCodes(QObject):
    """Asks the database whose code a foreign one is before the frame sends the scan where it belongs.

    A scan that comes meanwhile waits: two scans are never used in another order than they were made. What
    somebody has scanned is not used for whoever comes after them.
    """

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: deque[Scan] = deque()
        self._asking = False
        self._turn = 0
        desk.person_changed.connect(self._forget)

    def take(self, scan: Scan) -> None:
        """Send it on, at once or when it is known what it is of."""
        self._waiting.append(scan)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not self._asking:
            scan = self._waiting.popleft()
            if scan.kind is ScanKind.FOREIGN and self._desk.actor is not None:
                self._ask(scan)
            else:
                self._give(scan)

    def _ask(self, scan: Scan) -> None:
        self._asking = True
        self._desk.read(
            self,
            lambda connection: _vial_with(connection, scan.code),
            partial(self._known, self._turn, scan),
            failed=partial(self._failed, self._turn),
            priority=Priority.SCAN,
        )

    def _known(self, turn: int, scan: Scan, own: str | None) -> None:
        if turn == self._turn:
            self._asking = False
            carried = replace(scan, code=own, kind=ScanKind.OWN, carried=scan.code) if own else scan
            self._give(carried)
            self._go_on()

    def _give(self, scan: Scan) -> None:
        try:
            self._desk.frame.take_scan(scan)
        except Exception:
            self._waiting.clear()
            raise

    def _failed(self, turn: int, error: Exception) -> None:
        """Nobody knows what it is of: it is not used, nor is what was scanned after it."""
        self._desk.tell(error)
        if turn == self._turn:
            count = 1 + len(self._waiting)
            self._forget()
            said = ngettext("{count} scan was not used.", "{count} scans were not used.", count)
            self._desk.frame.notices.warn(said)

    def _forget(self) -> None:
        self._turn += 1
        self._asking = False
        self._waiting.clear()


def _vial_with(connection: Connection, code: str) -> str | None:
    from biobank_desktop.services.foreign_codes import vial_with  # noqa: PLC0415

    return vial_with(connection, code)
