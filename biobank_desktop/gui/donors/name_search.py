"""Find a donor by hospital number, surname or date of birth, in the identity store."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.donors.who import called
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.identity import IdentityForm
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.identities import Glimpse
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities


def _columns() -> list[Column]:
    return [
        Column(_("Code"), lambda row: codes.group(row.donor), 150, mono=True),
        Column(_("Name"), called),
        Column(_("Date of birth"), lambda row: words.day(row.born_on), 150),
        Column(_("Hospital number"), lambda row: row.hospital_number or words.UNKNOWN, 200),
    ]


class NameSearch(QWidget):
    """What to look for and why; below it who was found, until the page is left."""

    opened = Signal(object)
    """the number of the donor to open"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._glimpse: Glimpse[list[IdentityForm]] | None = None
        self._rows: list[IdentityForm] = []
        told = _(
            "A hospital number, a surname, a date of birth, or surname and date of birth. The search and its "
            "reason are kept in the history; what was looked for is not."
        )
        self.form = FormCard(_("Find by name"), told, _("Find"), self)
        self.text = FieldBox(_("What to look for"), name="text", parent=self)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.passphrase = SecretField(_("Your identity passphrase"), name="passphrase", parent=self)
        self.form.add_row([self.text, self.why, self.passphrase], 3)
        self.count = Text("", "detail", parent=self)
        self.table = PagedTable(_columns(), desk.jobs, self)
        self.table.setAccessibleName(_("Donors found"))
        self._nobody = EmptyState(
            "search", _("Nobody found"), _("No identity has this number, surname or date of birth.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.form)
        column.addWidget(self.count)
        column.addWidget(self.table, 1)
        column.addWidget(self._nobody, 1)
        column.addStretch(0)
        self.form.submitted.connect(self._find)
        self.table.opened.connect(self._open)
        desk.identities.changed.connect(self._follow_lock)
        desk.identities.shut.connect(self.forget)
        self.forget()

    def begin(self) -> None:
        """Stand ready for another search."""
        self.forget()
        self.form.begin()

    def forget(self) -> None:
        """Nothing that was typed or found stays, and nothing still comes."""
        if self._glimpse is not None:
            self._glimpse.close()
        self._glimpse = None
        for field in (self.text, self.why, self.passphrase):
            field.clear()
        self._show_rows([])
        self._nobody.hide()
        self._follow_lock()

    def _follow_lock(self) -> None:
        self.passphrase.setVisible(not self._desk.identities.opened)

    def _find(self) -> None:
        from biobank_desktop.services.identity.donors import find_donors  # noqa: PLC0415

        text, why, passphrase = self.text.text(), self.why.text(), self.passphrase.secret()
        missing = [Problem("text", "nothing-to-find")] if not text else []
        if not why:
            missing.append(Problem("why", "reason-missing"))
        if not passphrase and not self._desk.identities.opened:
            missing.append(Problem("passphrase", "answer-missing"))
        if missing:
            self._refused(tuple(missing))
            return

        def find(store: Store, identities: Identities, actor: Actor) -> list[IdentityForm]:
            return find_donors(store, identities, actor, text, why)

        self.form.set_busy(True)
        self._glimpse = self._desk.identities.look(
            self,
            passphrase,
            find,
            self._found,
            refused=self._refused,
            ended=self.form.rest,
            topics=(),
        )

    def _found(self, rows: list[IdentityForm]) -> None:
        self.form.show_problems(())
        self.passphrase.clear()
        self._show_rows(rows)
        self._nobody.setVisible(not rows)
        if rows:
            self.table.setFocus()
        else:
            self.text.attend()

    def _show_rows(self, rows: list[IdentityForm]) -> None:
        self._rows = rows
        self.count.setText(ngettext("{count} donor", "{count} donors", len(rows)))
        self.count.setVisible(bool(rows))
        self.table.setVisible(bool(rows))

        def fetch(numbers: Sequence[int]) -> list[IdentityForm]:
            return [rows[number] for number in numbers]

        self.table.show_ids(array("q", range(len(rows))), fetch)

    def _open(self, number: int) -> None:
        self.opened.emit(codes.number(self._rows[number].donor))

    def _refused(self, problems: tuple[Problem, ...]) -> None:
        self._show_rows([])
        self._nobody.hide()
        self.form.show_problems(problems)
        self._desk.frame.notices.sound(Sound.WARNING)
