"""Who is told what came of a command: whoever asked for it, now or as soon as they are at the bench again.

The journal keeps a command's line open until its person was told, so what could not be told here is told at
the next start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from shiboken6 import isValid

from biobank_desktop.gui.jobs import Priority
from biobank_desktop.gui.notices import Level
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.journal import Journal
    from biobank_desktop.session import Answer


@dataclass
class Asked:
    """A command under way: who asked for it ("" when nobody is signed in yet), and how they are told."""

    login: str
    owner: QObject
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    commands: list[UUID] = field(default_factory=list)
    result: Any = None
    error: Exception | None = None

    @property
    def stored(self) -> bool:
        """Whether it was."""
        return self.error is None


class Telling(QObject):
    """Runs what writes and sees to it that the right person hears what came of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._held: list[Asked] = []
        self.leaving = False
        """the window is closing: what is stored from now on is told at the next start"""

    @property
    def _journal(self) -> Journal | None:
        return self._desk.session.store.journal if self._desk.session else None

    def run(self, asked: Asked, work: Callable[[], Any], answered: Callable[[], None]) -> None:
        """Do the work on the database's thread; ``answered`` is called with the answer in ``asked``."""
        journal = self._journal

        def watched() -> Any:
            try:
                return work()
            finally:
                if journal:
                    asked.commands.extend(journal.take_answered())

        def done(result: Any) -> None:
            asked.result = result
            answered()

        def failed(error: Exception) -> None:
            asked.error = error
            answered()

        self._desk.waiting.begin(saving=True)
        self._desk.jobs.run(
            self,
            watched,
            done,
            failed=failed,
            priority=Priority.SCAN,
            ended=lambda: self._desk.waiting.end(saving=True),
        )

    def tell_whom(self, asked: Asked, last: str) -> None:
        """Tell who asked: now, when they unlock, or later in words when another one is at the bench.

        ``last`` is who was signed in last.
        """
        here = self._here()
        if self.leaving and asked.stored:
            return
        if here == asked.login:
            self.tell(asked)
        elif not here and last == asked.login:
            self._held.append(asked)
        else:
            self._put_aside(asked)

    def tell(self, asked: Asked) -> None:
        """Tell whoever is at the bench; a form that is gone is told of in words."""
        if not asked.stored:
            assert asked.error is not None
            asked.failed(asked.error)
        elif isValid(asked.owner):
            asked.done(asked.result)
        else:
            self._put_aside(asked)
            self.tell_late()
            return
        journal = self._journal
        if journal:
            journal.told(asked.commands)

    def person_came(self, *, another: bool) -> None:
        """Somebody signed in: the one of before, or another one."""
        held, self._held = self._held, []
        for asked in held:
            if another:
                self._put_aside(asked)
            else:
                self.tell(asked)
        self.tell_late()

    def tell_late(self) -> None:
        """Look up, and tell the person at the bench, what they were not told when it came."""
        session, journal, login = self._desk.session, self._journal, self._here()
        if session is None or journal is None or not login or self.leaving:
            return
        if journal.aside(login):
            self._desk.jobs.run(
                self,
                lambda: session.late_answers(login),
                lambda answers: self._say_late(login, answers),
                newest="late",
                failed=_say_nothing,  # the database is away: asked again when it is back
            )

    def _say_late(self, login: str, answers: list[Answer]) -> None:
        if self._here() != login or not answers:
            return
        said = []
        for stored, words in ((True, _("Stored: {what}.")), (False, _("Not stored, do it again: {what}."))):
            what = [_words(one) for one in answers if one.stored is stored]
            said += [words.format(what=", ".join(what))] if what else []
        text = _("The answer came late. {said}").format(said=" ".join(said))
        self._desk.frame.notices.banner(f"late-{answers[0].entry.id}", text, Level.INFO, stays=False)
        self._desk.frame.notices.sound(Sound.WARNING)
        journal = self._journal
        if journal:
            journal.told(one.entry.id for one in answers)

    def _put_aside(self, asked: Asked) -> None:
        journal = self._journal
        if journal:
            journal.put_aside(asked.commands)

    def _here(self) -> str:
        actor = self._desk.actor
        return actor.login if actor else ""


def _words(answer: Answer) -> str:
    return f"{_('event.' + answer.entry.kind)} {answer.entry.title}".strip()


def _say_nothing(_error: Exception) -> None:
    """Nothing new to say."""
