"""A copy of an identity store as one file that either engine reads; as illegible without a key as the store.

One JSON object: ``format``, ``tables`` with every row, bytes in hex; after it, on a line of its own, its
SHA-256.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, LargeBinary, Uuid

from biobank_desktop.domain.problems import IntegrityBroken, Problem
from biobank_desktop.persistence.canonical import dumps, loads, plain
from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.disk import make_folder, settle
from biobank_desktop.persistence.identity import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Column

Rows = dict[str, list[dict[str, Any]]]
"""Every row of a store, by table."""

_FORMAT = 1


def write(rows: Rows, file: Path) -> None:
    """Write the rows into a new file, whole or not at all, and read it again. Raises ``OSError``."""
    listed = {name: [plain(row) for row in kept] for name, kept in rows.items()}
    content = dumps({"format": _FORMAT, "tables": listed})
    make_folder(file.parent)
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(content + b"\n" + sha256(content).hexdigest().encode() + b"\n")
    if read(part) != rows:
        raise OSError(f"{part} does not read as it was written")
    settle(part, file)


def read(file: Path) -> Rows:
    """The rows in a copy. Raises ``OSError``, and ``IntegrityBroken`` when it is not whole."""
    content, _line, digest = file.read_bytes().strip().rpartition(b"\n")
    try:
        if sha256(content).hexdigest().encode() != digest:
            raise ValueError("its digest is another")
        told = loads(content)
        if told["format"] != _FORMAT:
            raise ValueError(f"format {told['format']}")
        return {table.name: _rows(table.columns, told["tables"][table.name]) for table in _TABLES}
    except (ValueError, LookupError, TypeError) as error:
        values = {"path": str(file), "said": str(error)}
        raise IntegrityBroken(Problem("archive", "identity-copy-damaged", values)) from error


def without(rows: Rows, donors: Mapping[int, Mapping[str, Any]]) -> Rows:
    """The rows of a store in which these donors were erased; each comes with its row of ``erased``."""
    gone = {row["record_id"] for row in rows["donor_key"] if row["donor_id"] in donors}
    known = {row["donor_id"] for row in rows["erased"]}
    kept = {
        name: [row for row in rows[name] if row["record_id"] not in gone]
        for name in ("donor_key", "identity_field", "blind_index")
    }
    added = [dict(row) for donor, row in donors.items() if donor not in known]
    return {**rows, **kept, "erased": [*rows["erased"], *added]}


_TABLES = tables.metadata.sorted_tables


def _rows(columns: Any, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{column.name: _value(column)(row[column.name]) for column in columns} for row in rows]


def _value(column: Column[Any]) -> Callable[[Any], Any]:
    """How a column's value is read from JSON."""
    if isinstance(column.type, LargeBinary):
        return lambda text: bytes.fromhex(text.removeprefix("\\x"))
    if isinstance(column.type, Uuid):
        return UUID
    if isinstance(column.type, Moment):
        return datetime.fromisoformat
    return int if isinstance(column.type, Integer | BigInteger) else str
