"""Disposal: what has to leave, list by list, worked off by scans and seen by a second person."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.disposals import reading
from biobank_desktop.gui.disposals.actions import ACTIONS, possible
from biobank_desktop.gui.disposals.forms import OpeningForm
from biobank_desktop.gui.disposals.gestures import Gestures
from biobank_desktop.gui.disposals.listing import AllLists
from biobank_desktop.gui.disposals.sheet import SheetPage
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.paper_writing import PaperWriting
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import PrimaryButton
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.language import _, chosen, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.disposals.reading import Sheet
    from biobank_desktop.gui.widgets.form_card import FormCard
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store

_SHOWN_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.DONORS})


class DisposalsScreen(Screen):
    """The lists, one list with its next vial beside it, and the form that opens a list by hand."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Disposal")
        self.help_text = _(
            "What has to be destroyed or given back, and who has to be told.\n\n"
            "On a list, scan each vial at the moment it goes. Whatever does not stand open on this list "
            "stops you. The next vial and its well stand at the right; the lines follow the freezers.\n\n"
            "Somebody else has to see it: W, then login and password of the witness, here at this bench. "
            "Until then a slip can be taken back with U. A list is closed when everything is done and seen."
        )
        self._desk = desk
        self._no = 0
        self._sheet: Sheet | None = None
        self._form: FormCard | None = None
        self._to_point_at = 0
        self._proposed: tuple[str, ...] = ()
        self._listed: tuple[str, ...] = ()
        """the samples one came with that stand on a list now: stepping back does not ask for them again"""
        self._gestures = Gestures(desk, self)
        self._papers = PaperWriting(desk, self)
        self._gestures.finished.connect(self.close_form)
        self._gestures.taken.connect(self._taken)
        self._gestures.opened.connect(self._list_opened)
        self.lists = AllLists(desk, self)
        self.lists.opened.connect(self.open_list)
        self.lists.making_wanted.connect(self.begin_list)
        self.sheet = SheetPage(desk, self)
        self.sheet.wanted.connect(self.begin)
        self.sheet.donor_wanted.connect(self._show_donor)
        self.sheet.opened.connect(desk.show_record)
        self.sheet.pointed.connect(self._offer)
        self.making = FormColumn(self)
        self.next_step = PrimaryButton("", parent=self)
        self.next_step.clicked.connect(self._take_next_step)
        self.next_step.hide()
        self.pages = Pages(self)
        for page in (self.lists, self.sheet, self.making):
            self.pages.add(page)
        self.pages.show_page(self.lists)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self.pages)
        self._tie_keys()
        desk.changed.connect(self._changed)
        desk.person_changed.connect(self._person_changed)
        desk.somebody_else.connect(self.close_form)
        desk.frame.undo_wanted.connect(self._undo)

    def _tie_keys(self) -> None:
        for action in ACTIONS:
            self.bind(action.letter, partial(self.begin, action.name))
        self.bind("N", self._letter_n)
        self.bind("G", self._show_donor)

    def arrive(self, no: int = 0, reason: str = "", samples: Sequence[str] = (), **_others: Any) -> None:
        """Show the lists, or the list ``no``; with ``samples`` the form that puts them on a new one.

        A form that is half filled in is what one comes back to.
        """
        if samples and tuple(samples) != self._listed:
            self.begin_list(reason, samples)
        elif no and (no != self._no or isinstance(self._form, OpeningForm)):
            self.close_form()
            self._no, self._sheet = no, None
            self._load()
        elif isinstance(self._form, OpeningForm):
            self._show(self.making)
        elif no or self._form is not None:
            self._load()
        else:
            self._show_lists()

    def open_list(self, no: int) -> None:
        """A list is a place of its own among those one steps back to."""
        self._desk.frame.show_screen("disposals", no=no)

    def _list_opened(self, no: int) -> None:
        self._listed = self._proposed
        self.open_list(no)

    def take_scan(self, scan: Scan) -> bool:
        """A sample is gone, or stands on the list that is being opened; anything else is the route's."""
        if scan.kind is ScanKind.COMMAND:
            return False
        sample = scan.kind is ScanKind.OWN and codes.kind_of(scan.code) is CodeKind.SAMPLE
        if isinstance(self._form, OpeningForm):
            self._collect(self._form, scan.code, sample=sample)
        elif self._form is not None:
            self._desk.frame.notices.warn(_("Finish or cancel what is open first. The scan was not used."))
        elif sample and self.pages.shown() is self.sheet and self._sheet is not None:
            self._gestures.take(self._sheet, scan.code)
        else:
            return False
        return True

    def decides(self, scan: Scan) -> bool:
        """A sample of the list is gone."""
        sample = scan.kind is ScanKind.OWN and codes.kind_of(scan.code) is CodeKind.SAMPLE
        return sample and self._form is None and self.pages.shown() is self.sheet and self._sheet is not None

    def _collect(self, form: OpeningForm, code: str, *, sample: bool) -> None:
        if not sample:
            self._desk.stop((Problem("", "only-samples-here", {"code": code}),))
        elif form.take(code):
            self._desk.frame.notices.sound(Sound.ACCEPTED)
        else:
            self._desk.stop((Problem("", "scanned-twice", {"code": codes.group(code)}),))

    def step_back(self) -> bool:
        """Out of the form that is open."""
        if self._form is None:
            return False
        self.close_form()
        return True

    def begin(self, name: str) -> None:
        """Do an action that is possible now, or open its form."""
        sheet = self._sheet
        if sheet is None or self._form is not None or name not in self.sheet.offered():
            return
        if name == "close":
            self._gestures.close(sheet)
            return
        if name == "papers":
            self._write_papers(sheet)
            return
        form = self._gestures.form(name, sheet, self.sheet.current())
        if form is not None:
            self.sheet.form_place.addWidget(form)
            self._open(form)

    def _write_papers(self, sheet: Sheet) -> None:
        """The letters to recipients, and of a closed list the certificate."""
        no, spoken, today = sheet.head.no, chosen(), local_day(utc_now())

        def write(store: Store, folder: Path) -> Steps[tuple[Path, ...]]:
            from biobank_desktop.services.disposal_papers import write_papers  # noqa: PLC0415 - reportlab

            return write_papers(store, no, spoken, today, folder)

        self._papers.write(_("List {no}").format(no=no), write)

    def begin_list(self, reason: str = "", samples: Sequence[str] = ()) -> None:
        """Open a list by hand, of these samples to begin with."""
        actor = self._desk.actor
        if actor is None or not may(actor, "manage"):
            self._desk.frame.notices.warn(_("A manager opens a list."))
            self._show_lists()
            return
        self.close_form()
        form = self._gestures.opening()
        self._proposed = tuple(samples)
        form.propose(reason, samples)
        self.making.body.insertWidget(0, form)
        self._show(self.making)
        self._open(form)

    def form(self) -> FormCard | None:
        """The form that is open."""
        return self._form

    def close_form(self) -> None:
        """Put the form away."""
        if self._form is None:
            return
        form, self._form = self._form, None
        form.hide()
        form.deleteLater()
        if isinstance(form, OpeningForm):
            self._show_lists()
        else:
            self._follow()
            self.sheet.setFocus()

    def _open(self, form: FormCard) -> None:
        form.given_up.connect(self.close_form)
        self._form = form
        form.show()
        form.begin()
        self._follow()
        bring_into_view(form)

    def _show(self, page: QWidget) -> None:
        self.pages.show_page(page)
        self._follow()

    def _show_lists(self) -> None:
        self._show(self.lists)
        self.lists.refresh()
        self.lists.setFocus()

    def _load(self) -> None:
        no = self._no
        self._desk.read(self, lambda connection: reading.read(connection, no), self._came, newest="sheet")

    def _came(self, sheet: Sheet) -> None:
        first = self._sheet is None or self.pages.shown() is not self.sheet
        self._sheet = sheet
        self.sheet.show_sheet(sheet)
        if self._to_point_at:
            self.sheet.point_at(self._to_point_at)
            self._to_point_at = 0
        self._show(self.sheet)
        if first and self._form is None:
            self.sheet.setFocus()

    def _taken(self, code: str) -> None:
        self._to_point_at = codes.number(code)

    def _changed(self, what: frozenset[str]) -> None:
        if not what & _SHOWN_TOPICS or self._desk.frame.shown_screen() is not self:
            return
        if self.pages.shown() is self.sheet:
            self._load()
        elif self.pages.shown() is self.lists:
            self.lists.refresh()

    def _person_changed(self) -> None:
        self.lists.offer()
        self._offer()

    def _offer(self) -> None:
        """What can be done with the list and the line pointed at; nothing else while a form is open."""
        if self._sheet is not None:
            busy = self._form is not None
            self.sheet.offer([] if busy else possible(self._sheet, self.sheet.current(), self._desk.actor))

    def _follow(self) -> None:
        """The next vial stands beside a list; Enter does the form, else the one next step."""
        self._offer()
        context, page = self._desk.frame.context, self.pages.shown()
        if self._desk.frame.shown_screen() is not self:
            return
        if page is not self.sheet or self._sheet is None:
            context.clear()
            self.set_primary(self._form.primary if self._form is not None else None)
            return
        step = _next_step(self._sheet) if self._form is None else ""
        self.next_step.set_text(_step_word(self._sheet, step))
        self._desk.frame.show_beside(self, self.sheet.next, self.next_step if step else None)
        self.next_step.setVisible(bool(step))
        self.set_primary(self._form.primary if self._form is not None else self.next_step if step else None)

    def _take_next_step(self) -> None:
        if self._sheet is None:
            return
        step = _next_step(self._sheet)
        if step == "tell":
            first = next(place for place, one in enumerate(self._sheet.recipients, 1) if one.state == "open")
            self.sheet.point_at(-first)
        self.begin(step)

    def _letter_n(self) -> None:
        if self.pages.shown() is self.lists and self.lists.make.isVisible():
            self.begin_list()

    def _show_donor(self) -> None:
        if self.pages.shown() is self.sheet and self._sheet is not None and self._sheet.head.donor_id:
            self._desk.show_record(self._sheet.head.donor_id)

    def _undo(self) -> None:
        """The last scan was a slip: off the form, or back onto the list with a reason."""
        if self._desk.frame.shown_screen() is not self:
            return
        if isinstance(self._form, OpeningForm):
            self._form.take_last_off()
        elif self.pages.shown() is self.sheet:
            self.begin("back")


def _next_step(sheet: Sheet) -> str:
    """The name of what comes next when no vial is left to scan, "" while one is."""
    if sheet.next is not None or sheet.head.state != "open":
        return ""
    if sheet.waiting:
        return "witness"
    if any(one.state == "open" for one in sheet.recipients):
        return "tell"
    return "close"


def _step_word(sheet: Sheet, step: str) -> str:
    count = len(sheet.waiting)
    return {
        "witness": ngettext("Witness {count} line", "Witness {count} lines", count),
        "tell": _("Tell the recipient"),
        "close": _("Close the list"),
    }.get(step, "")
