"""Hostile and slipped values through the services: refused beside their field, the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.intake import DonorForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.persistence.queries import donors as donor_query
from biobank_desktop.persistence.queries import samples
from biobank_desktop.services import consent, corrections, donors, intake, people, processing, storage
from tests.support.databases import PASSWORD
from tests.support.lab import PROTOCOL, add_donor, fill_all, receipt, receive, vials_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

LONG_AGO, FAR_AWAY = date(1, 1, 1), date(9999, 12, 31)


def _refusals(act: Callable[[], object]) -> set[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        act()
    return {(problem.field, problem.code) for problem in refused.value.problems if not problem.warning}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"tube_code": "HX\x0042"}, "tube_code", "text-has-control-characters"),
        ({"tube_code": "HX\ud80042"}, "tube_code", "text-not-unicode"),
        ({"tube_code": "HX\u200b42"}, "tube_code", "text-has-invisible-characters"),
        ({"tube_code": "HX\n42"}, "tube_code", "text-has-invisible-characters"),
        ({"tube_code": "X" * 65}, "tube_code", "text-too-long"),
        ({"note": "\x00"}, "note", "text-has-control-characters"),
        ({"note": "x" * 4001}, "note", "text-too-long"),
        ({"volume_ul": 1 << 31}, "volume_ul", "number-too-large"),
        ({"pull_number": 1 << 63}, "pull_number", "number-too-large"),
        ({"drawn_at": datetime.min.replace(tzinfo=UTC)}, "drawn_at", "date-implausible"),
        ({"released_at": datetime.max.replace(tzinfo=UTC)}, "released_at", "date-implausible"),
        ({"plan": (PlannedVials("PL1", 1, 1 << 40, None, ""),)}, "plan[0].volume_ul", "number-too-large"),
        ({"plan": (PlannedVials("PL1", 50, 1, None, ""),) * 3}, "plan", "vial-count-implausible"),
    ],
)
def test_a_receipt_holds_no_value_that_a_database_cannot(
    store: Store, actor: Actor, changes: dict[str, Any], field: str, code: str
) -> None:
    form = receipt(add_donor(store, actor), **changes, temperature="warm")
    refusals = _refusals(lambda: intake.receive(store, actor, form))
    assert (field, code) in refusals
    assert ("temperature", "unknown-choice") in refusals, "all at once"
    with store.read() as connection:
        problems = intake.outlook(connection, form, datetime.now(UTC)).problems
    assert (field, code) in {(problem.field, problem.code) for problem in problems}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"lab_numbers": (("HiX", "12\x0034"),)}, "lab_numbers[0][1]", "text-has-control-characters"),
        ({"lab_numbers": (("HiX", "1" * 65),)}, "lab_numbers[0][1]", "text-too-long"),
        ({"day1_on": FAR_AWAY}, "day1_on", "date-implausible"),
        ({"born_on": LONG_AGO}, "born_on", "date-implausible"),
    ],
)
def test_neither_does_a_donor(
    store: Store, actor: Actor, changes: dict[str, Any], field: str, code: str
) -> None:
    form = replace(DonorForm("male", date(2018, 5, 4), None, "patient", (), PROTOCOL), **changes)
    assert (field, code) in _refusals(lambda: donors.register_donor(store, actor, form))


def test_neither_does_anything_else(store: Store, administrator: Actor) -> None:
    actor, donor = administrator, add_donor(store, administrator)
    received = receive(store, actor, donor)
    vial = vials_of(received, "PL1")[0]
    line = consent.ConsentForm(donor, "refused", "mother", LONG_AGO, LONG_AGO, note="a\x00b")
    box = storage.ContainerForm("Box 9 × 9", "BX\u202e1")
    person = people.PersonForm("eva", "E\x00va", "technician")
    for act, wrong in (
        (
            lambda: consent.record_consent(store, actor, line),
            {("signed_on", "date-implausible"), ("note", "text-has-control-characters")},
        ),
        (lambda: donors.set_day1(store, actor, donor, FAR_AWAY), {("day1_on", "date-implausible")}),
        (
            lambda: processing.fill(store, actor, [FillForm(vial, volume_ul=500, taken_ul=1 << 40)]),
            {("vials[0].taken_ul", "number-too-large")},
        ),
        (
            lambda: corrections.correct(store, actor, received.tube, {"volume_ul": 1 << 40}, "typo"),
            {("volume_ul", "number-too-large")},
        ),
        (
            lambda: processing.make_void(store, actor, vial, "\x00"),
            {("why", "text-has-control-characters")},
        ),
        (lambda: storage.add_container(store, actor, box), {("name", "text-has-invisible-characters")}),
        (
            lambda: people.add_person(store, actor, person, PASSWORD),
            {("name", "text-has-control-characters")},
        ),
        (
            lambda: processing.end_step(store, actor, received.tube, 1, datetime(2026, 11, 1, 12)),
            {("ended_at", "moment-without-offset")},
        ),
    ):
        assert wrong <= _refusals(act)


@pytest.mark.parametrize("code", ["B\x00X", "B\ud800X"])
def test_a_search_for_such_a_text_is_refused_and_not_a_bug(store: Store, code: str) -> None:
    with pytest.raises(Rejected), store.read() as connection:
        storage.container_of(connection, code)
    with pytest.raises(Rejected):
        people.sign_in(store, code, PASSWORD, "bench-1")
    with pytest.raises(Rejected):
        people.sign_in(store, "bo", code, "bench-1")


def test_one_spelling_is_kept(store: Store, actor: Actor) -> None:
    """Typed on one computer as two characters, on the other as one: the same number."""
    decomposed, composed = "E\u0301-12", "\u00c9-12"
    donor = add_donor(store, actor, lab_numbers=((" HiX ", f" {decomposed} "),))
    with store.read() as connection:
        row = donor_query.donor(connection, codes.number(donor))
        assert row is not None
        assert donor_query.lab_numbers(connection, row.id) == [("HiX", composed)]
        assert donors.second_identifier(connection, row, lab_number=decomposed) == ()
    assert ("lab_numbers", "lab-number-taken") in _refusals(
        lambda: add_donor(store, actor, lab_numbers=(("HiX", decomposed),))
    )


@pytest.mark.parametrize("again", [" HX26110042", "hx26110042"])
def test_a_tube_typed_otherwise_is_the_same_tube(store: Store, actor: Actor, again: str) -> None:
    donor = add_donor(store, actor)
    receive(store, actor, donor)
    refusals = _refusals(lambda: receive(store, actor, donor, tube_code=again))
    assert ("tube_code", "tube-received-before") in refusals


@pytest.mark.parametrize("filled", [False, True])
def test_what_was_not_made_has_no_amount_to_correct(store: Store, actor: Actor, filled: bool) -> None:
    received = receive(store, actor, add_donor(store, actor))
    if filled:
        fill_all(store, actor, received)
    vial = vials_of(received, "PL1")[0]
    if filled:
        processing.make_void(store, actor, vial, "dropped")
    refusals = _refusals(lambda: corrections.correct(store, actor, vial, {"volume_ul": -5}, "typo"))
    assert refusals == {("volume_ul", "not-correctable")}
    corrections.correct(store, actor, vial, {"note": "leaking cap"}, "seen later")


def test_a_material_that_its_vials_cannot_come_from_is_no_correction(store: Store, actor: Actor) -> None:
    received = receive(store, actor, add_donor(store, actor))
    changes = {"material": "CSF", "pull_number": None}
    refusals = _refusals(lambda: corrections.correct(store, actor, received.tube, changes, "read wrong"))
    assert ("material", "not-derivable") in refusals
    with store.read() as connection:
        tube = samples.sample(connection, codes.number(received.tube))
    assert tube is not None
    assert tube.material == "BMA"


def test_a_donor_asked_for_again_with_another_birthday_is_not_the_same_donor(
    store: Store, actor: Actor
) -> None:
    """The birthday is in no payload, not even as a digest; the repetition is held against the donor."""
    form, command_id = DonorForm("male", date(2018, 5, 4), None, "patient", (), PROTOCOL), uuid4()
    made = donors.register_donor(store, actor, form, command_id)
    assert donors.register_donor(store, actor, form, command_id) == made
    other = replace(form, born_on=date(2018, 5, 5))
    assert _refusals(lambda: donors.register_donor(store, actor, other, command_id)) == {
        ("command", "command-id-reused")
    }
