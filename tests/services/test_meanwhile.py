"""Two benches at once on PostgreSQL: what the one does between the other's looking and its writing.

Each test lets a command begin, and before its first hold or write a second bench commits. The command must
then judge what is so, not what it saw.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.persistence.queries import containers, donors, samples
from biobank_desktop.persistence.work import Work
from biobank_desktop.services import consent, corrections, labels, people, placing, processing
from biobank_desktop.services.donors import set_day1
from biobank_desktop.services.lab import set_setting, setting
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import PASSWORD, open_store
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

    Meanwhile: TypeAlias = Callable[[Callable[[Store], object]], None]


@pytest.fixture
def meanwhile(postgres_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meanwhile]:
    """Says what a second bench does, once, just before the next command first holds or writes a row."""
    other = open_store(
        postgres_store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    waiting: list[Callable[[Store], object]] = []

    def interrupted(name: str) -> Callable[..., Any]:
        original = getattr(Work, name)

        def method(self: Work, *given: Any, **named: Any) -> Any:
            if waiting:
                waiting.pop()(other)
            return original(self, *given, **named)

        return method

    for name in ("hold", "locked", "insert", "new_stream"):
        monkeypatch.setattr(Work, name, interrupted(name))
    yield waiting.append
    assert not waiting, "the second bench never came to it"
    other.close()


def _codes(error: Rejected) -> list[str]:
    return [problem.code for problem in error.problems]


def test_a_correction_does_not_decide_about_the_former_donor(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    wrong, right = add_donor(postgres_store, actor), add_donor(postgres_store, actor)
    received = receive(postgres_store, actor, wrong)
    meanwhile(lambda other: corrections.reattribute(other, actor, received.tube, right, "wrong form"))
    with pytest.raises(Conflict) as refused:
        corrections.correct(postgres_store, actor, received.tube, {"volume_ul": 3000}, "measured again")
    assert _codes(refused.value) == ["changed-since"]


def test_a_family_is_not_given_away_twice(postgres_store: Store, actor: Actor, meanwhile: Meanwhile) -> None:
    wrong, right, third = (add_donor(postgres_store, actor) for _ in range(3))
    received = receive(postgres_store, actor, wrong)
    meanwhile(lambda other: corrections.reattribute(other, actor, received.tube, right, "wrong form"))
    with pytest.raises(Conflict):
        corrections.reattribute(postgres_store, actor, received.tube, third, "wrong form")
    with postgres_store.read() as connection:
        assert {one.donor_id for one in samples.vials(connection, codes.number(received.tube))} == {
            codes.number(right)
        }


def test_a_vial_added_meanwhile_goes_with_its_family(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    wrong, right = add_donor(postgres_store, actor), add_donor(postgres_store, actor)
    received = receive(postgres_store, actor, wrong)
    vials = PlannedVials("PL1", 1, 500, None, "")
    meanwhile(lambda other: processing.add_vials(other, actor, received.tube, vials))
    corrections.reattribute(postgres_store, actor, received.tube, right, "wrong form")
    with postgres_store.read() as connection:
        family = samples.vials(connection, codes.number(received.tube))
    assert {one.donor_id for one in family} == {codes.number(right)}
    assert len(family) == len(received.vials) + 1


def test_vials_are_not_added_to_the_former_donor(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    wrong, right = add_donor(postgres_store, actor), add_donor(postgres_store, actor)
    received = receive(postgres_store, actor, wrong)
    meanwhile(lambda other: corrections.reattribute(other, actor, received.tube, right, "wrong form"))
    with pytest.raises(Conflict):
        processing.add_vials(postgres_store, actor, received.tube, PlannedVials("PL1", 1, 500, None, ""))


def test_placing_asks_the_gate_about_the_donor_of_now(
    postgres_store: Store, administrator: Actor, meanwhile: Meanwhile
) -> None:
    actor, boxes = administrator, add_boxes(postgres_store)
    wrong, right = add_donor(postgres_store, actor), add_donor(postgres_store, actor)
    consent_of_both(postgres_store, actor, wrong)
    received = receive(postgres_store, actor, wrong)
    fill_all(postgres_store, actor, received)
    meanwhile(lambda other: corrections.reattribute(other, actor, received.tube, right, "wrong form"))
    with pytest.raises(Conflict) as refused:
        placing.place(postgres_store, actor, boxes.plasma, vials_of(received, "PL1")[0])
    assert _codes(refused.value) == ["changed-since"]


def test_a_withdrawal_meanwhile_keeps_the_vial_out(
    postgres_store: Store, administrator: Actor, meanwhile: Meanwhile
) -> None:
    actor, boxes, donor = administrator, add_boxes(postgres_store), add_donor(postgres_store, administrator)
    consent_of_both(postgres_store, actor, donor)
    received = receive(postgres_store, actor, donor)
    fill_all(postgres_store, actor, received)
    today = date(2026, 11, 20)
    form = consent.ConsentForm(donor, "withdrawn", "mother", today, today, level="W4")
    meanwhile(lambda other: consent.record_consent(other, actor, form))
    with pytest.raises(Rejected):
        placing.place(postgres_store, actor, boxes.plasma, vials_of(received, "PL1")[0])


def test_a_vial_made_void_twice_is_void_once(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    received = receive(postgres_store, actor, add_donor(postgres_store, actor))
    vial = received.vials[0].code
    meanwhile(lambda other: processing.make_void(other, actor, vial, "dropped"))
    with pytest.raises(Rejected) as refused:
        processing.make_void(postgres_store, actor, vial, "dropped")
    assert _codes(refused.value) == ["sample-void"]


def test_diagnostics_lets_go_of_a_tube_once(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    received = receive(postgres_store, actor, add_donor(postgres_store, actor))
    now = datetime.now(UTC)
    meanwhile(lambda other: corrections.record_diagnostic_release(other, actor, received.tube, now, "Lab A"))
    with pytest.raises(Conflict) as refused:
        corrections.record_diagnostic_release(postgres_store, actor, received.tube, now, "Lab B")
    assert _codes(refused.value) == ["released-before"]


def test_a_first_day_that_is_known_meanwhile_needs_a_reason(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    donor = add_donor(postgres_store, actor)
    meanwhile(lambda other: set_day1(other, actor, donor, date(2026, 11, 3)))
    with pytest.raises(Rejected) as refused:
        set_day1(postgres_store, actor, donor, date(2026, 11, 5))
    assert _codes(refused.value) == ["reason-missing"]
    with postgres_store.read() as connection:
        row = donors.donor(connection, codes.number(donor))
    assert row is not None
    assert row.day1_on == date(2026, 11, 3)


def test_a_step_and_a_place_both_come_into_the_sprec_code(
    postgres_store: Store, administrator: Actor, meanwhile: Meanwhile
) -> None:
    actor, boxes, donor = administrator, add_boxes(postgres_store), add_donor(postgres_store, administrator)
    consent_of_both(postgres_store, actor, donor)
    received = receive(postgres_store, actor, donor)
    fill_all(postgres_store, actor, received)
    vial = vials_of(received, "PL1")[0]
    begun = datetime.now(UTC) - timedelta(minutes=1)
    no = processing.start_step(postgres_store, actor, received.tube, processing.StepForm("spin", begun))
    meanwhile(lambda other: placing.place(other, actor, boxes.plasma, vial))
    processing.end_step(postgres_store, actor, received.tube, no, begun + timedelta(seconds=30))
    with postgres_store.read() as connection:
        row = samples.sample(connection, codes.number(vial))
        assert row is not None
        assert containers.place(connection, row.id) is not None
        assert row.sprec is not None
    assert not row.sprec.endswith("-X"), "its last letter says where it is stored"


def test_the_same_label_asked_for_twice_is_two_labels(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    received = receive(postgres_store, actor, add_donor(postgres_store, actor))
    vial = received.vials[0].code
    meanwhile(lambda other: labels.reprint(other, actor, vial, "lost"))
    labels.reprint(postgres_store, actor, vial, "misprint")
    with postgres_store.read() as connection:
        assert containers.newest_label(connection, codes.number(vial)) == (3, "queued")


def test_a_vial_filled_meanwhile_is_not_filled_again(
    postgres_store: Store, actor: Actor, meanwhile: Meanwhile
) -> None:
    received = receive(postgres_store, actor, add_donor(postgres_store, actor))
    fill = [FillForm(vials_of(received, "PL1")[0], volume_ul=500)]
    meanwhile(lambda other: processing.fill(other, actor, fill))
    with pytest.raises(Rejected) as refused:
        processing.fill(postgres_store, actor, fill)
    assert _codes(refused.value) == ["filled-before"]


def test_two_administrators_make_two_people(
    postgres_store: Store, administrator: Actor, meanwhile: Meanwhile
) -> None:
    def add(store: Store, login: str) -> str:
        form = people.PersonForm(login, login.title(), "technician")
        return people.add_person(store, administrator, form, PASSWORD)

    meanwhile(lambda other: add(other, "eva"))
    assert add(postgres_store, "fay") == "fay"
    assert WholeVerification(postgres_store).run() == []


def test_a_setting_that_is_new_to_both_is_set_by_both(
    postgres_store: Store, manager: Actor, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda other: set_setting(other, manager, "colour", "blue"))
    set_setting(postgres_store, manager, "colour", "green")
    assert setting(postgres_store, "colour") == "green"
