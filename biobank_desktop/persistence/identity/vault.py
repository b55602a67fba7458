"""The identity store's database: a second SQLite file, or a schema of its own on PostgreSQL.

It holds what only a key makes legible and knows no key itself.
"""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, delete, event, inspect, select, text, true
from sqlalchemy.schema import CreateSchema

from biobank_desktop.domain.problems import Conflict, Problem, Rejected, Unavailable
from biobank_desktop.persistence.engine import make_engine, without_limits
from biobank_desktop.persistence.errors import border
from biobank_desktop.persistence.identity import tables
from biobank_desktop.persistence.identity.keys import Sealed, Stretching
from biobank_desktop.persistence.identity.records import Digest, Record
from biobank_desktop.persistence.identity.scans import Scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement, Select

Row = dict[str, Any]
"""A row as it lies in a table."""

FORMAT = "2"
"""Scans are kept since 2; a program that does not know it refuses the store."""
_BEFORE = "1"
RECOVERY = ""
"""The holder of the wrap that the recovery code opens."""


@dataclass(frozen=True)
class Wrap:
    """The store key for one holder."""

    holder: str
    how: Stretching
    sealed: Sealed
    at: datetime


@dataclass(frozen=True)
class Erased:
    """A donor whose identity was erased, and the command that did it."""

    donor_id: int
    command_id: UUID
    at: datetime


def beside(database: str) -> Path:
    """Where the identity file of a SQLite database lies unless the settings say otherwise."""
    return Path(database).with_suffix(".identity.sqlite")


def open_vault(database: str, file: Path | None = None) -> Vault:
    """The identity store of a database, which need not be there yet; ``file`` for SQLite only.

    Raises ``Unavailable`` on a network share.
    """
    if "://" in database:
        return Vault(make_engine(database), None)
    path = file or beside(database)
    engine = make_engine(os.fspath(path)).execution_options(schema_translate_map={tables.SCHEMA: None})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA secure_delete=ON").fetchall()  # an erased key is overwritten

    return Vault(engine, path)


