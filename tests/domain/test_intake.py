from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import local_day, turns
from biobank_desktop.domain.intake import (
    ABSENT,
    ACCEPTANCES,
    CONDITIONS,
    DONOR_ROLES,
    ORIGINS,
    SEXES,
    TEMPERATURES,
    DonorForm,
    EarlierReceipt,
    ReceiptFacts,
    ReceiptForm,
    agrees,
    check_donor,
    check_receipt,
)
from biobank_desktop.domain.problems import Problem, stops
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.services.reference import reference

A2G = reference().protocol("ALLTogether1")
CONTAINERS = frozenset(word.code for word in reference().sprec.containers)
NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
DRAWN = NOW - timedelta(hours=5)
EARLIER = NOW - timedelta(hours=2)
DONOR = codes.run(CodeKind.DONOR, 2026, 1, 1)[0]
OWN_TUBE = codes.run(CodeKind.SAMPLE, 2026, 1, 1)[0]
BORN = date(2018, 5, 5)
FACTS = ReceiptFacts(A2G, CONTAINERS, turns(BORN, 12), day1_on=local_day(NOW) - timedelta(days=28))
FORM = ReceiptForm(
    tube_code="HX26110042",
    donor=DONOR,
    material="BMA",
    container="SHP",
    time_point="TP1",
    drawn_at=DRAWN,
    received_at=NOW,
    volume_ul=3200,
    temperature="room",
    conditions=(),
    acceptance="accepted",
    origin="residual",
    released_at=NOW - timedelta(hours=1),
    released_by="M. de Vries",
    plan=A2G.plan("BMA", "TP1"),
)


def found(form: ReceiptForm, facts: ReceiptFacts = FACTS) -> set[tuple[str, str, bool]]:
    return {(problem.field, problem.code, problem.warning) for problem in check_receipt(form, facts, NOW)}


def changed(**changes: Any) -> set[tuple[str, str, bool]]:
    return found(replace(FORM, **changes))


def test_an_ordinary_tube_has_no_problem() -> None:
    assert check_receipt(FORM, FACTS, NOW) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"drawn_at": None},
        {"volume_ul": None},
        {"released_at": None, "released_by": ""},
        {"container": "XXX"},
        {"container": "ZZZ"},
        {"temperature": "unknown"},
        {"pull_number": 1},
        {"pull_number": 20},
        {"volume_ul": 50_000},
        {"volume_ul": 1000},
        {"released_at": NOW + timedelta(minutes=5)},
        {"plan": (PlannedVials("CEL", 50, cells=1),)},
        {"plan": (PlannedVials("CEL", 1),)},
        {"drawn_at": NOW - timedelta(days=7), "time_point": "UNSCH"},
        {"received_at": NOW + timedelta(minutes=5)},
        {"drawn_at": NOW, "released_at": NOW},
        {"plan": ()},
        {"acceptance": "rejected", "plan": (), "note": "no request form"},
        {"acceptance": "accepted-with-deviation", "conditions": ("clot",)},
        {"material": "DNA", "container": "PPS", "plan": ()},
        {"volume_ul": 1, "plan": ()},
        {"acceptance": "rejected", "plan": (), "conditions": ("clot",)},
        {"acceptance": "accepted-with-deviation", "conditions": ("other",), "note": "smells"},
    ],
)
def test_unknown_and_unusual_answers_are_answers(changes: dict[str, Any]) -> None:
    assert changed(**changes) == set()


