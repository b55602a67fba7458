from __future__ import annotations

import copy
import tomllib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.protocols import (
    AliquotPlan,
    Phase,
    PlannedVials,
    Protocol,
    TimePoint,
    proposed_time_point,
    protocol_day,
    window,
    window_problem,
)
from biobank_desktop.resources import folder

RAW = tomllib.loads((folder("protocols") / "alltogether1.toml").read_text(encoding="utf-8"))
A2G = Protocol.from_mapping(RAW)
DAY1 = date(2026, 11, 2)


def on_day(day: int) -> date:
    return DAY1 + timedelta(days=day - 1)


def proposed(day: int, *taken: str) -> str | None:
    point = proposed_time_point(A2G, DAY1, on_day(day), taken)
    return point.code if point else None


def test_the_shipped_protocol() -> None:
    assert (A2G.id, A2G.age_limit_years) == ("ALLTogether1", 19)
    codes = [point.code for point in A2G.time_points]
    assert codes[:6] == ["DX", "D8", "D15", "TP1", "D50", "TP2"]
    assert {"HRB1", "HRB3", "PRESCT", "PRECART", "DI", "REM", "EOT", "REL", "ASP7", "ASP14", "UNSCH"} < set(
        codes
    )


def test_marrow_at_diagnosis_gives_four_vials_of_cells_and_two_of_plasma() -> None:
    assert A2G.plan("BMA", "DX") == (
        PlannedVials("CEL", 4, cells=10_000_000, medium="10 % DMSO"),
        PlannedVials("PL1", 2, volume_ul=500),
    )


def test_a_time_point_without_its_own_plan_gets_the_general_one() -> None:
    assert A2G.plan("BMA", "D50")[0] == PlannedVials("CEL", 2, cells=5_000_000, medium="10 % DMSO")
    assert A2G.plan("DNA", "DX") == ()


def test_expected_materials_have_a_plan() -> None:
    for point in A2G.time_points:
        for material in point.expects:
            assert A2G.plan(material, point.code)


@pytest.mark.parametrize(
    ("day", "taken", "code"),
    [
        (-3, (), "DX"),
        (0, (), "DX"),
        (1, (), "DX"),
        (0, ("DX",), None),
        (15, ("DX",), "D15"),
        (12, ("DX",), "D15"),
        (18, ("DX",), "D15"),
        (19, ("DX",), None),
        (28, (), "TP1"),
        (29, ("TP1",), None),
        (71, ("DX", "TP1"), "TP2"),
        (400, (), None),
    ],
)
def test_the_proposed_time_point(day: int, taken: tuple[str, ...], code: str | None) -> None:
    assert proposed(day, *taken) == code


def test_the_nearest_of_two_windows_is_proposed() -> None:
    raw = copy.deepcopy(RAW)
    raw["time_point"][1]["after"] = 10
    protocol = Protocol.from_mapping(raw)
    point = proposed_time_point(protocol, DAY1, on_day(14), ())
    assert point is not None
    assert point.code == "D15"


def drawn_on_day_14(*points: dict[str, Any], taken: tuple[str, ...] = ()) -> str | None:
    written = [{"label": "a", "expects": [], "before": 9, "after": 9, **point} for point in points]
    protocol = Protocol.from_mapping({**RAW, "time_point": written, "plan": []})
    point = proposed_time_point(protocol, DAY1, on_day(14), taken)
    return point.code if point else None


def test_of_two_as_near_the_earlier_day_and_of_two_on_a_day_the_first_is_proposed() -> None:
    late, early, twin = {"code": "B", "day": 16}, {"code": "A", "day": 12}, {"code": "C", "day": 12}
    assert drawn_on_day_14(late, early) == drawn_on_day_14(early, late) == "A"
    assert drawn_on_day_14(early, twin) == "A"
    assert drawn_on_day_14(twin, early) == "C"


def test_only_a_repeatable_time_point_is_proposed_again() -> None:
    point = {"code": "A", "day": 14}
    assert drawn_on_day_14(point, taken=("A",)) is None
    assert drawn_on_day_14({**point, "repeatable": True}, taken=("A",)) == "A"


