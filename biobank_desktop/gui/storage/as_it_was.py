"""The storage as it was known at a moment: the same map as today's, what has changed since beside it."""

from __future__ import annotations

from array import array
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import words
from biobank_desktop.gui.boxviews import Shape, content_text, wells
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.storage.box_page import WIDEST_WELL_PX
from biobank_desktop.gui.storage.colouring import state_lines
from biobank_desktop.gui.storage.plan import TOP, of_rows
from biobank_desktop.gui.storage.plan_map import PlanMap
from biobank_desktop.gui.storage.side import SIDE_PX
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton, PrimaryButton
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.gui.widgets.cards import Card, Section
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.legend import Legend
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext
from biobank_desktop.services.as_of import as_it_was

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.gui.widgets.boxmap import Place
    from biobank_desktop.services.as_of import AsItWas, Difference
    from biobank_desktop.services.records import BoxView


_A_DAY = timedelta(days=1)
_MARKS = {"gone": WellState.GONE, "moved": WellState.MOVED}


class Band(QFrame):
    """Says across the whole width that this is the past, and how to leave it."""

    left = Signal()
    """back to now"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "tone-provisional")
        self._title = Text("", "section", parent=self)
        text = Text(_("Looking back: nothing can be changed here."), wrap=True, parent=self)
        back = ActionButton(_("Back to now"), hint="ESC", parent=self)
        back.clicked.connect(self.left)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(Icon("history", "provisional", 24, self), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(column, 1)
        row.addWidget(back)

    def tell(self, moment: datetime) -> None:
        """Which moment is shown."""
        self._title.setText(_("As known on {moment}").format(moment=words.moment(moment)))

    def title(self) -> str:
        """Which moment is said to be shown."""
        return self._title.text()


class ChangedSince(Section):
    """What lies elsewhere now, the newest change first."""

    pointed = Signal(object)
    """the number of the thing the cursor stands on"""
    opened = Signal(object)
    """the thing to open"""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(_("Changed since"), parent=parent)
        self.table = PagedTable(
            (
                Column(_("Place"), _places, 88),
                Column(_("Code"), lambda one: codes.group(one.content.code), 128, mono=True),
                Column(_("What"), lambda one: _(f"event.{one.event}")),
            ),
            jobs,
            self,
        )
        self.table.setMinimumHeight(440)
        self.table.pointed.connect(self._tell)
        self.table.opened.connect(self.opened)
        self._nothing = Text(_("Nothing has changed since."), "muted", wrap=True, parent=self)
        self.body.addWidget(self.table)
        self._told = Text("", wrap=True, parent=self)
        self.body.addWidget(self._nothing)
        self.body.addWidget(self._told)
        self._found: dict[int, Difference] = {}

    def told(self) -> str:
        """The words below the list."""
        return self._told.text()

    def forget(self) -> None:
        """There is nothing to compare."""
        self.show_changes(())
        self._nothing.hide()

    def _tell(self, item_id: int) -> None:
        one = self._found.get(item_id)
        self._told.setText(_happened(one) if one else "")
        self.pointed.emit(item_id)

    def show_changes(self, differences: Sequence[Difference]) -> None:
        """The differences between then and now."""
        self._told.setText("")
        found = self._found = {one.content.item_id: one for one in differences}
        count = ngettext("{count} change", "{count} changes", len(found))
        self.set_heading(_("Changed since"), count if found else "")
        self.table.setVisible(bool(found))
        self._nothing.setVisible(not found)
        self.table.show_ids(array("q", found), lambda ids: [found[one] for one in ids])


def _places(one: Difference) -> str:
    return " → ".join(part for part in (one.was or "–", one.became or "–"))


def _happened(one: Difference) -> str:
    return f"{_(f'event.{one.event}')} · {words.moment(one.at)} · {one.name}"


class LookingBack(QWidget):
    """One container at one moment. Reads only; the screen says which container and when to stop."""

    ended = Signal()
    """back to now"""
    opened = Signal(object)
    """a container that stood in the one that is shown"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.on = False
        self._desk = desk
        self._container = TOP
        self._moment = utc_now()
        self._names: Mapping[str, str] = {}
        self._was: AsItWas | None = None
        self._shape: Shape | None = None
        self.band = Band(self)
        self.band.left.connect(self.ended)
        self.field = MomentField(_("Moment"), utc_now, name="at", may_be_unknown=False, parent=self)
        self.quick = ChoiceRow(
            (
                Choice(_A_DAY, _("1 day"), "D"),
                Choice(timedelta(days=7), _("1 week"), "W"),
                Choice(timedelta(days=30), _("1 month"), "M"),
                Choice(timedelta(days=365), _("1 year"), "Y"),
            ),
            name=_("Go back"),
            parent=self,
        )
        self.quick.chosen.connect(self._quickly)
        self.show_button = PrimaryButton(_("Show"), parent=self)
        self.show_button.clicked.connect(self._show_typed)
        self.map = BoxMap(widest_px=WIDEST_WELL_PX, parent=self)
        self.map.pointed.connect(self._pointed)
        self.plan = PlanMap(self)
        self.plan.opened.connect(self.opened)
        self.changed = ChangedSince(desk.jobs, self)
        self.changed.hide()
        self.changed.pointed.connect(self._ring)
        self.changed.opened.connect(desk.show_record)
        self._well = Text("", wrap=True, parent=self)
        self._lay_out()

    def _lay_out(self) -> None:
        asked = Card(parent=self)
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self.field, 2)
        line.addWidget(self.show_button, 1, Qt.AlignmentFlag.AlignBottom)
        asked.body.setSpacing(12)
        asked.body.addLayout(line)
        ago = QHBoxLayout()
        ago.setSpacing(16)
        ago.addWidget(Text(_("Go back"), "muted", parent=self))
        ago.addWidget(self.quick, 1)
        asked.body.addLayout(ago)
        box = Card(parent=self)
        box.body.setSpacing(12)
        map_and_legend = QHBoxLayout()
        map_and_legend.setSpacing(24)
        map_and_legend.addWidget(self.map, 1)
        self.legend = Legend(self)
        self.legend.setFixedWidth(SIDE_PX)
        map_and_legend.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignTop)
        box.body.addLayout(map_and_legend)
        box.body.addWidget(self._well)
        self._box = box
        self._empty = Text(_("Nothing stood here then."), "muted", parent=self)
        self._pages = Pages(self)
        for page in (box, self.plan, self._empty):
            self._pages.add(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.band)
        column.addWidget(asked)
        column.addWidget(self._pages)

    def begin(self) -> None:
        """Look back from now on: yesterday first."""
        self.on = True
        self.quick.set_value(_A_DAY)
        self._moment = utc_now() - _A_DAY
        self.field.set_moment(self._moment)

    def end(self) -> None:
        """Now counts again."""
        self.on = False
        self._was = None

    def open(self, container_id: int, names: Mapping[str, str]) -> None:
        """Show a container at the moment that is chosen; ``names`` of persons by login."""
        self._container, self._names = container_id, names
        self.look_at(self._moment)

    def look_at(self, moment: datetime) -> None:
        """Show the container at this moment."""
        self._moment = moment
        self.field.set_moment(moment)
        self.field.set_problems(())
        self.band.tell(moment)
        wanted = self._container or None
        self._desk.read(
            self,
            lambda connection: as_it_was(connection, wanted, moment, utc_now()),
            self._show,
            newest="as-it-was",
            failed=self._failed,
        )

    def shown(self) -> AsItWas | None:
        """What is shown."""
        return self._was

    def _quickly(self, ago: timedelta) -> None:
        self.look_at(utc_now() - ago)

    def _show_typed(self) -> None:
        moment = self.field.moment()
        if moment is None:
            self.field.set_problems([Problem("at", "not-a-moment")])
            self.field.attend()
            return
        self.quick.set_value(None)
        self.look_at(moment)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self._was = None
            self._pages.show_page(self._empty)
            self.changed.forget()
            self.field.set_problems(error.problems)
            self.field.attend()
        else:
            self._desk.tell(error)

    def _show(self, was: AsItWas) -> None:
        self._was = was
        self._well.setText("")
        self.changed.show_changes(was.differences)
        if was.view is not None and was.view.container.kind.holds == "samples":
            self._shape = Shape.of(was.view.grid)
            self._shape.draw(self.map)
            marked = self._wells(was, was.view, self._shape)
            self.map.set_wells(marked)
            self.legend.show_lines(state_lines(list(marked.values()), was.view.grid.capacity - len(marked)))
            self._ring(None)
            self._pages.show_page(self._box)
        elif was.view is None and not was.children:
            self._pages.show_page(self._empty)
        else:
            self.plan.show_node(of_rows(was.view.container if was.view else None, was.children))
            self._pages.show_page(self.plan)

    def _wells(self, was: AsItWas, view: BoxView, shape: Shape) -> dict[Place, Well]:
        """The wells then: what is gone or has moved since is marked there, what came since where it lies."""
        states = {one.content.item_id: _MARKS[one.kind] for one in was.differences if one.kind != "came"}
        found = wells(view, shape, self._names, states)
        for one in was.differences:
            position = view.grid.parse(one.became) if one.kind == "came" else None
            if position is not None:
                text = content_text(one.content, self._names)
                found.setdefault(shape.place(position), Well(WellState.CAME, text))
        return found

    def _ring(self, item_id: int | None) -> None:
        """Ring the well of one thing; of none when it is None."""
        if self._was is None or self._was.view is None or self._shape is None:
            return
        grid = self._was.view.grid
        labels = [
            label
            for one in self._was.differences
            if one.content.item_id == item_id
            for label in (one.was, one.became)
        ]
        positions = [grid.parse(label) for label in labels if label]
        self.map.set_selected([self._shape.place(position) for position in positions if position])

    def _pointed(self, row: int, column: int) -> None:
        self._well.setText(self.map.describe((row, column)))
