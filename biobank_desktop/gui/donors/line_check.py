"""A line is compared with the signed form, or with its scan, by somebody else than who entered it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.donors.consent_lines import add_answers, dates, heading
from biobank_desktop.gui.donors.corrections import DonorForm
from biobank_desktop.gui.donors.scan_view import ScanView
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import clear_layout, reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.donors import ConsentLineRow


class LineCheck(DonorForm):
    """Says whether the form says what was entered; beside it the scan, for whoever may open the store."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "", _("Store the comparison"), parent)
        self._donor, self._line, self._kept = "", 0, False
        said = [Choice(True, _("Says the same"), "Y"), Choice(False, _("Says something else"), "N")]
        self.agrees = ChoiceQuestion(_("The form"), said, name="agrees", columns=1, parent=self)
        self.note = FieldBox(_("What differs"), name="why", parent=self)
        self.passphrase = SecretField(_("Your identity passphrase"), name="passphrase", parent=self)
        self.show_scan = ActionButton(_("Show the scan"), icon="consent", hint="S", height_px=48, parent=self)
        self._kept_in_history = Text(_("The look is kept in the history."), "muted", parent=self)
        self.view = ScanView(desk, self)
        self._entered = QVBoxLayout()
        self._entered.setSpacing(4)
        self.rows.addLayout(self._entered)
        self.add_row([self.agrees], 1)
        self.add_row([self.note], 1)
        self.rows.addStretch(1)
        self._beside = self._scan_side()
        self.add_beside(self._beside, [self.passphrase])
        self.show_scan.clicked.connect(self.look)
        self.submitted.connect(self._store)
        desk.identities.changed.connect(self._follow)

    def _scan_side(self) -> QWidget:
        side = QWidget(self)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.show_scan)
        row.addWidget(self._kept_in_history, 1)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.passphrase)
        column.addLayout(row)
        column.addWidget(self.view)
        column.addStretch(1)
        return side

    def begin_for(self, donor: str, line: ConsentLineRow, *, kept: bool) -> None:
        """Compare this line; whether its scan is kept."""
        self._donor, self._line, self._kept = donor, line.no, kept
        clear_layout(self._entered)
        self._entered.addWidget(Text(heading(line), "strong", wrap=True, parent=self))
        self._entered.addWidget(Text(dates(line), "detail", wrap=True, parent=self))
        add_answers(self._entered, line, self)
        self.set_heading(
            _("Compare line {no} with the form").format(no=line.no),
            _("Take the signed form or its scan: who signed, on which day, every answer. Was it entered so?"),
        )
        self.agrees.set_value(None)
        self.note.clear()
        self.forget_scan()
        self.begin()
        bring_into_view(self)

    def forget_scan(self) -> None:
        """Put the scan away; what was answered stays."""
        self.view.forget()
        self.passphrase.clear()
        self._follow()

    def look(self) -> None:
        """S: show the scan; the reason is that this line is compared."""
        if self.show_scan.isHidden() or not self.show_scan.isEnabled():
            return
        if not self.passphrase.secret() and not self._desk.identities.opened:
            self._refused((Problem("passphrase", "answer-missing"),))
            return
        self.show_scan.setEnabled(False)
        self.view.look(
            self._donor,
            self._line,
            _("line {no} is compared with its form").format(no=self._line),
            self.passphrase.secret(),
            seen=self._seen,
            refused=self._refused,
            ended=lambda: self.show_scan.setEnabled(True),
        )

    def _seen(self) -> None:
        self.passphrase.clear()
        self.show_problems(())
        self._follow()
        self.agrees.setFocus()
        bring_into_view(self)

    def _follow(self) -> None:
        offered = self._kept and self._desk.identities.authorised and not self.view.shows
        reveal(self._beside, offered or self.view.shows)
        reveal(self.show_scan, offered)
        reveal(self._kept_in_history, offered)
        reveal(self.passphrase, offered and not self._desk.identities.opened)

    def _store(self) -> None:
        from biobank_desktop.services.forms import check_line  # noqa: PLC0415

        agrees = self.agrees.value()
        if agrees is None:
            self._refused((Problem("agrees", "answer-missing"),))
            return
        donor, line, note, same = self._donor, self._line, self.note.text(), bool(agrees)
        command_id = self.ids.of((donor, line, same, note))
        self._desk.act(
            self,
            lambda store, actor: check_line(
                store, actor, donor, line, agrees=same, note=note, command_id=command_id
            ),
            self._stored,
            topics={"donors"},
            refused=self._refused,
            once=self.ids.once(command_id),
            ended=self.rest,
        )

    def _stored(self, _nothing: None) -> None:
        self._done(_("Line {no} was compared with the form.").format(no=self._line))
