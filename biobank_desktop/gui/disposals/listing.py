"""All lists: why, for whom, what waits on each, since when."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.people import may
from biobank_desktop.gui import words
from biobank_desktop.gui.disposals import wording
from biobank_desktop.gui.disposals.reading import all_lists
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.disposals import DisposalRow


class AllLists(QWidget):
    """The lists in a table, the open ones first; Enter opens one."""

    opened = Signal(object)
    """the number of the list to open"""
    making_wanted = Signal()
    """somebody wants to open a list by hand"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: dict[int, DisposalRow] = {}
        self.count = Text("", "detail", parent=self)
        self.make = ActionButton(_("Open a list"), icon="plus", hint="N", parent=self)
        self.make.clicked.connect(self.making_wanted)
        self.table = PagedTable(_columns(), desk.jobs, self)
        self.table.setAccessibleName(_("Lists"))
        self.table.opened.connect(self.opened)
        self.empty = EmptyState(
            "permitted",
            _("Nothing has to leave"),
            _("A withdrawal opens a list of its own. A manager opens one for what is refused or too old."),
        )
        self._pages = Pages(self)
        for page in (self.table, self.empty):
            self._pages.add(page)
        self._pages.show_page(self.table)
        titles = QVBoxLayout()
        titles.setSpacing(4)
        titles.addWidget(Text(_("Disposal"), "title", parent=self))
        titles.addWidget(self.count)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addLayout(titles, 1)
        head.addWidget(self.make)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.table)
        self.offer()

    def offer(self) -> None:
        """Only a manager opens a list by hand."""
        actor = self._desk.actor
        self.make.setVisible(actor is not None and may(actor, "manage"))

    def refresh(self) -> None:
        """Read the lists again."""
        self.offer()
        self._desk.read(self, all_lists, self._show, newest="lists")

    def _show(self, rows: list[DisposalRow]) -> None:
        before = self.table.current_id()
        self._rows = {row.no: row for row in rows}
        known, ids = self._rows, array("q", self._rows)
        self.table.show_ids(ids, lambda wanted: [known[no] for no in wanted])
        if before is not None and before in ids:
            self.table.selectRow(ids.index(before))
        waiting = sum(row.state == "open" for row in rows)
        self.count.setText(ngettext("{count} list is open", "{count} lists are open", waiting))
        self._pages.show_page(self.table if rows else self.empty)


def _columns() -> Sequence[Column]:
    return (
        Column(_("List"), lambda row: str(row.no), 72, right=True),
        Column(_("Why"), _why),
        Column(_("Donor"), _donor, 144, mono=True),
        Column(_("Lines"), lambda row: str(row.lines), 80, right=True),
        Column(_("To do"), _to_do, 104, right=True),
        Column(_("To witness"), _to_witness, 120, right=True),
        Column(_("Since"), lambda row: words.moment(row.opened_at), 160),
        Column(_("State"), _state, 136, meaning=_meaning),
    )


def _why(row: DisposalRow) -> str:
    word = wording.reason_word(row.reason)
    if not row.note:
        return word
    return f"{word} · {words.choice_name(row.note) if row.reason == 'withdrawal' else row.note}"


def _donor(row: DisposalRow) -> str:
    return codes.group(codes.from_number(row.donor_id)) if row.donor_id is not None else ""


def _to_do(row: DisposalRow) -> str:
    return str(row.open) if row.open else words.UNKNOWN


def _to_witness(row: DisposalRow) -> str:
    return str(row.unwitnessed) if row.unwitnessed else words.UNKNOWN


def _state(row: DisposalRow) -> str:
    return _("open") if row.state == "open" else _("closed")


def _meaning(row: DisposalRow) -> Meaning:
    return Meaning.PROVISIONAL if row.state == "open" else Meaning.PERMITTED
