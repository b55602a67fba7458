"""Rewriting history with every hash recomputed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import text

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.seals import extend
from biobank_desktop.persistence.work import NO_HASH

if TYPE_CHECKING:
    from sqlalchemy import Connection


def rewrite(connection: Connection, donor: int) -> None:
    """What an administrator with the source code can do: another sex from the first event on."""
    event, previous = tables.event, NO_HASH
    rows = connection.execute(
        event.select().where(event.c.stream_id == donor).order_by(event.c.seq)
    ).fetchall()
    for row in rows:
        body = row.body.replace(b'"sex":"female"', b'"sex":"male"')
        previous = sha256(previous + body).digest()
        connection.execute(event.update().where(event.c.id == row.id).values(body=body, hash=previous))
    connection.execute(tables.stream.update().where(tables.stream.c.id == donor).values(head_hash=previous))
    connection.execute(tables.donor.update().where(tables.donor.c.id == donor).values(sex="male"))
    root, last = NO_HASH, 0
    for size in connection.execute(text("SELECT size FROM seal ORDER BY size")).scalars().fetchall():
        hashes = connection.execute(
            text(
                "SELECT hash FROM log JOIN event ON event.id = event_id"
                " WHERE pos > :last AND pos <= :size ORDER BY pos"
            ),
            {"last": last, "size": size},
        ).scalars()
        root, last = extend(root, hashes.fetchall()), size
        connection.execute(tables.seal.update().where(tables.seal.c.size == size).values(root=root))
