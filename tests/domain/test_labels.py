from __future__ import annotations

from datetime import date

import pytest

from biobank_desktop.domain.labels import (
    FIELDS,
    NEVER_SHORTENED,
    CommandLabel,
    ContainerLabel,
    Label,
    VialLabel,
    fields,
    purpose,
)

VIAL = VialLabel("PM260A1B27", "MNC", "DX", 2, 4, "500 µL", date(2026, 11, 22))


def test_a_vial_says_what_it_is_in_the_fields_of_its_whitelist() -> None:
    assert fields(VIAL) == {
        "code": "PM260A1B27",
        "code|grouped": "PM26 0A1B2 7",
        "material": "MNC",
        "time_point": "DX",
        "aliquot": "2/4",
        "amount": "500 µL",
        "date": "2026-11-22",
    }


@pytest.mark.parametrize(
    "label",
    [VIAL, ContainerLabel("PB260A1B27", "Box 14", "LN2-2 / rack 3"), CommandLabel("PX260A1B27", "Save")],
)
def test_every_kind_of_label_has_exactly_the_fields_of_its_whitelist(label: Label) -> None:
    assert frozenset(fields(label)) == FIELDS[purpose(label)]


def test_what_is_not_known_is_not_printed() -> None:
    texts = fields(VialLabel("PM260A1B27"))
    assert [texts[name] for name in ("material", "time_point", "aliquot", "amount", "date")] == [""] * 5

    assert fields(ContainerLabel("PB260A1B27", "Box 14"))["path"] == ""


def test_what_says_something_else_when_cut_is_never_cut() -> None:
    """12/… and 50… are other numbers; names and paths may end in an ellipsis."""
    may_be_cut = {name for names in FIELDS.values() for name in names} - NEVER_SHORTENED
    assert may_be_cut == {"material", "time_point", "name", "path", "text"}
    assert {"code", "code|grouped", "aliquot", "amount", "date"} == NEVER_SHORTENED


def test_an_aliquot_without_a_count_has_its_number_only() -> None:
    assert fields(VialLabel("PM260A1B27", number=5))["aliquot"] == "5"


def test_no_field_of_any_label_can_name_a_donor() -> None:
    names = {name for whitelist in FIELDS.values() for name in whitelist}
    assert names == {
        "code",
        "code|grouped",
        "material",
        "time_point",
        "aliquot",
        "amount",
        "date",
        "name",
        "path",
        "text",
    }
