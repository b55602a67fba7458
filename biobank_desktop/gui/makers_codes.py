"""A maker's code that stands on a vial is the vial's own code for every screen; scans keep their order."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from biobank_desktop.domain.scans import Scan, ScanKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk


class MakersCodes(QObject):
    """Asks the database whose code a foreign one is before the frame sends the scan where it belongs.

    A scan that comes meanwhile waits: two scans are never used in another order than they were made.
    """

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: deque[Scan] = deque()
        self._asking = False

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
                self._desk.frame.take_scan(scan)

    def _ask(self, scan: Scan) -> None:
        self._asking = True
        self._desk.read(
            self,
            lambda connection: _vial_with(connection, scan.code),
            lambda own: self._known(scan, own),
            failed=self._failed,
        )

    def _known(self, scan: Scan, own: str | None) -> None:
        self._asking = False
        known = scan if own is None else replace(scan, code=own, kind=ScanKind.OWN, carried=scan.code)
        self._desk.frame.take_scan(known)
        self._go_on()

    def _failed(self, error: Exception) -> None:
        """Nobody knows what it is of: it is not used, nor is what was scanned after it."""
        self._asking = False
        self._waiting.clear()
        self._desk.tell(error)


def _vial_with(connection: Connection, code: str) -> str | None:
    from biobank_desktop.services.foreign_codes import vial_with  # noqa: PLC0415

    return vial_with(connection, code)
