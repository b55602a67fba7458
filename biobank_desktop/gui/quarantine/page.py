"""A nonconformity: what was found, its cause, what it holds back, and what was decided about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.people import may
from biobank_desktop.gui import words
from biobank_desktop.gui.quarantine import wording
from biobank_desktop.gui.theme import TARGET_PX, set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.codes_field import CodesField
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.domain.people import Actor, Permission
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.quarantine.reading import Opened
    from biobank_desktop.persistence.queries.nonconformities import HeldSample


@dataclass(frozen=True)
class Action:
    """Something to do with an open nonconformity: its letter, its icon, and who may."""

    name: str
    letter: str
    icon: str
    permission: Permission

    def word(self) -> str:
        """Its word on the button."""
        return {
            "accept": _("Accept"),
            "destroy": _("Destroy"),
            "more": _("Hold more"),
            "close": _("Close it"),
        }[self.name]


ACTIONS = (
    Action("accept", "A", "check", "manage"),
    Action("destroy", "X", "discard", "manage"),
    Action("more", "M", "plus", "storage"),
    Action("close", "F", "seal", "manage"),
)


class NonconformityView(QWidget):
    """What is shown of one. It knows nothing of how things are done: it asks by signal."""

    wanted = Signal(str)
    """the name of the action that was pressed"""
    typed = Signal(object)
    """codes of samples that were typed"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opened: Opened | None = None
        self.holding = False
        self._releases: Mapping[int, str] = {}
        self._lists: Mapping[int, int] = {}
        self.number = Text("", "title", parent=self)
        self.state = Text("", "chip", parent=self)
        self.what = Text("", "strong", wrap=True, parent=self)
        self.facts = FactGrid(4, self)
        self.count = Text("", "section", parent=self)
        self.codes = CodesField(_("Scan samples, or type codes with commas"), name="samples", parent=self)
        self.record = ActionButton(_("Open the record"), Look.QUIET, hint="O", parent=self)
        self.hold = ActionButton(_("Hold back"), Look.PRIMARY, hint="ENTER", parent=self)
        self.table = RowTable(self._columns(), lambda one: one.sample_id, desk.jobs, self, several=True)
        self.table.setAccessibleName(_("Samples held back"))
        self.table.setMinimumHeight(160)
        self.pointed = Text("", "detail", wrap=True, parent=self)
        self.table.pointed.connect(self._point)
        self.buttons: dict[str, ActionButton] = {}
        self._room = FormColumn(self)
        self._room.hide()
        self._lay_out()
        self.codes.changed.connect(self._typing)
        self.hold.clicked.connect(lambda: self.typed.emit(self.codes.codes()))
        self.hold_more(on=False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        self.number.setMinimumHeight(TARGET_PX)  # also where no button stands beside it
        head.addWidget(self.number)
        head.addWidget(self.state)
        head.addStretch(1)
        for action in ACTIONS:
            button = ActionButton(action.word(), icon=action.icon, hint=action.letter, parent=self)
            button.setObjectName(action.name)
            button.clicked.connect(self._pressed)
            self.buttons[action.name] = button
            head.addWidget(button)
        about = Card(parent=self)
        about.body.setSpacing(12)
        about.body.setContentsMargins(16, 12, 16, 12)
        about.body.addWidget(self.what)
        about.body.addWidget(self.facts)
        self._work = QWidget(self)
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(8)
        adding = QHBoxLayout()
        adding.setSpacing(8)
        adding.addWidget(self.count, 1, Qt.AlignmentFlag.AlignBottom)
        adding.addWidget(self.record, 0, Qt.AlignmentFlag.AlignBottom)
        adding.addWidget(self.codes, 1, Qt.AlignmentFlag.AlignBottom)
        adding.addWidget(self.hold, 0, Qt.AlignmentFlag.AlignBottom)
        work.addLayout(adding)
        work.addWidget(self.table, 1)
        work.addWidget(self.pointed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(about)
        column.addWidget(self._room)
        column.addWidget(self._work, 1)
        column.addStretch(0)

    def _columns(self) -> list[Column]:
        return [
            Column(_("Code"), lambda held: codes.group(held.code), 128, mono=True),
            Column(_("Donor"), lambda held: codes.group(held.donor), 128, mono=True),
            Column(_("Material"), lambda held: words.material_name(held.material), 140),
            Column(_("Time point"), lambda held: held.time_point, 92),
            Column(_("Where"), self._where, 140),
            Column(_("Decision"), self._decision, 250, meaning=wording.decision_meaning),
            Column(_("By"), lambda held: held.decided_by, 130),
            Column(_("Reason"), lambda held: held.reason),
        ]

    def _where(self, held: HeldSample) -> str:
        if held.ended is None:
            return _("here")
        return wording.ended(held.ended, self._releases.get(held.release_no or 0, ""))

    def _decision(self, held: HeldSample) -> str:
        return wording.decision(held, self._lists)

    def show_opened(self, opened: Opened, actor: Actor | None) -> None:
        """Show one; what is typed and selected stays."""
        self.opened = opened
        self._releases, self._lists = opened.releases, opened.lists
        row = opened.row
        self.number.setText(wording.number(row.no))
        self.state.setText(wording.state(row))
        meaning = wording.meaning(row)
        self.state.show()
        set_role(self.state, f"chip-{meaning.value}" if meaning else "chip")
        self.what.setText(row.what)
        facts = [
            Fact(_("Kind"), words.choice_name(row.kind)),
            Fact(_("Found at"), words.moment(row.found_at)),
            Fact(_("Found by"), row.found_by),
            Fact(_("Cause"), wording.cause(row.cause) or words.UNKNOWN),
        ]
        if row.conclusion:
            facts.append(Fact(_("Conclusion"), row.conclusion))
        self.facts.set_facts(facts)
        self.count.setText(wording.counted(opened.held))
        self.table.show_rows(opened.held)
        self._point()
        self.offer(actor)

    def clear(self) -> None:
        """Another one is read: nothing of the one before stays in sight."""
        self.opened = None
        for text in (self.number, self.state, self.what, self.count):
            text.clear()
        self.state.hide()
        self.facts.set_facts(())
        self.hold_more(on=False)
        self.codes.clear()
        self.table.show_rows(())
        self._point()
        self.offer(None)

    def offer(self, actor: Actor | None) -> None:
        """Offer what this person can do with it now."""
        row = self.opened.row if self.opened is not None else None
        is_open = row is not None and row.state == "open"
        for action in ACTIONS:
            allowed = is_open and actor is not None and may(actor, action.permission)
            self.buttons[action.name].setVisible(allowed)
        if row is not None:
            for name in ("accept", "destroy"):
                self.buttons[name].setEnabled(row.undecided > 0)
            self.buttons["close"].setEnabled(row.undecided == 0)
        if not self.buttons["more"].isVisibleTo(self):
            self.hold_more(on=False)

    def offered(self) -> frozenset[str]:
        """The actions that can be pressed now."""
        return frozenset(name for name, one in self.buttons.items() if one.isVisible() and one.isEnabled())

    def hold_more(self, *, on: bool) -> None:
        """Ask for more samples, or no longer."""
        self.holding = on
        self.codes.setVisible(on)
        self.hold.setVisible(on)
        self._typing()

    def undecided(self) -> list[HeldSample]:
        """The selected samples nobody has decided about."""
        return [held for held in self.table.selected() if held.decision is None]

    def point_at(self, code: str) -> bool:
        """Put the cursor on a sample; False when it is not held back here."""
        places = [place for place, held in enumerate(self.table.all_rows()) if held.code == code]
        if places:
            self.table.selectRow(places[0])
        return bool(places)

    def open_form(self, form: QWidget) -> None:
        """Show a form above the samples; they stay in sight."""
        self._room.body.addWidget(form)
        self._room.show()
        for button in self.buttons.values():
            button.hide()
        form.show()

    def close_form(self, form: QWidget, actor: Actor | None) -> None:
        """Put it away."""
        self._room.body.removeWidget(form)
        self._room.hide()
        form.hide()
        form.deleteLater()
        self.offer(actor)
        self.table.setFocus()

    def _point(self) -> None:
        """The reason for the sample under the cursor, whole: a line of the table may have no room for it."""
        held: HeldSample | None = self.table.current()
        said = held is not None and held.decision is not None
        self.pointed.setText(f"{codes.group(held.code)}: {held.reason}" if held is not None and said else "")
        self.pointed.setVisible(said)

    def _typing(self) -> None:
        self.hold.setEnabled(bool(self.codes.text()))

    def _pressed(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.wanted.emit(sender.objectName())
