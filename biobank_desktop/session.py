"""A session: settings, database and person together, the same for the window and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Unavailable
from biobank_desktop.persistence import schema
from biobank_desktop.persistence.disk import make_folder
from biobank_desktop.persistence.engine import database_url, make_engine
from biobank_desktop.persistence.journal import Journal, OpenEntry
from biobank_desktop.persistence.pins import Pins
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.seals import Seal, last_seal, latest, seal
from biobank_desktop.persistence.store import Store
from biobank_desktop.services import people
from biobank_desktop.services.lab import Founded, found_lab

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.services.identity.keyring import Keyring
    from biobank_desktop.services.people import PersonForm
    from biobank_desktop.settings import Settings


@dataclass(frozen=True)
class Answer:
    """What became of a command whose answer nobody saw: ``stored`` or not."""

    entry: OpenEntry
    stored: bool


class Session:
    """An open database on this computer, and who works in it (``actor`` is None before signing in)."""

    def __init__(self, settings: Settings, store: Store, pins: Pins, uuid: str) -> None:
        self.settings = settings
        self.store = store
        self.uuid = uuid
        self.actor: Actor | None = None
        self._pins = pins
        self._released = False

    @cached_property
    def keyring(self) -> Keyring:
        """The identity store at this bench, shut until somebody opens it."""
        from biobank_desktop.services.identity.keyring import Keyring  # noqa: PLC0415 - most never need it

        return Keyring(self.store, self.settings)

    def shut_identities(self) -> None:
        """Forget the key of the identity store, when somebody opened it."""
        if "keyring" in vars(self):
            self.keyring.shut()

    @property
    def behind_pin(self) -> Problem | None:
        """Why the database may only be read, when it contradicts this computer's pin."""
        return self.store.read_only

    def sign_in(self, login: str, password: str) -> Actor:
        """Sign a person in. Raises ``Rejected``."""
        self.actor = people.sign_in(self.store, login, password, self.settings.bench)
        return self.actor

    def prove(self, login: str, password: str) -> Actor:
        """Let a person act for one command, without a line of their coming: what they do is line enough.

        Raises ``Rejected``.
        """
        self.actor = people.prove(self.store, login, password, self.settings.bench)
        return self.actor

    def require_actor(self) -> Actor:
        """The person signed in. Raises ``LookupError`` when nobody is."""
        if self.actor is None:
            raise LookupError("nobody is signed in")
        return self.actor

    def seal(self) -> Seal:
        """Seal what has been committed, and remember the newest seal outside the database."""
        newest = seal(self.store)
        if not self.store.read_only:
            self._pins.write(self.uuid, newest)
        return newest

    def last_seal(self) -> Seal:
        """The newest seal of the database."""
        with self.store.read() as connection:
            return last_seal(connection)

    def latest(self) -> datetime | None:
        """The latest moment that the newest seals hold; None when nothing is sealed."""
        with self.store.read() as connection:
            return latest(connection)

    def answers(self) -> list[Answer]:
        """What became of commands that a crash left without an answer."""
        journal = self.store.journal
        if journal is None:
            return []
        return [Answer(entry, self.store.stored(entry.id)) for entry in journal.left_open()]

    def answers_seen(self) -> None:
        """A person has read the answers: forget them."""
        if self.store.journal:
            self.store.journal.forget()

    def late_answers(self, login: str) -> list[Answer]:
        """What became of commands of this person whose answer could not be told when it came."""
        journal = self.store.journal
        if journal is None:
            return []
        return [Answer(entry, self.store.stored(entry.id)) for entry in journal.aside(login)]

    def told(self) -> None:
        """The person was told every answer so far."""
        journal = self.store.journal
        if journal:
            journal.told(journal.take_answered())
            if self._released:
                journal.close()

    def release(self) -> None:
        """Seal, and let go of the database; the journal waits until the person was told."""
        self._released = True
        self.shut_identities()
        try:
            self.seal()
        finally:
            self.store.close()

    def close(self) -> None:
        """Seal, and let go of the database and of the journal."""
        try:
            self.release()
        finally:
            if self.store.journal:
                self.store.journal.close()


def address(settings: Settings) -> str:
    """The database's address without its password: what pins and journals are kept under."""
    return database_url(settings.database).render_as_string(hide_password=True)


def pins_of(settings: Settings) -> Pins:
    """The pin that this computer keeps of the database."""
    return Pins(settings.state_folder / "pins", address(settings))


def _journal(settings: Settings) -> Journal:
    key = sha256(address(settings).encode()).hexdigest()[:32]
    return Journal(settings.state_folder / "journal" / key)


def exists(settings: Settings) -> bool:
    """Whether there is a database to open; one whose founding was cut short is none.

    Raises ``Unavailable`` when that cannot be found out.
    """
    if settings.is_local and not Path(settings.database).exists():
        return False
    store = Store(make_engine(settings.database))
    try:
        with store.read() as connection:
            return schema.current(connection) is not None and not lab.is_empty(connection)
    finally:
        store.close()


def open_session(settings: Settings, *, journal: bool = True) -> Session:
    """Open the database and hold it against this computer's pin; behind its pin it is read-only.

    Raises ``Unavailable``: not there, in use, of another schema, on a network share.
    """
    store = Store(make_engine(settings.database))
    try:
        if settings.is_local and not Path(settings.database).exists():
            raise Unavailable(Problem("database", "database-missing", {"path": settings.database}))
        pins = pins_of(settings)
        with store.read() as connection:
            schema.require_current(connection)
            _require_founded(connection)
            uuid = lab.uuid(connection)
            store.read_only = _contradiction(pins, connection, uuid)
        if journal:
            store.journal = _journal(settings)
    except BaseException:
        store.close()
        raise
    return Session(settings, store, pins, uuid)


def _contradiction(pins: Pins, connection: Connection, uuid: str) -> Problem | None:
    try:
        return pins.problem(connection, uuid)
    except (LookupError, TypeError, ValueError) as error:  # rows that this program never writes
        return Problem("database", "database-damaged", {"said": str(error)})


def _require_founded(connection: Connection) -> None:
    if not lab.is_founded(connection):
        code = "database-empty" if lab.is_empty(connection) else "database-unfinished"
        raise Unavailable(Problem("database", code))


def require_trusted(session: Session) -> None:
    """Raise ``IntegrityBroken`` when the database contradicts this computer's pin."""
    if session.behind_pin:
        raise IntegrityBroken(session.behind_pin)


def found_session(settings: Settings, form: PersonForm, password: str) -> tuple[Session, Founded]:
    """Found a lab in a new or empty database and open it. Raises ``Rejected`` and ``Unavailable``."""
    if settings.is_local:
        make_folder(Path(settings.database).absolute().parent)
    store = Store(make_engine(settings.database))
    try:
        founded = found_lab(store, form, password, settings.bench)
    except BaseException:
        store.close()
        raise
    store.journal = _journal(settings)
    session = Session(settings, store, pins_of(settings), founded.uuid)
    session.actor = founded.actor
    session.seal()
    return session, founded
