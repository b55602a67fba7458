"""The list of nonconformities: the open ones first, then the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.people import may
from biobank_desktop.gui import words
from biobank_desktop.gui.quarantine import reading, wording
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.nonconformities import NonconformityRow


def _columns() -> list[Column]:
    return [
        Column(_("No."), lambda row: str(row.no), 64, right=True),
        Column(_("Kind"), lambda row: words.choice_name(row.kind), 130),
        Column(_("What was found"), lambda row: row.what),
        Column(_("Found at"), lambda row: words.moment(row.found_at), 160),
        Column(_("Found by"), lambda row: row.found_by, 150),
        Column(_("Samples"), lambda row: str(row.samples), 90, right=True),
        Column(_("Undecided"), lambda row: str(row.undecided), 110, right=True),
        Column(_("State"), wording.state, 190, meaning=wording.meaning),
    ]


class NonconformityList(QWidget):
    """Everything that was found; one opens with Enter."""

    opened = Signal(object)
    """the number of the one to open"""
    report_wanted = Signal()
    """somebody has found something"""
    look_wanted = Signal()
    """somebody wants to know what something touched"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.count = Text("", "detail", parent=self)
        self.look = ActionButton(_("What did this touch?"), icon="search", hint="L", parent=self)
        self.look.clicked.connect(self.look_wanted)
        self.report = ActionButton(_("Report"), icon="plus", hint="N", parent=self)
        self.report.clicked.connect(self.report_wanted)
        self.table = RowTable(_columns(), lambda row: row.no, desk.jobs, self, enter_opens=True)
        self.table.setAccessibleName(_("Nonconformities"))
        self.table.opened.connect(self.opened)
        self.none = EmptyState(
            "warning",
            _("Nothing was reported yet"),
            _(
                "What went wrong is reported here: an alarm, a wrong lot, a device that ran warm. What it "
                "may have touched is held back until a manager decides."
            ),
            _("Report"),
        )
        self.none.acted.connect(self.report_wanted)
        self._pages = Pages(self)
        for page in (self.table, self.none):
            self._pages.add(page)
        self._pages.show_page(self.table)
        self._lay_out()

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(4)
        said.addWidget(Text(_("Quarantine"), "title", parent=self))
        said.addWidget(self.count)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(said, 1)
        head.addWidget(self.look, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.report, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def refresh(self) -> None:
        """Read again what was found."""
        actor = self._desk.actor
        allowed = actor is not None and may(actor, "storage")
        self.report.setVisible(allowed)
        self.none.button.setVisible(allowed)
        self._desk.read(self, reading.listed, self._show, newest="nonconformities")

    def _show(self, rows: list[NonconformityRow]) -> None:
        undecided = sum(row.undecided for row in rows if row.state != "closed")
        said = ngettext(
            "{count} sample waits for a decision", "{count} samples wait for a decision", undecided
        )
        self.count.setText(said if rows else "")
        self.table.show_rows(rows)
        self._pages.show_page(self.table if rows else self.none)
