"""A table over any number of rows: it knows their ids and fetches only the pages that are looked at."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from biobank_desktop.gui import icons, theme
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QKeyEvent, QPixmap, QResizeEvent

    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.gui.theme import Meaning

PAGE_ROWS = 64
_ROOT = QModelIndex()
_MEANING_ROLES = (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.DecorationRole)
KEPT_PAGES = 48
_WAITING = "…"
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[Sequence[int]], Sequence[Any]]
"""ids of one page (in order) to their rows, called on the database thread"""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its words for a row, its width in px (0: shares what is left).

    ``meaning`` gives a row's words the icon and the colour of what they mean, where they mean something.
    """

    title: str
    text: Callable[[Any], str]
    width_px: int = 0
    mono: bool = False
    right: bool = False
    meaning: Callable[[Any], Meaning | None] | None = None


def _dress(meaning: Meaning | None, role: int) -> QColor | QPixmap | None:
    """The colour of a meaning's words, or its icon."""
    if meaning is None:
        return None
    ink = theme.tokens().tone(meaning).ink
    return QColor(ink) if role == Qt.ItemDataRole.ForegroundRole else icons.pixmap(meaning.value, ink, 16)


class PagedModel(QAbstractTableModel):
    """Ids in an ``array('q')``, rows by page in a small cache. Never blocks: a page not there yet is "…"."""

    page_came = Signal(int, int)
    """first and last row that can now be read"""

    def __init__(self, columns: Sequence[Column], jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._jobs = jobs
        self._ids: array[int] = array("q")
        self._fetch: Fetch | None = None
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._wanted: tuple[int, ...] = ()
        self._mono = theme.font(mono=True)

    def show_ids(self, ids: array[int], fetch: Fetch) -> None:
        """Show these rows; ``fetch`` gets at most one page of ids at a time."""
        self.beginResetModel()
        self._ids, self._fetch = ids, fetch
        self._pages.clear()
        self._wanted = ()
        self.endResetModel()

    def show_rows(self, ids: array[int], rows: Sequence[Any]) -> None:
        """Show rows that are at hand: nothing has to be fetched. Where the ids are the same, they stay."""
        pages = OrderedDict(
            (page, rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS])
            for page in range(-(-len(ids) // PAGE_ROWS))
        )
        if ids == self._ids:
            self._pages = pages
            if ids:
                self.dataChanged.emit(self.index(0, 0), self.index(len(ids) - 1, len(self._columns) - 1))
            return
        self.beginResetModel()
        self._ids, self._fetch, self._pages, self._wanted = ids, None, pages, ()
        self.endResetModel()

    def add_ids(self, more: array[int]) -> None:
        """More rows below; what is shown stays where it is."""
        if not more:
            return
        first = len(self._ids)
        self._pages.pop(first // PAGE_ROWS, None)
        self._wanted = ()
        self.beginInsertRows(_ROOT, first, first + len(more) - 1)
        self._ids.extend(more)
        self.endInsertRows()

    def add_ids_above(self, newer: array[int]) -> None:
        """More rows on top; what was fetched is fetched again, because every page has moved."""
        if not newer:
            return
        self._pages.clear()
        self._wanted = ()
        self.beginInsertRows(_ROOT, 0, len(newer) - 1)
        self._ids = newer + self._ids
        self.endInsertRows()

    def forget_rows(self) -> None:
        """The rows may have changed: fetch what is looked at again, ids stay."""
        self._pages.clear()
        self._wanted = ()
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(self._columns) - 1))

    def id_at(self, row: int) -> int:
        """The id of a row."""
        return self._ids[row]

    def row_at(self, row: int) -> Any | None:
        """The row itself, None while it has not been fetched."""
        page = self._pages.get(row // PAGE_ROWS)
        offset = row % PAGE_ROWS
        return page[offset] if page is not None and offset < len(page) else None

    def want(self, first: int, last: int) -> None:
        """These rows are looked at: fetch the pages that are missing, drop older wishes."""
        if self._fetch is None or not self._ids:
            return
        last = min(last, len(self._ids) - 1)
        pages = range(first // PAGE_ROWS, last // PAGE_ROWS + 1)
        missing = tuple(page for page in pages if page not in self._pages)
        if not missing or missing == self._wanted:
            return
        self._wanted = missing
        fetch, ids = self._fetch, self._ids
        slices = [(page, ids[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]) for page in missing]
        self._jobs.run(
            self,
            lambda: [(page, fetch(part)) for page, part in slices],
            lambda came: self._came(ids, came),
            newest="pages",
        )

    def _came(self, ids: array[int], came: list[tuple[int, Sequence[Any]]]) -> None:
        if ids is not self._ids:
            return
        self._wanted = ()
        for page, rows in came:
            self._pages[page] = rows
            first, last = page * PAGE_ROWS, min((page + 1) * PAGE_ROWS, len(ids)) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))
            self.page_came.emit(first, last)
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(
        self, index: Index, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | QFont | QColor | QPixmap | int | None:
        """What the view asks of a cell."""
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            row = self.row_at(index.row())
            return _WAITING if row is None else column.text(row)
        if role == Qt.ItemDataRole.FontRole and column.mono:
            return self._mono
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT if column.right else _LEFT)
        if column.meaning is not None and role in _MEANING_ROLES:
            row = self.row_at(index.row())
            return _dress(column.meaning(row) if row is not None else None, role)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | int | None:
        """What the view asks of a heading."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT if self._columns[section].right else _LEFT)
        return None


class PagedTable(QTableView):
    """The view: whole rows, one height, Enter or a double click opens.

    With ``enter_opens`` off, Enter is the screen's. A letter is always the screen's: it cannot search rows
    that are not fetched.
    """

    opened = Signal(object)
    """the id of the row to open"""
    pointed = Signal(object)
    """the id of the row the cursor moved to"""

    def __init__(
        self,
        columns: Sequence[Column],
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        enter_opens: bool = True,
    ) -> None:
        super().__init__(parent)
        self._enter_opens = enter_opens
        self.rows = PagedModel(columns, jobs, self)
        self.setModel(self.rows)
        self.setAccessibleName(_("Table"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.row_height_px())
        self._size_columns(columns)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(0)
        self._look.timeout.connect(self._want_visible)
        self.verticalScrollBar().valueChanged.connect(self._look_soon)
        self.rows.modelReset.connect(self._look_soon)
        self.rows.rowsInserted.connect(self._look_soon)
        self.rows.dataChanged.connect(self._look_soon)
        self.doubleClicked.connect(self._open_index)
        self.selectionModel().currentRowChanged.connect(self._cursor_moved)

    def show_ids(self, ids: array[int], fetch: Fetch) -> None:
        """Show these rows (see ``PagedModel``), the cursor on the first."""
        self.rows.show_ids(ids, fetch)
        if ids:
            self.selectRow(0)

    def add_ids(self, more: array[int]) -> None:
        """More rows below (see ``PagedModel``); the cursor stays."""
        empty = not self.rows.rowCount()
        self.rows.add_ids(more)
        if empty and more:
            self.selectRow(0)

    def add_ids_above(self, newer: array[int]) -> None:
        """More rows on top (see ``PagedModel``); the cursor stays on its row."""
        self.rows.add_ids_above(newer)
        self._look_soon()

    def current_id(self) -> int | None:
        """The id under the cursor."""
        index = self.currentIndex()
        return self.rows.id_at(index.row()) if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        chord = event.modifiers() & _CHORDS
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self._enter_opens and self.currentIndex().isValid():
                self._open_index(self.currentIndex())
            else:
                event.ignore()
        elif not chord and event.text().strip().isprintable() and event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look which rows are seen now."""
        super().resizeEvent(event)
        self._look_soon()

    def _size_columns(self, columns: Sequence[Column]) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for index, column in enumerate(columns):
            if column.width_px:
                header.resizeSection(index, column.width_px)
            else:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Stretch)

    def _look_soon(self) -> None:
        self._look.start()

    def _want_visible(self) -> None:
        first = self.rowAt(0)
        if first >= 0:
            shown = self.viewport().height() // max(1, theme.row_height_px()) + 2
            self.rows.want(first, first + shown)

    def _open_index(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows.id_at(index.row()))

    def _cursor_moved(self, current: QModelIndex) -> None:
        if current.isValid():
            self.pointed.emit(self.rows.id_at(current.row()))
