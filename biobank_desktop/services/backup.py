"""Backing up and restoring: every backup is verified on the copy, every restore is declared."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biobank_desktop.domain.people import Actor, may
from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.persistence import backups, schema, tables
from biobank_desktop.persistence.archive import Archive, load, write_archive
from biobank_desktop.persistence.copying import copy_sqlite
from biobank_desktop.persistence.disk import file_sha256, settle
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.erasures import erased_donors
from biobank_desktop.persistence.pins import RESTORED
from biobank_desktop.persistence.seals import seal, seal_at
from biobank_desktop.persistence.store import Store
from biobank_desktop.persistence.verify import Finding
from biobank_desktop.persistence.work import LAB_STREAM, NO_HASH
from biobank_desktop.services.commands import command
from biobank_desktop.services.erasure import erase_again
from biobank_desktop.services.people import matches
from biobank_desktop.services.restore_gap import RESTORE_GAP
from biobank_desktop.services.verification import WholeVerification

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biobank_desktop.persistence.archive import Manifest
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class Made:
    """A verified backup: its archive, its snapshot (SQLite only), and the places it could not be put."""

    archive: Path
    snapshot: Path | None
    made_at: datetime
    events: int
    copies: tuple[Path, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Restored:
    """A database that was restored and declared; ``findings`` are the archive's own contradictions."""

    uuid: str
    restored_from: str
    made_at: str
    events: int
    erased: int
    findings: tuple[Finding, ...]


def back_up(store: Store, actor: Actor | None, folders: Sequence[Path], at: datetime) -> Steps[Made]:
    """Back the database up into ``folders``: made and verified in the first, copied to the others.

    ``actor`` is None for the automatic one. Run the steps on the thread of the database; commands may run
    between them. A place that cannot be written is a problem of the result, the first one an error.
    Raises ``Rejected`` at once without the right, ``Unavailable``, and ``IntegrityBroken`` when the copy
    contradicts its history (the archive is then kept as ``….unverified.zip``).
    """
    if actor is not None and not may(actor, "backup"):
        raise Rejected(Problem("", "not-permitted", {"role": actor.role}))
    return _back_up(store, list(folders), at)


def _back_up(store: Store, folders: list[Path], at: datetime) -> Steps[Made]:
    first = folders[0]
    with _written(first):
        first.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=first) as made:
            work = Path(made)
            part, snapshot = work / "archive.zip", work / "copy.sqlite"
            yield from _copy(store, snapshot, part, at)
            findings, events = yield from _examine(snapshot, part)
            ending = "unverified.zip" if findings else "zip"
            final = first / backups.name(at, ending)
            settle(part, final)
            if findings:
                values = {"count": len(findings), "why": findings[0].why, "path": str(final)}
                raise IntegrityBroken(Problem("backup", "backup-not-verified", values))
            kept = first / backups.name(at, "sqlite") if store.is_sqlite else None
            if kept:
                settle(snapshot, kept)
        backups.thin(first, at)
    copies, problems = _put(final, folders[1:], at)
    return Made(final, kept, at, events, copies, problems)


def copy_before_upgrade(store: Store, folder: Path, at: datetime) -> Steps[Path]:
    """Copy a SQLite file whole, of whatever schema it is, and read the copy through; it is never thinned.

    Raises ``Unavailable`` when it cannot be written and ``IntegrityBroken`` when it does not read well.
    """
    final = folder / backups.name(at, "before-upgrade.sqlite")
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as made:
            part = Path(made) / "copy.sqlite"
            yield from copy_sqlite(store, part)
            with _opened(str(part)) as copy, copy.read() as connection:
                schema.require_sound(connection)
            settle(part, final)
    return final


def _copy(store: Store, snapshot: Path, part: Path, at: datetime) -> Steps[None]:
    if not store.is_sqlite:
        yield from write_archive(store, part, at)
        return
    yield from copy_sqlite(store, snapshot)
    with _opened(str(snapshot)) as copy:
        yield from write_archive(copy, part, at)


def _examine(snapshot: Path, part: Path) -> Steps[tuple[list[Finding], int]]:
    """Verify the copy: the archive against its manifest, and all of its history in a SQLite file."""
    with Archive(part) as archive:
        yield from archive.check()
        if not snapshot.exists():
            with _opened(str(snapshot)) as scratch:
                yield from load(archive, scratch.engine)
        manifest = archive.manifest
    with _opened(str(snapshot)) as copy:
        return (yield from _verify(copy, manifest))


