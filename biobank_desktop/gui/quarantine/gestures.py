"""What is done with a nonconformity: decided with a signature, more held back, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import people, quarantine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.nonconformities import HeldSample
    from biobank_desktop.persistence.store import Store

T = TypeVar("T")

_TOPICS = frozenset({topics.SAMPLES})


class DecisionForm(FormCard):
    """The reason of a decision, and the password again: it is signed."""

    def __init__(self, title: str, text: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(title, text, action, parent)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.password = SecretField(_("Your password, to sign"), name="password", parent=self)
        self.add_row([self.why, self.password], 2)

    def problems(self) -> list[Problem]:
        """What is not answered; a missing password is no wrong one."""
        problems = [] if self.why.text() else [Problem("why", "reason-missing")]
        return problems if self.password.secret() else [*problems, Problem("password", "answer-missing")]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Every problem beside its field; a password that was refused is typed again."""
        if any(problem.field == "password" for problem in problems):
            self.password.clear()
        super().show_problems(problems)


class ClosingForm(FormCard):
    """What was learned, and what was done about it."""

    def __init__(self, no: int, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Close nonconformity {no}").format(no=no),
            _("After this nothing is added or decided under its number."),
            _("Close it"),
            parent,
        )
        self.conclusion = FieldBox(
            _("What was the cause, what was done about it"), name="conclusion", parent=self
        )
        self.add_row([self.conclusion], 1)


class Gestures(QObject):
    """Makes the forms of a nonconformity's actions and does what they say."""

    finished = Signal()
    """the command of a form is stored: the form can go"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ids = CommandIds()

    def hold_more(
        self,
        no: int,
        given: Sequence[str],
        *,
        refused: Callable[[tuple[Problem, ...]], None] | None = None,
        done: Callable[[], None] | None = None,
    ) -> None:
        """Hold back more; without ``refused`` what is wrong is a stop. ``done``: they are held back."""
        command_id = self._ids.of((no, tuple(given)))

        def held(samples: list[str]) -> None:
            if done is not None:
                done()
            said = _("Held back: {codes}.").format(codes=words.some_codes(samples))
            self._desk.frame.notices.say(said, sound=Sound.ACCEPTED)

        self._desk.act(
            self,
            lambda store, actor: quarantine.hold_more(store, actor, no, given, command_id),
            held,
            topics=_TOPICS,
            refused=refused,
            once=self._ids.once(command_id),
        )

    def decide(self, no: int, held: Sequence[HeldSample], judgement: str) -> DecisionForm:
        """The form that decides about samples."""
        given, count = [one.code for one in held], len(held)
        if judgement == "accept":
            title = ngettext("Accept {count} sample", "Accept {count} samples", count)
            text = _("May be used and released again; the deviation stays on record.")
        else:
            title = ngettext("Destroy {count} sample", "Destroy {count} samples", count)
            text = _("Stays held back; a list is opened, to be worked off with a witness.")
        form = DecisionForm(title, f"{words.some_codes(given)}. {text}", _("Sign"))

        def done(listed: int | None) -> None:
            self._desk.frame.notices.say(_decided(count, judgement, listed), sound=Sound.DONE)
            self.finished.emit()

        def submit() -> None:
            why, password = form.why.text(), form.password.secret()
            if form.problems():
                form.show_problems(form.problems())
                return

            def decide(store: Store, actor: Actor, command_id: UUID) -> int | None:
                signed = people.sign(store, actor.login, password, actor.bench)
                return quarantine.decide(store, signed, no, given, judgement, why, command_id)

            self._send(form, (no, tuple(given), judgement, why), decide, done)

        form.submitted.connect(submit)
        return form

    def close(self, no: int) -> ClosingForm:
        """The form that closes it."""
        form = ClosingForm(no)

        def done(_nothing: None) -> None:
            self._desk.frame.notices.say(_("Nonconformity {no} is closed.").format(no=no), sound=Sound.DONE)
            self.finished.emit()

        def submit() -> None:
            conclusion = form.conclusion.text()
            self._send(
                form, (no, conclusion), lambda s, a, i: quarantine.close(s, a, no, conclusion, i), done
            )

        form.submitted.connect(submit)
        return form

    def _send(
        self,
        form: FormCard,
        content: object,
        command: Callable[[Store, Actor, UUID], T],
        done: Callable[[T], None],
    ) -> None:
        """Ask the database; the same content twice is the same command."""
        command_id = form.ids.of(content)
        form.set_busy(True)
        self._desk.act(
            form,
            lambda store, actor: command(store, actor, command_id),
            done,
            topics=_TOPICS,
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )


def _decided(count: int, judgement: str, listed: int | None) -> str:
    if judgement == "accept":
        return ngettext("{count} sample accepted.", "{count} samples accepted.", count)
    if listed is None:
        return _("To be destroyed; nothing is left here that a list could name.")
    said = ngettext("{count} sample to be destroyed.", "{count} samples to be destroyed.", count)
    return f"{said} " + _("List {no} is open.").format(no=listed)
