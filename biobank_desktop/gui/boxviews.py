"""A box as it is drawn: its grid on the map, its contents as wells, and where one sample lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.gui.widgets.cards import Section
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from biobank_desktop.domain.grids import Grid, Position
    from biobank_desktop.gui.widgets.boxmap import Place
    from biobank_desktop.gui.widgets.wells import Tint
    from biobank_desktop.persistence.queries.containers import Content
    from biobank_desktop.services.records import BoxView

_WIDEST_ROW = 10


@dataclass(frozen=True)
class Shape:
    """How a grid is drawn: as it is, or, where it is one long row, folded into rows of ``width``."""

    grid: Grid
    width: int

    @classmethod
    def of(cls, grid: Grid) -> Shape:
        """A row of more than ten places is folded when it folds without a rest."""
        if grid.rows > 1 or grid.columns <= _WIDEST_ROW:
            return cls(grid, grid.columns)
        widths = [width for width in range(_WIDEST_ROW, 3, -1) if grid.columns % width == 0]
        return cls(grid, widths[0] if widths else grid.columns)

    @property
    def folded(self) -> bool:
        """Whether it is drawn in more rows than it has."""
        return self.width != self.grid.columns

    def place(self, position: Position) -> Place:
        """Where a position (from 1) stands on the map (from 0)."""
        if not self.folded:
            return position[0] - 1, position[1] - 1
        return divmod(position[1] - 1, self.width)

    def position(self, place: Place) -> Position:
        """The position of a place on the map."""
        if not self.folded:
            return place[0] + 1, place[1] + 1
        return 1, place[0] * self.width + place[1] + 1

    def draw(self, box_map: BoxMap) -> None:
        """Give the map this grid, empty."""
        names = {self.place(position): self.grid.label(position) for position in self.grid.order()}
        if not self.folded:
            box_map.set_grid(self.grid.row_names(), self.grid.column_names(), names)
            return
        rows = [names[row, 0] for row in range(self.grid.columns // self.width)]
        box_map.set_grid(rows, [""] * self.width, names)


def content_text(content: Content, names: Mapping[str, str]) -> str:
    """What lies in a well, in words: material, time point, code, when and who (``names`` by login)."""
    parts = [
        content.name or "",
        words.material_name(content.material) if content.material else "",
        content.time_point or "",
        codes.group(content.code),
        f"{words.moment(content.since)} {names.get(content.by, content.by)}",
        _("out since {when}").format(when=words.moment(content.out_at)) if content.out_at else "",
    ]
    return " · ".join(part for part in parts if part)


def wells(
    view: BoxView,
    shape: Shape,
    names: Mapping[str, str],
    states: Mapping[int, WellState] | None = None,
    proposed: Collection[Position] = (),
    tints: Mapping[int, tuple[Tint, str]] | None = None,
) -> dict[Place, Well]:
    """The wells of a box: taken, or out, unless ``states`` says otherwise of what lies there.

    ``tints``: the class of a thing, as it is drawn and in words.
    """
    found = {shape.place(position): Well(WellState.PROPOSED) for position in proposed}
    for content in view.contents:
        at_rest = WellState.TAKEN if content.out_at is None else WellState.OUT
        state = (states or {}).get(content.item_id, at_rest)
        tint, word = (tints or {}).get(content.item_id, (None, ""))
        text = " · ".join(part for part in (word, content_text(content, names)) if part)
        found[shape.place((content.row_no, content.column_no))] = Well(state, text, tint)
    return found


def free_text(view: BoxView) -> str:
    """How much room there is: "37 of 81 free"."""
    free = view.container.capacity - view.container.used
    return _("{free} of {capacity} free").format(free=free, capacity=view.container.capacity)


class Whereabouts(Section):
    """Where a sample lies: the path, the position, and the box with its well ringed."""

    box_wanted = Signal(object)
    """the container to open"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Where it is"), parent=parent)
        self._box_id = 0
        self._path = Text("", "strong", wrap=True, parent=self)
        self._since = Text("", "detail", wrap=True, parent=self)
        self.map = BoxMap(parent=self)
        self.open = ActionButton(_("Open the box"), Look.QUIET, icon="storage", parent=self)
        self.open.clicked.connect(lambda: self.box_wanted.emit(self._box_id))
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._path)
        head.addWidget(self._since)
        self.body.addLayout(head)
        self.body.addWidget(self.map)
        self.body.addWidget(self.open)

    def show_place(
        self, view: BoxView, item_id: int, family: Collection[int], names: Mapping[str, str]
    ) -> None:
        """The box with one thing ringed and its family marked; ``names`` of persons by login."""
        shape = Shape.of(view.grid)
        here = next(one for one in view.contents if one.item_id == item_id)
        position = (here.row_no, here.column_no)
        self._box_id = view.container.id
        self._path.setText(f"{view.path} / {view.grid.label(position)}")
        self._since.setText(f"{words.moment(here.since)} · {names.get(here.by, here.by)} · {free_text(view)}")
        shape.draw(self.map)
        mine = {
            one.item_id: WellState.MINE for one in view.contents if one.item_id in family and not one.out_at
        }
        self.map.set_wells(wells(view, shape, names, mine))
        self.map.set_selected([shape.place(position)])
        self._show(placed=True)

    def show_nowhere(self, why: str) -> None:
        """It lies in no container."""
        self._path.setText(_("Not stored"))
        self._since.setText(why)
        self._show(placed=False)

    def path_text(self) -> str:
        """The path that is shown."""
        return self._path.text()

    def _show(self, *, placed: bool) -> None:
        self.map.setVisible(placed)
        self.open.setVisible(placed)