def _verify(store: Store, manifest: Manifest) -> Steps[tuple[list[Finding], int]]:
    verification = WholeVerification(store)
    yield from verification
    findings = list(verification.findings)
    with store.read() as connection:
        kept = seal_at(connection, manifest.seal_size)
    if (kept.root if kept else NO_HASH).hex() != manifest.seal_root:
        findings.append(Finding("seal", None, manifest.seal_size, "this seal is not the manifest's"))
    return findings, verification.events


def _put(archive: Path, folders: list[Path], at: datetime) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    copies, problems = [], []
    for folder in folders:
        try:
            copies.append(backups.put(archive, folder))
            backups.thin(folder, at)
        except OSError as error:
            values = {"path": str(folder), "said": str(error)}
            problems.append(Problem("backup", "backup-cannot-be-written", values))
    return tuple(copies), tuple(problems)


def restore(archive: Path, database: str, login: str, password: str, bench: str) -> Steps[Restored]:
    """Restore a portable archive (or a plain snapshot) into an empty database, as a person in it who may.

    Donors in the register of erasures beside the archive stay erased. The restored database has a new uuid,
    an event ``database-restored`` with the archive's hash, size and seal, and the setting ``RESTORE_GAP``.
    Raises ``Rejected`` (``database-not-empty``, ``sign-in-refused``, ``not-permitted``), ``Unavailable``, and
    ``IntegrityBroken`` when the archive is damaged.
    """
    if archive.suffix == ".sqlite":
        with tempfile.TemporaryDirectory(prefix=".making-", dir=archive.parent) as made:
            part = Path(made) / "archive.zip"
            yield from _from_snapshot(archive, part)
            return (yield from _restore(part, archive, database, (login, password, bench)))
    return (yield from _restore(archive, archive, database, (login, password, bench)))


def _from_snapshot(snapshot: Path, part: Path) -> Steps[None]:
    copy = part.with_name("copy.sqlite")
    with _written(part.parent):
        shutil.copyfile(snapshot, copy)
    made_at = datetime.fromtimestamp(snapshot.stat().st_mtime, UTC)
    with _opened(str(copy)) as store:
        yield from write_archive(store, part, made_at)


def _restore(part: Path, source: Path, database: str, person: tuple[str, str, str]) -> Steps[Restored]:
    with Archive(part) as archive, _opened(database) as store:
        yield from archive.check()
        actor = _person(archive, *person)
        register = erased_donors(source.parent)
        erased = yield from load(archive, store.engine, register, named=False)
        facts = {
            "archive": source.name,
            "archive_sha256": file_sha256(source),
            "size": archive.manifest.seal_size,
            "root": archive.manifest.seal_root,
            "made_at": archive.manifest.made_at,
            "erased": erased,
        }
        uuid = _declare(store, actor, archive.manifest.uuid, facts, register)
        seal(store)
        findings, _events = yield from _verify(store, archive.manifest)
        manifest = archive.manifest
    return Restored(uuid, manifest.uuid, manifest.made_at, manifest.events, erased, tuple(findings))


def _declare(
    store: Store, actor: Actor, former: str, facts: dict[str, object], erased: frozenset[int]
) -> str:
    uuid = str(uuid4())
    payload = {**facts, "uuid": uuid, "restored_from": former}
    asked = command(actor, RESTORED, payload, "backup", title=str(facts["archive"]))

    def body(work: Work) -> dict[str, Any]:
        work.private(tables.meta.insert(), [{"key": "uuid", "value": uuid}])
        key = {"key": RESTORE_GAP}
        if work.locked(tables.setting, key) is None:
            work.insert(tables.setting, [{**key, "value": facts, "stream_id": LAB_STREAM}])
        else:
            work.update(tables.setting, key, value=facts)
        work.about(LAB_STREAM)
        erase_again(work, erased)
        return payload

    store.run(asked, body)
    return uuid


def _person(archive: Archive, login: str, password: str, bench: str) -> Actor:
    """The person who restores, proven against the archive before anything is written."""
    people = {row["login"]: row for rows in archive.rows("person") for row in rows}
    hashes = {row["login"]: row["argon2id"] for rows in archive.rows("credential") for row in rows}
    row = people.get(login)
    if row is None or not row["active"] or not matches(hashes.get(login, ""), password):
        raise Rejected(Problem("password", "sign-in-refused"))
    actor = Actor(login, row["name"], row["role"], bench)
    if not may(actor, "backup"):
        raise Rejected(Problem("", "not-permitted", {"role": actor.role}))
    return actor


@contextmanager
def _opened(database: str) -> Iterator[Store]:
    store = Store(make_engine(database))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """A full or absent disk is the world's fault, and says where."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        values = {"path": str(folder), "said": str(error)}
        raise Unavailable(Problem("backup", "backup-cannot-be-written", values)) from error
