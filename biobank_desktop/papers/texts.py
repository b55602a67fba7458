"""The words of the letters: ``resources/letters/letters.toml``, both languages side by side."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from biobank_desktop.domain.toml import read_toml
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

LANGUAGES = ("en", "nl")


def words(language: str, path: str, **values: str) -> str:
    """The sentence at a dotted path, its values filled in. Raises ``KeyError`` when there is none."""
    return str(_entry(path)[language]).format(**values)


def paragraphs(language: str, path: str) -> tuple[str, ...]:
    """The paragraphs at a dotted path."""
    return tuple(cast("list[str]", _entry(path)[language]))


def has(path: str) -> bool:
    """Whether there is anything at a dotted path."""
    try:
        _entry(path)
    except KeyError:
        return False
    return True


def names(path: str) -> tuple[str, ...]:
    """What stands below a dotted path, in the order of the file."""
    return tuple(_entry(path))


def day(language: str, on: date) -> str:
    """A date as it is written in a letter: 22 November 2026."""
    return f"{on.day} {month(language, on)}"


def month(language: str, on: date) -> str:
    """The month of a date: November 2026."""
    return f"{paragraphs(language, 'months')[on.month - 1]} {on.year}"


def _entry(path: str) -> Mapping[str, object]:
    entry: object = _all()
    for name in path.split("."):
        entry = cast("Mapping[str, object]", entry)[name]
    return cast("Mapping[str, object]", entry)


@cache
def _all() -> Mapping[str, object]:
    return read_toml((folder("letters") / "letters.toml").read_bytes())
