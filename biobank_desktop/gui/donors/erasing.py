"""Erasing a donor for good, signed: what is destroyed and what stays, said before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.donors.corrections import DonorForm
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.session import Session


class DonorErasure(DonorForm):
    """The code is typed and the password given again: it cannot be undone."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "", _("Erase this donor for good"), parent)
        self._donor = ""
        self.kept = Text("", "refused", wrap=True, parent=self)
        self.goes = Text(
            _(
                "Destroyed: name, date of birth, hospital number, parents, the scans of the forms and the "
                "birthdays. A line in the backup folder keeps it so after a restore."
            ),
            wrap=True,
            parent=self,
        )
        self.stays = Text(
            _("Stays: the code, which then leads to nobody, and what happened to the samples."),
            "muted",
            wrap=True,
            parent=self,
        )
        for words in (self.kept, self.goes, self.stays):
            self.rows.addWidget(words)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.code = FieldBox(_("The donor's code, typed"), name="code", parent=self)
        self.password = SecretField(_("Your password, once more"), name="password", parent=self)
        self.add_row([self.why, self.code, self.password], 3)
        self.submitted.connect(self._erase)

    def begin_for(self, donor: str, kept: int) -> None:
        """Erase this donor, of whom so many samples are still in the house."""
        self.forget()
        self._donor = donor
        self.set_heading(_("Erase {donor}").format(donor=codes.group(donor)))
        self.kept.setText(
            ngettext(
                "{count} sample is still in the house. Destroy or give it back first.",
                "{count} samples are still in the house. Destroy or give them back first.",
                kept,
            )
        )
        self.kept.setVisible(kept > 0)
        self.primary.setVisible(not kept)
        for field in (self.why, self.code, self.password):
            field.setVisible(not kept)
        self.begin()

    def forget(self) -> None:
        """Nothing that was typed stays."""
        self.ids.forget()
        for field in (self.why, self.code, self.password):
            field.clear()

    def _erase(self) -> None:
        donor, why, password = self._donor, self.why.text(), self.password.secret()
        missing = [Problem("why", "reason-missing")] if not why else []
        if codes.parse(self.code.text()) != donor:
            missing.append(Problem("code", "code-of-another-donor"))
        if not password:
            missing.append(Problem("password", "answer-missing"))
        session = self._desk.session
        if missing or session is None:
            self._refused(tuple(missing))
            return
        self.password.clear()
        command_id = self.ids.of((donor, why))
        self.set_busy(True)
        self._desk.act(
            self,
            lambda store, actor: _erase(store, actor, session, (donor, why, password), command_id),
            self._erased,
            topics={"donors", "samples"},
            refused=self._refused,
            once=self.ids.once(command_id),
            ended=self.rest,
        )

    def _erased(self, _nothing: None) -> None:
        self._done(_("Donor {code} is erased.").format(code=codes.group(self._donor)))


def _erase(
    store: Store, actor: Actor, session: Session, asked: tuple[str, str, str], command_id: UUID
) -> None:
    """Sign, and erase. Raises ``Rejected`` and ``Unavailable``."""
    from biobank_desktop.services.erasure import erase_donor  # noqa: PLC0415
    from biobank_desktop.services.people import sign  # noqa: PLC0415

    donor, why, password = asked
    signed = sign(store, actor.login, password, actor.bench)
    with session.keyring.vault() as vault:
        erase_donor(store, signed, donor, why, session.settings.backup_folder, vault, command_id)
