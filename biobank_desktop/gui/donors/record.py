"""One donor: who, what may be done, what was decided by whom, which samples, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.protocols import protocol_day
from biobank_desktop.gui import words
from biobank_desktop.gui.donors.consent_lines import ConsentLines
from biobank_desktop.gui.donors.corrections import DayOneCorrection, DonorForm, LineCorrection
from biobank_desktop.gui.donors.erasing import DonorErasure
from biobank_desktop.gui.donors.families import FamilyList, families, positions
from biobank_desktop.gui.donors.line_check import LineCheck
from biobank_desktop.gui.donors.papers import PapersForm
from biobank_desktop.gui.donors.scan_forms import ScanKeeping, ScanShowing
from biobank_desktop.gui.donors.verdicts import VerdictPanel
from biobank_desktop.gui.donors.who import IdentityEntry, IdentityErasure, IdentityStep, WhoForm
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, ProblemList, reveal
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.gui.widgets.timeline import Timeline
from biobank_desktop.language import _, ngettext, say_value

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.domain.identity import IdentityForm
    from biobank_desktop.domain.people import Permission
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_view import ScanView
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.services.records import DonorRecord

PAGE_EVENTS = 200


@dataclass(frozen=True)
class Shown:
    """A donor's record with the places of the samples in words."""

    record: DonorRecord
    where: dict[int, str]


def read(connection: Connection, donor_id: int) -> Shown:
    """Everything the page shows. Raises ``NotFound``."""
    from biobank_desktop.services.records import donor_record  # noqa: PLC0415

    record = donor_record(connection, donor_id, datetime.now(UTC))
    return Shown(record, positions(connection, record.places))


