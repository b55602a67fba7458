"""What the page of a list does: each scan, each form one command, then what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.disposals.forms import OpeningForm, TellForm, WitnessForm
from biobank_desktop.gui.disposals.reading import Recipient
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.form_card import FormCard, ReasonForm
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import disposals, people

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.disposals.reading import Sheet
    from biobank_desktop.persistence.queries.disposals import DisposalLine
    from biobank_desktop.persistence.store import Store

TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS})


class Gestures(QObject):
    """Takes scans, and makes the forms of a list tied to what they do."""

    finished = Signal()
    """a form's command is stored: the form can go"""
    taken = Signal(str)
    """the code of a vial that is gone now"""
    opened = Signal(int)
    """the number of a list that was opened by hand"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def take(self, sheet: Sheet, code: str) -> None:
        """A scanned vial is gone; what does not stand open on the list is a stop."""
        if any(line.code == code for one in sheet.recipients for line in one.lines):
            self._desk.stop((Problem("", "vial-was-issued", {"code": codes.group(code)}),))
            return
        no, command_id = sheet.head.no, uuid4()

        def done(_codes: list[str]) -> None:
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            self._desk.frame.top.show_fact(_("{code} is gone").format(code=codes.group(code)))
            self.taken.emit(code)

        self._desk.act(
            self,
            lambda store, actor: disposals.take_away(store, actor, no, [code], command_id=command_id),
            done,
            topics=TOPICS,
        )

    def form(self, name: str, sheet: Sheet, row: DisposalLine | Recipient | None) -> FormCard | None:
        """The form of an action; None where the line pointed at has no use for it."""
        if name == "witness":
            return self._witness(sheet)
        if name == "tell" and isinstance(row, Recipient):
            return self._tell(sheet, row)
        if row is None or isinstance(row, Recipient):
            return None
        return self._take_back(sheet, row) if name == "back" else self._take_off(sheet, row)

    def close(self, sheet: Sheet) -> None:
        """Close a list of which everything is done and seen."""
        no, command_id = sheet.head.no, uuid4()
        self._desk.act(
            self,
            lambda store, actor: disposals.close_list(store, actor, no, command_id),
            lambda _nothing: self._desk.frame.notices.say(
                _("List {no} is closed.").format(no=no), sound=Sound.DONE
            ),
            topics=TOPICS,
        )

    def opening(self) -> OpeningForm:
        """The form that opens a list by hand."""
        form = OpeningForm()

        def submit() -> None:
            problems = form.problems()
            if problems:
                form.show_problems(problems)
                return
            reason, action = str(form.reason.value()), str(form.action.value())
            samples, why = tuple(form.samples), form.note.text()
            opened: list[int] = []

            def gesture(store: Store, actor: Actor, command_id: UUID) -> None:
                no = disposals.open_list(store, actor, reason, action, samples, why, command_id)
                opened[:] = [no]

            self._act(
                form,
                (reason, action, samples, why),
                gesture,
                lambda: _("List {no} is open.").format(no=opened[0]),
                then=lambda: self.opened.emit(opened[0]),
            )

        form.submitted.connect(submit)
        return form

    def _witness(self, sheet: Sheet) -> FormCard:
        form, no = WitnessForm(sheet.waiting), sheet.head.no

        def submit() -> None:
            problems = form.problems()
            if problems:
                form.show_problems(problems)
                return
            login, password = form.login.text().lower(), form.password.secret()
            form.password.clear()
            seen: list[str] = []

            def gesture(store: Store, actor: Actor, command_id: UUID) -> None:
                seen[:] = witness_those_of_others(
                    store, login, password, actor.bench, no, form.lines, command_id
                )

            self._act(form, (no, login), gesture, lambda: _seen_text(len(seen), len(form.lines)))

        form.submitted.connect(submit)
        return form

    def _tell(self, sheet: Sheet, recipient: Recipient) -> FormCard:
        form, no = TellForm(recipient), sheet.head.no
        told = [line.code for line in recipient.lines if line.state == "open"]

        def submit() -> None:
            note = form.note.text()
            if form.problems():
                form.show_problems(form.problems())
                return
            self._act(
                form,
                (no, note),
                lambda s, a, i: disposals.take_away(s, a, no, told, note, i),
                lambda: _("The recipient was told."),
            )

        form.submitted.connect(submit)
        return form

    def _take_back(self, sheet: Sheet, line: DisposalLine) -> FormCard:
        form = ReasonForm(
            _("Take back: {code}").format(code=codes.group(line.code)),
            _("It is still here and waits on the list again. It has no place: say where it goes."),
            _("Take back"),
        )
        no, code = sheet.head.no, line.code

        def submit() -> None:
            why = form.why.text()
            self._act(
                form,
                (no, code, why),
                lambda s, a, i: disposals.take_back(s, a, no, [code], why, i),
                lambda: _("{code} waits on the list again.").format(code=codes.group(code)),
            )

        form.submitted.connect(submit)
        return form

    def _take_off(self, sheet: Sheet, line: DisposalLine) -> FormCard:
        form = ReasonForm(
            _("Take off the list: {code}").format(code=codes.group(line.code)),
            _("It stays as it is and nobody waits for it on this list any more."),
            _("Take off the list"),
        )
        no, code = sheet.head.no, line.code

        def submit() -> None:
            why = form.why.text()
            self._act(
                form,
                (no, code, why),
                lambda s, a, i: disposals.drop_line(s, a, no, code, why, i),
                lambda: _("{code} is off the list.").format(code=codes.group(code)),
            )

        form.submitted.connect(submit)
        return form

    def _act(
        self,
        form: FormCard,
        content: object,
        command: Callable[[Store, Actor, UUID], object],
        said: Callable[[], str],
        then: Callable[[], None] | None = None,
    ) -> None:
        """Ask the database; the same content twice is the same command."""
        command_id = form.ids.of(content)
        form.set_busy(True)

        def done(_result: object) -> None:
            self._desk.frame.notices.say(said(), sound=Sound.DONE)
            self.finished.emit()
            if then is not None:
                then()

        self._desk.act(
            form,
            lambda store, actor: command(store, actor, command_id),
            done,
            topics=TOPICS,
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )


def witness_those_of_others(
    store: Store,
    login: str,
    password: str,
    bench: str,
    no: int,
    lines: Sequence[DisposalLine],
    command_id: UUID,
) -> list[str]:
    """Let a second person sign for what others did; the lines of their own wait for somebody else.

    Raises ``Rejected`` for a wrong password, and for who did all of it.
    """
    signed = people.sign(store, login, password, bench)
    others = [line.code for line in lines if line.done_by != signed.actor.login]
    if not others:
        raise Rejected(Problem("witness", "witness-did-it", {"name": signed.actor.name}))
    return disposals.witness(store, signed, no, others, command_id)


def _seen_text(seen: int, waiting: int) -> str:
    text = ngettext("{count} line is witnessed.", "{count} lines are witnessed.", seen)
    rest = waiting - seen
    if not rest:
        return text
    more = ngettext(
        "{count} line of their own waits for somebody else.",
        "{count} lines of their own wait for somebody else.",
        rest,
    )
    return f"{text} {more}"