class Vault:
    """The rows of an identity store. Belongs to one thread at a time."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self._engine = engine
        self._file = file

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if not self._file_is_there():
            raise Unavailable(Problem("identity", "identity-store-missing"))
        with border(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction; on PostgreSQL no other bench writes identities meanwhile."""
        if not self._file_is_there():
            raise Unavailable(Problem("identity", "identity-store-missing"))
        with border(), self._engine.begin() as connection:
            if connection.dialect.name != "sqlite":
                connection.execute(text("LOCK TABLE identity.meta IN SHARE ROW EXCLUSIVE MODE"))
            yield connection

    def _file_is_there(self) -> bool:
        return self._file is None or self._file.exists()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # The store itself --------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether there is an identity store. Raises ``Unavailable``."""
        if not self._file_is_there():
            return False
        with self._reading() as connection:
            schema = None if self._file else tables.SCHEMA
            if not inspect(connection).has_table("meta", schema=schema):
                return False
            return _value(connection, "uuid") is not None

    def create(self, lab: str, uuid: str, wraps: Iterable[Wrap]) -> None:
        """Make the tables, whole or not at all. Raises ``Rejected`` when there are some already."""
        about = {"uuid": uuid, "lab": lab, "format": FORMAT}
        self.restore(
            {
                "meta": [{"key": key, "value": value} for key, value in about.items()],
                "store_key": [_wrap_row(wrap) for wrap in wraps],
            }
        )

    def restore(self, rows: Mapping[str, list[Row]], scans: Iterable[Row] = ()) -> None:
        """Make the tables with these rows, whole or not at all. Raises ``Rejected`` when there are some."""
        if self.exists():
            raise Rejected(Problem("identity", "identity-store-there"))
        if self._file:
            self._file.touch(mode=0o600)
        with border(), self._engine.begin() as connection, without_limits(connection):
            if not self._file and not inspect(connection).has_schema(tables.SCHEMA):
                connection.execute(CreateSchema(tables.SCHEMA))
            tables.metadata.create_all(connection)
            for table in tables.metadata.sorted_tables:
                if rows.get(table.name):
                    connection.execute(table.insert(), rows[table.name])
            for scan in scans:
                connection.execute(tables.scan.insert(), [scan])

    @contextmanager
    def dump(self) -> Iterator[tuple[dict[str, list[Row]], Iterator[Row]]]:
        """Every row of every table as of one moment; those of scans one by one, for they are large."""
        with self._reading() as connection:
            if not self._file:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with without_limits(connection):
                rows = {
                    table.name: [
                        dict(row)
                        for row in connection.execute(
                            select(table).order_by(*table.primary_key.columns)
                        ).mappings()
                    ]
                    for table in tables.metadata.sorted_tables
                    if table is not tables.scan
                }
                yield rows, _whole_scans(connection)

    def identity(self) -> tuple[str, str]:
        """The store's own uuid and that of the lab it belongs to; one of the format before is brought up.

        Raises ``Unavailable`` when there is none, or one that a newer program wrote.
        """
        if not self.exists():
            raise Unavailable(Problem("identity", "identity-store-missing"))
        with self._reading() as connection:
            known = _value(connection, "format")
            about = str(_value(connection, "uuid")), str(_value(connection, "lab"))
        if known == _BEFORE:
            self._bring_up()
        elif known != FORMAT:
            raise Unavailable(Problem("identity", "identity-store-newer"))
        return about

    def _bring_up(self) -> None:
        """Make room for scans; another bench may have done so meanwhile."""
        with self._writing() as connection:
            tables.scan.create(connection, checkfirst=True)
            connection.execute(tables.meta.update().where(tables.meta.c.key == "format").values(value=FORMAT))

    # Who may open it ---------------------------------------------------------------------------------

    def wraps(self) -> dict[str, Wrap]:
        """The wraps of the store key by holder; the recovery code's too."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.store_key).order_by(tables.store_key.c.holder))
            return {row.holder: _wrap(row) for row in rows}

    def put_wrap(self, wrap: Wrap) -> None:
        """Let a holder in, or give one another passphrase."""
        with self._writing() as connection:
            connection.execute(delete(tables.store_key).where(tables.store_key.c.holder == wrap.holder))
            connection.execute(tables.store_key.insert(), [_wrap_row(wrap)])

    def remove_wrap(self, holder: str) -> bool:
        """Let a holder in no longer; whether there was a wrap."""
        with self._writing() as connection:
            gone = connection.execute(delete(tables.store_key).where(tables.store_key.c.holder == holder))
            return gone.rowcount > 0

    # Records -----------------------------------------------------------------------------------------

    def add(self, record: Record, unique: frozenset[Digest], at: datetime) -> bool:
        """Keep a record unless another donor has one of the ``unique`` digests; whether it is kept.

        The same record again changes nothing. Raises ``Rejected`` when the donor's identity was erased.
        """
        with self._writing() as connection:
            _require_not_erased(connection, record.donor_id)
            if any(number != record.donor_id for number in _donors_of(connection, unique)):
                return False
            known = select(tables.donor_key.c.record_id).where(tables.donor_key.c.record_id == record.id)
            if not connection.execute(known).first():
                _insert(connection, record, at)
        return True

    def records(self, donors: Iterable[int] | None = None) -> list[Record]:
        """The records of these donors, or of all, by donor and age."""
        keys = select(tables.donor_key).order_by(tables.donor_key.c.donor_id, tables.donor_key.c.at)
        if donors is not None:
            keys = keys.where(tables.donor_key.c.donor_id.in_(sorted(set(donors))))
        with self._reading() as connection:
            return _records(connection, keys)

    def moments(self) -> dict[UUID, datetime]:
        """When each record was written, by this bench's clock then."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.donor_key.c.record_id, tables.donor_key.c.at))
            return {row.record_id: row.at for row in rows}

    def donors_with(self, wanted: Iterable[Digest]) -> set[int]:
        """The donors that have a record with one of the digests."""
        with self._reading() as connection:
            return set(_donors_of(connection, wanted))

    def remove(self, ids: Iterable[UUID]) -> None:
        """Destroy records with their keys."""
        with self._writing() as connection:
            _remove(connection, tables.donor_key.c.record_id.in_(list(ids)))
        self._overwrite()

    def erase(self, gone: Erased) -> None:
        """Destroy every record and scan of a donor, and note that none may come again; once is enough."""
        with self._writing() as connection:
            _remove(connection, tables.donor_key.c.donor_id == gone.donor_id)
            connection.execute(delete(tables.scan).where(tables.scan.c.donor_id == gone.donor_id))
            known = select(tables.erased.c.donor_id).where(tables.erased.c.donor_id == gone.donor_id)
            if not connection.execute(known).first():
                row = {"donor_id": gone.donor_id, "record_id": gone.command_id, "at": gone.at}
                connection.execute(tables.erased.insert(), [row])
        self._overwrite()

    def erased(self) -> list[Erased]:
        """Who was erased."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.erased).order_by(tables.erased.c.donor_id))
            return [Erased(row.donor_id, row.record_id, row.at) for row in rows]

    # Scans -------------------------------------------------------------------------------------------

    def add_scan(self, scan: Scan, content: Sealed, at: datetime) -> None:
        """Keep a scan; the same one again changes nothing.

        Raises ``Rejected`` when the donor's identity was erased.
        """
        with self._writing() as connection, without_limits(connection):
            _require_not_erased(connection, scan.donor_id)
            known = select(tables.scan.c.record_id).where(tables.scan.c.record_id == scan.id)
            if not connection.execute(known).first():
                sealed = {"nonce": content.nonce, "ciphertext": content.ciphertext}
                connection.execute(tables.scan.insert(), [{**_scan_row(scan), **sealed, "at": at}])

    def scans(self, donors: Iterable[int] | None = None) -> list[Scan]:
        """The scans of these donors, or of all, by donor and age; without their content."""
        one = tables.scan.c
        asked = select(*_SCAN_COLUMNS).order_by(one.donor_id, one.at, one.record_id)
        if donors is not None:
            asked = asked.where(one.donor_id.in_(sorted(set(donors))))
        with self._reading() as connection:
            return [_scan(row) for row in connection.execute(asked)]

    def scan_content(self, scan: Scan) -> Sealed:
        """What is sealed of a scan. Raises ``Conflict`` when it is gone meanwhile."""
        one = tables.scan.c
        with self._reading() as connection, without_limits(connection):
            asked = select(one.nonce, one.ciphertext).where(one.record_id == scan.id)
            row = connection.execute(asked).first()
        if row is None:
            raise Conflict(Problem("identity", "identity-changed-meanwhile"))
        return Sealed(row.nonce, row.ciphertext)

    def scan_moments(self) -> dict[UUID, datetime]:
        """When each scan was written, by this bench's clock then."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.scan.c.record_id, tables.scan.c.at))
            return {row.record_id: row.at for row in rows}

    def remove_scans(self, ids: Iterable[UUID]) -> None:
        """Destroy scans with their keys."""
        with self._writing() as connection:
            connection.execute(delete(tables.scan).where(tables.scan.c.record_id.in_(list(ids))))
        self._overwrite()

    # Everything --------------------------------------------------------------------------------------

    def replace_all(self, records: Iterable[Record], scans: Iterable[Scan], wraps: Iterable[Wrap]) -> None:
        """Put the same records and scans under another store key, whole or not at all; other wraps are gone.

        Raises ``Conflict`` when another bench wrote meanwhile.
        """
        with self._writing() as connection, without_limits(connection):
            moments = connection.execute(select(tables.donor_key.c.record_id, tables.donor_key.c.at)).all()
            written = {row.record_id: row.at for row in moments}
            fresh = list(records)
            keys = {scan.id: scan.key for scan in scans}
            kept = set(connection.execute(select(tables.scan.c.record_id)).scalars())
            if written.keys() != {record.id for record in fresh} or kept != keys.keys():
                raise Conflict(Problem("identity", "identity-changed-meanwhile"))
            _remove(connection, true())
            connection.execute(delete(tables.store_key))
            connection.execute(tables.store_key.insert(), [_wrap_row(wrap) for wrap in wraps])
            for record in fresh:
                _insert(connection, record, written[record.id])
            for scan_id, key in keys.items():
                values = {"key_nonce": key.nonce, "wrapped": key.ciphertext}
                connection.execute(
                    tables.scan.update().where(tables.scan.c.record_id == scan_id).values(values)
                )
        self._overwrite()

    def _overwrite(self) -> None:
        """What was deleted leaves the write-ahead file too; PostgreSQL does it in its own time."""
        if self._file:
            with border(), self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def new_uuid() -> str:
    """The uuid of a new store."""
    return str(uuid4())


