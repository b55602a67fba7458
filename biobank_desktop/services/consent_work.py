"""Consent that is not complete, and material that may not stay: who waits for whom, and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, cast

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent_record import GIVING, PARENTS
from biobank_desktop.domain.dates import local_day
from biobank_desktop.persistence.queries import containers, worklists
from biobank_desktop.persistence.queries import thresholds as query
from biobank_desktop.services.growing_up import STORE, judged, record, standing_lines
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.rules import rule_book
from biobank_desktop.services.storage import path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision, Reason
    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.persistence.queries.samples import ListedSample
    from biobank_desktop.persistence.queries.thresholds import Consenting

WaitsFor = Literal["consent", "second-parent", "child", "own-decision", "answer"]
_WAITS: dict[str, WaitsFor] = {
    "no-consent-yet": "consent",
    "second-parent-missing": "second-parent",
    "child-missing": "child",
    "own-decision-missing": "own-decision",
    "own-decision-overdue": "own-decision",
    "own-decision-open": "own-decision",
    "item-not-answered": "answer",
    "form-not-in-force": "answer",
    "item-not-asked": "answer",
}
_LEAVES = frozenset({"item-refused", "child-objects", "deadline-passed", "own-decision-overdue"})
_DESTROYS = frozenset({"W3", "W4"})
"""W1 and W2 keep what is here, blocked or not; only these levels ask for destruction."""


@dataclass(frozen=True)
class Unsettled:
    """A donor whose material may not simply be kept, with the verdict of today."""

    donor: Consenting
    decision: Decision
    first_received_at: datetime | None
    rules: ConsentRules


@dataclass(frozen=True)
class Incomplete:
    """A consent that waits. ``deadline`` None: no day ends it by itself; ``days_left`` may be negative."""

    donor_id: int
    donor: str
    waits_for: WaitsFor
    reason: Reason
    since: date | None
    deadline: date | None
    days_left: int | None


@dataclass(frozen=True)
class LeavingItem:
    """A tube or vial that is to go, and where it lies; ``box`` "": nowhere that is known."""

    id: int
    code: str
    kind: str
    material: str
    time_point: str
    state: str
    box: str
    position: str


@dataclass(frozen=True)
class Leaving:
    """Material of one donor to be destroyed or given back; ``reason`` None: refused on receipt."""

    donor_id: int
    donor: str
    reason: Reason | None
    items: tuple[LeavingItem, ...]


def incomplete(connection: Connection, now: datetime) -> list[Incomplete]:
    """Every donor whose consent waits for somebody, those whose deadline is nearest first."""
    return in_order(waiting(_all(connection, now), local_day(now)))


def leaving(connection: Connection, now: datetime) -> list[Leaving]:
    """Everything that is refused or past its deadline, with where it lies, by donor."""
    return leaving_of(connection, [one for one in _all(connection, now) if _leaves(one)])


def unsettled_page(connection: Connection, now: datetime, after: int) -> tuple[list[Unsettled], int | None]:
    """The unsettled among some donors behind a number, and the number to go on with; None: that was all."""
    donors = query.page(connection, after, date.max)
    if not donors:
        return [], None
    today, book = local_day(now), rule_book(connection)
    open_ones = [
        (one, known)
        for one in donors
        if judged(known := record(one), STORE, today, book).verdict != "permitted"
    ]
    kept = query.kept(connection, [one.id for one, _known in open_ones])
    found = []
    for donor, known in open_ones:
        first = kept[donor.id].first_received_at if donor.id in kept else None
        if first is None and not donor.lines:
            continue
        decision = judged(replace(known, first_received_at=first), STORE, today, book)
        found.append(Unsettled(donor, decision, first, book.on(today)))
    return found, donors[-1].id


def waiting(unsettled: Iterable[Unsettled], today: date) -> Iterator[Incomplete]:
    """Those of them that wait for somebody."""
    for one in unsettled:
        reason = next((reason for reason in one.decision.reasons if reason.code in _WAITS), None)
        if reason is None:
            continue
        deadline = _deadline(one, reason)
        yield Incomplete(
            donor_id=one.donor.id,
            donor=one.donor.code,
            waits_for=_WAITS[reason.code],
            reason=reason,
            since=_since(one, _WAITS[reason.code], today),
            deadline=deadline,
            days_left=(deadline - today).days if deadline else None,
        )


def in_order(found: Iterable[Incomplete]) -> list[Incomplete]:
    """The nearest deadline first, then those without one."""
    return sorted(found, key=lambda one: (one.deadline or date.max, one.donor_id))


def leaving_of(connection: Connection, unsettled: Sequence[Unsettled]) -> list[Leaving]:
    """What of these donors, and what was refused on receipt, is to be destroyed or given back."""
    reasons = {one.donor.id: one.decision.reasons[0] for one in unsettled if _leaves(one)}
    refused = {codes.number(tube.donor) for tube in worklists.refused(connection)}
    by_donor: dict[int, list[ListedSample]] = {}
    for sample in query.present(connection, sorted(reasons.keys() | refused)):
        if sample.donor_id in reasons or sample.state == "refused":
            by_donor.setdefault(sample.donor_id, []).append(sample)
    places = _places(connection, [one for some in by_donor.values() for one in some])
    return [
        Leaving(
            donor_id=donor_id,
            donor=codes.from_number(donor_id),
            reason=reasons.get(donor_id),
            items=tuple(
                LeavingItem(
                    one.id, one.code, one.kind, one.material, one.time_point, one.state, *places[one.id]
                )
                for one in some
            ),
        )
        for donor_id, some in by_donor.items()
    ]


def _all(connection: Connection, now: datetime) -> Iterator[Unsettled]:
    after: int | None = 0
    while after is not None:
        some, after = unsettled_page(connection, now, after)
        yield from some


def _leaves(one: Unsettled) -> bool:
    """Whether the refusal means that the material goes, not only that nothing may be added or used."""
    if one.decision.verdict != "refused":
        return False
    return any(
        reason.code in _LEAVES or (reason.code == "withdrawn" and reason.values["level"] in _DESTROYS)
        for reason in one.decision.reasons
    )


def _deadline(one: Unsettled, reason: Reason) -> date | None:
    if reason.code == "own-decision-overdue":
        age = cast("int", reason.values["age"])
        turned = {12: one.donor.turns_12_on, 16: one.donor.turns_16_on, 18: one.donor.turns_18_on}[age]
        return turned + timedelta(days=one.rules.ages[age].grace_days)
    until = next((r.values["until"] for r in one.decision.reasons if "until" in r.values), None)
    return until if isinstance(until, date) else None


def _since(one: Unsettled, waits_for: WaitsFor, today: date) -> date | None:
    """The day on which the waiting began: the receipt, the other parent's signature, the birthday."""
    received = local_day(one.first_received_at) if one.first_received_at else None
    lines = [line for line in standing_lines(record(one.donor), today) if line.kind in GIVING]
    parents = [line.signed_on for line in lines if line.signatory in PARENTS]
    if waits_for == "consent":
        return received
    if waits_for == "answer":
        return lines[-1].signed_on if lines else received
    first = min(parents) if parents else received
    if waits_for == "second-parent":
        return first
    turned = one.donor.turns_12_on if waits_for == "child" else one.donor.turns_16_on
    return max(turned, first) if first else turned


def _places(connection: Connection, found: Iterable[ListedSample]) -> dict[int, tuple[str, str]]:
    """Where each of them lies: the box with all around it, and the position."""
    listed = list(found)
    boxes = {one.box_id for one in listed if one.box_id is not None}
    rows = {row.id: row for row in containers.some(connection, boxes)}
    paths = {box: path_text(connection, box) for box in boxes}
    places = {}
    for one in listed:
        places[one.id] = ("", "")
        if one.box_id is not None and one.row_no is not None and one.column_no is not None:
            label = grid_of(rows[one.box_id].kind).label((one.row_no, one.column_no))
            places[one.id] = (paths[one.box_id], label)
    return places
