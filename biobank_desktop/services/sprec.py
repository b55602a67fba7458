"""The SPREC code of a sample, from what is recorded about it, its tube, its steps and its storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.materials import material
from biobank_desktop.domain.sprec import Spin, SprecCode, SprecFacts, Stay, code
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import containers, history, samples
from biobank_desktop.services.families import held_rows
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.containers import ClassChange, Place
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.persistence.queries.samples import ReceiptRow, SampleRow, StepRow
    from biobank_desktop.persistence.work import Work

_UNDOING = frozenset({"placing-undone", "move-undone"})
_GRADIENT = frozenset({"density-gradient", "wash"})


@dataclass(frozen=True)
class Past:
    """How vials came to be what they are: receipts and steps by tube, in which box each lay since when."""

    receipts: Mapping[int, ReceiptRow | None]
    steps: Mapping[int, Sequence[StepRow]]
    stays: Mapping[int, Mapping[datetime, int]]


@Question
def past_of(connection: Connection, rows: Collection[SampleRow]) -> Answer[Past]:
    """What is known of the past of these vials; tubes have none.

    Vials of one tube share its receipt, its steps and most events: each is read once.
    """
    vials = {row.id: row.tube_id for row in rows if row.kind != "tube"}
    if not vials:
        return lambda: Past({}, {}, {})
    tubes = set(vials.values())
    receipts = {tube: samples.receipt.sent(connection, tube) for tube in tubes}
    steps = {tube: samples.steps.sent(connection, tube) for tube in tubes}
    events = history.of_objects.sent(connection, vials)
    return lambda: Past(
        {tube: told() for tube, told in receipts.items()},
        {tube: told() for tube, told in steps.items()},
        _told(events(), vials),
    )


def _codes(
    connection: Connection,
    rows: Iterable[SampleRow],
    tubes: Mapping[int, SampleRow],
    past: Past,
    lying: Mapping[int, Place],
) -> dict[int, SprecCode]:
    """The codes as far as they are known now, by the vials' numbers; empty for what SPREC does not code."""
    lain = _at_temperatures(connection, _until_now(past.stays, lying))
    rules = reference().sprec
    made: dict[int, SprecCode] = {}
    for row in rows:
        received = past.receipts.get(row.tube_id) if row.id in lain else None
        if received is not None:
            steps = past.steps[row.tube_id]
            made[row.id] = code(rules, facts_of(row, tubes[row.tube_id], received, steps, lain[row.id]))
    return made


def facts_of(
    row: SampleRow, tube: SampleRow, received: ReceiptRow, steps: Sequence[StepRow], stays: tuple[Stay, ...]
) -> SprecFacts:
    """What a vial's code is computed from."""
    return SprecFacts(
        material=row.material,
        container=tube.container,
        collected_at=tube.drawn_at,
        transport=received.temperature,
        spins=tuple(_spin(step) for step in steps if _concerns(step, row, steps)),
        processing="done" if row.state == "filled" else "open",
        stays=stays,
        controlled_rate=any(step.kind == "freeze" and step.device for step in steps),
    )


def _concerns(step: StepRow, row: SampleRow, steps: Sequence[StepRow]) -> bool:
    """Whether a step of the tube made this vial: the gradient its cells, the plain spin its fluids."""
    gradient = any(one.kind == "density-gradient" for one in steps)
    wanted = _GRADIENT if material(row.material).kind == "cells" and gradient else {"spin"}
    return step.kind in wanted


def _spin(step: StepRow) -> Spin:
    minutes = step.minutes
    if minutes is None and step.ended_at is not None:
        minutes = round((step.ended_at - step.started_at).total_seconds() / 60)
    return Spin(
        started_at=step.started_at,
        g=step.speed_g,
        minutes=minutes,
        temperature=step.temperature or "unknown",
        brake=step.brake,
        gradient=step.kind == "density-gradient",
    )


def stays_of(connection: Connection, vials: Collection[int]) -> dict[int, tuple[Stay, ...]]:
    """Every stay in storage in order: those that history tells, and the one that is being written."""
    told, lying = history.of_objects.sent(connection, vials), containers.places.sent(connection, vials)
    return _at_temperatures(connection, _until_now(_told(told(), vials), lying()))


