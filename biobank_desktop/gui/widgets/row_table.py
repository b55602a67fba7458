"""A table of rows that are at hand: cursor and selection stay on their rows when it is shown again."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtWidgets import QAbstractItemView

from biobank_desktop.gui.widgets.table import Column, PagedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.jobs import Jobs

_ROWS = QItemSelectionModel.SelectionFlag.Rows
_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | _ROWS
_MOVE = QItemSelectionModel.SelectionFlag.NoUpdate


class RowTable(PagedTable):
    """``key`` gives the number of a row. With ``several`` more than one row can be selected."""

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[Any], int],
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        several: bool = False,
        enter_opens: bool = False,
    ) -> None:
        super().__init__(columns, jobs, parent, enter_opens=enter_opens)
        self._key = key
        self._rows: tuple[Any, ...] = ()
        if several:
            self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def show_rows(self, rows: Iterable[Any]) -> None:
        """Show these rows; what was selected and is still there stays selected."""
        selected, current = {self._key(row) for row in self.selected()}, self.current_id()
        self._rows = tuple(rows)
        ids = array("q", map(self._key, self._rows))
        self.rows.show_rows(ids, self._rows)
        kept = [place for place, number in enumerate(ids) if number in selected]
        at = ids.index(current) if current is not None and current in ids else None
        if at is None and ids:
            at = kept[0] if kept else 0
        if at is not None:
            self._select(kept or [at], at)

    def fit_rows(self, most: int) -> None:
        """Be as high as the rows need, at most as high as so many; the rest is scrolled to."""
        shown = min(len(self._rows), most)
        header, row = self.horizontalHeader().sizeHint().height(), self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(header + shown * row + 2 * self.frameWidth() + 2)

    def all_rows(self) -> tuple[Any, ...]:
        """Every row, in the order shown."""
        return self._rows

    def selected(self) -> list[Any]:
        """The selected rows, in the order shown."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._rows[place] for place in places if place < len(self._rows)]

    def current(self) -> Any | None:
        """The row under the cursor."""
        index = self.currentIndex()
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def _select(self, places: Sequence[int], at: int) -> None:
        chosen = QItemSelection()
        last = self.rows.columnCount() - 1
        for place in places:
            chosen.select(self.rows.index(place, 0), self.rows.index(place, last))
        self.selectionModel().select(chosen, _SELECT)
        self.selectionModel().setCurrentIndex(self.rows.index(at, 0), _MOVE)
