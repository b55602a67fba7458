"""Who a donor is, on the donor's page: asked with a reason, seen for a minute, kept and erased."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain import codes
from biobank_desktop.domain.identity import IdentityForm
from biobank_desktop.domain.intake import ABSENT
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.donors.corrections import DonorForm
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor, Permission
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.identities import Glimpse
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities
    from biobank_desktop.services.identity.keyring import Keyring

SEEN_MS = 60_000
"""So long without a key an identity stays in sight."""
_KEYS = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress})


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application


def called(identity: IdentityForm) -> str:
    """The whole name as people say it."""
    parts = (identity.given_names, identity.surname_prefix, identity.surname)
    return " ".join(part for part in parts if part)


class IdentityStep(DonorForm):
    """A form that knows something of a donor, and forgets it when it is put away."""

    def forget(self) -> None:
        """Nothing that was typed or shown stays, and nothing still comes."""
        self.ids.forget()

    def _may(self, permission: Permission) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, permission)


class _Stage(Enum):
    ASKING = "asking"
    SEEN = "seen"
    NOTHING = "nothing"


class WhoForm(IdentityStep):
    """Asks why, and the passphrase when the store is locked here; then says who the donor is."""

    entry_wanted = Signal(object)
    """the identity to correct, None to enter one"""
    erasure_wanted = Signal()
    """it is to be erased"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, _("Who is this"), _("Show who this is"), parent)
        self._donor = ""
        self._stage = _Stage.ASKING
        self._identity: IdentityForm | None = None
        self._glimpse: Glimpse[IdentityForm] | None = None
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.passphrase = SecretField(_("Your identity passphrase"), name="passphrase", parent=self)
        self.facts = FactGrid(5, self)
        self.correct = ActionButton(_("Correct"), icon="edit", hint="E", parent=self)
        self.erase = ActionButton(_("Erase"), icon="discard", hint="X", parent=self)
        self.add_row([self.why, self.passphrase], 2)
        self.rows.addWidget(self.facts)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.correct)
        buttons.addWidget(self.erase)
        buttons.addStretch(1)
        self.rows.addLayout(buttons)
        self._alone = QTimer(self)
        self._alone.setSingleShot(True)
        self._alone.setInterval(SEEN_MS)
        self._alone.timeout.connect(self.closed)
        self.submitted.connect(self._go_on)
        self.correct.clicked.connect(self.want_entry)
        self.erase.clicked.connect(self.want_erasure)
        desk.identities.changed.connect(self._follow_lock)
        self.forget()

    def begin_for(self, donor: str) -> None:
        """Ask who this donor is."""
        self.forget()
        self._donor = donor
        self.begin()

    def forget(self) -> None:
        """Nothing that was typed or shown stays, and nothing still comes."""
        super().forget()
        if self._glimpse is not None:
            self._glimpse.close()
        self._glimpse, self._identity = None, None
        self._alone.stop()
        _application().removeEventFilter(self)
        self.why.clear()
        self.passphrase.clear()
        self.facts.set_facts(())
        self._show_stage(_Stage.ASKING)

    def want_entry(self) -> None:
        """To the form of the identity, when there is one to correct or none is kept."""
        if self._stage is not _Stage.ASKING and self._may("intake"):
            self.entry_wanted.emit(self._identity)

    def want_erasure(self) -> None:
        """To the form that erases what is shown."""
        if self._stage is _Stage.SEEN and self._may("manage"):
            self.erasure_wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any key keeps what is shown for another while."""
        if event.type() in _KEYS and self._alone.isActive():
            self._alone.start()
        return super().eventFilter(watched, event)

    def _follow_lock(self) -> None:
        locked = not self._desk.identities.opened
        self.passphrase.setVisible(locked and self._stage is _Stage.ASKING)

    def _go_on(self) -> None:
        if self._stage is _Stage.ASKING:
            self._look()
        elif self._stage is _Stage.NOTHING and self._may("intake"):
            self.want_entry()
        else:
            self.closed.emit()

    def _look(self) -> None:
        from biobank_desktop.services.identity.donors import read_identity  # noqa: PLC0415

        donor, why, passphrase = self._donor, self.why.text(), self.passphrase.secret()
        missing = [Problem("why", "reason-missing")] if not why else []
        if not passphrase and not self._desk.identities.opened:
            missing.append(Problem("passphrase", "answer-missing"))
        if missing:
            self._refused(tuple(missing))
            return

        def read(store: Store, identities: Identities, actor: Actor) -> IdentityForm:
            return read_identity(store, identities, actor, donor, why)

        self.set_busy(True)
        self._glimpse = self._desk.identities.look(
            self,
            passphrase,
            read,
            self._show,
            refused=self._not_shown,
            ended=self.rest,
            topics={"donors"},
        )

    def _show(self, identity: IdentityForm) -> None:
        self._identity = identity
        self.show_problems(())
        self._show_stage(_Stage.SEEN)
        self._alone.start()
        _application().installEventFilter(self)

    def _not_shown(self, problems: tuple[Problem, ...]) -> None:
        if any(problem.code == "identity-unknown" for problem in problems):
            self.show_problems(())
            self._show_stage(_Stage.NOTHING)
        else:
            self._refused(problems)

    def _show_stage(self, stage: _Stage) -> None:
        self._stage = stage
        identity = self._identity
        if identity is not None:
            self.set_heading(called(identity), _("Put away after a minute without a key."))
            self.facts.set_facts(_facts(identity))
        elif stage is _Stage.NOTHING:
            self.set_heading(_("Who is this"), _("Nothing is kept of who this donor is."))
        else:
            self.set_heading(_("Who is this"), _("The look and its reason are kept in the history."))
        enters = stage is _Stage.NOTHING and self._may("intake")
        goes_on = _("Enter who this is") if enters else _("Put away")
        self.primary.set_text(_("Show who this is") if stage is _Stage.ASKING else goes_on)
        self.cancel.setVisible(stage is _Stage.ASKING or enters)
        self.why.setVisible(stage is _Stage.ASKING)
        self.facts.setVisible(stage is _Stage.SEEN)
        self.correct.setVisible(stage is _Stage.SEEN and self._may("intake"))
        self.erase.setVisible(stage is _Stage.SEEN and self._may("manage"))
        self._follow_lock()
        if stage is not _Stage.ASKING:
            self.passphrase.clear()
            self.primary.setFocus()
            bring_into_view(self)


def _facts(identity: IdentityForm) -> list[Fact]:
    return [
        Fact(_("Date of birth"), words.day(identity.born_on)),
        Fact(_("Hospital number"), identity.hospital_number or words.UNKNOWN),
        Fact(_("Mother"), identity.mother_name or words.UNKNOWN),
        Fact(_("Father"), identity.father_name or words.UNKNOWN),
        Fact(_("Guardian"), identity.guardian_name or words.UNKNOWN),
    ]


class IdentityEntry(IdentityStep):
    """Every field of an identity, for a new one or in place of the one that is kept."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "", _("Keep who this is"), parent)
        self._donor = ""
        self.given_names = FieldBox(_("Given names"), name="given_names", parent=self)
        self.surname_prefix = FieldBox(
            _("Before the surname"), name="surname_prefix", hint=_("van der"), parent=self
        )
        self.surname = FieldBox(_("Surname"), name="surname", parent=self)
        self.born_on = DateField(_("Date of birth"), utc_now, name="born_on", with_year=True, parent=self)
        self.hospital_number = FieldBox(
            _("Hospital number"),
            name="hospital_number",
            hint=_("CTRL+U unknown"),
            may_be_unknown=True,
            parent=self,
        )
        self.mother_name = FieldBox(_("Mother"), name="mother_name", parent=self)
        self.father_name = FieldBox(_("Father"), name="father_name", parent=self)
        self.guardian_name = FieldBox(_("Guardian"), name="guardian_name", parent=self)
        self._texts = (
            *(self.given_names, self.surname_prefix, self.surname),
            *(self.mother_name, self.father_name, self.guardian_name),
        )
        self.add_row([self.given_names, self.surname_prefix, self.surname], 3)
        self.add_row([self.born_on, self.hospital_number], 2)
        self.add_row([self.mother_name, self.father_name, self.guardian_name], 3)
        self.submitted.connect(self._store)

    def begin_for(self, donor: str, known: IdentityForm | None) -> None:
        """Enter who this donor is, or correct what is ``known``."""
        self.forget()
        self._donor = donor
        self.set_heading(
            _("Correct who this is") if known else _("Keep who this donor is"),
            _("Kept sealed, apart from the database. Parents and guardian are for letters only."),
        )
        if known is not None:
            for field in self._texts:
                field.set_text(getattr(known, field.name))
            self.born_on.set_day(known.born_on)
            self.hospital_number.set_text(known.hospital_number or "")
            if known.hospital_number is None:
                self.hospital_number.set_unknown()
        self.begin()

    def forget(self) -> None:
        """Nothing that was typed stays."""
        super().forget()
        for field in (*self._texts, self.born_on, self.hospital_number):
            field.clear()

    def form(self) -> IdentityForm:
        """The identity as it is filled in; what was not answered is absent."""
        unknown = self.hospital_number.answer() is Answer.UNKNOWN
        return IdentityForm(
            donor=self._donor,
            born_on=self.born_on.day() or ABSENT,
            hospital_number=None if unknown else self.hospital_number.text() or ABSENT,
            **{field.name: field.text() for field in self._texts},
        )

    def _store(self) -> None:
        from biobank_desktop.services.identity.donors import set_identity  # noqa: PLC0415

        form = self.form()
        command_id = self.ids.of(form)

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            with keyring.opened(actor) as identities:
                set_identity(store, identities, actor, form, command_id)

        self.set_busy(True)
        self._desk.identities.do(
            self,
            gesture,
            self._stored,
            refused=self._not_stored,
            ended=self.rest,
            topics={"donors"},
            once=self.ids.once(command_id),
        )

    def _not_stored(self, problems: tuple[Problem, ...]) -> None:
        unreadable = self.born_on.answer() is Answer.UNREADABLE
        self._refused(
            tuple(
                Problem("born_on", "answer-unreadable") if unreadable and one.field == "born_on" else one
                for one in problems
            )
        )

    def _stored(self, _nothing: None) -> None:
        self._done(_("The identity of donor {code} is kept.").format(code=codes.group(self._donor)))


