"""What waits to be done, as lists of lines: what, since when, how urgent, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.language import _, ngettext
from biobank_desktop.persistence.queries import worklists
from biobank_desktop.services.records import Provisional, provisional

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.worklists import LabelRow, Overnight, WaitingTube
    from biobank_desktop.persistence.store import Store

SOON = timedelta(days=7)
"""A deadline nearer than this is red."""
WATCH_OVERNIGHT, TOO_LONG_OVERNIGHT = timedelta(days=1), timedelta(days=7)
"""A night at −80 °C is a night; after a week the cells suffer."""


@dataclass(frozen=True)
class Line:
    """One thing that waits: its code, what it is, the words at the right and where Enter goes."""

    code: str
    text: str
    right: str
    screen: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    meaning: Meaning | None = None


@dataclass(frozen=True)
class WorkList:
    """A list of Today: its heading, what to do about it, and its lines."""

    name: str
    title: str
    advice: str
    icon: str
    lines: tuple[Line, ...]


def read(store: Store, now: datetime) -> Generator[None, None, list[WorkList]]:
    """Every list of the database, the most pressing first, a list a step; empty ones are left out."""
    lists = []
    for reader in _READERS:
        with store.read() as connection:
            lists.append(reader(connection, now))
        yield
    return [one for one in lists if one.lines]


def _labels_failed(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_failed(row, now) for row in worklists.labels(connection, state="failed"))
    advice = _("The printer did not take them. Print them again.")
    return WorkList("labels-failed", _("Labels that failed"), advice, "print", lines)


def _overnight(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_nights(worklists.overnight(connection), now))
    advice = _("Move to liquid nitrogen the next day.")
    return WorkList("overnight", _("Overnight at −80 °C"), advice, "snowflake", lines)


def _to_fill(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_tube(row, now, "intake", work=row.tube_id) for row in worklists.to_fill(connection))
    return WorkList("to-fill", _("To fill"), _("Planned vials nobody has filled."), "drop", lines)


def _without_label(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_tube(row, now, "labels") for row in worklists.without_label(connection))
    advice = _("Print, stick, then scan into the box.")
    return WorkList("without-label", _("Without label"), advice, "labels", lines)


def _without_position(connection: Connection, now: datetime) -> WorkList:
    waiting = worklists.without_position(connection)
    lines = tuple(_tube(row, now, "intake", work=row.tube_id) for row in waiting)
    advice = _("Filled vials that lie nowhere yet.")
    return WorkList("without-position", _("Without position"), advice, "box", lines)


def _refused(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_refusal(row, now) for row in worklists.refused(connection))
    return WorkList("refused", _("Refused: destroy or give back"), _("May not be stored."), "refused", lines)


def _provisional(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_waits(one, now) for one in provisional(connection, now))
    advice = _("Stored, not released. After the deadline it is refused.")
    return WorkList("provisional", _("Consent not complete"), advice, "provisional", lines)


_READERS = (
    _labels_failed,
    _overnight,
    _to_fill,
    _without_label,
    _without_position,
    _refused,
    _provisional,
)


def _tube(row: WaitingTube, now: datetime, screen: str, **arguments: Any) -> Line:
    count = ngettext("{count} vial", "{count} vials", row.count)
    text = f"{count} · {words.material_name(row.material)} · {row.time_point}"
    return Line(row.code, text, words.ago(row.since, now), screen, arguments)


def _refusal(row: WaitingTube, now: datetime) -> Line:
    text = f"{words.material_name(row.material)} · {row.time_point} · {codes.group(row.donor)}"
    return Line(row.code, text, words.ago(row.since, now), "record", {"sample": row.tube_id}, Meaning.REFUSED)


def _failed(row: LabelRow, now: datetime) -> Line:
    where = row.printer or _("no printer")
    return Line(
        row.code,
        where,
        words.ago(row.requested_at, now),
        "labels",
        {"object": row.object_id},
        Meaning.REFUSED,
    )


def _nights(rows: Iterable[Overnight], now: datetime) -> list[Line]:
    """One line per container: how many vials, and the clock of the one that lies there longest."""
    by_box: dict[int, list[Overnight]] = {}
    for row in rows:
        by_box.setdefault(row.box_id, []).append(row)
    return [_night(box_id, lying, now) for box_id, lying in by_box.items()]


def _night(box_id: int, lying: list[Overnight], now: datetime) -> Line:
    longest = min(one.since for one in lying)
    age = now - longest
    meaning = None
    if age > TOO_LONG_OVERNIGHT:
        meaning = Meaning.REFUSED
    elif age > WATCH_OVERNIGHT:
        meaning = Meaning.PROVISIONAL
    count = ngettext("{count} vial", "{count} vials", len(lying))
    code = codes.from_number(box_id)
    return Line(
        code, f"{lying[0].box} · {count}", words.ago(longest, now), "storage", {"container": box_id}, meaning
    )


def _waits(one: Provisional, now: datetime) -> Line:
    """A donor: until when, red in the last week and after."""
    reason = one.decision.reasons[0] if one.decision.reasons else None
    text = words.reason_text(reason) if reason else ""
    meaning, right = Meaning.PROVISIONAL, ""
    if one.deadline is not None:
        right = _("until {day}").format(day=words.day(one.deadline.date()))
        left = one.deadline - now
        if left <= SOON:
            meaning = Meaning.REFUSED
        if left <= timedelta(0):
            right = _("passed {day}").format(day=words.day(one.deadline.date()))
    return Line(one.donor.code, text, right, "donors", {"donor": one.donor.id}, meaning)
