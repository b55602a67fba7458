"""Search over every sample as one types; a million rows, the one pointed at beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import theme, words
from biobank_desktop.gui.boxviews import Whereabouts
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.samples import finding
from biobank_desktop.gui.samples.filters import FilterRow
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import PrimaryButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.gui.widgets.verdicts import VerdictCard
from biobank_desktop.language import _, chosen, ngettext, say_value
from biobank_desktop.persistence.queries import people
from biobank_desktop.persistence.queries.search import Filter
from biobank_desktop.services.records import sample_record

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Job
    from biobank_desktop.gui.samples.finding import Found, ListRow
    from biobank_desktop.services.records import SampleRecord

_STATE = {"void": Meaning.REFUSED, "refused": Meaning.REFUSED, "planned": Meaning.PROVISIONAL}
REST_AFTER_MS = 250
"""Nobody has typed for so long: the rest of a long list is read."""
LOOK_AFTER_MS = 40
"""The cursor rests so long on a row before its sample is read."""
_ROOM_FOR_DONOR_PX = 1000
_LISTED_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE})


class SearchField(QFrame):
    """Words to search for; Down goes to the list, Esc empties the field."""

    changed = Signal(str)
    """what is typed now"""
    down = Signal()
    """the person goes on to the list"""
    entered = Signal()
    """Enter: open the first one"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "field")
        self.setFixedHeight(theme.BENCH_TARGET_PX)
        self.line = QLineEdit(self)
        theme.set_role(self.line, "bare")
        self.line.setPlaceholderText(_("Any piece of a code, a donor or a diagnostic code"))
        self.line.setAccessibleName(_("Search samples"))
        self.line.textChanged.connect(self.changed)
        self.line.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 13, 0)
        row.setSpacing(8)
        row.addWidget(Icon("search", "muted", 20, self))
        row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The ring of the field is its line's; Down and Enter are not the line's."""
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.setProperty("focused", event.type() == QEvent.Type.FocusIn)
            self.style().unpolish(self)
            self.style().polish(self)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down:
                self.down.emit()
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.entered.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.line.text():
                self.line.clear()
                return True
        return super().eventFilter(watched, event)


class SamplePreview(QWidget):
    """The sample under the cursor: its code, what it is, the verdict today, where it lies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = CodeLabel("", "code-large", parent=self)
        self._text = Text("", "muted", wrap=True, parent=self)
        self.verdict = VerdictCard(self)
        self.where = Whereabouts(self)
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.code)
        head.addWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self.verdict)
        column.addWidget(self.where)

    def show_record(self, record: SampleRecord, names: dict[str, str]) -> None:
        """Show this sample."""
        sample = record.sample
        self.code.set_code(sample.code)
        parts = [
            words.material_name(sample.material, sample.parent_material),
            sample.time_point,
            words.amount(sample.volume_ul, sample.cells),
            _("donor {code}").format(code=codes.group(record.donor.code)),
        ]
        self._text.setText(" · ".join(parts))
        self.verdict.show_verdict(words.verdict(record.decision))
        if record.box is not None:
            self.where.show_place(record.box, sample.id, {vial.id for vial in record.vials}, names)
        else:
            ended = record.standing.ended
            self.where.show_nowhere(words.state_name(sample.state) if ended is None else say_value(ended))


