"""The kinds of containers: a list with the picture of each; one is changed, a new one made by one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.contents import allowed
from biobank_desktop.gui.boxviews import Shape
from biobank_desktop.gui.storage.ruling import materials_text
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext, say_value
from biobank_desktop.persistence.queries import containers, tree
from biobank_desktop.services.kinds import grid_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.persistence.queries.containers import KindRow

_MOST_ROWS, _PICTURE_PX = 8, 200
_WELL_PX = 20
_FIRST_SHOWN = 3


@dataclass(frozen=True)
class UsedKind:
    """A kind, with how many containers there are of it."""

    no: int
    kind: KindRow
    used: int


def read_kinds(connection: Connection) -> tuple[UsedKind, ...]:
    """Every kind, by name."""
    counts = tree.counts_of_kinds(connection)
    found = containers.kinds(connection)
    return tuple(UsedKind(no, kind, counts.get(kind.name, 0)) for no, kind in enumerate(found, 1))


class KindPicture(QWidget):
    """The grid of a kind with the first positions that fill, and in words what may lie in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(_PICTURE_PX)
        self._name = Text("", "strong", wrap=True, parent=self)
        self.map = BoxMap(widest_px=_WELL_PX, parent=self)
        self._words = Text("", "detail", wrap=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._name)
        column.addWidget(self.map)
        column.addWidget(self._words)
        column.addStretch(1)

    def show_kind(self, one: UsedKind) -> None:
        """Draw it."""
        kind, grid = one.kind, grid_of(one.kind)
        shape = Shape.of(grid)
        shape.draw(self.map)
        first = [position for position, _no in zip(grid.order(), range(_FIRST_SHOWN), strict=False)]
        self.map.set_wells({shape.place(position): Well(WellState.PROPOSED) for position in first})
        self._name.setText(kind.name)
        takes = allowed(kind.takes)
        lines = [
            materials_text(allowed(kind.materials)),
            _("Always at {temperature}").format(temperature=say_value(kind.temperature))
            if kind.temperature
            else "",
            _("Takes {kinds}").format(kinds=", ".join(sorted(takes))) if takes else "",
        ]
        self._words.setText("\n".join(line for line in lines if line))


class KindsCard(FormCard):
    """The list; Enter changes the kind at the cursor, K makes a new one."""

    new_wanted = Signal()
    """a new kind is to be made"""

    def __init__(self, kinds: tuple[UsedKind, ...], jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Kinds of container"),
            _("Dashed: the first positions that fill."),
            _("Change this kind"),
            parent,
        )
        self.table = RowTable(
            (
                Column(_("Name"), lambda one: one.kind.name),
                Column(_("Level"), lambda one: say_value(one.kind.level), 96),
                Column(_("Grid"), _grid, 104),
                Column(_("In use"), lambda one: str(one.used), 64, right=True),
            ),
            lambda one: one.no,
            jobs,
            self,
        )
        self.picture = KindPicture(self)
        self.new = ChoiceRow([Choice("new", _("New kind"), "K")], name=_("New kind"), parent=self)
        self.new.chosen.connect(lambda _value: self.new_wanted.emit())
        across = QHBoxLayout()
        across.setSpacing(24)
        across.addWidget(self.table, 3)
        across.addWidget(self.picture, 2)
        self.rows.addLayout(across)
        self.rows.addWidget(self.new)
        self.table.pointed.connect(lambda _no: self._draw())
        self.table.show_rows(kinds)
        self.table.fit_rows(_MOST_ROWS)
        self._draw()

    def chosen(self) -> UsedKind | None:
        """The kind at the cursor."""
        return self.table.current()

    def begin(self) -> None:
        """Stand in the list."""
        super().begin()
        self.table.setFocus()

    def _draw(self) -> None:
        one = self.chosen()
        if one is not None:
            self.picture.show_kind(one)


def _grid(one: UsedKind) -> str:
    if one.kind.rows == 1:
        return ngettext("{count} place", "{count} places", one.kind.columns)
    return f"{one.kind.rows} × {one.kind.columns}"