def test_a_time_point_without_days_around_it_is_one_day() -> None:
    raw = {"code": "DX", "label": "Diagnosis", "day": 5, "expects": []}
    for point in (raw, {**raw, "before": 0, "after": 0}):
        protocol = Protocol.from_mapping({**RAW, "time_point": [point], "plan": []})
        (read,) = protocol.time_points
        assert (read.days_before, read.days_after, read.repeatable) == (0, 0, False)
        assert window(read) == (5, 5)


@pytest.mark.parametrize(("taken", "code"), [((), "DX"), (("DX",), None)])
def test_without_day_1_only_the_first_tube_has_a_proposal(taken: tuple[str, ...], code: str | None) -> None:
    for day1_on, drawn_on in ((None, DAY1), (DAY1, None)):
        point = proposed_time_point(A2G, day1_on, drawn_on, taken)
        assert (point.code if point else None) == code


@given(st.integers(-400, 2000), st.sets(st.sampled_from([point.code for point in A2G.time_points])))
def test_a_proposal_is_in_its_window_and_free(day: int, taken: set[str]) -> None:
    point = proposed_time_point(A2G, DAY1, on_day(day), taken)
    if point is not None:
        assert window_problem(point, DAY1, on_day(day)) is None
        assert point.repeatable or point.code not in taken


def test_protocol_days() -> None:
    assert protocol_day(DAY1, DAY1) == 1
    assert protocol_day(DAY1, DAY1 - timedelta(days=1)) == 0
    assert protocol_day(DAY1, on_day(29)) == 29
    assert protocol_day(None, DAY1) is None


@pytest.mark.parametrize(("day", "outside"), [(25, True), (26, False), (29, False), (32, False), (33, True)])
def test_outside_the_window_is_a_warning(day: int, outside: bool) -> None:
    point = A2G.time_point("TP1")
    assert point is not None
    problem = window_problem(point, DAY1, on_day(day))
    values = {"time_point": "TP1", "day": day, "first": 26, "last": 32}
    assert problem == (Problem("time_point", "outside-window", values, warning=True) if outside else None)


def test_no_window_no_warning() -> None:
    relapse, tp1 = A2G.time_point("REL"), A2G.time_point("TP1")
    assert relapse is not None
    assert tp1 is not None
    assert window(relapse) is None
    assert window_problem(relapse, DAY1, on_day(900)) is None
    assert window_problem(tp1, None, on_day(900)) is None
    assert window_problem(tp1, DAY1, None) is None


def test_phases() -> None:
    assert A2G.phase(1) == Phase("IND", "Induction", 1, 29)
    assert A2G.phase(29) == A2G.phase(1)
    phase = A2G.phase(30)
    assert phase is not None
    assert phase.code == "CONS1"
    assert A2G.phase(0) is None
    assert A2G.time_point("NONE") is None


POINT: dict[str, Any] = {"code": "DX", "label": "Diagnosis", "expects": []}
EXPECTS_UNKNOWN = ("time_point[0].expects", "unknown-material")


def of_marrow(material: str, **amount: int) -> dict[str, Any]:
    return {"material": "BMA", "vials": [{"material": material, "count": 1, **amount}]}


def problems(change: dict[str, Any]) -> set[tuple[str, str]]:
    return {(problem.field, problem.code) for problem in refused({**copy.deepcopy(RAW), **change})}


