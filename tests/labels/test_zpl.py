"""A page as ZPL is its bits: taken apart again by the strict printer of the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.page import Page, length_mm, nearest_dots
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.zpl import zpl
from tests.support.zebra import decoded as printed

if TYPE_CHECKING:
    from tests.labels.conftest import Coded, Decoded, Labelled


@pytest.fixture
def page(coded: Coded, labelled: Labelled) -> Page:
    template = catalogue.template("vial-33x13")
    return render(template, labelled(template, coded(1)[0]), 300)


def blank(width: int, height: int, dots: dict[tuple[int, int], int] | None = None) -> Page:
    """A page of one's own: what ZPL is made of need not have passed the gate to be carried whole."""
    image = Image.new("1", (width, height), 0)
    for dot in dots or {}:
        image.putpixel(dot, 1)
    return Page(image.tobytes(), width, height, 300, ())


@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_what_the_printer_draws_is_the_page_and_scans(
    name: str, dpi: int, coded: Coded, labelled: Labelled, decoded: Decoded
) -> None:
    template = catalogue.template(name)
    (code,) = coded(1)
    page = render(template, labelled(template, code), dpi)
    label = printed(zpl(page).strip())
    assert (label.width, label.height, label.bits) == (page.width, page.height, page.bits)
    assert set(decoded(label.image)) == {code}


@settings(max_examples=200, deadline=None)
@given(width=st.integers(1, 120), height=st.integers(1, 60), bits=st.data())
def test_any_dots_arrive(width: int, height: int, bits: st.DataObject) -> None:
    size = (width + 7) // 8 * height
    page = Page(bits.draw(st.binary(min_size=size, max_size=size)), width, height, 203, ())
    assert printed(zpl(page).strip()).bits == page.bits


@settings(max_examples=200, deadline=None)
@given(
    width=st.integers(1, 60),
    height=st.integers(1, 40),
    dot=st.tuples(st.integers(0, 59), st.integers(0, 39)),
    across_mm=st.floats(-6, 6),
    along_mm=st.floats(-4, 4),
)
def test_an_offset_moves_every_dot_or_is_refused(
    width: int, height: int, dot: tuple[int, int], across_mm: float, along_mm: float
) -> None:
    assume(dot[0] < width and dot[1] < height)
    page = blank(width, height, {dot: 1})
    moved = (dot[0] + nearest_dots(across_mm, 300), dot[1] + nearest_dots(along_mm, 300))
    if 0 <= moved[0] < width and 0 <= moved[1] < height:
        assert printed(zpl(page, across_mm, along_mm).strip()).bits == blank(width, height, {moved: 1}).bits
    else:
        with pytest.raises(Unavailable) as refused:
            zpl(page, across_mm, along_mm)
        assert refused.value.problem.code == "printer-offset"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_label_moved_as_far_as_it_may_scans(
    page: Page, decoded: Decoded, share: tuple[float, float]
) -> None:
    ink = ImageOps.invert(page.image.convert("L")).getbbox()
    assert ink is not None
    left, top, right, bottom = ink
    across = round(share[0] * (left + page.width - right)) - left
    along = round(share[1] * (top + page.height - bottom)) - top
    label = printed(zpl(page, length_mm(across, page.dpi), length_mm(along, page.dpi)).strip())
    assert decoded(ImageOps.expand(label.image.convert("L"), 20, 255)) == list(page.codes)
    moved = label.image.crop((left + across, top + along, right + across, bottom + along))
    assert moved.tobytes() == page.image.crop(ink).tobytes()
    assert label.image.convert("L").histogram() == page.image.convert("L").histogram()


def test_an_empty_page_may_be_moved_anywhere() -> None:
    assert printed(zpl(blank(40, 30), 100, -100).strip()).bits == blank(40, 30).bits


def test_a_label_is_packed_and_a_few_dots_are_not(page: Page) -> None:
    assert b":Z64:" in zpl(page)
    assert len(zpl(page)) < len(page.bits) // 2
    assert b"GFA,1,1,1,80^" in zpl(blank(8, 1, {(0, 0): 1}))


@pytest.mark.parametrize(("darkness", "said"), [(None, b""), (0, b"~SD00"), (7, b"~SD07"), (30, b"~SD30")])
def test_the_darkness_is_the_one_asked_for_or_the_printers(
    page: Page, darkness: int | None, said: bytes
) -> None:
    sent = zpl(page, darkness=darkness)
    assert sent.partition(b"^XA")[0] == said
    assert (b"^MD0" in sent) == (darkness is not None)


def test_nothing_but_harmless_commands_is_sent(page: Page, coded: Coded) -> None:
    for darkness in (None, 12):
        commands = set(re.findall(rb"[\^~]([A-Z]{2})", zpl(page, 0.2, 0.2, darkness)))
        harmless = {b"XA", b"MU", b"LH", b"LS", b"LR", b"PO", b"PM", b"JM", b"PW", b"LL", b"FO", b"GF"}
        assert commands <= harmless | {b"FS", b"PQ", b"XZ", b"SD", b"MD"}
    assert not any(code.encode() in zpl(page) for code in (*coded(1), codes.group(coded(1)[0])))
