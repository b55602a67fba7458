"""Colours of classes are told apart by every eye, light and dark, and stand out from what they lie on.

Sights: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15(6), 2009, the matrices of severity 1.0, for linear RGB. Distances: CIEDE2000
(Sharma, Wu and Dalal 2005). Contrast: WCAG 2.2.
"""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest

from biobank_desktop.gui import swatches
from biobank_desktop.gui.theme import DARK, LIGHT, Tokens

Lab = tuple[float, float, float]

MACHADO = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
LEAST_KINDS = {"normal": 19.0, "protanopia": 13.5, "deuteranopia": 13.5, "tritanopia": 13.5}
LEAST_LABELS = 15.0
LEAST_STEP = 6.0
SCHEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
SIGHTS = pytest.mark.parametrize("sight", list(MACHADO))


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def seen(colour: str, sight: str = "normal") -> Lab:
    """The colour in CIELAB under D65, as this eye sees it."""
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, light, strict=True))))
        for row in MACHADO[sight]
    )
    xyz = (
        (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047,
        0.2126729 * red + 0.7151522 * green + 0.0721750 * blue,
        (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: Lab, other: Lab) -> float:
    """CIEDE2000."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    grow = 1 + 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = math.hypot(a1 * grow, b1), math.hypot(a2 * grow, b2)
    h1, h2 = (math.degrees(math.atan2(b, a * grow)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if not c1 * c2 else (h2 - h1 + 180) % 360 - 180
    middle = h1 + h2 if not c1 * c2 else (h1 + turn / 2) % 360
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    d_hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2)
    weight = (
        1
        - 0.17 * math.cos(math.radians(middle - 30))
        + 0.24 * math.cos(math.radians(2 * middle))
        + 0.32 * math.cos(math.radians(3 * middle + 6))
        - 0.20 * math.cos(math.radians(4 * middle - 63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    bend = 2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    bend *= -math.sin(math.radians(60 * math.exp(-(((middle - 275) / 25) ** 2))))
    parts = ((l2 - l1) / s_light, (c2 - c1) / s_chroma, d_hue / s_hue)
    return math.sqrt(sum(part**2 for part in parts) + bend * parts[1] * parts[2])


def contrast(ink: str, ground: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    light, dark = sorted(
        (sum(w * part for w, part in zip(weights, linear(colour), strict=True)) for colour in (ink, ground)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def nearest(palette: tuple[str, ...], sight: str) -> float:
    """The distance of the two colours that are hardest to tell apart."""
    return min(distance(seen(one, sight), seen(other, sight)) for one, other in combinations(palette, 2))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ],
)
def test_the_measure_is_that_of_its_authors(one: Lab, other: Lab, expected: float) -> None:
    """The pairs that Sharma, Wu and Dalal publish to check a CIEDE2000 by."""
    assert distance(one, other) == pytest.approx(expected, abs=1e-4)
    assert distance(other, one) == pytest.approx(expected, abs=1e-4)


def test_the_eyes_are_those_of_their_authors() -> None:
    """Greys stay grey, and a protanope takes red for a dark olive."""
    for sight in MACHADO:
        _light, a, b = seen("#808080", sight)
        assert math.hypot(a, b) < 0.5
    assert distance(seen("#ff0000"), seen("#00ff00")) > 80
    assert seen("#ff0000", "protanopia")[0] < seen("#ff0000", "deuteranopia")[0] < seen("#ff0000")[0] + 10


@SCHEMES
@SIGHTS
def test_kinds_are_told_apart_by_every_eye(tokens: Tokens, sight: str) -> None:
    assert nearest((*tokens.swatches.kinds, tokens.swatches.rest), sight) >= LEAST_KINDS[sight]


@SCHEMES
@SIGHTS
def test_verdicts_are_told_apart_by_every_eye(tokens: Tokens, sight: str) -> None:
    fills = (tokens.permitted.ground, tokens.provisional.line, tokens.refused.ink)
    assert nearest(fills, sight) >= LEAST_KINDS[sight]


@SCHEMES
@SIGHTS
def test_what_is_lit_and_what_asks_for_a_hand_is_told_apart_by_every_eye(tokens: Tokens, sight: str) -> None:
    hues = tokens.swatches
    assert nearest((tokens.accent, tokens.well_taken), sight) >= LEAST_KINDS[sight]
    labels = (hues.kinds[1], hues.kinds[6], tokens.well_free, tokens.well_taken)
    assert nearest(labels, sight) >= LEAST_LABELS


@SCHEMES
@SIGHTS
@pytest.mark.parametrize("name", ["amounts", "times"])
def test_steps_are_told_apart_by_every_eye_and_go_one_way(tokens: Tokens, sight: str, name: str) -> None:
    steps: tuple[str, ...] = getattr(tokens.swatches, name)
    assert nearest(steps, sight) >= LEAST_STEP
    lights = [seen(step, sight)[0] for step in steps]
    assert lights == sorted(lights, reverse=tokens is LIGHT)


@SCHEMES
@pytest.mark.parametrize("name", ["amounts", "times"])
def test_steps_are_even_in_lightness(tokens: Tokens, name: str) -> None:
    lights = [seen(step)[0] for step in getattr(tokens.swatches, name)]
    widths = [abs(second - first) for first, second in pairwise(lights)]
    assert max(widths) - min(widths) <= 0.5
    assert min(widths) >= 9.5


@SCHEMES
def test_every_mark_stands_out_from_what_it_lies_on(tokens: Tokens) -> None:
    hues = tokens.swatches
    on_surface = (*hues.kinds, hues.rest, *hues.amounts, *hues.times)
    pairs = [(colour, tokens.surface) for colour in on_surface]
    pairs += [(hues.on_kind, kind) for kind in (*hues.kinds, hues.rest)]
    pairs += [
        (tokens.ink, tokens.well_taken),
        (tokens.on_accent, tokens.accent_fill),
        (hues.on_kind, tokens.accent),
        (tokens.permitted.ink, tokens.permitted.ground),
        (tokens.provisional.ink, tokens.provisional.line),
        (tokens.surface, tokens.refused.ink),
        (tokens.surface, tokens.stored.ink),
        (tokens.missing.ink, tokens.missing.ground),
        (tokens.stored.ink, tokens.stored.ground),
        (tokens.muted, tokens.well_free),
        (tokens.muted, tokens.surface),
    ]
    assert [(*pair, round(contrast(*pair), 2)) for pair in pairs if contrast(*pair) < 3] == []


def test_there_are_eight_hues_and_five_steps() -> None:
    for scheme in (swatches.LIGHT, swatches.DARK):
        assert (len(scheme.kinds), len(scheme.amounts), len(scheme.times)) == (8, 5, 5)
