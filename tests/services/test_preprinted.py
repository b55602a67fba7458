"""Makers' codes, from a roll or under a tube: put on a vial by a scan, and taken for the vial afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.preprinted import Binding, RollForm
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.persistence.queries import containers, history, preprinted, worklists
from biobank_desktop.persistence.queries.search import find
from biobank_desktop.services import corrections, labels, moving, placing, spills
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.foreign_codes import vial_with
from biobank_desktop.services.lab import set_setting
from biobank_desktop.services.preprinted import BindForm, add_roll, bind
from biobank_desktop.services.processing import make_void
from biobank_desktop.services.standing import found
from biobank_desktop.services.unchecked_labels import set_unchecked_rule
from biobank_desktop.services.verification import WholeVerification
from biobank_desktop.services.wells import vials_in
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received

MICRONIC = {"name": "Micronic", "expression": r"\d{10}"}
A, B, C = "1000000001", "1000000002", "1000000003"


@pytest.fixture(autouse=True)
def _patterns(store: Store, administrator: Actor) -> None:
    hospital = {"name": "tube", "expression": r"HX\d{8}"}
    set_setting(store, administrator, "patterns", [hospital, MICRONIC])


@pytest.fixture
def received(store: Store, actor: Actor) -> Received:
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    made = receive(store, actor, donor)
    fill_all(store, actor, made)
    return made


def one(sample: str, code: str, why: str = "", *, keep_labels: bool = False) -> BindForm:
    return BindForm((Binding(sample, code),), why, keep_labels)


def _refusal(store: Store, actor: Actor, form: BindForm) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        bind(store, actor, form)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def _states(store: Store, code: str) -> list[str]:
    with store.read() as connection:
        return [label.state for label in worklists.labels(connection, object_id=codes.number(code))]


def _vial(store: Store, code: str) -> str | None:
    with store.read() as connection:
        return vial_with(connection, code)


def test_a_scan_of_the_makers_code_is_a_scan_of_the_vial(
    store: Store, actor: Actor, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    assert bind(store, actor, BindForm((Binding(first, A), Binding(second, f" {B} ")))) == [
        Binding(first, A),
        Binding(second, B),
    ]
    assert (_vial(store, A), _vial(store, B), _vial(store, C)) == (first, second, None)
    assert _vial(store, "HX26110042") is None
    with store.read() as connection:
        (hit,) = find(connection, A)
        assert preprinted.codes_on(connection, [codes.number(first)]) == {codes.number(first): [A]}
        assert preprinted.codes_on(connection, [codes.number(received.tube)]) == {}
        told = [event.kind for event in history.of_object(connection, codes.number(first))]
    assert hit.id == codes.number(first)
    assert "codes-bound" in told
    assert _states(store, first) == ["cancelled"]
    assert labels.verify(store, actor, first) == "twice"
    assert WholeVerification(store).run() == []


def test_a_vial_with_a_makers_code_needs_no_label_of_ours(
    store: Store, actor: Actor, administrator: Actor, received: Received
) -> None:
    boxes = add_boxes(store)
    set_unchecked_rule(store, administrator, "block")
    first, second = vials_of(received, "PL1")
    with pytest.raises(Rejected):
        placing.place(store, actor, boxes.plasma, first)
    bind(store, actor, one(first, A))
    placing.place(store, actor, boxes.plasma, first)
    with store.read() as connection:
        box = codes.number(boxes.plasma)
        assert [fact.label for fact in vials_in(connection, box, datetime.now(UTC))] == ["verified"]
    bind(store, actor, one(second, B, keep_labels=True))
    assert _states(store, second) == ["queued"]
    moving.load(store, actor, MoveForm((Move(B, boxes.plasma, "C4", 1),)))
    with store.read() as connection:
        assert len(vials_in(connection, box, datetime.now(UTC))) == 2
    assert _states(store, second) == ["queued"]
    assert WholeVerification(store).run() == []


def test_a_code_is_taken_from_another_vial_only_with_the_reason(
    store: Store, actor: Actor, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    bind(store, actor, one(first, A))
    with pytest.raises(Conflict) as conflict:
        bind(store, actor, one(second, A))
    assert [(problem.code, problem.values["carrier"]) for problem in conflict.value.problems] == [
        ("code-on-something", codes.group(first))
    ]
    assert _refusal(store, actor, one(first, B)) == [("bindings[0].code", "vial-has-a-code")]
    bind(store, actor, one(second, A, "the tubes were swapped"))
    assert _vial(store, A) == second
    bind(store, actor, one(first, B))
    bind(store, actor, one(first, C, "another tube"))
    assert [_vial(store, code) for code in (B, C)] == [first, first]
    with store.read() as connection:
        assert [
            (event.kind, event.why)
            for event in history.of_object(connection, codes.number(first))
            if event.kind == "codes-bound"
        ] == [
            ("codes-bound", "another tube"),
            ("codes-bound", ""),
            ("codes-bound", "the tubes were swapped"),
            ("codes-bound", ""),
        ]
    assert WholeVerification(store).run() == []


def test_a_code_goes_from_one_family_to_another_with_its_history(
    store: Store, actor: Actor, received: Received
) -> None:
    other = receive(store, actor, add_donor(store, actor), tube_code="HX26110099")
    mine, theirs = received.vials[0].code, other.vials[0].code
    bind(store, actor, one(mine, A))
    bind(store, actor, one(theirs, A, "wrong child's tube"))
    assert _vial(store, A) == theirs
    with store.read() as connection:
        for vial, changes in ((mine, 2), (theirs, 1)):
            told = history.of_object(connection, codes.number(vial))
            assert sum(change.key == (A, "Micronic") for event in told for change in event.changes) == changes
    assert WholeVerification(store).run() == []


def test_everything_wrong_with_a_list_of_codes_is_said_at_once(
    store: Store, actor: Actor, administrator: Actor, received: Received
) -> None:
    add_roll(store, actor, RollForm("Roll 1", "Micronic", "another bench", (C,)))
    first, second = vials_of(received, "PL1")
    gone = vials_of(received, "CEL")[0]
    make_void(store, administrator, gone, "broken")
    wrong = (
        Binding(received.tube, A), Binding(first, "HX26119999"), Binding(second, "HX26110042"),
        Binding(gone, first), Binding(first, C), Binding(vials_of(received, "CEL")[1], "!"),
    )  # fmt: skip
    assert _refusal(store, actor, BindForm(wrong)) == [
        ("bindings[0].sample", "code-only-on-vials"),
        ("bindings[1].code", "code-of-no-maker"),
        ("bindings[2].code", "code-of-no-maker"),
        ("bindings[2].code", "code-on-something"),
        ("bindings[3].sample", "sample-void"),
        ("bindings[3].code", "code-is-our-own"),
        ("bindings[4].code", "code-of-another-bench"),
        ("bindings[4].sample", "scanned-twice"),
        ("bindings[5].code", "code-fits-no-pattern"),
    ]
    assert _refusal(store, actor, BindForm(())) == [("bindings", "answer-missing")]
    unknown = BindForm((Binding("PM2600001J", A), Binding("nonsense", B)))
    assert _refusal(store, actor, unknown) == [
        ("bindings[0].sample", "sample-unknown"), ("bindings[1].sample", "sample-unknown"),
    ]  # fmt: skip
    assert _vial(store, A) is None


def test_a_tube_with_the_code_of_a_vial_is_not_received(
    store: Store, actor: Actor, received: Received
) -> None:
    first = vials_of(received, "PL1")[0]
    bind(store, actor, one(first, A))
    with pytest.raises(Rejected) as refused:
        receive(store, actor, add_donor(store, actor), tube_code=A)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ("tube_code", "code-on-something")
    assert problem.values["carrier"] == codes.group(first)


def test_a_laboratory_number_is_no_vials_code(store: Store, actor: Actor, received: Received) -> None:
    for issuer in ("here", "there"):
        add_donor(store, actor, lab_numbers=((issuer, A),))
    first = vials_of(received, "PL1")[0]
    bind(store, actor, one(received.vials[0].code, B))
    assert _vial(store, A) is None
    receive(store, actor, add_donor(store, actor), tube_code=A)
    assert _refusal(store, actor, one(first, A))[0] == ("bindings[0].code", "code-on-something")
    assert _vial(store, B) == received.vials[0].code


def test_a_number_on_a_vial_and_on_a_tube_is_taken_for_neither(
    store: Store, actor: Actor, received: Received
) -> None:
    first = vials_of(received, "PL1")[0]
    bind(store, actor, one(first, A))
    tube = codes.number(received.tube)
    with store.engine.begin() as connection:  # as two benches in the same moment leave it
        connection.exec_driver_sql(
            f"INSERT INTO alias SELECT value, 'tube', {tube}, stream_id, command_id"
            f" FROM alias WHERE value = '{A}'"
        )
    with pytest.raises(Rejected) as refused:
        _vial(store, A)
    (problem,) = refused.value.problems
    assert problem.code == "code-ambiguous"
    assert problem.values["codes"] == sorted(map(codes.group, (first, received.tube)))
    with pytest.raises(Rejected) as unknown:
        placing.take_out(store, actor, A, "for a look")
    assert [one.code for one in unknown.value.problems] == ["sample-unknown"]


def test_a_makers_code_is_the_vial_for_every_command(
    store: Store, actor: Actor, administrator: Actor, received: Received
) -> None:
    boxes = add_boxes(store)
    first, second = vials_of(received, "PL1")
    bind(store, actor, BindForm((Binding(first, A), Binding(second, B))))
    assert [one.sample for one in placing.place_all(store, actor, boxes.plasma, [(A, "B1"), (B, "B2")])] == [
        first, second,
    ]  # fmt: skip
    moving.swap(store, actor, A, second)
    with store.read() as connection:
        lying = containers.places(connection, [codes.number(first), codes.number(second)])
    assert [(at.row_no, at.column_no) for _number, at in sorted(lying.items())] == [(2, 2), (2, 1)]
    placing.take_out(store, actor, A, "for a look")
    with store.read() as connection:
        with pytest.raises(Rejected) as twice:
            found(connection, [first, A])
        assert [problem.code for problem in twice.value.problems] == ["scanned-twice"] * 2
        assert [row.code for row in found(connection, [B, first])] == [second, first]
    spills.spill(store, actor, boxes.plasma, "fell")
    told = spills.rescan(store, actor, boxes.plasma, B, "B1")
    assert (told.sample, told.label, told.left) == (second, "B1", 0)
    assert WholeVerification(store).run() == []


def test_a_correction_asks_no_label_for_a_vial_that_has_none(
    store: Store, actor: Actor, received: Received
) -> None:
    first, second = vials_of(received, "PL1")
    bind(store, actor, BindForm((Binding(first, A),)))
    corrections.correct(store, actor, received.tube, {"time_point": "TP1"}, "misread")
    assert _states(store, first) == ["cancelled"]
    assert _states(store, second) == ["queued", "cancelled"]


def test_consent_that_refuses_keeps_a_code_off(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    made = receive(store, actor, donor)
    record_consent(
        store, actor, ConsentForm(donor, "refused", "father", date(2026, 11, 4), date(2026, 11, 5))
    )
    assert _refusal(store, actor, one(made.vials[0].code, A)) == [("sample", "consent-item-refused")]


def test_a_roll_is_known_by_its_name_and_counts_what_is_used(
    store: Store, actor: Actor, received: Received
) -> None:
    bench = actor.bench
    assert add_roll(store, actor, RollForm(" Roll 1 ", "Micronic", bench, (A, B))) == 2
    assert add_roll(store, actor, RollForm("Rack 7", "Micronic", "", (C,))) == 1
    first = vials_of(received, "PL1")[0]
    bind(store, actor, one(first, B))
    with store.read() as connection:
        assert [(one.roll, one.bench, one.count, one.used) for one in preprinted.rolls(connection)] == [
            ("Rack 7", "", 1, 0), ("Roll 1", bench, 2, 1),
        ]  # fmt: skip
    with pytest.raises(Rejected) as refused:
        add_roll(store, actor, RollForm("Roll 1", "Micronic", "", (A, B, "1000000009")))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [
        ("roll", "roll-known"),
        ("codes", "code-on-roll"),
        ("codes", "code-on-roll"),
        ("codes", "code-on-something"),
    ]
    assert WholeVerification(store).run() == []
