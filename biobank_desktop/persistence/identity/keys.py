"""The keys of the identity store: derived from a passphrase, wrapped, and used; nothing here is kept.

AES-256-GCM with random 96-bit nonces (NIST SP 800-38D), Argon2id (RFC 9106), HKDF and HMAC with SHA-256. What
a ciphertext belongs to is its associated data, so one that is moved to another place does not open there.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from types import TracebackType

KEY_BYTES = 32
_NONCE_BYTES, _SALT_BYTES = 12, 16
_BLOCK_BYTES = 64
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 1 << 20, 16, 16


class NotOpenedError(Exception):
    """A ciphertext that this key does not open at this place: another key, moved, or changed."""


@dataclass(frozen=True)
class Sealed:
    """A nonce and the ciphertext with its tag."""

    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True)
class Stretching:
    """How a passphrase becomes a key; RFC 9106's second recommended choice."""

    salt: bytes
    time_cost: int = 3
    memory_kib: int = 64 * 1024
    parallelism: int = 4

    @property
    def sane(self) -> bool:
        """Whether it is one that this program would work through; another may be meant to stop it."""
        return (
            1 <= self.time_cost <= _MOST_PASSES
            and 8 * self.parallelism <= self.memory_kib <= _MOST_MEMORY_KIB
            and 1 <= self.parallelism <= _MOST_LANES
        )


def new_stretching() -> Stretching:
    """A salt of its own for every wrap."""
    return Stretching(secrets.token_bytes(_SALT_BYTES))


def stretched(passphrase: str, how: Stretching) -> bytes:
    """The key that a passphrase stands for; one spelling (NFC), whatever keyboard it was typed on."""
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return hash_secret_raw(
        typed, how.salt, how.time_cost, how.memory_kib, how.parallelism, KEY_BYTES, Type.ID
    )  # fmt: skip


def seal(key: bytes, plain: bytes, place: str) -> Sealed:
    """Encrypt for a place."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return Sealed(nonce, AESGCM(key).encrypt(nonce, plain, place.encode()))


def unseal(key: bytes, sealed: Sealed, place: str) -> bytes:
    """Decrypt what was encrypted for this place. Raises ``NotOpenedError``."""
    try:
        return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, place.encode())
    except (InvalidTag, ValueError) as error:
        raise NotOpenedError(place) from error


def padded(text: str) -> bytes:
    """The text with its length before it, filled up: a ciphertext does not tell how long a name is."""
    return filled(text.encode(), _BLOCK_BYTES)


def unpadded(content: bytes) -> str:
    """The text of ``padded``."""
    return unfilled(content).decode()


def filled(plain: bytes, block: int) -> bytes:
    """The bytes with their length before them, filled up to whole blocks."""
    content = len(plain).to_bytes(4, "big") + plain
    return content + bytes(-len(content) % block)


def unfilled(content: bytes) -> bytes:
    """The bytes of ``filled``."""
    length = int.from_bytes(content[:4], "big")
    return content[4 : 4 + length]


class StoreKey:
    """The key of a whole identity store, in memory only; ``forget`` overwrites it.

    Best effort: what a library copied of it meanwhile stays in memory until that is used again.
    """

    def __init__(self, key: bytes) -> None:
        self._key = bytearray(key)

    @classmethod
    def new(cls) -> StoreKey:
        """One that nobody has."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def __enter__(self) -> StoreKey:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.forget()

    def forget(self) -> None:
        """Overwrite the key; it opens nothing any more."""
        self._key[:] = bytes(len(self._key))

    @property
    def is_forgotten(self) -> bool:
        """Whether it was overwritten."""
        return not any(self._key)

    def wrapped(self, passphrase: str, how: Stretching, place: str) -> Sealed:
        """The store key for somebody who knows the passphrase."""
        return seal(stretched(passphrase, how), self._usable(), place)

    @classmethod
    def unwrapped(cls, passphrase: str, how: Stretching, sealed: Sealed, place: str) -> StoreKey:
        """The store key of a wrap. Raises ``NotOpenedError``: another passphrase, or a wrap changed."""
        return cls(unseal(stretched(passphrase, how), sealed, place))

    def for_donors(self) -> bytes:
        """The key that wraps the donors' keys, and those of their scans."""
        return self._derived(b"biobank identity: keys of donors")

    def digest(self, kind: str, form: str) -> bytes:
        """What a normal form is looked up by: equal for equal forms, and nothing else of it."""
        key = self._derived(b"biobank identity: looking up")
        return hmac.new(key, f"{kind}\n{form}".encode(), sha256).digest()

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, None, purpose).derive(self._usable())

    def _usable(self) -> bytes:
        if self.is_forgotten:
            raise ValueError("the store key was forgotten")
        return bytes(self._key)
