"""Pins: what this person's computer remembers of a database, outside the database.

A pin is the newest seal seen (size and root) with the database's identity. A chain rewritten with all its
hashes recomputed, or yesterday's file put in place, still agrees with itself, but not with the pin.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select

from biobank_desktop.domain.problems import Problem
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import dumps, loads
from biobank_desktop.persistence.disk import make_folder, settle
from biobank_desktop.persistence.seals import Seal, last_seal, seal_at

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


RESTORED = "database-restored"
"""The kind of the command that declares a restore; its result says ``restored_from``, the former uuid."""


@dataclass(frozen=True)
class Pin:
    """The newest seal this computer has seen of the database at one address."""

    uuid: str
    size: int
    root: str


class Pins:
    """The pin of one database address, in ``folder``."""

    def __init__(self, folder: Path, address: str) -> None:
        self._path = folder / f"{sha256(address.encode()).hexdigest()[:32]}.json"

    def read(self) -> Pin | None:
        """The pin, None when this computer has not seen the database before.

        Raises ``ValueError`` or ``TypeError`` when the file is no pin (``damaged``).
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        return _pin(**loads(content))

    @property
    def damaged(self) -> bool:
        """Whether there is a pin that says nothing any more."""
        try:
            self.read()
        except (ValueError, TypeError):
            return True
        return False

    def write(self, uuid: str, seal: Seal) -> None:
        """Remember a seal; forced to the disk, whole or not at all.

        Never an older one of the same database: another program of this person may have seen more.
        """
        known = None if self.damaged else self.read()
        if known is not None and known.uuid == uuid and known.size >= seal.size:
            return
        make_folder(self._path.parent)
        temporary = self._path.with_name(f"{self._path.stem}.{uuid4()}.tmp")
        with temporary.open("wb") as file:
            file.write(dumps({"uuid": uuid, "size": seal.size, "root": seal.root.hex()}))
        settle(temporary, self._path)

    def forget(self) -> None:
        """Forget the database at this address: a new one is made there."""
        self._path.unlink(missing_ok=True)

    def problem(self, connection: Connection, uuid: str) -> Problem | None:
        """What contradicts the pin: another database, a history that is shorter, or one that is different."""
        if self.damaged:
            return Problem("database", "pin-damaged", {"path": str(self._path)})
        pin = self.read()
        if pin is None:
            return None
        if pin.uuid == uuid:
            return _contradiction(connection, pin) if pin.size else None
        restored = restored_size(connection, pin.uuid)
        if restored is None:
            return Problem("database", "pin-another-database", {"size": pin.size})
        return _contradiction(connection, pin) if 0 < pin.size <= restored else None


def _pin(uuid: Any, size: Any, root: Any) -> Pin:
    if not isinstance(uuid, str) or not uuid or type(size) is not int or size < 0:
        raise ValueError(f"no pin: {uuid!r}, {size!r}")
    if len(bytes.fromhex(root)) != sha256().digest_size:
        raise ValueError(f"no root: {root!r}")
    return Pin(uuid, size, root)


def _contradiction(connection: Connection, pin: Pin) -> Problem | None:
    here = seal_at(connection, pin.size)
    if here is None:
        size = last_seal(connection).size
        code = "pin-behind" if size < pin.size else "pin-rewritten"
        return Problem("database", code, {"size": size, "pinned": pin.size})
    if here.root.hex() != pin.root:
        return Problem("database", "pin-rewritten", {"size": here.size, "pinned": pin.size})
    return None


def restored_size(connection: Connection, uuid: str) -> int | None:
    """How much of the database with this uuid a declared restore brought here; None when there was none."""
    bodies = connection.execute(
        select(tables.event.c.body)
        .join(tables.command, tables.command.c.id == tables.event.c.command_id)
        .where(tables.command.c.kind == RESTORED)
    ).scalars()
    for body in bodies:
        declared = loads(body).get("result", {})
        if declared.get("restored_from") == uuid:
            return int(declared["size"])
    return None
