"""Releases: the list, one release with its vials, the form of a new one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.people import may
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.paper_writing import PaperWriting
from biobank_desktop.gui.releases.gestures import Gestures, IssueCard
from biobank_desktop.gui.releases.listing import ReleaseList
from biobank_desktop.gui.releases.opening import ReleaseFormCard
from biobank_desktop.gui.releases.page import ACTIONS, ReleaseView
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.widgets.form_card import FormCard
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.release_page import ReleasePage

_SHOWN_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.DONORS})


class FormPage(FormColumn):
    """A release's form in a column, for one person: half-filled it waits for whoever filled it."""

    def __init__(self, parent: QWidget, *, changing: bool = False) -> None:
        super().__init__(parent)
        self.form = ReleaseFormCard(self, changing=changing)
        self.body.addWidget(self.form)
        self.body.addStretch(1)


class ReleasesScreen(Screen):
    """One release is open at a time; while it is, a scanned vial is chosen for it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Releases")
        self.help_text = _(
            "A release says to which study material goes, and for what. From that follows what consent is "
            "asked for.\n\nWith a release open, scan its vials: each is asked about at once. What may not "
            "leave is a stop, and stands below with its reasons. A puts the cursor where codes are typed.\n\n"
            "A manager issues: everything is asked once more, all vials leave together, their positions "
            "become free. O opens the record of a vial, W changes the order."
        )
        self._desk = desk
        self._no = 0
        self._form: FormCard | None = None
        self._person = ""
        self.gestures = Gestures(desk, self)
        self._papers = PaperWriting(desk, self)
        self.listing = ReleaseList(desk, self)
        self.view = ReleaseView(desk, self)
        self.pages = Pages(self)
        self._forms: dict[str, tuple[FormPage, FormPage]] = {}
        for page in (self.listing, self.view):
            self.pages.add(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self.pages)
        self._follow_person()
        self._connect()

    def _connect(self) -> None:
        self.listing.opened.connect(self._go_to)
        self.listing.wanted.connect(self.begin_new)
        self.view.wanted.connect(self.begin)
        self.view.typed.connect(self._choose_typed)
        self.view.record.clicked.connect(self._letter_o)
        for table in (self.view.table, self.view.not_going):
            table.opened.connect(self._desk.show_record)
        self.gestures.finished.connect(self.close_form)
        self.gestures.opened.connect(self._was_opened)
        self.gestures.changed.connect(self._was_changed)
        self.bind("N", self._letter_n)
        self.bind("A", self._letter_a)
        self.bind("O", self._letter_o)
        self.bind("W", self._letter_w)
        for action in ACTIONS:
            self.bind(action.letter, partial(self.begin, action.name))
        self._desk.changed.connect(self._changed)
        self._desk.person_changed.connect(self._follow_person)
        self._desk.somebody_else.connect(self._leave_forms)

    @property
    def new_form(self) -> ReleaseFormCard:
        """The form of a new release, of whoever is signed in."""
        return self._forms[self._person][0].form

    @property
    def change_form(self) -> ReleaseFormCard:
        """The form that changes a release, of whoever is signed in."""
        return self._forms[self._person][1].form

    def _follow_person(self) -> None:
        """Everybody has forms of their own."""
        self._person = self._desk.actor.login if self._desk.actor else self._person
        if self._person not in self._forms:
            new, change = FormPage(self), FormPage(self, changing=True)
            new.form.submitted.connect(self._send_new)
            change.form.submitted.connect(self._send_change)
            for page in (new, change):
                page.form.given_up.connect(self.step_back)
                self.pages.add(page)
            self._forms[self._person] = new, change
        if self.pages.shown() is self.listing:
            self.listing.refresh()
        elif self.pages.shown() is self.view and self._form is None:
            self.view.offer(self._desk.actor)

    def _leave_forms(self) -> None:
        self.close_form()
        self.view.codes.clear()
        self._show(self.listing)

    def arrive(self, **arguments: Any) -> None:
        """Show the list, or the release of ``release``; ``new``: the form of a new one."""
        self._desk.frame.context.clear()
        release = arguments.get("release")
        if arguments.get("new") and self._may("storage"):
            self.begin_new()
        elif release is not None:
            self.open(int(release))
        else:
            self.close_form()
            self._show(self.listing)
            self.listing.refresh()
            self.listing.table.setFocus()

    def open(self, no: int) -> None:
        """Open a release."""
        if no != self._no:
            self.close_form()
            self.view.clear()
        self._no = no
        self._show(self.view)
        self.view.table.setFocus()
        self._load()

    def step_back(self) -> bool:
        """Out of a form; out of the field; from a release to the list."""
        shown = self.pages.shown()
        if self._form is not None:
            self.close_form()
        elif shown is self._forms[self._person][1]:
            self._show(self.view)
            self.view.table.setFocus()
        elif shown is self._forms[self._person][0]:
            self._show(self.listing)
            self.listing.table.setFocus()
        elif shown is self.view and self.view.codes.editor.hasFocus():
            self.view.table.setFocus()
        else:
            return False
        return True

    def take_scan(self, scan: Scan) -> bool:
        """With a release open its vials are scanned: whatever else comes is a stop."""
        if self.pages.shown() is not self.view or scan.kind is not ScanKind.OWN or not self._may_choose():
            return False
        self.gestures.choose(self._no, [scan.code])
        return True

    def decides(self, scan: Scan) -> bool:
        """A vial is chosen."""
        return self.pages.shown() is self.view and scan.kind is ScanKind.OWN and self._may_choose()

    def begin_new(self) -> None:
        """Open a release."""
        if self._may("storage"):
            self._show(self._forms[self._person][0])
            self.new_form.begin_new()

    def begin(self, name: str) -> None:
        """Do an action that is offered now."""
        page = self.view.page
        if page is None or self.pages.shown() is not self.view or name not in self.view.offered():
            return
        if name == "edit":
            self._show(self._forms[self._person][1])
            self.change_form.begin_change(page.release, page.number)
        elif name == "drop":
            vials = self.view.selected()
            if vials:
                self._open_form(self.gestures.drop(page, vials))
        elif name == "cancel":
            self._open_form(self.gestures.cancel(page))
        elif name == "papers":
            self._write_papers(page)
        else:
            self._open_form(self.gestures.issue(page))

    def _write_papers(self, page: ReleasePage) -> None:
        """The note that travels with the vials, and the proof of each."""
        no = page.release.no

        def write(store: Store, folder: Path) -> Steps[tuple[Path, ...]]:
            from biobank_desktop.services.release_papers import write_papers  # noqa: PLC0415 - reportlab

            return write_papers(store, no, folder)

        self._papers.write(page.number, write)

    def form(self) -> FormCard | None:
        """The form that is open on the release's page."""
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
        """One primary action: that of the form, else choosing what is typed."""
        shown = self.pages.shown()
        if self._form is not None:
            self.set_primary(self._form.primary)
        elif shown is self.view:
            self.set_primary(self.view.choose)
        elif isinstance(shown, FormPage):
            self.set_primary(shown.form.primary)
        else:
            self.set_primary(None)

    def _load(self) -> None:
        session, no, now = self._desk.session, self._no, utc_now()
        if session is None:
            return
        store = session.store

        def steps() -> Steps[ReleasePage]:
            from biobank_desktop.services.release_page import release_page  # noqa: PLC0415

            return release_page(store, no, now)

        self._desk.jobs.run_long(self, steps, self._show_page, failed=self._desk.tell, newest="release")

    def _show_page(self, page: ReleasePage) -> None:
        if page.release.no != self._no:
            return
        self.view.show_page(page, self._desk.actor if self._form is None else None)
        if page.release.state != "open":
            self.close_form()
        elif isinstance(self._form, IssueCard):
            self._form.show_page(page)

    def _choose_typed(self, given: object) -> None:
        """What was typed stays in the field until it is chosen."""
        typed, codes = self.view.codes.text(), given
        assert isinstance(codes, tuple)
        if not codes or not self._may_choose():
            return
        self.view.codes.set_problems(())
        self._desk.frame.were_typed(codes)
        self.gestures.choose(
            self._no, codes, refused=self.view.codes.set_problems, done=partial(self._typed_done, typed)
        )

    def _typed_done(self, typed: str) -> None:
        if self.view.codes.text() == typed:
            self.view.codes.clear()

    def _send_new(self) -> None:
        self._send(self.new_form, self.gestures.open_release)

    def _send_change(self) -> None:
        self._send(self.change_form, self.gestures.change_release)

    def _send(self, form: ReleaseFormCard, gesture: Callable[[ReleaseFormCard], None]) -> None:
        problems: list[Problem] = form.problems()
        form.show_problems(problems)
        if not problems:
            gesture(form)

    def _was_opened(self, no: int) -> None:
        """Show the new release, unless the person has gone elsewhere meanwhile."""
        if self._desk.frame.shown_screen() is self and isinstance(self.pages.shown(), FormPage):
            self._go_to(no)

    def _was_changed(self, no: int) -> None:
        if self._desk.frame.shown_screen() is self and isinstance(self.pages.shown(), FormPage):
            self.open(no)

    def _go_to(self, no: object) -> None:
        self._desk.frame.show_screen("releases", release=no)

    def _letter_n(self) -> None:
        if self.pages.shown() is self.listing:
            self.begin_new()

    def _letter_a(self) -> None:
        if self._on_page() and self.view.codes.isVisible():
            self.view.codes.attend()

    def _letter_o(self) -> None:
        vial = self.view.current() if self._on_page() else None
        if vial is not None:
            self._desk.show_record(vial.line.sample_id)

    def _letter_w(self) -> None:
        if self._on_page():
            self.view.turn_order()

    def _on_page(self) -> bool:
        return self.pages.shown() is self.view and self._form is None

    def _may_choose(self) -> bool:
        """Whether a scan chooses now; while the release is still read, the service says whether it can."""
        page = self.view.page
        closed = page is not None and page.release.state != "open"
        return self._on_page() and not closed and self._may("storage")

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
