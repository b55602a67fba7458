"""The identity store: whether there is one, who may open it, opening it here, new keys, checking, a copy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.gui.settings.identity_forms import (
    AuthoriseForm,
    ClearForm,
    CopyForm,
    MakeForm,
    PassphraseForm,
    RecoverForm,
    RotateForm,
    StoreForm,
    UnlockForm,
    WithdrawForm,
)
from biobank_desktop.gui.settings.part import BenchSettings, Part
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.recovery import RecoveryCard
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QAbstractButton, QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.checking import Checked
    from biobank_desktop.services.identity.keyring import Keyring

T = TypeVar("T")


class IdentityPart(Part):
    """What is so in a card, below it what can be done, then the form that is open."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self._identities = desk.identities
        self.where = FactGrid(1, self)
        self.facts = FactGrid(2, self)
        self.told = Text("", "muted", wrap=True, parent=self)
        self.problems = ProblemList(self)
        self.make = ActionButton(_("Make an identity store"), icon="plus", hint="N", parent=self)
        self.unlock = ActionButton(_("Unlock"), icon="unlock", hint="U", parent=self)
        self.lock = ActionButton(_("Lock"), icon="lock", hint="L", parent=self)
        self.authorise = ActionButton(_("Authorise"), icon="plus", hint="N", parent=self)
        self.withdraw = ActionButton(_("Withdraw"), icon="minus", hint="X", parent=self)
        self.own = ActionButton(_("My passphrase"), icon="edit", hint="W", parent=self)
        self.recover = ActionButton(_("Recovery code"), icon="seal", hint="R", parent=self)
        self.rotate = ActionButton(_("New keys"), icon="refresh", hint="K", parent=self)
        self.check = ActionButton(_("Check"), icon="check", hint="C", parent=self)
        self.copy = ActionButton(_("Back up"), icon="backup", hint="B", parent=self)
        self.clear = ActionButton(_("Clear away"), icon="discard", hint="D", parent=self)
        self.make_form, self.unlock_form = MakeForm(self), UnlockForm(self)
        self.authorise_form, self.withdraw_form = AuthoriseForm(self), WithdrawForm(self)
        self.own_form, self.recover_form = PassphraseForm(self), RecoverForm(self)
        self.rotate_form, self.copy_form, self.clear_form = RotateForm(self), CopyForm(self), ClearForm(self)
        self.recovery = RecoveryCard(
            _(
                "This code opens the identity store when nobody who is authorised can. It is shown only now. "
                "Put it on paper, in a sealed envelope, in the safe."
            ),
            self,
        )
        self._found: tuple[Problem, ...] = ()
        self._clearable = False
        self._lay_out()
        self._connect()
        self._show()

    @property
    def _forms(self) -> tuple[StoreForm, ...]:
        return (
            *(self.make_form, self.unlock_form, self.authorise_form, self.withdraw_form, self.own_form),
            *(self.recover_form, self.rotate_form, self.copy_form, self.clear_form),
        )

    @property
    def _rows(self) -> tuple[tuple[ActionButton, ...], ...]:
        return (
            (self.make, self.unlock, self.lock, self.own, self.check, self.clear, self.copy),
            (self.authorise, self.withdraw, self.rotate, self.recover),
        )

    def _lay_out(self) -> None:
        card = Card(_("Identities"), self)
        card.body.addWidget(self.where)
        card.body.addWidget(self.facts)
        card.body.addWidget(self.told)
        self.body.addWidget(card)
        for row in self._rows:
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for button in row:
                buttons.addWidget(button)
            buttons.addStretch(1)
            self.body.addLayout(buttons)
        self.body.addWidget(self.problems)
        for form in (*self._forms, self.recovery):
            form.hide()
            self.body.addWidget(form)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.make.clicked.connect(self.begin_new)
        self.authorise.clicked.connect(self.begin_new)
        self.unlock.clicked.connect(self.begin_unlock)
        self.lock.clicked.connect(self.lock_here)
        self.withdraw.clicked.connect(self.begin_withdrawal)
        self.own.clicked.connect(self.begin_own)
        self.recover.clicked.connect(self.begin_recovery)
        self.rotate.clicked.connect(self.begin_rotation)
        self.check.clicked.connect(self.begin_check)
        self.copy.clicked.connect(self.begin_copy)
        self.clear.clicked.connect(self.begin_clearing)
        for form in self._forms:
            form.given_up.connect(self.close_forms)
        self.make_form.submitted.connect(self._make)
        self.unlock_form.submitted.connect(self._unlock)
        self.authorise_form.submitted.connect(self._authorise)
        self.withdraw_form.submitted.connect(self._withdraw)
        self.own_form.submitted.connect(self._set_own)
        self.recover_form.submitted.connect(self._recover)
        self.rotate_form.submitted.connect(self._rotate)
        self.copy_form.submitted.connect(self._copy)
        self.clear_form.submitted.connect(self._clear)
        self.recovery.written.connect(self._written)
        self._identities.changed.connect(self._show)
        self._identities.shut.connect(self._shut)
        self.desk.somebody_else.connect(self._forget_code)

    # What every part has -----------------------------------------------------------------------------

    def primary(self) -> QAbstractButton | None:
        """That of the open form; the recovery code comes first."""
        if not self.recovery.isHidden():
            return self.recovery.done
        return next((form.primary for form in self._forms if not form.isHidden()), None)

    def refresh(self) -> None:
        """Ask how it stands."""
        self._show()
        self._identities.refresh()

    def step_back(self) -> bool:
        """Out of the open form; the recovery code stays until it is on paper."""
        if all(form.isHidden() for form in self._forms):
            return False
        self.close_forms()
        return True

    def close_forms(self) -> None:
        """Put every form away; no passphrase stays typed."""
        for form in self._forms:
            form.hide()
            form.forget()
        self.primary_changed.emit()

    # What is shown -----------------------------------------------------------------------------------

    def _show(self) -> None:
        state = self._identities.state
        there = state is not None and state.exists
        trouble = self._identities.trouble
        self.problems.show_problems((trouble,) if trouble else self._found)
        self.where.setVisible(there)
        self.facts.setVisible(there)
        if state is not None and there:
            kept = state.file or _("In the database, in a schema of its own")
            self.where.set_facts([Fact(_("Where"), kept, mono=bool(state.file))])
            here = _("Open for you") if self._identities.opened else _("Locked")
            self.facts.set_facts(
                [Fact(_("Authorised"), ", ".join(state.holders)), Fact(_("At this bench"), here)]
            )
        self.told.setText(self._explained())
        self._offer(there=there, known=state is not None)

    def _explained(self) -> str:
        if self._identities.state is None:
            return ""
        if not self._identities.exists:
            if self.may("manage"):
                return _(
                    "This database has no identity store. It keeps name, date of birth and hospital number "
                    "of donors sealed, apart from the database. The lab can do without."
                )
            return _("This database has no identity store. A manager or administrator can make one.")
        restoring = _("A copy is restored by the command line: biobank identity restore COPY.")
        if not self._identities.authorised:
            return (
                _("You are not authorised: a manager or administrator who can open the store does that.")
                + f" {restoring}"
            )
        if not self.may("manage"):
            return (
                _("A manager or administrator authorises people, withdraws them and makes new keys.")
                + f" {restoring}"
            )
        return restoring

    def _offer(self, *, there: bool, known: bool) -> None:
        opened, authorised = self._identities.opened, self._identities.authorised
        manages = self.may("manage")
        offered = {
            self.make: known and not there and manages,
            self.unlock: authorised and not opened,
            self.lock: opened,
            self.own: opened,
            self.check: opened,
            self.clear: opened and manages and self._clearable,
            self.copy: there and self.may("backup"),
            self.authorise: opened and manages,
            self.withdraw: there and manages,
            self.rotate: opened and manages,
            self.recover: there and manages and not opened,
        }
        for button, offer in offered.items():
            button.setVisible(offer and self.recovery.isHidden())

    def _shut(self) -> None:
        self._say_found((), clearable=False)
        self.close_forms()

    def _say_found(self, problems: tuple[Problem, ...], *, clearable: bool) -> None:
        """What a check found stands there until the next one."""
        self._found, self._clearable = problems, clearable
        self._show()

    # What is begun -----------------------------------------------------------------------------------

    def begin_new(self) -> None:
        """Make the store where there is none; else authorise somebody."""
        self._open(self.make, self.make_form)
        self._open(self.authorise, self.authorise_form)

    def begin_unlock(self) -> None:
        """Type the passphrase."""
        self._open(self.unlock, self.unlock_form)

    def begin_withdrawal(self) -> None:
        """Let somebody in no longer."""
        state = self._identities.state
        self.withdraw_form.offer(state.holders if state else ())
        self._open(self.withdraw, self.withdraw_form)

    def begin_own(self) -> None:
        """Another passphrase for oneself."""
        self._open(self.own, self.own_form)

    def begin_recovery(self) -> None:
        """Open with the recovery code."""
        self._open(self.recover, self.recover_form)

    def begin_rotation(self) -> None:
        """New keys."""
        self._open(self.rotate, self.rotate_form)

    def begin_clearing(self) -> None:
        """Clear away what the check found."""
        self._open(self.clear, self.clear_form)

    def begin_copy(self) -> None:
        """A copy, proposed beside the backups."""
        session = self.desk.session
        assert session is not None
        if self._open(self.copy, self.copy_form):
            self.copy_form.folder.set_text(str(session.settings.backup_folder))
            self.copy_form.folder.attend()

    def lock_here(self) -> None:
        """Shut the store at this bench."""
        if not self.lock.isHidden():
            self._identities.lock()

    def _open(self, button: ActionButton, form: StoreForm) -> bool:
        """Open a form that is offered; nothing is while a recovery code waits to be written down."""
        if button.isHidden():
            return False
        self.close_forms()
        self.open_form(form)
        form.begin()
        return True

    # What is done ------------------------------------------------------------------------------------

    def _make(self) -> None:
        form, passphrase = self.make_form, self.make_form.new.secret()
        if self._refuse(form, form.missing() or form.new.problems()):
            return

        def gesture(_store: Store, actor: Actor, keyring: Keyring) -> str:
            return keyring.make(actor, passphrase)

        self._do(form, gesture, lambda code: self._show_code(code, ""))

    def _unlock(self) -> None:
        form, passphrase = self.unlock_form, self.unlock_form.passphrase.secret()
        if self._refuse(form, form.missing()):
            return

        def work(_store: Store, actor: Actor, keyring: Keyring) -> None:
            keyring.unlock(actor, passphrase)

        form.set_busy(True)
        self._identities.ask(
            self,
            work,
            lambda _nothing: self._done(_("The identities are open.")),
            refused=form.show_problems,
            ended=form.rest,
        )

    def _authorise(self) -> None:
        from biobank_desktop.services.identity.keeping import authorise  # noqa: PLC0415

        form = self.authorise_form
        login, passphrase = form.login.text(), form.new.secret()
        if self._refuse(form, form.missing() or form.new.problems()):
            return

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            with keyring.opened(actor) as identities:
                authorise(store, identities, actor, login, passphrase)

        self._do(form, gesture, lambda _no: self._done(_("{login} is authorised.").format(login=login)))

    def _withdraw(self) -> None:
        from biobank_desktop.services.identity.keeping import withdraw_authorisation  # noqa: PLC0415

        form = self.withdraw_form
        login, why = form.login.value() or form.login.text(), form.why.text()
        if self._refuse(form, form.missing()):
            return

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            with keyring.vault() as vault:
                withdraw_authorisation(store, vault, actor, login, why)

        said = _("{login} is authorised no longer.").format(login=login)
        self._do(form, gesture, lambda _no: self._done(said))

    def _set_own(self) -> None:
        from biobank_desktop.services.identity.keeping import change_passphrase  # noqa: PLC0415

        form, passphrase = self.own_form, self.own_form.new.secret()
        if self._refuse(form, form.missing() or form.new.problems()):
            return

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            with keyring.opened(actor) as identities:
                change_passphrase(store, identities, actor, passphrase)

        self._do(form, gesture, lambda _no: self._done(_("The passphrase is changed.")))

    def _recover(self) -> None:
        form = self.recover_form
        recovery, passphrase = form.recovery.secret(), form.new.secret()
        if self._refuse(form, form.missing() or form.new.problems()):
            return

        def gesture(_store: Store, actor: Actor, keyring: Keyring) -> None:
            keyring.recover(actor, recovery, passphrase)

        self._do(form, gesture, lambda _no: self._done(_("The identities are open.")))

    def _rotate(self) -> None:
        from biobank_desktop.services.identity.keeping import rotate  # noqa: PLC0415

        form, actor, state = self.rotate_form, self.desk.actor, self._identities.state
        passphrase, why = form.passphrase.secret(), form.why.text()
        if self._refuse(form, form.missing()):
            return
        others = [one for one in (state.holders if state else ()) if actor and one != actor.login]

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> str:
            with keyring.opened(actor) as identities:
                return rotate(store, identities, actor, passphrase, why)

        again = _("To be authorised again: {logins}").format(logins=", ".join(others)) if others else ""
        self._do(form, gesture, lambda code: self._show_code(code, again))

    def _copy(self) -> None:
        from biobank_desktop.services.identity.copies import back_up_identities  # noqa: PLC0415

        form, folder = self.copy_form, Path(self.copy_form.folder.text())
        if self._refuse(form, [] if folder.is_absolute() else [Problem("archive", "folder-not-absolute")]):
            return

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> Path:
            with keyring.vault() as vault:
                try:
                    return back_up_identities(store, vault, actor, folder, datetime.now(UTC))
                except Unavailable as error:
                    if error.problem.field != "archive":
                        raise
                    raise Rejected(error.problem) from error

        self._do(form, gesture, lambda file: self._done(_("Copied to {file}.").format(file=str(file))))

    def begin_check(self) -> None:
        """Hold the store against the history."""
        from biobank_desktop.services.identity.checking import check  # noqa: PLC0415

        if self.check.isHidden():
            return

        def work(store: Store, actor: Actor, keyring: Keyring) -> Checked:
            with keyring.opened(actor) as identities:
                return check(store, identities)

        self.close_forms()
        self.check.setEnabled(False)
        self._identities.ask(self, work, self._checked, refused=self._not_checked, ended=self._check_ended)

    def _check_ended(self) -> None:
        self.check.setEnabled(True)

    def _not_checked(self, problems: tuple[Problem, ...]) -> None:
        self._say_found(problems, clearable=False)

    def _checked(self, found: Checked) -> None:
        self._say_found(found.problems, clearable=found.clearable > 0)
        kept = ngettext("{count} identity", "{count} identities", found.records)
        scans = ngettext("{count} scan of a form", "{count} scans of forms", found.scans)
        if not found.problems:
            self.desk.frame.notices.say(
                _("Everything agrees: {identities}, {scans}.").format(identities=kept, scans=scans),
                sound=Sound.DONE,
            )
        else:
            self.desk.frame.notices.sound(Sound.WARNING)

    def _clear(self) -> None:
        from biobank_desktop.services.identity.checking import clear  # noqa: PLC0415

        form, why = self.clear_form, self.clear_form.why.text()
        if self._refuse(form, form.missing()):
            return

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            with keyring.opened(actor) as identities:
                clear(store, identities, actor, why)

        def cleared(_nothing: None) -> None:
            self._say_found((), clearable=False)
            self._done(_("Cleared away."))

        self._do(form, gesture, cleared)

    def _do(
        self, form: StoreForm, gesture: Callable[[Store, Actor, Keyring], T], then: Callable[[T], None]
    ) -> None:
        form.set_busy(True)
        self._identities.do(self, gesture, then, refused=form.show_problems, ended=form.rest)

    def _refuse(self, form: StoreForm, problems: Sequence[Problem]) -> bool:
        form.show_problems(problems)
        return bool(problems)

    def _done(self, said: str) -> None:
        self.close_forms()
        self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)

    # The recovery code -------------------------------------------------------------------------------

    def _show_code(self, code: str, detail: str) -> None:
        self.close_forms()
        self.recovery.show_code(code, detail)
        self.open_form(self.recovery)
        self._show()

    def _written(self) -> None:
        self._forget_code()
        self.desk.frame.notices.say(_("Unlock the store with your passphrase to work with it."))

    def _forget_code(self) -> None:
        self.recovery.forget()
        self.recovery.hide()
        self._show()
        self.primary_changed.emit()
