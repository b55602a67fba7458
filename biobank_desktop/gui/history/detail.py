"""One event: what, who, when, why, every value old and new, its place in the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.history.facts import facts, object_id, subject
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import Section, clear_layout
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.history.facts import Fact as ChangedFact
    from biobank_desktop.persistence.queries.history import EventRow


class EventPanel(QWidget):
    """Stands in the context panel beside the list."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.event_row: EventRow | None = None
        self._what = Text("", "title", wrap=True, parent=self)
        self._who = Text("", "muted", wrap=True, parent=self)
        self._why = Text("", wrap=True, parent=self)
        self._typed = Text("", wrap=True, parent=self)
        self.open = ActionButton(_("Open the record"), icon="chevron-right", hint="O", parent=self)
        self.open.clicked.connect(self._open)
        self._changes = QVBoxLayout()
        self._changes.setSpacing(16)
        self.facts = FactGrid(2, self)
        chain = Section(_("In the chain"), parent=self)
        chain.body.addWidget(self.facts)
        self._command = Text("", "code-detail", wrap=True, parent=self)
        self._command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        chain.body.addWidget(self._command)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._what, self._who, self._why, self._typed, self.open):
            column.addWidget(widget)
        column.addSpacing(8)
        column.addLayout(self._changes)
        column.addSpacing(8)
        column.addWidget(chain)

    def show_event_row(self, event: EventRow) -> None:
        """Show an event."""
        self.event_row = event
        self._what.setText(words.named("event", event.kind))
        self._who.setText(f"{event.name} · {event.bench}\n{words.moment(event.at)}")
        self._why.setText(_("Why: {reason}").format(reason=event.why) if event.why else "")
        self._why.setVisible(bool(event.why))
        typed = ", ".join(map(codes.group, event.typed))
        self._typed.setText(_("Typed, not scanned: {codes}").format(codes=typed))
        self._typed.setVisible(bool(typed))
        self.open.setVisible(object_id(event) is not None)
        self.open.set_text(_("Open {code}").format(code=subject(event)))
        clear_layout(self._changes)
        for fact in facts(event):
            self._changes.addWidget(_change(fact, self))
        self.facts.set_facts(
            [
                Fact(_("Event"), str(event.id)),
                Fact(_("Sealed"), _("yes") if event.sealed else _("not yet")),
                Fact(_("Stream"), str(event.stream), mono=True),
                Fact(_("Place in it"), str(event.seq)),
            ]
        )
        self._command.setText(event.command)

    def _open(self) -> None:
        number = object_id(self.event_row) if self.event_row else None
        if number is not None:
            self._desk.show_record(number)


def _change(fact: ChangedFact, parent: QWidget) -> QWidget:
    """A fact with its values: a long one goes below its name."""
    section = Section(fact.title, parent=parent)
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    for row, line in enumerate(fact.lines):
        name = Text(line.name, "label", wrap=True, parent=section)
        grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        values = QVBoxLayout()
        values.setSpacing(0)
        if line.old:
            values.addWidget(Text(line.old, "old", wrap=True, parent=section))
        if line.new or not line.old:
            values.addWidget(Text(line.new or words.UNKNOWN, wrap=True, parent=section))
        grid.addLayout(values, row, 1)
    grid.setColumnMinimumWidth(0, 104)
    grid.setColumnStretch(1, 1)
    section.body.addLayout(grid)
    return section
