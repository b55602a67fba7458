"""A forged verdict is found: the rules are asked again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from biobank_desktop.domain import codes
from biobank_desktop.domain.commands import Command
from biobank_desktop.persistence import tables
from biobank_desktop.services import consent, placing
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from typing import Any

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def test_honest_verdicts_hold_also_after_everything_changed(store: Store, actor: Actor) -> None:
    boxes = add_boxes(store)
    donor = add_donor(store, actor)
    received = receive(store, actor, donor)
    fill_all(store, actor, received)
    placing.place(store, actor, boxes.plasma, vials_of(received, "PL1")[0])
    consent_of_both(store, actor, donor)
    placing.place(store, actor, boxes.plasma, vials_of(received, "PL1")[1])
    today = datetime.now(UTC).date()
    consent.record_consent(
        store, actor, consent.ConsentForm(donor, "withdrawn", "mother", today, today, level="W2")
    )
    assert WholeVerification(store).run() == []


def test_a_forged_verdict_is_named(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    on = date(2026, 11, 3)
    consent.record_consent(
        store, actor, consent.ConsentForm(donor, "refused", "father", on, on, {"STORE": "no"})
    )
    number = codes.number(donor)
    now = datetime.now(UTC)

    def forge(work: Work) -> dict[str, Any]:
        row = {
            "donor_id": number, "purpose": "store", "verdict": "permitted", "reasons": [], "consent_head": 1,
            "rules_version": "nl-1", "decided_on": now.date(), "known_on": now, "received_at": now,
            "first_received_at": now, "holds_until": None,
        }  # fmt: skip
        work.insert(tables.decision, [row])
        return {}

    forged = Command("forged", actor.login, actor.bench, {}, id=uuid4())
    store.run(forged, forge)
    (finding,) = WholeVerification(store).run()
    assert (finding.kind, finding.stream) == ("decision", number)
    assert str(forged.id) in finding.why
    assert "refused" in finding.why
