"""The reader of pictures: near, far, turned, with a neighbour in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageFilter, ImageOps

from biobank_desktop.labels.pyramid import Symbol, agreed, find_all, read_anywhere
from biobank_desktop.labels.symbols import Symbology, modules

if TYPE_CHECKING:
    from tests.labels.conftest import Coded


def picture(symbology: Symbology, code: str, pixels: int, angle: float = 0.0) -> Image.Image:
    """A symbol on paper, so many pixels a module, a little out of focus."""
    symbol = modules(symbology, code)
    height = 40 if symbology is Symbology.CODE_128 else symbol.height
    large = symbol.resize((symbol.width * pixels, height * pixels), Image.Resampling.NEAREST)
    framed = ImageOps.expand(large, 12 * pixels, 0).rotate(angle, Image.Resampling.BILINEAR, expand=True)
    paper = framed.point([200 - level // 2 for level in range(256)])
    return paper.filter(ImageFilter.GaussianBlur(0.35 * pixels))


@pytest.mark.parametrize("pixels", [4, 5, 8, 11, 16])
@pytest.mark.parametrize("angle", [0, 17, 45, 133, 271])
def test_a_data_matrix_reads_at_any_size_and_angle(pixels: int, angle: float, coded: Coded) -> None:
    all_codes = coded(10)
    read = [read_anywhere(picture(Symbology.DATA_MATRIX, code, pixels, angle)) for code in all_codes]
    assert all(texts in ([], [code]) for texts, code in zip(read, all_codes, strict=True))
    assert sum(bool(texts) for texts in read) >= 9


@pytest.mark.parametrize("angle", [-4, 0, 4, 90])
def test_a_code_128_reads_along_its_bars(angle: float, coded: Coded) -> None:
    code = coded(1)[0]
    assert read_anywhere(picture(Symbology.CODE_128, code, 4, angle)) == [code]


def test_two_symbols_in_view_are_both_told(coded: Coded) -> None:
    one, other = coded(2)
    pictures = [picture(Symbology.DATA_MATRIX, code, 5) for code in (one, other)]
    both = Image.new("L", (2 * pictures[0].width, pictures[0].height))
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[1], (pictures[0].width, 0))
    assert sorted(read_anywhere(both)) == sorted([one, other])


def test_the_same_symbol_twice_is_told_once(coded: Coded) -> None:
    code = coded(1)[0]
    single = picture(Symbology.DATA_MATRIX, code, 5)
    twice = Image.new("L", (2 * single.width, single.height))
    twice.paste(single, (0, 0))
    twice.paste(single, (single.width, 0))
    assert read_anywhere(twice) == [code]


@pytest.mark.parametrize("size", [(1, 1), (40, 3), (640, 480)])
def test_an_empty_picture_says_nothing(size: tuple[int, int]) -> None:
    assert read_anywhere(Image.new("L", size, 180)) == []


def side_by_side(coded: Coded, pixels: tuple[int, int]) -> tuple[list[str], Image.Image]:
    codes = coded(2)
    one, other = (picture(Symbology.DATA_MATRIX, *each) for each in zip(codes, pixels, strict=True))
    both = Image.new("L", (one.width + other.width, max(one.height, other.height)), 200)
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    return codes, both


@pytest.mark.parametrize("pixels", [(5, 5), (4, 11), (16, 5)])
def test_neighbours_of_other_sizes_are_all_found(pixels: tuple[int, int], coded: Coded) -> None:
    codes, both = side_by_side(coded, pixels)
    assert sorted(symbol.text for symbol in find_all(both)) == sorted(codes)


@pytest.mark.parametrize("pixels", [5, 16])
def test_a_symbol_is_found_where_it_is(pixels: int, coded: Coded) -> None:
    (code,) = coded(1)
    single = picture(Symbology.DATA_MATRIX, code, pixels)
    view = Image.new("L", (2 * single.width, 2 * single.height), 200)
    view.paste(single, (single.width, single.height))
    (symbol,) = find_all(view)
    edge = 12 * pixels
    box = (single.width + edge, single.height + edge, 2 * single.width - edge, 2 * single.height - edge)
    wanted = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
    assert (symbol.text, symbol.aim, symbol.whole) == (code, "]d1", True)
    for (x, y), (right_x, right_y) in zip(symbol.corners, wanted, strict=True):
        assert abs(x - right_x) < 2 * pixels
        assert abs(y - right_y) < 2 * pixels


def test_a_symbol_at_the_edge_is_not_whole(coded: Coded) -> None:
    (code,) = coded(1)
    single = picture(Symbology.DATA_MATRIX, code, 5)
    cut = single.crop((12 * 5 - 6, 0, single.width, single.height))
    assert [(symbol.text, symbol.whole) for symbol in find_all(cut)] == [(code, False)]


def at(text: str, left: float, width: float) -> Symbol:
    corners = ((left, 100.0), (left + width, 100.0), (left + width, 140.0), (left, 140.0))
    return Symbol(text, "]C0", corners, whole=True)


def test_what_is_read_in_two_ways_is_not_read() -> None:
    right, wrong = at("PB26000DCN", 100, 300), at("+!26000DCN", 104, 290)
    neighbour, again = at("PB26000CCR", 500, 300), at("PB26000CCR", 510, 300)
    assert agreed([right, wrong]) == []
    assert agreed([right, wrong, neighbour]) == [neighbour]
    assert agreed([right, neighbour, again]) == [right, neighbour, again]