@pytest.mark.parametrize(
    ("field", "choices", "words"),
    [
        ("temperature", TEMPERATURES, ("room", "2-10", "frozen", "unknown")),
        ("acceptance", ACCEPTANCES, ("accepted", "accepted-with-deviation", "rejected")),
        ("origin", ORIGINS, ("residual", "extra-tube", "extra-procedure")),
    ],
)
def test_words_that_databases_and_catalogues_hold_stay_choices(
    field: str, choices: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert choices == words
    for word in words:
        assert changed(**{field: word}, plan=(), note="see form") == set()


def test_what_inspection_may_find_stays_a_choice() -> None:
    assert (
        *(
            "clot",
            "haemolysed",
            "lipaemic",
            "leak",
            "underfilled",
            "wrong-tube",
            "expired",
            "bloody",
            "other",
        ),
    ) == CONDITIONS
    spoilt = replace(FORM, material="CSF", container="PPS", plan=(), note="all at once")
    assert found(replace(spoilt, conditions=CONDITIONS, acceptance="accepted-with-deviation")) == set()


def test_who_a_donor_can_be_stays_a_choice() -> None:
    """MIABIS: male, female, unknown, undifferentiated."""
    assert SEXES == ("male", "female", "unknown", "undifferentiated")
    assert DONOR_ROLES == ("patient", "sibling-donor")
    for sex in SEXES:
        for role in DONOR_ROLES:
            assert check_donor(replace(CHILD, sex=sex, role=role), A2G, local_day(NOW)) == ()


STOP, WARNING = False, True


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tube_code": "  "}, ("tube_code", "answer-missing", STOP)),
        ({"tube_code": OWN_TUBE}, ("tube_code", "tube-code-is-own", STOP)),
        ({"donor": "HX1"}, ("donor", "not-a-donor-code", STOP)),
        ({"donor": OWN_TUBE}, ("donor", "not-a-donor-code", STOP)),
        ({"material": "XYZ", "plan": ()}, ("material", "unknown-material", STOP)),
        ({"material": None}, ("material", "unknown-not-allowed", STOP)),
        ({"container": "QQQ"}, ("container", "unknown-choice", STOP)),
        ({"container": "SST"}, ("container", "container-unlikely", WARNING)),
        ({"time_point": "TP9"}, ("time_point", "unknown-time-point", STOP)),
        ({"temperature": "warm"}, ("temperature", "unknown-choice", STOP)),
        ({"acceptance": "maybe"}, ("acceptance", "unknown-choice", STOP)),
        ({"origin": "found"}, ("origin", "unknown-choice", STOP)),
        ({"received_at": NOW + timedelta(minutes=6)}, ("received_at", "received-in-future", STOP)),
        ({"received_at": None}, ("received_at", "unknown-not-allowed", STOP)),
        ({"received_at": NOW.replace(tzinfo=None)}, ("received_at", "moment-without-offset", STOP)),
        ({"drawn_at": DRAWN.replace(tzinfo=None)}, ("drawn_at", "moment-without-offset", STOP)),
        ({"released_at": DRAWN.replace(tzinfo=None)}, ("released_at", "moment-without-offset", STOP)),
        ({"drawn_at": DRAWN - timedelta(days=4)}, ("time_point", "outside-window", WARNING)),
        ({"volume_ul": 0}, ("volume_ul", "volume-not-positive", STOP)),
        ({"volume_ul": -1}, ("volume_ul", "volume-not-positive", STOP)),
        ({"volume_ul": 50_001}, ("volume_ul", "volume-large", WARNING)),
        ({"volume_ul": 500_001}, ("volume_ul", "volume-absurd", STOP)),
        ({"volume_ul": 999}, ("plan", "plan-exceeds-volume", WARNING)),
        ({"conditions": ("clot",)}, ("acceptance", "condition-is-a-deviation", WARNING)),
        ({"acceptance": "rejected", "plan": ()}, ("conditions", "rejection-without-reason", STOP)),
        ({"acceptance": "rejected", "note": "leaks"}, ("plan", "rejected-has-plan", STOP)),
        ({"pull_number": 0}, ("pull_number", "pull-number-implausible", STOP)),
        ({"pull_number": 21}, ("pull_number", "pull-number-implausible", STOP)),
        ({"released_at": None}, ("released_at", "released-at-missing", STOP)),
        ({"released_by": ""}, ("released_by", "released-by-missing", STOP)),
        ({"released_at": DRAWN - timedelta(seconds=1)}, ("released_at", "released-before-drawn", STOP)),
        ({"released_at": NOW + timedelta(hours=1)}, ("released_at", "released-in-future", STOP)),
        ({"plan": (PlannedVials("SER", 1, volume_ul=5),)}, ("plan", "not-derivable", STOP)),
        ({"plan": (PlannedVials("CEL", 0, cells=5),)}, ("plan", "vial-count-implausible", STOP)),
        ({"plan": (PlannedVials("CEL", 51, cells=5),)}, ("plan", "vial-count-implausible", STOP)),
        ({"plan": (PlannedVials("CEL", 1, volume_ul=5),)}, ("plan", "plan-amount-unit", STOP)),
        ({"plan": (PlannedVials("PL1", 1, cells=5),)}, ("plan", "plan-amount-unit", STOP)),
        ({"plan": (PlannedVials("PL1", 1, volume_ul=-5),)}, ("plan", "plan-amount-not-positive", STOP)),
        ({"plan": (PlannedVials("CEL", 1, cells=0),)}, ("plan", "plan-amount-not-positive", STOP)),
        ({"volume_ul": 500_000}, ("volume_ul", "volume-large", WARNING)),
        ({"volume_ul": 1}, ("plan", "plan-exceeds-volume", WARNING)),
        ({"material": "XYZ"}, ("material", "unknown-material", STOP)),
        ({"drawn_at": datetime(2026, 1, 1, 9)}, ("drawn_at", "moment-without-offset", STOP)),
        (
            {"drawn_at": NOW - timedelta(days=7, seconds=1), "time_point": "UNSCH"},
            ("drawn_at", "drawn-long-before", WARNING),
        ),
        (
            {"received_at": EARLIER, "drawn_at": EARLIER + timedelta(seconds=1), "released_at": NOW},
            ("drawn_at", "drawn-after-received", STOP),
        ),
    ],
)
def test_one_thing_wrong(changes: dict[str, Any], problem: tuple[str, str, bool]) -> None:
    assert changed(**changes) == {problem}


