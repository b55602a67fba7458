"""The lab's keys for signing proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class ProofKey:
    """A key in hexadecimal; ``private`` None: it is not in this database. It never leaves the services."""

    public: str
    since: datetime
    private: str | None


_k, _s = tables.proof_key.c, tables.proof_secret.c
_KEYS = (
    select(_k.public, _k.since, _s.private)
    .outerjoin(tables.proof_secret, _s.public == _k.public)
    .order_by(_k.since, _k.public)
)


def proof_keys(connection: Connection) -> list[ProofKey]:
    """Every key, the oldest first."""
    return [ProofKey(*row) for row in connection.execute(_KEYS)]