def refused(raw: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(Rejected) as refusal:
        Protocol.from_mapping(raw)
    return refusal.value.problems


def test_a_problem_of_a_file_says_its_path_and_what_is_wrong_there() -> None:
    general, own = of_marrow("PL1", volume_ul=1), {**of_marrow("CEL", cells=1), "time_point": "DX"}
    assert refused({**RAW, "plan": [general, own, own, general]}) == (
        Problem("plan", "protocol-entry-twice", {"path": "plan", "name": "BMA"}),
        Problem("plan", "protocol-entry-twice", {"path": "plan", "name": "BMA DX"}),
    )
    path = "plan[0].vials[0].material"
    assert refused({**RAW, "plan": [of_marrow("SER", volume_ul=1)]}) == (
        Problem(path, "not-derivable", {"path": path, "parent": "BMA", "child": "SER"}),
    )
    nameless = refused({**RAW, "plan": [{"vials": of_marrow("CEL", cells=5)["vials"]}]})
    assert nameless[-1].values == {"path": path, "parent": "", "child": "CEL"}
    unknown = {**RAW, "time_point": [{**POINT, "expects": ["BMA", "QQQ"]}], "plan": []}
    assert [problem.values for problem in refused(unknown)] == [
        {"path": "time_point[0].expects", "material": "QQQ"}
    ]
    late = refused({**RAW, "plan": [{**own, "time_point": "DY"}]})
    assert [problem.values["time_point"] for problem in late] == ["DY"]


def test_the_least_that_may_stand_in_a_file() -> None:
    least = {"code": "A", "label": "A", "first_day": 0, "last_day": 0}
    plan = [of_marrow("PL1", volume_ul=1), {**of_marrow("CEL", cells=1), "time_point": "DX"}]
    protocol = Protocol.from_mapping({**RAW, "age_limit_years": 1, "phase": [least], "plan": plan})
    assert protocol.age_limit_years == 1
    assert protocol.phases == (Phase("A", "A", 0, 0),)
    assert protocol.plan("BMA", "TP1") == (PlannedVials("PL1", 1, volume_ul=1),)
    assert protocol.plan("BMA", "DX") == (PlannedVials("CEL", 1, cells=1),)


def test_an_empty_file_names_everything_that_is_missing() -> None:
    with pytest.raises(Rejected) as refusal:
        Protocol.from_mapping({})
    problems = refusal.value.problems
    fields = {problem.field for problem in problems}
    assert fields == {"id", "version", "name", "age_limit_years", "source", "phase", "time_point", "plan"}
    assert {problem.code for problem in problems} == {"protocol-entry-missing"}
    assert all(problem.values == {"path": problem.field} for problem in problems)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"age_limit_years": "old"}, {("age_limit_years", "protocol-entry-not-a-number")}),
        ({"age_limit_years": True}, {("age_limit_years", "protocol-entry-not-a-number")}),
        ({"age_limit_years": 0}, {("age_limit_years", "protocol-entry-not-a-number")}),
        (
            {"phase": [{"code": "A", "label": "A", "first_day": 9, "last_day": 8}]},
            {("phase[0].last_day", "protocol-phase-backwards")},
        ),
        (
            {"phase": [{"code": "A", "label": "A", "first_day": 9, "last_day": 9}] * 2},
            {("phase", "protocol-entry-twice")},
        ),
        ({"time_point": [], "plan": []}, {("time_point", "protocol-entry-missing")}),
        ({"time_point": [{**POINT, "expects": ["QQQ"]}], "plan": []}, {EXPECTS_UNKNOWN}),
        ({"time_point": [{**POINT, "expects": [["BMA"]]}], "plan": []}, {EXPECTS_UNKNOWN}),
        (
            {"time_point": [{**POINT, "after": -1}], "plan": []},
            {("time_point[0].after", "protocol-entry-not-a-number")},
        ),
        (
            {"plan": [of_marrow("CEL", cells=0)]},
            {
                ("plan[0].vials[0].cells", "protocol-entry-not-a-number"),
                ("plan[0].vials[0]", "protocol-amount-unit"),
            },
        ),
        (
            {"plan": [of_marrow("PL1", volume_ul=0)]},
            {
                ("plan[0].vials[0].volume_ul", "protocol-entry-not-a-number"),
                ("plan[0].vials[0]", "protocol-amount-unit"),
            },
        ),
        ({"plan": [of_marrow("CEL")]}, {("plan[0].vials[0]", "protocol-amount-unit")}),
        (
            {"plan": [{"vials": of_marrow("CEL", cells=5)["vials"]}]},
            {
                ("plan[0].material", "protocol-entry-missing"),
                ("plan[0].vials[0].material", "not-derivable"),
            },
        ),
        ({"name": 7}, {("name", "protocol-entry-missing")}),
        ({"name": ""}, {("name", "protocol-entry-missing")}),
        ({"phase": ["IND"]}, {("phase", "protocol-entry-missing")}),
        (
            {"time_point": [{"code": "DX", "label": "Diagnosis", "expects": ["BMA", "QQQ", 7]}], "plan": []},
            {("time_point[0].expects", "unknown-material")},
        ),
        (
            {"time_point": [{"code": "DX", "label": "Diagnosis", "before": -1}], "plan": []},
            {
                ("time_point[0].before", "protocol-entry-not-a-number"),
                ("time_point[0].expects", "protocol-entry-missing"),
            },
        ),
        (
            {"time_point": [{"code": "DX", "label": "a", "expects": []}] * 2, "plan": []},
            {("time_point", "protocol-entry-twice")},
        ),
        (
            {
                "plan": [
                    {
                        "material": "BMA",
                        "time_point": "DY",
                        "vials": [{"material": "SER", "count": 1, "volume_ul": 5}],
                    }
                ]
            },
            {
                ("plan[0].time_point", "protocol-unknown-time-point"),
                ("plan[0].vials[0].material", "not-derivable"),
            },
        ),
        (
            {"plan": [{"material": "BMA", "vials": [{"material": "CEL", "count": 0, "volume_ul": 5}]}]},
            {
                ("plan[0].vials[0].count", "protocol-entry-not-a-number"),
                ("plan[0].vials[0]", "protocol-amount-unit"),
            },
        ),
        (
            {
                "plan": [
                    {
                        "material": "BMA",
                        "vials": [{"material": "XYZ", "count": 1, "volume_ul": 5, "cells": 5}],
                    }
                ]
            },
            {("plan[0].vials[0].material", "not-derivable")},
        ),
        (
            {
                "plan": [
                    {
                        "material": "BMA",
                        "vials": [{"material": "PL1", "count": 1, "volume_ul": 5, "cells": 5}],
                    }
                ]
            },
            {("plan[0].vials[0]", "protocol-amount-unit")},
        ),
    ],
)
def test_a_file_is_refused_with_every_problem(change: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert problems(change) == expected


def test_a_phase_of_one_day_and_a_material_that_is_no_text() -> None:
    one_day = {"code": "A", "label": "A", "first_day": 9, "last_day": 9}
    assert Protocol.from_mapping({**RAW, "phase": [one_day]}).phases == (Phase("A", "A", 9, 9),)
    point = {"code": "DX", "label": "Diagnosis", "expects": [7]}
    assert problems({"time_point": [point], "plan": []}) == {("time_point[0].expects", "unknown-material")}


@pytest.mark.parametrize(
    ("material", "amount", "unit"), [("CEL", "volume_ul", "cells"), ("PL1", "cells", "µL")]
)
def test_a_wrong_unit_names_the_right_one(material: str, amount: str, unit: str) -> None:
    plan = {"material": "BMA", "vials": [{"material": material, "count": 1, amount: 5}]}
    with pytest.raises(Rejected) as refusal:
        Protocol.from_mapping({**RAW, "plan": [plan]})
    (problem,) = refusal.value.problems
    assert problem.values == {"path": "plan[0].vials[0]", "unit": unit}


@pytest.mark.parametrize(
    ("entry", "value", "code"),
    [
        ("bevore", 3, "protocol-entry-unknown"),
        ("repeatable", "no", "protocol-entry-not-true-or-false"),
        ("day", 10**30, "protocol-entry-not-a-number"),
        ("label", "a\u202eb", "protocol-entry-missing"),
    ],
)
def test_nothing_in_a_time_point_is_passed_over_or_taken_for_something_else(
    entry: str, value: object, code: str
) -> None:
    raw = copy.deepcopy(RAW)
    raw["time_point"][0][entry] = value
    with pytest.raises(Rejected) as refused:
        Protocol.from_mapping(raw)
    assert [(one.field, one.code) for one in refused.value.problems] == [(f"time_point[0].{entry}", code)]


def written(kind: str, entries: dict[str, Any]) -> dict[str, Any]:
    """The shipped protocol with one table of a kind, or with other entries of its own."""
    if kind == "vials":
        return {**RAW, "plan": [{"material": "BMA", "vials": [{"count": 1, **entries}]}]}
    whole: dict[str, dict[str, Any]] = {
        "phase": {"code": "A", "label": "A", "first_day": 1, "last_day": 1},
        "time_point": POINT,
        "plan": of_marrow("CEL", cells=1),
    }
    return {**RAW, "plan": [], kind: [{**whole[kind], **entries}]} if kind else {**RAW, **entries}


@pytest.mark.parametrize(
    ("kind", "entries", "least", "most"),
    [
        ("", {"age_limit_years": None}, 1, 120),
        ("phase", {"first_day": None, "last_day": None}, -36_500, 36_500),
        ("time_point", {"day": None}, -36_500, 36_500),
        ("time_point", {"before": None}, 0, 36_500),
        ("time_point", {"after": None}, 0, 36_500),
        ("vials", {"count": None, "material": "CEL", "cells": 1}, 1, 50),
        ("vials", {"material": "CEL", "cells": None}, 1, 100_000_000_000),
        ("vials", {"material": "PL1", "volume_ul": None}, 1, 1_000_000),
    ],
)
def test_a_number_is_taken_up_to_both_limits_and_not_beyond(
    kind: str, entries: dict[str, Any], least: int, most: int
) -> None:
    def filled(number: int) -> dict[str, Any]:
        return written(kind, {name: number if value is None else value for name, value in entries.items()})

    assert Protocol.from_mapping(filled(least)) != Protocol.from_mapping(filled(most))
    numbers = [name for name, value in entries.items() if value is None]
    for beyond in (least - 1, most + 1):
        wrong = [one.field for one in refused(filled(beyond)) if one.code == "protocol-entry-not-a-number"]
        assert [field.rpartition(".")[2] for field in wrong] == numbers


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("", ""),
        ("phase", "phase[0]."),
        ("time_point", "time_point[0]."),
        ("plan", "plan[0]."),
        ("vials", "plan[0].vials[0]."),
    ],
)
def test_an_entry_that_nobody_reads_is_named(kind: str, path: str) -> None:
    amount = {"material": "CEL", "cells": 1} if kind == "vials" else {}
    assert refused(written(kind, {"Id": 1, "remark": "x", **amount})) == tuple(
        Problem(f"{path}{name}", "protocol-entry-unknown", {"path": f"{path}{name}"})
        for name in ("Id", "remark")
    )


