"""A part of the settings: what every one of them has, and how a bench's own settings are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain.people import may
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.scrolling import bring_into_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QAbstractButton, QWidget

    from biobank_desktop.domain.people import Permission
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.widgets.form_card import FormCard


class BenchSettings(QObject):
    """Changes what this computer knows; another database is kept for the next start only."""

    changed = Signal()
    """other settings stand in the session"""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.next_database = ""

    def change(self, **values: Any) -> None:
        """Change settings of this bench and keep them."""
        session = self._desk.session
        assert session is not None
        session.settings = replace(session.settings, **values)
        self._keep()
        self.changed.emit()

    def choose_database(self, database: str) -> None:
        """Open another database at the next start."""
        self.next_database = database
        self._keep()
        self.changed.emit()

    def _keep(self) -> None:
        session = self._desk.session
        assert session is not None
        kept = session.settings
        if self.next_database:
            kept = replace(kept, database=self.next_database)
        self._desk.jobs.run_aside(self, kept.save, failed=self._desk.tell)


class Part(FormColumn):
    """One part: cards in a column, at most one primary action at a time."""

    primary_changed = Signal()
    """another button is the primary one"""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.bench = bench

    def open_form(self, form: QWidget) -> None:
        """Show a form that was put away."""
        reveal(form, True)
        bring_into_view(form)
        self.primary_changed.emit()

    def may(self, permission: Permission) -> bool:
        """Whether the person signed in may do this."""
        actor = self.desk.actor
        return actor is not None and may(actor, permission)

    def primary(self) -> QAbstractButton | None:
        """The button Enter presses now."""
        return None

    def refresh(self) -> None:
        """Read again what is shown."""

    def begin(self) -> None:
        """Put the cursor where the work begins; not in a field, where digits would be typed."""

    def take_scan(self, _scan: Scan) -> bool:
        """Use a scan; False when it belongs elsewhere."""
        return False

    def take_unreadable(self, _raw: str) -> bool:
        """Show what a scanner sent that is no code; False where that is a stop."""
        return False

    def leave(self) -> None:
        """Another part or another screen is shown; no form stays open, and no password typed."""
        self.step_back()

    def step_back(self) -> bool:
        """Esc: out of a form; False when there is none open."""
        return False


class PartWithForms(Part):
    """A part with forms below what it shows, at most one of them open."""

    forms: tuple[FormCard, ...] = ()
    turn = 0
    """counts the forms that were put away: an answer that comes for one of them is none to the next"""

    def hold_forms(self, *forms: FormCard) -> None:
        """Put forms away below all that is there; Cancel puts them away again."""
        self.forms = forms
        for form in forms:
            form.hide()
            form.given_up.connect(self.close_forms)
            self.body.addWidget(form)

    def opened(self) -> FormCard | None:
        """The form that is open."""
        return next((form for form in self.forms if not form.isHidden()), None)

    def primary(self) -> QAbstractButton | None:
        """That of the open form."""
        form = self.opened()
        return form.primary if form is not None else None

    def while_open(self, turn: int, act: Callable[[], None]) -> None:
        """What an answer does with the form that asked, while nobody has put it away."""
        if turn == self.turn:
            act()

    def step_back(self) -> bool:
        """Out of the open form."""
        if self.opened() is None:
            return False
        self.close_forms()
        return True

    def close_forms(self) -> None:
        """Put every form away, and go back to where the work begins."""
        self.turn += 1
        for form in self.forms:
            form.hide()
            form.rest()
        self.primary_changed.emit()
        self.begin()
