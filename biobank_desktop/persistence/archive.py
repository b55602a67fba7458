"""The portable archive: every row as JSON lines, restorable into either engine and readable without us.

A zip file with one member ``<table>.jsonl`` per table (one object a line: the columns by name, moments and
dates in ISO 8601, hashes in hex, events' bodies as their text) and ``manifest.json``, which holds each
member's SHA-256 and count of rows, the schema's revision, the database's uuid and its newest seal.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import (
    Boolean,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Uuid,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, StatementError

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Unavailable
from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.canonical import dumps, loads, to_moment_text
from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.engine import without_limits
from biobank_desktop.persistence.errors import border, translate
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.seals import last_seal
from biobank_desktop.persistence.steps import Progress, Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from sqlalchemy import Column, Connection, Engine, Table

    from biobank_desktop.persistence.store import Store

Told = TypeVar("Told", "Member", "Manifest")

FORMAT = 1
_MOST_MANIFEST = 1 << 20
_LONGEST_LINE = 1 << 26
"""No row is longer than 64 MB; a line that is was made to fill the memory."""
STEP_ROWS = 500
_MANIFEST = "manifest.json"
_TABLES = {table.name: table for table in tables.metadata.sorted_tables}


@dataclass(frozen=True)
class Member:
    """The rows of one table: how many, and the SHA-256 of their lines."""

    table: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds; ``seal_root`` and the hashes are hex."""

    format: int
    revision: str
    uuid: str
    engine: str
    made_at: str
    seal_size: int
    seal_root: str
    members: tuple[Member, ...]

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """The manifest as it was written. Raises ``TypeError``, ``KeyError`` or ``ValueError``."""
        told = loads(data)
        members = tuple(_typed(Member(**member)) for member in told["members"])
        return _typed(cls(**{**told, "members": members}))

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(member.rows for member in self.members)

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(member.rows for member in self.members if member.table == tables.event.name)


def _typed(made: Told) -> Told:
    """The same when every text is a text and every number one. Raises ``TypeError``."""
    kinds = {"str": str, "int": int, "tuple[Member, ...]": tuple}
    for field in fields(made):
        if type(getattr(made, field.name)) is not kinds[str(field.type)]:
            raise TypeError(f"{field.name} is no {field.type}")
    return made


def write_archive(store: Store, path: Path, made_at: datetime) -> Steps[Manifest]:
    """Write the whole database to ``path`` from one snapshot, a few hundred rows a step.

    The snapshot stands for as long as that takes: on SQLite, give it a copy. Raises ``OSError`` and
    ``Unavailable``.
    """
    with (
        store.snapshot() as connection,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out,
    ):
        total = sum(_count(connection, table) for table in _TABLES.values())
        seal, members, done = last_seal(connection), [], 0
        for table in _TABLES.values():
            member = yield from _write_member(connection, table, out, Progress(done, total))
            members.append(member)
            done += member.rows
        manifest = Manifest(
            format=FORMAT,
            revision=schema.current(connection) or "",
            uuid=connection.execute(
                select(tables.meta.c.value).where(tables.meta.c.key == "uuid")
            ).scalar_one(),
            engine=connection.dialect.name,
            made_at=to_moment_text(made_at),
            seal_size=seal.size,
            seal_root=seal.root.hex(),
            members=tuple(members),
        )
        out.writestr(_MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    return manifest


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _write_member(
    connection: Connection, table: Table, out: zipfile.ZipFile, before: Progress
) -> Steps[Member]:
    hashed, rows = sha256(), 0
    name = f"{table.name}.jsonl"
    with out.open(name, "w", force_zip64=True) as member, closing(_lines(connection, table)) as batches:
        for lines, count in batches:
            hashed.update(lines)
            member.write(lines)
            rows += count
            yield Progress(before.done + rows, before.total)
    return Member(table.name, rows, hashed.hexdigest())


def _lines(connection: Connection, table: Table) -> Generator[tuple[bytes, int], None, None]:
    writers = [(column.name, _writer(column)) for column in table.c]
    ordered = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=STEP_ROWS)
    with connection.execute(ordered) as result:
        for rows in result.partitions():
            lines = [
                dumps({name: write(value) for (name, write), value in zip(writers, row, strict=True)})
                for row in rows
            ]
            yield b"\n".join(lines) + b"\n", len(lines)


