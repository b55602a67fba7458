"""Steps, filling, giving up and adding vials, on real databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.persistence.queries import samples, worklists
from biobank_desktop.services import labels, processing
from biobank_desktop.services.processing import StepForm
from tests.support.lab import add_donor, fill_all, receive, vials_of

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received


@pytest.fixture
def received(store: Store, actor: Actor) -> Received:
    return receive(store, actor, add_donor(store, actor))


def test_a_step_is_started_and_ended_by_button(store: Store, actor: Actor, received: Received) -> None:
    began = datetime.now(UTC)
    form = StepForm("density-gradient", began, speed_g=400, minutes=30, temperature="room", brake=False)
    no = processing.start_step(store, actor, received.tube, form)
    processing.end_step(store, actor, received.tube, no, began + timedelta(minutes=30))
    with pytest.raises(Conflict):
        processing.end_step(store, actor, received.tube, no, began + timedelta(minutes=31))
    with store.read() as connection:
        (step,) = samples.steps(connection, codes.number(received.tube))
    assert step.ended_at is not None
    assert step.ended_at - step.started_at == timedelta(minutes=30)


def test_an_impossible_step_is_refused_with_everything_wrong(
    store: Store, actor: Actor, received: Received
) -> None:
    early = datetime.now(UTC) - timedelta(days=2)
    with pytest.raises(Rejected) as refused:
        processing.start_step(
            store, actor, received.tube, StepForm("shake", early, speed_g=999_999, minutes=0)
        )
    assert {problem.code for problem in refused.value.problems} == {
        "not-a-choice", "step-before-receipt", "speed-implausible", "minutes-implausible",
    }  # fmt: skip


def test_the_gradient_makes_the_cells_and_not_the_plasma(
    store: Store, actor: Actor, received: Received
) -> None:
    form = StepForm("density-gradient", datetime.now(UTC), None, 400, 25, "room", False)
    processing.start_step(store, actor, received.tube, form)
    fill_all(store, actor, received)
    with store.read() as connection:
        sprecs = {
            vial.material: vial.sprec for vial in samples.vials(connection, codes.number(received.tube))
        }
    assert sprecs == {"CEL": "CEL-SHP-E-M-N-?-?", "PL1": "PL1-SHP-?-N-N-N-?"}


def test_a_vial_is_filled_once(store: Store, actor: Actor, received: Received) -> None:
    vial = vials_of(received, "PL1")[0]
    processing.fill(store, actor, [FillForm(vial, volume_ul=480)])
    with pytest.raises(Rejected) as refused:
        processing.fill(store, actor, [FillForm(vial, volume_ul=480)])
    assert [(one.field, one.code) for one in refused.value.problems] == [("vials[0].code", "filled-before")]


def test_cells_never_exceed_what_was_counted(store: Store, actor: Actor, received: Received) -> None:
    processing.record_count(store, actor, received.tube, 25_000_000, 93.5, None)
    cells = vials_of(received, "CEL")
    with pytest.raises(Rejected) as refused:
        processing.fill(store, actor, [FillForm(vial, 1000, 10_000_000) for vial in cells])
    assert {(one.field, one.code) for one in refused.value.problems} == {
        ("vials[2].cells", "more-cells-than-left"), ("vials[3].cells", "more-cells-than-left"),
    }  # fmt: skip
    processing.fill(store, actor, [FillForm(vial, 1000, 10_000_000) for vial in cells[:2]])
    with pytest.raises(Rejected) as fewer:
        processing.record_count(store, actor, received.tube, 15_000_000, 93.5, None)
    assert fewer.value.problems[0].code == "fewer-than-taken"


def test_a_void_code_stays_dead(store: Store, actor: Actor, received: Received) -> None:
    vial = vials_of(received, "CEL")[3]
    processing.make_void(store, actor, vial, "too few cells")
    with store.read() as connection:
        assert {label.state for label in worklists.labels(connection, object_id=codes.number(vial))} == {
            "cancelled"
        }
    for attempt in (
        lambda: processing.fill(store, actor, [FillForm(vial, 1000, 1_000_000)]),
        lambda: processing.make_void(store, actor, vial, "again"),
        lambda: labels.reprint(store, actor, vial, "lost"),
    ):
        with pytest.raises(Rejected) as refused:
            attempt()
        assert {one.code for one in refused.value.problems} == {"sample-void"}


def test_one_more_vial_can_be_added(store: Store, actor: Actor, received: Received) -> None:
    (code,) = processing.add_vials(store, actor, received.tube, PlannedVials("CEL", 1, cells=5_000_000))
    with store.read() as connection:
        vial = samples.sample(connection, codes.number(code))
        waiting = worklists.labels(connection, object_id=codes.number(code))
    assert vial is not None
    assert (vial.number, vial.state, vial.kind) == (5, "planned", "derivative")
    assert [label.state for label in waiting] == ["queued"]
    with pytest.raises(Rejected) as refused:
        processing.add_vials(store, actor, received.tube, PlannedVials("CSF", 1, volume_ul=200))
    assert refused.value.problems[0].code == "not-derivable"


def test_a_whole_tube_may_hold_more_than_a_vial(store: Store, actor: Actor, received: Received) -> None:
    processing.record_count(store, actor, received.tube, 4_000_000_000, 90, None)
    with pytest.raises(Rejected) as refused:
        processing.record_count(store, actor, received.tube, 4_000_000_000_000, 90, None)
    assert refused.value.problems[0].code == "cells-implausible"
