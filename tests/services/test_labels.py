"""Labels asked for, handed over, proved and printed again, on real databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import ContainerLabel, VialLabel
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.printers import Told
from biobank_desktop.labels.rendering import render_all
from biobank_desktop.persistence.queries import donors, worklists
from biobank_desktop.services import labels, printing
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.processing import make_void
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import BO
from tests.support.lab import add_boxes, add_donor, consent_of_both, receive, vials_of
from tests.support.printed import failed, sent, taken

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received


@pytest.fixture
def received(store: Store, actor: Actor) -> Received:
    return receive(store, actor, add_donor(store, actor))


def _states(store: Store, code: str) -> list[str]:
    with store.read() as connection:
        return [label.state for label in worklists.labels(connection, object_id=codes.number(code))]


def test_what_stands_on_a_label_identifies_nobody(store: Store, received: Received) -> None:
    with store.read() as connection:
        (first, *others) = labels.queued(connection)
    assert len(others) == 5
    assert isinstance(first.label, VialLabel)
    assert (first.label.code, first.label.material, first.label.time_point) == (
        received.vials[0].code, "BM MNC", "DX",
    )  # fmt: skip
    assert (first.label.number, first.label.of) == (1, 4)
    pages = render_all(template(first.template), [one.label for one in (first, *others)], 300)
    assert [page.codes for page in pages] == [(vial.code,) for vial in received.vials]


def test_handed_over_is_not_printed_and_a_scan_proves(store: Store, actor: Actor, received: Received) -> None:
    with store.read() as connection:
        waiting = labels.queued(connection)
    sent(store, actor, waiting)
    vial = received.vials[0].code
    assert _states(store, vial) == ["sent"]
    assert labels.verify(store, actor, vial) == "right"
    assert _states(store, vial) == ["verified"]
    assert labels.verify(store, actor, vial) == "twice"
    with store.read() as connection:
        kept = worklists.labels(connection, object_id=codes.number(vial))[0]
    assert kept.printer == "Zebra 2"
    assert kept.fields["code|grouped"] == codes.group(vial)


def test_a_dead_printer_loses_no_label(store: Store, actor: Actor, received: Received) -> None:
    with store.read() as connection:
        waiting = labels.queued(connection)
    failed(store, actor, waiting)
    vial = received.vials[0].code
    assert _states(store, vial) == ["failed"]
    labels.reprint(store, actor, vial, "printer-fault")
    assert _states(store, vial) == ["queued", "failed"]


def test_a_reprint_is_counted_and_needs_a_reason(store: Store, actor: Actor, received: Received) -> None:
    vial = vials_of(received, "PL1")[0]
    with pytest.raises(Rejected):
        labels.reprint(store, actor, vial, "because")
    labels.reprint(store, actor, vial, "damaged", "fell into the ice")
    with store.read() as connection:
        newest, _first = worklists.labels(connection, object_id=codes.number(vial))
    assert (newest.no, newest.reason) == (2, "damaged")


def test_boxes_have_labels_too(store: Store, actor: Actor) -> None:
    boxes = add_boxes(store)
    labels.reprint(store, actor, boxes.plasma, "lost")
    with store.read() as connection:
        (waiting,) = labels.queued(connection)
    assert waiting.label == ContainerLabel(boxes.plasma, "BX001", "F80-01 / F80-01 S1")
    (page,) = render_all(template(waiting.template), [waiting.label], 300)
    assert page.codes == (boxes.plasma,)


def test_a_foreign_code_proves_nothing(store: Store, actor: Actor) -> None:
    with pytest.raises(NotFound):
        labels.verify(store, actor, "HX26110042")
    donor = add_donor(store, actor)
    with pytest.raises(Rejected) as refused:
        labels.verify(store, actor, donor)
    assert refused.value.problems[0].code == "sample-unlabelled"


def test_a_void_vial_still_counts_on_the_labels_of_its_siblings(
    store: Store, actor: Actor, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    make_void(store, actor, first, "dropped")
    with store.read() as connection:
        label = labels.label_of(connection, codes.number(second))
    assert isinstance(label, VialLabel)
    assert (label.number, label.of) == (2, 2), "never 2/1"


def test_a_label_proved_before_its_hand_over_was_told_stays_proved(
    store: Store, actor: Actor, received: Received
) -> None:
    with store.read() as connection:
        waiting = labels.queued(connection)
    batch = taken(store, actor, waiting)
    vial = received.vials[0].code
    assert labels.verify(store, actor, vial) == "right"
    printing.report(store, actor, printing.came_of(Told("Zebra 2", 0, "sent"), batch))
    assert _states(store, vial) == ["verified"]
    assert _states(store, received.vials[1].code) == ["sent"]


def test_a_scan_proves_the_label_that_is_there_not_the_one_that_waits(
    store: Store, actor: Actor, received: Received
) -> None:
    with store.read() as connection:
        waiting = labels.queued(connection)
    sent(store, actor, waiting)
    vial = received.vials[0].code
    labels.reprint(store, actor, vial, "damaged")
    assert labels.verify(store, actor, vial) == "right"
    assert _states(store, vial) == ["queued", "verified"]
    assert labels.verify(store, actor, vial) == "twice"


def test_what_consent_refuses_is_not_printed_and_the_verdict_stands_beside_what_was(store: Store) -> None:
    boxes = add_boxes(store)
    labels.reprint(store, BO, boxes.plasma, "lost")
    donor, other = add_donor(store, BO), add_donor(store, BO)
    for code in (donor, other):
        consent_of_both(store, BO, code)
    kept = receive(store, BO, donor)
    gone = receive(store, BO, other, tube_code="HX26110043")
    refusal = ConsentForm(other, "refused", "father", date(2026, 11, 4), date(2026, 11, 5))
    record_consent(store, BO, refusal)
    with store.read() as connection:
        waiting = labels.queued(connection)
        may, refused = printing.permitted(connection, waiting, datetime.now(UTC))
    own = {vial.code for vial in kept.vials}
    assert own <= {one.label.code for one in may}
    assert boxes.plasma in {one.label.code for one in may}  # a box has no donor
    assert {str(problem.values["code"]).replace(" ", "") for problem in refused} == {
        vial.code for vial in gone.vials
    }
    assert {(problem.field, problem.code) for problem in refused} == {("codes", "label-refused")}
    mine = [one for one in may if one.label.code in own]
    with store.read() as connection:
        assert len(donors.decisions(connection, codes.number(donor))) == 1  # that of the receipt
    sent(store, BO, mine)
    with store.read() as connection:
        decided = donors.decisions(connection, codes.number(donor))
    assert [(one.purpose, one.verdict) for one in decided] == [("store", "permitted")] * 2
    assert WholeVerification(store).run() == []


def test_what_waits_is_printed_however_much_it_is(store: Store, actor: Actor, received: Received) -> None:
    """A list shows so many labels; the queue behind it has no end."""
    vial = received.vials[0].code
    for _again in range(worklists.SHOWN):
        labels.reprint(store, actor, vial, "lost")
    with store.read() as connection:
        assert len(worklists.labels(connection, states=["queued"])) == worklists.SHOWN
        assert len(labels.queued(connection)) == worklists.SHOWN + len(received.vials)