def _value(connection: Connection, key: str) -> str | None:
    return connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == key)).scalar()


def _wrap(row: Any) -> Wrap:
    how = Stretching(row.salt, row.time_cost, row.memory_kib, row.parallelism)
    return Wrap(row.holder, how, Sealed(row.nonce, row.wrapped), row.at)


def _wrap_row(wrap: Wrap) -> dict[str, Any]:
    return {
        "holder": wrap.holder,
        **vars(wrap.how),
        "nonce": wrap.sealed.nonce,
        "wrapped": wrap.sealed.ciphertext,
        "at": wrap.at.astimezone(UTC),
    }


def _require_not_erased(connection: Connection, donor_id: int) -> None:
    gone = select(tables.erased.c.donor_id).where(tables.erased.c.donor_id == donor_id)
    if connection.execute(gone).first():
        raise Rejected(Problem("donor", "identity-was-erased"))


_SCAN_COLUMNS = tuple(
    tables.scan.c[name] for name in ("record_id", "donor_id", "sha256", "media_type", "key_nonce", "wrapped")
)


def _scan(row: Any) -> Scan:
    return Scan(row.record_id, row.donor_id, row.sha256, row.media_type, Sealed(row.key_nonce, row.wrapped))


def _scan_row(scan: Scan) -> Row:
    return {
        "record_id": scan.id,
        "donor_id": scan.donor_id,
        "sha256": scan.sha256,
        "media_type": scan.media_type,
        "key_nonce": scan.key.nonce,
        "wrapped": scan.key.ciphertext,
    }


