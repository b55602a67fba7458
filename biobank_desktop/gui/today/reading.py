"""What waits to be done, as lists of lines: what, since when, how urgent, and where it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.today import freezers
from biobank_desktop.gui.today.worklist import Gather, Line, WorkList
from biobank_desktop.language import _, ngettext, say_value
from biobank_desktop.persistence.queries import disposals, forms, nonconformities, releases, worklists
from biobank_desktop.services import consent_work, growing_up
from biobank_desktop.services.release_page import shown_number
from biobank_desktop.services.restore_gap import SIGNATURES, gap

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from datetime import date

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.disposals import DisposalRow
    from biobank_desktop.persistence.queries.forms import UncheckedRow
    from biobank_desktop.persistence.queries.nonconformities import NonconformityRow
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.queries.worklists import LabelRow, OutOfTheCold, Overnight, WaitingTube
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.consent_work import Incomplete, Leaving, Unsettled
    from biobank_desktop.services.growing_up import Turning
    from biobank_desktop.services.restore_gap import Gap

SOON_DAYS = 7
"""A deadline this near is red."""
AHEAD_DAYS = 90
"""Birthdays this far ahead are shown."""
LONG_OUT = timedelta(minutes=30)
"""So long a vial is out of the cold before Today says so."""
WATCH_OVERNIGHT, TOO_LONG_OVERNIGHT = timedelta(days=1), timedelta(days=7)
"""A night at −80 °C is a night; after a week the cells suffer."""


def read(store: Store, now: datetime) -> Generator[None, None, list[WorkList]]:
    """Every list of the database, the most pressing first, a list a step; empty ones are left out."""
    lists = []
    for reader in _READERS:
        with store.read() as connection:
            lists.append(reader(connection, now))
        yield
    lists += yield from _of_consent(store, now)
    return [one for one in lists if one.lines]


def _labels_failed(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_failed(row, now) for row in worklists.labels(connection, states=["failed"]))
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
    listed = disposals.listed(connection)
    rows = [row for row in worklists.refused(connection) if row.tube_id not in listed]
    lines = tuple(_refusal(row, now) for row in rows)
    gather = Gather("L", "refused", tuple(row.code for row in rows))
    advice = _("May not be stored.")
    return WorkList("refused", _("Refused: destroy or give back"), advice, "refused", lines, gather)


def _restore_gap(connection: Connection, _now: datetime) -> WorkList:
    now = gap(connection)
    lines = (_unsigned(now),) if now is not None and not now.closed else ()
    advice = _("Nothing leaves until two persons have signed.")
    return WorkList("restore-gap", _("Restored from a backup"), advice, "warning", lines)


def _out_long(connection: Connection, now: datetime) -> WorkList:
    rows = worklists.out_since_before(connection, now - LONG_OUT)
    lines = tuple(_out(row, now) for row in rows)
    advice = _("Put back, or record what was used.")
    return WorkList("out-long", _("Long out of the cold"), advice, "snowflake", lines)


def _open_lists(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_to_work_off(row, now) for row in disposals.lists(connection, state="open"))
    advice = _("Destroy, give back or tell; somebody else has to see it.")
    return WorkList("disposals", _("Lists to work off"), advice, "disposals", lines)


def _undecided(connection: Connection, now: datetime) -> WorkList:
    found = nonconformities.nonconformities(connection, state="open")
    lines = tuple(_held(row, now) for row in found if row.undecided)
    advice = _("Held back until a manager decides.")
    return WorkList("quarantine", _("In quarantine"), advice, "warning", lines)


def _open_releases(connection: Connection, now: datetime) -> WorkList:
    lines = tuple(_release(row, now) for row in releases.releases(connection, state="open"))
    advice = _("Choose their vials; a manager issues.")
    return WorkList("releases", _("Open releases"), advice, "release", lines)


def _of_consent(store: Store, now: datetime) -> Generator[None, None, list[WorkList]]:
    """Who grows up, whose consent waits, what may not stay: all donors, some a step."""
    today = local_day(now)
    growing: list[Turning] = []
    unsettled: list[Unsettled] = []
    after: int | None = 0
    while after is not None:
        with store.read() as connection:
            turning, after = growing_up.turning_page(connection, today, AHEAD_DAYS, after)
        growing += turning
        yield
    after = 0
    while after is not None:
        with store.read() as connection:
            some, after = consent_work.unsettled_page(connection, now, after)
        unsettled += some
        yield
    with store.read() as connection:
        leaving = _unlisted(consent_work.leaving_of(connection, unsettled), disposals.listed(connection))
        unchecked = forms.unchecked(connection)
    waiting = consent_work.in_order(consent_work.waiting(unsettled, today))
    return [
        _deadlines(one for one in waiting if _presses(one)),
        _leaving(leaving),
        _incomplete(one for one in waiting if not _presses(one)),
        _growing_up(growing_up.in_order(growing), today),
        _to_compare(unchecked, now),
    ]


def _presses(one: Incomplete) -> bool:
    return one.days_left is not None and one.days_left <= SOON_DAYS


def _deadlines(waiting: Iterable[Incomplete]) -> WorkList:
    lines = tuple(_waits(one, Meaning.REFUSED) for one in waiting)
    advice = _("A week left, or already over.")
    return WorkList("deadlines", _("Deadlines of consent"), advice, "clock", lines)


def _incomplete(waiting: Iterable[Incomplete]) -> WorkList:
    lines = tuple(_waits(one, Meaning.PROVISIONAL) for one in waiting)
    advice = _("Waits for the second parent, the child or an own decision.")
    return WorkList("incomplete", _("Consent not complete"), advice, "provisional", lines)


def _leaving(leaving: Iterable[Leaving]) -> WorkList:
    """Material of whom consent has ended; tubes refused on receipt have their own list."""
    stored = [one for one in leaving if any(item.state != "refused" for item in one.items)]
    lines = tuple(_goes(one) for one in stored)
    gather = Gather("O", "", tuple(item.code for one in stored for item in one.items))
    advice = _("Stored material that may not stay.")
    return WorkList("leaving", _("To destroy or give back"), advice, "refused", lines, gather)


def _unlisted(leaving: Iterable[Leaving], listed: frozenset[int]) -> list[Leaving]:
    """Without what stands on a list already: that is worked off there."""
    rest = [replace(one, items=tuple(item for item in one.items if item.id not in listed)) for one in leaving]
    return [one for one in rest if one.items]


def _growing_up(turning: Iterable[Turning], today: date) -> WorkList:
    lines = tuple(_turns(one, today) for one in turning)
    advice = _("Turns 12, 16 or 18 within 90 days, or did: their own decision is open.")
    return WorkList("growing-up", _("Growing up"), advice, "calendar", lines)


def _to_compare(unchecked: Iterable[UncheckedRow], now: datetime) -> WorkList:
    """One line per donor: how many lines nobody has compared with the paper, the oldest first."""
    by_donor: dict[int, list[UncheckedRow]] = {}
    for row in unchecked:
        by_donor.setdefault(row.donor_id, []).append(row)
    lines = tuple(_compared(donor_id, rows, now) for donor_id, rows in by_donor.items())
    advice = _("Compare with the signed form: not by who entered it.")
    return WorkList("to-compare", _("Consent to compare"), advice, "consent", lines)


_READERS = (
    _restore_gap,
    freezers.out_of_service,
    freezers.spilled,
    _out_long,
    _labels_failed,
    _open_lists,
    _overnight,
    _to_fill,
    _without_label,
    _without_position,
    _refused,
    _undecided,
    _open_releases,
    freezers.reservations_over,
    freezers.nearly_full,
)


def _tube(row: WaitingTube, now: datetime, screen: str, **arguments: Any) -> Line:
    count = ngettext("{count} vial", "{count} vials", row.count)
    text = f"{count} · {words.material_name(row.material)} · {row.time_point}"
    return Line(row.code, text, words.ago(row.since, now), screen, arguments)


def _refusal(row: WaitingTube, now: datetime) -> Line:
    text = f"{words.material_name(row.material)} · {row.time_point} · {codes.group(row.donor)}"
    return Line(row.code, text, words.ago(row.since, now), "record", {"sample": row.tube_id}, Meaning.REFUSED)


def _unsigned(one: Gap) -> Line:
    text = _("backup of {when}").format(when=words.moment(one.made_at))
    signed = _("{signed} of {needed} signed").format(signed=len(one.signatures), needed=SIGNATURES)
    return Line("", text, signed, "gap", meaning=Meaning.REFUSED)


def _out(row: OutOfTheCold, now: datetime) -> Line:
    text = f"{words.material_name(row.material)} · {row.time_point} · {row.why}"
    return Line(row.code, text, words.ago(row.since, now), "record", {"sample": row.id}, Meaning.REFUSED)


def _to_work_off(row: DisposalRow, now: datetime) -> Line:
    parts = [say_value(row.reason)]
    if row.donor_id is not None:
        parts.append(codes.group(codes.from_number(row.donor_id)))
    if row.open:
        parts.append(_("{count} to do").format(count=row.open))
    if row.unwitnessed:
        parts.append(_("{count} to witness").format(count=row.unwitnessed))
    name = _("List {no}").format(no=row.no)
    since = words.ago(row.opened_at, now)
    return Line(name, " · ".join(parts), since, "disposals", {"no": row.no}, Meaning.PROVISIONAL)


def _held(row: NonconformityRow, now: datetime) -> Line:
    count = ngettext("{count} sample", "{count} samples", row.undecided)
    no = _("No. {no}").format(no=row.no)
    since = words.ago(row.found_at, now)
    return Line(
        no, f"{count} · {row.what}", since, "quarantine", {"nonconformity": row.no}, Meaning.PROVISIONAL
    )


def _release(row: ReleaseRow, now: datetime) -> Line:
    count = ngettext("{count} vial", "{count} vials", row.vials)
    text = f"{count} · {row.study} · {row.institution}"
    return Line(shown_number(row), text, words.ago(row.opened_at, now), "releases", {"release": row.no})


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


def _waits(one: Incomplete, meaning: Meaning) -> Line:
    """A donor: for whom it waits, and how many days are left."""
    text = _(f"waits.{one.waits_for}")
    if one.days_left is None:
        right = _("since {day}").format(day=words.day(one.since)) if one.since else ""
    else:
        right = _days_left(one.days_left)
    return Line(one.donor, text, right, "donors", {"donor": one.donor_id}, meaning)


def _days_left(days: int) -> str:
    if days < 0:
        return ngettext("{count} day over", "{count} days over", -days)
    return ngettext("{count} day left", "{count} days left", days)


def _goes(one: Leaving) -> Line:
    vials = sum(1 for item in one.items if item.kind != "tube")
    tubes = len(one.items) - vials
    parts = [ngettext("{count} vial", "{count} vials", vials)] if vials else []
    parts += [ngettext("{count} tube", "{count} tubes", tubes)] if tubes else []
    if one.reason is not None:
        parts.append(words.reason_text(one.reason))
    return Line(one.donor, " · ".join(parts), "", "donors", {"donor": one.donor_id}, Meaning.REFUSED)


def _compared(donor_id: int, rows: list[UncheckedRow], now: datetime) -> Line:
    count = ngettext("{count} line", "{count} lines", len(rows))
    by = ", ".join(sorted({row.entered_by for row in rows}))
    text = _("{count} · entered by {login}").format(count=count, login=by)
    meaning = Meaning.PROVISIONAL if any(row.differs for row in rows) else None
    since = words.ago(min(row.entered_at for row in rows), now)
    return Line(codes.from_number(donor_id), text, since, "donors", {"donor": donor_id}, meaning)


_TURNING = {"overdue": Meaning.REFUSED, "due": Meaning.PROVISIONAL}


def _turns(one: Turning, today: date) -> Line:
    """A donor at a birthday: what became of the letter, and the days to the birthday or its grace."""
    ahead = (one.on - today).days
    turns = _("Turns {age}") if ahead > 0 else _("Turned {age}")
    parts = [turns.format(age=one.age), ngettext("{count} vial", "{count} vials", one.vials)]
    if not one.contact:
        parts.insert(1, _("not to be contacted"))
    elif one.state != "overdue":  # the words at the right say that
        parts.insert(1, say_value(one.state))
    text = " · ".join(parts)
    if ahead > 0:
        right = ngettext("in {count} day", "in {count} days", ahead)
    else:
        right = _days_left((one.until - today).days)
    meaning = _TURNING.get(one.state) if one.contact else None
    return Line(one.donor, text, right, "donors", {"donor": one.donor_id}, meaning)
