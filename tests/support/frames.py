"""Pictures as a camera takes them: labels of ours on a bench, turned, out of focus, with noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageFilter

from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.rendering import render

HD = (1280, 720)
FULL_HD = (1920, 1080)
DPI = 300
_DOTS = 4
"""A module of the vial's symbol at 300 dpi."""
_BENCH = 130
_INK, _CONTRAST = 40, 0.7
_FOCUS = 0.35
"""Of a module: what a webcam is out of focus by."""


@dataclass(frozen=True)
class Held:
    """A label before the camera: where its middle is in the picture (0 to 1), how it is turned, how near."""

    code: str
    at: tuple[float, float] = (0.5, 0.5)
    angle: float = 0.0
    pixels: float = 5.0
    """pixels of the picture a module"""


def frame(*held: Held, size: tuple[int, int] = HD, noise: float = 6.0) -> Image.Image:
    """One picture in grey, a little out of focus; the noise is another one each time."""
    picture = Image.new("L", size, _BENCH)
    for one in held:
        _put(picture, one)
    nearest = max((one.pixels for one in held), default=1.0)
    picture = picture.filter(ImageFilter.GaussianBlur(_FOCUS * nearest))
    return ImageChops.add(picture, Image.effect_noise(size, noise), 1, -128) if noise else picture


def _put(picture: Image.Image, held: Held) -> None:
    page, scale = _page(held.code), held.pixels / _DOTS
    small = page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.BOX)
    paper = small.point([round(_INK + level * _CONTRAST) for level in range(256)])
    whole = Image.new("L", paper.size, 255)
    turned, mask = (
        each.rotate(held.angle, Image.Resampling.BILINEAR, expand=True) for each in (paper, whole)
    )
    x, y = (round(at * length) for at, length in zip(held.at, picture.size, strict=True))
    picture.paste(turned, (x - turned.width // 2, y - turned.height // 2), mask)


@cache
def _page(code: str) -> Image.Image:
    label = VialLabel(code, "BM MNC", "DX", 1, 4, "10e6")
    return render(template("vial-33x13"), label, DPI).image.convert("L")
