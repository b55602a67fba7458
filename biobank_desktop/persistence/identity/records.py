"""One donor's identity as rows: sealed field by field under a key of its own, and opened again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.identity import sought
from biobank_desktop.persistence.identity.keys import (
    KEY_BYTES,
    NotOpenedError,
    Sealed,
    StoreKey,
    padded,
    seal,
    unpadded,
    unseal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

Digest = tuple[str, bytes]
"""What a record is found by: (kind, HMAC)."""


@dataclass(frozen=True)
class Record:
    """A donor's identity as a command set it; legible with the store key only."""

    id: UUID
    donor_id: int
    key: Sealed
    fields: Mapping[str, Sealed]
    index: frozenset[Digest]


class TamperedError(Exception):
    """A record that does not open where it lies: ``column`` is the first that does not."""

    def __init__(self, record: Record, column: str) -> None:
        super().__init__(f"{record.id}: {column}")
        self.record = record
        self.column = column


def sealed_record(
    store_key: StoreKey, uuid: str, record_id: UUID, donor_id: int, texts: Mapping[str, str]
) -> Record:
    """Seal an identity under a new key, for the store of this uuid."""
    key = secrets.token_bytes(KEY_BYTES)
    wrapped = seal(store_key.for_donors(), key, _key_place(uuid, donor_id, record_id, texts))
    fields = {
        name: seal(key, padded(text), place(uuid, "identity_field", donor_id, record_id, name))
        for name, text in texts.items()
    }
    return Record(record_id, donor_id, wrapped, fields, digests(store_key, sought(texts)))


def opened(store_key: StoreKey, uuid: str, record: Record) -> dict[str, str]:
    """The identity in a record. Raises ``TamperedError`` when a row was changed, moved, added or lost."""
    where = "wrapped"
    try:
        lock = _key_place(uuid, record.donor_id, record.id, record.fields)
        key = unseal(store_key.for_donors(), record.key, lock)
        texts = {}
        for where, sealed in sorted(record.fields.items()):
            lock = place(uuid, "identity_field", record.donor_id, record.id, where)
            texts[where] = unpadded(unseal(key, sealed, lock))
    except NotOpenedError as error:
        raise TamperedError(record, where) from error
    if record.index != digests(store_key, sought(texts)):
        raise TamperedError(record, "blind_index")
    return texts


def digests(store_key: StoreKey, forms: Iterable[tuple[str, str]]) -> frozenset[Digest]:
    """What normal forms are looked up by."""
    return frozenset((kind, store_key.digest(kind, form)) for kind, form in forms)


def _key_place(uuid: str, donor_id: int, record_id: UUID, names: Iterable[str]) -> str:
    """Where a donor's key belongs: it opens only beside all of its fields and no other."""
    return f"{place(uuid, 'donor_key', donor_id, record_id, 'wrapped')}|{','.join(sorted(names))}"


def place(uuid: str, table: str, donor_id: int, record_id: UUID, column: str) -> str:
    """Where a ciphertext belongs: store, table, donor, record and column."""
    return f"{uuid}|{table}|{donor_id}|{record_id}|{column}"


def holder_place(uuid: str, holder: str) -> str:
    """Where a wrap of the store key belongs: store and holder."""
    return f"{uuid}|store_key|{holder}|wrapped"
