"""The half-filled receipt of whoever is at the bench: kept on disk while they type, theirs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.notices import Level
from biobank_desktop.language import say

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.receiving import ReceivingPage

FORM = "intake"
SAVE_AFTER_MS = 400
BANNER = "draft"


class Draft(QObject):
    """Saves a moment after the last key, and at once when the screen is left."""

    saved = Signal()
    """it is on the disk"""

    def __init__(self, desk: Desk, page: ReceivingPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._page = page
        self._login = ""
        self._aside: dict[str, Any] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)

    def touch(self) -> None:
        """Something was typed."""
        if self._desk.actor is not None:
            self._login = self._desk.actor.login
        self._timer.start()

    def save(self) -> None:
        """Keep the form now, aside from the database."""
        self._timer.stop()
        drafts, login = self._desk.drafts, self._login
        if self._desk.session is None or drafts is None or not login or not self._page.tube_code:
            return
        kept = self._page.kept()
        self._desk.jobs.run_aside(
            self,
            lambda: drafts.save(login, FORM, kept),
            self._kept,
            failed=self._not_kept,
        )

    def _kept(self, _nothing: None) -> None:
        self._desk.frame.notices.clear_banner(BANNER)
        self.saved.emit()

    def _not_kept(self, error: Exception) -> None:
        """A full disk: the form stays on the screen, and the person knows that it is nowhere else."""
        if isinstance(error, OSError):
            problem = Problem("", "draft-not-kept", {"said": error.strerror or str(error)})
            self._desk.frame.notices.banner(BANNER, say(problem), Level.WARNING)
        else:
            self._desk.tell(error)

    def load(self) -> dict[str, Any] | None:
        """The draft of whoever is signed in."""
        actor, drafts = self._desk.actor, self._desk.drafts
        if actor is None or drafts is None:
            return None
        self._login = actor.login
        return drafts.load(actor.login, FORM)

    def remove(self) -> None:
        """The tube is registered."""
        self._timer.stop()
        drafts, login = self._desk.drafts, self._login
        if drafts is not None and login:
            self._desk.jobs.run_aside(self, lambda: drafts.remove(login, FORM), failed=self._desk.tell)

    def put_aside(self) -> None:
        """The form is given up; it can be brought back until the next one begins."""
        self._aside = self._page.kept()
        self.remove()

    def bring_back(self) -> bool:
        """Keep again what was put aside; False when nothing was."""
        drafts = self._desk.drafts
        if self._aside is None or drafts is None:
            return False
        try:
            drafts.save(self._login, FORM, self._aside)
        except OSError as error:
            self._not_kept(error)
            return False
        self._aside = None
        return True

    def owner_left(self) -> bool:
        """Whether somebody else is at the bench now; the form of the other is kept."""
        actor = self._desk.actor
        if not self._login or actor is None or actor.login == self._login:
            return False
        self.save()
        self._login = actor.login
        return True
