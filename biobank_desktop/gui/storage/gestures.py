"""What the storage screen's forms do: new containers, taking out, printing a label, any other command."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.storage.making import NewContainer
from biobank_desktop.gui.widgets.form_card import FormCard, ReasonForm
from biobank_desktop.language import _
from biobank_desktop.services import labels, placing, storage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.label_printing import Outcome
    from biobank_desktop.persistence.queries.containers import ContainerRow, KindRow
    from biobank_desktop.persistence.store import Store

T = TypeVar("T")
_TOPICS = frozenset({topics.STORAGE, topics.SAMPLES, topics.LABELS})


class Gestures(QObject):
    """Makes the forms and does what they say."""

    finished = Signal()
    """the command is stored: the form can go"""
    made = Signal(str)
    """the code of a new container"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def new_container(
        self, kinds: Sequence[KindRow], outer: ContainerRow | None, position: str
    ) -> NewContainer:
        """The form of a new container."""
        form = NewContainer(kinds, outer, position)

        def submit() -> None:
            problems, wanted = form.problems(), form.form()
            if problems:
                form.show_problems(problems)
                return

            def done(code: object) -> None:
                self.print_label(str(code))
                self.made.emit(str(code))

            self.do(
                form,
                wanted,
                lambda store, actor, i: storage.add_container(store, actor, wanted, i),
                lambda _code: _("Made: {name}.").format(name=wanted.name),
                done,
            )

        form.submitted.connect(submit)
        return form

    def take_out(self, code: str) -> ReasonForm:
        """Asks why a vial leaves its place."""
        form = ReasonForm(
            _("Take {code} out of its place").format(code=codes.group(code)),
            _("It lies nowhere then. Say where it goes and why."),
            _("Take out"),
        )

        def submit() -> None:
            why = form.why.text()
            self.do(
                form,
                (code, why),
                lambda store, actor, i: placing.take_out(store, actor, code, why, i),
                lambda _nothing: _("Taken out: {code}.").format(code=codes.group(code)),
            )

        form.submitted.connect(submit)
        return form

    def print_label(self, code: str) -> None:
        """Ask for a container's label and print it; each press is a label of its own."""
        command_id = uuid4()
        self._desk.act(
            self,
            lambda store, actor: labels.reprint(store, actor, code, "relabel", command_id=command_id),
            lambda _nothing: self._desk.printing.print_for([codes.number(code)], self._printed),
            topics={topics.LABELS},
        )

    def _printed(self, outcome: Outcome) -> None:
        if outcome.failed:
            text = _("The label was not printed: {why} It waits under Labels.")
            self._desk.frame.notices.warn(text.format(why=outcome.failed))
        elif outcome.count:
            self._desk.frame.notices.say(_("Label handed to {place}").format(place=outcome.place))

    def do(
        self,
        form: FormCard,
        content: object,
        command: Callable[[Store, Actor, UUID], T],
        said: Callable[[T], str],
        then: Callable[[T], None] | None = None,
        refused: Callable[[tuple[Problem, ...]], None] | None = None,
    ) -> None:
        """Do what a form says, once for one ``content``; it stays with every problem when that is refused.

        ``said`` makes the words of what was done, ``then`` hears of it when the form has gone, ``refused``
        shows the problems where the form has its own way to.
        """
        command_id = form.ids.of(content)
        form.set_busy(True)

        def done(result: T) -> None:
            self._desk.frame.notices.say(said(result), sound=Sound.DONE)
            self.finished.emit()
            if then is not None:
                then(result)

        self._desk.act(
            form,
            lambda store, actor: command(store, actor, command_id),
            done,
            topics=_TOPICS,
            refused=refused or form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )
