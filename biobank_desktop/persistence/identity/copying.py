"""A copy of an identity store as one file that either engine reads; as illegible without a key as the store.

One JSON object: ``format``, ``tables`` with every row, bytes in hex; then every scan's row, each on a line;
last, on its own line, the SHA-256 of all before. Format 1 had no scans.
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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Column

Rows = dict[str, list[dict[str, Any]]]
"""Every row of a store but those of scans, by table."""

_FORMAT, _BEFORE = 2, 1


def write(rows: Rows, scans: Iterable[dict[str, Any]], file: Path) -> None:
    """Write the rows into a new file, whole or not at all, and read it again. Raises ``OSError``."""
    listed = {name: [plain(row) for row in kept] for name, kept in rows.items()}
    make_folder(file.parent)
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    digest = sha256()
    with part.open("wb") as into:
        line = dumps({"format": _FORMAT, "tables": listed})
        into.write(line)
        digest.update(line)
        for row in scans:
            line = b"\n" + dumps(plain(row))
            into.write(line)
            digest.update(line)
        into.write(b"\n" + digest.hexdigest().encode() + b"\n")
    if read(part) != rows:
        raise OSError(f"{part} does not read as it was written")
    settle(part, file)


def read(file: Path) -> Rows:
    """The rows in a copy but those of scans.

    Raises ``OSError``, and ``IntegrityBroken`` when the file is not whole, the scans included.
    """
    try:
        told = loads(_proved(file))
        if told["format"] not in {_FORMAT, _BEFORE}:
            raise ValueError(f"format {told['format']}")
        return {table.name: _rows(table.columns, told["tables"][table.name]) for table in _TABLES}
    except (ValueError, LookupError, TypeError) as error:
        values = {"path": str(file), "said": str(error)}
        raise IntegrityBroken(Problem("archive", "identity-copy-damaged", values)) from error


def read_scans(file: Path) -> Iterator[dict[str, Any]]:
    """The row of every scan in a copy that ``read`` found whole, one by one. Raises ``OSError``."""
    before = b""
    with file.open("rb") as lines:
        next(lines)
        for line in lines:  # the last is the digest
            if before:
                yield _row(tables.scan.columns, loads(before))
            before = line


def _proved(file: Path) -> bytes:
    """The first line of a copy, once the digest at its end agrees. Raises ``OSError`` and ``ValueError``."""
    digest, first, held = sha256(), b"", b""
    with file.open("rb") as lines:
        for line in lines:
            digest.update(held)
            held = (b"\n" if first else b"") + line.rstrip(b"\n")
            first = first or held
    if held != b"\n" + digest.hexdigest().encode():
        raise ValueError("its digest is another")
    return first


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


_TABLES = [table for table in tables.metadata.sorted_tables if table is not tables.scan]


def _rows(columns: Any, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [_row(columns, row) for row in rows]


def _row(columns: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: _value(column)(row[column.name]) for column in columns}


def _value(column: Column[Any]) -> Callable[[Any], Any]:
    """How a column's value is read from JSON."""
    if isinstance(column.type, LargeBinary):
        return lambda text: bytes.fromhex(text.removeprefix("\\x"))
    if isinstance(column.type, Uuid):
        return UUID
    if isinstance(column.type, Moment):
        return datetime.fromisoformat
    return int if isinstance(column.type, Integer | BigInteger) else str
