from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from PIL import ImageChops

from biobank_desktop.domain.identity import COLUMNS as IDENTITY_COLUMNS
from biobank_desktop.domain.intake import DonorForm
from biobank_desktop.domain.labels import FIELDS, VialLabel
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.gate import LabelRefused, passed
from biobank_desktop.labels.page import length_mm
from biobank_desktop.labels.reading import read_template
from biobank_desktop.labels.symbols import Symbology
from biobank_desktop.labels.templates import LineElement, SymbolElement
from biobank_desktop.persistence.queries.donors import DonorRow

if TYPE_CHECKING:
    from tests.labels.conftest import Coded

GOOD = """
title = "Test"
label = "vial"
[stock]
width_mm = 33
height_mm = 13.0
safe_mm = 0.8
tube_mm = 12.5
[[element]]
kind = "datamatrix"
x_mm = 0.5
y_mm = 3.0
width_mm = 7.0
height_mm = 7.0
module_mm = 0.339
smallest_mm = 0.25
[[element]]
kind = "text"
role = "id"
value = "{code|grouped}"
x_mm = 8.0
y_mm = 1.0
width_mm = 24.0
height_mm = 3.0
size_mm = 2.8
smallest_mm = 1.5
"""
SHEET = """
[stock.sheet]
page_width_mm = 210.0
page_height_mm = 297.0
columns = 5
rows = 13
left_mm = 4.0
top_mm = 10.0
pitch_x_mm = 40.0
pitch_y_mm = 21.0
[[element]]"""


def said(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        read_template("test", text.encode())
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_template_is_read_whole() -> None:
    template = read_template("test", GOOD.encode())
    assert (template.name, template.title, template.label) == ("test", "Test", "vial")
    assert template.stock.width_mm == 33.0
    assert [part.shape for part in template.stock.parts] == ["rectangle"]
    assert isinstance(template.elements[0], SymbolElement)
    assert template.elements[0].symbology is Symbology.DATA_MATRIX


def test_everything_wrong_is_said_at_once() -> None:
    text = (
        GOOD.replace('label = "vial"', 'label = "tube"')
        .replace("safe_mm = 0.8", 'safe_mm = "thin"\ncolour = "red"')
        .replace("module_mm = 0.339", "module_mm = 0.2")
        .replace("height_mm = 3.0\n", "")
    )
    assert said(text) == [
        ("label", "template-word-unknown"),
        ("stock.safe_mm", "template-value-wrong"),
        ("stock.colour", "template-key-unknown"),
        ("element.1.smallest_mm", "template-smallest-too-large"),
        ("element.2.height_mm", "template-key-missing"),
    ]


IDENTIFYING = (
    *IDENTITY_COLUMNS,
    *(field.name for field in fields(DonorForm)),
    *(field.name for field in fields(DonorRow)),
    "name",
    "donor",
    "patient.name",
    "diagnosis",
    "hospital_number|grouped",
    "code|plain",
    "",
)


def test_no_field_of_a_vial_is_a_donors() -> None:
    assert not FIELDS["vial"] & (set(IDENTIFYING) - {"code"})


@pytest.mark.parametrize("name", sorted(set(IDENTIFYING) - {"code"}))
def test_a_field_outside_the_whitelist_is_refused(name: str) -> None:
    extra = GOOD.replace('role = "id"\n', "").replace("{code|grouped}", "{" + name + "}")
    assert ("element.2.value", "template-field-unknown") in said(extra)


def test_what_is_wrong_between_entries_is_said_beside_wrong_entries() -> None:
    text = (
        GOOD.replace('label = "vial"', 'label = "tube"')
        .replace('role = "id"\n', 'colour = "red"\n')
        .replace("x_mm = 8.0", "x_mm = 7.0")
        .replace("[[element]]", SHEET.replace("40.0", "30.0"), 1)
    )
    assert said(text) == [
        ("label", "template-word-unknown"),
        ("element.2.colour", "template-key-unknown"),
        ("element", "template-id-missing"),
        ("stock.sheet", "template-labels-overlap"),
        ("element.2", "template-elements-overlap"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "alone"),
    [
        ("width_mm = 33", "width_mm = 3300", [("stock.width_mm", "template-value-wrong")]),
        ('kind = "text"', 'kind = "picture"', [("element.2.kind", "template-word-unknown")]),
        ('kind = "text"', 'kind = ""', [("element.2.kind", "template-word-unknown")]),
        ("x_mm = 8.0", 'x_mm = "left"', [("element.2.x_mm", "template-value-wrong")]),
        ('label = "vial"\n', "", [("label", "template-key-missing")]),
        ("tube_mm = 12.5\n", "", [("stock.tube_mm", "template-key-missing")]),
    ],
)
def test_one_wrong_entry_is_not_held_against_others(old: str, new: str, alone: list[tuple[str, str]]) -> None:
    assert said(GOOD.replace(old, new, 1)) == alone


LINE = """[[element]]
kind = "line"
from_x_mm = 8.0
from_y_mm = 6.0
to_x_mm = 32.0
to_y_mm = 6.0
thickness_mm = 0.2
"""


def test_a_line_is_read_as_it_lies() -> None:
    line = read_template("test", f"{GOOD}{LINE}".encode()).elements[2]
    assert isinstance(line, LineElement)
    assert (line.area.x_mm, line.area.width_mm) == (8.0, 24.0)
    assert (line.area.y_mm, line.area.height_mm) == (5.9, 0.2)
    upright = replace(line, to_x_mm=8.0, to_y_mm=1.0)
    assert (upright.area.y_mm, upright.area.height_mm, upright.area.width_mm) == (1.0, 5.0, 0.2)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("to_y_mm = 6.0", "to_y_mm = 6.1", ("element.3", "template-line-slanted")),
        ("to_x_mm = 32.0", "to_x_mm = 8.0", ("element.3", "template-line-slanted")),
        ("thickness_mm = 0.2", "thickness_mm = 0.0", ("element.3.thickness_mm", "template-value-wrong")),
        ("to_x_mm = 32.0", "to_x_mm = 34.0", ("element.3", "template-outside-stock")),
        ("from_x_mm = 8.0", "from_x_mm = 7.4", ("element.3", "template-elements-overlap")),
    ],
)
def test_what_a_line_must_not_be(old: str, new: str, problem: tuple[str, str]) -> None:
    assert said(f"{GOOD}{LINE.replace(old, new)}") == [problem]


