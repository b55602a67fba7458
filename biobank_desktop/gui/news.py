"""News of other benches at a shared database: heard at the commit, and looked for in case nobody told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.seals import Seal
    from biobank_desktop.persistence.words import Word

LOOK_EVERY_MS = 1000
"""How often a shared database is asked whether other benches did what nobody told."""
TOLD_WITHIN_MS = 200
"""How long after a seal was seen its word may take to be heard."""


class News(QObject):
    """Says ``came`` when the screens no longer show what is stored; own commands are no news.

    A word of another bench makes it look at the seals; so does a clock. When a seal is seen of which no word
    came, none came either of what it covers, and that is news, too. A look waits its turn behind what the
    screens have asked: however fast the news, they are painted before they are asked to read again.
    """

    came = Signal()
    """something was stored at another bench, or may have been"""
    seen = Signal(object)
    """the newest seal, at every look"""
    _word = Signal(object)
    """said on the listener's thread"""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._closed = self._looking = self._stale = False
        self._size = 0
        self._shown: int | None = None
        self.timer = QTimer(self)
        self.timer.setInterval(LOOK_EVERY_MS)
        self.timer.timeout.connect(self._look)
        self._word.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def open(self) -> None:
        """Begin with the database that the desk has opened; a local file is nobody else's."""
        session = self._desk.session
        if session is not None and not session.store.is_sqlite:
            self._look()
            self.timer.start()
            session.store.listen(self._word.emit)

    def close(self) -> None:
        """Hear and look no more."""
        self._closed = True
        self.timer.stop()
        if self._desk.session is not None:
            self._desk.session.store.hush()

    def _hear(self, word: Word) -> None:
        self._shown = word.sealed or self._shown
        if word.changed:
            self._stale = True
            self._look()

    def _look(self) -> None:
        """One look at a time: over a slow network a second one would make the first void."""
        session = self._desk.session
        if session is not None and not self._looking and not self._closed:
            self._looking = True
            self._desk.jobs.run(
                self, session.last_seal, self._saw, failed=self._desk.tell, ended=self._looked
            )

    def _looked(self) -> None:
        self._looking = False

    def _saw(self, newest: Seal) -> None:
        self.seen.emit(newest)
        if self._shown is None:
            self._shown = newest.size
        untold, self._size = self._size > self._shown, newest.size
        if self._stale or untold:
            self._stale, self._shown = False, newest.size
            self.came.emit()
        elif newest.size > self._shown:
            QTimer.singleShot(TOLD_WITHIN_MS, self, self._look)
