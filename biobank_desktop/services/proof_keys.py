"""The key that the lab signs proofs with: made with the first release, known by its fingerprint.

Two benches that issue the first two releases at once make two keys; the older one signs from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.papers.signing import fingerprint, new_key, public_key
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries.proof_keys import proof_keys
from biobank_desktop.persistence.work import LAB_STREAM

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class Fingerprint:
    """What a key of the lab is known by, and since when the lab has it."""

    text: str
    since: datetime


def make_sure_of_key(work: Work) -> None:
    """Make the lab's key in an open command when there is none; the private one is in no history."""
    if proof_keys(work.connection):
        return
    private, public = new_key()
    work.insert(tables.proof_key, [{"public": public.hex(), "since": work.at, "stream_id": LAB_STREAM}])
    secret = {"public": public.hex(), "private": private.hex()}
    work.private(tables.proof_secret.insert(), [secret])


def fingerprints(connection: Connection) -> list[Fingerprint]:
    """What the lab's keys are known by: first the one that signs; none before the first release."""
    return [Fingerprint(fingerprint(bytes.fromhex(one.public)), one.since) for one in proof_keys(connection)]


def signing_key(connection: Connection) -> bytes:
    """The private key that signs. Raises ``Rejected`` (``proof-without-key``) when the lab has none."""
    oldest = next(iter(proof_keys(connection)), None)
    if oldest is None or oldest.private is None:
        raise Rejected(Problem("", "proof-without-key"))
    return bytes.fromhex(oldest.private)


def strange_keys(connection: Connection) -> list[str]:
    """The public keys whose private one is not theirs: it is in no history, so ``verify`` asks here."""
    return [one.public for one in proof_keys(connection) if not _is_whole(one.public, one.private)]


def _is_whole(public: str, private: str | None) -> bool:
    try:
        return private is not None and public_key(bytes.fromhex(private)).hex() == public
    except ValueError:
        return False
