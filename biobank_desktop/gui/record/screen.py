"""One sample: what it is, where it is, what happened to it, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.people import may
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import words
from biobank_desktop.gui.boxviews import Whereabouts
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.record import reading
from biobank_desktop.gui.record.actions import ACTIONS, possible
from biobank_desktop.gui.record.gestures import Gestures
from biobank_desktop.gui.record.page import ActionBar, Heading, RecordPage
from biobank_desktop.gui.record.steps import KEYS
from biobank_desktop.gui.widgets.actions import PrimaryButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.verdicts import VerdictCard
from biobank_desktop.language import _, say_value
from biobank_desktop.services.placing import propose

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.record.reading import Seen
    from biobank_desktop.gui.widgets.form_card import FormCard
    from biobank_desktop.services.placing import Proposal

_SHOWN_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.DONORS, topics.LABELS})


class RecordScreen(Screen):
    """Shows one sample; every action is a letter and opens its form in place."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Sample")
        self.help_text = _(
            "Everything recorded about one sample. A letter opens an action in place; Esc closes it. "
            "Values are corrected with a reason: the old value stays in the timeline. "
            "Scan any other code to open its record."
        )
        self._desk = desk
        self._sample_id = 0
        self._seen: Seen | None = None
        self._form: FormCard | None = None
        self._gestures = Gestures(desk, self)
        self._gestures.finished.connect(self.close_form)
        self.heading = Heading(self)
        self.heading.donor_wanted.connect(self._show_donor)
        self.bar = ActionBar(self)
        self.bar.wanted.connect(self.begin)
        self.bar.undo_wanted.connect(self._undo)
        self.page = RecordPage(self)
        self.page.steps.wanted.connect(self.correct_step)
        self.page.relative_wanted.connect(lambda code: desk.show_record(codes.number(code)))
        self.panel = QWidget(self)
        self.verdict = VerdictCard(self.panel)
        self.where = Whereabouts(self.panel)
        self.where.box_wanted.connect(self._open_box)
        self.next_step = PrimaryButton("", parent=self)
        self.next_step.clicked.connect(self._take_next_step)
        self.panel.hide()
        self.next_step.hide()
        self._lay_out()
        self._tie_keys()
        desk.changed.connect(self._changed)
        desk.person_changed.connect(self._offer)
        desk.somebody_else.connect(self.close_form)
        desk.frame.undo_wanted.connect(self._undo)

    def _lay_out(self) -> None:
        self._whole = QWidget(self)
        whole = QVBoxLayout(self._whole)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(self.heading)
        whole.addWidget(self.bar)
        whole.addWidget(self.page, 1)
        self._nothing = EmptyState(
            "samples", _("No sample is open"), _("Scan a tube or a vial, or search for one."), parent=self
        )
        self._pages = Pages(self)
        self._pages.add(self._whole)
        self._pages.add(self._nothing)
        self._pages.show_page(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self._pages)
        panel = QVBoxLayout(self.panel)
        panel.setContentsMargins(0, 0, 0, 0)
        panel.setSpacing(16)
        panel.addWidget(self.verdict)
        panel.addWidget(self.where)

    def _tie_keys(self) -> None:
        for action in ACTIONS:
            self.bind(action.letter, partial(self.begin, action.name))
        for key in KEYS:
            self.bind(key, partial(self.correct_step, int(key)))
        self.bind("G", self._show_donor)

    def arrive(self, sample: int = 0, **_others: Any) -> None:
        """Show this sample; without one the sample shown before."""
        if sample and sample != self._sample_id:
            self.close_form()
            self._sample_id, self._seen = sample, None
        if self._sample_id:
            self._load()

    def leave(self) -> None:
        """What was typed into a form stays until another sample is opened."""

    def take_scan(self, scan: Scan) -> bool:
        """The right donor while one is asked for; nothing else while a form is open; else the route's."""
        if self._form is None or scan.kind is ScanKind.COMMAND:
            return False
        if scan.kind is not ScanKind.OWN or not self._gestures.take_code(self._form, scan.code):
            self._desk.frame.notices.warn(_("Finish or cancel what is open first. The scan was not used."))
        return True

    def decides(self, scan: Scan) -> bool:
        """The right donor while one is asked for."""
        return self._form is not None and scan.kind is ScanKind.OWN

    def step_back(self) -> bool:
        """Close the form that is open."""
        if self._form is None:
            return False
        self.close_form()
        return True

    def begin(self, name: str) -> None:
        """Open the form of an action that is possible now."""
        seen = self._seen
        if seen is None or self._form is not None or name not in self.bar.offered():
            return
        self._open(self._gestures.form(name, seen))

    def correct_step(self, no: int) -> None:
        """Open the form of a processing step, by its number."""
        seen = self._seen
        if seen is None or self._form is not None or not self._may_correct():
            return
        step = next((one for one in seen.record.steps if one.no == no), None)
        if step is not None:
            self._open(self._gestures.step_form(seen, step))

    def _may_correct(self) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, "correct")

    def _open(self, form: FormCard) -> None:
        form.given_up.connect(self.close_form)
        self._form = form
        self.page.form_place.addWidget(form)
        form.show()
        self.set_primary(form.primary)
        self.bar.hide()
        self.next_step.hide()
        form.begin()
        bring_into_view(form)

    def close_form(self) -> None:
        """Put the form away."""
        if self._form is None:
            return
        form, self._form = self._form, None
        self.page.form_place.removeWidget(form)
        form.hide()
        form.deleteLater()
        self.bar.show()
        self._show_panel()
        self.setFocus()

    def form(self) -> FormCard | None:
        """The form that is open."""
        return self._form

    def _load(self) -> None:
        sample_id, now = self._sample_id, utc_now()
        self._desk.read(
            self, lambda connection: reading.read(connection, sample_id, now), self._show, newest="record"
        )

    def _show(self, seen: Seen) -> None:
        first = self._seen is None
        self._seen = seen
        self.heading.show_seen(seen)
        self.page.show_seen(seen)
        self.verdict.show_verdict(words.verdict(seen.record.decision))
        box = seen.record.box
        if box is not None:
            self.where.show_place(box, seen.sample.id, {vial.id for vial in seen.record.vials}, seen.names)
        else:
            self.where.show_nowhere(_nowhere(seen))
        self._offer()
        self._pages.show_page(self._whole)
        if self._desk.frame.shown_screen() is self:
            self._show_panel()
        if first and self._form is None:
            self.setFocus()
            bring_into_view(self.heading)

    def _show_panel(self) -> None:
        step = _next_word(self._seen) if self._seen else ""
        self.next_step.set_text(step)
        self._desk.frame.show_beside(self, self.panel, self.next_step if step else None)
        self.next_step.setVisible(bool(step) and self._form is None)
        if self._form is None:
            self.set_primary(self.next_step if step else None)

    def _offer(self) -> None:
        if self._seen is not None:
            actor = self._desk.actor
            undo = self._seen.last_use is not None and actor is not None and may(actor, "storage")
            self.bar.offer(possible(self._seen, actor), undo=undo)
            self.page.steps.offer(correct=self._may_correct())

    def _changed(self, what: frozenset[str]) -> None:
        if self._sample_id and what & _SHOWN_TOPICS and self._desk.frame.shown_screen() is self:
            self._load()

    def _undo(self) -> None:
        """The newest use was a slip."""
        here = self._desk.frame.shown_screen() is self and self._form is None
        if here and self._seen is not None and not self.bar.undo.isHidden():
            self._gestures.undo(self._seen)

    def _open_box(self, box_id: int) -> None:
        self._desk.frame.show_screen("storage", container=box_id, vial=self._sample_id)

    def _show_donor(self) -> None:
        if self._seen is not None:
            self._desk.show_record(self._seen.record.donor.id)

    def _take_next_step(self) -> None:
        seen = self._seen
        if seen is None:
            return
        if seen.planned:
            self.begin("fill")
            return

        def where(connection: Connection) -> Proposal | None:
            return propose(connection, seen.record.donor.id, seen.sample.material, 1)

        self._desk.read(self, where, self._go_to_box, newest="proposal")

    def _go_to_box(self, proposal: Proposal | None) -> None:
        if proposal is None:
            self._desk.frame.notices.warn(_("No box with room suits this material. Make one in Storage."))
        else:
            self._desk.frame.show_screen("storage", container=proposal.box_id, placing=True)


def _next_word(seen: Seen) -> str:
    """The one thing this sample waits for, "" when there is none."""
    if seen.planned:
        return _("Fill {count} vials").format(count=len(seen.planned)) if len(seen.planned) > 1 else _("Fill")
    if seen.sample.state == "filled" and not seen.stored and not seen.ended:
        return _("Find a place")
    return ""


def _nowhere(seen: Seen) -> str:
    if seen.ended:
        return _("It is no longer here: {ended}.").format(ended=say_value(seen.record.standing.ended))
    if seen.sample.kind == "tube":
        return _("A tube is stored as its vials.")
    return {
        "planned": _("Planned: it is filled first."),
        "void": _("Void: its code stays dead."),
    }.get(seen.sample.state, _("It waits for a place in a box."))
