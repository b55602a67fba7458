"""Uses, nonconforming work and lists: what is wrong with each, all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from biobank_desktop.domain import disposals, nonconformities, use
from biobank_desktop.domain.disposals import check_list
from biobank_desktop.domain.nonconformities import Cause, NonconformityForm, check_nonconformity, check_span
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.use import UseForm, check_use

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
USE = UseForm("PM26000000", "use-a2g", "assay", ul=100)
FOUND = NonconformityForm("lot", "FBS-77 was contaminated", NOW, Cause(lot="FBS-77"), ("PM26000000",))


@pytest.mark.parametrize(
    ("form", "left", "problems"),
    [
        (USE, (100, None), []),
        (USE, (None, None), []),
        (replace(USE, ul=None, last=True), (0, 0), []),
        (replace(USE, ul=None, cells=5), (None, 5), []),
        (replace(USE, ul=1), (1, None), []),
        (USE, (99, None), [Problem("ul", "more-volume-than-left", {"taken": 100, "left": 99})]),
        (USE, (-3, None), [Problem("ul", "more-volume-than-left", {"taken": 100, "left": 0})]),
        (
            replace(USE, cells=6),
            (100, 5),
            [Problem("cells", "more-cells-than-left", {"taken": 6, "left": 5})],
        ),
        (replace(USE, ul=0), (100, None), [Problem("ul", "amount-not-positive")]),
        (replace(USE, cells=-1), (100, 5), [Problem("cells", "amount-not-positive")]),
        (replace(USE, ul=None), (100, None), [Problem("ul", "answer-missing")]),
        (replace(USE, what=" "), (100, None), [Problem("what", "answer-missing")]),
        (
            replace(USE, purpose="share-eu"),
            (100, None),
            [Problem("purpose", "not-a-choice", {"value": "share-eu", "choices": use.OWN_PURPOSES})],
        ),
    ],
)
def test_a_use_takes_what_is_there_for_a_purpose(
    form: UseForm, left: tuple[int | None, int | None], problems: list[Problem]
) -> None:
    assert check_use(form, *left) == problems


def test_what_can_come_back() -> None:
    assert {"issued", "lost"} == use.COMES_BACK
    assert set(use.ENDINGS) == {"issued", "used-up", "destroyed", "returned", "lost", "broken"}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, []),
        ({"found_at": NOW + timedelta(minutes=5)}, []),
        (
            {"kind": "weather"},
            [Problem("kind", "not-a-choice", {"value": "weather", "choices": nonconformities.KINDS})],
        ),
        ({"what": ""}, [Problem("what", "answer-missing")]),
        ({"found_at": NOW + timedelta(minutes=6)}, [Problem("found_at", "in-the-future")]),
        ({"samples": ()}, [Problem("samples", "samples-missing")]),
        (
            {"cause": Cause(lot="L", since=NOW, until=NOW)},
            [Problem("until", "ends-before-it-begins")],
        ),
    ],
)
def test_what_is_wrong_with_a_report(changes: dict[str, object], problems: list[Problem]) -> None:
    assert check_nonconformity(replace(FOUND, **changes), NOW) == problems  # type: ignore[arg-type]


def test_a_span_has_an_end_after_its_beginning() -> None:
    assert check_span(Cause(since=NOW)) == []
    assert check_span(Cause(until=NOW)) == []
    assert check_span(Cause(since=NOW, until=NOW + timedelta(seconds=1))) == []
    assert check_span(Cause(since=NOW, until=NOW - timedelta(seconds=1))) != []


@pytest.mark.parametrize("name", ["donor", "lot", "device", "container", "person"])
def test_a_cause_names_something(name: str) -> None:
    assert Cause(since=NOW).says_nothing
    assert not replace(Cause(), **{name: "x"}).says_nothing  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (("refused", "return", ("PM26000000",)), []),
        (("other", "destroy", ("PM26000000",)), []),
        (("withdrawal", "destroy", ("PM26000000",)), ["reason"]),
        (("refused", "notify", ("PM26000000",)), ["action"]),
        (("why", "how", ()), ["reason", "action", "samples"]),
    ],
)
def test_lists_that_somebody_opens(given: tuple[str, str, tuple[str, ...]], fields: list[str]) -> None:
    assert [problem.field for problem in check_list(*given)] == fields


def test_what_each_level_of_a_withdrawal_asks() -> None:
    assert {"W2", "W3", "W4"} == disposals.STOPS_USE
    assert {"W3", "W4"} == disposals.DESTROYS
    assert disposals.ENDING_OF == {"destroy": "destroyed", "return": "returned"}
