"""What the colours of a box are told about its vials."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.use import UseForm
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services import labels, use
from biobank_desktop.services.processing import left_in
from biobank_desktop.services.records import sample_record
from biobank_desktop.services.wells import vials_in
from tests.support.lab import add_boxes, add_donor
from tests.support.leaving import kept, withdraw
from tests.support.printed import sent

if TYPE_CHECKING:
    from biobank_desktop.domain.colouring import VialFacts
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


@pytest.fixture
def box(store: Store, actor: Actor) -> str:
    """A box with the vials of one who said yes, of one nobody has asked, and of one who withdrew."""
    made = add_boxes(store).plasma
    kept(store, actor, made, 3)
    kept(store, actor, made, 1, add_donor(store, actor))
    gone = kept(store, actor, made, 2)
    withdraw(store, actor, gone.donor)
    return made


def told(store: Store, box: str) -> dict[int, VialFacts]:
    with store.read() as connection:
        return {one.item_id: one for one in vials_in(connection, codes.number(box), datetime.now(UTC))}


def test_the_verdicts_of_all_donors_are_those_of_their_records(store: Store, box: str) -> None:
    found = told(store, box)
    with store.read() as connection:
        records = {one: sample_record(connection, one, datetime.now(UTC)) for one in found}
    assert {one: facts.verdict for one, facts in found.items()} == {
        one: record.decision.verdict for one, record in records.items()
    }
    assert {facts.verdict for facts in found.values()} == {"permitted", "provisional", "refused"}


def test_what_is_left_is_what_the_record_says(store: Store, actor: Actor, box: str) -> None:
    vial = next(one for one, facts in told(store, box).items() if facts.verdict == "permitted")
    before = told(store, box)[vial].left_ul
    use.use(store, actor, UseForm(codes.from_number(vial), "store", "activity", ul=120))
    after = told(store, box)
    assert before is not None
    assert after[vial].left_ul == before - 120
    with store.read() as connection:
        assert all(
            (facts.left_ul, facts.left_cells) == left_in(connection, one) for one, facts in after.items()
        )


def test_who_came_back_or_was_scanned_has_been_seen_since_it_was_placed(
    store: Store, actor: Actor, box: str
) -> None:
    back, scanned, lying, *_ = told(store, box)
    use.check_out(store, actor, [codes.from_number(back)], "activity")
    assert told(store, box)[back].seen_at == told(store, box)[back].since
    use.check_in(store, actor, [codes.from_number(back)], thawed=False)
    assert told(store, box)[back].seen_at > told(store, box)[back].since
    with store.read() as connection:
        state = containers.newest_label(connection, scanned)
    labels.reprint(store, actor, codes.from_number(scanned), "damaged")
    assert told(store, box)[scanned].label == "queued" != (state or (0, ""))[1]
    with store.read() as connection:
        again = labels.queued(connection, [scanned])
    sent(store, actor, again)
    labels.verify(store, actor, codes.from_number(scanned))
    assert told(store, box)[scanned].label == "verified"
    assert told(store, box)[scanned].seen_at > told(store, box)[scanned].since
    assert told(store, box)[lying].seen_at == told(store, box)[lying].since


def test_a_container_without_vials_has_nothing_to_tell(store: Store) -> None:
    assert told(store, add_boxes(store).plasma) == {}
