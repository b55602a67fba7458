"""Frozen dataclasses as plain JSON and back, strictly: each entry that is unknown, missing or wrong is named.

The types of a dataclass are its rules: ``str`` is one line of text, ``int`` a count, ``Annotated[str, rule]``
a text for which the rule is true, ``X | None`` also nothing; moments are written in UTC with milliseconds and
in no other way.
"""

from __future__ import annotations

import dataclasses
import json
import types
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from biobank_desktop.domain.problems import Problem, refuse

Whole = TypeVar("Whole")

MOST_CHARACTERS = 400
MOST_ENTRIES = 60
MOST_COUNT = 1 << 53
"""Beyond this, JSON's numbers are no longer whole in other programs."""

_NAMES = {"date": date, "datetime": datetime}
_WRONG = object()


def to_mapping(value: Any) -> Any:
    """A dataclass as JSON has it."""
    if dataclasses.is_dataclass(value):
        return {one.name: to_mapping(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [to_mapping(one) for one in value]
    if isinstance(value, datetime):
        return _moment_text(value)
    return value.isoformat() if isinstance(value, date) else value


def canonical(mapping: object) -> bytes:
    """The one way to write a mapping: UTF-8, sorted keys, no spaces."""
    return json.dumps(mapping, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def from_mapping(kind: type[Whole], mapping: object) -> Whole:
    """The dataclass that a mapping holds. Raises ``Rejected`` with every problem, each at its path."""
    reader = _Reader()
    read = reader.value(kind, mapping, "")
    refuse(reader.problems)
    return cast("Whole", read)


def _moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


class _Reader:
    """Reads values by their types and collects what is wrong with the others."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def value(self, kind: Any, value: object, path: str) -> Any:
        origin, parts = get_origin(kind), get_args(kind)
        if origin in {Union, types.UnionType}:
            return None if value is None else self.value(parts[0], value, path)
        if origin is Annotated:
            fits = isinstance(value, str) and parts[1](value)
            return value if fits else self.wrong("entry-wrong", path)
        if origin is Literal:
            return value if value in parts else self.wrong("entry-wrong", path)
        if origin is tuple:
            return self.row(parts[0], value, path)
        if dataclasses.is_dataclass(kind):
            return self.part(kind, value, path)
        read = {str: _line, int: _count, date: _day, datetime: _moment}[kind](value)
        return self.wrong("entry-wrong", path) if read is _WRONG else read

    def part(self, kind: Any, value: object, path: str) -> Any:
        if not isinstance(value, dict):
            return self.wrong("entry-wrong", path)
        before = len(self.problems)
        hints = get_type_hints(kind, localns=_NAMES, include_extras=True)
        at = f"{path}." if path else ""
        for name in sorted(map(str, value.keys() - hints.keys())):
            self.wrong("entry-unknown", at + name)
        for name in [name for name in hints if name not in value]:
            self.wrong("entry-missing", at + name)
        read = {name: self.value(hints[name], value[name], at + name) for name in hints if name in value}
        return _WRONG if len(self.problems) > before else kind(**read)

    def row(self, kind: Any, value: object, path: str) -> Any:
        if not isinstance(value, list) or len(value) > MOST_ENTRIES:
            return self.wrong("entry-wrong", path)
        return tuple([self.value(kind, one, f"{path}[{place}]") for place, one in enumerate(value)])

    def wrong(self, code: str, path: str) -> object:
        shown = "".join(one if one.isprintable() else "?" for one in path[:120])
        self.problems.append(Problem(shown, code, {"path": shown}))
        return _WRONG


def _line(value: object) -> object:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_CHARACTERS:
        return _WRONG
    return value if value.isprintable() else _WRONG


def _count(value: object) -> object:
    whole = type(value) is int and 0 <= value <= MOST_COUNT
    return value if whole else _WRONG


def _day(value: object) -> object:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return _WRONG
    return day if day.isoformat() == value else _WRONG


def _moment(value: object) -> object:
    try:
        moment = datetime.fromisoformat(str(value))
        return moment if _moment_text(moment) == value else _WRONG
    except (ValueError, OverflowError):
        return _WRONG
