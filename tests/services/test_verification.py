"""A forged verdict is found: the rules are asked again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text

from biobank_desktop.domain import codes
from biobank_desktop.domain.commands import Command
from biobank_desktop.persistence import schema, tables
from biobank_desktop.services import consent, people, placing, releases
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of
from tests.support.leaving import STUDY

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


@pytest.mark.parametrize(
    ("statement", "kind", "why"),
    [
        ("UPDATE credential SET argon2id = 'x' WHERE login = 'anna'", "state", "the password of anna"),
        ("UPDATE credential SET recovery_argon2id = 'x' WHERE login = 'bo'", "state", "the password of bo"),
        ("DELETE FROM credential WHERE login = 'cas'", "state", "the password of cas"),
        ("INSERT INTO derivation VALUES ('CSF', 'BMA')", "structure", "what may be made of what"),
        ("DELETE FROM derivation WHERE material = 'PL1'", "structure", "what may be made of what"),
    ],
)
def test_what_no_event_holds_is_looked_at_too(store: Store, statement: str, kind: str, why: str) -> None:
    assert WholeVerification(store).run() == []
    with store.engine.begin() as connection, schema.without_guards(connection):
        connection.execute(text(statement))
    (finding,) = WholeVerification(store).run()
    assert finding.kind == kind
    assert finding.why.startswith(why)


def test_a_new_password_is_no_contradiction(store: Store, administrator: Actor) -> None:
    people.set_password(store, administrator, "anna", "another-horse")
    assert WholeVerification(store).run() == []


def test_a_release_that_asked_for_less_than_it_needs_is_named(store: Store, actor: Actor) -> None:
    assert releases.open_release(store, actor, STUDY) == 1
    assert WholeVerification(store).run() == []

    def forge(work: Work) -> dict[str, Any]:
        work.update(tables.release, {"no": 1}, purposes=["use-a2g"])
        return {}

    store.run(Command("forged", actor.login, actor.bench, {}, id=uuid4()), forge)
    (finding,) = WholeVerification(store).run()
    assert (finding.kind, finding.why) == (
        "decision",
        "release 1 asked consent for other purposes than it needs",
    )