class IdentityErasure(IdentityStep):
    """Destroys what is kept of who a donor is; the code is typed, for it cannot be undone."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, _("Erase who this is"), _("Erase for good"), parent)
        self._donor = ""
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.code = FieldBox(_("The donor's code, typed"), name="code", parent=self)
        self.add_row([self.why, self.code], 2)
        self.submitted.connect(self._erase)

    def begin_for(self, donor: str) -> None:
        """Erase the identity of this donor."""
        self.forget()
        self._donor = donor
        self.set_heading(
            _("Erase who this is"),
            _(
                "Name, date of birth, hospital number, parents and the scans of the forms of {code} are "
                "destroyed and can never be kept again. Samples and history stay. A backup of the identity "
                "store made before still holds them."
            ).format(code=codes.group(donor)),
        )
        self.begin()

    def forget(self) -> None:
        """Nothing that was typed stays."""
        super().forget()
        self.why.clear()
        self.code.clear()

    def _erase(self) -> None:
        from biobank_desktop.services.identity.donors import erase_identity  # noqa: PLC0415

        donor, why = self._donor, self.why.text()
        missing = [Problem("why", "reason-missing")] if not why else []
        if codes.parse(self.code.text()) != donor:
            missing.append(Problem("code", "code-of-another-donor"))
        if missing:
            self._refused(tuple(missing))
            return
        command_id = self.ids.of((donor, why))

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            with keyring.opened(actor) as identities:
                erase_identity(store, identities, actor, donor, why, command_id)

        self.set_busy(True)
        self._desk.identities.do(
            self,
            gesture,
            self._erased,
            refused=self._refused,
            ended=self.rest,
            topics={"donors"},
            once=self.ids.once(command_id),
        )

    def _erased(self, _nothing: None) -> None:
        self._done(_("The identity of donor {code} is erased.").format(code=codes.group(self._donor)))
