"""The lists of labels: waiting, handed over, failed, proved; or those of one thing."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.worklists import LabelRow

LISTS: Mapping[str, tuple[str, ...]] = {
    "queued": ("queued",),
    "under-way": ("sending", "held"),
    "unknown": ("unknown",),
    "failed": ("failed",),
    "handed-over": ("sent", "confirmed"),
    "verified": ("verified",),
}
"""Each list with the states of its labels: what waits, what somebody must look at, what is done."""
_MEANINGS = {
    "queued": Meaning.PROVISIONAL,
    "held": Meaning.PROVISIONAL,
    "unknown": Meaning.REFUSED,
    "failed": Meaning.REFUSED,
    "verified": Meaning.PERMITTED,
}


@dataclass(frozen=True)
class ListedLabel:
    """A label as the list shows it, with what stands on it in words."""

    row: LabelRow
    text: str


@dataclass(frozen=True)
class Lists:
    """The labels of one list, and how many are in every list."""

    rows: tuple[LabelRow, ...]
    counts: dict[str, int]


def read(connection: Connection, name: str, object_id: int | None) -> Lists:
    """A list of labels, newest first; of one thing when ``object_id`` is given."""
    from biobank_desktop.persistence.queries import worklists  # noqa: PLC0415

    if object_id is not None:
        rows = worklists.labels(connection, object_id=object_id)
    else:
        rows = worklists.labels(connection, states=LISTS[name])
    counts = worklists.label_counts(connection)
    return Lists(
        tuple(rows), {each: sum(counts.get(one, 0) for one in states) for each, states in LISTS.items()}
    )


def label_text(connection: Connection, row: LabelRow) -> str:
    """What stands on a label beside its code: as it was printed, else as it would be printed now."""
    from biobank_desktop.domain.labels import fields  # noqa: PLC0415
    from biobank_desktop.services.labels import label_of  # noqa: PLC0415

    texts = row.fields or fields(label_of(connection, row.object_id))
    names = ("name", "path", "material", "aliquot", "amount", "time_point")
    return " · ".join(texts[name] for name in names if texts.get(name))


def state_words(state: str) -> str:
    """A label's state: "handed over" says no more than that."""
    return {
        "queued": _("waiting"),
        "sending": _("being sent"),
        "sent": _("handed over"),
        "confirmed": _("came out"),
        "held": _("held in the printer"),
        "unknown": _("unknown"),
        "failed": _("failed"),
        "verified": _("proved by a scan"),
        "cancelled": _("replaced"),
    }[state]


def _columns() -> list[Column]:
    return [
        Column(_("Code"), lambda one: codes.group(one.row.code), 130, mono=True),
        Column(_("Label"), lambda one: one.text),
        Column(_("Why"), lambda one: words.choice_name(one.row.reason), 135),
        Column(_("Asked for"), lambda one: words.moment(one.row.requested_at), 165),
        Column(_("State"), lambda one: words.begun(state_words(one.row.state)), 180, meaning=_meaning),
    ]


def _meaning(one: ListedLabel) -> Meaning | None:
    return _MEANINGS.get(one.row.state)


class LabelList(QWidget):
    """One list. Nothing selected means all of it."""

    pointed = Signal(object)
    """the ``LabelRow`` the cursor is on, None for none"""
    selection_changed = Signal()
    """other labels are selected"""
    opened = Signal(object)
    """the number of the thing whose label was double-clicked"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.rows: tuple[LabelRow, ...] = ()
        self.table = PagedTable(_columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Labels"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.opened.connect(self._opened)
        self.table.pointed.connect(self._pointed)
        self.table.selectionModel().selectionChanged.connect(self.selection_changed)
        self._pages = Pages(self)
        self._empty = {
            "queued": EmptyState("labels", _("No labels wait"), _("Registering a tube asks for its labels.")),
            "under-way": EmptyState(
                "print",
                _("No printer is at work"),
                _("What a printer holds for paper or ribbon stands here."),
            ),
            "unknown": EmptyState(
                "permitted",
                _("Nothing is in doubt"),
                _("When a connection breaks or the program stops, you say here what came out."),
            ),
            "handed-over": EmptyState(
                "print", _("Nothing was handed over"), _("What goes to a printer stands here.")
            ),
            "failed": EmptyState(
                "permitted", _("Nothing failed"), _("What a printer could not take stands here.")
            ),
            "verified": EmptyState(
                "scan", _("No label is proved yet"), _("Placing a vial by a scan proves its label.")
            ),
            "": EmptyState("labels", _("No label was asked for"), _("Ask for the first one at the right.")),
        }
        for page in (self.table, *self._empty.values()):
            self._pages.add(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    def show_rows(self, rows: tuple[LabelRow, ...], name: str) -> None:
        """Show a list; ``name`` is "" for the labels of one thing. What was selected stays so."""
        before = self.current()
        chosen = {_key(self.rows[place]) for place in self._places() if place < len(self.rows)}
        self.rows = rows
        self._pages.show_page(self.table if rows else self._empty[name])
        self.table.show_ids(array("q", range(len(rows))), self._fetch)
        keys = [(row.object_id, row.no) for row in rows]
        at = keys.index((before.object_id, before.no)) if before and _key(before) in keys else 0
        if rows:
            index = self.table.rows.index(at, 0)
            model = self.table.selectionModel()
            model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Clear)
            whole = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            for place, key in enumerate(keys):
                if key in chosen:
                    model.select(self.table.rows.index(place, 0), whole)
        self.pointed.emit(self.current())
        self.selection_changed.emit()

    def _places(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def current(self) -> LabelRow | None:
        """The label under the cursor."""
        number = self.table.current_id()
        return self.rows[number] if number is not None and number < len(self.rows) else None

    def selected(self) -> list[LabelRow]:
        """The labels that were selected; all of the list when none were."""
        picked = self._places()
        return [self.rows[row] for row in picked] or list(self.rows)

    def _pointed(self, number: int) -> None:
        if number < len(self.rows):
            self.pointed.emit(self.rows[number])

    def _opened(self, number: int) -> None:
        self.opened.emit(self.rows[number].object_id)

    def _fetch(self, numbers: Sequence[int]) -> list[ListedLabel]:
        session = self._desk.session
        assert session is not None
        rows = self.rows
        with session.store.read() as connection:
            return [
                ListedLabel(rows[number], label_text(connection, rows[number]))
                for number in numbers
                if number < len(rows)
            ]


def _key(row: LabelRow) -> tuple[int, int]:
    return (row.object_id, row.no)
