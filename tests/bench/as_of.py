"""What looking back costs: a box and a rack as they were before so many changes, beside raw SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import loads
from biobank_desktop.services import placing
from biobank_desktop.services.as_of import as_it_was
from tests.bench.timing import Row, each, quantiles
from tests.support.databases import ANNA, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store
    from tests.bench.database import Lab

READS = 60
TAKEN = 40
"""Vials that leave each box that is looked at, after the moment that is asked for."""
BOXES = 5


def rows(lab: Lab) -> Iterator[Row]:
    """Boxes of which many vials have left since, the tower they stand in, and a box nothing happened to."""
    store = open_store(lab.address)
    try:
        with store.read() as connection:
            rack, still, boxes = _boxes(connection)
        moment = datetime.now(UTC)
        for box in boxes:
            for vial in _vials(store, box)[:TAKEN]:
                placing.take_out(store, ANNA, codes.from_number(vial), "bench")
        yield _row(store, lab, f"box, {TAKEN} changes ago", boxes, moment)
        yield _row(store, lab, f"rack, {TAKEN * BOXES} changes ago", [rack], moment)
        yield _row(store, lab, "box, nothing since", [still], moment)
        yield _row(store, lab, "whole storage", [None], moment)
    finally:
        store.close()


def _boxes(connection: Connection) -> tuple[int, int, list[int]]:
    """The tower with the newest box, that box, and others of the tower."""
    at, box = tables.placement.c, tables.container.c
    standing = select(at.item_id, at.container_id).join(tables.container, box.id == at.item_id)
    fullest = connection.execute(
        select(at.container_id).join(tables.sample, tables.sample.c.id == at.item_id).limit(1)
    ).scalar_one()
    rack = connection.execute(standing.where(at.item_id == fullest)).one().container_id
    inside = [row.item_id for row in connection.execute(standing.where(at.container_id == rack))]
    return rack, inside[-1], inside[:BOXES]


def _vials(store: Store, box: int) -> list[int]:
    at = tables.placement.c
    with store.read() as connection:
        return list(connection.execute(select(at.item_id).where(at.container_id == box)).scalars())


def _row(store: Store, lab: Lab, name: str, containers: list[int] | list[None], moment: datetime) -> Row:
    now = datetime.now(UTC)
    asked = [containers[place % len(containers)] for place in range(READS)]

    def ours(number: int | None) -> None:
        with store.read() as connection:
            as_it_was(connection, number, moment, now)

    def raw(number: int | None) -> None:
        with store.read() as connection:
            _raw(connection, number, moment)

    p50, p95 = quantiles(each(partial(ours, number) for number in asked))
    limit, _ = quantiles(each(partial(raw, number) for number in asked))
    note = "raw: its rows now and the bodies of its later events"
    return Row(f"as it was: {name}", lab.engine, lab.samples, p50, p95, limit, note=note)


def _raw(connection: Connection, number: int | None, moment: datetime) -> None:
    """The least that any way of looking back has to read."""
    at, event, subject = tables.placement.c, tables.event.c, tables.event_subject.c
    connection.execute(select(tables.placement).where(at.container_id == number)).fetchall()
    later = (
        select(event.body)
        .join(tables.event_subject, subject.event_id == event.id)
        .join(tables.command, tables.command.c.id == event.command_id)
        .where(subject.subject_id == number, tables.command.c.at > moment)
    )
    for body in connection.execute(later).scalars():
        loads(body)
