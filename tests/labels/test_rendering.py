"""What is printed scans: every template, every resolution, read by an ordinary reader from the very bits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import CommandLabel, ContainerLabel, VialLabel
from biobank_desktop.domain.problems import stops
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.gate import LabelRefused, passed
from biobank_desktop.labels.page import inner_dots, length_mm
from biobank_desktop.labels.reading import read_template
from biobank_desktop.labels.rendering import render, render_all
from biobank_desktop.labels.templates import SymbolElement

if TYPE_CHECKING:
    from biobank_desktop.labels.templates import Template
    from tests.labels.conftest import Coded, Decoded, Labelled

SERIALS = st.integers(0, codes.SERIALS - 1)
KINDS = st.sampled_from(list(codes.CodeKind))
YEARS = st.integers(2020, 2099)
VIALS = [template.name for template in catalogue.templates_for("vial")]
CAPS = [name for name in VIALS if any(part.kind == "cap" for part in catalogue.template(name).stock.parts)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=KINDS, year=YEARS, serial=SERIALS)
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", catalogue.names())
def test_any_code_on_any_template_reads_as_itself_and_as_nothing_else(
    name: str,
    dpi: int,
    kind: codes.CodeKind,
    year: int,
    serial: int,
    labelled: Labelled,
    decoded: Decoded,
) -> None:
    code = codes.make(kind, year, serial)
    if code is None:
        return
    template = catalogue.template(name)
    page = render(template, labelled(template, code), dpi)
    assert set(decoded(page.image)) == {code}
    assert set(page.codes) == {code}
    assert not page.warnings


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(catalogue.names()),
    dpi=st.sampled_from([203, 300, 600]),
    module_mm=st.floats(0.1, 0.9),
    serial=SERIALS,
)
def test_a_symbol_of_any_size_is_right_or_refused_with_its_reason(
    name: str, dpi: int, module_mm: float, serial: int, labelled: Labelled, decoded: Decoded
) -> None:
    template = catalogue.template(name)
    elements = tuple(
        replace(one, module_mm=module_mm) if isinstance(one, SymbolElement) else one
        for one in template.elements
    )
    code = codes.make(codes.CodeKind.SAMPLE, 2026, serial)
    if code is None:
        return
    reasons: set[str] = set()
    try:
        page = render(replace(template, elements=elements), labelled(template, code), dpi)
    except LabelRefused as refused:
        reasons = {problem.code for problem in stops(refused.problems)}
    least_mm = max(one.smallest_mm for one in elements if isinstance(one, SymbolElement))
    if module_mm >= least_mm + 25.4 / dpi:
        assert not reasons
    assert reasons <= {"label-module-too-small"}
    if not reasons:
        assert set(page.codes) == set(decoded(page.image)) == {code}


@pytest.mark.parametrize("name", catalogue.names())
def test_a_page_is_whole_dots_and_never_larger_than_its_stock(
    name: str, labelled: Labelled, coded: Coded
) -> None:
    template = catalogue.template(name)
    page = render(template, labelled(template, coded(1)[0]), 300)
    assert (page.width, page.height) == page.image.size
    assert page.width == inner_dots(template.stock.width_mm, 300)
    assert 0 <= template.stock.width_mm - page.width_mm < 25.4 / 300
    assert 0 <= template.stock.height_mm - page.height_mm < 25.4 / 300
    assert len(page.bits) == page.row_bytes * page.height


def test_the_same_label_gives_the_same_bits(labelled: Labelled, coded: Coded) -> None:
    template = catalogue.template("vial-33x13")
    one, other = coded(2)
    first = render(template, labelled(template, one), 300)
    assert render(template, labelled(template, one), 300).sha256 == first.sha256
    assert render(template, labelled(template, other), 300).sha256 != first.sha256


def test_no_label_carries_its_neighbours_code(labelled: Labelled, coded: Coded, decoded: Decoded) -> None:
    template = catalogue.template("vial-33x13")
    all_codes = coded(40)
    pages = render_all(template, [labelled(template, code) for code in all_codes], 300)
    assert [decoded(page.image) for page in pages] == [[code] for code in all_codes]


@pytest.mark.parametrize("name", CAPS)
def test_both_symbols_of_a_vial_with_a_cap_dot_say_the_same(
    name: str, coded: Coded, decoded: Decoded
) -> None:
    code = coded(1)[0]
    page = render(catalogue.template(name), VialLabel(code), 300)
    assert page.codes == (code, code)
    assert decoded(page.image) == [code, code]


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", CAPS)
@pytest.mark.parametrize("number", [1, 9, 10, 28, 88])
def test_the_number_of_any_vial_fits_on_its_cap(name: str, dpi: int, number: int, coded: Coded) -> None:
    assert render(catalogue.template(name), VialLabel(coded(1)[0], number=number, of=88), dpi).warnings == ()


def test_a_label_with_nothing_but_its_code_is_printed(coded: Coded, decoded: Decoded) -> None:
    code = coded(1)[0]
    assert decoded(render(catalogue.template("tube-38x19"), VialLabel(code), 300).image) == [code]


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", VIALS)
def test_the_code_is_the_largest_text_and_high_enough_to_read(name: str, dpi: int, coded: Coded) -> None:
    template = catalogue.template(name)
    code = coded(1)[0]
    draft = draw(template, VialLabel(code), dpi)
    with_material = draw(template, VialLabel(code, "MNC"), dpi)
    material = ImageChops.logical_xor(draft.ink, with_material.ink).getbbox()
    assert material is not None
    assert draft.captions[0].box.height >= material[3] - material[1]
    assert length_mm(draft.captions[0].box.height, dpi) >= 1.2


def test_a_long_text_shrinks_first_and_is_shortened_only_then_with_a_warning(coded: Coded) -> None:
    template = catalogue.template("vial-33x13")
    label = VialLabel(coded(1)[0], material="Plasma EDTA")
    assert render(template, label, 300).warnings == ()
    page = render(template, replace(label, material="Bone marrow mononuclear cells, viable"), 300)
    (warning,) = page.warnings
    assert (warning.field, warning.code, warning.warning) == ("material", "label-text-shortened", True)
    assert str(warning.values["shown"]).startswith("Bone marrow")
    assert str(warning.values["shown"]).endswith("…")


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("aliquot", VialLabel("", number=123_456_789_012, of=123_456_789_012)),
        ("amount", VialLabel("", amount="12345678901234567890123456789012345678901234567890 µL")),
    ],
)
def test_a_number_is_printed_whole_or_not_at_all(field: str, label: VialLabel, coded: Coded) -> None:
    code = coded(1)[0]
    template = catalogue.template("vial-33x13")
    page = render(template, replace(label, code=code), 300)
    assert [(warning.field, warning.code) for warning in page.warnings] == [(field, "label-text-left-out")]
    assert page.sha256 == render(template, VialLabel(code), 300).sha256


def test_characters_no_font_has_are_named(coded: Coded) -> None:
    page = render(catalogue.template("box-51x25"), ContainerLabel(coded(1)[0], "Box 北 14"), 300)
    (warning,) = page.warnings
    assert (warning.field, warning.code) == ("name", "label-character-missing")
    assert warning.values["characters"] == "北"


def test_superscripts_and_micro_signs_are_printed(coded: Coded) -> None:
    label = VialLabel(coded(1)[0], amount="10⁶ · 500 µL · 500 μL")
    assert render(catalogue.template("tube-38x19"), label, 300).warnings == ()


def test_a_template_for_another_kind_of_label_is_refused(coded: Coded) -> None:
    with pytest.raises(LabelRefused) as refused:
        render(catalogue.template("vial-33x13"), CommandLabel(coded(1)[0], "Save"), 300)
    assert [problem.code for problem in refused.value.problems] == ["label-wrong-template"]


@pytest.mark.parametrize(
    "code", ["", "PM26-0A1B2", "pm260a1b27", "PM260A1B2µ", "PM26 0A1B27", "PM260A1B27\n"]
)
def test_a_code_that_would_suffer_on_the_way_is_refused(code: str) -> None:
    with pytest.raises(LabelRefused) as refused:
        render(catalogue.template("vial-33x13"), VialLabel(code), 300)
    assert [problem.code for problem in refused.value.problems] == ["label-symbol-characters"]


def test_a_code_is_never_shortened(coded: Coded) -> None:
    with pytest.raises(LabelRefused) as refused:
        render(catalogue.template("vial-25x13-cap"), VialLabel("PM26" * 5), 300)
    assert "label-id-does-not-fit" in [problem.code for problem in refused.value.problems]


def test_a_symbol_without_room_is_refused() -> None:
    with pytest.raises(LabelRefused) as refused:
        render(catalogue.template("box-51x25"), ContainerLabel("PM26" * 20, "Box"), 203)
    assert "label-symbol-does-not-fit" in [problem.code for problem in refused.value.problems]


def test_all_problems_of_all_labels_are_said_with_their_codes(coded: Coded) -> None:
    labels = [VialLabel("bad"), VialLabel(coded(1)[0]), VialLabel("worse")]
    with pytest.raises(LabelRefused) as refused:
        render_all(catalogue.template("vial-33x13"), labels, 300)
    assert [problem.field for problem in refused.value.problems] == ["bad.code", "worse.code"]


def test_a_module_too_small_for_the_printer_is_refused_among_many(coded: Coded) -> None:
    tight = _tight_template()
    with pytest.raises(LabelRefused) as refused:
        render_all(tight, [VialLabel(code) for code in coded(2)], 300)
    assert {problem.code for problem in refused.value.problems} == {"label-module-too-small"}


def test_a_fragile_module_is_printed_with_a_warning(coded: Coded) -> None:
    page = render(_tight_template(smallest_mm=0.16), VialLabel(coded(1)[0]), 300)
    assert [problem.code for problem in page.warnings] == ["label-module-fragile"]


@pytest.mark.parametrize("number", [123456, 12345678, 50])
def test_code_128_with_a_leading_99_is_refused_or_right_but_never_printed_wrong(
    number: int, decoded: Decoded
) -> None:
    """python-barcode 0.16.1 drops a leading 99 (its issue 251); once it does not, it must print."""
    label = ContainerLabel(f"99{number}", "Box")
    template = catalogue.template("box-51x25")
    symbol = draw(template, label, 300)
    if decoded(ImageChops.invert(symbol.ink)) == [label.code]:
        assert passed(symbol).codes == (label.code,)
        return
    with pytest.raises(LabelRefused) as refused:
        render(template, label, 300)
    assert [problem.code for problem in refused.value.problems] == ["label-symbol-wrong"]
    assert refused.value.problems[0].values["read"] == str(number)


def _tight_template(smallest_mm: float = 0.25) -> Template:
    return read_template(
        "tight",
        f"""
title = "Tight"
label = "vial"
[stock]
width_mm = 33.0
height_mm = 13.0
safe_mm = 0.8
tube_mm = 12.5
[[element]]
kind = "datamatrix"
x_mm = 0.5
y_mm = 3.0
width_mm = 3.4
height_mm = 3.4
module_mm = 0.3
smallest_mm = {smallest_mm}
[[element]]
kind = "text"
role = "id"
value = "{{code|grouped}}"
x_mm = 8.0
y_mm = 1.0
width_mm = 24.0
height_mm = 3.0
size_mm = 2.6
smallest_mm = 1.5
""".encode(),
    )
