"""A template that is written is read as the same one: an edited layout is never stored as another."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.labels import FIELDS
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.reading import ALIGNMENTS, read_template, whole_stock
from biobank_desktop.labels.symbols import Symbology
from biobank_desktop.labels.templates import (
    PARTS,
    SHAPES,
    Area,
    Element,
    LineElement,
    Part,
    Sheet,
    Stock,
    SymbolElement,
    Template,
    TextElement,
)
from biobank_desktop.labels.text import WEIGHTS
from biobank_desktop.labels.writing import write_template
from biobank_desktop.resources import folder

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=8)


def lengths(least: float, most: float) -> st.SearchStrategy[float]:
    """A length in thousandths of a millimetre."""
    thousandths = st.integers(round(least * 1000), max(round(least * 1000), round(most * 1000)))
    return thousandths.map(lambda count: count / 1000)


@st.composite
def areas(draw: st.DrawFn, within: Area, least: float = 0.1) -> Area:
    width = draw(lengths(least, within.width_mm))
    height = draw(lengths(least, within.height_mm))
    left = draw(lengths(within.x_mm, within.right_mm - width))
    return Area(left, draw(lengths(within.y_mm, within.bottom_mm - height)), width, height)


@st.composite
def texts(draw: st.DrawFn, within: Area, label: str, is_id: bool) -> TextElement:
    size = draw(lengths(0.5, 9.0))
    name = draw(st.sampled_from(sorted(FIELDS[label])))
    return TextElement(
        area=draw(areas(within)),
        value="{code|grouped}" if is_id else draw(PLAIN) + "{" + name + "}" + draw(PLAIN),
        size_mm=size,
        smallest_mm=draw(lengths(0.5, size)),
        weight=draw(st.sampled_from(WEIGHTS)),
        align=draw(st.sampled_from(ALIGNMENTS)),
        is_id=is_id,
    )


@st.composite
def symbols(draw: st.DrawFn, within: Area) -> SymbolElement:
    module = draw(lengths(0.1, 2.0))
    symbology = draw(st.sampled_from(list(Symbology)))
    return SymbolElement(draw(areas(within)), symbology, module, draw(lengths(0.1, module)))


@st.composite
def ends(draw: st.DrawFn, least: float, most: float) -> tuple[float, float]:
    """Two different places, in any order."""
    middle = (least + most) / 2
    places = draw(lengths(least, middle - 0.1)), draw(lengths(middle + 0.1, most))
    return places if draw(st.booleans()) else (places[1], places[0])


@st.composite
def lines(draw: st.DrawFn, within: Area) -> LineElement:
    thickness = draw(lengths(0.05, 0.1))
    left, right = within.x_mm + 0.05, within.right_mm - 0.05
    top, bottom = within.y_mm + 0.05, within.bottom_mm - 0.05
    if draw(st.booleans()):
        level = draw(lengths(top, bottom))
        start, end = draw(ends(left, right))
        return LineElement(start, level, end, level, thickness)
    upright = draw(lengths(left, right))
    start, end = draw(ends(top, bottom))
    return LineElement(upright, start, upright, end, thickness)


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    """A stock of one part, or of up to three side by side; a first part that is not the tail."""
    width, height = draw(lengths(30.0, 100.0)), draw(lengths(10.0, 60.0))
    kinds = [draw(st.sampled_from(PARTS[:2])), *draw(st.lists(st.sampled_from(PARTS), max_size=2))]
    share = width / len(kinds)
    columns = [Area(share * number, 0.0, share - 0.5, height) for number in range(len(kinds))]
    parts = [
        Part(kind, draw(st.sampled_from(SHAPES)), draw(areas(column, least=5.0)))
        for kind, column in zip(kinds, columns, strict=True)
    ]
    sheet = Sheet(3 * width + 20, 2 * height + 20, 3, 2, 1.5, 2.5, width + 1, height)
    return Stock(
        width_mm=width,
        height_mm=height,
        safe_mm=draw(lengths(0.0, 2.0)),
        tube_mm=draw(st.one_of(st.just(0.0), lengths(5.0, 20.0))),
        parts=draw(st.sampled_from([tuple(parts), (whole_stock(width, height),)])),
        sheet=draw(st.sampled_from([None, sheet])),
    )


@st.composite
def templates(draw: st.DrawFn) -> Template:
    label = draw(st.sampled_from(sorted(FIELDS)))
    stock = draw(stocks())
    home = stock.parts[0].area
    rows = [
        Area(home.x_mm, home.y_mm + home.height_mm * row / 4, home.width_mm, home.height_mm / 4.1)
        for row in range(4)
    ]
    elements: list[Element] = [
        draw(symbols(rows[0])),
        draw(texts(rows[1], label, is_id=True)),
        draw(texts(rows[2], label, is_id=False)),
        draw(lines(rows[3])),
        draw(lines(rows[3])),
    ]
    return Template("any", draw(WORDS), label, stock, tuple(draw(st.permutations(elements))))


@given(template=templates())
def test_what_is_written_is_read_as_the_same_template(template: Template) -> None:
    assert read_template("any", write_template(template).encode()) == template


@pytest.mark.parametrize("name", catalogue.names())
def test_a_shipped_template_is_the_same_after_writing(name: str) -> None:
    template = catalogue.template(name)
    written = write_template(template)
    assert read_template(name, written.encode()) == template
    assert write_template(read_template(name, written.encode())) == written


def test_templates_that_differ_are_written_differently() -> None:
    written = [write_template(catalogue.template(name)) for name in catalogue.names()]
    assert all(one != other for one, other in combinations(written, 2))


def test_a_shipped_file_keeps_its_order_so_that_an_edit_shows_as_the_lines_that_changed() -> None:
    kept = (folder("labels") / "vial-33x13.toml").read_text("utf-8")
    lines_kept = [line for line in kept.splitlines() if not line.startswith("#")]
    assert write_template(catalogue.template("vial-33x13")).splitlines() == lines_kept
