"""A slice of the campaigns of the wedge, and that they see what they look for."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.soak import wedge

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def _application(qtbot: QtBot) -> None:
    """A window needs one."""


def test_a_cut_code_is_no_scan_and_reaches_no_button() -> None:
    outcome = wedge.cut(12, seed=3)
    assert outcome.broken == ()
    assert set(outcome.cells) == wedge.CUTS


def test_glued_codes_are_no_other_code() -> None:
    assert wedge.glued(400, seed=3).broken == ()


def test_fast_typing_is_no_scan_and_nothing_of_it_is_lost() -> None:
    assert wedge.fast_typing(12_000, seed=3).broken == ()


def test_with_longer_gaps_allowed_fast_typing_would_be_taken_for_scans() -> None:
    assert wedge.fast_typing(3_000, seed=3, limit_ms=100).broken


def test_the_typist_types_as_fast_as_said() -> None:
    rng = Random(3)
    pauses = [wedge._pause_ms(rng) for _ in range(20_000)]
    assert 60_000 / (5 * sum(pauses) / len(pauses)) == pytest.approx(wedge.WORDS_PER_MINUTE, rel=0.02)
    assert sum(pause <= 50 for pause in pauses) / len(pauses) == pytest.approx(0.16, abs=0.015)
