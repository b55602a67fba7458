"""What every screen works with: the session, the jobs, the frame, and word of what has changed."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.gui.bench_camera import BenchCamera
from biobank_desktop.gui.clock_watch import ClockWatch
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.identities import IdentityDesk
from biobank_desktop.gui.jobs import Jobs, Priority
from biobank_desktop.gui.label_printing import LabelPrinting
from biobank_desktop.gui.news import News
from biobank_desktop.gui.notices import Action, Level
from biobank_desktop.gui.serial_scanner import SerialScanner
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.telling import Asked, Telling
from biobank_desktop.gui.waiting import Waiting
from biobank_desktop.gui.widgets.status_line import Light
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.command_ids import Once
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
    rested = Signal(bool)
    """the last command under way has its answer; False when it was not stored"""

    def __init__(self, jobs: Jobs, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.frame = frame
        self.session: Session | None = None
        self.drafts: Drafts | None = None
        self.waiting = Waiting(frame, self)
        self._closed = False
        self._under_way: set[UUID] = set()
        self._clock = ClockWatch(frame.notices, utc_now)
        self.telling = Telling(self)
        self._seal_timer = QTimer(self)
        self._seal_timer.setSingleShot(True)
        self._seal_timer.setInterval(SEAL_AFTER_MS)
        self._seal_timer.timeout.connect(self.seal)
        self.news = News(self)
        self.news.came.connect(lambda: self.changed.emit(EVERYTHING))
        self.news.seen.connect(self._saw)
        jobs.failed.connect(self._failed)
        self._login = ""
        self.person_changed.connect(self._look_who)
        self.identities = IdentityDesk(self)
        self.printing = LabelPrinting(self)
        self.scanner = SerialScanner(self)
        self.scanner.came.connect(frame.bus.hear)
        self.scanner.connected.connect(self._scanner_seen)
        self.camera = BenchCamera(self)

    @property
    def actor(self) -> Actor | None:
        """Who is signed in."""
        return self.session.actor if self.session else None

    def _look_who(self) -> None:
        login = self.actor.login if self.actor else ""
        before, self._login = self._login, login or self._login
        another = bool(login and before and login != before)
        if login:
            self.telling.person_came(another=another)
        if another:
            self.frame.typed_codes.clear()
            self.somebody_else.emit()

    def open(self, session: Session, drafts: Drafts) -> None:
        """Work with this database from now on."""
        self.session, self.drafts = session, drafts
        self._clock.open()
        self.jobs.run(self, session.latest, self._clock.see, failed=self.tell)
        self.seal()
        self.news.open()
        self.use_scanner()

    def use_scanner(self) -> None:
        """Use the serial scanner and the camera that the settings of this bench name, if they name one."""
        if self.session is not None:
            kept = self.session.settings
            self.frame.status.set_scanner("")
            self.scanner.use(kept.scanner_port, kept.scanner_speed)
            self.camera.follow()

    def close(self) -> None:
        """Nothing is begun any more: the program is closing."""
        self._closed = True
        self._seal_timer.stop()
        self.news.close()
        self.scanner.close()
        self.camera.close()

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

        self.waiting.begin(saving=False)
        self.jobs.run(
            owner,
            work,
            then,
            newest=newest,
            failed=failed or self.tell,
            priority=priority,
            ended=lambda: self.waiting.end(saving=False),
        )

    def act(
        self,
        owner: QObject,
        gesture: Callable[[Store, Actor], T],
        then: Callable[[T], None],
        *,
        topics: Iterable[str],
        refused: Callable[[tuple[Problem, ...]], None] | None = None,
        once: Once | None = None,
        ended: Callable[[], None] | None = None,
        actor: Actor | None = None,
    ) -> None:
        """Do a gesture as ``actor``, else as the person signed in; when nobody is, it is not done.

        The gesture must carry a command id that was minted with its content: given as ``once``, it is not
        begun again while it is under way. ``refused`` gets every problem, else a stop shows them; ``ended``
        is called before, whatever came of it. Who asked is told; one who is not at the bench, later.
        """
        who = actor or self._who_acts()
        if who is None or (once is not None and once.command in self._under_way):
            return
        store, said = self._store(), frozenset(topics)

        def done(result: T) -> None:
            if once is not None:
                once.ids.done(once.command)
            self.frame.typed_codes -= who.typed
            then(result)

        def failed(error: Exception) -> None:
            if isinstance(error, Rejected) and refused is not None and isValid(owner):
                refused(error.problems)
            else:
                self.tell(error)

        def answered() -> None:
            if once is not None:
                self._under_way.discard(once.command)
            if ended is not None and isValid(owner):
                ended()
            self._answered(asked, said)

        asked = Asked(who.login, owner, done, failed)
        if once is not None:
            self._under_way.add(once.command)
        self.telling.run(asked, lambda: gesture(store, who), answered)

    def _who_acts(self) -> Actor | None:
        """Who is signed in, with what they have typed for what they do now."""
        return self.actor and replace(self.actor, typed=frozenset(self.frame.typed_codes))

    def _answered(self, asked: Asked, said: frozenset[str]) -> None:
        if asked.stored:
            self.frame.bus.hammering.stored()
            if not self._closed:
                self._seal_timer.start()
        self.telling.tell_whom(asked, self._login)
        if asked.stored:
            self.changed.emit(said)
            self.acted.emit()
        if not self.waiting.saving:
            self.rested.emit(asked.stored)

    def answer(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do what writes as nobody yet: signing in."""
        asked = Asked("", owner, done, failed)
        self.telling.run(asked, work, lambda: self.telling.tell(asked))

    def tell(self, error: Exception) -> None:
        """Say what went wrong, in the one place where it belongs."""
        if isinstance(error, Rejected):
            self.stop(error.problems)
        elif isinstance(error, OSError):
            self.tell(Unavailable(of_disk(error)))
        elif isinstance(error, (Unavailable, IntegrityBroken)):
            self.frame.notices.banner(
                "database", say(error.problem), Level.BROKEN, Action(_("Try again"), self._try_again)
            )
            self.frame.notices.sound(Sound.WARNING)
        else:
            self.frame.notices.report_bug(error)

    def stop(self, problems: tuple[Problem, ...], way_on: Action | None = None) -> None:
        """A stop across the whole width, with every sentence, and the way on where there is one."""
        first, *others = [say(problem) for problem in problems]
        self.frame.notices.stop(first, " ".join(others), way_on=way_on)

    def seal(self) -> None:
        """Seal what has been committed, in the background."""
        if self.session is not None and not self.session.store.read_only and not self._closed:
            self.jobs.run(self, self.session.seal, self._saw, newest="seal", failed=self.tell)

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

    def _saw(self, newest: Seal) -> None:
        """The database answers, and this is its newest seal."""
        self._clock.see(newest.at if newest.size else None)
        if newest.size:
            self.frame.status.set_sealed(newest.at)
        self.frame.notices.clear_banner("database")
        self.telling.tell_late()

    def _scanner_seen(self, port: str, there: bool) -> None:
        name = port.rsplit("/", 1)[-1]
        if there:
            self.frame.status.set_scanner(_("Scanner {port}").format(port=name), Light.OK)
        else:
            text = _("Scanner {port} is not connected").format(port=name)
            self.frame.status.set_scanner(text, Light.BROKEN)

    def _try_again(self) -> None:
        self.frame.notices.clear_banner("database")
        self.seal()

    def _failed(self, _owner: object, error: Exception) -> None:
        self.tell(error)


def of_disk(error: OSError) -> Problem:
    """What to say of a file of this bench that cannot be read or written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Problem("", "disk-full")
    return Problem("", "file-of-bench", {"said": error.strerror or str(error)})