class DonorPage(QWidget):
    """The record of one donor; the verdicts stand in ``panel``, for the context panel."""

    consent_wanted = Signal()
    """somebody wants to enter a consent line"""
    withdrawal_wanted = Signal()
    """the donor withdraws"""
    form_changed = Signal()
    """a correction was opened, or stored or given up"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.donor_id = 0
        self.shown: Shown | None = None
        self.panel = VerdictPanel()
        self.code = CodeLabel("", "code-large", self)
        self.facts = FactGrid(5, self)
        self.enter_consent = ActionButton(_("Enter consent"), icon="consent", hint="C", parent=self)
        self.write_papers = ActionButton(_("Papers"), icon="print", hint="P", parent=self)
        self.correct_day1 = ActionButton(_("Day 1"), icon="edit", hint="D", parent=self)
        self.ask_who = ActionButton(_("Who is this"), icon="person", hint="W", parent=self)
        self.withdraw = ActionButton(_("Withdraw consent"), icon="refused", hint="R", parent=self)
        self.erase = ActionButton(_("Erase"), Look.QUIET, icon="discard", hint="V", parent=self)
        self.erased = ProblemList(self)
        self.day1 = DayOneCorrection(desk, self)
        self.strike = LineCorrection(desk, self)
        self.check = LineCheck(desk, self)
        self.papers = PapersForm(desk, self)
        self.who = WhoForm(desk, self)
        self.entry = IdentityEntry(desk, self)
        self.erasure = IdentityErasure(desk, self)
        self.whole_erasure = DonorErasure(desk, self)
        self.keeping = ScanKeeping(desk, self)
        self.showing = ScanShowing(desk, self)
        self.lines = ConsentLines(self)
        self.samples = FamilyList(self)
        self.timeline = Timeline(self)
        self._consent = Card(_("Consent"), self)
        self._families = Card(_("Samples"), self)
        self._history = Card(_("History"), self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.code)
        self._age = Text("", "chip", parent=self)
        head.addWidget(self._age)
        head.addStretch(1)
        head.addWidget(self.write_papers)
        head.addWidget(self.correct_day1)
        head.addWidget(self.enter_consent)
        facts = Card(parent=self)
        facts.body.addWidget(self.facts)
        below = QHBoxLayout()
        below.setSpacing(8)
        for button in (self.ask_who, self.withdraw, self.erase):
            below.addWidget(button)
        below.addStretch(1)
        facts.body.addLayout(below)
        self._consent.body.addWidget(self.lines)
        self._consent.body.addStretch(1)
        self._families.body.addWidget(self.samples)
        self._families.body.addStretch(1)
        self._history.body.addWidget(self.timeline)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self._consent, 1)
        both.addWidget(self._families, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        for widget in (self.erased, facts, *self._corrections):
            column.addWidget(widget)
        column.addLayout(both)
        column.addWidget(self._history)
        column.addStretch(1)
        column.setAlignment(both, Qt.AlignmentFlag.AlignTop)
        for form in self._corrections:
            form.hide()

    def _connect(self) -> None:
        self.enter_consent.clicked.connect(self.consent_wanted)
        self.correct_day1.clicked.connect(self.begin_day1)
        self.write_papers.clicked.connect(self.begin_papers)
        self.ask_who.clicked.connect(self.begin_who)
        self.withdraw.clicked.connect(self.want_withdrawal)
        self.erase.clicked.connect(self.begin_whole_erasure)
        self._desk.person_changed.connect(self._offer_ends)
        self.who.entry_wanted.connect(self.begin_entry)
        self.who.erasure_wanted.connect(self._begin_erasure)
        self._desk.identities.changed.connect(self._follow_identities)
        self._desk.identities.shut.connect(self.forget_who)
        self._offer_who()
        self.lines.strike_wanted.connect(self._begin_strike)
        self.lines.check_wanted.connect(self._begin_check)
        self.lines.keep_wanted.connect(self._begin_keeping)
        self.lines.scan_wanted.connect(self._begin_showing)
        for form in self._corrections:
            form.closed.connect(self.close_corrections)
        self.samples.opened.connect(self._open)
        self.timeline.more_wanted.connect(self._read_more)

    def open(self, donor_id: int) -> None:
        """Show this donor."""
        if donor_id != self.donor_id:
            self.donor_id, self.shown = donor_id, None
            self.close_corrections()
            bring_into_view(self.code)
        self.refresh()

    def refresh(self) -> None:
        """Read the record again."""
        donor_id = self.donor_id
        self._desk.read(self, lambda connection: read(connection, donor_id), self._show, newest="record")

    def begin_papers(self) -> None:
        """Write a paper of this donor."""
        if self.shown is not None:
            self._open_form(self.papers)
            self.papers.begin_for(codes.from_number(self.donor_id))

    def begin_day1(self) -> None:
        """Correct day 1, here."""
        if self.shown is not None:
            self._open_form(self.day1)
            self.day1.begin_for(self.shown.record.donor)

    def begin_who(self) -> None:
        """Ask who this donor is, for whoever may open the identity store."""
        if self.donor_id and self._desk.identities.authorised:
            self._open_form(self.who)
            self.who.begin_for(codes.from_number(self.donor_id))

    def want_withdrawal(self) -> None:
        """To the page of a withdrawal, for whoever may enter consent."""
        if self._may("intake"):
            self.withdrawal_wanted.emit()

    def begin_whole_erasure(self) -> None:
        """Erase the donor, for a manager; what is still in the house is said first."""
        if self.shown is not None and self.shown.record.erased_at is None and self._may("manage"):
            self._open_form(self.whole_erasure)
            self.whole_erasure.begin_for(codes.from_number(self.donor_id), len(self.shown.record.still_here))

    def _may(self, permission: Permission) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, permission)

    def _offer_ends(self) -> None:
        """A donor who is erased has nothing left to withdraw or to erase."""
        here = self.shown is None or self.shown.record.erased_at is None
        self.withdraw.setVisible(here and self._may("intake"))
        self.erase.setVisible(here and self._may("manage"))

    def begin_entry(self, known: IdentityForm | None = None) -> None:
        """Keep who this donor is, in place of what is ``known``."""
        self._open_form(self.entry)
        self.entry.begin_for(codes.from_number(self.donor_id), known)

    def forget_who(self) -> None:
        """Put away what was typed or shown of who the donor is, a scan as well."""
        self.check.forget_scan()
        if isinstance(self.open_correction(), IdentityStep):
            self.close_corrections()

    def _begin_erasure(self) -> None:
        self._open_form(self.erasure)
        self.erasure.begin_for(codes.from_number(self.donor_id))

    def _follow_identities(self) -> None:
        self._offer_who()
        self._show_lines()

    def _offer_who(self) -> None:
        self.ask_who.setVisible(self._desk.identities.authorised)

    @property
    def _identity_steps(self) -> tuple[IdentityStep, ...]:
        return (self.who, self.entry, self.erasure, self.keeping, self.showing)

    @property
    def _corrections(self) -> tuple[DonorForm, ...]:
        return (self.day1, self.strike, self.check, self.papers, self.whole_erasure, *self._identity_steps)

    def open_correction(self) -> DonorForm | None:
        """The correction that is being filled in."""
        return next((each for each in self._corrections if not each.isHidden()), None)

    def close_corrections(self) -> None:
        """Put the corrections away; who the donor is, is forgotten."""
        attended: QWidget | None = self.focusWidget()
        form = self.open_correction()
        if form is not None and attended is not None and form.isAncestorOf(attended):
            self.setFocus()  # the next letter is this page's, not that of the panel beside it
        for each in self._corrections:
            each.hide()
        for step in self._identity_steps:
            step.forget()
        self.whole_erasure.forget()
        self.check.forget_scan()
        self.form_changed.emit()

    def _open_form(self, form: DonorForm) -> None:
        self.close_corrections()
        reveal(form, True)
        bring_into_view(form)
        self.form_changed.emit()

    def _login(self) -> str:
        return self._desk.actor.login if self._desk.actor else ""

    def _begin_check(self, line: int) -> None:
        assert self.shown is not None
        record = self.shown.record
        entered = next(one for one in record.lines if one.no == line)
        self._open_form(self.check)
        self.check.begin_for(record.donor.code, entered, kept=entered.scan_sha256 in record.scans)

    def _begin_keeping(self, line: int) -> None:
        self._open_form(self.keeping)
        self.keeping.begin_for(codes.from_number(self.donor_id), line)

    def _begin_showing(self, line: int) -> None:
        self._open_form(self.showing)
        self.showing.begin_for(codes.from_number(self.donor_id), line)

    def scan_view(self) -> ScanView | None:
        """The scan that is shown."""
        views = (self.check.view, self.showing.view)
        return next((view for view in views if view.shows), None)

    def _begin_strike(self, line: int) -> None:
        self._open_form(self.strike)
        self.strike.begin_for(codes.from_number(self.donor_id), line)

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        record = shown.record
        donor = record.donor
        today = local_day(datetime.now(UTC))
        self.code.set_code(donor.code)
        self._age.setText(f"{words.age(donor.turns_12_on, today)} · {say_value(donor.sex)}")
        self.facts.set_facts(_facts(record))
        self.erased.show_problems(
            [Problem("", "donor-is-erased", {"at": record.erased_at.astimezone()})]
            if record.erased_at is not None
            else ()
        )
        self._offer_ends()
        verdicts = record.verdicts
        self.panel.show_decisions(verdicts.decisions)
        self._show_lines()
        ended = {one.sample_id: one.ended for one in record.standings.values() if one.ended is not None}
        self.samples.show_families(families(record.samples, shown.where, ended, verdicts.of_tubes))
        self.timeline.clear()
        self._add(record.events)

    def _show_lines(self) -> None:
        if self.shown is not None:
            record = self.shown.record
            scans = record.scans if self._desk.identities.authorised else None
            ahead = record.verdicts.ahead
            keeps = self._may("intake")
            self.lines.show_lines(record.lines, record.checks, self._login(), ahead, scans, keeps=keeps)

    def _add(self, events: tuple[EventRow, ...]) -> None:
        happenings = [words.happening(event, self.donor_id) for event in events]
        self.timeline.add(happenings, more=len(events) == PAGE_EVENTS)
        self._oldest = events[-1].id if events else 0

    def _read_more(self) -> None:
        donor_id, oldest = self.donor_id, self._oldest

        def older(connection: Connection) -> tuple[EventRow, ...]:
            from biobank_desktop.persistence.queries import history  # noqa: PLC0415

            return tuple(history.of_object(connection, donor_id, before=oldest, limit=PAGE_EVENTS))

        self._desk.read(self, older, self._add, newest="older")

    def _open(self, code: str) -> None:
        self._desk.show_record(codes.number(code))


def _facts(record: DonorRecord) -> list[Fact]:
    donor = record.donor
    day = protocol_day(donor.day1_on, record.verdicts.decisions[0].on)
    numbers = ", ".join(f"{value} ({issuer})" for issuer, value in record.lab_numbers)
    tubes = sum(row.parent_id is None for row in record.samples)
    vials = len(record.samples) - tubes
    return [
        Fact(_("Role"), words.choice_name(donor.role)),
        Fact(_("Laboratory numbers"), numbers or words.UNKNOWN),
        Fact(_("Protocol"), donor.protocol),
        Fact(
            _("Day 1 of induction"),
            words.day(donor.day1_on),
            "" if day is None else _("today is day {day}").format(day=day),
        ),
        Fact(
            _("Samples"),
            ngettext("{count} tube", "{count} tubes", tubes),
            ngettext("{count} vial", "{count} vials", vials),
        ),
    ]
