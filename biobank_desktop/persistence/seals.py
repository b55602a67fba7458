"""The seal: one chain over all streams, written shortly after the commits it covers.

Streams are chained one by one so that benches never wait for each other. The log gives every committed event
a place in one gapless order; a seal says how long the log is and what the chain over its events' hashes has
come to. A bench that remembers (size, root) outside the database notices when either is no longer true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import whole_milliseconds
from biobank_desktop.persistence.errors import is_lost, is_transient, translate
from biobank_desktop.persistence.words import CHANNEL, of_seal
from biobank_desktop.persistence.work import NO_HASH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from biobank_desktop.persistence.store import Store

BATCH = 5000
_NEWEST = 1000
_SEAL_LOCK = 7_204_307_577


@dataclass(frozen=True)
class Seal:
    """``size`` events have been sealed (0: none yet); ``root`` is the chain over their hashes (32 bytes)."""

    size: int
    root: bytes
    at: datetime


def extend(root: bytes, hashes: Iterable[bytes]) -> bytes:
    """The chain's new root after these event hashes."""
    for hashed in hashes:
        root = sha256(root + hashed).digest()
    return root


def last_seal(connection: Connection) -> Seal:
    """The newest seal; of size 0 when there is none yet."""
    row = connection.execute(select(tables.seal).order_by(tables.seal.c.size.desc()).limit(1)).first()
    if row is None:
        return Seal(0, NO_HASH, datetime.now(UTC))
    return Seal(row.size, row.root, row.at)


def latest(connection: Connection) -> datetime | None:
    """The latest moment of the newest seals: the last one is not it when a clock was set back."""
    newest = select(tables.seal.c.at).order_by(tables.seal.c.size.desc()).limit(_NEWEST)
    return max(connection.execute(newest).scalars(), default=None)


def seal_at(connection: Connection, size: int) -> Seal | None:
    """The seal of exactly this size, if there is one."""
    row = connection.execute(select(tables.seal).where(tables.seal.c.size == size)).first()
    return Seal(row.size, row.root, row.at) if row else None


def first_over(connection: Connection, events: Collection[int]) -> Seal | None:
    """The first seal that covers all of these events; None as long as one of them is not sealed."""
    places = tables.log.c
    found = select(func.count(), func.max(places.pos)).where(places.event_id.in_(events))
    count, last = connection.execute(found).one()
    if count < len(events):
        return None
    sealed = select(tables.seal).where(tables.seal.c.size >= last).order_by(tables.seal.c.size).limit(1)
    row = connection.execute(sealed).first()
    return Seal(row.size, row.root, row.at) if row else None


def seal(store: Store) -> Seal:
    """Seal every committed event that is not sealed yet and return the newest seal.

    Any bench may do it; when another one is at it, this one leaves it to that one. Raises ``Unavailable``.
    """
    if store.read_only:
        with store.read() as connection:
            return last_seal(connection)
    while True:
        try:
            with store.engine.begin() as connection:
                newest, more = _seal_batch(connection)
        except DBAPIError as error:
            if is_lost(error) or is_transient(error):
                store.engine.dispose()
            raise translate(error) or error from error
        if not more:
            return newest


def _seal_batch(connection: Connection) -> tuple[Seal, bool]:
    before = last_seal(connection)
    if connection.dialect.name != "sqlite":
        held, at = connection.execute(_HOLD).one()
        if not held:
            return before, False
        before = last_seal(connection)
    else:
        at = whole_milliseconds(datetime.now(UTC))
    waiting = connection.execute(
        select(tables.unsealed.c.event_id, tables.event.c.hash)
        .join(tables.event, tables.event.c.id == tables.unsealed.c.event_id)
        .order_by(tables.unsealed.c.event_id)
        .limit(BATCH)
    ).fetchall()
    if not waiting:
        return before, False
    root = extend(before.root, (row.hash for row in waiting))
    now = Seal(before.size + len(waiting), root, at)
    connection.execute(
        insert(tables.log),
        [{"pos": before.size + n, "event_id": row.event_id} for n, row in enumerate(waiting, 1)],
    )
    connection.execute(insert(tables.seal), {"size": now.size, "root": now.root, "at": now.at})
    ids = [row.event_id for row in waiting]
    connection.execute(
        delete(tables.unsealed)
        .where(tables.unsealed.c.event_id.between(ids[0], ids[-1]))
        .where(tables.unsealed.c.event_id.in_(ids))
    )
    if connection.dialect.name != "sqlite":
        connection.execute(_TELL, {"word": of_seal(now.size)})
    return now, len(waiting) == BATCH


_HOLD = text(f"SELECT pg_try_advisory_xact_lock({_SEAL_LOCK}), date_trunc('milliseconds', clock_timestamp())")
_TELL = text(f"SELECT pg_notify({CHANNEL}, :word)")