def test_lines_may_cross() -> None:
    upright = LINE.replace("from_x_mm = 8.0", "from_x_mm = 20.0").replace("to_x_mm = 32.0", "to_x_mm = 20.0")
    crossing = upright.replace("from_y_mm = 6.0", "from_y_mm = 5.0").replace("to_y_mm = 6.0", "to_y_mm = 9.0")
    assert len(read_template("test", f"{GOOD}{LINE}{crossing}".encode()).elements) == 4


PARTS = """
[[stock.part]]
kind = "side"
shape = "rectangle"
x_mm = 0.0
y_mm = 0.0
width_mm = 33.0
height_mm = 13.0
[[stock.part]]
kind = "tail"
shape = "rectangle"
x_mm = 33.0
y_mm = 0.0
width_mm = 20.0
height_mm = 13.0
[[element]]"""
LAMINATE = GOOD.replace("width_mm = 33\n", "width_mm = 53.0\n").replace("[[element]]", PARTS, 1)


def test_a_laminate_tail_is_part_of_the_stock_but_takes_no_ink() -> None:
    template = read_template("test", LAMINATE.encode())
    assert [(part.kind, part.is_printable) for part in template.stock.parts] == [
        ("side", True),
        ("tail", False),
    ]


def test_nothing_may_be_printed_on_the_tail() -> None:
    assert said(
        LAMINATE.replace("x_mm = 8.0", "x_mm = 33.0").replace("width_mm = 24.0", "width_mm = 19.0")
    ) == [("element.2", "template-on-the-tail")]


def test_ink_on_the_tail_is_refused_by_the_gate_too(coded: Coded) -> None:
    template = read_template("test", LAMINATE.encode())
    draft = draw(template, VialLabel(coded(1)[0]), 300)
    assert passed(draft).codes
    image = draft.ink
    image.putpixel((round(40 * 300 / 25.4), 70), 1)
    with pytest.raises(LabelRefused) as refused:
        passed(replace(draft, image=image))
    assert [problem.code for problem in refused.value.problems] == ["label-outside-printable"]


def test_parts_must_not_lie_over_each_other() -> None:
    assert said(LAMINATE.replace("x_mm = 33.0", "x_mm = 32.0")) == [
        ("stock.part.2", "template-parts-overlap")
    ]


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("at_mm", [5.0, 5.03, 5.06, 5.1])
def test_a_line_is_whole_dots_of_one_thickness_wherever_it_lies(dpi: int, at_mm: float, coded: Coded) -> None:
    template = read_template("test", f"{GOOD}{LINE.replace('y_mm = 6.0', f'y_mm = {at_mm}')}".encode())
    label = VialLabel(coded(1)[0])
    plain = draw(replace(template, elements=template.elements[:2]), label, dpi)
    ruled = draw(template, label, dpi)
    assert passed(ruled).codes == (label.code,)
    box = ImageChops.logical_xor(plain.ink, ruled.ink).getbbox()
    assert box is not None
    assert box[3] - box[1] == round(0.2 * dpi / 25.4)
    assert ruled.ink.crop(box).histogram()[255] == (box[2] - box[0]) * (box[3] - box[1])
    assert abs(length_mm(box[2] - box[0], dpi) - 24.0) < 2 * 25.4 / dpi


