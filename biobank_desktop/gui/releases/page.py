"""A release: to whom and for what, its vials in walking order, and what may not leave with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.people import may
from biobank_desktop.gui import words
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.releases import wording
from biobank_desktop.gui.theme import TARGET_PX, set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, ProblemList
from biobank_desktop.gui.widgets.codes_field import CodesField
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor, Permission
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.release_page import ReleasedVial, ReleasePage

NOT_GOING_PX = 168
_CHIPS = {"open": "chip", "issued": "chip-permitted", "cancelled": "chip-missing"}


@dataclass(frozen=True)
class Action:
    """Something to do with a release in one state: its letter, its icon, and who may."""

    name: str
    letter: str
    icon: str
    permission: Permission
    state: str = "open"

    def word(self) -> str:
        """Its word on the button."""
        return {
            "edit": _("Edit"),
            "drop": _("Drop"),
            "cancel": _("Call off"),
            "issue": _("Issue"),
            "papers": _("Papers"),
        }[self.name]


ACTIONS = (
    Action("edit", "E", "edit", "storage"),
    Action("drop", "D", "minus", "storage"),
    Action("cancel", "C", "discard", "storage"),
    Action("issue", "I", "release", "manage"),
    Action("papers", "P", "print", "read", "issued"),
)


def _going() -> list[Column]:
    return [
        *_facts(),
        Column(_("Place"), _place, 330),
        Column(_("Now"), wording.verdict, 0, meaning=wording.meaning),
    ]


def _not_going() -> list[Column]:
    return [*_facts(), Column(_("Why it stays"), wording.verdict, 0, meaning=wording.meaning)]


def _facts() -> list[Column]:
    return [
        Column(_("Code"), lambda vial: codes.group(vial.line.code), 136, mono=True),
        Column(_("Donor"), lambda vial: codes.group(vial.line.donor), 136, mono=True),
        Column(_("Material"), _material, 190),
        Column(_("Time point"), lambda vial: vial.line.time_point, 92),
        Column(_("Amount"), lambda vial: words.amount(vial.line.volume_ul, vial.line.cells), 104, right=True),
    ]


def _material(vial: ReleasedVial) -> str:
    return words.material_name(vial.line.material, vial.line.parent_material)


def _place(vial: ReleasedVial) -> str:
    return vial.place or words.UNKNOWN


class ReleaseView(QWidget):
    """What is shown of one release. It knows nothing of how things are done: it asks by signal."""

    wanted = Signal(str)
    """the name of the action that was pressed"""
    typed = Signal(object)
    """codes of vials that were typed"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page: ReleasePage | None = None
        self._by_code = False
        self.number = Text("", "code-large", parent=self)
        self.state = Text("", "chip", parent=self)
        self.said = Text("", "muted", wrap=True, parent=self)
        self.facts = FactGrid(4, self)
        self.asked = Text("", "strong", wrap=True, parent=self)
        self.against = ProblemList(self)
        self.count = Text("", "section", parent=self)
        self.blocked = Text("", "chip-refused", parent=self)
        label = _("Scan vials, or type codes with commas")
        self.codes = CodesField(label, name="samples", hint="A", parent=self)
        self.choose = ActionButton(_("Choose"), Look.PRIMARY, hint="ENTER", parent=self)
        self.record = ActionButton(_("Open the record"), Look.QUIET, hint="O", parent=self)
        self.sort = ActionButton("", Look.QUIET, hint="W", parent=self)
        self.table = RowTable(_going(), _key, desk.jobs, self, several=True)
        self.table.setAccessibleName(_("Vials of the release"))
        self.pointed = Text("", "refused", wrap=True, parent=self)
        self.stays = Text("", "section", parent=self)
        self.not_going = RowTable(_not_going(), _key, desk.jobs, self, several=True)
        self.not_going.setAccessibleName(_("Vials that stay"))
        self.buttons: dict[str, ActionButton] = {}
        self._room = FormColumn(self)
        self._room.hide()
        self._lay_out()
        self.codes.changed.connect(self._typing)
        self.choose.clicked.connect(self._choose)
        self.sort.clicked.connect(self.turn_order)
        for table in (self.table, self.not_going):
            table.pointed.connect(self._point)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._heading())
        column.addWidget(self._about())
        column.addWidget(self.against)
        column.addWidget(self._room)
        self._work = QWidget(self)
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(8)
        work.addLayout(self._adding())
        work.addWidget(self.table, 1)
        work.addWidget(self.pointed)
        work.addWidget(self.stays)
        work.addWidget(self.not_going)
        self.table.setMinimumHeight(120)
        column.addWidget(self._work, 1)
        column.addStretch(0)

    def _heading(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        self.number.setMinimumHeight(TARGET_PX)  # also where no button stands beside it
        head.addWidget(self.number)
        head.addWidget(self.state)
        head.addWidget(self.said, 1)
        for action in ACTIONS:
            look = Look.PRIMARY if action.name == "issue" else Look.PLAIN
            button = ActionButton(action.word(), look, icon=action.icon, hint=action.letter, parent=self)
            button.setObjectName(action.name)
            button.clicked.connect(self._pressed)
            self.buttons[action.name] = button
            head.addWidget(button)
        return head

    def _about(self) -> Card:
        card = Card(parent=self)
        card.body.setSpacing(12)
        card.body.setContentsMargins(16, 12, 16, 12)
        asked = QHBoxLayout()
        asked.setSpacing(8)
        asked.addWidget(Icon("consent", "accent", 20, card))
        asked.addWidget(self.asked, 1)
        card.body.addWidget(self.facts)
        card.body.addLayout(asked)
        return card

    def _adding(self) -> QHBoxLayout:
        bottom = Qt.AlignmentFlag.AlignBottom
        counted = QHBoxLayout()
        counted.setSpacing(8)
        counted.addWidget(self.count)
        counted.addWidget(self.blocked)
        counted.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(counted, 1)
        row.addWidget(self.record, 0, bottom)
        row.addWidget(self.sort, 0, bottom)
        row.addWidget(self.codes, 1, bottom)
        row.addWidget(self.choose, 0, bottom)
        row.setAlignment(counted, bottom)
        return row

    def show_page(self, page: ReleasePage, actor: Actor | None) -> None:
        """Show a release; what is typed and selected stays."""
        self.page = page
        release = page.release
        self.number.setText(page.number)
        self.state.setText(wording.state(release.state))
        set_role(self.state, _CHIPS[release.state])
        self.state.show()
        self.said.setText(_what_became(page))
        self.facts.set_facts(_about(page))
        asked = (
            _("Consent is asked for: {purposes}")
            if release.state == "open"
            else _("Consent was asked for: {purposes}")
        )
        self.asked.setText(asked.format(purposes=wording.purposes(release.purposes)))
        self.against.show_problems(page.gap)
        self._show_vials(page)
        self.offer(actor)

    def offer(self, actor: Actor | None) -> None:
        """Offer what this person can do with the release now."""
        page = self.page
        state = page.release.state if page is not None else ""
        is_open = state == "open"
        allowed = {
            one.name
            for one in ACTIONS
            if one.state == state and actor is not None and may(actor, one.permission)
        }
        for name, button in self.buttons.items():
            button.setVisible(name in allowed)
        if page is not None:
            self.buttons["drop"].setEnabled(bool(page.going or page.not_going))
            self.buttons["issue"].setEnabled(bool(page.going))
        adding = is_open and actor is not None and may(actor, "storage")
        self.codes.setVisible(adding)
        self.choose.setVisible(adding)
        self._typing()

    def offered(self) -> frozenset[str]:
        """The actions that can be pressed now."""
        return frozenset(name for name, one in self.buttons.items() if one.isVisible() and one.isEnabled())

    def open_form(self, form: QWidget) -> None:
        """Show a form instead of the vials."""
        self._room.body.addWidget(form)
        self._room.show()
        self._work.hide()
        for button in self.buttons.values():
            button.hide()
        form.show()

    def close_form(self, form: QWidget, actor: Actor | None) -> None:
        """The vials again."""
        self._room.body.removeWidget(form)
        self._room.hide()
        form.hide()
        form.deleteLater()
        self._work.show()
        self.offer(actor)
        self.table.setFocus()

    def selected(self) -> list[ReleasedVial]:
        """The vials that are meant: selected where the keyboard is, else in the table of those that go."""
        table = self.not_going if self.not_going.hasFocus() else self.table
        current = self.current()
        return table.selected() or ([current] if current is not None else [])

    def current(self) -> ReleasedVial | None:
        """The vial under the cursor."""
        table = self.not_going if self.not_going.hasFocus() else self.table
        vial: ReleasedVial | None = table.current() or self.not_going.current()
        return vial

    def clear(self) -> None:
        """Another release is read: nothing of the one before stays in sight."""
        self.page = None
        for text in (self.number, self.state, self.said, self.asked, self.count, self.blocked, self.stays):
            text.clear()
        self.state.hide()
        self.facts.set_facts(())
        self.against.show_problems(())
        self.codes.clear()
        self.table.show_rows(())
        self.not_going.show_rows(())
        self._point()
        self.offer(None)

    def turn_order(self) -> None:
        """In walking order, or by code."""
        self._by_code = not self._by_code
        if self.page is not None:
            self._show_vials(self.page)

    def _show_vials(self, page: ReleasePage) -> None:
        going = sorted(page.going, key=_key) if self._by_code else page.going
        self.table.show_rows(going)
        self.not_going.show_rows(page.not_going)
        if not self.not_going.hasFocus():
            self.not_going.clearSelection()
        self._point()
        self.sort.set_text(_("By code") if self._by_code else _("In walking order"))
        self.count.setText(wording.counted(page.going) if page.going else _("No vials chosen yet"))
        blocked = sum(bool(vial.against) for vial in page.going if vial.line.state == "chosen")
        self.blocked.setText(_("{count} may not leave now").format(count=blocked) if blocked else "")
        self.blocked.setVisible(bool(blocked))
        stays = len(page.not_going)
        self.stays.setText(ngettext("{count} vial stays", "{count} vials stay", stays))
        self.stays.setVisible(bool(stays))
        self.not_going.setVisible(bool(stays))
        rows = self.not_going.verticalHeader().defaultSectionSize() * stays
        self.not_going.setFixedHeight(
            min(NOT_GOING_PX, rows + self.not_going.horizontalHeader().height() + 4)
        )

    def _point(self) -> None:
        """The reasons of the vial under the cursor, whole: a line of the table may have no room for them."""
        vial = self.current()
        said = wording.sentences(vial.against) if vial is not None and vial.line.state != "issued" else ""
        self.pointed.setText(f"{codes.group(vial.line.code)}: {said}" if vial is not None and said else "")
        self.pointed.setVisible(bool(said))

    def _typing(self) -> None:
        self.choose.setEnabled(bool(self.codes.text()))

    def _choose(self) -> None:
        self.typed.emit(self.codes.codes())

    def _pressed(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.wanted.emit(sender.objectName())


def _key(vial: ReleasedVial) -> int:
    return vial.line.sample_id


def _what_became(page: ReleasePage) -> str:
    """When it was issued and by whom; of an open one since when it is open."""
    release = page.release
    if release.issued_at is not None:
        values = {"moment": words.moment(release.issued_at), "name": page.last_by}
        return _("Issued on {moment} by {name}").format(**values)
    return _("Opened on {moment}").format(moment=words.moment(release.opened_at))


def _about(page: ReleasePage) -> list[Fact]:
    release = page.release
    address = ", ".join(line for line in release.address.split("\n") if line.strip())
    place = ", ".join(part for part in (address, wording.country(release.country)) if part)
    facts = [
        Fact(_("Study"), release.study),
        Fact(_("Recipient"), release.recipient, f"{release.institution}, {place}"),
        Fact(_("Who receives it"), words.choice_name(release.recipient_kind)),
        Fact(_("BDAC number"), release.bdac),
        Fact(_("What is done with it"), " · ".join(map(words.choice_name, release.uses))),
        Fact(_("Transport"), words.choice_name(release.transport)),
    ]
    return [*facts, Fact(_("Note"), release.note)] if release.note else facts