class Archive:
    """An archive opened for reading; use it as a context. Raises ``IntegrityBroken`` when it is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._readable("the file"):
            self._file = zipfile.ZipFile(path)
        try:
            with self._readable(_MANIFEST):
                if self._file.getinfo(_MANIFEST).file_size > _MOST_MANIFEST:
                    raise self.damaged(_MANIFEST)
                self.manifest = Manifest.from_json(self._file.read(_MANIFEST))
            self._require_known()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def check(self) -> Steps[None]:
        """Read every member against the manifest."""
        done = 0
        for member in self.manifest.members:
            hashed, rows = sha256(), 0
            for lines in self._batches(member.table):
                hashed.update(b"".join(lines))
                rows += len(lines)
                yield Progress(done + rows, self.manifest.rows)
            if (rows, hashed.hexdigest()) != (member.rows, member.sha256):
                raise self.damaged(f"{member.table}.jsonl")
            done += rows

    def rows(self, table: str) -> Iterator[list[dict[str, Any]]]:
        """The rows of a table as the database takes them, a few hundred at a time."""
        readers = {column.name: _reader(column) for column in _TABLES[table].c}
        for lines in self._batches(table):
            with self._readable(f"{table}.jsonl"):
                told = [loads(line) for line in lines]
                if self.manifest.revision == schema.NEWEST and any(
                    row.keys() != readers.keys() for row in told
                ):
                    raise KeyError(f"columns of {table}")
                batch = [{name: readers[name](value) for name, value in row.items()} for row in told]
            yield batch

    def _batches(self, table: str) -> Iterator[list[bytes]]:
        name = f"{table}.jsonl"
        with self._readable(name), self._file.open(name) as member:
            lines: list[bytes] = []
            while line := member.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE:
                    raise self.damaged(name)
                lines.append(line)
                if len(lines) == STEP_ROWS:
                    yield lines
                    lines = []
            if lines:
                yield lines

    def _require_known(self) -> None:
        manifest = self.manifest
        if manifest.format != FORMAT or manifest.revision not in schema.KNOWN:
            raise Unavailable(Problem("archive", "archive-newer", {"revision": manifest.revision}))
        here = sorted(self._file.namelist())
        named = sorted([_MANIFEST, *(f"{member.table}.jsonl" for member in manifest.members)])
        holds = {member.table for member in manifest.members}
        whole = holds == _TABLES.keys() if manifest.revision == schema.NEWEST else holds <= _TABLES.keys()
        if here != named or not whole:
            raise self.damaged(_MANIFEST)

    @contextmanager
    def _readable(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise Unavailable(Problem("archive", "archive-missing", {"path": str(self.path)})) from error
        except _DAMAGE as error:
            raise self.damaged(what) from error

    def damaged(self, what: str) -> IntegrityBroken:
        """The error that names a member."""
        return IntegrityBroken(
            Problem("archive", "archive-damaged", {"path": str(self.path), "member": what})
        )


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    orjson.JSONDecodeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    NotImplementedError,
    RuntimeError,  # the flag "encrypted" flipped
    OSError,
)


def load(
    archive: Archive, engine: Engine, erased: frozenset[int] = frozenset(), *, named: bool = True
) -> Steps[int]:
    """Put every row of a checked archive into an empty database; whole or not at all.

    The ages of the donors in ``erased`` are left out: their erasure outlives every backup. Returns how many.
    Without its name (``named``) it is no lab until a command has declared the restore. Raises ``Rejected``
    (``database-not-empty``) and ``IntegrityBroken``.
    """
    with border(), engine.connect() as connection:
        lab.require_empty(connection)
    schema.upgrade(engine, archive.manifest.revision)
    done = left_out = 0
    with (
        border(),
        _insertable(archive, ""),
        engine.begin() as connection,
        without_limits(connection),
    ):
        with schema.without_guards(connection):
            connection.execute(tables.derivation.delete())  # the migration filled it
            for member in archive.manifest.members:
                table = _TABLES[member.table]
                for rows in archive.rows(member.table):
                    wanted = rows
                    if table is tables.donor_age:
                        wanted = [row for row in rows if row["donor_id"] not in erased]
                        left_out += len(rows) - len(wanted)
                    elif table is tables.meta and not named:
                        wanted = [row for row in rows if row["key"] != "uuid"]
                    if wanted:
                        with _insertable(archive, f"{table.name}.jsonl"):
                            connection.execute(insert(table), wanted)
                    done += len(rows)
                    yield Progress(done, archive.manifest.rows)
            if connection.dialect.name != "sqlite":
                connection.execute(_NEXT_EVENT)
        if done != archive.manifest.rows:
            raise archive.damaged("")
    schema.upgrade(engine)
    return left_out


@contextmanager
def _insertable(archive: Archive, member: str) -> Iterator[None]:
    """Rows that the database refuses were never written by this program, whatever their hashes say."""
    try:
        yield
    except (StatementError, OverflowError) as error:
        if isinstance(error, DBAPIError) and isinstance(translate(error), Unavailable):
            raise
        raise archive.damaged(member) from error


_NEXT_EVENT = text(
    "SELECT setval(pg_get_serial_sequence('event', 'id'), coalesce(max(id), 0) + 1, false) FROM event"
)


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    if column is tables.event.c.body:
        return _body_text
    if isinstance(column.type, LargeBinary):
        return lambda value: None if value is None else bytes(value).hex()
    if isinstance(column.type, Moment):
        return lambda value: None if value is None else to_moment_text(value)
    return lambda value: value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if column is tables.event.c.body:
        return _body_bytes
    readers: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
        (LargeBinary, bytes.fromhex),
        (Moment, datetime.fromisoformat),
        (Date, date.fromisoformat),
        (Uuid, UUID),
        (Boolean, _only(bool)),
        (Integer, _only(int)),
        (Float, _only(int, float)),
        (String, _only(str)),
    )
    for kind, read in readers:
        if isinstance(column.type, kind):
            return _or_nothing(read) if column.nullable else read
    return lambda value: value


def _or_nothing(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _only(*kinds: type[Any]) -> Callable[[Any], Any]:
    """A reader of values of these types: SQLite would keep a text where a number belongs."""

    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"{type(value).__name__} is not {kinds}")
        return value

    return read


def _body_text(body: bytes) -> object:
    """An event's body as the text it is; one that is damaged must be kept as it is, too."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"hex": body.hex()}


def _body_bytes(told: Any) -> bytes:
    return bytes.fromhex(told["hex"]) if isinstance(told, dict) else bytes(told, "utf-8")
