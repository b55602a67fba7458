"""History: browse every event, see its values old and new, verify that nothing was changed behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.gui.history.detail import EventPanel
from biobank_desktop.gui.history.facts import object_id
from biobank_desktop.gui.history.listing import EventList
from biobank_desktop.gui.history.verifying import VerifyCard
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.history import EventRow


class HistoryScreen(Screen):
    """The list, the event beside it, the state of the seal above it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("History")
        self.help_text = _(
            "Every command leaves an event: who, at which bench, when, what became of which value, and why. "
            "Events are chained and sealed; none can be changed without a trace.\n\nVerify reads the whole "
            "history and compares it with what stands in the database. The lab can work on meanwhile.\n\n"
            "A history rewritten from the beginning with every seal computed again is found only by a "
            "computer that remembers an older seal."
        )
        self._desk = desk
        self.verifying = VerifyCard(desk, self)
        self.listing = EventList(desk, self)
        self.detail = EventPanel(desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Text(self.title, "title", parent=self))
        column.addWidget(self.verifying)
        column.addWidget(self.listing, 1)
        self.listing.pointed.connect(self._pointed)
        self.listing.table.opened.connect(self._opened)
        self.bind("V", self.verifying.begin)
        self.bind("O", self._letter_o)
        desk.changed.connect(self._changed)

    def arrive(self, **arguments: Any) -> None:
        """Show everything that has happened; ``verify``: and verify it."""
        self.listing.read_people()
        self.refresh()
        self.listing.table.setFocus()
        if arguments.get("verify"):
            self.verifying.begin()

    def refresh(self) -> None:
        """Read again."""
        self.verifying.refresh()
        self.listing.refresh()
        self._pointed(self.listing.table.current_id())

    def _pointed(self, number: int | None) -> None:
        if number is None:
            if self._desk.frame.context.shown() is self.detail:
                self._desk.frame.context.clear()
            return

        def event(connection: Connection) -> list[EventRow]:
            from biobank_desktop.persistence.queries import history  # noqa: PLC0415

            return history.page(connection, [number])

        self._desk.read(self, event, self._show, newest="event")

    def _show(self, events: list[EventRow]) -> None:
        if not events or not self.isVisible():
            return
        self.detail.show_event_row(events[0])
        if self._desk.frame.context.shown() is not self.detail:
            self._desk.frame.show_beside(self, self.detail)

    def _opened(self, _number: int) -> None:
        self._letter_o()

    def _letter_o(self) -> None:
        event = self.detail.event_row
        number = object_id(event) if event else None
        if number is not None:
            self._desk.show_record(number)

    def _changed(self, _topics: frozenset[str]) -> None:
        if self.isVisible():
            self.refresh()
