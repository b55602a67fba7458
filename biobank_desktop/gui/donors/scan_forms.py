"""The scan of a line's signed form: kept after the line was entered, or looked at with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui.donors.scan_files import ScanToKeep, choose, chosen_scan, keep_file
from biobank_desktop.gui.donors.scan_view import ScanView
from biobank_desktop.gui.donors.who import IdentityStep
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_files import ChosenScan


class ScanStep(IdentityStep):
    """A form about the scan of one line; it asks for the passphrase while the store is locked here."""

    def __init__(self, desk: Desk, action: str, parent: QWidget | None = None) -> None:
        super().__init__(desk, "", action, parent)
        self._donor, self._line = "", 0
        self.passphrase = SecretField(_("Your identity passphrase"), name="passphrase", parent=self)
        desk.identities.changed.connect(self._follow)

    def forget(self) -> None:
        """Nothing that was typed or shown stays, and nothing still comes."""
        super().forget()
        self.passphrase.clear()

    def _follow(self) -> None:
        self.passphrase.setVisible(not self._desk.identities.opened)

    def _missing(self) -> list[Problem]:
        needed = not self.passphrase.secret() and not self._desk.identities.opened
        return [Problem("passphrase", "answer-missing")] if needed else []


class ScanKeeping(ScanStep):
    """Chooses the file of a line's scan again and keeps it; it must be the one the line names."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, _("Keep the scan"), parent)
        self._chosen: ChosenScan | None = None
        self.file = ActionButton(_("Choose the scan"), icon="plus", height_px=48, parent=self)
        self._name = Text("", "muted", wrap=True, parent=self)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.file)
        row.addWidget(self._name, 1, Qt.AlignmentFlag.AlignVCenter)
        self.rows.addLayout(row)
        self.add_row([self.passphrase], 2)
        self.file.clicked.connect(self._choose)
        self.submitted.connect(self._keep)

    def begin_for(self, donor: str, line: int) -> None:
        """Keep the scan of this line."""
        self.forget()
        self._donor, self._line = donor, line
        self.set_heading(
            _("Keep the scan of line {no}").format(no=line),
            _("Choose the file the line was entered with. It is kept sealed; the file stays where it is."),
        )
        self._follow()
        self.begin()
        self.file.setFocus()
        bring_into_view(self)

    def forget(self) -> None:
        """Nothing that was chosen or typed stays."""
        super().forget()
        self._took(None)

    def take_file(self, path: Path) -> None:
        """Judge this file, away from the window's thread."""
        self._desk.jobs.run_aside(
            self, lambda: chosen_scan(path), self._took, newest="scan", failed=self._unreadable
        )

    def _choose(self) -> None:
        path = choose(self)
        if path is not None:
            self.take_file(path)

    def _took(self, chosen: ChosenScan | None) -> None:
        self._chosen = chosen
        self._name.setText(f"{chosen.path.name} · SHA-256 {chosen.sha256[:8]}…" if chosen else "")
        self.show_problems(())

    def _unreadable(self, error: Exception) -> None:
        self._took(None)
        if isinstance(error, Rejected):
            self._refused(error.problems)
        else:
            self._desk.tell(error)

    def _keep(self) -> None:
        missing = [] if self._chosen else [Problem("scan", "scan-missing")]
        missing += self._missing()
        if missing or self._chosen is None:
            self._refused(tuple(missing))
            return
        self.set_busy(True)
        keep_file(
            self._desk,
            self,
            self.ids,
            ScanToKeep(self._donor, self._line, self._chosen.path, self.passphrase.secret()),
            kept=self._kept,
            refused=self._refused,
            ended=self.rest,
        )

    def _kept(self) -> None:
        self._done(_("The scan of line {no} is kept.").format(no=self._line))


class ScanShowing(ScanStep):
    """Asks why, and shows the scan of a line."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, _("Show the scan"), parent)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.view = ScanView(desk, self)
        self.add_row([self.why, self.passphrase], 2)
        self.rows.addWidget(self.view)
        self.submitted.connect(self._go_on)

    def begin_for(self, donor: str, line: int) -> None:
        """Look at the scan of this line."""
        self.forget()
        self._donor, self._line = donor, line
        self.set_heading(
            _("Scan of line {no}").format(no=line),
            _("The look and its reason are kept in the history."),
        )
        self.begin()
        bring_into_view(self)

    def forget(self) -> None:
        """Nothing that was typed or shown stays, and nothing still comes."""
        super().forget()
        self.view.forget()
        self.why.clear()
        self._show_stage()

    def _follow(self) -> None:
        self.passphrase.setVisible(not self.view.shows and not self._desk.identities.opened)

    def _show_stage(self) -> None:
        seen = self.view.shows
        self.primary.set_text(_("Put away") if seen else _("Show the scan"))
        self.cancel.setVisible(not seen)
        self.why.setVisible(not seen)
        self._follow()
        if seen:
            self.passphrase.clear()
            self.show_problems(())
            self.view.sheet.setFocus()
            bring_into_view(self)

    def _go_on(self) -> None:
        if self.view.shows:
            self.closed.emit()
            return
        missing = [] if self.why.text() else [Problem("why", "reason-missing")]
        missing += self._missing()
        if missing:
            self._refused(tuple(missing))
            return
        self.set_busy(True)
        self.view.look(
            self._donor,
            self._line,
            self.why.text(),
            self.passphrase.secret(),
            seen=self._show_stage,
            refused=self._refused,
            ended=self.rest,
        )
