"""What is open above the box: its map, what the colours mean, and in words what the cursor stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from biobank_desktop.gui.storage.heat import HeatLegend
from biobank_desktop.gui.storage.plan_map import PlanMap
from biobank_desktop.gui.widgets.actions import KeyHint
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.storage.plan import Node


class PlanPage(Card):
    """The map fills what room there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setSpacing(8)
        self.map = PlanMap(self)
        self.map.pointed.connect(self._pointed)
        self._words = ElidedText("", parent=self)
        self.body.addWidget(self.map, 1)
        self.body.addWidget(self._words)
        self.body.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(HeatLegend(self), 1)
        for key, word in (("+", _("go in")), ("−", _("go out"))):
            row.addWidget(KeyHint(key, self))
            row.addWidget(Text(word, "detail", parent=self))
        return row

    def show_node(self, node: Node | None) -> None:
        """Show a container; None while it is still being read."""
        self.map.setVisible(node is not None)
        if node is None:
            self._words.setText(_("Counting what lies where …"))
        else:
            self.map.show_node(node)

    def words(self) -> str:
        """The words below the map."""
        return self._words.text()

    def _pointed(self, text: str) -> None:
        self._words.setText(text)
