from __future__ import annotations

import pytest

from biobank_desktop.domain.contents import Allowed, allowed, allows, as_text, material_problems, narrowed

CELLS, FLUIDS = frozenset({"CEL"}), frozenset({"PL1", "PL2"})


def test_a_list_is_kept_as_one_word_a_line_in_one_order() -> None:
    assert as_text(FLUIDS) == "PL1\nPL2"
    assert allowed("PL1\nPL2") == allowed("PL2\nPL1") == FLUIDS
    assert as_text(None) is None
    assert allowed(None) is None
    with pytest.raises(ValueError, match="allows nothing"):
        as_text(frozenset())


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ((), None),
        ((None, None), None),
        ((None, CELLS, None), CELLS),
        ((CELLS | FLUIDS, FLUIDS), FLUIDS),
        ((CELLS | FLUIDS, FLUIDS, CELLS | {"PL1"}), frozenset({"PL1"})),
        ((CELLS, FLUIDS), frozenset()),
    ],
)
def test_rules_narrow_each_other(rules: tuple[Allowed, ...], left: Allowed) -> None:
    assert narrowed(*rules) == left


def test_no_rule_allows_everything_and_an_empty_one_nothing() -> None:
    assert allows(None, "CEL")
    assert allows(CELLS, "CEL")
    assert not allows(CELLS, "PL1")
    assert not allows(frozenset(), "CEL")


def test_a_list_of_materials_names_each_that_there_is_not() -> None:
    assert material_problems(None) == material_problems(["CEL", "PL1"]) == []
    assert [one.code for one in material_problems([])] == ["rule-allows-nothing"]
    wrong = material_problems(["XXX", "CEL", "AAA", "XXX"], "rule")
    assert [(one.field, one.code, one.values["value"]) for one in wrong] == [
        ("rule", "not-a-choice", "AAA"),
        ("rule", "not-a-choice", "XXX"),
    ]
