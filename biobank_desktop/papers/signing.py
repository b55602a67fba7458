"""The signature of a proof: who has the file or its symbol can check it with nothing but this module.

A symbol says ``BIOBANK1:`` and, in base 32, the lab's public key, its signature and the content, packed. A
file is a PDF with that text among its keywords, and a last line that signs every byte before the signature.
Whatever is changed in either, nobody can sign it again without the lab's private key (Ed25519).
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b32decode, b32encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from biobank_desktop.domain.mappings import canonical
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.proofs import Proof

MOST_BYTES = 4 << 20
"""A proof is one page: whatever is larger is something else."""
_MOST_CONTENT = 1 << 16
_MARK = "BIOBANK1:"
_TRAILER = "%biobank-proof 1 {key} "
_LAST_LINE = re.compile(rb"%biobank-proof 1 ([0-9a-f]{64}) ([0-9a-f]{128})\n")
_LENGTH = len(_TRAILER.format(key="")) + 64 + 128 + 1
_KEYWORDS = re.compile(rb"/Keywords \((BIOBANK1:[A-Z2-7]+)\)")
_SYMBOL = re.compile(r"BIOBANK1:([A-Z2-7]+)")
_KEY, _SIGNATURE = 32, 64


@dataclass(frozen=True)
class Verified:
    """A proof whose signature is sound, by whose key, and whether the page itself was covered by it."""

    fingerprint: str
    proof: Proof
    whole_page: bool


def new_key() -> tuple[bytes, bytes]:
    """A private key and its public one, 32 bytes each."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_key(private: bytes) -> bytes:
    """The public key of a private one."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """What a key is known by: half of its SHA-256 in hexadecimal, enough that nobody finds another one."""
    return sha256(public).hexdigest()[:32]


def grouped(text: str) -> str:
    """A fingerprint for the eye, by four: ``3f2a 91bc …``."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def typed_fingerprint(text: str) -> str:
    """A fingerprint as it is typed: with spaces, dashes, large letters. Raises ``Rejected``."""
    bare = re.sub(r"[\s-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", bare):
        raise Rejected(Problem("key", "fingerprint-wrong"))
    return bare


def signed_symbol(proof: Proof, private: bytes) -> str:
    """The text of a proof's symbol. Raises ``Rejected`` when the proof could not be read again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(proof.as_bytes()) + packer.flush()
    key = public_key(private)
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(_MARK.encode() + key + packed)
    return _MARK + _armoured(key + signature + packed)


def signed_file(pdf: bytes, private: bytes) -> bytes:
    """The PDF with the line that signs it."""
    body = pdf + _TRAILER.format(key=public_key(private).hex()).encode()
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(body)
    return body + signature.hex().encode() + b"\n"


def verify(content: bytes, lab: str | None = None) -> Verified:
    """What a proof's file, or the text of its symbol, proves; ``lab`` is the fingerprint of the lab's key.

    Raises ``Rejected``: ``proof-unreadable`` when it is no whole proof, ``proof-altered`` when something in
    it was changed, ``proof-of-another-lab`` when another key signed it.
    """
    if len(content) > MOST_BYTES:
        raise _unreadable()
    verified = _verified_file(content) if content.startswith(b"%PDF-") else _verified_text(content)
    if lab not in {None, verified.fingerprint}:
        raise Rejected(Problem("", "proof-of-another-lab", {"key": grouped(verified.fingerprint)}))
    return verified


def _verified_file(content: bytes) -> Verified:
    last = _LAST_LINE.fullmatch(content[-_LENGTH:])
    if last is None:
        raise _unreadable()
    key, signature = (bytes.fromhex(part.decode()) for part in last.groups())
    _check(key, signature, content[: -len(last[2]) - 1])
    symbols = _KEYWORDS.findall(content)
    if len(symbols) != 1:
        raise _unreadable()
    signer, proof = _opened(symbols[0].decode())
    if signer != key:
        raise Rejected(Problem("", "proof-altered"))
    return Verified(fingerprint(key), proof, whole_page=True)


def _verified_text(content: bytes) -> Verified:
    if not content.isascii():
        raise _unreadable()
    key, proof = _opened("".join(content.decode().split()))  # mail breaks lines
    return Verified(fingerprint(key), proof, whole_page=False)


def _opened(symbol: str) -> tuple[bytes, Proof]:
    """The key that signed a symbol's text, and what it says."""
    found = _SYMBOL.fullmatch(symbol)
    raw = _bare(found[1]) if found else b""
    if len(raw) <= _KEY + _SIGNATURE:
        raise _unreadable()
    key, signature, packed = raw[:_KEY], raw[_KEY : _KEY + _SIGNATURE], raw[_KEY + _SIGNATURE :]
    _check(key, signature, _MARK.encode() + key + packed)
    return key, _unpacked(packed)


def _check(key: bytes, signature: bytes, signed: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        raise Rejected(Problem("", "proof-altered")) from None


def _unpacked(packed: bytes) -> Proof:
    """What was signed. It is refused all the same when this program would have written it otherwise."""
    unpacker = zlib.decompressobj(-15)
    try:
        content = unpacker.decompress(packed, _MOST_CONTENT)
        if not unpacker.eof or unpacker.unused_data:
            raise _unreadable()
        mapping = json.loads(content)
    except (zlib.error, ValueError, RecursionError):
        raise _unreadable() from None
    proof = Proof.from_mapping(mapping)
    if canonical(mapping) != content:
        raise _unreadable()
    return proof


def _armoured(raw: bytes) -> str:
    return b32encode(raw).decode().rstrip("=")


def _bare(text: str) -> bytes:
    """The bytes of base 32; none when the same bytes are written otherwise."""
    try:
        raw = b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return b""
    return raw if _armoured(raw) == text else b""


def _unreadable() -> Rejected:
    return Rejected(Problem("", "proof-unreadable"))
