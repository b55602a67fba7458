"""The list of donors, found by code or laboratory number."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.protocols import protocol_day
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.theme import Meaning
    from biobank_desktop.persistence.queries.donors import DonorRow

TYPING_MS = 120


@dataclass(frozen=True)
class ListedDonor:
    """A donor as the list shows it: the facts and the verdict on storing, now."""

    donor: DonorRow
    lab_numbers: tuple[tuple[str, str], ...]
    decision: Decision


def listed(connection: Connection, ids: Sequence[int], now: datetime) -> list[ListedDonor]:
    """A page of donors in the order of their numbers given."""
    from biobank_desktop.persistence.queries import donors  # noqa: PLC0415
    from biobank_desktop.services.gate import verdict  # noqa: PLC0415

    rows = donors.donors(connection, list(ids))
    return [
        ListedDonor(
            rows[one],
            tuple(donors.lab_numbers(connection, one)),
            verdict(connection, rows[one], "store", now),
        )
        for one in ids
        if one in rows
    ]


def _columns() -> list[Column]:
    return [
        Column(_("Code"), lambda row: codes.group(row.donor.code), 150, mono=True),
        Column(_("Laboratory numbers"), lambda row: ", ".join(value for _issuer, value in row.lab_numbers)),
        Column(_("Age"), _age, 90, right=True),
        Column(_("Sex"), lambda row: words.choice_name(row.donor.sex), 130),
        Column(_("Today"), _day_today, 100, right=True),
        Column(_("Storing"), lambda row: words.verdict_title(row.decision), 264, meaning=_meaning),
        Column(_("Samples"), lambda row: str(row.donor.samples), 90, right=True),
    ]


def _age(row: ListedDonor) -> str:
    return words.age(row.donor.turns_12_on, row.decision.on)


def _day_today(row: ListedDonor) -> str:
    day = protocol_day(row.donor.day1_on, row.decision.on)
    return words.UNKNOWN if day is None else _("day {day}").format(day=day)


def _meaning(row: ListedDonor) -> Meaning:
    return words.MEANINGS[row.decision.verdict]


class DonorList(QWidget):
    """All donors, or those that were searched for."""

    opened = Signal(object)
    """the number of the donor to open"""
    register_wanted = Signal()
    """somebody wants to register a donor"""
    what_if_wanted = Signal()
    """somebody wants to know whose verdict would change"""
    name_wanted = Signal()
    """somebody knows a name, not a code"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.search = FieldBox(_("Find by code or laboratory number"), name="search", parent=self)
        self.register = ActionButton(_("Register a donor"), icon="plus", hint="N", parent=self)
        self.register.clicked.connect(self.register_wanted)
        self.what_if = ActionButton(_("What if"), icon="help", hint="I", parent=self)
        self.what_if.clicked.connect(self.what_if_wanted)
        self.by_name = ActionButton(_("Find by name"), icon="person", hint="F", parent=self)
        self.by_name.clicked.connect(self.name_wanted)
        self.count = Text("", "detail", parent=self)
        self.table = PagedTable(_columns(), desk.jobs, self)
        self.table.setAccessibleName(_("Donors"))
        self.table.opened.connect(self.opened)
        self._pages = Pages(self)
        self._none = EmptyState(
            "donors",
            _("No donors yet"),
            _("Donors are registered here, or with the first tube in Intake."),
            _("Register a donor"),
        )
        self._none.acted.connect(self.register_wanted)
        self._unknown = EmptyState(
            "search", _("No donor found"), _("No code and no laboratory number begins with this.")
        )
        for page in (self.table, self._none, self._unknown):
            self._pages.add(page)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(TYPING_MS)
        self._wait.timeout.connect(self.refresh)
        self.search.changed.connect(self._wait.start)
        desk.identities.changed.connect(self._offer_name)
        self._lay_out()
        self._offer_name()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        words_of = QVBoxLayout()
        words_of.setSpacing(4)
        words_of.addWidget(Text(_("Donors"), "title", parent=self))
        words_of.addWidget(self.count)
        head.addLayout(words_of, 1)
        head.addWidget(self.search, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.what_if, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.by_name, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.register, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def refresh(self) -> None:
        """Read again which donors there are."""
        typed = self.search.text()

        def ids(connection: Connection) -> array[int]:
            from biobank_desktop.persistence.queries import donors  # noqa: PLC0415

            return array("q", donors.found(connection, typed) if typed else donors.donor_ids(connection))

        self._desk.read(self, ids, lambda came: self._show(typed, came), newest="ids")

    def _offer_name(self) -> None:
        self.by_name.setVisible(self._desk.identities.authorised)

    def _show(self, typed: str, ids: array[int]) -> None:
        before = self.table.current_id()
        self.count.setText(ngettext("{count} donor", "{count} donors", len(ids)))
        self._pages.show_page(self.table if ids else self._unknown if typed else self._none)
        self.table.show_ids(ids, self._fetch)
        if before is not None and before in ids:
            self.table.selectRow(ids.index(before))

    def _fetch(self, ids: Sequence[int]) -> list[ListedDonor]:
        session = self._desk.session
        assert session is not None
        with session.store.read() as connection:
            return listed(connection, ids, datetime.now(UTC))
