"""Bulk for measuring: fast, and nothing less than whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors, history
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.bulk import SAMPLES_A_COMMAND, fill_lab

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def test_a_bulk_is_whole_and_its_history_tells_it(store: Store, manager: Actor) -> None:
    steps = list(fill_lab(store, manager, SAMPLES_A_COMMAND + 1))
    assert [step.done for step in steps] == [SAMPLES_A_COMMAND, SAMPLES_A_COMMAND + 1]
    assert complete(fill_lab(store, manager, 1, seed=2)) == SAMPLES_A_COMMAND
    seal(store)
    assert Verification(store).run() == []
    with store.read() as connection:
        known = donors.donor_ids(connection)
        count = select(func.count())
        assert connection.execute(count.select_from(tables.sample)).scalar() == 3 * SAMPLES_A_COMMAND
        vials = connection.execute(count.where(tables.sample.c.parent_id.is_not(None))).scalar()
        boxed = tables.container.c.kind == "Box 10 × 10"
        stored = count.select_from(tables.placement).join(
            tables.container, tables.container.c.id == tables.placement.c.container_id
        )
        assert connection.execute(stored.where(boxed)).scalar() == vials
        (event,) = history.of_object(connection, known[0])
    assert {change.table for change in event.changes} == {
        "alias", "consent_line", "decision", "donor", "label", "placement", "receipt", "sample",
    }  # fmt: skip


def test_a_technician_may_not(store: Store, actor: Actor) -> None:
    with pytest.raises(Rejected) as refused:
        complete(fill_lab(store, actor, 1))
    assert [problem.code for problem in refused.value.problems] == ["not-permitted"]
