"""What every screen works with: the session, the jobs, the frame, and word of what has changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import IntegrityBroken, Rejected, Unavailable
from biobank_desktop.gui.jobs import Jobs, Priority
from biobank_desktop.gui.notices import Action, Level
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.drafts import Drafts
    from biobank_desktop.gui.frame import Frame
    from biobank_desktop.persistence.seals import Seal
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.session import Session

T = TypeVar("T")

SAMPLES, STORAGE, DONORS, LABELS, PEOPLE, SETTINGS = (
    "samples",
    "storage",
    "donors",
    "labels",
    "people",
    "settings",
)
EVERYTHING = frozenset({SAMPLES, STORAGE, DONORS, LABELS, PEOPLE, SETTINGS})

SEAL_AFTER_MS = 600
"""A seal follows a commit within a second."""
LOOK_EVERY_MS = 1000
"""How often a shared database is asked what other benches have done."""


class Desk(QObject):
    """The bench: one database, one person, one window.

    ``read`` asks the database, ``act`` does a gesture; both answer on the window's thread. Screens listen to
    ``changed`` and refresh when one of their topics is in it.
    """

    changed = Signal(object)
    """frozenset of topics whose facts have changed, here or at another bench"""
    person_changed = Signal()
    """somebody signed in or was locked out"""
    somebody_else = Signal()
    """another person signed in than the one before: nothing of theirs may stay in sight"""
    acted = Signal()
    """a command of this bench was stored"""

    def __init__(self, jobs: Jobs, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.frame = frame
        self.session: Session | None = None
        self.drafts: Drafts | None = None
        self._sealed = 0
        self._closed = False
        self._seal_timer = QTimer(self)
        self._seal_timer.setSingleShot(True)
        self._seal_timer.setInterval(SEAL_AFTER_MS)
        self._seal_timer.timeout.connect(self.seal)
        self._look_timer = QTimer(self)
        self._look_timer.setInterval(LOOK_EVERY_MS)
        self._look_timer.timeout.connect(self._look)
        jobs.failed.connect(self._failed)
        self._login = ""
        self.person_changed.connect(self._look_who)

    @property
    def actor(self) -> Actor | None:
        """Who is signed in."""
        return self.session.actor if self.session else None

    def _look_who(self) -> None:
        login = self.actor.login if self.actor else ""
        before, self._login = self._login, login or self._login
        if login and before and login != before:
            self.somebody_else.emit()

    def open(self, session: Session, drafts: Drafts) -> None:
        """Work with this database from now on."""
        self.session, self.drafts = session, drafts
        self.seal()
        if not session.store.is_sqlite:
            self._look_timer.start()

    def close(self) -> None:
        """Nothing is begun any more: the program is closing."""
        self._closed = True
        self._seal_timer.stop()
        self._look_timer.stop()

    def read(
        self,
        owner: QObject,
        query: Callable[[Connection], T],
        then: Callable[[T], None],
        *,
        newest: str | None = None,
        failed: Callable[[Exception], None] | None = None,
        priority: Priority = Priority.SCREEN,
    ) -> None:
        """Ask the database; ``newest`` makes an earlier question of the same key void."""
        store = self._store()

        def work() -> T:
            with store.read() as connection:
                return query(connection)

        self.jobs.run(owner, work, then, newest=newest, failed=failed or self.tell, priority=priority)

    def act(
        self,
        owner: QObject,
        gesture: Callable[[Store, Actor], T],
        then: Callable[[T], None],
        *,
        topics: Iterable[str],
        refused: Callable[[tuple[Problem, ...]], None] | None = None,
    ) -> None:
        """Do a gesture as the person signed in; ``refused`` gets every problem, else a stop shows them.

        The gesture must carry a command id that was minted with its content, so that Enter twice is once.
        """
        store, actor = self._store(), self._actor()
        said = frozenset(topics)

        def done(result: T) -> None:
            self._seal_timer.start()
            then(result)
            self.changed.emit(said)
            self.acted.emit()

        def failed(error: Exception) -> None:
            if isinstance(error, Rejected) and refused is not None:
                refused(error.problems)
            else:
                self.tell(error)

        self.answer(owner, lambda: gesture(store, actor), done, failed)

    def answer(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do what writes; the journal closes its lines once the window has shown what came of it."""
        journal = self._store().journal
        answered: list[UUID] = []

        def watched() -> T:
            try:
                return work()
            finally:
                if journal:
                    answered.extend(journal.take_answered())

        def told(tell: Callable[[Any], None], came: Any) -> None:
            tell(came)
            if journal:
                journal.told(answered)

        self.jobs.run(
            owner, watched, partial(told, done), failed=partial(told, failed), priority=Priority.SCAN
        )

    def tell(self, error: Exception) -> None:
        """Say what went wrong, in the one place where it belongs."""
        if isinstance(error, Rejected):
            self.stop(error.problems)
        elif isinstance(error, (Unavailable, IntegrityBroken)):
            self.frame.notices.banner(
                "database", say(error.problem), Level.BROKEN, Action(_("Try again"), self._try_again)
            )
            self.frame.notices.sound(Sound.WARNING)
        else:
            self.frame.notices.report_bug(error)

    def stop(self, problems: tuple[Problem, ...]) -> None:
        """A stop across the whole width, with every sentence."""
        first, *others = [say(problem) for problem in problems]
        self.frame.notices.stop(first, " ".join(others))

    def seal(self) -> None:
        """Seal what has been committed, in the background."""
        if self.session is not None and not self.session.store.read_only and not self._closed:
            self.jobs.run(self, self.session.seal, self._was_sealed, newest="seal", failed=self.tell)

    def show_record(self, object_id: int) -> None:
        """Open the record of a sample, a donor or a container."""
        kind = codes.kind_of(codes.from_number(object_id))
        if kind is CodeKind.DONOR:
            self.frame.show_screen("donors", donor=object_id)
        elif kind is CodeKind.CONTAINER:
            self.frame.show_screen("storage", container=object_id)
        else:
            self.frame.show_screen("record", sample=object_id)

    def _store(self) -> Store:
        if self.session is None:
            raise LookupError("no database is open")
        return self.session.store

    def _actor(self) -> Actor:
        if self.session is None:
            raise LookupError("no database is open")
        return self.session.require_actor()

    def _was_sealed(self, newest: Seal) -> None:
        self._sealed = newest.size
        self.frame.status.set_sealed(newest.at)
        self.frame.notices.clear_banner("database")

    def _look(self) -> None:
        if self.session is not None:
            self.jobs.run(self, self.session.last_seal, self._saw, newest="look", failed=self.tell)

    def _saw(self, newest: Seal) -> None:
        self.frame.notices.clear_banner("database")
        if newest.size > self._sealed:
            self._sealed = newest.size
            self.frame.status.set_sealed(newest.at)
            self.changed.emit(EVERYTHING)

    def _try_again(self) -> None:
        self.frame.notices.clear_banner("database")
        self.seal()

    def _failed(self, _owner: object, error: Exception) -> None:
        self.tell(error)
