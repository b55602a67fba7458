"""Who works here: accounts, roles, who may sign in, passwords."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain.people import ROLES
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.desk import PEOPLE
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.people import PersonRow
    from biobank_desktop.persistence.store import Store

_KEYS = dict(zip(ROLES, "TMAD", strict=True))
TABLE_PX = 240


def _roles(parent: QWidget) -> ChoiceQuestion:
    choices = [Choice(role, words.choice_name(role), _KEYS[role]) for role in ROLES]
    return ChoiceQuestion(_("Role"), choices, name="role", parent=parent)


class NewPersonForm(FormCard):
    """Login, name, role and a first password."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_("A new person"), "", _("Add this person"), parent)
        self.name = FieldBox(_("Name"), name="name", parent=self)
        self.login = FieldBox(_("Login"), name="login", hint=_("lower case"), parent=self)
        self.password = SecretField(_("First password"), name="password", parent=self)
        self.role = _roles(self)
        self.add_row([self.name, self.login, self.password], 3)
        self.add_row([self.role], 1)

    def begin(self) -> None:
        """Stand ready for another person."""
        for field in (self.name, self.login, self.password):
            field.clear()
        self.role.set_value(None)
        super().begin()


class ChangePersonForm(FormCard):
    """Another role, or whether somebody may sign in, with a reason."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Store the change"), parent)
        self.role = _roles(self)
        entry = [Choice(True, _("May sign in"), "Y"), Choice(False, _("May not sign in"), "N")]
        self.active = ChoiceQuestion(_("Signing in"), entry, name="active", parent=self)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.role], 1)
        self.add_row([self.active, self.why], 2)

    def begin_for(self, person: PersonRow) -> None:
        """Change this person."""
        self.set_heading(_("Change {name}").format(name=person.name))
        self.role.set_value(person.role)
        self.active.set_value(person.active)
        self.why.clear()
        self.begin()


class PasswordForm(FormCard):
    """A new password, typed twice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Set the password"), parent)
        self.password = SecretField(_("New password"), name="password", parent=self)
        self.again = SecretField(_("Once more"), name="again", parent=self)
        self.add_row([self.password, self.again], 2)

    def begin_for(self, name: str) -> None:
        """A new password for this person."""
        self.set_heading(_("Password of {name}").format(name=name))
        self.password.clear()
        self.again.clear()
        self.begin()


def _columns() -> list[Column]:
    return [
        Column(_("Name"), lambda row: row.name),
        Column(_("Login"), lambda row: row.login, 180),
        Column(_("Role"), lambda row: words.choice_name(row.role), 200),
        Column(_("Signing in"), _entry, 170, meaning=_meaning),
    ]


def _entry(row: PersonRow) -> str:
    return _("May sign in") if row.active else _("May not sign in")


def _meaning(row: PersonRow) -> Meaning:
    return Meaning.PERMITTED if row.active else Meaning.REFUSED


