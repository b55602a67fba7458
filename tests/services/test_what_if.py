"""What if: counted against the gate itself, donor by donor, on both engines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import ConsentLine, decide
from biobank_desktop.domain.consent_forms import FormItem, FormVersion
from biobank_desktop.domain.consent_rules import AgePolicy, Purpose
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence.queries import donors as query
from biobank_desktop.persistence.queries import forms
from biobank_desktop.persistence.steps import Progress, complete
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.forms import enter_forms
from biobank_desktop.services.gate import record_of
from biobank_desktop.services.reference import reference
from biobank_desktop.services.what_if import STEP_DONORS, Change, Moved, Question, vials_of, what_if
from tests.support.databases import ANNA
from tests.support.lab import add_donor, fill_all, receive
from tests.support.stored import all_rows

if TYPE_CHECKING:
    from biobank_desktop.domain.consent import ConsentRecord
    from biobank_desktop.domain.consent_record import Level
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

RULES = reference().consent_rules
STRICT = replace(
    RULES,
    version="strict",
    deadline_days=3000,
    ages={**RULES.ages, 12: AgePolicy("destroy", 0)},
    purposes={**RULES.purposes, "use-a2g": Purpose(("STORE", "GENETIC"), new_material=False, contact=False)},
)
ASKS_LESS = FormVersion(
    *("parents-9", "Parents", "9", "nl", "parents", "METC", None, date(2040, 1, 1), None),
    (FormItem("STORE", "Store"),),
)
OLD = replace(ASKS_LESS, id="old", version="0", valid_from=date(2000, 1, 1), valid_to=date(2001, 1, 1))
ITEMS = {"STORE": "yes", "USE_A2G": "yes", "DATA": "not-answered", "RECONTACT": "yes"}
AT = datetime.now(UTC)
NEXT_YEAR = local_day(AT).replace(year=AT.year + 1, day=1)


@pytest.fixture(params=["typed", "registered"])
def donors(store: Store, request: pytest.FixtureRequest) -> list[str]:
    """A boy of eight with vials, one whose father has not answered, one of 13, a man, one who withdrew.

    Once with forms whose names were typed, once the parents' old form is registered, and had ended.
    """
    actor = ANNA
    registered = {OLD.id: OLD} if request.param == "registered" else {}
    enter_forms(store, actor, tuple(registered.values()))

    def line(donor: str, kind: str, who: str, signed: date, version: str = "", **more: Any) -> None:
        form = ConsentForm(donor, kind, who, signed, signed, form="Parents", form_version=version, **more)
        if who == "mother" and version in registered:
            form = replace(form, paper=version, answers={item.code: "yes" for item in OLD.items})
        record_consent(store, actor, form)

    births = date(2018, 5, 4), date(2017, 3, 1), date(2012, 2, 29), date(1999, 1, 1), date(2016, 1, 1)
    made = [add_donor(store, actor, born_on=born) for born in births]
    boy, half, teen, man, gone = made
    for donor, signed in ((boy, date(2025, 1, 7)), (teen, date(2023, 6, 1)), (gone, date(2025, 1, 7))):
        line(donor, "given", "mother", signed, "old", answers=ITEMS)
        line(donor, "given", "father", signed, answers=ITEMS)
    line(half, "given", "mother", date(2025, 1, 7), "new", answers=ITEMS)
    line(man, "given", "self", date(2025, 1, 7), "old", answers=ITEMS)
    line(gone, "withdrawn", "mother", date(2025, 3, 1), level="W2")
    fill_all(store, actor, receive(store, actor, boy))
    receive(store, actor, half, tube_code="HX26110043")
    return made


def both(store: Store, donor: str) -> ConsentRecord:
    """The record as every other service reads it."""
    with store.read() as connection:
        row = query.donor(connection, codes.number(donor))
        assert row is not None
        return record_of(connection, row)[0]


def papers(record: ConsentRecord, versions: dict[str, FormVersion]) -> ConsentRecord:
    names = {line.no: line.paper.id if line.paper else line.form_version for line in record.lines}
    lines = (replace(line, paper=versions.get(names[line.no], line.paper)) for line in record.lines)
    return replace(record, lines=tuple(lines))


def withdrawn(record: ConsentRecord, level: Any) -> ConsentRecord:
    line = ConsentLine(9, "withdrawn", "self", local_day(AT), AT, AT, level=level)
    return replace(record, lines=(*record.lines, line))


def changes(found: tuple[Change, ...]) -> dict[tuple[str, str, str], set[str]]:
    return {(one.purpose, one.before, one.after): {donor.donor for donor in one.donors} for one in found}


ALWAYS = replace(ASKS_LESS, valid_from=date.min)
"""What the question makes of it: what it asks counts, not when it was in force."""


@pytest.mark.parametrize(
    "question",
    [
        Question(),
        Question(rules=STRICT),
        Question(on=NEXT_YEAR),
        Question(on=date(2024, 1, 1)),
        Question(forms={"old": ASKS_LESS}),
        Question(forms={"old": ASKS_LESS, "new": ASKS_LESS}, rules=STRICT, on=NEXT_YEAR),
        Question(purposes=("store", "recontact"), rules=STRICT),
    ],
)
def test_every_change_is_what_the_gate_says_of_each_donor(
    store: Store, donors: list[str], question: Question
) -> None:
    expected = defaultdict(set)
    for donor in donors:
        record = both(store, donor)
        other = papers(record, dict.fromkeys(question.forms, ALWAYS))
        for purpose in question.purposes or RULES.purposes:
            before = decide(record, purpose, local_day(AT), datetime.now(UTC), RULES).verdict
            on = question.on or local_day(AT)
            after = decide(other, purpose, on, datetime.now(UTC), question.rules or RULES).verdict
            if before != after:
                expected[purpose, before, after].add(donor)
    found = complete(what_if(store, question, AT))
    assert changes(found.changes) == expected
    assert bool(expected) == (question != Question())
    assert (found.donors, found.vials, found.not_compared) == (5, 6, ())


@pytest.mark.parametrize("donors", ["typed"], indirect=True)
def test_it_counts_filled_vials_and_names_them(store: Store, donors: list[str]) -> None:
    boy, _half, _teen, man, _gone = donors
    found = complete(what_if(store, Question(withdrawals={boy: "W2", man: "W2"}, purposes=("store",)), AT))
    (change,) = found.changes
    assert (change.before, change.after) == ("permitted", "refused")
    assert {one.donor: one.vials for one in change.donors} == {boy: 6, man: 0}
    assert change.vials == 6
    assert (found.moved_donors, found.moved_vials) == (2, 6)
    listed = complete(vials_of(store, change.donors))
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id FROM sample WHERE state = 'filled' ORDER BY id"
        ).scalars()
        assert listed == {boy: tuple(map(codes.from_number, rows)), man: ()}


@pytest.mark.parametrize("level", ["W0", "W1", "W2", "W3", "W4"])
def test_a_withdrawal_of_one_donor_touches_nobody_else(store: Store, donors: list[str], level: Any) -> None:
    for donor in (donors[0], donors[3]):
        record = both(store, donor)
        other, now = withdrawn(record, level), datetime.now(UTC)
        expected = {}
        for purpose in RULES.purposes:
            before = decide(record, purpose, local_day(AT), now, RULES).verdict
            after = decide(other, purpose, local_day(AT), now, RULES).verdict
            if before != after:
                expected[purpose, before, after] = {donor}
        found = complete(what_if(store, Question(withdrawals={donor: level}), AT))
        assert changes(found.changes) == expected
        assert expected


def test_it_writes_nothing_and_can_be_cancelled(store: Store, donors: list[str]) -> None:
    with store.read() as connection:
        before = all_rows(connection)
    steps = what_if(store, Question(rules=STRICT), AT)
    assert next(steps) == Progress(5, 5)
    steps.close()
    complete(what_if(store, Question(rules=STRICT), AT))
    with store.read() as connection:
        assert all_rows(connection) == before


def test_the_versions_that_were_typed_are_known(store: Store, donors: list[str]) -> None:
    """A registered version is signed by its id: that one is called "0" is typed by nobody."""
    with store.read() as connection:
        assert forms.typed_versions(connection) == ["new", "old"]
    assert donors


def test_it_goes_on_in_steps(store: Store, actor: Actor) -> None:
    made = [add_donor(store, actor) for _ in range(STEP_DONORS + 1)]
    steps = what_if(store, Question(on=NEXT_YEAR), AT)
    assert list(steps) == [Progress(STEP_DONORS, len(made)), Progress(len(made), len(made))]
    moved = [Moved(codes.number(donor), 0) for donor in made]
    assert list(vials_of(store, moved))[-1] == Progress(len(made), len(made))


def test_what_is_not_known_is_said(store: Store, donors: list[str]) -> None:
    with pytest.raises(Rejected) as refusal:
        what_if(store, Question(purposes=("store", "sell", "burn")), AT)
    assert refusal.value.problems == tuple(
        Problem("purpose", "unknown-purpose", {"purpose": name}) for name in ("sell", "burn")
    )
    nobody: dict[str, Level] = dict.fromkeys(("PD260000000", donors[0], "no code"), "W2")
    with pytest.raises(NotFound) as unknown:
        complete(what_if(store, Question(withdrawals=nobody), AT))
    assert unknown.value.problems == tuple(
        Problem("donor", "donor-unknown", {"code": code}) for code in ("PD260000000", "no code")
    )
    fewer = {name: each for name, each in RULES.purposes.items() if name != "use-animal"}
    other = replace(
        RULES, purposes={**fewer, "teach": Purpose(("STORE",), new_material=False, contact=False)}
    )
    assert complete(what_if(store, Question(rules=other), AT)).not_compared == ("teach", "use-animal")
    assert donors