def test_a_field_of_another_kind_of_label_is_refused() -> None:
    text = GOOD.replace('label = "vial"', 'label = "command"').replace("{code|grouped}", "{material}")
    assert ("element.2.value", "template-field-unknown") in said(text)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('role = "id"\n', "", ("element", "template-id-missing")),
        ("{code|grouped}", "{code} x", ("element.2.value", "template-id-value")),
        ("x_mm = 8.0", "x_mm = 10.0", ("element.2", "template-outside-stock")),
        ("x_mm = 8.0", "x_mm = 7.0", ("element.2", "template-elements-overlap")),
        ("x_mm = 8.0", "x_mm = nan", ("element.2.x_mm", "template-value-wrong")),
        ("x_mm = 8.0", "x_mm = -8.0", ("element.2.x_mm", "template-value-wrong")),
        ("x_mm = 8.0", "x_mm = true", ("element.2.x_mm", "template-value-wrong")),
        ("size_mm = 2.8", "size_mm = 1.0", ("element.2.smallest_mm", "template-smallest-too-large")),
        ("[[element]]", SHEET.replace("40.0", "30.0"), ("stock.sheet", "template-labels-overlap")),
        ("[[element]]", SHEET.replace("40.0", "50.0"), ("stock.sheet", "template-sheet-too-small")),
        ("columns", "columns", None),
        (
            "[[element]]",
            SHEET.replace("columns = 5", "columns = 0"),
            ("stock.sheet.columns", "template-value-wrong"),
        ),
        ("[stock]", "[stock", ("", "template-unreadable")),
        ("[[element]]", "[[elements]]", ("element", "template-id-missing")),
    ],
)
def test_what_a_template_must_not_be(old: str, new: str, problem: tuple[str, str] | None) -> None:
    if problem is None:
        assert read_template("test", GOOD.replace(old, new, 1).encode()).stock.sheet is None
    elif new == "[[elements]]":
        assert ("elements", "template-key-unknown") in said(GOOD.replace(old, new))
    else:
        assert problem in said(GOOD.replace(old, new, 1))


def test_a_template_without_a_symbol_is_refused() -> None:
    head, _, rest = GOOD.partition("[[element]]")
    _, _, text = rest.partition("[[element]]")
    assert ("element", "template-symbol-missing") in said(f"{head}[[element]]{text}")


def test_a_part_must_lie_on_the_stock() -> None:
    part = '[[stock.part]]\nkind = "cap"\nshape = "circle"\n'
    part += "x_mm = 30.0\ny_mm = 0.0\nwidth_mm = 9.5\nheight_mm = 9.5\n"
    assert ("stock.part.1", "template-outside-stock") in said(
        GOOD.replace("[[element]]", f"{part}[[element]]", 1)
    )


def test_an_array_of_things_that_are_no_tables_is_refused() -> None:
    assert ("element.1.kind", "template-key-missing") in said(
        'title = "x"\nlabel = "vial"\nelement = [3]\n[stock]\n'
    )


def test_the_shipped_templates_serve_every_kind_of_label() -> None:
    assert {catalogue.template(name).label for name in catalogue.names()} == set(FIELDS)
    assert set(catalogue.names()) == {
        "box-51x25",
        "sheet-commands",
        "sheet-l4778-box",
        "sheet-l6008-vial",
        "sheet-l7651-vial",
        "shelf-102x25",
        "tube-38x19",
        "vial-25x13-cap",
        "vial-33x13",
        "vial-33x13-cap",
    }
    assert [template.name for template in catalogue.templates_for("command")] == ["sheet-commands"]


def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(NotFound):
        catalogue.template("../etc/passwd")


@pytest.mark.parametrize(
    ("name", "count"), [("sheet-l7651-vial", 65), ("sheet-l4778-box", 48), ("sheet-l6008-vial", 189)]
)
def test_avery_sheets_have_the_makers_count_and_lie_in_the_middle(name: str, count: int) -> None:
    stock = catalogue.template(name).stock
    sheet = stock.sheet
    assert sheet is not None
    assert sheet.count == count
    right = sheet.page_width_mm - sheet.left_mm - (sheet.columns - 1) * sheet.pitch_x_mm - stock.width_mm
    below = sheet.page_height_mm - sheet.top_mm - (sheet.rows - 1) * sheet.pitch_y_mm - stock.height_mm
    assert right == pytest.approx(sheet.left_mm, abs=0.1)
    assert below == pytest.approx(sheet.top_mm, abs=0.1)
