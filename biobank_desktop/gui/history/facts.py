"""What an event changed, fact by fact, with every column: an auditor sees more than a record's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import Reason
from biobank_desktop.gui import words
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.persistence.queries.history import Change, EventRow

_BOOKKEEPING = frozenset({"id", "stream_id", "command_id"})
_FIRST_CODE = 1 << 20
"""Smaller numbers are streams of people and of the lab."""


@dataclass(frozen=True)
class Line:
    """A column of a fact: its name, the old value ("" for none), the new one ("" when it is gone)."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Fact:
    """One fact that changed: which, and its columns."""

    title: str
    lines: tuple[Line, ...]


def facts(event: EventRow) -> list[Fact]:
    """Everything an event changed."""
    return [Fact(_title(change), tuple(_lines(change))) for change in event.changes]


def subject(event: EventRow) -> str:
    """What an event is about: the code of the thing, a login, or the lab."""
    placed = next((change.key[0] for change in event.changes if change.table == "placement"), None)
    if isinstance(placed, int):
        return _code(placed)
    for change in event.changes:
        for row in (change.new, change.old):
            item = (row or {}).get("item_id")
            if isinstance(item, int):
                return _code(item)
        key = change.key[0] if change.key else None
        if isinstance(key, int) and key >= _FIRST_CODE:
            return _code(key)
    if event.stream >= _FIRST_CODE:
        return _code(event.stream)
    return _named(event)


def _named(event: EventRow) -> str:
    """People, kinds, printers and settings are known by their names."""
    for change in event.changes:
        if change.key and isinstance(change.key[0], str):
            return change.key[0]
    return event.by if event.stream else _("Lab")


def object_id(event: EventRow) -> int | None:
    """The number of the thing to open, None for people and the lab."""
    known = codes.parse(subject(event))
    return codes.number(known) if known else None


def summary(event: EventRow) -> str:
    """The event's changes on one line."""
    shown = words.happening(event).changes
    parts = [f"{one.field}: {one.old} → {one.new}" if one.old else f"{one.field}: {one.new}" for one in shown]
    return " · ".join(parts) or event.why


def _code(number: int) -> str:
    return codes.group(codes.from_number(number))


def _title(change: Change) -> str:
    key = ", ".join(
        _code(part) if isinstance(part, int) and part >= _FIRST_CODE else str(part) for part in change.key
    )
    name = words.named("table", change.table)
    return f"{name} {key}" if key else name


def _lines(change: Change) -> list[Line]:
    old: Mapping[str, Any] = change.old or {}
    new: Mapping[str, Any] = change.new or {}
    return [
        Line(words.named("field", name), _value(name, old, change.old), _value(name, new, change.new))
        for name in dict.fromkeys((*old, *new))
        if name not in _BOOKKEEPING and old.get(name) != new.get(name)
    ]


def _reason(kept: Mapping[str, Any]) -> str:
    values = {name: _dated(value) for name, value in kept["values"].items()}
    return words.reason_text(Reason(kept["code"], values))


def _dated(value: object) -> object:
    """A day as decisions keep it (2026-12-20) as a date again."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _value(name: str, row: Mapping[str, Any], fact: object) -> str:
    if fact is None or name not in row:
        return ""
    value = row[name]
    if name == "reasons":
        return " ".join(_reason(reason) for reason in value) or words.UNKNOWN
    if isinstance(value, dict):
        return (
            "; ".join(f"{say_value(key)}: {say_value(part)}" for key, part in value.items()) or words.UNKNOWN
        )
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and name.endswith("_id") and value >= _FIRST_CODE:
        return _code(value)
    return words.fact(name, value)