LATE = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "code", "values"),
    [
        ({"tube_code": OWN_TUBE}, "tube-code-is-own", {"code": OWN_TUBE}),
        ({"donor": "HX1"}, "not-a-donor-code", {"code": "HX1"}),
        ({"material": "XYZ"}, "unknown-material", {"material": "XYZ"}),
        ({"temperature": "warm"}, "unknown-choice", {"choice": "warm"}),
        ({"conditions": ("clot", "odd")}, "unknown-choice", {"choice": "odd"}),
        ({"time_point": "TP9"}, "unknown-time-point", {"time_point": "TP9"}),
        ({"received_at": LATE}, "received-in-future", {"at": LATE}),
        (
            {"received_at": EARLIER, "drawn_at": NOW},
            "drawn-after-received",
            {"drawn": NOW, "received": EARLIER},
        ),
        (
            {"received_at": ABSENT, "drawn_at": LATE},
            "drawn-after-received",
            {"drawn": LATE, "received": NOW},
        ),
        ({"drawn_at": NOW - timedelta(days=9, hours=5)}, "drawn-long-before", {"days": 9}),
        ({"volume_ul": 60_000}, "volume-large", {"volume_ul": 60_000}),
        ({"volume_ul": 600_000}, "volume-absurd", {"volume_ul": 600_000}),
        ({"container": "SST"}, "container-unlikely", {"container": "SST", "material": "BMA"}),
        ({"pull_number": 21}, "pull-number-implausible", {"pull_number": 21}),
        (
            {"released_at": DRAWN - timedelta(hours=1)},
            "released-before-drawn",
            {"released": DRAWN - timedelta(hours=1), "drawn": DRAWN},
        ),
        ({"released_at": LATE}, "released-in-future", {"at": LATE}),
        (
            {"volume_ul": 999, "plan": (PlannedVials("PL1", 2, volume_ul=500), PlannedVials("CEL", 1))},
            "plan-exceeds-volume",
            {"planned_ul": 1000, "volume_ul": 999},
        ),
        ({"plan": (PlannedVials("SER", 1),)}, "not-derivable", {"parent": "BMA", "child": "SER"}),
        ({"plan": (PlannedVials("CEL", 51),)}, "vial-count-implausible", {"count": 51, "most": 50}),
        ({"plan": (PlannedVials("CEL", 1, volume_ul=5),)}, "plan-amount-unit", {"material": "CEL"}),
        ({"plan": (PlannedVials("CEL", 1, cells=0),)}, "plan-amount-not-positive", {"material": "CEL"}),
    ],
)
def test_a_problem_says_what_it_is_about(
    changes: dict[str, Any], code: str, values: dict[str, object]
) -> None:
    problems = check_receipt(replace(FORM, **changes), FACTS, NOW)
    assert [problem.values for problem in problems if problem.code == code] == [values]


def test_what_is_found_in_a_tube_is_not_held_against_a_material_not_yet_named() -> None:
    seen = {"conditions": ("bloody",), "acceptance": "accepted-with-deviation", "pull_number": 1}
    assert changed(**seen, material=ABSENT) == {("material", "answer-missing", STOP)}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"drawn_at": NOW + timedelta(seconds=1), "released_at": None, "released_by": ""},
            {("drawn_at", "drawn-after-received", STOP)},
        ),
        (
            {"drawn_at": DRAWN - timedelta(days=8)},
            {("drawn_at", "drawn-long-before", WARNING), ("time_point", "outside-window", WARNING)},
        ),
        (
            {"drawn_at": datetime(2018, 5, 4, 12, tzinfo=UTC)},
            {
                ("drawn_at", "drawn-long-before", WARNING),
                ("drawn_at", "drawn-before-birth", STOP),
                ("time_point", "outside-window", WARNING),
            },
        ),
        (
            {"conditions": ("bloody", "other", "odd"), "acceptance": "accepted-with-deviation"},
            {
                ("conditions", "bloody-only-csf", STOP),
                ("conditions", "unknown-choice", STOP),
                ("note", "other-needs-a-note", STOP),
            },
        ),
        (
            {"plan": (PlannedVials("QQQ", 1),)},
            {("plan", "not-derivable", STOP)},
        ),
    ],
)
def test_several_things_wrong_at_once(changes: dict[str, Any], problems: set[tuple[str, str, bool]]) -> None:
    assert changed(**changes) == problems


