"""Backups: the newest verified one, making one now, where they go, and how one is restored."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Unavailable
from biobank_desktop.gui import words
from biobank_desktop.gui.settings.database import megabytes
from biobank_desktop.gui.settings.part import BenchSettings, Part
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from PySide6.QtWidgets import QAbstractButton, QWidget

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Job
    from biobank_desktop.persistence.backups import Backup
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.services.backup import Made

TABLE_PX = 220


def _columns() -> list[Column]:
    return [
        Column(_("Made"), lambda one: words.moment(one.made_at), 190),
        Column(_("Sort"), _sort, 240),
        Column(_("Size"), lambda one: megabytes(one.size_bytes), 110, right=True),
        Column(_("File"), lambda one: one.path.name, mono=True),
    ]


def _sort(one: Backup) -> str:
    return _("Portable archive") if one.sort == "zip" else _("Snapshot (SQLite)")


class BackupPart(Part):
    """What there is, one button to make another one, and the folder they go to."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.rows: list[Backup] = []
        self._job: Job | None = None
        self._running = False
        self.facts = FactGrid(2, self)
        self.make = PrimaryButton(_("Back up now"), parent=self)
        self.make.setMaximumWidth(280)
        self.make.clicked.connect(self.back_up)
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(_("Backing up"))
        self.doing = Text("", "detail", parent=self)
        self.cancel = ActionButton(_("Cancel"), Look.QUIET, parent=self)
        self.cancel.clicked.connect(self._cancel)
        self.problems = ProblemList(self)
        self.folder = FieldBox(_("Folder for backups, best on another disk"), name="folder", parent=self)
        self.use_folder = ActionButton(_("Use this folder"), parent=self)
        self.use_folder.clicked.connect(self._use_folder)
        self.table = PagedTable(_columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Backups"))
        self.table.setFixedHeight(TABLE_PX)
        self._lay_out()
        self._show_running(False)

    def _lay_out(self) -> None:
        card = Card(_("Backup"), self)
        card.body.addWidget(self.facts)
        running = QHBoxLayout()
        running.setSpacing(12)
        running.addWidget(self.make)
        running.addWidget(self.progress, 1)
        running.addWidget(self.doing)
        running.addWidget(self.cancel)
        running.addStretch(0)
        card.body.addLayout(running)
        card.body.addWidget(self.problems)
        where = QHBoxLayout()
        where.setSpacing(12)
        where.addWidget(self.folder, 1)
        where.addWidget(self.use_folder, 0, Qt.AlignmentFlag.AlignBottom)
        card.body.addLayout(where)
        self.body.addWidget(card)
        self.body.addWidget(self.table)
        restore = Card(_("Restoring"), self)
        explained = _(
            "A backup is restored into an empty place only, by the command line: "
            "biobank restore ARCHIVE --db PATH. The restore is written into the history. After it every "
            "release is blocked until two people have signed for the gap: a restore can undo a withdrawal."
        )
        restore.body.addWidget(Text(explained, wrap=True, parent=restore))
        self.body.addWidget(restore)
        self.body.addStretch(1)

    def primary(self) -> QAbstractButton | None:
        """Backing up now."""
        return self.make

    def begin(self) -> None:
        """The button comes first, for those who may press it."""
        if self.may("backup"):
            self.make.setFocus()

    def refresh(self) -> None:
        """Look which backups there are."""
        session = self.desk.session
        assert session is not None
        folder = session.settings.backup_folder
        if not self.folder.text():
            self.folder.set_text(str(folder))
        self.make.setVisible(self.may("backup"))
        self.make.setEnabled(self.may("backup") and not self._running)

        def listed() -> list[Backup]:
            from biobank_desktop.persistence.backups import listed  # noqa: PLC0415

            return listed(folder)

        self.desk.jobs.run_aside(self, listed, self._show, failed=self._failed, newest="list")

    def _show(self, rows: list[Backup]) -> None:
        self.rows = rows
        self.table.setVisible(bool(rows))
        self.table.show_ids(array("q", range(len(rows))), self._fetch)
        session = self.desk.session
        assert session is not None
        newest = rows[0] if rows else None
        self.facts.set_facts(
            [
                Fact(
                    _("Newest verified backup"),
                    words.moment(newest.made_at) if newest else _("None yet"),
                    _("{age} ago").format(age=words.ago(newest.made_at)) if newest else "",
                ),
                Fact(
                    _("Automatic"),
                    _("Every 15 minutes of change"),
                    ngettext("{count} file", "{count} files", len(rows)),
                ),
            ]
        )

    def _fetch(self, numbers: Sequence[int]) -> list[Backup]:
        return [self.rows[number] for number in numbers]

    def back_up(self) -> None:
        """Back up now, in steps between which the lab works on; verified on the copy."""
        session, actor = self.desk.session, self.desk.actor
        if session is None or self._running:
            return
        store, folder = session.store, session.settings.backup_folder
        self.problems.show_problems(())
        self._show_running(True)

        def steps() -> Steps[Made]:
            from biobank_desktop.services.backup import back_up  # noqa: PLC0415

            return back_up(store, actor, [folder], datetime.now(UTC))

        job = self.desk.jobs.run_long(
            self, steps, self._made, failed=self._failed, progress=self._progressed, cancelled=self._cancelled
        )
        self._job = job if self._is_running() else None

    def _is_running(self) -> bool:
        return self._running

    def _progressed(self, progress: Any) -> None:
        self.progress.setRange(0, max(progress.total, 1))
        self.progress.setValue(progress.done)
        self.doing.setText(_("copying and verifying"))

    def _made(self, made: Made) -> None:
        self._show_running(False)
        self.problems.show_problems(made.problems)
        self.desk.frame.status.set_backup(made.made_at)
        events = ngettext("{count} event", "{count} events", made.events)
        said = _("Backed up and verified: {events}.").format(events=events)
        self.desk.frame.notices.say(said, sound=Sound.DONE)
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._show_running(False)
        if isinstance(error, (Unavailable, IntegrityBroken)):
            self.problems.show_problems((error.problem,))
            self.desk.frame.notices.sound(Sound.WARNING)
        else:
            self.desk.tell(error)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _cancelled(self) -> None:
        self._show_running(False)
        self.desk.frame.notices.say(_("The backup was cancelled; earlier ones are as they were."))

    def _show_running(self, on: bool) -> None:
        self._running = on
        self._job = None
        self.progress.setRange(0, 0 if on else 1)
        self.doing.setText("")
        attended = self.make.hasFocus() or self.cancel.hasFocus()
        if on:
            self.cancel.setVisible(True)
        self.make.setEnabled(not on)
        if attended:
            (self.cancel if on else self.make).setFocus()
        for widget in (self.progress, self.doing, self.cancel):
            widget.setVisible(on)

    def _use_folder(self) -> None:
        folder = Path(self.folder.text())

        def usable() -> None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                values = {"path": str(folder), "reason": error.strerror or str(error)}
                raise Unavailable(Problem("folder", "folder-not-usable", values)) from error

        if not folder.is_absolute():
            self.folder.set_problems((Problem("folder", "folder-not-absolute"),))
            return
        self.desk.jobs.run_aside(
            self, usable, lambda _nothing: self._folder_used(folder), failed=self._folder_failed
        )

    def _folder_used(self, folder: Path) -> None:
        self.folder.set_problems(())
        self.bench.change(backup_folder=folder)
        said = _("Backups go to {folder} from now on.").format(folder=folder)
        self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)
        self.refresh()

    def _folder_failed(self, error: Exception) -> None:
        if isinstance(error, Unavailable):
            self.folder.set_problems((error.problem,))
        else:
            self.desk.tell(error)
