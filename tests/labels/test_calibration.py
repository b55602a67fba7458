"""The calibration label says what it shows, in millimetres and dots, and is never taken for a sample's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes, scans
from biobank_desktop.domain.problems import stops
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.calibration import MODULES, calibration, code_of, passed
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.symbols import Symbology, modules

if TYPE_CHECKING:
    from biobank_desktop.labels.page import Page
    from tests.labels.conftest import Coded, Decoded

STOCKS = {name: catalogue.template(name).stock for name in catalogue.names()}
SINGLE = [name for name, stock in STOCKS.items() if stock.sheet is None]


def inked(page: Page, x_mm: float, y_mm: float) -> bool:
    """Whether there is ink where a ruler on the page points to."""
    at = round(x_mm * page.dpi / 25.4), round(y_mm * page.dpi / 25.4)
    return page.image.getpixel(at) == 0


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", STOCKS)
def test_every_symbol_on_it_says_its_own_dots(name: str, dpi: int, decoded: Decoded) -> None:
    found = calibration(STOCKS[name], dpi)
    assert found.dots == MODULES[: len(found.dots)] != ()
    assert found.page.codes == tuple(code_of(dots) for dots in found.dots)
    assert set(decoded(found.page.image)) <= set(found.page.codes)
    assert passed(decoded(found.page.image))[-1] == found.dots[-1]
    assert stops(found.page.warnings) == ()


@pytest.mark.parametrize("name", ["vial-33x13", "vial-25x13-cap", "tube-38x19", "box-51x25", "shelf-102x25"])
def test_a_usual_stock_has_room_for_all_at_300_dpi(name: str) -> None:
    assert calibration(STOCKS[name], 300).dots == MODULES


def test_a_symbol_is_as_large_as_a_samples_of_the_same_dots(coded: Coded) -> None:
    sample = modules(Symbology.DATA_MATRIX, coded(1)[0])
    assert {modules(Symbology.DATA_MATRIX, code_of(dots)).size for dots in MODULES} == {sample.size}


@pytest.mark.parametrize("dots", MODULES)
def test_its_codes_are_nobodys(dots: int) -> None:
    code = code_of(dots)
    assert codes.parse(code) == code
    assert codes.kind_of(code) is codes.CodeKind.COMMAND
    assert code not in scans.commands()
    assert scans.read(code) is None


def test_what_was_scanned_is_what_passed(coded: Coded) -> None:
    assert passed([]) == ()
    assert passed([code_of(5), f"]d1{code_of(3)}\r", code_of(5), coded(1)[0], "", "PX00"]) == (3, 5)
    assert passed(code_of(dots) for dots in MODULES) == MODULES


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", SINGLE)
def test_the_cross_is_where_it_says(name: str, dpi: int) -> None:
    found = calibration(STOCKS[name], dpi)
    side = STOCKS[name].parts[0].area
    x_mm, y_mm = side.right_mm - found.cross_mm, side.bottom_mm - found.cross_mm
    assert inked(found.page, x_mm, y_mm)
    for away_mm in (-0.8, 0.8):
        assert inked(found.page, x_mm + away_mm, y_mm)
        assert inked(found.page, x_mm, y_mm + away_mm)
        assert not inked(found.page, x_mm + away_mm, y_mm + away_mm)


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_ruler_has_a_tick_a_millimetre(dpi: int) -> None:
    stock = STOCKS["vial-33x13"]
    page = calibration(stock, dpi).page
    below = stock.safe_mm + 0.5
    ticks = [inked(page, stock.safe_mm + number, below) for number in range(32)]
    gaps = [inked(page, stock.safe_mm + number + 0.5, below) for number in range(31)]
    long_ones = [inked(page, stock.safe_mm + number, stock.safe_mm + 1.0) for number in range(32)]
    assert ticks == [True] * 32
    assert gaps == [False] * 31
    assert [number for number, is_long in enumerate(long_ones) if is_long] == [0, 5, 10, 15, 20, 25, 30]


def test_on_a_sheet_it_takes_the_place_it_is_given(decoded: Decoded) -> None:
    stock = STOCKS["sheet-l7651-vial"]
    assert stock.sheet is not None
    single = calibration(replace(stock, sheet=None), 300).page
    for place, x_mm, y_mm in ((1, 4.75, 10.7), (65, 4.75 + 4 * 40.6, 10.7 + 12 * 21.2)):
        sheet = calibration(stock, 300, place).page
        left, top = round(x_mm * 300 / 25.4), round(y_mm * 300 / 25.4)
        there = sheet.image.crop((left, top, left + single.width, top + single.height))
        assert there.tobytes() == single.image.tobytes()
        assert set(decoded(sheet.image)) <= set(sheet.codes) == set(single.codes)
    with pytest.raises(LabelRefused) as refused:
        calibration(stock, 300, 66)
    assert [problem.code for problem in refused.value.problems] == ["label-sheet-place"]


def test_a_stock_without_room_is_refused() -> None:
    small = replace(STOCKS["vial-33x13"], height_mm=4.0)
    part = replace(small.parts[0], area=replace(small.parts[0].area, height_mm=4.0))
    with pytest.raises(LabelRefused) as refused:
        calibration(replace(small, parts=(part,)), 300)
    assert [problem.code for problem in refused.value.problems] == ["label-symbol-does-not-fit"]