def _until_now(
    stays: Mapping[int, Mapping[datetime, int]], lying: Mapping[int, Place]
) -> dict[int, dict[datetime, int]]:
    now = {one: {place.since: place.container_id} for one, place in lying.items()}
    return {one: {**own, **now.get(one, {})} for one, own in stays.items()}


def stays_told(
    connection: Connection, events: Iterable[EventRow], vials: Collection[int]
) -> dict[int, tuple[Stay, ...]]:
    """Every stay in storage that these events tell of, in order."""
    return _at_temperatures(connection, _told(events, vials))


def _told(events: Iterable[EventRow], vials: Collection[int]) -> dict[Any, dict[datetime, int]]:
    """In which container each vial lay since when.

    A stay whose scan was taken back is none: the vial never lay there.
    """
    stays: dict[Any, dict[datetime, int]] = {one: {} for one in vials}
    for event in events:
        for change in event.changes:
            own = stays.get(change.key[0]) if change.table == "placement" else None
            if own is None:
                continue
            if change.old and event.kind in _UNDOING:
                own.pop(datetime.fromisoformat(change.old["since"]), None)
            if change.new and "container_id" in change.new:
                own[datetime.fromisoformat(change.new["since"])] = change.new["container_id"]
    return stays


def _at_temperatures(
    connection: Connection, stays: Mapping[Any, Mapping[datetime, int]]
) -> dict[int, tuple[Stay, ...]]:
    boxes = {box for own in stays.values() for box in own.values()}
    asked = containers.class_changes.sent(connection, boxes)
    known, changes = _classes(connection, boxes), asked()
    return {
        one: tuple(
            stay
            for (since, box), (until, _to) in zip(own, [*own[1:], (None, 0)], strict=False)
            if box in known
            for stay in _within(since, until, known[box], changes.get(box, ()))
        )
        for one, own in ((one, sorted(of_one.items())) for one, of_one in stays.items())
    }


def _within(
    since: datetime, until: datetime | None, now: str, changes: Sequence[ClassChange]
) -> Iterable[Stay]:
    """One stay in a box, taken apart where the box came to another temperature class meanwhile."""
    later = [one for one in changes if one.at > since]
    yield Stay(since, later[0].was if later else now)
    for one in later:
        if until is None or one.at < until:
            yield Stay(one.at, one.became)


def _classes(connection: Connection, boxes: Collection[int]) -> dict[int, str]:
    """The temperature class of each of these containers that has one."""
    found = containers.storage_classes(connection, boxes)
    return {
        box: "overnight -80" if level == "freezing-container" else temperature
        for box, (temperature, level) in found.items()
    }


def sprec_of(connection: Connection, row: SampleRow) -> SprecCode:
    """The code of one vial as far as it is known now. Raises ``LookupError`` for a tube."""
    past, lying = past_of.sent(connection, [row]), containers.places.sent(connection, [row.id])
    tubes = samples.samples(connection, [row.tube_id])
    return _codes(connection, [row], tubes, past(), lying())[row.id]


def update_sprec(work: Work, *sample_ids: int) -> None:
    """Compute the codes again after a change, and keep those that are others; tubes have none."""
    rows = held_rows(work, sample_ids)
    past, lying = (
        past_of.sent(work.connection, rows.values()),
        containers.places.sent(work.connection, sample_ids),
    )
    update_sprec_by(work, sample_ids, past(), lying())


def update_sprec_by(work: Work, sample_ids: Iterable[int], past: Past, lying: Mapping[int, Place]) -> None:
    """What ``update_sprec`` does, by the past read since the vials were held; ``lying``: their places now."""
    rows = held_rows(work, sample_ids)
    tubes = held_rows(work, {row.tube_id for row in rows.values()})
    for sample_id, now in _codes(work.connection, rows.values(), tubes, past, lying).items():
        if now.text and now.text != rows[sample_id].sprec:
            work.update(tables.sample, {"id": sample_id}, sprec=now.text, sprec_version=now.version)
