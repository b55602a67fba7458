"""Donors: find one, register one, see and complete what was decided about their material."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.people import may
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui.desk import DONORS, SAMPLES, STORAGE
from biobank_desktop.gui.donors.consent_entry import ConsentEntry
from biobank_desktop.gui.donors.listing import DonorList
from biobank_desktop.gui.donors.name_search import NameSearch
from biobank_desktop.gui.donors.record import DonorPage
from biobank_desktop.gui.donors.registration import Registration
from biobank_desktop.gui.donors.what_if import WhatIfPage
from biobank_desktop.gui.donors.withdrawing import WithdrawalPage
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_view import ScanView

_SHOWN = frozenset({DONORS, SAMPLES, STORAGE})
Forms = tuple[Registration, ConsentEntry, WhatIfPage, WithdrawalPage]
"""The forms that one person fills in."""


class DonorsScreen(Screen):
    """The list, one donor, the forms of a new donor and of a consent line, and *what if*."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Donors")
        self.help_text = _(
            "A donor is found by code or laboratory number. Scan a donor's code anywhere to come here.\n\n"
            "Consent is a list of lines: who decided what, on which form. A line is never changed. One that "
            "was entered wrongly is struck out with a reason, and the right one entered.\n\n"
            "The date of birth is asked once. Only the days of turning 12, 16 and 18 are kept.\n\n"
            "What if asks for every verdict about every donor twice, as it is and as it would be, and writes "
            "nothing. A donor scanned there is one who withdraws.\n\n"
            "Withdraw shows what a withdrawal reaches, how far it can go and what follows; then it leads to "
            "the list that is worked off.\n\n"
            "Where the lab has an identity store, whoever may open it asks here who a donor is and finds "
            "donors by name, keeps the scans of signed forms and looks at them. Every look needs a reason "
            "and stands in the history."
        )
        self._desk = desk
        self.listing = DonorList(desk, self)
        self.record = DonorPage(desk, self)
        self.search = NameSearch(desk, self)
        self.pages = Pages(self)
        for page in (self.listing, self.record, self.search):
            self.pages.add(page)
        self._forms: dict[str, Forms] = {}
        self._person = desk.actor.login if desk.actor else ""
        self._use_forms(self._person)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self.pages)
        self._connect()

    def _connect(self) -> None:
        self.listing.opened.connect(self._desk.show_record)
        self.listing.register_wanted.connect(self.begin_registration)
        self.listing.what_if_wanted.connect(self._go_to_what_if)
        self.listing.name_wanted.connect(self.begin_search)
        self.search.opened.connect(self._desk.show_record)
        self.search.form.given_up.connect(self.step_back)
        self.record.consent_wanted.connect(self.begin_consent)
        self.record.withdrawal_wanted.connect(self.begin_withdrawal)
        self.record.form_changed.connect(self._follow)
        self.bind("N", self._letter_n)
        self.bind("I", self._letter_i)
        self.bind("C", self._letter_c)
        self.bind("D", self._letter_d)
        self.bind("A", self._letter_a)
        self.bind("P", self._letter_p)
        self.bind("F", self._letter_f)
        self.bind("W", self._letter_w)
        self.bind("E", self._letter_e)
        self.bind("X", self._letter_x)
        self.bind("S", self._letter_s)
        self.bind("R", self._letter_r)
        self.bind("V", self._letter_v)
        self.bind("+", lambda: self._zoom(1))
        self.bind("-", lambda: self._zoom(-1))
        self._desk.changed.connect(self._changed)
        self._desk.person_changed.connect(self._person_changed)

    def _use_forms(self, login: str) -> None:
        """Everybody has forms of their own: half-filled ones wait for whoever filled them."""
        if login not in self._forms:
            registration, consent = Registration(self._desk, self), ConsentEntry(self._desk, self)
            what_if, withdrawal = WhatIfPage(self._desk, self), WithdrawalPage(self._desk, self)
            withdrawal.entered.connect(self._withdrawn)
            withdrawal.cancel.clicked.connect(self.step_back)
            registration.registered.connect(self._open_code)
            registration.cancel.clicked.connect(self.step_back)
            consent.entered.connect(self._line_entered)
            consent.cancel.clicked.connect(self.step_back)
            what_if.opened.connect(self._desk.show_record)
            for page in (registration, consent, what_if, withdrawal):
                self.pages.add(page)
            self._forms[login] = registration, consent, what_if, withdrawal
        self.registration, self.consent, self.what_if, self.withdrawal = self._forms[login]

    def arrive(self, **arguments: Any) -> None:
        """Show the list, or the donor of ``donor``; ``register``: the form of a new one; ``what_if``."""
        donor = arguments.get("donor")
        if self._desk.identities.state is None:
            self._desk.identities.refresh()
        if arguments.get("register"):
            self.begin_registration()
        elif arguments.get("what_if"):
            self._show(self.what_if)
            self.what_if.arrive()
        elif donor is None:
            self._show(self.listing)
            self.listing.refresh()
            self.listing.table.setFocus()
        else:
            self._show(self.record)
            self.record.open(int(donor))

    def _person_changed(self) -> None:
        """A bench that was locked shows no date of birth; somebody else finds no half-filled form."""
        self.registration.forget_birth()
        login = self._desk.actor.login if self._desk.actor else ""
        if login and login != self._person:
            self._person = login
            self.record.close_corrections()
            self._show(self.listing)
            self._use_forms(login)

    def leave(self) -> None:
        """What was typed stays, but nothing of who a donor is."""
        self.registration.forget_birth()
        self.record.forget_who()
        self.search.forget()

    def step_back(self) -> bool:
        """Out of a correction, out of a form; asking *what if* is stopped."""
        if self.pages.shown() is self.record and self.record.open_correction() is not None:
            self.record.close_corrections()
        elif self.pages.shown() in {self.registration, self.search}:
            self._show(self.listing)
            self.listing.table.setFocus()
        elif self.pages.shown() in {self.consent, self.withdrawal}:
            self._back_to_record()
        elif self.pages.shown() is self.what_if and self.what_if.asking():
            self.what_if.stop()
        else:
            return False
        return True

    def take_scan(self, scan: Scan) -> bool:
        """At *what if* a donor is one who withdraws."""
        here = self.pages.shown() is self.what_if and scan.kind is ScanKind.OWN
        if here and codes.kind_of(scan.code) is CodeKind.DONOR:
            self.what_if.take_donor(scan.code)
            return True
        return False

    def begin_registration(self) -> None:
        """Register a donor."""
        self._show(self.registration)
        self.registration.begin()

    def begin_search(self) -> None:
        """Find a donor by name, for whoever may open the identity store."""
        if self._desk.identities.authorised:
            self._show(self.search)
            self.search.begin()

    def begin_consent(self) -> None:
        """Enter a consent line for the donor that is shown."""
        code = codes.from_number(self.record.donor_id)
        self._show(self.consent)
        self.consent.begin(code, codes.group(code))

    def begin_withdrawal(self) -> None:
        """The donor that is shown withdraws."""
        self._show(self.withdrawal)
        self.withdrawal.begin(codes.from_number(self.record.donor_id))

    def _show(self, page: QWidget) -> None:
        if self.pages.shown() is self.search:
            self.search.forget()
        elif page is not self.record:
            self.record.forget_who()
        self.pages.show_page(page)
        self._follow()

    def _follow(self) -> None:
        """One primary action: that of the form that is open; the verdicts stand beside a donor."""
        page = self.pages.shown()
        self.set_primary(None)
        if page is self.registration:
            self.set_primary(self.registration.save)
        elif page is self.consent:
            self.set_primary(self.consent.save)
        elif page is self.withdrawal:
            self.set_primary(self.withdrawal.save)
        elif page is self.what_if:
            self.set_primary(self.what_if.ask)
        elif page is self.search:
            self.set_primary(self.search.form.primary)
        elif page is self.record and (form := self.record.open_correction()) is not None:
            self.set_primary(form.primary)
        self._show_beside(page)

    def _show_beside(self, page: QWidget | None) -> None:
        """The verdicts beside a donor and a line; beside a withdrawal what follows, and the confirmation."""
        context, panels = self._desk.frame.context, (self.record.panel, self.withdrawal.panel)
        if page is self.withdrawal:
            if context.shown() is not self.withdrawal.panel:
                self._desk.frame.show_beside(self, self.withdrawal.panel, self.withdrawal.save)
        elif page in {self.record, self.consent}:
            if context.shown() is not self.record.panel:
                self._desk.frame.show_beside(self, self.record.panel)
        elif context.shown() in panels:
            context.clear()

    def _open_code(self, code: str) -> None:
        """Show the new donor, unless the person has gone elsewhere meanwhile."""
        if self._desk.frame.shown_screen() is self and self.pages.shown() is self.registration:
            self._desk.show_record(codes.number(code))
            self._offer_identity()

    def _offer_identity(self) -> None:
        """Who a new donor is can be kept at once where the store is open; going on without it is no loss."""
        actor = self._desk.actor
        if self._desk.identities.opened and actor is not None and may(actor, "intake"):
            self.record.begin_entry()

    def _line_entered(self) -> None:
        if self._desk.frame.shown_screen() is self and self.pages.shown() is self.consent:
            self._back_to_record()

    def _withdrawn(self, listed: int | None) -> None:
        """To the list that is to be worked off; Esc there leads back to the donor."""
        if self._desk.frame.shown_screen() is self and self.pages.shown() is self.withdrawal:
            self._back_to_record()
            if listed is not None:
                self._desk.frame.show_screen("disposals", no=listed)

    def _back_to_record(self) -> None:
        self._show(self.record)
        self.record.refresh()
        self.setFocus()

    def _letter_n(self) -> None:
        if self.pages.shown() is self.listing:
            self.begin_registration()

    def _letter_i(self) -> None:
        if self.pages.shown() is self.listing:
            self._go_to_what_if()

    def _go_to_what_if(self) -> None:
        """A place of its own among those one steps back to: out of a donor one comes back to the answer."""
        self._desk.frame.show_screen("donors", what_if=True)

    def _letter_c(self) -> None:
        if self.pages.shown() is self.record:
            self.begin_consent()

    def _letter_d(self) -> None:
        if self.pages.shown() is self.record:
            self.record.begin_day1()

    def _letter_r(self) -> None:
        if self.pages.shown() is self.record and self.record.open_correction() is None:
            self.record.want_withdrawal()

    def _letter_v(self) -> None:
        if self.pages.shown() is self.record and self.record.open_correction() is None:
            self.record.begin_whole_erasure()

    def _letter_p(self) -> None:
        if self.pages.shown() is self.record:
            self.record.begin_papers()

    def _letter_f(self) -> None:
        if self.pages.shown() is self.listing:
            self.begin_search()

    def _letter_w(self) -> None:
        if self.pages.shown() is self.record:
            self.record.begin_who()

    def _letter_e(self) -> None:
        if self._asked_who():
            self.record.who.want_entry()

    def _letter_x(self) -> None:
        if self._asked_who():
            self.record.who.want_erasure()

    def _letter_s(self) -> None:
        if self.pages.shown() is self.record and self.record.open_correction() is self.record.check:
            self.record.check.look()

    def take_key(self, event: QKeyEvent) -> bool:
        """Page up and down turn the pages of a scan that is shown."""
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        view = self._scan_view()
        if by is None or view is None:
            return super().take_key(event)
        view.turn(by)
        return True

    def _zoom(self, by: int) -> None:
        view = self._scan_view()
        if view is not None:
            view.zoom(by)

    def _scan_view(self) -> ScanView | None:
        return self.record.scan_view() if self.pages.shown() is self.record else None

    def _asked_who(self) -> bool:
        return self.pages.shown() is self.record and self.record.open_correction() is self.record.who

    def _letter_a(self) -> None:
        if self.pages.shown() is self.consent:
            self.consent.switch_sole_authority()

    def _changed(self, topics: frozenset[str]) -> None:
        if not topics & _SHOWN or not self.isVisible():
            return
        if self.pages.shown() is self.listing:
            self.listing.refresh()
        elif self.pages.shown() is self.record:
            self.record.refresh()
        elif self.pages.shown() is self.withdrawal:
            self.withdrawal.refresh()
