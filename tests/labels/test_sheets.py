"""n asked = n printed: counted by decoding the finished PDF as another program draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import CommandLabel, ContainerLabel
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.pdf import pdf
from biobank_desktop.labels.rendering import render_all

if TYPE_CHECKING:
    from PIL import Image

    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.templates import Sheet, Template
    from tests.labels.conftest import Coded, Decoded, Labelled


SHEETS = [name for name in catalogue.names() if catalogue.template(name).stock.sheet]


def drawn(content: bytes, dpi: int) -> list[Image.Image]:
    """The PDF's pages as pdfium draws them on white paper."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [
            page.render(scale=dpi / 72, fill_color=(255, 255, 255, 255), grayscale=True).to_pil()
            for page in document
        ]
    finally:
        document.close()


def sheet_of(template: Template) -> Sheet:
    assert template.stock.sheet is not None
    return template.stock.sheet


def cut(template: Template, image: Image.Image, place: int, dpi: int) -> Image.Image:
    """One label cut out of a sheet along the maker's millimetres."""
    sheet, stock = sheet_of(template), template.stock
    row, column = divmod(place, sheet.columns)
    left = sheet.left_mm + column * sheet.pitch_x_mm
    top = sheet.top_mm + row * sheet.pitch_y_mm
    edges = (left, top, left + stock.width_mm, top + stock.height_mm)
    return image.crop(tuple(round(edge * dpi / 25.4) for edge in edges))  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "first"), [(1, 1), (1, 65), (65, 1), (65, 2), (70, 1), (70, 60)])
def test_as_many_labels_as_asked_each_in_its_place(
    count: int, first: int, labelled: Labelled, coded: Coded, decoded: Decoded
) -> None:
    template = catalogue.template("sheet-l7651-vial")
    asked = coded(count)
    pages = render_all(template, [labelled(template, code) for code in asked], 300, first)
    images = drawn(pdf(pages, "labels"), 300)
    assert len(images) == (first - 1 + count - 1) // 65 + 1
    places = [(place // 65, place % 65) for place in range(len(images) * 65)]
    found = [decoded(cut(template, images[sheet], place, 300)) for sheet, place in places]
    assert found == [[]] * (first - 1) + [[code] for code in asked] + [[]] * (len(places) - count - first + 1)


@pytest.mark.parametrize("count", [1, 65, 70])
@pytest.mark.parametrize("name", SHEETS)
def test_as_many_codes_as_asked_from_any_place_on_any_sheet(
    name: str, count: int, labelled: Labelled, coded: Coded
) -> None:
    template = catalogue.template(name)
    sheet = sheet_of(template)
    asked = coded(count)
    for first in (2, sheet.count):
        pages = render_all(template, [labelled(template, code) for code in asked], 300, first)
        assert [code for page in pages for code in page.codes] == asked
        assert len(pages) == -(-(first - 1 + count) // sheet.count)


@pytest.mark.parametrize("name", SHEETS)
def test_every_sheet_is_filled_to_its_last_label(name: str, labelled: Labelled, decoded: Decoded) -> None:
    template = catalogue.template(name)
    kind = {
        "vial": codes.CodeKind.SAMPLE,
        "container": codes.CodeKind.CONTAINER,
        "command": codes.CodeKind.COMMAND,
    }
    asked = codes.run(kind[template.label], 2026, 900, sheet_of(template).count)
    (page,) = render_all(template, [labelled(template, code) for code in asked], 300)
    (image,) = drawn(pdf([page], name), 300)
    assert [decoded(cut(template, image, place, 300)) for place in range(len(asked))] == [
        [code] for code in asked
    ]


def test_a_full_sheet_at_600_dpi_scans(labelled: Labelled, coded: Coded, decoded: Decoded) -> None:
    template = catalogue.template("sheet-l7651-vial")
    asked = coded(65)
    (page,) = render_all(template, [labelled(template, code) for code in asked], 600)
    assert list(page.codes) == asked
    (image,) = drawn(pdf([page], "labels"), 600)
    assert [decoded(cut(template, image, place, 600)) for place in (0, 32, 64)] == [
        [asked[0]],
        [asked[32]],
        [asked[64]],
    ]


@pytest.mark.parametrize("first", [0, 66, -1])
def test_a_place_that_is_not_on_the_sheet_is_refused(first: int, labelled: Labelled, coded: Coded) -> None:
    template = catalogue.template("sheet-l7651-vial")
    with pytest.raises(LabelRefused) as refused:
        render_all(template, [labelled(template, coded(1)[0])], 300, first)
    assert [problem.code for problem in refused.value.problems] == ["label-sheet-place"]


def test_no_labels_make_no_sheet() -> None:
    assert render_all(catalogue.template("sheet-l7651-vial"), [], 300) == []


def test_one_bad_label_stops_the_sheet_and_is_named(coded: Coded) -> None:
    labels = [ContainerLabel(coded(1)[0], "Box"), ContainerLabel("no-code", "Box")]
    with pytest.raises(LabelRefused) as refused:
        render_all(catalogue.template("sheet-l4778-box"), labels, 300)
    assert [problem.field for problem in refused.value.problems] == ["no-code.code"]


def test_a_warning_on_a_sheet_names_its_label(coded: Coded) -> None:
    one, other = coded(2)
    labels = [ContainerLabel(one, "Box"), ContainerLabel(other, "A name much too long for any label " * 3)]
    (page,) = render_all(catalogue.template("sheet-l4778-box"), labels, 300)
    assert [warning.field for warning in page.warnings] == [f"{other}.name"]


def test_the_command_barcodes_say_their_word_and_scan(decoded: Decoded) -> None:
    orders = ["Save", "Undo", "Next", "Cancel", "Print again"]
    asked = codes.run(codes.CodeKind.COMMAND, 2026, 1, len(orders))
    template = catalogue.template("sheet-commands")
    (page,) = render_all(template, [CommandLabel(c, t) for c, t in zip(asked, orders, strict=True)], 300)
    assert not page.warnings
    assert sorted(decoded(page.image)) == sorted(asked)


@pytest.fixture
def vial_page(labelled: Labelled, coded: Coded) -> Page:
    template = catalogue.template("vial-33x13")
    return render_all(template, [labelled(template, coded(1)[0])], 300)[0]


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", catalogue.names())
def test_a_pdf_page_is_the_bits_dot_for_dot(name: str, dpi: int, labelled: Labelled, coded: Coded) -> None:
    template = catalogue.template(name)
    pages = render_all(template, [labelled(template, code) for code in coded(2)], dpi)
    for page, image in zip(pages, drawn(pdf(pages, name), dpi), strict=True):
        assert image.size == (page.width, page.height)
        assert image.tobytes() == page.image.convert("L").tobytes()


def test_a_pdf_page_has_the_labels_size(vial_page: Page) -> None:
    document = pypdfium2.PdfDocument(pdf([vial_page, vial_page], "labels"))
    sizes = [page.get_size() for page in document]
    document.close()
    assert len(sizes) == 2
    for width, height in sizes:
        assert width * 25.4 / 72 == pytest.approx(vial_page.width_mm, abs=0.001)
        assert height * 25.4 / 72 == pytest.approx(vial_page.height_mm, abs=0.001)


def test_the_same_pages_give_the_same_pdf(vial_page: Page) -> None:
    assert pdf([vial_page], "labels") == pdf([vial_page], "labels")
