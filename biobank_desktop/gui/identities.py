"""Who a donor is, at this bench: the store opened for one person, and shut again before anybody else comes.

The key stays on the thread of the database. What is found crosses to the window in a ``Glimpse``, which holds
nothing any more once it is closed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.gui.jobs import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.command_ids import Once
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities
    from biobank_desktop.services.identity.keyring import Keyring, State

T = TypeVar("T")


class Glimpse(Generic[T]):
    """What was found, for as long as whoever asked may see it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: T | None = None
        self._closed = False

    def put(self, found: T) -> None:
        """Show it, unless nobody looks any more."""
        with self._lock:
            if not self._closed:
                self._found = found

    def take(self) -> T | None:
        """What is there to see; None once it is closed."""
        with self._lock:
            return self._found

    def close(self) -> None:
        """Hold nothing from now on, whatever may still come."""
        with self._lock:
            self._closed, self._found = True, None


class IdentityDesk(QObject):
    """The identity store as the window knows it; ``state`` is None until it was asked for."""

    changed = Signal()
    """another state is known"""
    shut = Signal()
    """nothing of anybody may stay in sight"""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self.state: State | None = None
        self.trouble: Problem | None = None
        self._unused = QTimer(self)
        self._unused.setSingleShot(True)
        self._unused.timeout.connect(self.lock)
        desk.person_changed.connect(self.lock)

    @property
    def exists(self) -> bool:
        """Whether this database has an identity store."""
        return self.state is not None and self.state.exists

    @property
    def authorised(self) -> bool:
        """Whether the person signed in may open it."""
        actor = self._desk.actor
        return self.state is not None and actor is not None and actor.login in self.state.holders

    @property
    def opened(self) -> bool:
        """Whether it is open for the person signed in."""
        return self.authorised and self.state is not None and self.state.open_for == self._login()

    def refresh(self) -> None:
        """Ask how it stands."""
        session = self._desk.session
        if session is None:
            return

        def state() -> State:
            return session.keyring.state()

        self._desk.jobs.run(self, state, self._saw, newest="state", failed=self._not_seen)

    def do(
        self,
        owner: QObject,
        gesture: Callable[[Store, Actor, Keyring], T],
        then: Callable[[T], None],
        *,
        refused: Callable[[tuple[Problem, ...]], None],
        ended: Callable[[], None],
        topics: Iterable[str] = (),
        once: Once | None = None,
    ) -> None:
        """Do a gesture with the store's keyring, as ``Desk.act`` does one."""
        session = self._desk.session
        assert session is not None

        def answered() -> None:
            ended()
            self._used()

        self._desk.act(
            owner,
            lambda store, actor: gesture(store, actor, session.keyring),
            then,
            topics=topics,
            refused=refused,
            ended=answered,
            once=once,
        )

    def look(
        self,
        owner: QObject,
        passphrase: str,
        read: Callable[[Store, Identities, Actor], T],
        then: Callable[[T], None],
        *,
        refused: Callable[[tuple[Problem, ...]], None],
        ended: Callable[[], None],
        topics: Iterable[str],
    ) -> Glimpse[T]:
        """See what the open store says, opening it first when a passphrase is given.

        Whoever closes the glimpse is shown nothing; it must be closed when what it shows is put away.
        """
        glimpse: Glimpse[T] = Glimpse()

        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            if passphrase:
                keyring.unlock(actor, passphrase)
            with keyring.opened(actor) as identities:
                glimpse.put(read(store, identities, actor))

        def seen(_nothing: None) -> None:
            found = glimpse.take()
            if found is not None:
                then(found)

        self.do(owner, gesture, seen, refused=refused, ended=ended, topics=topics)
        return glimpse

    def ask(
        self,
        owner: QObject,
        work: Callable[[Store, Actor, Keyring], T],
        then: Callable[[T], None],
        *,
        refused: Callable[[tuple[Problem, ...]], None],
        ended: Callable[[], None],
    ) -> None:
        """Do what is no command: open the store, check it."""
        session, actor = self._desk.session, self._desk.actor
        if session is None or actor is None:
            return

        def failed(error: Exception) -> None:
            if isinstance(error, Rejected):
                refused(error.problems)
            else:
                self._desk.tell(error)

        def answered() -> None:
            self._desk.waiting.end(saving=False)
            if isValid(owner):
                ended()
            self._used()

        self._desk.waiting.begin(saving=False)
        self._desk.jobs.run(
            owner,
            lambda: work(session.store, actor, session.keyring),
            then,
            failed=failed,
            priority=Priority.SCAN,  # before the lock that may follow
            ended=answered,
        )

    def lock(self) -> None:
        """Shut the store here; what is in sight of anybody is put away at once."""
        self._unused.stop()
        self.shut.emit()
        session = self._desk.session
        if session is not None:
            self._desk.jobs.run(self, session.shut_identities, priority=Priority.SCAN)
            if self.state is not None:
                self.refresh()

    def _used(self) -> None:
        """Whatever was asked, the time without a look begins again."""
        from biobank_desktop.services.identity.keyring import OPEN_UNUSED  # noqa: PLC0415

        self._unused.start(int(OPEN_UNUSED.total_seconds() * 1000))
        self.refresh()

    def _saw(self, state: State) -> None:
        self.state, self.trouble = state, None
        self.changed.emit()

    def _not_seen(self, error: Exception) -> None:
        if isinstance(error, (Unavailable, IntegrityBroken)):
            self.state, self.trouble = None, error.problem
            self.changed.emit()
        else:
            self._desk.tell(error)

    def _login(self) -> str:
        return self._desk.actor.login if self._desk.actor else ""
