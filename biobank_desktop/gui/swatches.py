"""The colours of classes on a map: kinds, amounts, times; held against colour deficiencies by a test.

Every one of a scheme stands out from its ground by at least 3:1, and the sign in it from it. Steps are even
in CIELAB lightness; what is more stands out more. How far they are apart: docs/storage-colours.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Swatches:
    """One scheme: eight hues for kinds and the grey of the rest, the sign on them, five steps each."""

    kinds: tuple[str, ...]
    rest: str
    on_kind: str
    amounts: tuple[str, ...]
    times: tuple[str, ...]


LIGHT = Swatches(
    kinds=("#9b5449", "#c1802a", "#363901", "#5fa179", "#1d7673", "#12466f", "#9357b3", "#5a2337"),
    rest="#8a92a3",
    on_kind="#ffffff",
    amounts=("#15a0a4", "#078488", "#0a696b", "#024f51", "#033638"),
    times=("#9387d1", "#786dbb", "#5d54a3", "#423d88", "#2a2869"),
)

DARK = Swatches(
    kinds=("#d39692", "#fbd297", "#9da447", "#437d3b", "#97f1db", "#1b9ef3", "#d5c2f2", "#bb4b75"),
    rest="#7f889c",
    on_kind="#0c1018",
    amounts=("#01857f", "#13a19b", "#33beb6", "#61d9d1", "#95f3eb"),
    times=("#796eb5", "#9387ce", "#afa3e1", "#cac0f0", "#e5dff9"),
)
