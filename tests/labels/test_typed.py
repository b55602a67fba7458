"""A template as it is typed: nothing lost, and whatever is wrong is said with the path of its entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biobank_desktop.domain.labels import FIELDS
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.fullest import fullest, widest_code
from biobank_desktop.labels.reading import KINDS, read_template
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.templates import Sheet
from biobank_desktop.labels.typed import ENTRIES, blank, new_element, new_part, new_sheet, typed


@pytest.mark.parametrize("name", catalogue.names())
def test_what_is_opened_and_not_touched_is_the_same_template(name: str) -> None:
    template = catalogue.template(name)
    assert read_template(name, typed(template).toml().encode()) == template


def test_whatever_is_typed_is_said_beside_its_entry_and_kept() -> None:
    begun = typed(catalogue.template("vial-33x13"))
    wrong = replace(begun, size={**begun.size, "width_mm": "wide", "safe_mm": "-1"})
    first = {**begun.elements[0], "x_mm": "", "smallest_mm": "1e999"}
    wrong = replace(wrong, elements=(first, *begun.elements[1:]))
    with pytest.raises(Rejected) as refused:
        read_template("ours", wrong.toml().encode())
    assert {problem.field for problem in refused.value.problems} == {
        "stock.width_mm",
        "stock.safe_mm",
        "element.1.x_mm",
        "element.1.smallest_mm",
    }
    assert (wrong.size["width_mm"], wrong.elements[0]["smallest_mm"]) == ("wide", "1e999")


def test_a_comma_is_a_point() -> None:
    begun = typed(catalogue.template("vial-33x13"))
    with_comma = replace(begun, size={**begun.size, "tube_mm": " 12,5 "})
    assert read_template("ours", with_comma.toml().encode()).stock.tube_mm == 12.5


@pytest.mark.parametrize("label", FIELDS)
def test_a_layout_from_nothing_is_one_that_can_be_drawn(label: str) -> None:
    template = read_template("ours", replace(blank(label), title="Ours").toml().encode())
    assert render(template, fullest(label, widest_code(label)), 300).codes == (widest_code(label),)


def test_parts_and_sheets_are_read_as_they_were_typed() -> None:
    begun = replace(blank("vial"), title="Ours")
    side, cap = new_part("side", begun.size), new_part("cap", begun.size)
    sheet = new_sheet(begun.size)
    both = replace(begun, parts=({**side, "width_mm": "40,2"}, cap), sheet=sheet)
    stock = read_template("ours", both.toml().encode()).stock
    assert [(part.kind, part.area.x_mm, part.area.width_mm) for part in stock.parts] == [
        ("side", 0.0, 40.2),
        ("cap", 40.5, 9.5),
    ]
    assert stock.sheet == Sheet(210.0, 297.0, 4, 11, 5.0, 11.0, 50.0, 25.0)


@pytest.mark.parametrize(
    ("width", "columns"), [("wide", ""), ("0", ""), ("300", ""), ("1", ""), ("2.1", "100")]
)
def test_a_sheet_is_begun_with_labels_only_where_some_fit(width: str, columns: str) -> None:
    sheet = new_sheet({"width_mm": width, "height_mm": "25"})
    assert (sheet["columns"], sheet["rows"]) == (columns, "11")


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_element_answers_everything_its_kind_asks(kind: str) -> None:
    element = new_element(kind)
    assert set(element) == {"kind", *ENTRIES[kind]}
    begun = typed(catalogue.template("box-51x25"))
    alone = replace(begun, elements=(element,))
    with pytest.raises(Rejected) as refused:
        read_template("ours", alone.toml().encode())
    codes = {problem.code for problem in refused.value.problems}
    assert codes <= {"template-id-missing", "template-symbol-missing"}
