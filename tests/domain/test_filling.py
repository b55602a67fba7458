from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.filling import FillFacts, FillForm, check_fill, check_fills, taken
from biobank_desktop.domain.problems import stops

CELLS = FillForm("PM26000017", volume_ul=1000, cells=10_000_000, viability_percent=92.5, blasts_percent=80)
FROM_MARROW = FillFacts("CEL", "BMA", left_ul=3200, left_cells=None)
CSF = FillForm("PM26000017", volume_ul=250)
FROM_CSF = FillFacts("CSF", "CSF", left_ul=1000, left_cells=None)
FROM_CELLS = FillFacts("CEL", "CEL", left_ul=None, left_cells=10_000_000)


def found(form: FillForm, facts: FillFacts) -> set[tuple[str, str, bool]]:
    return {(problem.field, problem.code, problem.warning) for problem in check_fill(form, facts)}


@pytest.mark.parametrize(
    ("form", "facts"),
    [
        (CELLS, FROM_MARROW),
        (replace(CELLS, viability_percent=None, blasts_percent=0), FROM_MARROW),
        (replace(CELLS, taken_ul=3200), FROM_MARROW),
        (CSF, FROM_CSF),
        (replace(CSF, volume_ul=1000), FROM_CSF),
        (CSF, replace(FROM_CSF, left_ul=None)),
        (replace(CELLS, cells=1_000_000_000, volume_ul=2000), FROM_MARROW),
        (replace(CELLS, viability_percent=50, blasts_percent=100), FROM_MARROW),
        (CELLS, FROM_CELLS),
    ],
)
def test_plausible_vials(form: FillForm, facts: FillFacts) -> None:
    assert check_fill(form, facts) == ()


@pytest.mark.parametrize(
    ("facts", "form", "changes", "problem"),
    [
        (FROM_MARROW, CELLS, {"cells": None}, ("cells", "answer-missing", False)),
        (FROM_CSF, CSF, {"volume_ul": None}, ("volume_ul", "answer-missing", False)),
        (FROM_MARROW, CELLS, {"cells": 0}, ("cells", "amount-not-positive", False)),
        (FROM_CSF, CSF, {"volume_ul": -5}, ("volume_ul", "amount-not-positive", False)),
        (FROM_MARROW, CELLS, {"cells": 1_000_000_001}, ("cells", "cells-implausible", False)),
        (FROM_CSF, CSF, {"cells": 5}, ("cells", "only-for-cells", False)),
        (FROM_CSF, CSF, {"viability_percent": 90}, ("viability_percent", "only-for-cells", False)),
        (
            FROM_MARROW,
            CELLS,
            {"viability_percent": 100.1},
            ("viability_percent", "percent-out-of-range", False),
        ),
        (FROM_MARROW, CELLS, {"blasts_percent": -1}, ("blasts_percent", "percent-out-of-range", False)),
        (FROM_MARROW, CELLS, {"viability_percent": 49.9}, ("viability_percent", "viability-low", True)),
        (FROM_MARROW, CELLS, {"volume_ul": 2001}, ("volume_ul", "volume-large", True)),
        (FROM_MARROW, CELLS, {"volume_ul": 50_000}, ("volume_ul", "volume-large", True)),
        (FROM_CSF, CSF, {"taken_ul": 1001}, ("taken_ul", "more-volume-than-left", False)),
        (FROM_MARROW, CELLS, {"volume_ul": 50_001}, ("volume_ul", "volume-absurd", False)),
        (FROM_MARROW, CELLS, {"taken_ul": 3201}, ("taken_ul", "more-volume-than-left", False)),
        (FROM_MARROW, CELLS, {"taken_ul": -1}, ("taken_ul", "amount-not-positive", False)),
        (FROM_CSF, CSF, {"volume_ul": 1001}, ("volume_ul", "more-volume-than-left", False)),
        (FROM_CELLS, CELLS, {"cells": 10_000_001}, ("cells", "more-cells-than-left", False)),
        (FROM_CELLS, CELLS, {"taken_cells": 20_000_000}, ("taken_cells", "more-cells-than-left", False)),
    ],
)
def test_implausible_vials(
    facts: FillFacts, form: FillForm, changes: dict[str, Any], problem: tuple[str, str, bool]
) -> None:
    assert found(replace(form, **changes), facts) == {problem}


def test_vials_of_one_tube_share_what_is_left() -> None:
    fills = [(replace(CSF, volume_ul=400), FROM_CSF)] * 3
    problems = check_fills(fills)
    assert [(problem.field, problem.code) for problem in problems] == [
        ("vials[2].volume_ul", "more-volume-than-left")
    ]
    assert problems[0].values == {"taken": 400, "left": 200}
    cells = check_fills([(CELLS, FROM_CELLS), (CELLS, FROM_CELLS)])
    assert [(problem.field, problem.values["left"]) for problem in cells] == [("vials[1].cells", 0)]


def test_what_a_vial_takes() -> None:
    assert taken(CSF, FROM_CSF) == (250, 0)
    assert taken(CELLS, FROM_MARROW) == (0, 10_000_000)
    assert taken(replace(CELLS, taken_ul=800), FROM_MARROW) == (800, 10_000_000)
    assert taken(replace(CELLS, taken_cells=7), FROM_CELLS) == (0, 7)


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=8), st.integers(0, 9000))
def test_accepted_vials_never_sum_to_more_than_was_there(volumes: list[int], left_ul: int) -> None:
    facts = replace(FROM_CSF, left_ul=left_ul)
    problems = check_fills([(replace(CSF, volume_ul=volume), facts) for volume in volumes])
    assert (not stops(problems)) is (sum(volumes) <= left_ul)
