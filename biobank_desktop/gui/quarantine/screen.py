"""Quarantine: what was found, what it touched and holds back, what is decided about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.quarantine import reading
from biobank_desktop.gui.quarantine.gestures import Gestures
from biobank_desktop.gui.quarantine.listing import NonconformityList
from biobank_desktop.gui.quarantine.looking import LookPage
from biobank_desktop.gui.quarantine.page import ACTIONS, NonconformityView
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.quarantine.reading import Opened
    from biobank_desktop.gui.widgets.form_card import FormCard

_SHOWN_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.DONORS})


class QuarantineScreen(Screen):
    """The list, one nonconformity, and *what did this touch?*."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Quarantine")
        self.help_text = _(
            "Whoever finds that something went wrong reports it here: what it was, and where to look for "
            "what it touched. Those samples are held back: nobody uses, moves or releases them.\n\n"
            "A manager decides about each, signed with the password: accept it with the deviation, or "
            "destroy it. When everything is decided it is closed with what was learned.\n\n"
            "L looks without reporting. While a cause is asked for, scan a donor or a container; while one "
            "is reported, scan samples to hold them back. On a nonconformity a scan finds its line."
        )
        self._desk = desk
        self._no = 0
        self._form: FormCard | None = None
        self._person = ""
        self.gestures = Gestures(desk, self)
        self.listing = NonconformityList(desk, self)
        self.view = NonconformityView(desk, self)
        self.pages = Pages(self)
        self._looks: dict[str, LookPage] = {}
        for page in (self.listing, self.view):
            self.pages.add(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self.pages)
        self._follow_person()
        self._connect()

    def _connect(self) -> None:
        self.listing.opened.connect(self._go_to)
        self.listing.report_wanted.connect(self.begin_report)
        self.listing.look_wanted.connect(self.begin_look)
        self.view.wanted.connect(self.begin)
        self.view.typed.connect(self._hold_typed)
        self.view.record.clicked.connect(self._letter_o)
        self.view.table.opened.connect(self._desk.show_record)
        self.gestures.finished.connect(self.close_form)
        self.bind("N", self._letter_n)
        self.bind("L", self._letter_l)
        self.bind("R", self._letter_r)
        self.bind("T", self._letter_t)
        self.bind("O", self._letter_o)
        for action in ACTIONS:
            self.bind(action.letter, partial(self.begin, action.name))
        self._desk.changed.connect(self._changed)
        self._desk.person_changed.connect(self._follow_person)
        self._desk.somebody_else.connect(self._leave_forms)

    @property
    def look(self) -> LookPage:
        """Where the person signed in looks; half-filled it waits for whoever filled it."""
        return self._looks[self._person]

    def _follow_person(self) -> None:
        self._person = self._desk.actor.login if self._desk.actor else self._person
        if self._person not in self._looks:
            page = LookPage(self._desk, self)
            page.reported.connect(self._was_reported)
            page.record.clicked.connect(self._letter_o)
            self.pages.add(page)
            self._looks[self._person] = page
        if self.pages.shown() is self.listing:
            self.listing.refresh()
        elif self.pages.shown() is self.view and self._form is None:
            self.view.offer(self._desk.actor)

    def _leave_forms(self) -> None:
        self.close_form()
        self.view.codes.clear()
        self._show(self.listing)

    def arrive(self, **arguments: Any) -> None:
        """Show the list, or that of ``nonconformity``; ``report`` and ``look``: the form of these."""
        self._desk.frame.context.clear()
        no = arguments.get("nonconformity")
        if arguments.get("report") and self._may("storage"):
            self.begin_report()
        elif arguments.get("report") or arguments.get("look"):
            self.begin_look()
        elif no is not None:
            self.open(int(no))
        else:
            self.close_form()
            self._show(self.listing)
            self.listing.refresh()
            self.listing.table.setFocus()

    def open(self, no: int) -> None:
        """Open a nonconformity."""
        if no != self._no:
            self.close_form()
            self.view.clear()
        self._no = no
        self._show(self.view)
        self.view.table.setFocus()
        self._load()

    def step_back(self) -> bool:
        """Out of a form; looking is stopped; out of what is asked to the list."""
        shown = self.pages.shown()
        if self._form is not None:
            self.close_form()
        elif shown is self.view and self.view.holding:
            self.view.hold_more(on=False)
            self._follow()
            self.view.table.setFocus()
        elif shown is self.look and self.look.looking():
            self.look.stop()
        elif shown is self.look:
            self._show(self.listing)
            self.listing.refresh()
            self.listing.table.setFocus()
        else:
            return False
        return True

    def take_scan(self, scan: Scan) -> bool:
        """What is asked takes causes and samples; on a nonconformity a scan finds its line, or is held."""
        shown = self.pages.shown()
        if scan.kind is not ScanKind.OWN:
            return False
        if shown is self.look:
            return self.look.take_code(scan.code)
        if (
            shown is not self.view
            or codes.kind_of(scan.code) is not CodeKind.SAMPLE
            or self._form is not None
        ):
            return False
        if self.view.holding:
            self.gestures.hold_more(self._no, [scan.code])
        elif self.view.point_at(scan.code):
            self._desk.frame.notices.sound(Sound.ACCEPTED)
        else:
            values = {"code": codes.group(scan.code), "no": self._no}
            self._desk.stop((Problem("samples", "not-held", values),))
        return True

    def decides(self, scan: Scan) -> bool:
        """A sample is held back."""
        sample = scan.kind is ScanKind.OWN and codes.kind_of(scan.code) is CodeKind.SAMPLE
        return sample and self.pages.shown() is self.view and self._form is None and self.view.holding

    def begin_report(self) -> None:
        """Report what was found."""
        if self._may("storage"):
            self._show(self.look)
            self.look.arrive(reporting=True)

    def begin_look(self) -> None:
        """Look what something touched."""
        self._show(self.look)
        self.look.arrive(reporting=False)

    def begin(self, name: str) -> None:
        """Do an action that is offered now."""
        if self.pages.shown() is not self.view or self._form is not None or name not in self.view.offered():
            return
        if name == "more":
            self.view.hold_more(on=True)
            self._follow()
            self.view.codes.attend()
        elif name == "close":
            self._open_form(self.gestures.close(self._no))
        else:
            held = self.view.undecided()
            if held:
                self._open_form(self.gestures.decide(self._no, held, name))
            else:
                self._desk.frame.notices.warn(_("Choose samples nobody has decided about."))

    def form(self) -> FormCard | None:
        """The form that is open."""
        return self._form

    def close_form(self) -> None:
        """Put the form away."""
        if self._form is not None:
            form, self._form = self._form, None
            self.view.close_form(form, self._desk.actor)
            self._follow()

    def _open_form(self, form: FormCard) -> None:
        form.given_up.connect(self.close_form)
        self._form = form
        self.view.open_form(form)
        self._follow()
        form.begin()

    def _show(self, page: QWidget) -> None:
        self.pages.show_page(page)
        self._follow()

    def _follow(self) -> None:
        """One primary action: that of the form, else holding back what is typed, else looking."""
        shown = self.pages.shown()
        if self._form is not None:
            self.set_primary(self._form.primary)
        elif shown is self.view and self.view.holding:
            self.set_primary(self.view.hold)
        elif shown is self.look:
            self.set_primary(self.look.go)
        else:
            self.set_primary(None)

    def _load(self) -> None:
        no = self._no
        self._desk.read(
            self,
            lambda connection: reading.open_nonconformity(connection, no),
            self._show_opened,
            newest="nonconformity",
        )

    def _show_opened(self, opened: Opened) -> None:
        if opened.row.no != self._no:
            return
        if opened.row.state == "closed":
            self.close_form()
        self.view.show_opened(opened, self._desk.actor if self._form is None else None)

    def _hold_typed(self, given: object) -> None:
        """What was typed stays in the field until it is held back."""
        assert isinstance(given, tuple)
        if given:
            typed = self.view.codes.text()
            self.view.codes.set_problems(())
            self._desk.frame.were_typed(given)
            self.gestures.hold_more(
                self._no, given, refused=self.view.codes.set_problems, done=partial(self._typed_done, typed)
            )

    def _typed_done(self, typed: str) -> None:
        if self.view.codes.text() == typed:
            self.view.codes.clear()

    def _was_reported(self, no: int) -> None:
        """Show it, unless the person has gone elsewhere meanwhile."""
        if self._desk.frame.shown_screen() is self and self.pages.shown() is self.look:
            self._go_to(no)

    def _go_to(self, no: object) -> None:
        self._desk.frame.show_screen("quarantine", nonconformity=no)

    def _letter_n(self) -> None:
        if self.pages.shown() is self.listing:
            self.begin_report()

    def _letter_l(self) -> None:
        if self.pages.shown() is self.listing:
            self.begin_look()

    def _letter_r(self) -> None:
        if self.pages.shown() is self.look:
            self.look.begin_report()

    def _letter_t(self) -> None:
        if self.pages.shown() is self.look:
            self.look.turn_selected()

    def _letter_o(self) -> None:
        shown = self.pages.shown()
        table = self.view.table if shown is self.view else self.look.table if shown is self.look else None
        number = table.current_id() if table is not None else None
        if number is not None:
            self._desk.show_record(number)

    def _may(self, permission: Any) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, permission)

    def _changed(self, what: frozenset[str]) -> None:
        if not what & _SHOWN_TOPICS or self._desk.frame.shown_screen() is not self:
            return
        if self.pages.shown() is self.listing:
            self.listing.refresh()
        elif self.pages.shown() is self.view:
            self._load()
