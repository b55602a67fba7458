"""What the trial is worth: it passes what is shipped, refuses what is known to be bad, and says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biobank_desktop.domain.codes import parse
from biobank_desktop.domain.problems import stops
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.fullest import fullest, widest_code
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.templates import Area, Part, SymbolElement, Template, TextElement
from biobank_desktop.labels.trial import (
    LEAST_READ,
    TRIED,
    Outcome,
    Wear,
    outcome_problems,
    template_problems,
    trial,
)

VIALS = [template.name for template in catalogue.templates_for("vial")]
FLAT = Wear(growth_dots=0.0, missing=0.0, contrast=0.75, pixels=5.0)


def with_dots(dots: int, tube_mm: float = 12.5) -> Template:
    """The usual wrap with modules of so many dots at 300 dpi."""
    template = catalogue.template("vial-33x13")
    elements = tuple(
        replace(element, module_mm=dots * 25.4 / 300, smallest_mm=0.1)
        if isinstance(element, SymbolElement)
        else element
        for element in template.elements
    )
    return replace(template, elements=elements, stock=replace(template.stock, tube_mm=tube_mm))


@pytest.mark.parametrize("name", VIALS)
def test_every_vials_layout_survives_a_bad_print_at_300_dpi(name: str) -> None:
    template = catalogue.template(name)
    outcomes = trial(template, 300)
    symbols = [
        number for number, one in enumerate(template.elements, start=1) if isinstance(one, SymbolElement)
    ]
    assert [outcome.element for outcome in outcomes] == symbols
    assert all(outcome.right >= LEAST_READ and outcome.wrong == 0 for outcome in outcomes), outcomes


def test_nothing_stops_a_shipped_layout() -> None:
    assert stops(template_problems(catalogue.template("vial-33x13-cap"), 300)) == ()


@pytest.mark.parametrize("tube_mm", [0.0, 12.5])
def test_modules_of_two_dots_at_300_dpi_are_refused_with_their_figures(tube_mm: float) -> None:
    template = with_dots(2, tube_mm)
    (outcome,) = trial(template, 300)
    assert outcome.right < LEAST_READ
    (problem,) = stops(template_problems(template, 300))
    assert (problem.field, problem.code) == ("element.1", "template-trial-failed")
    assert problem.values == {
        "right": outcome.right,
        "tried": TRIED,
        "least": LEAST_READ,
        "dots": 2,
        "module_mm": 0.169,
        "dpi": 300,
    }


def test_a_cap_of_two_dots_at_203_dpi_is_refused_and_the_side_is_not() -> None:
    problems = stops(template_problems(catalogue.template("vial-33x13-cap"), 203))
    assert [(problem.field, problem.code) for problem in problems] == [("element.8", "template-trial-failed")]


def test_the_same_layout_has_the_same_figures() -> None:
    assert trial(with_dots(2), 300) == trial(with_dots(2), 300)


@pytest.mark.parametrize(
    ("wear", "least", "most"),
    [
        (FLAT, (58, 58, 58), (60, 60, 60)),
        (replace(FLAT, growth_dots=0.5), (0, 30, 55), (5, 55, 60)),
        (replace(FLAT, missing=0.15), (35, 55, 58), (52, 60, 60)),
        (replace(FLAT, contrast=0.2), (58, 58, 58), (60, 60, 60)),
        (replace(FLAT, blur_modules=0.5), (0, 0, 0), (15, 15, 15)),
    ],
)
def test_each_kind_of_wear_does_about_what_was_measured(
    wear: Wear, least: tuple[int, ...], most: tuple[int, ...]
) -> None:
    right = [trial(with_dots(dots, tube_mm=0.0), 300, wear)[0].right for dots in (2, 3, 4)]
    assert all(low <= figure <= high for low, figure, high in zip(least, right, most, strict=True)), right


def test_a_symbol_too_wide_for_its_tube_does_not_read_which_is_a_warning_where_no_vial_is_meant() -> None:
    box = catalogue.template("box-51x25")
    problems = template_problems(replace(box, stock=replace(box.stock, tube_mm=12.5)), 203)
    (problem,) = [one for one in problems if one.code == "template-trial-failed"]
    assert problem.warning
    assert problem.values["right"] == 0


def test_the_cap_is_flat_whatever_the_tube() -> None:
    template = catalogue.template("vial-33x13-cap")
    thin = replace(template, stock=replace(template.stock, tube_mm=6.0))
    side, cap = trial(thin, 300)
    assert cap == trial(template, 300)[1]
    assert side.right < cap.right


def test_what_reads_as_another_code_is_refused_though_the_others_read() -> None:
    (problem,) = outcome_problems(Outcome(3, 4, TRIED - 1, 1), 300, warning=True)
    assert (problem.field, problem.code, problem.warning) == ("element.3", "template-trial-wrong", False)
    assert tuple(outcome_problems(Outcome(3, 4, LEAST_READ, 0), 300, warning=False)) == ()
    assert len(tuple(outcome_problems(Outcome(3, 4, LEAST_READ - 1, 1), 300, warning=False))) == 2


def test_a_layout_that_cannot_be_drawn_is_refused_element_by_element() -> None:
    template = catalogue.template("vial-33x13-cap")
    symbol, code, *middle, cap, number = template.elements
    assert isinstance(symbol, SymbolElement)
    assert isinstance(code, TextElement)
    assert isinstance(number, TextElement)
    broken = replace(
        template,
        elements=(
            replace(symbol, smallest_mm=symbol.module_mm + 0.1),
            replace(code, smallest_mm=code.size_mm + 3),
            *middle,
            cap,
            replace(number, area=replace(number.area, y_mm=9.7)),
        ),
    )
    found = [(one.field, one.code) for one in stops(template_problems(broken, 300))]
    assert found == [
        ("element.1", "label-module-too-small"),
        ("element.2", "label-id-does-not-fit"),
        ("element.9", "label-outside-printable"),
    ]


def test_what_only_shows_when_all_is_there_is_said_of_the_whole() -> None:
    template = catalogue.template("vial-33x13")
    symbol, code, *others = template.elements
    assert isinstance(symbol, SymbolElement)
    assert isinstance(code, TextElement)
    over = replace(code, area=replace(code.area, x_mm=symbol.area.x_mm + 2, y_mm=symbol.area.y_mm))
    broken = replace(template, elements=(symbol, over, *others))
    assert {(one.field, one.code) for one in stops(template_problems(broken, 300))} >= {
        ("", "label-quiet-zone")
    }


def test_a_template_that_cannot_be_drawn_cannot_be_tried() -> None:
    template = with_dots(2)
    symbol = template.elements[0]
    assert isinstance(symbol, SymbolElement)
    small = replace(symbol, area=Area(0.1, 3.1, 1.0, 1.0))
    with pytest.raises(LabelRefused):
        trial(replace(template, elements=(small, *template.elements[1:])), 300)


@pytest.mark.parametrize("name", catalogue.names())
def test_the_fullest_label_is_printed_on_every_shipped_template(name: str) -> None:
    template = catalogue.template(name)
    code = widest_code(template.label)
    assert parse(code) == code
    page = render(template, fullest(template.label, code), 300)
    assert {warning.code for warning in page.warnings} <= {"label-text-shortened"}


def test_a_symbol_on_a_flat_part_is_not_bent_with_the_side_beside_it() -> None:
    template = catalogue.template("box-51x25")
    stock = replace(
        template.stock,
        width_mm=60.0,
        tube_mm=6.0,
        parts=(
            Part("side", "rectangle", Area(52.0, 0.0, 8.0, 25.4)),
            Part("cap", "rectangle", Area(0.0, 0.0, 50.8, 25.4)),
        ),
    )
    (outcome,) = trial(replace(template, stock=stock), 203)
    assert outcome.right >= LEAST_READ