class PeoplePart(PartWithForms):
    """The list of people; below it the form that is open."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.rows: list[PersonRow] = []
        self.table = PagedTable(_columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("People"))
        self.table.setFixedHeight(TABLE_PX)
        self.add_person = ActionButton(_("Add a person"), icon="plus", hint="N", parent=self)
        self.change = ActionButton(_("Change"), icon="edit", hint="C", parent=self)
        self.set_theirs = ActionButton(_("Set password"), icon="lock", hint="W", parent=self)
        self.set_own = ActionButton(_("My own password"), icon="lock", hint="O", parent=self)
        self.new_form = NewPersonForm(self)
        self.change_form = ChangePersonForm(self)
        self.password_form = PasswordForm(self)
        self._login = ""
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.add_person, self.change, self.set_theirs):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.set_own)
        self.body.addWidget(self.table)
        self.body.addLayout(buttons)
        self.hold_forms(self.new_form, self.change_form, self.password_form)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.add_person.clicked.connect(self.begin_new)
        self.change.clicked.connect(self.begin_change)
        self.set_theirs.clicked.connect(self.begin_password)
        self.set_own.clicked.connect(self.begin_own)
        self.table.opened.connect(lambda _number: self.begin_change())
        self.new_form.submitted.connect(self._add)
        self.change_form.submitted.connect(self._change)
        self.password_form.submitted.connect(self._set_password)

    def refresh(self) -> None:
        """Read who has an account."""
        for button in (self.add_person, self.change, self.set_theirs):
            button.setVisible(self.may("people"))

        def people(connection: Connection) -> list[PersonRow]:
            from biobank_desktop.persistence.queries import people  # noqa: PLC0415

            return people.people(connection)

        self.desk.read(self, people, self._show, newest="people")

    def begin(self) -> None:
        """The list comes first."""
        self.table.setFocus()

    def close_forms(self) -> None:
        """Put every form away; no password stays typed."""
        for form in self.forms:
            form.ids.forget()
        for field in (self.new_form.password, self.password_form.password, self.password_form.again):
            field.clear()
        super().close_forms()

    def begin_new(self) -> None:
        """Add somebody."""
        if self._open(self.new_form):
            self.new_form.begin()

    def begin_change(self) -> None:
        """Change the person under the cursor."""
        person = self._current()
        if person is not None and self._open(self.change_form):
            self._login = person.login
            self.change_form.begin_for(person)

    def begin_password(self) -> None:
        """Set the password of the person under the cursor."""
        person = self._current()
        if person is not None and self._open(self.password_form):
            self._login = person.login
            self.password_form.begin_for(person.name)

    def begin_own(self) -> None:
        """Set one's own password."""
        actor = self.desk.actor
        if actor is not None and self._open(self.password_form, everybody=True):
            self._login = actor.login
            self.password_form.begin_for(actor.name)

    def _open(self, form: FormCard, *, everybody: bool = False) -> bool:
        if not everybody and not self.may("people"):
            return False
        for other in self.forms:
            other.hide()
        self.open_form(form)
        return True

    def _current(self) -> PersonRow | None:
        number = self.table.current_id()
        return self.rows[number] if number is not None and number < len(self.rows) else None

    def _show(self, rows: list[PersonRow]) -> None:
        at = self.table.currentIndex().row()
        self.rows = rows
        self.table.show_ids(array("q", range(len(rows))), self._fetch)
        if 0 <= at < len(rows):
            self.table.selectRow(at)

    def _fetch(self, numbers: Sequence[int]) -> list[PersonRow]:
        return [self.rows[number] for number in numbers]

    def _add(self) -> None:
        from biobank_desktop.services.people import PersonForm, add_person  # noqa: PLC0415

        form = self.new_form
        person = PersonForm(form.login.text(), form.name.text(), str(form.role.value() or ""))  # type: ignore[arg-type]
        password = form.password.secret()
        if form.role.value() is None:
            form.show_problems((Problem("role", "answer-missing"),))
            return
        command_id = form.ids.of((person, password))
        self._act(
            form,
            command_id,
            lambda store, actor: add_person(store, actor, person, password, command_id),
            _("{name} can sign in now.").format(name=person.name),
        )

    def _change(self) -> None:
        from biobank_desktop.services.people import change_person  # noqa: PLC0415

        form, login = self.change_form, self._login
        row = next(one for one in self.rows if one.login == login)
        role, active, why = form.role.value(), form.active.value(), form.why.text()
        if not why:
            form.show_problems((Problem("why", "reason-missing"),))
            return
        command_id = form.ids.of((login, role, active, why))
        self._act(
            form,
            command_id,
            lambda store, actor: change_person(
                store,
                actor,
                login,
                why=why,
                role=role if role != row.role else None,  # type: ignore[arg-type]
                active=bool(active) if active != row.active else None,
                command_id=command_id,
            ),
            _("{name} is changed.").format(name=row.name),
        )

    def _set_password(self) -> None:
        from biobank_desktop.services.people import set_password  # noqa: PLC0415

        form, login = self.password_form, self._login
        password = form.password.secret()
        if password != form.again.secret():
            form.show_problems((Problem("again", "passwords-differ"),))
            return
        command_id = form.ids.of((login, password))
        self._act(
            form,
            command_id,
            lambda store, actor: set_password(store, actor, login, password, command_id),
            _("The password is set."),
        )

    def _act(
        self, form: FormCard, command_id: UUID, gesture: Callable[[Store, Actor], object], said: str
    ) -> None:
        form.set_busy(True)

        def done(_result: object) -> None:
            self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)
            self.close_forms()

        self.desk.act(
            self,
            gesture,
            done,
            topics={PEOPLE},
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )
