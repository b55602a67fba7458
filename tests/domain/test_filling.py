from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.filling import (
    MOST_COUNTED,
    FillFacts,
    FillForm,
    check_fill,
    check_fills,
    taken,
)
from biobank_desktop.domain.problems import Problem, stops

CELLS = FillForm("PM26000017", volume_ul=1000, cells=10_000_000, viability_percent=92.5, blasts_percent=80)
FROM_MARROW = FillFacts("CEL", "BMA", left_ul=3200, left_cells=None)
CSF = FillForm("PM26000017", volume_ul=250)
FROM_CSF = FillFacts("CSF", "CSF", left_ul=1000, left_cells=None)
FROM_CELLS = FillFacts("CEL", "CEL", left_ul=None, left_cells=10_000_000)
WHOLE = replace(FROM_MARROW, most_cells=MOST_COUNTED)


@pytest.mark.parametrize(
    ("form", "facts"),
    [
        (CELLS, FROM_MARROW),
        (replace(CELLS, viability_percent=None, blasts_percent=0), FROM_MARROW),
        (replace(CELLS, taken_ul=3200), FROM_MARROW),
        (CSF, FROM_CSF),
        (replace(CSF, volume_ul=1000), FROM_CSF),
        (CSF, replace(FROM_CSF, left_ul=None)),
        (replace(CSF, volume_ul=1), FROM_CSF),
        (replace(CELLS, cells=1, taken_ul=0, taken_cells=0), FROM_MARROW),
        (replace(CELLS, cells=10**12), WHOLE),
        (replace(CELLS, cells=1_000_000_000, volume_ul=2000), FROM_MARROW),
        (replace(CELLS, viability_percent=50, blasts_percent=100), FROM_MARROW),
        (CELLS, FROM_CELLS),
    ],
)
def test_plausible_vials(form: FillForm, facts: FillFacts) -> None:
    assert check_fill(form, facts) == ()


STOP, WARNING = False, True
IN_CSF, IN_CELLS = {"material": "CSF"}, {"material": "CEL"}


@pytest.mark.parametrize(
    ("facts", "form", "changes", "problem"),
    [
        (FROM_MARROW, CELLS, {"cells": None}, ("cells", "answer-missing", {}, STOP)),
        (FROM_CSF, CSF, {"volume_ul": None}, ("volume_ul", "answer-missing", {}, STOP)),
        (FROM_MARROW, CELLS, {"cells": 0}, ("cells", "amount-not-positive", {}, STOP)),
        (FROM_CSF, CSF, {"volume_ul": 0}, ("volume_ul", "amount-not-positive", {}, STOP)),
        (FROM_CSF, CSF, {"volume_ul": -5}, ("volume_ul", "amount-not-positive", {}, STOP)),
        (
            FROM_MARROW,
            CELLS,
            {"cells": 10**9 + 1},
            ("cells", "cells-implausible", {"cells": 10**9 + 1}, STOP),
        ),
        (WHOLE, CELLS, {"cells": 10**12 + 1}, ("cells", "cells-implausible", {"cells": 10**12 + 1}, STOP)),
        (FROM_CSF, CSF, {"cells": 5}, ("cells", "only-for-cells", IN_CSF, STOP)),
        (FROM_CSF, CSF, {"viability_percent": 90}, ("viability_percent", "only-for-cells", IN_CSF, STOP)),
        (FROM_CSF, CSF, {"blasts_percent": 0}, ("blasts_percent", "only-for-cells", IN_CSF, STOP)),
        (
            FROM_MARROW,
            CELLS,
            {"viability_percent": 100.1},
            ("viability_percent", "percent-out-of-range", {"percent": 100.1}, STOP),
        ),
        (
            FROM_MARROW,
            CELLS,
            {"blasts_percent": -1},
            ("blasts_percent", "percent-out-of-range", {"percent": -1}, STOP),
        ),
        (
            FROM_MARROW,
            CELLS,
            {"viability_percent": 49.9},
            ("viability_percent", "viability-low", {"percent": 49.9}, WARNING),
        ),
        (
            FROM_MARROW,
            CELLS,
            {"volume_ul": 2001},
            ("volume_ul", "volume-large", {"volume_ul": 2001}, WARNING),
        ),
        (
            FROM_MARROW,
            CELLS,
            {"volume_ul": 50_000},
            ("volume_ul", "volume-large", {"volume_ul": 50_000}, WARNING),
        ),
        (
            FROM_MARROW,
            CELLS,
            {"volume_ul": 50_001},
            ("volume_ul", "volume-absurd", {"volume_ul": 50_001}, STOP),
        ),
        (FROM_MARROW, CELLS, {"taken_ul": -1}, ("taken_ul", "amount-not-positive", {}, STOP)),
        (FROM_CELLS, CELLS, {"taken_cells": -1}, ("taken_cells", "amount-not-positive", {}, STOP)),
        (
            FROM_CSF,
            CSF,
            {"taken_ul": 1001},
            ("taken_ul", "more-volume-than-left", {"taken": 1001, "left": 1000}, STOP),
        ),
        (
            FROM_MARROW,
            CELLS,
            {"taken_ul": 3201},
            ("taken_ul", "more-volume-than-left", {"taken": 3201, "left": 3200}, STOP),
        ),
        (
            FROM_CSF,
            CSF,
            {"volume_ul": 1001},
            ("volume_ul", "more-volume-than-left", {"taken": 1001, "left": 1000}, STOP),
        ),
        (
            FROM_CELLS,
            CELLS,
            {"cells": 10_000_001},
            ("cells", "more-cells-than-left", {"taken": 10_000_001, "left": 10_000_000}, STOP),
        ),
        (
            FROM_CELLS,
            CELLS,
            {"taken_cells": 20_000_000},
            ("taken_cells", "more-cells-than-left", {"taken": 20_000_000, "left": 10_000_000}, STOP),
        ),
    ],
)
def test_implausible_vials(
    facts: FillFacts,
    form: FillForm,
    changes: dict[str, Any],
    problem: tuple[str, str, dict[str, object], bool],
) -> None:
    assert check_fill(replace(form, **changes), facts) == (Problem(*problem),)


def test_vials_of_one_tube_share_what_is_left() -> None:
    fills = [(replace(CSF, volume_ul=400), FROM_CSF)] * 3
    problems = check_fills(fills)
    assert [(problem.field, problem.code) for problem in problems] == [
        ("vials[2].volume_ul", "more-volume-than-left")
    ]
    assert problems[0].values == {"taken": 400, "left": 200}
    assert check_fills([*fills, (CSF, FROM_CSF)])[1].values == {"taken": 250, "left": 0}
    cells = check_fills([(CELLS, FROM_CELLS), (CELLS, FROM_CELLS)])
    assert [(problem.field, problem.values["left"]) for problem in cells] == [("vials[1].cells", 0)]


def test_a_vial_that_takes_nothing_is_not_blamed_for_one_that_took_too_much() -> None:
    too_much = (
        FillForm("PM26000017", volume_ul=4000),
        FillFacts("PL1", "BMA", left_ul=3200, left_cells=None),
    )
    problems = check_fills([too_much, (CELLS, FROM_MARROW)])
    assert [problem.field for problem in problems] == ["vials[0].volume_ul", "vials[0].volume_ul"]


def test_what_a_vial_takes() -> None:
    assert taken(FillForm("PM26000017"), FROM_CSF) == taken(FillForm("PM26000017"), FROM_CELLS) == (0, 0)
    assert taken(CSF, FROM_CSF) == (250, 0)
    assert taken(CELLS, FROM_MARROW) == (0, 10_000_000)
    assert taken(replace(CELLS, taken_ul=800), FROM_MARROW) == (800, 10_000_000)
    assert taken(replace(CELLS, taken_cells=7), FROM_CELLS) == (0, 7)


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=8), st.integers(0, 9000))
def test_accepted_vials_never_sum_to_more_than_was_there(volumes: list[int], left_ul: int) -> None:
    facts = replace(FROM_CSF, left_ul=left_ul)
    problems = check_fills([(replace(CSF, volume_ul=volume), facts) for volume in volumes])
    assert (not stops(problems)) is (sum(volumes) <= left_ul)
