"""``biobank history``: what happened to something, or the newest of everything; the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import reading
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.objects import object_id
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import history

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.persistence.queries.history import Change, EventRow

_FIRST_CODE = 1 << 40


def run(options: Namespace) -> Answer:
    """Show the events about the object of a code; without one, of the whole lab."""
    with reading(options) as session, session.store.read() as connection:
        if options.code:
            number = object_id(connection, options.code)
            events = history.of_object(connection, number, limit=options.limit)
        else:
            events = history.page(connection, history.ids(connection)[: options.limit])
    rows = [
        (columns.moment(one.at), words.event(one.kind), one.name, one.bench, one.why or " ") for one in events
    ]
    headings = (_("When"), _("What"), _("Who"), _("Bench"), _("Why"))
    return Answer({"events": [event(one) for one in events]}, columns.table(headings, rows))


def event(row: EventRow) -> dict[str, Any]:
    """An event with what it changed; its stream is a donor's or device's code, or a number (0 is the lab)."""
    return {
        "stream": str(named(row.stream)),
        "seq": row.seq,
        "kind": row.kind,
        "at": row.at,
        "by": row.by,
        "name": row.name,
        "bench": row.bench,
        "why": row.why,
        "typed": list(row.typed),
        "command": row.command,
        "sealed": row.sealed,
        "changes": [_change(change) for change in row.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    """A fact's change; objects are called by their codes, as everywhere."""
    return {
        "table": change.table,
        "key": [named(value) for value in change.key],
        "old": _row(change.old),
        "new": _row(change.new),
    }


def _row(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        name: named(value) if name == "id" or name.endswith("_id") else value for name, value in row.items()
    }


def named(value: object) -> object:
    """The code of an object's number; anything else as it is, also a number that a forger made up."""
    if not isinstance(value, int) or value < _FIRST_CODE:
        return value
    try:
        return codes.from_number(value)
    except ValueError:
        return value
