from __future__ import annotations

from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QColor

from biobank_desktop.gui import icons
from biobank_desktop.resources import folder

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_is_drawn_on_the_grid_in_one_stroke_and_one_colour(name: str) -> None:
    root = ElementTree.parse(folder("icons") / f"{name}.svg").getroot()
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke-width") in {"1.75", "2"}
    colours = {each.get(paint) for each in root.iter() for paint in ("fill", "stroke")}
    assert colours <= {None, "none", "currentColor"}


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_has_ink_in_the_colour_asked_for_and_keeps_off_the_edge(name: str) -> None:
    image = icons.pixmap(name, "#ff0000", 48).toImage()
    inked = [(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() > 128]
    assert len(inked) > 40
    assert all(image.pixelColor(x, y).red() > 200 and image.pixelColor(x, y).green() < 60 for x, y in inked)
    assert all(1 <= x <= 46 and 1 <= y <= 46 for x, y in inked)


def test_there_is_an_icon_for_every_place_and_every_meaning() -> None:
    needed = {
        *("today", "intake", "samples", "storage", "donors", "release", "warning"),
        *("labels", "disposals", "history", "settings"),
    }
    needed |= {"permitted", "provisional", "refused", "stored", "missing"}
    assert needed <= set(icons.names())


def test_an_icon_is_drawn_once_per_colour_and_size() -> None:
    first = icons.pixmap("vial", QColor("#123456"), 20)
    assert icons.pixmap("vial", "#123456", 20).cacheKey() == first.cacheKey()
    assert icons.pixmap("vial", "#123457", 20).cacheKey() != first.cacheKey()


def test_a_high_resolution_screen_gets_more_pixels_of_the_same_size() -> None:
    sharp = icons.pixmap("vial", "#000000", 20, 2.0)
    assert (sharp.width(), sharp.deviceIndependentSize().width()) == (40, 20)


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        icons.pixmap("no-such-icon", "#000000")
