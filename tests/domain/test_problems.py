from __future__ import annotations

import pytest

from biobank_desktop.domain.problems import (
    BiobankError,
    Conflict,
    IntegrityBroken,
    NotFound,
    Problem,
    Rejected,
    Unavailable,
    refuse,
    stops,
)

ZERO = Problem("volume_ul", "amount-zero", {"text": "0"})
WHOLE_FORM = Problem("", "second-identifier-missing")
LARGE = Problem("volume_ul", "volume-large", {"volume_ul": 50_001}, warning=True)


def test_a_problem_without_values_stops_the_command() -> None:
    assert WHOLE_FORM.values == {}
    assert stops([WHOLE_FORM]) == (WHOLE_FORM,)


@pytest.mark.parametrize("error", [Rejected, Conflict, NotFound])
def test_a_refusal_carries_every_problem_and_says_them_in_the_log(error: type[Rejected]) -> None:
    refusal = error(ZERO, WHOLE_FORM)
    assert refusal.problems == (ZERO, WHOLE_FORM)
    assert str(refusal) == "volume_ul: amount-zero, -: second-identifier-missing"


@pytest.mark.parametrize("error", [Unavailable, IntegrityBroken])
def test_what_keeps_the_program_from_working_is_one_problem(
    error: type[Unavailable | IntegrityBroken],
) -> None:
    broken = error(WHOLE_FORM)
    assert broken.problem == WHOLE_FORM
    assert str(broken) == "second-identifier-missing"
    assert isinstance(broken, BiobankError)


def test_warnings_alone_stop_nothing() -> None:
    assert stops((LARGE, ZERO)) == (ZERO,)
    refuse([LARGE])
    refuse(())


def test_what_is_refused_is_told_with_its_warnings() -> None:
    with pytest.raises(Rejected) as refusal:
        refuse((LARGE, ZERO))
    assert refusal.value.problems == (LARGE, ZERO)
