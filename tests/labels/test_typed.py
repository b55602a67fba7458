"""A template as it is typed: nothing lost, and whatever is wrong is said with the path of its entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.reading import KINDS, read_template
from biobank_desktop.labels.typed import ENTRIES, new_element, typed


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
