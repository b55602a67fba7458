"""A slice of the power-loss campaigns, and that they can fail."""

from __future__ import annotations

import pytest

from tests.soak import power


def test_no_crash_state_of_the_window_loses_anything() -> None:
    assert power.WINDOW(1, images=150).broken == ()


def test_no_crash_state_of_the_command_line_loses_anything() -> None:
    assert power.COMMAND_LINE(1, images=100).broken == ()


@pytest.mark.parametrize("control", power.CONTROLS)
def test_weaker_disks_and_settings_are_found_out(control: str) -> None:
    assert power.CONTROLS[control](1, images=60).broken
