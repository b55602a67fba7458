"""The scan of a signed form as a row: sealed under a key of its own, and opened again.

The key is wrapped by the store key, so new keys for the whole store touch no content, and destroying it
destroys the scan.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from biobank_desktop.persistence.identity.keys import (
    KEY_BYTES,
    NotOpenedError,
    Sealed,
    StoreKey,
    filled,
    seal,
    unfilled,
    unseal,
)

if TYPE_CHECKING:
    from uuid import UUID

_BLOCK_BYTES = 64 << 10


@dataclass(frozen=True)
class Scan:
    """A scan that is kept, without its content; ``sha256`` is that of the file, in hex."""

    id: UUID
    donor_id: int
    sha256: str
    media_type: str
    key: Sealed


def sealed_scan(
    store_key: StoreKey, uuid: str, record_id: UUID, donor_id: int, media_type: str, content: bytes
) -> tuple[Scan, Sealed]:
    """Seal a scan under a new key, for the store of this uuid; the scan and its sealed content."""
    key = secrets.token_bytes(KEY_BYTES)
    unwrapped = Scan(record_id, donor_id, sha256(content).hexdigest(), media_type, Sealed(b"", b""))
    scan = replace(unwrapped, key=seal(store_key.for_donors(), key, _key_place(uuid, unwrapped)))
    return scan, seal(key, filled(content, _BLOCK_BYTES), _place(uuid, scan))


def opened_scan(store_key: StoreKey, uuid: str, scan: Scan, sealed: Sealed) -> bytes:
    """The file. Raises ``NotOpenedError`` when a row was changed, moved or swapped."""
    key = unseal(store_key.for_donors(), scan.key, _key_place(uuid, scan))
    content = unfilled(unseal(key, sealed, _place(uuid, scan)))
    if sha256(content).hexdigest() != scan.sha256:
        raise NotOpenedError(_place(uuid, scan))
    return content


def rewrapped(old: StoreKey, new: StoreKey, uuid: str, scan: Scan) -> Scan:
    """The scan with its key under another store key. Raises ``NotOpenedError``."""
    place = _key_place(uuid, scan)
    return replace(scan, key=seal(new.for_donors(), unseal(old.for_donors(), scan.key, place), place))


def _place(uuid: str, scan: Scan) -> str:
    """Where a content belongs: store, donor, digest and media type."""
    return f"{uuid}|scan|{scan.donor_id}|{scan.sha256}|{scan.media_type}"


def _key_place(uuid: str, scan: Scan) -> str:
    """Where a scan's key belongs: also the record."""
    return f"{_place(uuid, scan)}|{scan.id}|wrapped"
