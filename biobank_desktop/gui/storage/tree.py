"""The tree of containers: each branch is read when it is opened for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.storage.plan import TOP
from biobank_desktop.gui.widgets.texts import plain_tip
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.persistence.queries.containers import ContainerRow

_ID, _LEVEL = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_ICONS = {
    "site": "pin",
    "room": "pin",
    "device": "freezer",
    "shelf": "minus",
    "rack": "storage",
    "box": "box",
    "goblet": "box",
    "freezing-container": "snowflake",
}
_ROW_PX = 36
_ROOT = QModelIndex()


def icon_of(level: str) -> str:
    """The icon of a level of storage."""
    return _ICONS.get(level, "box")


class _Model(QStandardItemModel):
    """Icons are drawn in the colours worn now, so they follow the theme."""

    lit: frozenset[int] = frozenset()
    """the containers on the way to what was found"""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # type: ignore[override]
        """What the view asks of an item."""
        if self.lit and index.column() == 0 and super().data(index, _ID) in self.lit:
            if role == Qt.ItemDataRole.ForegroundRole:
                return theme.color("accent")
            if role == Qt.ItemDataRole.FontRole:
                return theme.font(bold=True)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            level = super().data(index, _LEVEL)
            return icons.pixmap(icon_of(level), theme.tokens().muted, 18) if level else None
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return theme.color("muted")
        if role == Qt.ItemDataRole.FontRole and index.column() == 1:
            return theme.font(theme.Size.DETAIL)
        return super().data(index, role)


class ContainerTree(QTreeView):
    """Shows the containers; moving the cursor opens one."""

    chosen = Signal(object)
    """the number of the container a person went to"""
    branch_wanted = Signal(object)
    """the containers in this one are to be read"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(0, 2, self)
        self._items: dict[int, QStandardItem] = {}
        self._known: dict[int, tuple[ContainerRow, ...]] = {}
        self._following = False
        self.setModel(self._model)
        self.setAccessibleName(_("Containers"))
        self.setHeaderHidden(True)
        self.setIndentation(18)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(40)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.expanded.connect(self._expanded)
        self.selectionModel().currentRowChanged.connect(self._moved)

    def show_branches(self, branches: Mapping[int, Sequence[ContainerRow]], here: int) -> None:
        """Bring these branches up to date and mark where one is."""
        self._following = True
        for parent, rows in branches.items():
            self._fill(parent, tuple(rows))
        item = self._items.get(here)
        if item is not None:
            index = item.index()
            above = index.parent()
            while above.isValid():
                self.expand(above)
                above = above.parent()
            self.setCurrentIndex(index)
            self.scrollTo(index)
        else:
            self.setCurrentIndex(QModelIndex())
        self._following = False

    def light(self, way: frozenset[int]) -> None:
        """Light up these containers; none puts the light out."""
        self._model.lit = way
        self.viewport().update()

    def names(self) -> list[str]:
        """Every container that has been read, in the order of reading."""
        return [item.text() for item in self._items.values()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters and Enter are the screen's."""
        if event.text().strip() or event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
            return
        super().keyPressEvent(event)

    def _fill(self, parent: int, rows: tuple[ContainerRow, ...]) -> None:
        if self._known.get(parent) == rows:
            return
        above = self._model.invisibleRootItem() if parent == TOP else self._items.get(parent)
        if above is None:
            return
        same = [one.id for one in rows] == [one.id for one in self._known.get(parent, ())]
        self._known[parent] = rows
        if same:
            for place, row in enumerate(rows):
                self._words(above.child(place, 0), above.child(place, 1), row)
            return
        self._forget(above)
        for row in rows:
            name, used = QStandardItem(), QStandardItem()
            self._words(name, used, row)
            self._items[row.id] = name
            if row.kind.holds == "containers" and row.used:
                name.appendRow([QStandardItem("…"), QStandardItem()])
            above.appendRow([name, used])

    def _words(self, name: QStandardItem, used: QStandardItem, row: ContainerRow) -> None:
        name.setText(row.name)
        name.setData(row.id, _ID)
        name.setData(row.kind.level, _LEVEL)
        name.setSizeHint(QSize(0, _ROW_PX))
        name.setToolTip(plain_tip(f"{row.name} · {row.kind.name}"))
        used.setText(f"{row.used}/{row.capacity}")
        used.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        used.setData(row.id, _ID)

    def _forget(self, above: QStandardItem) -> None:
        for place in range(above.rowCount()):
            child = above.child(place, 0)
            number = child.data(_ID)
            if number is not None:
                self._forget(child)
                self._items.pop(number, None)
                self._known.pop(number, None)
        above.removeRows(0, above.rowCount())

    def _expanded(self, index: QModelIndex) -> None:
        number = index.data(_ID)
        if number is not None and number not in self._known:
            self.branch_wanted.emit(number)

    def _moved(self, current: QModelIndex, _before: QModelIndex = _ROOT) -> None:
        number = current.data(_ID) if current.isValid() else None
        if number is not None and not self._following:
            self.chosen.emit(number)