def _whole_scans(connection: Connection) -> Iterator[Row]:
    ids = connection.execute(select(tables.scan.c.record_id).order_by(tables.scan.c.record_id)).scalars()
    for one in ids.all():
        asked = select(tables.scan).where(tables.scan.c.record_id == one)
        yield dict(connection.execute(asked).mappings().one())


def _donors_of(connection: Connection, wanted: Iterable[Digest]) -> list[int]:
    index, key = tables.blind_index.c, tables.donor_key.c
    found: set[int] = set()
    for kind, digest in sorted(wanted):
        asked = select(key.donor_id).join_from(tables.donor_key, tables.blind_index)
        found.update(connection.execute(asked.where(index.kind == kind, index.digest == digest)).scalars())
    return sorted(found)


def _insert(connection: Connection, record: Record, at: datetime) -> None:
    key = {"nonce": record.key.nonce, "wrapped": record.key.ciphertext}
    row = {"record_id": record.id, "donor_id": record.donor_id, "at": at, **key}
    connection.execute(tables.donor_key.insert(), [row])
    fields = [
        {"record_id": record.id, "name": name, "nonce": one.nonce, "ciphertext": one.ciphertext}
        for name, one in record.fields.items()
    ]
    connection.execute(tables.identity_field.insert(), fields)
    index = [{"kind": kind, "digest": digest, "record_id": record.id} for kind, digest in record.index]
    connection.execute(tables.blind_index.insert(), index)


def _records(connection: Connection, chosen: Select[Any]) -> list[Record]:
    keys = connection.execute(chosen).all()
    ids = chosen.with_only_columns(tables.donor_key.c.record_id).order_by(None)
    fields: dict[UUID, dict[str, Sealed]] = defaultdict(dict)
    index: dict[UUID, set[Digest]] = defaultdict(set)
    field, blind = tables.identity_field, tables.blind_index
    for row in connection.execute(select(field).where(field.c.record_id.in_(ids))):
        fields[row.record_id][row.name] = Sealed(row.nonce, row.ciphertext)
    for row in connection.execute(select(blind).where(blind.c.record_id.in_(ids))):
        index[row.record_id].add((row.kind, row.digest))
    return [
        Record(
            row.record_id,
            row.donor_id,
            Sealed(row.nonce, row.wrapped),
            fields[row.record_id],
            frozenset(index[row.record_id]),
        )
        for row in keys
    ]


def _remove(connection: Connection, which: ColumnElement[bool]) -> None:
    ids = select(tables.donor_key.c.record_id).where(which)
    for table in (tables.identity_field, tables.blind_index):
        connection.execute(delete(table).where(table.c.record_id.in_(ids)))
    connection.execute(delete(tables.donor_key).where(which))
