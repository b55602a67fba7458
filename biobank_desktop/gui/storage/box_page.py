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
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.boxviews import Shape, wells
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.storage.colouring import shades
from biobank_desktop.gui.storage.picking import PICKS, Around
from biobank_desktop.gui.storage.reading import Condition
from biobank_desktop.gui.storage.reserving import reserved_wells
from biobank_desktop.gui.storage.side import BoxSide
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.boxmap import WellState
from biobank_desktop.gui.widgets.cards import Card, Section
from biobank_desktop.gui.widgets.selecting import SelectingMap
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext
from biobank_desktop.services.wells import vials_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from biobank_desktop.domain.colouring import VialFacts
    from biobank_desktop.domain.grids import Position
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.gui.storage.colouring import Shade
    from biobank_desktop.gui.storage.reading import Opened
    from biobank_desktop.persistence.queries.containers import Content
    from biobank_desktop.services.placing import Placed
    from biobank_desktop.services.records import BoxView

WIDEST_WELL_PX = 42
NARROWEST_PX = 320
"""what the words below the map of a small box need"""


class PlacingBar(QFrame):
    """Says that scanned vials land here: where the next one goes, how many have, how many are missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = Icon("scan", "stored", 24, self)
        self._title = Text("", "section", wrap=True, parent=self)
        self._text = Text("", wrap=True, parent=self)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(column, 1)
        self.hide()

    def tell(self, next_place: str, count: int) -> None:
        """Where the next vial goes, "" when the box is full, and how many have landed."""
        set_role(self, "tone-stored")
        self._icon.set_icon("scan", "stored")
        self._title.setText(
            _("Scan the next vial: it goes to {place}").format(place=next_place)
            if next_place
            else _("The box is full")
        )
        landed = ngettext("{count} vial placed", "{count} vials placed", count)
        self._text.setText(_("{landed}. A chosen free well is next. Ctrl+Z undoes.").format(landed=landed))

    def tell_spilled(self, next_place: str, left: int) -> None:
        """Where the next vial of a spilled box is looked for, and how many nobody has scanned."""
        set_role(self, "tone-provisional")
        self._icon.set_icon("warning", "provisional")
        self._title.setText(
            _("Spilled: scan the vial at {place}").format(place=next_place)
            if left
            else _("Spilled: every vial has been scanned")
        )
        missing = ngettext("{count} vial not scanned yet", "{count} vials not scanned yet", left)
        self._text.setText(
            _("{missing}. A chosen well is next. Ctrl+Z undoes.").format(missing=missing)
            if left
            else _("S says that the box is in order again.")
        )

    def title(self) -> str:
        """What is asked for."""
        return self._title.text()

    def text(self) -> str:
        """What stands below it."""
        return self._text.text()


@dataclass(frozen=True)
class Facts:
    """What the colours were told, of which box and when."""

    box: int
    at: datetime
    vials: tuple[VialFacts, ...]


class BoxPage(Card):
    """The map of one box, its colours and its selection. Decides nothing but where the next vial would go."""

    pointed = Signal(object)
    """the ``Content`` of the well pointed at, None for a free one"""
    selection_changed = Signal(object)
    """the numbers of the selected vials, in the box's fill order"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._desk = desk
        self.body.setSpacing(12)
        self.bar = PlacingBar(self)
        self.map = SelectingMap(widest_px=WIDEST_WELL_PX, parent=self)
        self.side = BoxSide(self)
        self._well = Text("", wrap=True, parent=self)
        self._left = QWidget(self)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(12)
        left.addWidget(self.map)
        left.addWidget(self._well)
        left.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._left, 1000)
        row.addWidget(self.side)
        row.addStretch(1)  # of a wide window: the legend stays beside the map
        self.body.addWidget(self.bar)
        self.body.addLayout(row)
        self._names: Mapping[str, str] = {}
        self._condition = Condition()
        self._view: BoxView | None = None
        self._shape: Shape | None = None
        self._by_position: dict[Position, Content] = {}
        self._wanted: Position | None = None
        self._placing = False
        self._fresh: frozenset[str] = frozenset()
        self._facts: Facts | None = None
        self._selected_items: frozenset[int] = frozenset()
        self._connect()

    def _connect(self) -> None:
        self.map.chosen.connect(self._chosen)
        self.map.pointed.connect(self._pointed)
        self.map.selection_changed.connect(self._selected)
        self.side.coloured.connect(self._colour)
        self.side.picked.connect(self._pick)
        self._desk.changed.connect(self._changed)

    def show_box(self, view: BoxView, names: Mapping[str, str], condition: Condition) -> None:
        """Show this box; the same one keeps its cursor and its selection. ``names`` of persons by login."""
        self._names, self._condition = names, condition
        another = self._view is None or self._view.container.id != view.container.id
        if another:
            self._shape, self._wanted = Shape.of(view.grid), None
            self._shape.draw(self.map)
            self._left.setMaximumWidth(max(NARROWEST_PX, self.map.widest()))
        kept = frozenset() if another else self._selected_items
        free = [] if another else [at for at in self.selected_positions() if at not in self._by_position]
        self._view = view
        self._by_position = {(one.row_no, one.column_no): one for one in view.contents}
        if self._wanted in self._settled():
            self._wanted = None
        self._draw()
        self._select_again(kept, free)
        self._read_facts()

    def set_placing(self, *, on: bool, placed: list[Placed]) -> None:
        """Whether scanned vials land here, and which have."""
        fresh = frozenset(one.sample for one in placed)
        if (on, fresh) == (self._placing, self._fresh):
            return
        self._placing, self._fresh = on, fresh
        if not on:
            self._wanted = None
        self._draw()

    def next_position(self) -> Position | None:
        """Where the next vial goes: the free well chosen, else the first free one in filling order."""
        if self._view is None:
            return None
        if self._wanted is not None:
            return self._wanted
        if self._condition.spilled is not None:
            settled = self._settled()
            return next((at for at in self._view.grid.order() if at not in settled), None)
        return next(iter(free_positions(self._view.grid, {*self._by_position, *self._kept()}, 1)), None)

    def _settled(self) -> Collection[Position]:
        """Where a vial lies for certain: of a spilled box where one has been scanned since."""
        since = self._condition.spilled
        if since is None:
            return self._by_position
        return {at for at, content in self._by_position.items() if content.since >= since}

    def _kept(self) -> set[Position]:
        """What others have reserved."""
        login, now = self._desk.actor.login if self._desk.actor else "", utc_now()
        reserved = self._condition.reserved.items()
        return {at for at, one in reserved if one.login != login and one.until > now}

    def take_wanted(self) -> str:
        """The label of the free well a person chose, "" when none; asked once per vial."""
        wanted, self._wanted = self._wanted, None
        return self._view.grid.label(wanted) if self._view and wanted else ""

    def content_here(self) -> Content | None:
        """What lies in the well pointed at."""
        if self._shape is None:
            return None
        return self._by_position.get(self._shape.position(self.map.cursor_place()))

    def selected_positions(self) -> tuple[Position, ...]:
        """The selected wells, in the box's fill order."""
        if self._view is None or self._shape is None:
            return ()
        chosen = {self._shape.position(place) for place in self.map.selected()}
        return tuple(position for position in self._view.grid.order() if position in chosen)

    def selected_items(self) -> tuple[Content, ...]:
        """What lies in the selected wells, in the box's fill order."""
        found = (self._by_position.get(position) for position in self.selected_positions())
        return tuple(content for content in found if content is not None)

    def next_colouring(self) -> None:
        """Colour the wells by the next thing."""
        if self.isVisible():
            self.side.next_colouring()

    def begin_picking(self) -> None:
        """Offer the choices of wells by letter."""
        if self.isVisible():
            self.side.begin_picking()

    def step_back(self) -> bool:
        """Close the choices at the side; False when none are open."""
        return self.side.step_back()

    def point_at(self, item_id: int) -> None:
        """Put the cursor on a thing and select it."""
        if self._shape is None:
            return
        for position, content in self._by_position.items():
            if content.item_id == item_id:
                self.map.go_to(self._shape.place(position))

    def flash(self, label: str) -> None:
        """Show where a vial landed, by the position as the box calls it."""
        position = self._view.grid.parse(label) if self._view else None
        if self._shape is not None and position is not None:
            self.map.flash(self._shape.place(position))

    def well_text(self) -> str:
        """The words below the map."""
        return self._well.text()

    def _draw(self) -> None:
        if self._view is None or self._shape is None:
            return
        spilled = self._condition.spilled
        upcoming = self.next_position() if self._placing or spilled else None
        states = {one.item_id: WellState.PLACED for one in self._view.contents if one.code in self._fresh}
        left = [one for one in self._view.contents if spilled is not None and one.since < spilled]
        states |= {one.item_id: WellState.UNCONFIRMED for one in left}
        shown = self._shades()
        tints = {item: (shade.tint, shade.word) for shade in shown for item in shade.group.items}
        drawn = reserved_wells(self._shape, self._condition.reserved, utc_now())
        drawn |= wells(self._view, self._shape, self._names, states, [upcoming] if upcoming else [], tints)
        self.map.set_wells(drawn)
        self.map.ring_next(self._shape.place(upcoming) if upcoming and left else None)
        self.side.show_legend(shown, list(drawn.values()), self._view.grid.capacity - len(drawn))
        self.bar.setVisible(self._placing or spilled is not None)
        place = self._view.grid.label(upcoming) if upcoming else ""
        if spilled is not None:
            self.bar.tell_spilled(place, len(left))
        elif self._placing:
            self.bar.tell(place, len(self._fresh))
        self._tell()

    def _shades(self) -> tuple[Shade, ...]:
        told, colouring = self._facts, self.side.colouring
        if self._view is None or told is None or told.box != self._view.container.id or colouring == "plain":
            return ()
        here = self.content_here()
        return shades(colouring, told.vials, told.at, here.donor_id if here else None)

    def _colour(self) -> None:
        """Another colouring: at once with what is known, then with what is so now."""
        self._draw()
        self._read_facts()

    def _read_facts(self) -> None:
        """Ask what the colours need to know; without colours nothing is asked."""
        if self._view is None or self.side.colouring == "plain":
            return
        box, now = self._view.container.id, utc_now()

        def came(vials: tuple[VialFacts, ...]) -> None:
            self._facts = Facts(box, now, vials)
            self._draw()

        self._desk.read(self, lambda connection: vials_in(connection, box, now), came, newest="colours")

    def _changed(self, what: frozenset[str]) -> None:
        """Consent and labels are no business of the box's content, but of its colours."""
        if what & {topics.DONORS, topics.LABELS} and self.isVisible():
            self._read_facts()

    def _pointed(self, _row: int, _column: int) -> None:
        if self.side.colouring == "family":
            self._draw()
        self.pointed.emit(self.content_here())

    def _selected(self) -> None:
        items = tuple(content.item_id for content in self.selected_items())
        self._selected_items = frozenset(items)
        self._tell()
        self.selection_changed.emit(items)

    def _select_again(self, kept: frozenset[int], free: Collection[Position]) -> None:
        """What was selected is so again: a vial wherever it lies now, a free well while it is free."""
        assert self._shape is not None
        again = {at for at, content in self._by_position.items() if content.item_id in kept}
        again |= {at for at in free if at not in self._by_position}
        before = self._selected_items
        self.map.set_selected(self._shape.place(position) for position in again)
        self._selected_items = frozenset(content.item_id for content in self.selected_items())
        self._tell()
        if self._selected_items != before:
            self.selection_changed.emit(tuple(content.item_id for content in self.selected_items()))

    def _pick(self, name: str) -> None:
        if self._shape is None:
            return
        donors = {self._shape.place(at): content.donor_id for at, content in self._by_position.items()}
        around = Around(self.map.places(), donors, self.map.cursor_place(), self.map.selected())
        self.map.select(PICKS[name](around))
        self.map.setFocus()

    def _tell(self) -> None:
        """Say below the map what is selected: one well in full, of several how many and whose."""
        chosen = self.map.selected()
        if not chosen:
            set_role(self._well, "muted")
            self._well.setText(_("Click, drag or use the arrows to select wells."))
            return
        set_role(self._well, "")
        if len(chosen) == 1:
            self._well.setText(self.map.describe(next(iter(chosen))))
            return
        vials = self.selected_items()
        parts = [_told(vials)] if vials else []
        if free := len(chosen) - len(vials):
            parts.append(ngettext("{count} free well", "{count} free wells", free))
        self._well.setText(" · ".join(parts))

    def _chosen(self, row: int, column: int) -> None:
        if self._shape is None or not (self._placing or self._condition.spilled):
            return
        position = self._shape.position((row, column))
        if position not in self._settled():
            self._wanted = position
            self._draw()


def _told(vials: tuple[Content, ...]) -> str:
    """How many vials, and of how many donors."""
    donors = len({content.donor_id for content in vials})
    return _("{vials} of {donors}").format(
        vials=ngettext("{count} vial", "{count} vials", len(vials)),
        donors=ngettext("{count} donor", "{count} donors", donors),
    )


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
        self.table.pointed.connect(self._point)
        self._nothing = Text(
            _("Nothing lies here yet. Press P and scan vials into it."), "muted", wrap=True, parent=self
        )
        self.body.addWidget(self.table)
        self.body.addWidget(self._nothing)
        self._ids: tuple[int, ...] = ()
        self._filling = False

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
            self._filling = True
            self.table.show_ids(array("q", lines), lambda ids: [lines[one] for one in ids])
            self._filling = False

    def _point(self, item_id: int) -> None:
        """What a person points at; a list that comes anew points at nothing."""
        if not self._filling:
            self.pointed.emit(item_id)


def _what(line: _Line) -> str:
    content = line.content
    if content.material is None:
        return content.name or ""
    # As its label says it: the panel is narrow.
    return f"{material(content.material).label} {content.time_point}"
