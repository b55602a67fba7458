"""The SPREC code of a sample, from what is recorded about it, its tube, its steps and its storage."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import material
from biobank_desktop.domain.sprec import Spin, SprecCode, SprecFacts, Stay, code
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, history, samples
from biobank_desktop.services.reference import reference
from biobank_desktop.services.storage import temperature_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.samples import SampleRow, StepRow
    from biobank_desktop.persistence.work import Work

_GRADIENT = frozenset({"density-gradient", "wash"})


def sprec_of(connection: Connection, row: SampleRow) -> SprecCode:
    """The code as far as it is known now; empty for a tube and for what SPREC does not code."""
    tube = samples.sample(connection, row.tube_id)
    received = samples.receipt(connection, row.tube_id)
    if tube is None or received is None or row.kind == "tube":
        return SprecCode("", reference().sprec.version, ())
    steps = samples.steps(connection, tube.id)
    facts = SprecFacts(
        material=row.material,
        container=tube.container,
        collected_at=tube.drawn_at,
        transport=received.temperature,
        spins=tuple(_spin(step) for step in steps if _concerns(step, row, steps)),
        processing="done" if row.state == "filled" else "open",
        stays=_stays(connection, row.id),
        controlled_rate=any(step.kind == "freeze" and step.device for step in steps),
    )
    return code(reference().sprec, facts)


def _concerns(step: StepRow, row: SampleRow, steps: list[StepRow]) -> bool:
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


def _stays(connection: Connection, sample_id: int) -> tuple[Stay, ...]:
    """Every stay in storage in order: those that history tells, and the one that is being written.

    A stay whose scan was taken back is none: the vial never lay there.
    """
    stays: dict[datetime, int] = {}
    for event in reversed(history.of_object(connection, sample_id)):
        for change in event.changes:
            if change.table != "placement" or change.key != (sample_id,):
                continue
            if change.new and "container_id" in change.new:
                stays[event.at] = change.new["container_id"]
            elif change.old and event.kind == "placing-undone":
                stays.pop(datetime.fromisoformat(change.old["since"]), None)
    now = containers.place(connection, sample_id)
    if now is not None:
        stays[now.since] = now.container_id
    known = ((since, _class(connection, box)) for since, box in sorted(stays.items()))
    return tuple(Stay(since, temperature) for since, temperature in known if temperature)


def _class(connection: Connection, container_id: int) -> str | None:
    box = containers.container(connection, container_id)
    if box is not None and box.kind.level == "freezing-container":
        return "overnight -80"
    return temperature_of(connection, container_id)


def update_sprec(work: Work, sample_id: int) -> None:
    """Compute the code again after a change, and keep it when it is another one."""
    row = samples.sample(work.connection, sample_id)
    if row is None or row.kind == "tube":
        return
    now = sprec_of(work.connection, row)
    if now.text and now.text != row.sprec:
        work.update(tables.sample, {"id": sample_id}, sprec=now.text, sprec_version=now.version)
