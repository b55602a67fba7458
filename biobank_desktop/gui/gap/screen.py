"""The gap of a restore: since when something may be missing, where to look for it, and who has signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import words
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.cards import Card, EmptyState, clear_layout, reveal
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _
from biobank_desktop.services import people, restore_gap

if TYPE_CHECKING:
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.restore_gap import Gap


class SigningForm(FormCard):
    """Whoever has gone through the gap says what was found, and signs with login and password."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Sign for the gap"),
            _("Two managers sign, each for what they have compared. Nobody has to sign out for it."),
            _("Sign"),
            parent,
        )
        self.note = FieldBox(_("What was compared and found"), name="note", parent=self)
        self.login = FieldBox(_("Login"), name="login", parent=self)
        self.password = SecretField(_("Password"), name="password", parent=self)
        self.add_row([self.note], columns=1)
        self.add_row([self.login, self.password], columns=2)

    def problems(self) -> list[Problem]:
        """What is missing."""
        asked = {
            "note": self.note.text(),
            "login": self.login.text(),
            "password": self.password.secret(),
        }
        return [Problem(name, "answer-missing") for name, value in asked.items() if not value]

    def clear(self) -> None:
        """Back to an empty form."""
        for field in (self.note, self.login, self.password):
            field.clear()
        self.show_problems(())


class GapScreen(Screen):
    """Reads the gap aloud, and takes the two signatures that close it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("After a restore")
        self.help_text = _(
            "A restore brings back the day of the backup. What was entered since is gone from the database, "
            "not from the world: a withdrawal, a vial that left. Two managers go through that time on paper, "
            "enter again what is missing, and sign. Until then nothing leaves."
        )
        self._desk = desk
        self.facts = FactGrid(5, self)
        self.form = SigningForm(self)
        self.form.submitted.connect(self._sign)
        self.form.cancel.hide()
        self._signatures = QVBoxLayout()
        self._signatures.setSpacing(8)
        self._pages = Pages(self)
        self._whole = FormColumn(self)
        self.none = EmptyState(
            "permitted", _("There is no gap"), _("This database was never restored from a backup.")
        )
        for page in (self._whole, self.none):
            self._pages.add(page)
        self._lay_out()
        desk.changed.connect(self._changed)
        desk.somebody_else.connect(self.form.clear)

    def _lay_out(self) -> None:
        gap = Card(parent=self)
        self._state = Text("", "large", wrap=True, parent=self)
        gap.body.addWidget(self._state)
        gap.body.addWidget(self.facts)
        look = Card(_("What to compare, and where it stands on paper"), self)
        look.body.setSpacing(8)
        for text in _to_compare():
            look.body.addWidget(Text(text, wrap=True, parent=self))
        self._signed = Card(_("Signed"), self)
        self._signed.body.addLayout(self._signatures)
        for card in (Text(self.title, "title", parent=self), gap, look, self._signed, self.form):
            self._whole.body.addWidget(card)
        self._whole.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(self._pages)

    def arrive(self, **_others: Any) -> None:
        """Read the gap again."""
        self._desk.frame.context.clear()
        self._load()

    def _load(self) -> None:
        self._desk.read(self, restore_gap.gap, self._show, newest="gap")

    def _changed(self, what: frozenset[str]) -> None:
        if topics.SETTINGS in what and self._desk.frame.shown_screen() is self:
            self._load()

    def _show(self, gap: Gap | None) -> None:
        self._pages.show_page(self.none if gap is None else self._whole)
        self.set_primary(None)
        if gap is None:
            return
        signed = _("{signed} of {needed} signed").format(
            signed=len(gap.signatures), needed=restore_gap.SIGNATURES
        )
        self._state.setText(_("Closed: nothing is blocked any more") if gap.closed else signed)
        self.facts.set_facts(_facts(gap))
        clear_layout(self._signatures)
        for one in gap.signatures:
            who = f"{one.name} · {words.moment(one.at)}"
            self._signatures.addWidget(Text(who, "strong", parent=self))
            self._signatures.addWidget(Text(one.note, wrap=True, parent=self))
        reveal(self._signed, bool(gap.signatures))
        reveal(self.form, not gap.closed)
        if not gap.closed:
            self.set_primary(self.form.primary)
            self.form.note.attend()

    def _sign(self) -> None:
        form = self.form
        if form.problems():
            form.show_problems(form.problems())
            return
        note, login, password = form.note.text(), form.login.text().lower(), form.password.secret()
        form.password.clear()
        command_id = form.ids.of((note, login))
        form.set_busy(True)
        self._desk.act(
            form,
            lambda store, actor: _sign(store, actor, (login, password, note), command_id),
            self._signed_by,
            topics={topics.SETTINGS},
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )

    def _signed_by(self, signed: int) -> None:
        closed = signed >= restore_gap.SIGNATURES
        text = _("Signed. Nothing is blocked any more.") if closed else _("Signed. One more has to sign.")
        self._desk.frame.notices.say(text, sound=Sound.DONE)
        if closed:
            self._desk.frame.notices.clear_banner("restore-gap")
        self.form.clear()


def _sign(store: Store, actor: Actor, asked: tuple[str, str, str], command_id: UUID) -> int:
    """Let somebody sign at this bench; how many have signed. Raises ``Rejected``."""
    login, password, note = asked
    signed = people.sign(store, login, password, actor.bench)
    return restore_gap.sign_gap(store, signed, note, command_id)


def _facts(gap: Gap) -> list[Fact]:
    missing = _("{since} to {until}").format(
        since=words.moment(gap.made_at), until=words.moment(gap.restored_at)
    )
    return [
        Fact(_("May be missing"), missing),
        Fact(_("Restored"), words.moment(gap.restored_at), gap.restored_by),
        Fact(_("Backup"), gap.archive, gap.archive_sha256[:16]),
        Fact(_("Events in the backup"), str(gap.events)),
        Fact(_("Donors erased again"), str(gap.erased)),
    ]


def _to_compare() -> tuple[str, ...]:
    return (
        _("Withdrawals and other letters of families: the post book and the forms on paper."),
        _("Vials that left: release notes, the courier's papers and the post book."),
        _("What was destroyed or given back: the signed certificates."),
        _("Tubes that were received and vials that were stored: the freezers themselves."),
    )
