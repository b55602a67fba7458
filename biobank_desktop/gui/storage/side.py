"""Beside the map of a box: its legend, and the choices of colours and of wells that take its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.colouring import COLOURINGS, following
from biobank_desktop.gui.storage import colouring, picking
from biobank_desktop.gui.theme import TARGET_PX
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.choices import ChoiceRow
from biobank_desktop.gui.widgets.legend import Legend
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.wells import Well, WellState
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.storage.colouring import Shade

SIDE_PX = 200


class BoxSide(QWidget):
    """The colouring is kept while the window is open; every box is coloured by it."""

    coloured = Signal()
    """another colouring was chosen"""
    picked = Signal(str)
    """the name of a choice of wells (``picking.PICKS``)"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(SIDE_PX)
        self.colouring = COLOURINGS[0]
        self.head = ActionButton(colouring.name_of(self.colouring), icon="drop", hint="C", parent=self)
        self.head.setAccessibleName(_("Colours"))
        self.head.clicked.connect(self._offer_colours)
        self.legend = Legend(self)
        self.colours = ChoiceRow(
            colouring.choices(), columns=1, name=_("Colours"), height_px=TARGET_PX, parent=self
        )
        self.colours.chosen.connect(self._choose)
        self.picks = ChoiceRow(
            picking.choices(), columns=1, name=_("Select wells"), height_px=TARGET_PX, parent=self
        )
        self.picks.chosen.connect(self._pick)
        self.select = ActionButton(_("Select"), hint="X", parent=self)
        self.select.clicked.connect(self.begin_picking)
        self._pages = Pages(self)
        for page in (self.legend, self.colours, self.picks):
            self._pages.add(page)
        self._turn_to(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Text(_("Colours"), "label", parent=self))
        column.addWidget(self.head)
        column.addSpacing(8)
        column.addWidget(self._pages)
        column.addStretch(1)
        column.addSpacing(8)
        column.addWidget(self.select)

    def show_legend(self, shades: Sequence[Shade], wells: Sequence[Well], free: int) -> None:
        """Count the classes, and the states that are no class."""
        classes = [
            (Well(WellState.TAKEN, tint=shade.tint), shade.word, len(shade.group.items)) for shade in shades
        ]
        states = colouring.state_lines(wells, free)
        if shades:
            states = [line for line in states if line[2] and line[0].state is not WellState.TAKEN]
        self.legend.show_lines([*classes, *states])

    def next_colouring(self) -> None:
        """Colour by the next thing."""
        self._choose(following(self.colouring))

    def begin_picking(self) -> None:
        """Offer the choices of wells."""
        self.picks.set_value(None)
        self._turn_to(self.picks)

    def step_back(self) -> bool:
        """Show the legend again; False when it is shown."""
        if self._pages.shown() is self.legend:
            return False
        self._turn_to(self.legend)
        return True

    def _turn_to(self, page: QWidget) -> None:
        self._pages.show_page(page)
        reveal(self.head, page is not self.colours)
        reveal(self.select, page is self.legend)

    def _offer_colours(self) -> None:
        self.colours.set_value(self.colouring)
        self._turn_to(self.colours)

    def _choose(self, chosen: object) -> None:
        self.colouring = str(chosen)
        self.head.set_text(colouring.name_of(self.colouring))
        self._turn_to(self.legend)
        self.coloured.emit()

    def _pick(self, name: object) -> None:
        self._turn_to(self.legend)
        self.picked.emit(str(name))
