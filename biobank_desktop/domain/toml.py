"""TOML as this program reads it: at most a megabyte of UTF-8, and every failure is one kind of error."""

from __future__ import annotations

import tomllib

MOST_BYTES = 1 << 20
"""No protocol, template or settings file is a megabyte long."""


class NotTomlError(ValueError):
    """A file that is no TOML; its text says why."""


def read_toml(content: bytes) -> dict[str, object]:
    """The tables of a TOML file. Raises ``NotTomlError``."""
    if len(content) > MOST_BYTES:
        raise NotTomlError(f"more than {MOST_BYTES // 1024} kB")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 5,000 brackets
        raise NotTomlError(str(error)) from error
