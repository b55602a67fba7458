"""Canonical bytes: the one way rows and events become JSON, the same on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS

loads = orjson.loads


def dumps(value: object) -> bytes:
    """The canonical bytes of a value: sorted keys, no spaces, moments in UTC with a ``Z``."""
    return orjson.dumps(value, option=_OPTIONS)


def dumps_text(value: object) -> str:
    """The same as text, for the JSON columns."""
    return dumps(value).decode()


def rows_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Whole rows as one JSON text, their values as ``plain`` has them."""
    option = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(rows, default=as_json, option=option).decode()


def digest(value: object) -> bytes:
    """SHA-256 of the canonical bytes (32 bytes)."""
    return sha256(dumps(value)).digest()


def plain(row: Mapping[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The row as it reads back from JSON, columns that hold nothing left out."""
    return {
        name: value if type(value) in _AS_IT_IS else as_json(value)
        for name, value in row.items()
        if value is not None and name not in without
    }


_AS_IT_IS = frozenset({int, str, bool, float})


def as_json(value: Any) -> Any:
    """A column's value as it reads back from JSON."""
    if isinstance(value, datetime):
        return to_moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return value


@lru_cache(maxsize=1024)  # a command says the same moment hundreds of times
def to_moment_text(moment: datetime) -> str:
    """A moment as events and exports write it: UTC with milliseconds."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="milliseconds")[:-6] + "Z"


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment cut to the milliseconds that the database keeps."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
