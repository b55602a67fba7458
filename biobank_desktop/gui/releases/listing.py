"""The list of releases: the open ones first, then the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.people import may
from biobank_desktop.gui import words
from biobank_desktop.gui.releases import wording
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.releases import ReleaseRow


def _columns() -> list[Column]:
    from biobank_desktop.services.release_page import shown_number  # noqa: PLC0415

    return [
        Column(_("Number"), shown_number, 124, mono=True),
        Column(_("Study"), lambda row: row.study),
        Column(_("Recipient"), lambda row: f"{row.recipient}, {row.institution}", 322),
        Column(_("Country"), lambda row: wording.country(row.country), 110),
        Column(_("State"), lambda row: wording.state(row.state), 118),
        Column(_("Vials"), lambda row: str(row.vials), 108, right=True),
        Column(_("Refused"), lambda row: str(row.refused), 90, right=True),
        Column(_("Opened"), lambda row: words.day(local_day(row.opened_at)), 120),
    ]


class ReleaseList(QWidget):
    """All releases; one opens with Enter."""

    opened = Signal(object)
    """the number of the release to open"""
    wanted = Signal()
    """somebody wants to open a new one"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.count = Text("", "detail", parent=self)
        self.new = ActionButton(_("Open a release"), icon="plus", hint="N", parent=self)
        self.new.clicked.connect(self.wanted)
        self.table = RowTable(_columns(), lambda row: row.no, desk.jobs, self, enter_opens=True)
        self.table.setAccessibleName(_("Releases"))
        self.table.opened.connect(self.opened)
        self.none = EmptyState(
            "release",
            _("Nothing has left yet"),
            _("A release says to which study material goes, and for what; then its vials are scanned."),
            _("Open a release"),
        )
        self.none.acted.connect(self.wanted)
        self._pages = Pages(self)
        for page in (self.table, self.none):
            self._pages.add(page)
        self._pages.show_page(self.table)
        self._lay_out()

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(4)
        said.addWidget(Text(_("Releases"), "title", parent=self))
        said.addWidget(self.count)
        head = QHBoxLayout()
        head.addLayout(said, 1)
        head.addWidget(self.new, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def refresh(self) -> None:
        """Read again which releases there are."""
        actor = self._desk.actor
        allowed = actor is not None and may(actor, "storage")
        self.new.setVisible(allowed)
        self.none.button.setVisible(allowed)
        self._desk.read(self, _listed, self._show, newest="releases")

    def _show(self, rows: list[ReleaseRow]) -> None:
        waiting = sum(row.state == "open" for row in rows)
        self.count.setText(ngettext("{count} open release", "{count} open releases", waiting) if rows else "")
        self.table.show_rows(rows)
        self._pages.show_page(self.table if rows else self.none)


def _listed(connection: Connection) -> list[ReleaseRow]:
    from biobank_desktop.persistence.queries import releases  # noqa: PLC0415

    waiting = releases.releases(connection, state="open")
    return [*waiting, *(row for row in releases.releases(connection) if row.state != "open")]