class SamplesScreen(Screen):
    """The list, what narrows it, and the sample pointed at."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Samples")
        self.help_text = _(
            "Type any piece of a code, a donor's code or a diagnostic code. Down goes to the list, Enter "
            "opens the sample. The chips narrow the list; Delete on a chip takes it off."
        )
        self._desk = desk
        self._job: Job | None = None
        self._steps = 0
        self._wanted = Filter()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_AFTER_MS)
        self._rest.timeout.connect(self._seek_rest)
        self._stale = True
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(LOOK_AFTER_MS)
        self._look.timeout.connect(self._preview_current)
        self.search = SearchField(self)
        self.filters = FilterRow(self)
        self.count = Text("", "detail", parent=self)
        self.table = PagedTable(_columns(), desk.jobs, self)
        self.table.opened.connect(desk.show_record)
        self.table.pointed.connect(self._pointed)
        self.preview = SamplePreview(self)
        self.preview.where.box_wanted.connect(self._open_box)
        self.open = PrimaryButton(_("Open the record"), parent=self)
        self.open.clicked.connect(self._open_current)
        self.preview.hide()
        self.open.hide()
        self._pages = Pages(self)
        self._make_pages()
        self._lay_out()
        self.set_primary(self.open)
        desk.changed.connect(self._changed)

    def _make_pages(self) -> None:
        self.nothing_yet = EmptyState(
            "samples",
            _("No sample yet"),
            _("Scan a tube to receive the first one."),
            _("Receive a tube"),
            self,
        )
        self._empty = EmptyState(
            "search",
            _("No sample fits"),
            _("Check the code, or take a filter off. O and 0, I and 1 are read alike."),
            _("Clear the search"),
            self,
        )
        self._empty.acted.connect(self.clear)
        self.nothing_yet.acted.connect(lambda: self._desk.frame.show_screen("intake"))
        for page in (self.table, self._empty, self.nothing_yet):
            self._pages.add(page)
        self._pages.show_page(self.table)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(Text(_("Samples"), "title", parent=self))
        head.addStretch(1)
        head.addWidget(self.count)
        column.addLayout(head)
        column.addWidget(self.search)
        column.addWidget(self.filters)
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.search)
        self.search.changed.connect(self._sought)
        self.search.down.connect(self.table.setFocus)
        self.search.entered.connect(self._open_current)
        self.filters.changed.connect(self._seek)

    def arrive(self, code: str | None = None, donor: int | None = None, **_others: Any) -> None:
        """Show the list; with ``code`` or ``donor`` searched for that."""
        wanted = code
        if donor is not None:
            wanted = codes.group(codes.from_number(donor))
        if wanted is not None and wanted != self.search.line.text():
            self.filters.reset()
            self.search.line.setText(wanted)
        elif self._stale:
            self._seek()
        self.search.setFocus()
        self.search.line.selectAll()
        self._show_panel()

    def step_back(self) -> bool:
        """From the list to the search, then the words away."""
        if self.table.hasFocus():
            self.search.setFocus()
            return True
        if self.search.line.text() or self.filters.narrows():
            self.clear()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The donor has a column of its own where there is room."""
        super().resizeEvent(event)
        self.table.setColumnHidden(len(_columns()) - 1, self.width() < _ROOM_FOR_DONOR_PX)

    def clear(self) -> None:
        """Show everything again."""
        self.filters.reset()
        self.search.line.clear()
        self.search.setFocus()

    def _sought(self, _text: str) -> None:
        self._seek()

    def _seek(self, *, down_to: int = 0, here: int | None = None) -> None:
        """Show the first that fit at once; the rest follows when nobody types: it would slow the painting.

        The first reach row ``down_to``; the cursor goes to the sample ``here`` when it is among them.
        """
        session = self._desk.session
        if session is None:
            return
        if self._job is not None:
            self._job.cancel()
        self._rest.stop()
        self._stale = False
        self._wanted = wanted = self.filters.filter(self.search.line.text())
        store = session.store
        self._desk.jobs.run(
            self,
            lambda: finding.first(store, wanted, down_to),
            lambda ids: self._found_first(ids, here),
            failed=self._desk.tell,
            newest="search",
        )

    def _found_first(self, ids: array[int], here: int | None) -> None:
        session = self._desk.session
        if session is None:
            return
        store = session.store
        self._steps = 0
        self.table.show_ids(ids, lambda wanted: finding.rows(store, wanted))
        if here is not None and here in ids:
            self.table.selectRow(ids.index(here))
        whole = len(ids) < finding.FIRST
        if ids:
            self._pages.show_page(self.table)
        else:
            asked = bool(self.search.line.text()) or self.filters.narrows()
            self._pages.show_page(self._empty if asked else self.nothing_yet)
        self._say_count(len(ids), whole=whole)
        self._show_panel()
        if not whole:
            self._rest.start()

    def _seek_rest(self) -> None:
        session, shown = self._desk.session, self.table.rows.rowCount()
        if session is None or not shown:
            return
        store, wanted, last = session.store, self._wanted, self.table.rows.id_at(shown - 1)
        self._job = self._desk.jobs.run_long(
            self,
            lambda: finding.rest(store, wanted, last),
            self._found_rest,
            progress=self._found_more,
            failed=self._desk.tell,
            newest="rest",
        )

    def _found_more(self, found: Found) -> None:
        for ids in found[self._steps :]:
            self.table.add_ids(ids)
        self._steps = len(found)
        self._say_count(self.table.rows.rowCount(), whole=False)

    def _found_rest(self, found: Found) -> None:
        self._found_more(found)
        self._say_count(self.table.rows.rowCount(), whole=True)

    def _say_count(self, count: int, *, whole: bool) -> None:
        shown = f"{count:,}".replace(",", "." if chosen() == "nl" else ",")
        text = ngettext("{count} sample", "{count} samples", count).replace(str(count), shown)
        so_far = _("{found} so far …").format(found=text)
        in_order = f"{text} · {_('newest first')}" if count else ""
        self.count.setText(in_order if whole else so_far)

    def _pointed(self, _sample_id: object) -> None:
        """The rows come first, then the sample beside them."""
        self._look.start()

    def _preview_current(self) -> None:
        sample_id, now = self.table.current_id(), utc_now()
        if sample_id is None:
            return

        def look(connection: Connection) -> tuple[SampleRecord, dict[str, str]]:
            names = {person.login: person.name for person in people.people(connection)}
            return sample_record(connection, sample_id, now), names

        self._desk.read(self, look, lambda seen: self.preview.show_record(*seen), newest="preview")

    def _show_panel(self) -> None:
        if self._desk.frame.shown_screen() is not self:
            return
        if self.table.rows.rowCount():
            if self._desk.frame.context.shown() is not self.preview:
                self._desk.frame.show_beside(self, self.preview, self.open)
        else:
            self._desk.frame.context.clear()

    def _open_current(self) -> None:
        current = self.table.current_id()
        if current is not None:
            self._desk.show_record(current)

    def _open_box(self, box_id: int) -> None:
        self._desk.frame.show_screen("storage", container=box_id, vial=self.table.current_id() or 0)

    def _changed(self, what: frozenset[str]) -> None:
        if topics.SAMPLES in what:
            self._stale = True
        if what & _LISTED_TOPICS:
            self.table.rows.forget_rows()
        if self._stale and self._desk.frame.shown_screen() is self:
            self._seek(down_to=self.table.currentIndex().row(), here=self.table.current_id())


def _columns() -> Sequence[Column]:
    return (
        Column(_("Code"), lambda row: codes.group(row.sample.code), 140, mono=True),
        Column(_("Material"), _material_text),
        Column(_("Time point"), lambda row: row.sample.time_point, 100),
        Column(
            _("Amount"), lambda row: words.amount(row.sample.volume_ul, row.sample.cells), 140, right=True
        ),
        Column(_("State"), _state_text, 128, meaning=_state_meaning),
        Column(_("Place"), lambda row: row.place or words.UNKNOWN, 132),
        Column(_("Donor"), lambda row: codes.group(row.sample.donor), 140, mono=True),
    )


def _material_text(row: ListRow) -> str:
    return words.material_name(row.sample.material, row.sample.parent_material)


def _state_text(row: ListRow) -> str:
    if row.sample.ended is not None:
        return say_value(row.sample.ended)
    return _("stored") if row.sample.box_id is not None else words.state_name(row.sample.state)


def _state_meaning(row: ListRow) -> Meaning | None:
    if row.sample.ended is not None:
        return Meaning.MISSING
    return Meaning.STORED if row.sample.box_id is not None else _STATE.get(row.sample.state)
