"""Opening a database so that a transaction means what it says: SQLite for one bench, PostgreSQL for many."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, StaticPool, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.persistence.canonical import dumps_text, loads

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from biobank_desktop.persistence.patience import PatientConnection

_NETWORK_TYPES = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ncpfs",
        "9p",
        "fuse.sshfs",
        "fuse.rclone",
        "davfs",
        "ceph",
    }
)
_REMOTE_DRIVE = 4

# The server gives up on a statement, on a lock and on a client unplugged in the middle of a transaction,
# soon enough for a command to be tried again within its 20 seconds.
_SERVER_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=8s -c lock_timeout=3s -c idle_in_transaction_session_timeout=5s"
)
_POSTGRESQL: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "tcp_user_timeout": 10_000,
    "application_name": "biobank-desktop",
    "options": _SERVER_OPTIONS,
}
_NO_LIMITS = text(
    "SELECT set_config('statement_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)
MOUNTS = Path("/proc/mounts")
"""Where Linux says what is mounted; there is none on other systems."""


def database_url(database: str) -> URL:
    """The address of a database given as a path or as a ``postgresql://`` URL.

    Raises ``Unavailable`` for an address of any other kind.
    """
    try:
        if not database.isprintable() or not database.strip():
            raise ValueError("no line of text")
        if "://" not in database:
            return _file_url(Path(database).expanduser())
        url = make_url(database)
        if url.get_backend_name() == "postgresql":
            return url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite" and url.database:
            return _file_url(Path(url.database))
    except (ArgumentError, ValueError, RuntimeError) as error:  # a port that is none; nobody's ~home
        raise Unavailable(Problem("database", "database-address", {"address": database})) from error
    raise Unavailable(Problem("database", "database-address", {"address": url.render_as_string()}))


def _file_url(path: Path) -> URL:
    return URL.create("sqlite", database=os.fspath(path.absolute()))


def make_engine(database: str) -> Engine:
    """An engine on a SQLite path or a PostgreSQL URL; nothing is opened yet.

    Raises ``Unavailable`` when the path lies on a network share: SQLite's locks do not hold there
    (sqlite.org/useovernet.html).
    """
    url = database_url(database)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    path = Path(str(url.database))
    if on_network(path):
        raise Unavailable(Problem("database", "database-on-network", {"path": str(path)}))
    return _sqlite(url)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=StaticPool,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 0.5},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        # Exclusive before WAL: no shared memory file, and no second connection, which is also the
        # precondition of the WAL-reset corruption of SQLite before 3.51.3.
        for pragma in (
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # without it INSERT OR REPLACE deletes past the append-only guards
            "trusted_schema=OFF",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # The driver's own transactions leave SELECT outside: rules that read, then write would be lost.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "commit")
    def _commit(connection: Any) -> None:
        # A COMMIT that a deferred key refuses leaves SQLite inside the transaction, SQLAlchemy outside it.
        try:
            connection.exec_driver_sql("COMMIT")
        except DBAPIError:
            connection.connection.driver_connection.rollback()
            raise

    return engine


def _postgresql(url: URL) -> Engine:
    # A local file needs no psycopg.
    from biobank_desktop.persistence.patience import PatientConnection  # noqa: PLC0415

    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=2,
        pool_pre_ping=False,
        connect_args=_POSTGRESQL,
        json_serializer=dumps_text,
        json_deserializer=loads,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, words: Any) -> Any:
        return PatientConnection.connect(*arguments, **words)

    @event.listens_for(engine, "checkout")
    def _checked_out(connection: PatientConnection, _record: Any, _proxy: Any) -> None:
        # The server was restarted while nobody asked anything: no reason to bother anybody.
        if connection.is_hung_up():
            raise DisconnectionError

    return engine


def connection_of_its_own(engine: Engine) -> PatientConnection:
    """A connection to an engine's PostgreSQL beside its pool, on which every statement is a transaction.

    Raises ``psycopg.OperationalError``.
    """
    from biobank_desktop.persistence.patience import PatientConnection  # noqa: PLC0415

    arguments, words = engine.dialect.create_connect_args(engine.url)
    return PatientConnection.connect(*arguments, **{**words, **_POSTGRESQL}, autocommit=True)


@contextmanager
def begin_together(connection: Connection) -> Iterator[None]:
    """A transaction in which ``unanswered`` statements cost no walk through the network of their own."""
    if connection.dialect.name == "sqlite":
        with connection.begin():
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.together()
    with connection.begin():
        with unanswered(connection):
            connection.exec_driver_sql("BEGIN")
        yield


def unanswered(connection: Connection) -> AbstractContextManager[None]:
    """What is executed here has no answer that anybody needs; an error comes at the next that is needed."""
    if connection.dialect.name == "sqlite":
        return nullcontext()
    driver: Any = connection.connection.driver_connection
    sent: AbstractContextManager[None] = driver.unanswered()
    return sent


def answered_later(connection: Connection) -> AbstractContextManager[None]:
    """What is asked here is answered when the answer is looked at, where statements are sent together."""
    driver: Any = connection.connection.driver_connection
    later: AbstractContextManager[None] = driver.answered_later()
    return later


@contextmanager
def without_limits(connection: Connection) -> Iterator[None]:
    """For long work in the transaction that has begun: no statement of it is given up."""
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    connection.execute(_NO_LIMITS)
    usual, driver.answer_within = driver.answer_within, None
    try:
        yield
    finally:
        driver.answer_within = usual


def on_network(path: Path) -> bool:
    """Whether the path lies on a network file system, read without any library."""
    if sys.platform == "win32":
        drive = path.absolute().anchor
        kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
        return drive.startswith("\\\\") or kernel.GetDriveTypeW(drive) == _REMOTE_DRIVE
    if not MOUNTS.exists():
        return False
    place = path.expanduser().resolve()
    best = (-1, "")
    for line in MOUNTS.read_text("utf-8", "surrogateescape").splitlines():
        point, kind = line.split(" ")[1:3]
        point = point.replace("\\040", " ")
        if place == Path(point) or Path(point) in place.parents:
            best = max(best, (len(point), kind))
    return best[1] in _NETWORK_TYPES
