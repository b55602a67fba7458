"""Recorded facts side by side: a small label over its value, codes in their own face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Fact:
    """A fact: what it is, its value in words, a detail below it; ``mono`` for codes."""

    label: str
    value: str
    detail: str = ""
    mono: bool = False


class FactGrid(QWidget):
    """Facts in columns, read row by row."""

    def __init__(self, columns: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._facts: tuple[Fact, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts."""
        if tuple(facts) == self._facts:
            return
        clear_layout(self._grid)
        self._facts = tuple(facts)
        for index, fact in enumerate(facts):
            self._grid.addWidget(
                self._cell(fact), index // self._columns, index % self._columns, Qt.AlignmentFlag.AlignTop
            )

    def facts(self) -> dict[str, str]:
        """What is shown, value by label."""
        return {fact.label: fact.value for fact in self._facts}

    def _cell(self, fact: Fact) -> QWidget:
        cell = QWidget(self)
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Text(fact.label, "label", parent=cell))
        value = Text(fact.value, "code" if fact.mono else "", wrap=not fact.mono, parent=cell)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(value)
        if fact.detail:
            column.addWidget(Text(fact.detail, "detail", wrap=True, parent=cell))
        return cell
