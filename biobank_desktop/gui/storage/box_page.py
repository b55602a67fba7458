"""A box: its map, the well pointed at in words, placing in progress; its contents for the panel."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.grids import free_positions
from biobank_desktop.domain.materials import material
from biobank_desktop.gui.boxviews import Shape, content_text, wells
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.boxmap import BoxMap, WellState
from biobank_desktop.gui.widgets.cards import Card, Section
from biobank_desktop.gui.widgets.legend import Legend
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.gui.storage.reading import Opened
    from biobank_desktop.persistence.queries.containers import Content
    from biobank_desktop.services.placing import Placed
    from biobank_desktop.services.records import BoxView

WIDEST_WELL_PX = 42


class PlacingBar(QFrame):
    """Says that scanned vials land here, where the next one goes and how many have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "tone-stored")
        self._title = Text("", "section", parent=self)
        self._text = Text("", wrap=True, parent=self)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(Icon("scan", "stored", 24, self), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(column, 1)
        self.hide()

    def tell(self, next_place: str, count: int) -> None:
        """Where the next vial goes, "" when the box is full, and how many have landed."""
        self._title.setText(
            _("Scan the next vial: it goes to {place}").format(place=next_place)
            if next_place
            else _("The box is full")
        )
        landed = ngettext("{count} vial placed", "{count} vials placed", count)
        self._text.setText(_("{landed}. A chosen free well is next. Ctrl+Z undoes.").format(landed=landed))

    def title(self) -> str:
        """What is asked for."""
        return self._title.text()


class BoxPage(Card):
    """The map of one box. Decides nothing but where the next vial would go."""

    pointed = Signal(object)
    """the ``Content`` of the well pointed at, None for a free one"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setSpacing(12)
        self.bar = PlacingBar(self)
        self.map = BoxMap(widest_px=WIDEST_WELL_PX, parent=self)
        self.map.chosen.connect(self._chosen)
        self.map.pointed.connect(self._pointed)
        self._well = Text("", wrap=True, parent=self)
        legend = Legend(
            [
                (WellState.FREE, _("free")),
                (WellState.TAKEN, _("taken")),
                (WellState.OUT, _("out")),
                (WellState.PLACED, _("just placed")),
                (WellState.PROPOSED, _("next")),
            ],
            self,
        )
        self.body.addWidget(self.bar)
        self.body.addWidget(self.map)
        self.body.addWidget(legend)
        self.body.addWidget(self._well)
        self._names: Mapping[str, str] = {}
        self._view: BoxView | None = None
        self._shape: Shape | None = None
        self._by_position: dict[Position, Content] = {}
        self._wanted: Position | None = None
        self._placing = False
        self._fresh: frozenset[str] = frozenset()

    def show_box(self, view: BoxView, names: Mapping[str, str]) -> None:
        """Show this box; the same box keeps its cursor. ``names`` of persons by login."""
        self._names = names
        if self._view is None or self._view.container.id != view.container.id:
            self._shape, self._wanted = Shape.of(view.grid), None
            self._shape.draw(self.map)
            self._well.setText("")
        self._view = view
        self._by_position = {(one.row_no, one.column_no): one for one in view.contents}
        if self._wanted in self._by_position:
            self._wanted = None
        self._draw()

    def set_placing(self, *, on: bool, placed: list[Placed]) -> None:
        """Whether scanned vials land here, and which have."""
        self._placing = on
        self._fresh = frozenset(one.sample for one in placed)
        if not on:
            self._wanted = None
        self.bar.setVisible(on)
        self._draw()

    def next_position(self) -> Position | None:
        """Where the next vial goes: the free well chosen, else the first free one in filling order."""
        if self._view is None:
            return None
        if self._wanted is not None:
            return self._wanted
        return next(iter(free_positions(self._view.grid, self._by_position, 1)), None)

    def take_wanted(self) -> str:
        """The label of the free well a person chose, "" when none; asked once per vial."""
        wanted, self._wanted = self._wanted, None
        return self._view.grid.label(wanted) if self._view and wanted else ""

    def content_here(self) -> Content | None:
        """What lies in the well pointed at."""
        if self._shape is None:
            return None
        return self._by_position.get(self._shape.position(self.map.cursor_place()))

    def point_at(self, item_id: int) -> None:
        """Ring the well of a thing."""
        if self._shape is None:
            return
        for position, content in self._by_position.items():
            if content.item_id == item_id:
                self.map.set_selected([self._shape.place(position)])
                self._well.setText(content_text(content, self._names))

    def flash(self, placed: Placed) -> None:
        """Show where a vial landed."""
        if self._shape is not None:
            self.map.flash(self._shape.place((placed.row_no, placed.column_no)))

    def well_text(self) -> str:
        """The words below the map."""
        return self._well.text()

    def _draw(self) -> None:
        if self._view is None or self._shape is None:
            return
        upcoming = self.next_position() if self._placing else None
        states = {one.item_id: WellState.PLACED for one in self._view.contents if one.code in self._fresh}
        self.map.set_wells(
            wells(self._view, self._shape, self._names, states, [upcoming] if upcoming else [])
        )
        if self._placing:
            place = self._view.grid.label(upcoming) if upcoming else ""
            self.bar.tell(place, len(self._fresh))

    def _pointed(self, row: int, column: int) -> None:
        self._well.setText(self.map.describe((row, column)))
        self.map.set_selected([(row, column)])
        self.pointed.emit(self.content_here())

    def _chosen(self, row: int, column: int) -> None:
        if self._shape is None or not self._placing:
            return
        position = self._shape.position((row, column))
        if position not in self._by_position:
            self._wanted = position
            self._draw()


@dataclass(frozen=True)
class _Line:
    label: str
    content: Content


class ContentsList(Section):
    """What lies in the box, by position."""

    opened = Signal(object)
    """the thing to open"""
    pointed = Signal(object)
    """the thing the cursor stands on"""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(_("In this box"), parent=parent)
        self.table = PagedTable(
            (
                Column(_("Place"), lambda line: line.label, 68),
                Column(_("Code"), lambda line: codes.group(line.content.code), 128, mono=True),
                Column(_("What"), _what),
            ),
            jobs,
            self,
        )
        self.table.setMinimumHeight(440)
        self.table.opened.connect(self.opened)
        self.table.pointed.connect(self.pointed)
        self._nothing = Text(
            _("Nothing lies here yet. Press P and scan vials into it."), "muted", wrap=True, parent=self
        )
        self.body.addWidget(self.table)
        self.body.addWidget(self._nothing)
        self._ids: tuple[int, ...] = ()

    def show_contents(self, opened: Opened) -> None:
        """Show what lies in this box; an unchanged list keeps its cursor."""
        view = opened.view
        if view is None:
            return
        lines = {
            one.item_id: _Line(view.grid.label((one.row_no, one.column_no)), one) for one in view.contents
        }
        count = ngettext("{count} vial", "{count} vials", len(lines))
        self.set_heading(_("In this box"), count)
        self.table.setVisible(bool(lines))
        self._nothing.setVisible(not lines)
        if tuple(lines) != self._ids:
            self._ids = tuple(lines)
            self.table.show_ids(array("q", lines), lambda ids: [lines[one] for one in ids])


def _what(line: _Line) -> str:
    content = line.content
    if content.material is None:
        return content.name or ""
    # As its label says it: the panel is narrow.
    return f"{material(content.material).label} {content.time_point}"