def test_spinal_fluid_may_be_bloody_and_is_little() -> None:
    csf = replace(FORM, material="CSF", container="PPS", conditions=("bloody",), plan=())
    csf = replace(csf, acceptance="accepted-with-deviation")
    assert found(csf) == set()
    assert found(replace(csf, volume_ul=10_000)) == set()
    assert found(replace(csf, volume_ul=10_001)) == {("volume_ul", "volume-large", True)}
    assert found(replace(csf, pull_number=1)) == {("pull_number", "pull-only-marrow", False)}


def test_a_tube_that_came_before_says_who_received_it_and_when() -> None:
    earlier = EarlierReceipt(OWN_TUBE, "A. Jansen", NOW - timedelta(days=1))
    (problem,) = check_receipt(FORM, replace(FACTS, earlier=earlier), NOW)
    assert (problem.field, problem.code, problem.warning) == ("tube_code", "tube-received-before", False)
    assert problem.values == {"code": OWN_TUBE, "by": "A. Jansen", "at": NOW - timedelta(days=1)}


def test_a_material_the_time_point_has_already() -> None:
    taken = replace(FACTS, taken=frozenset({("TP1", "BMA"), ("REL", "BMA")}))
    (problem,) = check_receipt(FORM, taken, NOW)
    assert (problem.field, problem.code, problem.warning) == ("time_point", "time-point-has-material", True)
    assert problem.values == {"time_point": "TP1", "material": "BMA"}
    assert found(replace(FORM, time_point="REL"), taken) == set()
    assert found(replace(FORM, material="CSF", container="PPS", plan=()), taken) == set()


def test_ages() -> None:
    drawn_on = local_day(DRAWN)
    grown = replace(FACTS, turns_12_on=turns(drawn_on.replace(year=drawn_on.year - 19), 12))
    (problem,) = check_receipt(FORM, grown, NOW)
    assert problem == Problem("drawn_at", "age-over-limit", {"limit": 19}, warning=True)
    assert found(FORM, replace(grown, role="sibling-donor")) == set()
    younger = replace(
        FACTS, turns_12_on=turns(drawn_on.replace(year=drawn_on.year - 19) + timedelta(days=1), 12)
    )
    assert found(FORM, younger) == set()
    newborn = replace(FACTS, turns_12_on=turns(drawn_on, 12))
    assert found(FORM, newborn) == set()
    assert found(FORM, replace(FACTS, turns_12_on=None)) == set()


def test_an_empty_form_names_every_missing_answer_in_order() -> None:
    problems = check_receipt(ReceiptForm(), FACTS, NOW)
    assert [problem.field for problem in problems] == [
        "tube_code",
        "donor",
        "material",
        "container",
        "time_point",
        "drawn_at",
        "received_at",
        "volume_ul",
        "temperature",
        "conditions",
        "acceptance",
        "origin",
        "released_at",
    ]
    assert {problem.code for problem in problems} == {"answer-missing"}
    assert repr(ABSENT) == "ABSENT"


def test_an_empty_registration_names_every_missing_answer() -> None:
    problems = check_donor(DonorForm(), A2G, local_day(NOW))
    assert [problem.field for problem in problems] == ["sex", "born_on", "day1_on", "role", "protocol"]
    assert {problem.code for problem in problems} == {"answer-missing"}


@given(st.sets(st.sampled_from([field.name for field in fields(ReceiptForm) if field.default is ABSENT])))
def test_any_half_filled_form_can_be_checked(absent: set[str]) -> None:
    problems = check_receipt(replace(FORM, **dict.fromkeys(absent, ABSENT)), FACTS, NOW)
    missing = {problem.field for problem in problems if problem.code == "answer-missing"}
    assert missing == absent


def test_a_draw_in_the_future_stops_before_the_receipt_is_known() -> None:
    form = replace(
        FORM, received_at=ABSENT, drawn_at=NOW + timedelta(minutes=6), released_at=None, released_by=""
    )
    assert ("drawn_at", "drawn-after-received", False) in found(form)
    assert found(replace(form, drawn_at=NOW + timedelta(minutes=5))) == {
        ("received_at", "answer-missing", False)
    }


