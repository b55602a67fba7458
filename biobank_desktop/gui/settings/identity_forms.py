"""The forms of the identity store: making and opening it, who may, new keys, a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtWidgets import QWidget


class StoreForm(FormCard):
    """A form that keeps nothing of what was typed once it is put away."""

    def __init__(
        self, title: str, text: str, action: str, fields: Sequence[FieldBox], parent: QWidget
    ) -> None:
        super().__init__(title, text, action, parent)
        self._typed = tuple(fields)
        self.add_row(fields, len(fields))

    def forget(self) -> None:
        """Empty every field."""
        for field in self._typed:
            field.clear()

    def missing(self) -> list[Problem]:
        """Every field without an answer."""
        return [Problem(field.name, "answer-missing") for field in self._typed if not field.editor.text()]


class NewPassphrase:
    """A new passphrase, typed twice, as two fields of a form."""

    def __init__(self, label: str) -> None:
        self.passphrase = SecretField(label, name="passphrase")
        self.again = SecretField(_("Once more"), name="again")

    @property
    def fields(self) -> tuple[FieldBox, FieldBox]:
        """Both, in the order they are typed."""
        return self.passphrase, self.again

    def secret(self) -> str:
        """What was typed."""
        return self.passphrase.secret()

    def problems(self) -> list[Problem]:
        """Whether both are the same."""
        same = self.passphrase.secret() == self.again.secret()
        return [] if same else [Problem("again", "passphrases-differ")]


class MakeForm(StoreForm):
    """A new store, opened by this passphrase."""

    def __init__(self, parent: QWidget) -> None:
        self.new = NewPassphrase(_("Your identity passphrase"))
        told = _(
            "A passphrase of your own, 15 characters or more, another one than your password: four or five "
            "words are easy to remember. Nobody can look it up or reset it."
        )
        super().__init__(
            _("Make an identity store"), told, _("Make the identity store"), self.new.fields, parent
        )


class UnlockForm(StoreForm):
    """The passphrase that opens the store."""

    def __init__(self, parent: QWidget) -> None:
        self.passphrase = SecretField(_("Your identity passphrase"), name="passphrase")
        told = _("It is locked again with the bench, and after ten minutes without a look.")
        super().__init__(_("Unlock the identities"), told, _("Unlock"), [self.passphrase], parent)


class AuthoriseForm(StoreForm):
    """Somebody else, who types a passphrase of their own."""

    def __init__(self, parent: QWidget) -> None:
        self.login = FieldBox(_("Login"), name="login")
        self.new = NewPassphrase(_("Their identity passphrase"))
        told = _("They type it here themselves. Who forgot it is authorised once more.")
        super().__init__(
            _("Authorise somebody"), told, _("Authorise"), [self.login, *self.new.fields], parent
        )


class WithdrawForm(StoreForm):
    """Somebody who may open the store no longer."""

    def __init__(self, parent: QWidget) -> None:
        self.login = PickField(_("Who"), name="login")
        self.why = FieldBox(_("Reason"), name="why")
        told = _(
            "A copy of the store made before still opens with their passphrase; new keys help against it."
        )
        super().__init__(_("Withdraw an authorisation"), told, _("Withdraw"), [self.login, self.why], parent)

    def offer(self, holders: Iterable[str]) -> None:
        """Who may open the store now."""
        self.login.set_picks([Pick(login, login) for login in holders])


class PassphraseForm(StoreForm):
    """Another passphrase for oneself."""

    def __init__(self, parent: QWidget) -> None:
        self.new = NewPassphrase(_("New identity passphrase"))
        super().__init__(_("My identity passphrase"), "", _("Change the passphrase"), self.new.fields, parent)


class RecoverForm(StoreForm):
    """The recovery code, when nobody who is authorised can come."""

    def __init__(self, parent: QWidget) -> None:
        self.recovery = SecretField(_("Recovery code"), name="recovery")
        self.new = NewPassphrase(_("New identity passphrase"))
        told = _("The code from the sealed envelope opens the store and gives you a passphrase.")
        super().__init__(
            _("Open with the recovery code"),
            told,
            _("Open the store"),
            [self.recovery, *self.new.fields],
            parent,
        )


class RotateForm(StoreForm):
    """New keys for everything."""

    def __init__(self, parent: QWidget) -> None:
        self.passphrase = SecretField(_("Your identity passphrase"), name="passphrase")
        self.why = FieldBox(_("Reason"), name="why")
        told = _(
            "Every identity is sealed anew, and there is a new recovery code. Only you stay authorised: "
            "everybody else is to be authorised again."
        )
        super().__init__(_("New keys"), told, _("Make new keys"), [self.passphrase, self.why], parent)


class CopyForm(StoreForm):
    """A sealed copy into a folder."""

    def __init__(self, parent: QWidget) -> None:
        self.folder = FieldBox(_("Folder, best on another disk"), name="archive")
        told = _("The copy is as sealed as the store and opens with the same passphrases.")
        super().__init__(_("Back up the identities"), told, _("Back up"), [self.folder], parent)


class ClearForm(StoreForm):
    """What a crash left between the two databases."""

    def __init__(self, parent: QWidget) -> None:
        self.why = FieldBox(_("Reason"), name="why")
        told = _(
            "Identities that were written and never entered in the history are destroyed, and erasures that "
            "were cut short are finished."
        )
        super().__init__(_("Clear away"), told, _("Clear away"), [self.why], parent)
