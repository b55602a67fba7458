"""What another interpreter of ZPL draws is the preview, dot for dot."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop.labels import catalogue
from biobank_desktop.labels.page import Page, length_mm
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.zpl import zpl
from tests.support.interpreter import Drawing, drawn

if TYPE_CHECKING:
    from tests.labels.conftest import Coded, Labelled


def drawing(page: Page, sent: bytes) -> Drawing:
    return Drawing(sent.decode("ascii"), page.width, page.height, page.dpi)


def test_every_template_at_every_resolution_is_drawn_dot_for_dot(coded: Coded, labelled: Labelled) -> None:
    (code,) = coded(1)
    templates = [catalogue.template(name) for name in catalogue.names()]
    pages = [render(one, labelled(one, code), dpi) for one in templates for dpi in (203, 300, 600)]
    for page, image in zip(pages, drawn([drawing(page, zpl(page)) for page in pages]), strict=True):
        preview = Image.open(io.BytesIO(page.png())).convert("L")
        assert image.size == preview.size
        assert image.tobytes() == preview.tobytes()


def test_an_offset_and_a_darkness_move_the_dots_and_nothing_else(coded: Coded, labelled: Labelled) -> None:
    template = catalogue.template("vial-33x13")
    page = render(template, labelled(template, coded(1)[0]), 300)
    right, down = 3, 2
    sent = zpl(page, length_mm(right, 300), length_mm(down, 300), darkness=20)
    (image,) = drawn([drawing(page, sent)])
    there = image.crop((right, down, page.width, page.height))
    assert there.tobytes() == page.image.convert("L").crop((0, 0, *there.size)).tobytes()
    assert image.histogram() == page.image.convert("L").histogram()


def test_it_draws_hexadecimal_digits_too() -> None:
    page = Page(bytes([0b10100110]), 8, 1, 203, ())
    (image,) = drawn([drawing(page, zpl(page))])
    assert b":Z64:" not in zpl(page)
    assert image.tobytes() == page.image.convert("L").tobytes()