def test_every_entry_that_may_stand_in_a_file_is_read() -> None:
    point = {
        "code": "A",
        "label": "B",
        "day": 3,
        "before": 1,
        "after": 2,
        "repeatable": True,
        "expects": ["BMA"],
    }
    vials = [
        {"material": "CEL", "count": 2, "cells": 5, "medium": "10 % DMSO"},
        {"material": "PL1", "count": 3, "volume_ul": 7},
    ]
    protocol = Protocol.from_mapping(
        {
            "id": "a", "version": "1", "name": "Study A", "age_limit_years": 18, "source": "a paper",
            "phase": [{"code": "P", "label": "Phase", "first_day": -2, "last_day": 4}],
            "time_point": [point],
            "plan": [{"material": "BMA", "time_point": "A", "vials": vials}],
        }
    )  # fmt: skip
    assert protocol == Protocol(
        id="a",
        version="1",
        name="Study A",
        age_limit_years=18,
        source="a paper",
        phases=(Phase("P", "Phase", -2, 4),),
        time_points=(TimePoint("A", "B", 3, 1, 2, repeatable=True, expects=("BMA",)),),
        plans=(
            AliquotPlan(
                "BMA",
                "A",
                (PlannedVials("CEL", 2, cells=5, medium="10 % DMSO"), PlannedVials("PL1", 3, volume_ul=7)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("", "id"),
        ("", "version"),
        ("", "name"),
        ("", "source"),
        ("phase", "code"),
        ("phase", "label"),
        ("time_point", "code"),
        ("time_point", "label"),
        ("plan", "material"),
        ("plan", "time_point"),
        ("vials", "material"),
        ("vials", "medium"),
    ],
)
@pytest.mark.parametrize("value", [7, "", " ", "a\nb", "a\u202eb", "x" * 501], ids=range(6))
def test_a_text_in_a_file_is_one_line_that_can_be_read(kind: str, name: str, value: object) -> None:
    amount = {"material": "CEL", "cells": 1} if kind == "vials" else {}
    problem = refused(written(kind, {**amount, name: value}))[0]
    assert (problem.field.rpartition(".")[2], problem.code) == (name, "protocol-entry-missing")


def test_a_text_in_a_file_has_at_most_500_characters() -> None:
    assert Protocol.from_mapping({**RAW, "name": "x" * 500}).name == "x" * 500


@pytest.mark.parametrize("value", ["no", 1, 0, None], ids=repr)
def test_yes_or_no_is_nothing_else(value: object) -> None:
    path = "time_point[0].repeatable"
    assert refused(written("time_point", {"repeatable": value})) == (
        Problem(path, "protocol-entry-not-true-or-false", {"path": path}),
    )
    for answer in (True, False):
        (point,) = Protocol.from_mapping(written("time_point", {"repeatable": answer})).time_points
        assert point.repeatable is answer
