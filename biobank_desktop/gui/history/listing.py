"""The list of all events, newest first, of everybody or one person, of all kinds or one."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui import words
from biobank_desktop.gui.history.facts import subject, summary
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.fields import Answer
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.persistence.queries.people import PersonRow

STEP = 20_000
KINDS = (
    "lab-founded", "signed-in", "account-recovered", "person-added", "person-changed", "password-set",
    "donor-registered", "donor-corrected", "consent-recorded", "line-checked",
    "tube-received", "released-by-diagnostics", "step-started", "step-ended", "counted",
    "vials-added", "filled", "made-void", "placed", "taken-out", "placing-undone",
    "moved", "swapped", "emptied", "list-loaded", "move-undone",
    "box-spilled", "box-rescanned", "spill-ended",
    "reserved", "reservation-ended", "outage-begun", "outage-ended",
    "bulk-filled", "corrected", "reattributed",
    "labels-sending", "labels-reported", "labels-given-up", "label-decided", "label-reprinted",
    "label-verified", "labels-sent", "labels-failed", "roll-added", "codes-bound",
    "identity-set", "identity-read", "identity-searched", "identity-erased", "scan-kept", "scan-read",
    "identity-store-made", "identity-authorised", "identity-withdrawn", "identity-passphrase-set",
    "identity-recovered", "identity-rotated", "identity-cleared", "identity-backed-up", "identity-restored",
    "release-opened", "release-changed", "vials-chosen", "vials-dropped", "release-issued",
    "release-cancelled", "nonconformity-reported", "quarantine-extended", "quarantine-decided",
    "nonconformity-closed",
    "forms-entered", "form-ended", "rules-entered", "container-added", "container-rule-set",
    "kind-added", "kind-changed", "printer-set", "printer-tested", "printer-retired", "template-saved",
    "template-retired", "setting-changed", "database-restored",
)  # fmt: skip
"""The kinds of commands, in the order of the work."""


def _columns() -> list[Column]:
    return [
        Column(_("When"), lambda event: words.moment(event.at), 164),
        Column(_("What"), lambda event: words.named("event", event.kind), 190),
        Column(_("About"), subject, 146, mono=True),
        Column(_("Changes"), summary),
        Column(_("Who"), lambda event: event.name, 140),
    ]


class EventList(QWidget):
    """All events that fit, filled in steps: the first are there at once."""

    pointed = Signal(object)
    """the number of the event the cursor is on, None for none"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.person = PickField(_("Who"), name="login", parent=self)
        self.person.editor.setPlaceholderText(_("Everybody"))
        self.kind = PickField(
            _("What"), [Pick(kind, words.named("event", kind)) for kind in KINDS], name="kind", parent=self
        )
        self.kind.editor.setPlaceholderText(_("Everything"))
        self.count = Text("", "detail", parent=self)
        self.table = PagedTable(_columns(), desk.jobs, self)
        self.table.setAccessibleName(_("Events"))
        self.table.pointed.connect(self.pointed)
        self._none = EmptyState("history", _("No events"), _("Nothing of this kind has happened."))
        self._pages = Pages(self)
        self._pages.add(self.table)
        self._pages.add(self._none)
        self._asked: tuple[str | None, str | None] | None = None
        self._found: list[array[int]] = []
        self._newest = 0
        for field in (self.person, self.kind):
            field.changed.connect(self._filter_changed)
        self._lay_out()

    def _lay_out(self) -> None:
        fields = QHBoxLayout()
        fields.setSpacing(16)
        fields.addWidget(self.person)
        fields.addWidget(self.kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(fields)
        column.addWidget(self.count)
        column.addWidget(self._pages, 1)

    def read_people(self) -> None:
        """Offer everybody who has an account."""

        def people(connection: Connection) -> list[PersonRow]:
            from biobank_desktop.persistence.queries import people  # noqa: PLC0415

            return people.people(connection)

        def offer(rows: list[PersonRow]) -> None:
            self.person.set_picks([Pick(row.login, row.name) for row in rows])

        self._desk.read(self, people, offer, newest="people")

    def refresh(self) -> None:
        """Read what has come since; everything when the filter is another one."""
        asked = (self.person.value(), self.kind.value())
        if asked != self._asked or not self._newest:
            self._asked = asked
            self._read_all(*asked)
        else:
            self._read_new(*asked)

    def _filter_changed(self) -> None:
        """A half-typed name is no filter yet."""
        readable = {self.person.answer(), self.kind.answer()} <= {Answer.NONE, Answer.GIVEN}
        if readable and self._asked != (self.person.value(), self.kind.value()):
            self.refresh()

    def _read_all(self, login: str | None, kind: str | None) -> None:
        session = self._desk.session
        assert session is not None
        store = session.store
        found = self._found = []
        self._newest = 0
        self.table.show_ids(array("q"), self._fetch)

        def steps() -> Generator[int, None, None]:
            from biobank_desktop.persistence.queries import history  # noqa: PLC0415

            last: int | None = None
            while True:
                with store.read() as connection:
                    part = array(
                        "q", history.ids(connection, login=login, kind=kind, before=last, limit=STEP)
                    )
                found.append(part)
                yield len(part)
                if len(part) < STEP:
                    return
                last = part[-1]

        self._desk.jobs.run_long(
            self,
            steps,
            lambda _nothing: self._take(found),
            progress=lambda _count: self._take(found),
            failed=self._desk.tell,
            newest="ids",
        )

    def _take(self, found: list[array[int]]) -> None:
        """Show what has been found so far."""
        if found is not self._found:
            return
        while found:
            part = found.pop(0)
            if part and not self._newest:
                self._newest = part[0]
            self.table.add_ids(part)
        self._say_count()

    def _read_new(self, login: str | None, kind: str | None) -> None:
        newest = self._newest

        def ids(connection: Connection) -> array[int]:
            from biobank_desktop.persistence.queries import history  # noqa: PLC0415

            return array("q", history.ids(connection, login=login, kind=kind, after=newest))

        def add(came: array[int]) -> None:
            if came and newest == self._newest:
                self._newest = came[0]
                self.table.add_ids_above(came)
            self._say_count()

        self._desk.read(self, ids, add, newest="new")

    def _say_count(self) -> None:
        count = self.table.rows.rowCount()
        said = ngettext("{count} event, newest first", "{count} events, newest first", count)
        self.count.setText(said if count else "")
        self._pages.show_page(self.table if count else self._none)
        if not count:
            self.pointed.emit(None)

    def _fetch(self, numbers: Sequence[int]) -> list[EventRow]:
        from biobank_desktop.persistence.queries import history  # noqa: PLC0415

        session = self._desk.session
        assert session is not None
        with session.store.read() as connection:
            return history.page(connection, numbers)