@given(st.lists(st.sampled_from(CONDITIONS), unique=True), st.integers(-9, 600_000), st.integers(-900, 900))
def test_problems_stand_in_the_order_of_the_form(conditions: list[str], volume_ul: int, hours: int) -> None:
    form = replace(
        FORM, conditions=tuple(conditions), volume_ul=volume_ul, drawn_at=NOW + timedelta(hours=hours)
    )
    order = [field.name for field in fields(ReceiptForm)]
    places = [order.index(problem.field) for problem in check_receipt(form, FACTS, NOW)]
    assert places == sorted(places)


CHILD = DonorForm(
    "female", BORN, date(2026, 11, 2), "patient", (("HIX", "123"), ("LAB", "123")), "ALLTogether1"
)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, []),
        ({"day1_on": None}, []),
        ({"lab_numbers": ()}, []),
        ({"born_on": date(2026, 11, 22), "day1_on": date(2026, 11, 22)}, []),
        ({"day1_on": date(2026, 12, 23)}, []),
        ({"day1_on": ABSENT}, [("day1_on", "answer-missing", STOP)]),
        ({"sex": None}, [("sex", "unknown-not-allowed", STOP)]),
        ({"sex": "f"}, [("sex", "unknown-choice", STOP)]),
        ({"role": "parent"}, [("role", "unknown-choice", STOP)]),
        ({"born_on": ABSENT}, [("born_on", "answer-missing", STOP)]),
        ({"born_on": date(2026, 11, 23), "day1_on": None}, [("born_on", "born-in-future", STOP)]),
        ({"born_on": date(2007, 11, 22)}, [("born_on", "age-over-limit", WARNING)]),
        ({"born_on": date(2007, 11, 23)}, []),
        ({"born_on": date(1980, 1, 1), "role": "sibling-donor"}, []),
        ({"day1_on": date(2018, 5, 4)}, [("day1_on", "day1-before-birth", STOP)]),
        ({"day1_on": date(2026, 12, 24)}, [("day1_on", "day1-far-in-future", WARNING)]),
        ({"lab_numbers": (("HIX", " "),)}, [("lab_numbers", "lab-number-incomplete", STOP)]),
        ({"lab_numbers": ((" ", "1"),)}, [("lab_numbers", "lab-number-incomplete", STOP)]),
        ({"lab_numbers": (("HIX", "1"), ("HIX ", "1"))}, [("lab_numbers", "lab-number-twice", STOP)]),
    ],
)
def test_donors(changes: dict[str, Any], problems: list[tuple[str, str, bool]]) -> None:
    answer = check_donor(replace(CHILD, **changes), A2G, date(2026, 11, 22))
    assert [(problem.field, problem.code, problem.warning) for problem in answer] == problems
    assert len(stops(answer)) == sum(not warning for *_rest, warning in problems)


def test_a_donors_warning_says_the_limit_or_the_day() -> None:
    grown = check_donor(replace(CHILD, born_on=date(2007, 11, 22)), A2G, date(2026, 11, 22))
    assert grown == (Problem("born_on", "age-over-limit", {"limit": 19}, warning=True),)
    far = check_donor(replace(CHILD, day1_on=date(2026, 12, 24)), A2G, date(2026, 11, 22))
    assert [problem.values for problem in far] == [{"day1_on": date(2026, 12, 24)}]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"born_year": 2018, "sex": "female"}, []),
        ({"born_year": 2017, "sex": "female"}, [("born_year", "birth-year-differs")]),
        ({"born_year": 2017, "sex": "male"}, [("born_year", "birth-year-differs"), ("sex", "sex-differs")]),
        ({"born_year": 2018}, [("", "second-identifier-missing")]),
        ({"sex": "female"}, [("", "second-identifier-missing")]),
        ({}, [("", "second-identifier-missing")]),
        ({"lab_number": " 123 "}, []),
        ({"lab_number": "124", "born_year": 2018, "sex": "female"}, [("lab_number", "lab-number-differs")]),
    ],
)
def test_the_second_identifier(said: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    problems = agrees(turns(BORN, 12), "female", {"123"}, **said)
    assert [(problem.field, problem.code) for problem in problems] == expected
    assert all("2018" not in str(problem.values) for problem in problems)


def test_a_donor_whose_ages_are_erased_agrees_only_by_number() -> None:
    assert agrees(None, "female", {"123"}, born_year=2018, sex="female")[0].code == "birth-year-differs"
    assert agrees(None, "female", {"123"}, lab_number="123") == ()
