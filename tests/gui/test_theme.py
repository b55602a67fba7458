from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from biobank_desktop.gui import theme
from biobank_desktop.gui.stylesheet import stylesheet
from biobank_desktop.gui.theme import DARK, LIGHT, Meaning, Scheme, Tokens

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

# Viénot, Brettel and Mollon 1999, for linear RGB: what a person without L, M or S cones sees.
SIGHTS = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "tritan": ((1.0, 0.14461, -0.14461), (0.0, 0.85924, 0.14076), (0.0, 0.85924, 0.14076)),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour: str, sight: str) -> float:
    light = linear(colour)
    seen = [sum(weight * part for weight, part in zip(row, light, strict=True)) for row in SIGHTS[sight]]
    clipped = [min(1.0, max(0.0, part)) for part in seen]
    return 0.2126 * clipped[0] + 0.7152 * clipped[1] + 0.0722 * clipped[2]


def contrast(ink: str, ground: str, sight: str = "normal") -> float:
    """WCAG 2.2, relative luminance."""
    light, dark = sorted((luminance(ink, sight), luminance(ground, sight)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", list(SIGHTS))
def test_every_pair_of_words_and_ground_can_be_read(tokens: Tokens, sight: str) -> None:
    grounds = (tokens.ground, tokens.surface, tokens.field)
    pairs = [(ink, ground) for ink in (tokens.ink, tokens.muted, tokens.accent) for ground in grounds]
    pairs += [
        (tokens.on_accent, tokens.accent_fill),
        (tokens.on_accent, tokens.accent_hover),
        (tokens.accent, tokens.accent_soft),
        (tokens.ink, tokens.accent_soft),
        (tokens.muted, tokens.well_free),
        (tokens.rail_ink, tokens.rail_selected),
        (tokens.rail_muted, tokens.rail),
        (tokens.on_stop, tokens.stop),
        (tokens.stop, tokens.on_stop),
    ]
    for meaning in Meaning:
        tone = tokens.tone(meaning)
        pairs += [(tone.ink, ground) for ground in (tone.ground, *grounds)]
    weak = [(ink, ground, round(contrast(ink, ground, sight), 2)) for ink, ground in pairs]
    assert [each for each in weak if each[2] < 4.5] == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_controls_and_the_focus_ring_are_seen(tokens: Tokens) -> None:
    for ground in (tokens.ground, tokens.surface, tokens.field):
        assert contrast(tokens.accent, ground) >= 3
        assert contrast(tokens.control, ground) >= 2.7


def test_no_two_meanings_share_a_colour() -> None:
    for tokens in (LIGHT, DARK):
        inks = [tokens.tone(meaning).ink for meaning in Meaning]
        assert len(set(inks)) == len(inks)
        assert tokens.accent not in inks


def test_the_stylesheet_uses_only_the_tokens_colours_and_the_four_sizes() -> None:
    sheet = stylesheet(LIGHT, "Mono")
    known = {getattr(LIGHT, each.name) for each in fields(LIGHT)}
    colours = {each for each in known if isinstance(each, str)}
    for meaning in Meaning:
        tone = LIGHT.tone(meaning)
        colours |= {tone.ink, tone.ground, tone.line}
    assert set(re.findall(r"#[0-9a-f]{6}", sheet)) <= colours
    assert {int(size) for size in re.findall(r"font-size: (\d+)px", sheet)} <= {
        int(size) for size in theme.Size
    }
    assert "$" not in sheet


def test_dark_and_light_are_worn_at_once(qapp: QApplication, qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    theme.apply(qapp, Scheme.DARK)
    assert theme.tokens() is DARK
    assert DARK.ink in qapp.styleSheet()
    theme.apply(qapp, Scheme.LIGHT)
    assert theme.tokens() is LIGHT
    assert LIGHT.ink in qapp.styleSheet()


def test_the_system_is_followed_when_it_is_asked_to_be(qapp: QApplication) -> None:
    theme.apply(qapp, Scheme.SYSTEM)
    expected = DARK if qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
    assert theme.tokens() is expected


def test_managers_can_have_dense_rows(qapp: QApplication) -> None:
    theme.apply(qapp, Scheme.LIGHT, dense=True)
    assert theme.row_height_px() == 28
    theme.apply(qapp, Scheme.LIGHT)
    assert theme.row_height_px() == 40
