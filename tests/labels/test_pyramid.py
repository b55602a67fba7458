"""The reader of pictures: near, far, turned, with a neighbour in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageFilter, ImageOps

from biobank_desktop.labels.pyramid import read_anywhere
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
