"""What would change: the verdicts in a table, below it the donors of one change, the vials of one donor."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractScrollArea, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import theme, words
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.what_if import Change, Moved

VIALS_PX = 100
LEAST_PX = 136
"""A heading and two rows; a list takes what room there is, and scrolls."""


@dataclass(frozen=True)
class Listed:
    """A donor of a change with the codes of the filled vials."""

    donor: str
    vials: tuple[str, ...]


class Changes(QWidget):
    """The changes; the one under the cursor donor by donor. Only the pages that are looked at are read."""

    opened = Signal(object)
    """the number of the donor to open"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._changes: Sequence[Change] = ()
        self.table = PagedTable(_change_columns(), desk.jobs, self)
        self.table.setAccessibleName(_("Verdicts that would change"))
        self.donors = PagedTable(_donor_columns(), desk.jobs, self)
        self.donors.setAccessibleName(_("Donors concerned"))
        self.vials = QPlainTextEdit(self)
        self._which = ElidedText("", "section", parent=self)
        self._whose = Text("", "label", parent=self)
        self._lay_out()
        self.table.pointed.connect(self._show_donors)
        self.table.opened.connect(lambda _change: self.donors.setFocus())
        self.donors.pointed.connect(self._show_vials)
        self.donors.rows.page_came.connect(self._show_vials)
        self.donors.opened.connect(self.opened)

    def _lay_out(self) -> None:
        give_way(self.table)
        give_way(self.donors)
        theme.set_role(self.vials, "plain")
        self.vials.setProperty("mono", True)
        self.vials.setReadOnly(True)
        self.vials.setTabChangesFocus(True)
        self.vials.setFixedHeight(VIALS_PX)
        self.vials.setAccessibleName(_("Vials"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(self._which)
        column.addWidget(self.donors, 1)
        column.addWidget(self._whose)
        column.addWidget(self.vials)

    def show_changes(self, changes: Sequence[Change]) -> None:
        """Show these, the cursor on the first."""
        self._changes = changes
        self.table.show_ids(
            array("q", range(len(changes))), lambda numbers: [changes[number] for number in numbers]
        )

    def attend(self) -> None:
        """Go on in the table where one was before, else in the first."""
        before: QWidget | None = self.focusWidget()
        (self.table if before is None else before).setFocus()

    def _show_donors(self, number: int) -> None:
        """The donors of a change, those with the most vials first."""
        change = self._changes[number]
        self._which.setText(_heading(change))
        self.vials.clear()
        self._whose.setText("")
        moved = sorted(change.donors, key=attrgetter("vials"), reverse=True)
        by_id = {donor.donor_id: donor for donor in moved}
        self.donors.show_ids(
            array("q", by_id), lambda numbers: self._listed([by_id[number] for number in numbers])
        )

    def _listed(self, donors: Sequence[Moved]) -> list[Listed]:
        from biobank_desktop.persistence.steps import complete  # noqa: PLC0415
        from biobank_desktop.services.what_if import vials_of  # noqa: PLC0415

        session = self._desk.session
        assert session is not None
        vials = complete(vials_of(session.store, donors))
        return [Listed(donor.donor, vials[donor.donor]) for donor in donors]

    def _show_vials(self, *_where: object) -> None:
        """The vials of the donor under the cursor, once they are read."""
        index = self.donors.currentIndex()
        row = self.donors.rows.row_at(index.row()) if index.isValid() else None
        if isinstance(row, Listed):
            self._whose.setText(_("Filled vials of {donor}").format(donor=codes.group(row.donor)))
            listed = "   ".join(codes.group(vial).replace(" ", "\N{NO-BREAK SPACE}") for vial in row.vials)
            self.vials.setPlainText(listed or _("No filled vial."))


def give_way(area: QAbstractScrollArea) -> None:
    """Let a part that scrolls never make the screen higher than its room."""
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    area.setMinimumHeight(LEAST_PX)


def counted(donors: int, vials: int) -> str:
    """So many vials of so many donors."""
    return _("{vials} of {donors}").format(
        vials=ngettext("{count} vial", "{count} vials", vials),
        donors=ngettext("{count} donor", "{count} donors", donors),
    )


def _heading(change: Change) -> str:
    return _("{purpose}: {before} → {after} · {counted}").format(
        purpose=words.choice_name(change.purpose),
        before=words.choice_name(change.before),
        after=words.choice_name(change.after),
        counted=counted(len(change.donors), change.vials),
    )


def _change_columns() -> list[Column]:
    return [
        Column(_("Purpose"), lambda row: words.choice_name(row.purpose)),
        Column(
            _("Now"),
            lambda row: words.choice_name(row.before),
            140,
            meaning=lambda row: words.MEANINGS[row.before],
        ),
        Column(
            _("Then"),
            lambda row: words.choice_name(row.after),
            140,
            meaning=lambda row: words.MEANINGS[row.after],
        ),
        Column(_("Donors"), lambda row: str(len(row.donors)), 90, right=True),
        Column(_("Vials"), lambda row: str(row.vials), 90, right=True),
    ]


def _donor_columns() -> list[Column]:
    return [
        Column(_("Donor"), lambda row: codes.group(row.donor), 150, mono=True),
        Column(_("Vials"), lambda row: str(len(row.vials)), 104, right=True),
        Column(_("Codes"), lambda row: ", ".join(map(codes.group, row.vials)), mono=True),
    ]
