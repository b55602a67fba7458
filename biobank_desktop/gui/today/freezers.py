"""What waits in storage: devices out of service, spilled boxes, old reservations, boxes nearly full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.today.worklist import Line, WorkList
from biobank_desktop.language import _, ngettext
from biobank_desktop.persistence.queries import containers, reservations, rooms, tree

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.reservations import ReservationRow

NEARLY = 0.9
"""So much of a box is taken when Today names it."""


def out_of_service(connection: Connection, now: datetime) -> WorkList:
    """What nothing new goes into, the longest first."""
    lines = tuple(
        _line(one.container_id, f"{one.name} · {one.why}", words.ago(one.since, now), Meaning.REFUSED)
        for one in tree.outages(connection).values()
    )
    return WorkList(
        "outages", _("Out of service"), _("Empty it, or put it into service again."), "warning", lines
    )


def spilled(connection: Connection, now: datetime) -> WorkList:
    """Boxes in which no position is certain."""
    since = tree.spills(connection)
    names = {row.id: row.name for row in containers.some(connection, since)}
    lines = tuple(
        _line(box, names[box], words.ago(at, now), Meaning.PROVISIONAL) for box, at in since.items()
    )
    return WorkList("spilled", _("Spilled boxes"), _("Scan each vial at its place."), "box", lines)


def reservations_over(connection: Connection, now: datetime) -> WorkList:
    """Wells that are still kept although the days are over, a line for a box, a person and a purpose."""
    kept: dict[tuple[int, str, str], list[ReservationRow]] = {}
    for row in reservations.over_before(connection, now):
        kept.setdefault((row.container_id, row.login, row.what), []).append(row)
    lines = tuple(_over(rows, now) for rows in kept.values())
    advice = _("Their time is over. Use them or give them back.")
    return WorkList("reservations", _("Old reservations"), advice, "pin", lines)


def _over(rows: list[ReservationRow], now: datetime) -> Line:
    first = rows[0]
    count = ngettext("{count} well", "{count} wells", len(rows))
    text = f"{first.container} · {count} · {first.name}: {first.what}"
    return _line(first.container_id, text, words.ago(first.until, now))


def nearly_full(connection: Connection, _now: datetime) -> WorkList:
    """Boxes in which little is free."""
    lines = tuple(
        _line(box, name, ngettext("{count} free", "{count} free", size - used))
        for box, name, used, size in rooms.nearly_full(connection, NEARLY)
    )
    return WorkList("nearly-full", _("Boxes nearly full"), _("Have the next one ready."), "box", lines)


def _line(container: int, text: str, right: str, meaning: Meaning | None = None) -> Line:
    return Line(codes.from_number(container), text, right, "storage", {"container": container}, meaning)
