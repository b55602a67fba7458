"""The automatic backup: after the first change, then every quarter of an hour in which something changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from biobank_desktop.domain.problems import IntegrityBroken, Unavailable
from biobank_desktop.gui.desk import of_disk
from biobank_desktop.gui.notices import Action, Level
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.services.backup import Made

FIRST_AFTER_MS = 20_000
"""The first change of a day is backed up when the hands have moved on."""
EVERY = timedelta(minutes=15)


class AutoBackup(QObject):
    """Backs up in small steps between the scans; what went wrong stays on screen until it is mended."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._running = False
        self._changed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._due)
        desk.acted.connect(self._acted)

    def show_age(self) -> None:
        """Tell the status line how old the newest verified backup is."""
        session = self._desk.session
        if session is None:
            return
        folder = session.settings.backup_folder

        def newest() -> datetime | None:
            from biobank_desktop.persistence.backups import listed  # noqa: PLC0415

            soon = datetime.now(UTC) + EVERY  # one from the future was made with a wrong clock
            return max((one.made_at for one in listed(folder) if one.made_at <= soon), default=None)

        self._desk.jobs.run_aside(self, newest, self._desk.frame.status.set_backup, newest="age")

    def back_up(self) -> None:
        """Back up now, unless one is being made."""
        session = self._desk.session
        if session is None or self._running or session.store.read_only:
            return
        self._running, self._changed = True, False
        store, folder = session.store, session.settings.backup_folder

        def steps() -> Steps[Made]:
            from biobank_desktop.services.backup import back_up  # noqa: PLC0415

            return back_up(store, None, [folder], datetime.now(UTC))

        self._desk.jobs.run_long(self, steps, self._made, failed=self._failed, cancelled=self._ended)

    def close(self) -> None:
        """No further backup is begun."""
        self._timer.stop()

    def _acted(self) -> None:
        self._changed = True
        if not self._timer.isActive() and not self._running:
            self._timer.start(FIRST_AFTER_MS)

    def _made(self, made: Made) -> None:
        self._ended()
        self._desk.frame.status.set_backup(made.made_at)
        if made.problems:
            self._complain(made.problems[0])
        else:
            self._desk.frame.notices.clear_banner("backup")

    def _failed(self, error: Exception) -> None:
        self._ended()
        if isinstance(error, (Unavailable, IntegrityBroken)):
            self._complain(error.problem)
        elif isinstance(error, OSError):
            self._complain(of_disk(error))
        else:
            self._desk.tell(error)

    def _complain(self, problem: Problem) -> None:
        self._desk.frame.notices.banner(
            "backup", say(problem), Level.WARNING, Action(_("Try again"), self.back_up)
        )

    def _ended(self) -> None:
        """The next one is due in a quarter of an hour; without a change there is nothing to do."""
        self._running = False
        self._timer.start(int(EVERY.total_seconds() * 1000))

    def _due(self) -> None:
        if self._changed:
            self.back_up()
